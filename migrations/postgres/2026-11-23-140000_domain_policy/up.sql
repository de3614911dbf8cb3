-- obfuscate: the public list of rules shows the domain half covered.
ALTER TABLE domain_blocks ADD COLUMN obfuscate BOOLEAN NOT NULL DEFAULT FALSE;

-- Domains that are federated with: the only ones in allow-list mode, exceptions from domain_blocks otherwise.
CREATE TABLE domain_allows (
    id BIGINT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL UNIQUE,
    comment TEXT,
    created_at BIGINT NOT NULL
);

-- Accounts whose suspended_at (kind 'suspend') or silenced_at (kind 'silence') was set because of a rule about their
-- domain, and since when, so that lifting the rule restores them and no others.
CREATE TABLE restricted_accounts (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);

-- Follows that ended because a domain was suspended. account_id: the local side; other_handle and other_uri: the remote
-- side, kept as text because it is purged later; outward: the local account was the follower.
CREATE TABLE severed_follows (
    id BIGINT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    other_handle TEXT NOT NULL,
    other_uri TEXT NOT NULL,
    outward BOOLEAN NOT NULL,
    show_reblogs BOOLEAN NOT NULL,
    notify BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX severed_follows_domain ON severed_follows (domain, id);
CREATE INDEX severed_follows_account ON severed_follows (account_id, id);

-- farewell: the one kind of delivery that a suspended domain still gets, the Reject of its follows.
ALTER TABLE deliveries ADD COLUMN farewell BOOLEAN NOT NULL DEFAULT FALSE;
