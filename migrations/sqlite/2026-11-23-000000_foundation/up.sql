-- Times are Unix milliseconds (UTC). Ids are snowflakes unless said otherwise. Empty domain: local.

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE accounts (
    id INTEGER NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    username_folded TEXT NOT NULL,
    domain TEXT NOT NULL DEFAULT '',
    uri TEXT UNIQUE,
    url TEXT,
    actor_type TEXT NOT NULL,
    display_name TEXT NOT NULL DEFAULT '',
    display_name_folded TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    note_source TEXT NOT NULL DEFAULT '',
    fields TEXT NOT NULL DEFAULT '[]',
    avatar_file TEXT,
    avatar_remote_url TEXT,
    avatar_description TEXT NOT NULL DEFAULT '',
    header_file TEXT,
    header_remote_url TEXT,
    header_description TEXT NOT NULL DEFAULT '',
    emojis TEXT NOT NULL DEFAULT '[]',
    locked BOOLEAN NOT NULL DEFAULT FALSE,
    discoverable BOOLEAN NOT NULL DEFAULT FALSE,
    indexable BOOLEAN NOT NULL DEFAULT FALSE,
    hide_collections BOOLEAN NOT NULL DEFAULT FALSE,
    memorial BOOLEAN NOT NULL DEFAULT FALSE,
    also_known_as TEXT NOT NULL DEFAULT '[]',
    moved_to_id INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    statuses_count INTEGER NOT NULL DEFAULT 0,
    followers_count INTEGER NOT NULL DEFAULT 0,
    following_count INTEGER NOT NULL DEFAULT 0,
    last_status_at INTEGER,
    created_at INTEGER NOT NULL,
    suspended_at INTEGER,
    silenced_at INTEGER,
    deleted_at INTEGER,
    inbox_url TEXT,
    shared_inbox_url TEXT,
    outbox_url TEXT,
    followers_url TEXT,
    following_url TEXT,
    featured_url TEXT,
    fetched_at INTEGER
);
CREATE UNIQUE INDEX accounts_handle ON accounts (username_folded, domain);
CREATE INDEX accounts_display_name ON accounts (display_name_folded);
CREATE INDEX accounts_domain ON accounts (domain);
CREATE INDEX accounts_inbox ON accounts (inbox_url);
CREATE INDEX accounts_shared_inbox ON accounts (shared_inbox_url);

-- Keys that requests are signed with. key_uri is computed for local accounts and stored all the same, so that
-- one look-up serves both. private_key: PKCS#8 PEM of local accounts.
CREATE TABLE account_keys (
    key_uri TEXT NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    public_key TEXT NOT NULL,
    private_key TEXT,
    refetched_at INTEGER,
    created_at INTEGER NOT NULL
);
CREATE INDEX account_keys_account ON account_keys (account_id);

CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL UNIQUE REFERENCES accounts (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    role TEXT NOT NULL,
    confirmed_at INTEGER,
    approved BOOLEAN NOT NULL,
    disabled_at INTEGER,
    sign_up_reason TEXT,
    locale TEXT NOT NULL,
    default_visibility TEXT NOT NULL,
    default_sensitive BOOLEAN NOT NULL,
    default_language TEXT,
    created_at INTEGER NOT NULL,
    last_active_at INTEGER
);

