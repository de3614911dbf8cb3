-- What is counted for trends. `kind` says what `subject_id` is: 'tag', 'status', 'link', or 0 of 'posts' and 'acts',
-- the traffic of the whole instance. `day`: days since 1970-01-01, UTC; of statuses 0. What was there before is not counted.

-- What a status was counted for, so that it can be taken back. `scored`: it counts for trends, not for the history alone.
CREATE TABLE trend_uses (
    status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    scored BOOLEAN NOT NULL,
    PRIMARY KEY (status_id, kind, subject_id)
);
CREATE INDEX trend_uses_day ON trend_uses (day);

-- Who used a subject on a day, how often, and how often of that counts for trends. `at`: of the first time that counts.
CREATE TABLE trend_marks (
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,
    uses BIGINT NOT NULL,
    scored BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id, day, account_id)
);
CREATE INDEX trend_marks_domain ON trend_marks (kind, subject_id, day, domain);
CREATE INDEX trend_marks_account ON trend_marks (account_id, kind, at);
CREATE INDEX trend_marks_at ON trend_marks (at);

-- Uses and distinct accounts by day.
CREATE TABLE trend_days (
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    accounts BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id, day)
);
CREATE INDEX trend_days_day ON trend_days (day);

-- The score of a subject as the binary logarithm of what it would have been at the epoch: it changes with uses alone.
CREATE TABLE trend_scores (
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    potential DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (kind, subject_id)
);
CREATE INDEX trend_scores_rank ON trend_scores (kind, potential);

-- What trends, best first, as of the last look. `allowed`: shown to everybody; the others wait for a moderator.
CREATE TABLE trend_lists (
    kind TEXT NOT NULL,
    position BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    allowed BOOLEAN NOT NULL,
    PRIMARY KEY (kind, position)
);

-- What moderators said of a subject.
CREATE TABLE trend_reviews (
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    trendable BOOLEAN NOT NULL,
    reviewed_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id)
);

-- What was kept out because those who used it look like a ring, and why.
CREATE TABLE trend_exclusions (
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    accounts BIGINT NOT NULL,
    suspects BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id)
);
CREATE INDEX trend_exclusions_created ON trend_exclusions (created_at);
