-- Which users were here in which week. week: Mondays at midnight, UTC, since the one before the Unix epoch. What was before is
-- not known.
CREATE TABLE user_weeks (
    week INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (week, user_id)
);
CREATE INDEX user_weeks_user ON user_weeks (user_id);
