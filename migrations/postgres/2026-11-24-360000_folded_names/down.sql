DELETE FROM settings WHERE key = 'search.fold_names_below';
