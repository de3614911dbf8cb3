DROP TABLE draft_media;
DROP TABLE drafts;
ALTER TABLE statuses DROP COLUMN expires_at;
ALTER TABLE statuses DROP COLUMN local_only;
