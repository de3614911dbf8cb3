-- Emoji that accounts put on statuses. name: the emoji itself, or the shortcode of a custom one; domain and image belong to
-- custom ones alone, as in custom_emojis ('' and NULL for an emoji of Unicode).
CREATE TABLE status_reactions (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    image TEXT,
    emoji_uri TEXT,
    uri TEXT UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX status_reactions_once ON status_reactions (status_id, name, domain, account_id);
CREATE INDEX status_reactions_account ON status_reactions (account_id, status_id);
