ALTER TABLE users DROP COLUMN default_quote_policy;
DROP TABLE quote_policies;
DROP TABLE quote_stamps;
DROP TABLE quotes;
