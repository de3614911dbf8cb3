-- Moves of accounts that were carried out: a remote one that a Move told us of, a local one that its owner asked for. The
-- newest one of an account says when it may move again.
CREATE TABLE account_moves (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE INDEX account_moves_account ON account_moves (account_id, created_at);
CREATE INDEX account_moves_target ON account_moves (target_id);
