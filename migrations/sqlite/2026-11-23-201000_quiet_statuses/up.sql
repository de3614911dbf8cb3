-- quiet: fetched before it was sent here, so that it is in no timeline and nobody was told of it. Statuses from before were
-- not marked.
ALTER TABLE statuses ADD COLUMN quiet BOOLEAN NOT NULL DEFAULT FALSE;
