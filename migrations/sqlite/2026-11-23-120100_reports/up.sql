-- Reports: what somebody tells the moderators about an account. Those of other servers have the id of their Flag; who
-- reports is then the actor that speaks for its server. status_ids, rule_ids: JSON lists.
CREATE TABLE reports (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    category TEXT NOT NULL,
    comment TEXT NOT NULL,
    status_ids TEXT NOT NULL,
    rule_ids TEXT NOT NULL,
    forwarded BOOLEAN NOT NULL DEFAULT FALSE,
    uri TEXT,
    created_at INTEGER NOT NULL,
    resolved_at INTEGER
);
CREATE UNIQUE INDEX reports_uri ON reports (uri, target_id);
CREATE INDEX reports_account ON reports (account_id, created_at);
CREATE INDEX reports_target ON reports (target_id);
CREATE INDEX reports_open ON reports (resolved_at, id);
