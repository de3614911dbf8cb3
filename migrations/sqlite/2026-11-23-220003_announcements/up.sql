-- What those who run the instance tell everybody. text: as typed; content: safe HTML. starts_at, ends_at: when what is announced
-- takes place (all_day: only the days count); what has ended is shown no longer. published_at: NULL: a draft. mentions, tags,
-- statuses: JSON lists of what the text refers to: ids of accounts, names, ids of statuses.
CREATE TABLE announcements (
    id INTEGER NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    content TEXT NOT NULL,
    mentions TEXT NOT NULL,
    tags TEXT NOT NULL,
    statuses TEXT NOT NULL,
    all_day BOOLEAN NOT NULL,
    starts_at INTEGER,
    ends_at INTEGER,
    published_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

-- Who has read an announcement.
CREATE TABLE announcement_reads (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    announcement_id INTEGER NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, announcement_id)
);
CREATE INDEX announcement_reads_announcement ON announcement_reads (announcement_id);

-- Emoji that accounts put on announcements: one of Unicode, or the shortcode of one of this instance.
CREATE TABLE announcement_reactions (
    id INTEGER NOT NULL PRIMARY KEY,
    announcement_id INTEGER NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX announcement_reactions_once ON announcement_reactions (announcement_id, name, account_id);
CREATE INDEX announcement_reactions_account ON announcement_reactions (account_id);
