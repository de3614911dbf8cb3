ALTER TABLE accounts DROP COLUMN followers_version;
