-- Sites whose links came near to trending, and what moderators said of them. A domain stands for every name under it.
-- requested_at: when a moderator's word was first waited for.
CREATE TABLE publishers (
    id INTEGER PRIMARY KEY NOT NULL,
    domain TEXT NOT NULL UNIQUE,
    trendable BOOLEAN,
    reviewed_at INTEGER,
    requested_at INTEGER,
    created_at INTEGER NOT NULL
);
