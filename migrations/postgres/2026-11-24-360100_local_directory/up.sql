-- The directory of this instance alone, by the last status and by arrival: without the accounts of others in between.
CREATE INDEX accounts_local_directory ON accounts (domain, last_status_at, id) WHERE discoverable AND domain = '';
CREATE INDEX accounts_local_newest ON accounts (domain, id) WHERE discoverable AND domain = '';
