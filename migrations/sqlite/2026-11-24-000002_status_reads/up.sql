-- How often statuses of people here were shown and opened on this instance, by day (days since 1970, UTC). Who read them is not kept
-- anywhere.
CREATE TABLE status_reads (
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    impressions INTEGER NOT NULL,
    detail_openings INTEGER NOT NULL,
    PRIMARY KEY (status_id, day)
);
