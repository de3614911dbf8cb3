//! Direct conversations that were there before it was noted which statuses entered them.

use diesel::connection::SimpleConnection as _;
use pouet_model::{
    ids::{AccountId, ConversationId, StatusId},
    status::Mention,
};
use pouet_storage::{
    conversations::{self, AccountConversation},
    mentions, migrate,
};

use crate::{
    feeds::{account, status},
    on_each_connection,
};

/// The version of the migration that notes it.
const MIGRATION: &str = "20261124380000";

#[test]
fn conversations_of_before_have_what_their_owner_could_read() {
    on_each_connection(|conn| {
        migrate::run(conn).unwrap();
        let owner = account(conn, 5, "ada").unwrap();
        let others = [
            account(conn, 30, "ben").unwrap(),
            account(conn, 4, "cleo").unwrap(),
        ];
        for (id, author) in [(10, owner), (11, others[0]), (12, others[1]), (13, others[0])] {
            status(conn, id, author, None).unwrap();
        }
        let named = [Mention {
            account_id: owner,
            silent: false,
        }];
        mentions::insert_mentions(conn, StatusId(11), &named, None).unwrap();
        mentions::insert_mentions(conn, StatusId(13), &named, None).unwrap();
        conn.batch_execute("UPDATE statuses SET visibility = 'direct', conversation_id = 10")
            .unwrap();
        let view = AccountConversation {
            id: 1,
            owner,
            conversation_id: ConversationId(10),
            // As it came.
            participants: others.to_vec(),
            last_status_id: Some(StatusId(13)),
            unread: true,
        };
        conversations::insert_view(conn, &view).unwrap();
        let is_there = migrate::status(conn).unwrap().applied;
        assert!(is_there.iter().any(|version| version == MIGRATION));
        while migrate::status(conn)
            .unwrap()
            .applied
            .iter()
            .any(|version| version == MIGRATION)
        {
            migrate::revert_last(conn).unwrap();
        }
        migrate::run(conn).unwrap();
        let found = conversations::find_view(conn, owner, ConversationId(10), &[AccountId(4), AccountId(30)]);
        let found = found.unwrap().expect("in the order of the ids");
        assert_eq!((found.last_status_id, found.unread), (Some(StatusId(13)), true));
        for (letter, is_there) in [(10, true), (11, true), (12, false), (13, true)] {
            let entered = conversations::has_letter(conn, owner, StatusId(letter)).unwrap();
            assert_eq!(entered, is_there, "{letter}");
        }
    });
}
