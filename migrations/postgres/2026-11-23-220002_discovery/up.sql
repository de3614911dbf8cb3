-- Accounts that an account shows on its profile; it follows them.
CREATE TABLE endorsements (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX endorsements_once ON endorsements (account_id, target_id);
CREATE INDEX endorsements_target ON endorsements (target_id);

-- Accounts that somebody does not want to be suggested again.
CREATE TABLE suggestion_dismissals (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, target_id)
);
CREATE INDEX suggestion_dismissals_target ON suggestion_dismissals (target_id);

-- Accounts that those who run the instance suggest to everybody.
CREATE TABLE staff_picks (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);

-- The directory.
CREATE INDEX accounts_directory ON accounts (last_status_at) WHERE discoverable;
