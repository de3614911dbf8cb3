-- Who may do what with the statuses that a member will write, by their audience. policy: JSON.
CREATE TABLE interaction_defaults (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    visibility TEXT NOT NULL,
    policy TEXT NOT NULL,
    PRIMARY KEY (account_id, visibility)
);
