-- Sites whose links came near to trending, and what moderators said of them. A domain stands for every name under it.
-- requested_at: when a moderator's word was first waited for.
CREATE TABLE publishers (
    id BIGINT PRIMARY KEY NOT NULL,
    domain TEXT NOT NULL UNIQUE,
    trendable BOOLEAN,
    reviewed_at BIGINT,
    requested_at BIGINT,
    created_at BIGINT NOT NULL
);
