-- Statuses that wait for their time. draft: JSON of what is to be posted.
CREATE TABLE scheduled_statuses (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    draft TEXT NOT NULL,
    idempotency_key TEXT,
    scheduled_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX scheduled_statuses_account ON scheduled_statuses (account_id, id);

-- Uploads that a waiting status will carry: they are not removed as unused, and wait for one status only.
CREATE TABLE scheduled_media (
    media_id INTEGER NOT NULL PRIMARY KEY REFERENCES media_attachments (id) ON DELETE CASCADE,
    scheduled_id INTEGER NOT NULL REFERENCES scheduled_statuses (id) ON DELETE CASCADE
);
CREATE INDEX scheduled_media_scheduled ON scheduled_media (scheduled_id);
