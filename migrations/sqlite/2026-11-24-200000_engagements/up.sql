-- What else readers did with statuses of people here, by day: opened a file, went on to the author's profile, followed a link.
ALTER TABLE status_reads ADD COLUMN media_engagements INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status_reads ADD COLUMN profile_clicks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status_reads ADD COLUMN link_clicks INTEGER NOT NULL DEFAULT 0;
-- Whether followed links are counted: only where the author asked for it.
ALTER TABLE users ADD COLUMN count_link_clicks BOOLEAN NOT NULL DEFAULT FALSE;
