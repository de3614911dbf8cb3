-- What the page behind a link says of itself. url: the address that it is known by, without fragment and without what only
-- tells where a reader came from. state: 'waiting' for its first fetch, 'ready', 'empty' (there is nothing to show) or
-- 'failed'. checked_at: the last fetch, whatever came of it. page_host: the host that answered, after redirects. author_account_id:
-- the account that the page names as its author, which has a say in whether it is. image_file: a key of the media store.
CREATE TABLE preview_cards (
    id BIGINT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    language TEXT,
    author_name TEXT NOT NULL DEFAULT '',
    author_url TEXT NOT NULL DEFAULT '',
    author_account_id BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
    provider_name TEXT NOT NULL DEFAULT '',
    provider_url TEXT NOT NULL DEFAULT '',
    page_host TEXT NOT NULL DEFAULT '',
    image_file TEXT,
    image_url TEXT,
    image_description TEXT NOT NULL DEFAULT '',
    image_width BIGINT,
    image_height BIGINT,
    blurhash TEXT,
    published_at BIGINT,
    checked_at BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE INDEX preview_cards_author ON preview_cards (author_account_id);
CREATE INDEX preview_cards_created ON preview_cards (created_at);

-- Which card a status shows: that of its first link. url: as it is written in the status. Statuses from before have none.
CREATE TABLE status_cards (
    status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
    card_id BIGINT NOT NULL REFERENCES preview_cards (id) ON DELETE CASCADE,
    url TEXT NOT NULL
);
CREATE INDEX status_cards_card ON status_cards (card_id, status_id);
