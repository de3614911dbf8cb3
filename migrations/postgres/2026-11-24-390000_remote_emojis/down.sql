DROP INDEX cached_files_emoji;
ALTER TABLE cached_files DROP COLUMN emoji_id;
DROP INDEX custom_emojis_domain;
DELETE FROM custom_emojis WHERE domain <> '';
ALTER TABLE custom_emojis DROP COLUMN still_file;
ALTER TABLE custom_emojis DROP COLUMN file;
