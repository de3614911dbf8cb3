DELETE FROM settings WHERE key = 'search.index_below';
DROP TABLE status_search;
