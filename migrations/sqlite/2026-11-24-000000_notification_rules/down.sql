DROP TABLE severances;
DROP INDEX notifications_pair;
-- What was held back was never shown, and the type is unknown to what came before.
DELETE FROM notifications WHERE filtered = TRUE OR kind = 'severed_relationships';
ALTER TABLE notifications DROP COLUMN filtered;
DROP TABLE notification_requests;
DROP TABLE notification_permissions;
DROP TABLE notification_policies;
