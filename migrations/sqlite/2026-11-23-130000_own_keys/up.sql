-- Private keys of local actors that were replaced: what announces the new one is still signed with the old one, for two days.
-- account_id: NULL is the instance actor. key_uri: id on the wire, which the new key has too. private_key: sealed.
CREATE TABLE retired_keys (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    key_uri TEXT NOT NULL,
    private_key TEXT NOT NULL,
    retired_at INTEGER NOT NULL
);
CREATE INDEX retired_keys_account ON retired_keys (account_id);

-- retired_key_id: the retired key that signs it, while there is one.
ALTER TABLE activities ADD COLUMN retired_key_id INTEGER;
