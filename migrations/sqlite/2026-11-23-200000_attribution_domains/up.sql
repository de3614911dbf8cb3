-- attribution_domains: JSON list of the sites that may name the account as author of their pages. Nobody has said so yet.
ALTER TABLE accounts ADD COLUMN attribution_domains TEXT NOT NULL DEFAULT '[]';
