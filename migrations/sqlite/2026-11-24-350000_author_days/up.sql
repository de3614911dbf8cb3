-- Whose statuses were read, liked and boosted, so that numbers by day read these days alone and not all that an author ever wrote.

-- The author of the status. What only followers may read is not counted any more, and what was counted of it is not kept.
DELETE FROM status_reads
WHERE status_id IN (SELECT id FROM statuses WHERE visibility NOT IN ('public', 'unlisted'));
ALTER TABLE status_reads ADD COLUMN account_id INTEGER NOT NULL DEFAULT 0;
UPDATE status_reads
SET account_id = (SELECT statuses.account_id FROM statuses WHERE statuses.id = status_reads.status_id);
CREATE INDEX status_reads_author ON status_reads (account_id, day);

-- The author of what is favourited or boosted, where that is somebody here; others read no numbers.
ALTER TABLE favourites ADD COLUMN author_id INTEGER;
UPDATE favourites
SET author_id = (SELECT statuses.account_id FROM statuses WHERE statuses.id = favourites.status_id)
WHERE status_id IN (SELECT id FROM statuses WHERE local);
CREATE INDEX favourites_author ON favourites (author_id, created_at) WHERE author_id IS NOT NULL;
ALTER TABLE statuses ADD COLUMN reblog_of_account_id INTEGER;
UPDATE statuses
SET reblog_of_account_id = (SELECT own.account_id FROM statuses AS own WHERE own.id = statuses.reblog_of_id)
WHERE reblog_of_id IN (SELECT id FROM statuses WHERE local);
CREATE INDEX statuses_boosts_of ON statuses (reblog_of_account_id, created_at) WHERE reblog_of_account_id IS NOT NULL;

CREATE INDEX statuses_answers_to ON statuses (in_reply_to_account_id, created_at) WHERE in_reply_to_account_id IS NOT NULL;
