-- Accounts that somebody recommends together. suggested: those who run the instance have its members suggested to
-- everybody.
CREATE TABLE collections (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    language TEXT,
    sensitive BOOLEAN NOT NULL,
    discoverable BOOLEAN NOT NULL,
    suggested BOOLEAN NOT NULL,
    tag_id INTEGER REFERENCES tags (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX collections_account ON collections (account_id, id);
CREATE INDEX collections_tag ON collections (tag_id);
CREATE INDEX collections_suggested ON collections (id) WHERE suggested = TRUE;

-- Who is in them. state: pending, accepted, rejected, revoked (by the account itself: the row stays, so that it is not
-- added again).
CREATE TABLE collection_items (
    id INTEGER NOT NULL PRIMARY KEY,
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX collection_items_pair ON collection_items (collection_id, account_id);
CREATE INDEX collection_items_account ON collection_items (account_id, id);

-- collection_id: the collection that a notification tells of.
ALTER TABLE notifications ADD COLUMN collection_id INTEGER REFERENCES collections (id) ON DELETE CASCADE;
CREATE INDEX notifications_collection ON notifications (collection_id);

-- collection_ids: the collections that a report is about, as a JSON list.
ALTER TABLE reports ADD COLUMN collection_ids TEXT NOT NULL DEFAULT '[]';

-- Collections of this instance that statuses link to.
CREATE TABLE status_collections (
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    PRIMARY KEY (status_id, collection_id)
);
CREATE INDEX status_collections_collection ON status_collections (collection_id);
