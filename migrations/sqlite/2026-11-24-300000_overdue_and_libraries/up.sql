-- What is over or due, for those who take up what was forgotten.
CREATE INDEX statuses_expiring ON statuses (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX scheduled_statuses_due ON scheduled_statuses (scheduled_at);

-- A member's library, newest status first.
CREATE INDEX favourites_library ON favourites (account_id, status_id);
CREATE INDEX bookmarks_library ON bookmarks (account_id, status_id);
CREATE INDEX statuses_boosted_by ON statuses (account_id, reblog_of_id) WHERE reblog_of_id IS NOT NULL;
