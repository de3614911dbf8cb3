ALTER TABLE statuses DROP COLUMN quiet;
