-- Copies of other servers' files, with what they are of; bytes and the time of the last use decide which ones are removed.
-- Copies from before are not listed: they stay until what they are of is deleted.
CREATE TABLE cached_files (
    file TEXT NOT NULL PRIMARY KEY,
    media_id BIGINT REFERENCES media_attachments (id) ON DELETE SET NULL,
    account_id BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
    card_id BIGINT REFERENCES preview_cards (id) ON DELETE SET NULL,
    bytes BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX cached_files_used ON cached_files (used_at);
CREATE INDEX cached_files_media ON cached_files (media_id);
CREATE INDEX cached_files_account ON cached_files (account_id);
CREATE INDEX cached_files_card ON cached_files (card_id);
