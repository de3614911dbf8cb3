-- What those who look after the instance should see. `kind`: 'ring', a subject of trends was kept out, or 'followers', an account
-- gains followers unusually fast. `about` says what `subject_id` is: 'tag', 'status', 'link' or 'account'.
CREATE TABLE alerts (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    -- What the suspects have in common; empty: nothing that is known.
    reason TEXT NOT NULL,
    -- People behind it, how many of them have the reason in common, and how many would have been usual.
    people BIGINT NOT NULL,
    suspects BIGINT NOT NULL,
    usual BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT
);
CREATE INDEX alerts_subject ON alerts (kind, about, subject_id, created_at);
CREATE INDEX alerts_resolved ON alerts (resolved_at, id);
