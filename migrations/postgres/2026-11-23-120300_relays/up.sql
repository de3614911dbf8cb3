-- Relays that the instance subscribes to. kind: mastodon (address: its inbox) or litepub (address: its actor, which is
-- account_id). state: idle, pending, accepted, rejected.
CREATE TABLE relays (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    address TEXT NOT NULL UNIQUE,
    inbox_url TEXT NOT NULL,
    account_id BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX relays_account ON relays (account_id);
