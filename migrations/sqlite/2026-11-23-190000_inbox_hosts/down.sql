DROP TABLE quarantined_hosts;
ALTER TABLE jobs DROP COLUMN host;
DROP INDEX inbox_activities_waiting;
ALTER TABLE inbox_activities DROP COLUMN held_at;
ALTER TABLE inbox_activities DROP COLUMN host;
