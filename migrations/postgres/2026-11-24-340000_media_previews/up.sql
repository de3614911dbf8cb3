-- What servers say of sounds and videos. preview_remote_url: a picture for them. duration_ms: milliseconds. frame_rate: pictures
-- in a second. bitrate: bits in a second.
ALTER TABLE media_attachments ADD COLUMN preview_remote_url TEXT;
ALTER TABLE media_attachments ADD COLUMN duration_ms BIGINT;
ALTER TABLE media_attachments ADD COLUMN frame_rate BIGINT;
ALTER TABLE media_attachments ADD COLUMN bitrate BIGINT;
