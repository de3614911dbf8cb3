-- What others want to do with statuses of members, who decide. account_id: the member. interaction: 'reply', 'like' or
-- 'announce'. uri: id of the interaction. request_uri: id of the question, if there was one. status_id: the answer or boost,
-- which waits meanwhile. emoji: JSON, of a reaction.
CREATE TABLE interaction_requests (
    id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    actor_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    interaction TEXT NOT NULL,
    uri TEXT NOT NULL,
    request_uri TEXT,
    status_id BIGINT REFERENCES statuses (id) ON DELETE CASCADE,
    emoji TEXT,
    created_at BIGINT NOT NULL,
    accepted_at BIGINT,
    rejected_at BIGINT
);
CREATE UNIQUE INDEX interaction_requests_once ON interaction_requests (target_id, uri);
CREATE INDEX interaction_requests_account ON interaction_requests (account_id, id);
CREATE INDEX interaction_requests_actor ON interaction_requests (actor_id);
CREATE INDEX interaction_requests_status ON interaction_requests (status_id);

-- What waits for approval is no longer counted until it has it.
UPDATE statuses SET
    replies_count = replies_count - (
        SELECT COUNT(*) FROM status_approvals JOIN statuses AS held ON held.id = status_approvals.status_id
        WHERE status_approvals.target_id = statuses.id AND status_approvals.approved_by IS NULL
            AND held.reblog_of_id IS NULL),
    reblogs_count = reblogs_count - (
        SELECT COUNT(*) FROM status_approvals JOIN statuses AS held ON held.id = status_approvals.status_id
        WHERE status_approvals.target_id = statuses.id AND status_approvals.approved_by IS NULL
            AND held.reblog_of_id IS NOT NULL)
WHERE id IN (SELECT target_id FROM status_approvals WHERE approved_by IS NULL);
