DROP INDEX statuses_answers_to;
DROP INDEX statuses_boosts_of;
ALTER TABLE statuses DROP COLUMN reblog_of_account_id;
DROP INDEX favourites_author;
ALTER TABLE favourites DROP COLUMN author_id;
DROP INDEX status_reads_author;
ALTER TABLE status_reads DROP COLUMN account_id;
