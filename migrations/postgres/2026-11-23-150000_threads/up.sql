-- backfilled: the status was fetched to complete a thread or a profile; it enters no home timeline and no trend. Statuses
-- from before were not marked: they count as having arrived by themselves.
ALTER TABLE statuses ADD COLUMN backfilled BOOLEAN NOT NULL DEFAULT FALSE;

-- The last time that the missing parts of a thread were fetched, by the status that was opened. finished_at: NULL while it
-- goes on. result_count: statuses that were new.
CREATE TABLE thread_fetches (
    status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    result_count BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX thread_fetches_started ON thread_fetches (started_at);

-- When the outbox of a remote account was last asked for.
CREATE TABLE outbox_reads (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    read_at BIGINT NOT NULL
);
