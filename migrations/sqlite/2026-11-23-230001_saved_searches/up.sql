-- Queries that a user gave a name. feed_token: what the address of the feed has instead of a sign-in, sealed with the key file;
-- feed_hash: SHA-256 of it, to find the feed by.
CREATE TABLE saved_searches (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    feed_token TEXT NOT NULL,
    feed_hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE INDEX saved_searches_account ON saved_searches (account_id, id);
