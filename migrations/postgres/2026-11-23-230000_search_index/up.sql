-- The words of statuses. Texts come here already taken apart into tokens (crates/model/src/search).
-- Statuses that are here already are added by the job IndexStatuses, newest first: search.index_below is the id below
-- which they are not in the index yet.
CREATE TABLE status_search (
    status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
    tokens TSVECTOR NOT NULL
);
-- New entries wait in a list that every query reads through: a short one.
CREATE INDEX status_search_tokens ON status_search USING gin (tokens) WITH (gin_pending_list_limit = 512);

INSERT INTO settings (key, value)
    SELECT 'search.index_below', '9223372036854775807' WHERE EXISTS (SELECT 1 FROM statuses);
