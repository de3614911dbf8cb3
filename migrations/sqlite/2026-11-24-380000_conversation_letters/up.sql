-- An account has a conversation once for each set of people in it: who is left out of an answer does not have it, and
-- stays in what was written before. participants: as before, but in the order of the ids, so that equal sets are equal.
UPDATE account_conversations SET participants = (
    SELECT '[' || COALESCE(group_concat('"' || value || '"', ','), '') || ']'
    FROM (SELECT value FROM json_each(account_conversations.participants) ORDER BY CAST(value AS INTEGER))
);
DROP INDEX account_conversations_pair;
CREATE UNIQUE INDEX account_conversations_people
    ON account_conversations (account_id, conversation_id, participants);

-- The private statuses that entered a view: what was held back, dismissed or removed with a view is not among them.
CREATE TABLE conversation_letters (
    view_id INTEGER NOT NULL REFERENCES account_conversations (id) ON DELETE CASCADE,
    status_id INTEGER NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
    PRIMARY KEY (view_id, status_id)
);
CREATE INDEX conversation_letters_status ON conversation_letters (status_id);

-- Of what was there before, all that its owner wrote or was addressed in and that is not held back.
INSERT INTO conversation_letters (view_id, status_id)
SELECT account_conversations.id, statuses.id
FROM account_conversations
JOIN statuses ON statuses.conversation_id = account_conversations.conversation_id
WHERE statuses.id = account_conversations.last_status_id
    OR (statuses.id < account_conversations.last_status_id
        AND statuses.visibility = 'direct'
        AND (statuses.account_id = account_conversations.account_id
            OR EXISTS (SELECT 1 FROM mentions
                WHERE mentions.status_id = statuses.id
                    AND mentions.account_id = account_conversations.account_id))
        AND NOT EXISTS (SELECT 1 FROM notifications
            WHERE notifications.status_id = statuses.id
                AND notifications.account_id = account_conversations.account_id
                AND notifications.filtered)
        AND NOT EXISTS (SELECT 1 FROM status_approvals
            WHERE status_approvals.status_id = statuses.id
                AND status_approvals.approved_by IS NULL));
