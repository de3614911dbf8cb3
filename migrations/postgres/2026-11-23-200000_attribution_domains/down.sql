ALTER TABLE accounts DROP COLUMN attribution_domains;
