ALTER TABLE notification_requests ADD COLUMN last_status_id INTEGER REFERENCES statuses (id) ON DELETE SET NULL;
CREATE INDEX notification_requests_last ON notification_requests (last_status_id);
