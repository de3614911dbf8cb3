-- The newest message that is held back is found among those that are.
DROP INDEX notification_requests_last;
ALTER TABLE notification_requests DROP COLUMN last_status_id;
