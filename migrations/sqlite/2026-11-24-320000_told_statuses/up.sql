-- told: streams heard of the status before anybody had sent it here, because a relay brought it. Of those that are
-- there, none.
ALTER TABLE statuses ADD COLUMN told BOOLEAN NOT NULL DEFAULT FALSE;
