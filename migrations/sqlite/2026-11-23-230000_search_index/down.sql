DELETE FROM settings WHERE key = 'search.index_below';
DROP TRIGGER statuses_search;
DROP TABLE status_search;
