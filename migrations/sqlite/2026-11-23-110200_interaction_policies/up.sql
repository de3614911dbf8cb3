-- Who may answer, favourite and boost a status, where its author does not leave it to everybody. policy: JSON.
CREATE TABLE status_policies (
    status_id INTEGER NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
    policy TEXT NOT NULL
);

-- Answers and boosts of people here that the author of the other status has to approve. visibility: what it is to have then;
-- until then it is 'direct'. approved_by: id of the approval on the author's server.
CREATE TABLE status_approvals (
    status_id INTEGER NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    visibility TEXT NOT NULL,
    approved_by TEXT
);
CREATE INDEX status_approvals_target ON status_approvals (target_id);

-- What authors here have approved of others, to be shown to third servers. interaction: 'reply', 'like' or 'announce'.
CREATE TABLE interaction_authorizations (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    interaction TEXT NOT NULL,
    uri TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX interaction_authorizations_once ON interaction_authorizations (target_id, uri);
CREATE INDEX interaction_authorizations_account ON interaction_authorizations (account_id);
