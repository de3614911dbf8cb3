-- Statuses that wait for their time. draft: JSON of what is to be posted.
CREATE TABLE scheduled_statuses (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    draft TEXT NOT NULL,
    idempotency_key TEXT,
    scheduled_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX scheduled_statuses_account ON scheduled_statuses (account_id, id);

-- Uploads that a waiting status will carry: they are not removed as unused, and wait for one status only.
CREATE TABLE scheduled_media (
    media_id BIGINT NOT NULL PRIMARY KEY REFERENCES media_attachments (id) ON DELETE CASCADE,
    scheduled_id BIGINT NOT NULL REFERENCES scheduled_statuses (id) ON DELETE CASCADE
);
CREATE INDEX scheduled_media_scheduled ON scheduled_media (scheduled_id);