-- Browser sessions, by SHA-256 of the cookie's value.
CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf_secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE oauth_apps (
    id INTEGER NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    client_secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    website TEXT,
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE oauth_tokens (
    id INTEGER NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    app_id INTEGER NOT NULL REFERENCES oauth_apps (id) ON DELETE CASCADE,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
);
CREATE INDEX oauth_tokens_user ON oauth_tokens (user_id, app_id);

CREATE TABLE oauth_codes (
    code_hash TEXT NOT NULL PRIMARY KEY,
    app_id INTEGER NOT NULL REFERENCES oauth_apps (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    code_challenge TEXT,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    token_id INTEGER
);

CREATE TABLE conversations (
    id INTEGER NOT NULL PRIMARY KEY,
    uri TEXT UNIQUE
);

CREATE TABLE statuses (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uri TEXT UNIQUE,
    url TEXT,
    local BOOLEAN NOT NULL,
    in_reply_to_id INTEGER REFERENCES statuses (id) ON DELETE SET NULL,
    in_reply_to_account_id INTEGER,
    in_reply_to_uri TEXT,
    reblog_of_id INTEGER REFERENCES statuses (id) ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    text TEXT NOT NULL,
    content TEXT NOT NULL,
    spoiler_text TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    visibility TEXT NOT NULL,
    language TEXT,
    poll_id INTEGER,
    application_id INTEGER REFERENCES oauth_apps (id) ON DELETE SET NULL,
    emojis TEXT NOT NULL DEFAULT '[]',
    has_media BOOLEAN NOT NULL DEFAULT FALSE,
    replies_count INTEGER NOT NULL DEFAULT 0,
    reblogs_count INTEGER NOT NULL DEFAULT 0,
    favourites_count INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    edited_at INTEGER
);
CREATE INDEX statuses_account ON statuses (account_id, id);
CREATE UNIQUE INDEX statuses_reblog ON statuses (reblog_of_id, account_id);
CREATE INDEX statuses_reply ON statuses (in_reply_to_id);
CREATE INDEX statuses_reply_uri ON statuses (in_reply_to_uri);
CREATE INDEX statuses_conversation ON statuses (conversation_id, id);
CREATE INDEX statuses_public ON statuses (reblog_of_id, visibility, id);
CREATE INDEX statuses_public_local ON statuses (reblog_of_id, visibility, local, id);
CREATE INDEX statuses_application ON statuses (application_id);

-- One row per (account, Idempotency-Key): the unique key decides which of two equal requests posts.
CREATE TABLE idempotency_keys (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_status ON idempotency_keys (status_id);

-- Earlier versions of edited statuses. media: JSON list of {id, description} in order.
CREATE TABLE status_edits (
    id INTEGER NOT NULL PRIMARY KEY,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    text TEXT NOT NULL,
    spoiler_text TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    poll_options TEXT,
    media TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX status_edits_status ON status_edits (status_id, id);

CREATE TABLE mentions (
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    silent BOOLEAN NOT NULL,
    PRIMARY KEY (status_id, account_id)
);
CREATE INDEX mentions_account ON mentions (account_id, status_id);

CREATE TABLE tags (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL
);

CREATE TABLE status_tags (
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    PRIMARY KEY (tag_id, status_id)
);
CREATE INDEX status_tags_status ON status_tags (status_id);

CREATE TABLE media_attachments (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id INTEGER REFERENCES statuses (id) ON DELETE CASCADE,
    position INTEGER NOT NULL DEFAULT 0,
    media_type TEXT NOT NULL,
    content_type TEXT NOT NULL,
    file TEXT,
    thumbnail TEXT,
    remote_url TEXT,
    description TEXT,
    blurhash TEXT,
    focus_x REAL,
    focus_y REAL,
    width INTEGER,
    height INTEGER,
    small_width INTEGER,
    small_height INTEGER,
    created_at INTEGER NOT NULL
);
CREATE INDEX media_attachments_status ON media_attachments (status_id);
CREATE INDEX media_attachments_account ON media_attachments (account_id, created_at);

-- Files whose rows are gone: removed from the media store by a job.
CREATE TABLE media_trash (
    file TEXT NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
);

CREATE TABLE polls (
    id INTEGER NOT NULL PRIMARY KEY,
    status_id INTEGER NOT NULL UNIQUE REFERENCES statuses (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    multiple BOOLEAN NOT NULL,
    hide_totals BOOLEAN NOT NULL,
    expires_at INTEGER,
    voters_count INTEGER,
    fetched_at INTEGER
);

CREATE TABLE poll_options (
    poll_id INTEGER NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    votes_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (poll_id, position)
);

CREATE TABLE poll_votes (
    poll_id INTEGER NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    uri TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (poll_id, account_id, position)
);
CREATE INDEX poll_votes_account ON poll_votes (account_id);

CREATE TABLE favourites (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    uri TEXT UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX favourites_pair ON favourites (status_id, account_id);
CREATE INDEX favourites_account ON favourites (account_id, id);

CREATE TABLE bookmarks (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX bookmarks_pair ON bookmarks (status_id, account_id);
CREATE INDEX bookmarks_account ON bookmarks (account_id, id);

CREATE TABLE status_pins (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL UNIQUE REFERENCES statuses (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
);
CREATE INDEX status_pins_account ON status_pins (account_id, id);

CREATE TABLE conversation_mutes (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, conversation_id)
);
CREATE INDEX conversation_mutes_conversation ON conversation_mutes (conversation_id);

-- Direct conversations as one account sees them. participants: JSON list of account ids, the owner left out.
CREATE TABLE account_conversations (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    participants TEXT NOT NULL,
    last_status_id INTEGER REFERENCES statuses (id) ON DELETE SET NULL,
    unread BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX account_conversations_pair ON account_conversations (account_id, conversation_id);
CREATE INDEX account_conversations_conversation ON account_conversations (conversation_id);
CREATE INDEX account_conversations_last ON account_conversations (last_status_id);

-- Follows and follow requests: a request is a follow that is not accepted yet.
CREATE TABLE follows (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uri TEXT,
    accepted BOOLEAN NOT NULL,
    show_reblogs BOOLEAN NOT NULL,
    notify BOOLEAN NOT NULL,
    languages TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX follows_pair ON follows (account_id, target_id);
CREATE INDEX follows_target ON follows (target_id, accepted, id);
CREATE INDEX follows_account ON follows (account_id, accepted, id);
CREATE INDEX follows_uri ON follows (uri);

CREATE TABLE blocks (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uri TEXT,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX blocks_pair ON blocks (account_id, target_id);
CREATE INDEX blocks_target ON blocks (target_id);

CREATE TABLE mutes (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    notifications BOOLEAN NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX mutes_pair ON mutes (account_id, target_id);
CREATE INDEX mutes_target ON mutes (target_id);

CREATE TABLE account_domain_blocks (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX account_domain_blocks_pair ON account_domain_blocks (account_id, domain);

CREATE TABLE account_notes (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    comment TEXT NOT NULL,
    PRIMARY KEY (account_id, target_id)
);
CREATE INDEX account_notes_target ON account_notes (target_id);

CREATE TABLE lists (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    replies_policy TEXT NOT NULL,
    exclusive BOOLEAN NOT NULL
);
CREATE INDEX lists_account ON lists (account_id);

CREATE TABLE list_accounts (
    id INTEGER NOT NULL PRIMARY KEY,
    list_id INTEGER NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX list_accounts_pair ON list_accounts (list_id, account_id);
CREATE INDEX list_accounts_account ON list_accounts (account_id);

-- Timelines of local accounts, written when a status arrives. author_id: who wrote or boosted.
CREATE TABLE home_feed (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    reblog_of_id INTEGER,
    author_id INTEGER NOT NULL,
    PRIMARY KEY (account_id, status_id)
) WITHOUT ROWID;
CREATE INDEX home_feed_status ON home_feed (status_id);
CREATE INDEX home_feed_reblog ON home_feed (account_id, reblog_of_id);
CREATE INDEX home_feed_author ON home_feed (account_id, author_id);

CREATE TABLE list_feed (
    list_id INTEGER NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    reblog_of_id INTEGER,
    author_id INTEGER NOT NULL,
    PRIMARY KEY (list_id, status_id)
) WITHOUT ROWID;
CREATE INDEX list_feed_status ON list_feed (status_id);
CREATE INDEX list_feed_author ON list_feed (list_id, author_id);

-- Ids are a small sequence: apps read them as JSON numbers.
CREATE TABLE notifications (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    from_account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    status_id INTEGER REFERENCES statuses (id) ON DELETE CASCADE,
    group_key TEXT,
    created_at INTEGER NOT NULL
);
CREATE INDEX notifications_account ON notifications (account_id, id);
CREATE INDEX notifications_group ON notifications (account_id, group_key, id);
CREATE INDEX notifications_from ON notifications (from_account_id);
CREATE INDEX notifications_status ON notifications (status_id);

CREATE TABLE markers (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    timeline TEXT NOT NULL,
    last_read_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, timeline)
);

CREATE TABLE filters (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    contexts TEXT NOT NULL,
    action TEXT NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL
);
CREATE INDEX filters_account ON filters (account_id);

CREATE TABLE filter_keywords (
    id INTEGER NOT NULL PRIMARY KEY,
    filter_id INTEGER NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
    keyword TEXT NOT NULL,
    whole_word BOOLEAN NOT NULL
);
CREATE INDEX filter_keywords_filter ON filter_keywords (filter_id);

CREATE TABLE filter_statuses (
    id INTEGER NOT NULL PRIMARY KEY,
    filter_id INTEGER NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX filter_statuses_pair ON filter_statuses (filter_id, status_id);
CREATE INDEX filter_statuses_status ON filter_statuses (status_id);

CREATE TABLE custom_emojis (
    id INTEGER NOT NULL PRIMARY KEY,
    shortcode TEXT NOT NULL,
    domain TEXT NOT NULL DEFAULT '',
    uri TEXT,
    image TEXT NOT NULL,
    category TEXT,
    visible_in_picker BOOLEAN NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX custom_emojis_name ON custom_emojis (shortcode, domain);

-- What this instance does with other domains. severity: 'noop', 'silence' or 'suspend'.
CREATE TABLE domain_blocks (
    id INTEGER NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL UNIQUE,
    severity TEXT NOT NULL,
    reject_media BOOLEAN NOT NULL,
    reject_reports BOOLEAN NOT NULL,
    private_comment TEXT,
    public_comment TEXT,
    created_at INTEGER NOT NULL
);

-- Raw activities as they arrived, until they are processed and for a while after: the unique uri makes a
-- second delivery harmless. recipient_id: owner of the personal inbox it came to.
CREATE TABLE inbox_activities (
    id INTEGER NOT NULL PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    signer_uri TEXT NOT NULL,
    recipient_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    processed_at INTEGER
);
CREATE INDEX inbox_activities_received ON inbox_activities (received_at);

-- Deleted or never-to-be-accepted ids. public: whether the fact of deletion may be told.
CREATE TABLE tombstones (
    uri TEXT NOT NULL PRIMARY KEY,
    public BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL
);

-- Our activities as they go over the wire. account_id: whose key signs; NULL: the instance actor's.
CREATE TABLE activities (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- One row per (activity, inbox) until it is delivered or given up. object_uri: what must stay in order.
CREATE TABLE deliveries (
    id INTEGER NOT NULL PRIMARY KEY,
    activity_id INTEGER NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    inbox_url TEXT NOT NULL,
    host TEXT NOT NULL,
    object_uri TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    lease_until INTEGER,
    last_status INTEGER,
    last_error TEXT,
    dead_at INTEGER,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX deliveries_pair ON deliveries (activity_id, inbox_url);
-- A lane is the waiting deliveries of one host; a later one waits for an earlier one about the same object.
CREATE INDEX deliveries_lane ON deliveries (dead_at, host, next_attempt_at, id);
CREATE INDEX deliveries_object ON deliveries (host, object_uri, id);

-- What we know of other hosts: signature scheme they take, failures, breaker.
CREATE TABLE hosts (
    domain TEXT NOT NULL PRIMARY KEY,
    signature_scheme TEXT,
    scheme_at INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    failure_days TEXT NOT NULL DEFAULT '[]',
    first_failure_at INTEGER,
    open_until INTEGER,
    probe_delay INTEGER,
    unavailable_since INTEGER,
    last_error TEXT,
    updated_at INTEGER NOT NULL
);

-- Work to do. dedup_key: at most one waiting job of a kind for the same thing. lease_until: a worker has it.
CREATE TABLE jobs (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedup_key TEXT UNIQUE,
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    last_error TEXT,
    dead_at INTEGER,
    created_at INTEGER NOT NULL
);
CREATE INDEX jobs_due ON jobs (dead_at, run_at);

-- What happened, for every process of the instance. Pruned after minutes.
CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
