DROP TABLE conversation_letters;
-- Of several views of a conversation the one with the newest status stays.
DELETE FROM account_conversations WHERE EXISTS (
    SELECT 1 FROM account_conversations AS other
    WHERE other.account_id = account_conversations.account_id
        AND other.conversation_id = account_conversations.conversation_id
        AND (COALESCE(other.last_status_id, 0) > COALESCE(account_conversations.last_status_id, 0)
            OR (COALESCE(other.last_status_id, 0) = COALESCE(account_conversations.last_status_id, 0)
                AND other.id > account_conversations.id))
);
DROP INDEX account_conversations_people;
CREATE UNIQUE INDEX account_conversations_pair ON account_conversations (account_id, conversation_id);
