ALTER TABLE activities DROP COLUMN retired_key_id;
DROP TABLE retired_keys;
