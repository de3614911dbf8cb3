DROP INDEX statuses_boosted_by;
DROP INDEX bookmarks_library;
DROP INDEX favourites_library;
DROP INDEX scheduled_statuses_due;
DROP INDEX statuses_expiring;
