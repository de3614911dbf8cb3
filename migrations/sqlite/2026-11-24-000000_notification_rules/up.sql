-- What becomes of notifications that somebody did not ask for (accept, filter, drop), and whose private messages they want
-- (direct_messages: anyone, related, followed, followers, nobody). Accounts without a row have the defaults.
CREATE TABLE notification_policies (
    account_id INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    for_not_following TEXT NOT NULL,
    for_not_followers TEXT NOT NULL,
    for_new_accounts TEXT NOT NULL,
    for_private_mentions TEXT NOT NULL,
    for_limited_accounts TEXT NOT NULL,
    for_bots TEXT NOT NULL,
    direct_messages TEXT NOT NULL
);

-- Whose notifications an account lets through whatever its policy says. merging: a job is letting through what was held
-- back.
CREATE TABLE notification_permissions (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    from_account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    merging BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, from_account_id)
);
CREATE INDEX notification_permissions_from ON notification_permissions (from_account_id);

-- Accounts whose messages are held back until their recipient decides. last_status_id: the newest of them that is still there.
CREATE TABLE notification_requests (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    from_account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    last_status_id INTEGER REFERENCES statuses (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX notification_requests_pair ON notification_requests (account_id, from_account_id);
CREATE INDEX notification_requests_account ON notification_requests (account_id, id);
CREATE INDEX notification_requests_from ON notification_requests (from_account_id);
CREATE INDEX notification_requests_last ON notification_requests (last_status_id);

-- filtered: held back by the policy of its owner.
ALTER TABLE notifications ADD COLUMN filtered BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX notifications_pair ON notifications (account_id, from_account_id);

-- What accounts lost when a domain was blocked. kind: domain_block (by the operators) or user_domain_block; notification_id:
-- NULL while a job is still counting.
CREATE TABLE severances (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    target_name TEXT NOT NULL,
    followers_count INTEGER NOT NULL,
    following_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    notification_id INTEGER REFERENCES notifications (id) ON DELETE CASCADE
);
CREATE INDEX severances_account ON severances (account_id, target_name);
CREATE INDEX severances_target ON severances (target_name, notification_id);
CREATE INDEX severances_notification ON severances (notification_id);
