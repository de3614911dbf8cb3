-- since: when an edit named the account, in milliseconds; what the status was before is not shown to it. 0: it was named
-- from the beginning.
ALTER TABLE mentions ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
