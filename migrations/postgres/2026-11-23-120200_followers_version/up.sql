-- Another number after every change of an account's set of followers: what is computed from the set is kept by it.
ALTER TABLE accounts ADD COLUMN followers_version BIGINT NOT NULL DEFAULT 0;
