-- host: the server whose key signed it, with its port where that is not the usual one; '' for what came before this column.
-- held_at: since when it waits in quarantine, without a job.
ALTER TABLE inbox_activities ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox_activities ADD COLUMN held_at INTEGER;
CREATE INDEX inbox_activities_waiting ON inbox_activities (host) WHERE processed_at IS NULL;

-- host: whose activity the job processes; hosts take turns.
ALTER TABLE jobs ADD COLUMN host TEXT;

-- New servers that named many strangers here. released_at: when an operator let them in for good.
CREATE TABLE quarantined_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL,
    strangers INTEGER NOT NULL,
    released_at INTEGER
);
