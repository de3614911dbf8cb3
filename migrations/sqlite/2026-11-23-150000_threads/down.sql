DROP TABLE outbox_reads;
DROP TABLE thread_fetches;
ALTER TABLE statuses DROP COLUMN backfilled;
