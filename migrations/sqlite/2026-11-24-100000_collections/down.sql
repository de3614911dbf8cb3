DROP TABLE status_collections;
ALTER TABLE reports DROP COLUMN collection_ids;
DROP INDEX notifications_collection;
-- The types are unknown to what came before.
DELETE FROM notifications WHERE kind IN ('added_to_collection', 'collection_update');
ALTER TABLE notifications DROP COLUMN collection_id;
DROP TABLE collection_items;
DROP TABLE collections;
