ALTER TABLE deliveries DROP COLUMN farewell;
DROP TABLE severed_follows;
DROP TABLE restricted_accounts;
DROP TABLE domain_allows;
ALTER TABLE domain_blocks DROP COLUMN obfuscate;
