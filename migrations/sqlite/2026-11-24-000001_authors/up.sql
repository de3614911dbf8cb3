-- local_only: the status stays on this instance. expires_at: when it is removed. Ends of statuses that arrived before this column
-- are in their jobs.
ALTER TABLE statuses ADD COLUMN local_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE statuses ADD COLUMN expires_at INTEGER;

-- What authors have not finished. draft: JSON of what is to be posted.
CREATE TABLE drafts (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    draft TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX drafts_account ON drafts (account_id, id);

-- Uploads of drafts: they are not removed as unused.
CREATE TABLE draft_media (
    draft_id INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    media_id INTEGER NOT NULL REFERENCES media_attachments (id) ON DELETE CASCADE,
    PRIMARY KEY (draft_id, media_id)
);
CREATE INDEX draft_media_media ON draft_media (media_id);
