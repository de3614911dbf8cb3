-- display_name_folded has no diacritics any more. Names that are here already are folded anew by the job FoldNames, those of the
-- newest accounts first: search.fold_names_below is the id below which they are not yet.
INSERT INTO settings (key, value)
    SELECT 'search.fold_names_below', '9223372036854775807' WHERE EXISTS (SELECT 1 FROM accounts);
