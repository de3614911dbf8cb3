-- has_player: the page brings a player for a video or a sound. Of pages that were read before it is not known until they are
-- read again.
ALTER TABLE preview_cards ADD COLUMN has_player BOOLEAN NOT NULL DEFAULT FALSE;

-- Documents say more than before (what is quoted, players, on PostgreSQL also which common words are neighbours): all are
-- written anew, newest first, by the job IndexStatuses.
INSERT INTO settings (key, value)
    SELECT 'search.index_below', '9223372036854775807' WHERE EXISTS (SELECT 1 FROM statuses)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;
