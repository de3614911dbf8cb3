-- A quote: one row for each status that quotes. quoted_uri: id on the wire of what is quoted, of statuses of other servers
-- only, kept while it is not known here. state: pending, accepted, rejected, revoked or deleted. legacy: announced without
-- the consent protocol. request_id: number of our request. stamp_uri: the quoted author's consent on another server;
-- stamp_id: the same given by an account here. checked_at: when the consent was last looked at or begun to be. Statuses that are there quote nothing.
CREATE TABLE quotes (
    status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    quoted_status_id BIGINT REFERENCES statuses (id) ON DELETE SET NULL,
    quoted_account_id BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
    quoted_uri TEXT,
    state TEXT NOT NULL,
    legacy BOOLEAN NOT NULL,
    request_id BIGINT,
    stamp_uri TEXT,
    stamp_id BIGINT,
    created_at BIGINT NOT NULL,
    checked_at BIGINT NOT NULL
);
CREATE INDEX quotes_account ON quotes (account_id);
CREATE INDEX quotes_quoted ON quotes (quoted_status_id, state, status_id);
CREATE INDEX quotes_quoted_account ON quotes (quoted_account_id);
CREATE INDEX quotes_uri ON quotes (quoted_uri);
CREATE INDEX quotes_request ON quotes (request_id);
CREATE INDEX quotes_stamp ON quotes (stamp_uri);

-- The consent of a local account to one quote of one of its statuses, until it is taken back.
CREATE TABLE quote_stamps (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    quoting_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (status_id, quoting_uri)
);
CREATE INDEX quote_stamps_account ON quote_stamps (account_id);

-- Who may quote a status: lists of public, followers, following and unsupported_policy. No row: nobody but its author.
CREATE TABLE quote_policies (
    status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
    automatic TEXT NOT NULL,
    manual TEXT NOT NULL
);

-- Who may quote new statuses of a user: public, followers or nobody. Users who are there get what new users get.
ALTER TABLE users ADD COLUMN default_quote_policy TEXT NOT NULL DEFAULT 'public';
