-- The words of statuses, by status id. Texts come here already taken apart into tokens with a space between
-- (crates/model/src/search): the tokenizer only cuts at spaces. Nothing but the index is kept.
-- Statuses that are here already are added by the job IndexStatuses, newest first: search.index_below is the id below
-- which they are not in the index yet.
CREATE VIRTUAL TABLE status_search USING fts5 (tokens, content = '', contentless_delete = 1, tokenize = 'ascii');

-- However a status goes, its words go with it.
CREATE TRIGGER statuses_search AFTER DELETE ON statuses WHEN old.reblog_of_id IS NULL BEGIN
    DELETE FROM status_search WHERE rowid = old.id;
END;

INSERT INTO settings (key, value)
    SELECT 'search.index_below', '9223372036854775807' WHERE EXISTS (SELECT 1 FROM statuses);
