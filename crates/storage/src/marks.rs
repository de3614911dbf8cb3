//! What one account did with the statuses of a page, in one query.

use std::collections::HashSet;

use diesel::{prelude::*, sql_types::Integer};
use pouet_model::ids::{AccountId, ConversationId, StatusId};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::{bookmarks, conversation_mutes, favourites, statuses},
};

/// Which statuses of a set an account acted on, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// Those it favourited.
    pub favourited: HashSet<StatusId>,
    /// Those it boosted.
    pub reblogged: HashSet<StatusId>,
    /// Those it bookmarked.
    pub bookmarked: HashSet<StatusId>,
    /// Conversations that it silenced.
    pub muted: HashSet<ConversationId>,
}

/// What `account` did with the statuses `ids`, which are in the conversations `conversations` (each named once, so that
/// there are no more of them than of statuses).
pub fn load_marks(
    conn: &mut Conn,
    account: AccountId,
    ids: &[StatusId],
    conversations: &[ConversationId],
) -> Result<Marks> {
    debug_assert!(
        conversations.len() <= ids.len(),
        "conversations of these statuses"
    );
    let mut marks = Marks::default();
    let mut threads = chunks(conversations);
    for chunk in chunks(ids) {
        let thread = threads.next().unwrap_or_default();
        let favourited = favourites::table
            .filter(favourites::account_id.eq(account.0))
            .filter(among(favourites::status_id, chunk))
            .select((1_i32.into_sql::<Integer>(), favourites::status_id));
        let reblogged = statuses::table
            .filter(statuses::account_id.eq(account.0))
            .filter(among(statuses::reblog_of_id, chunk))
            .select((
                2_i32.into_sql::<Integer>(),
                statuses::reblog_of_id.assume_not_null(),
            ));
        let bookmarked = bookmarks::table
            .filter(bookmarks::account_id.eq(account.0))
            .filter(among(bookmarks::status_id, chunk))
            .select((3_i32.into_sql::<Integer>(), bookmarks::status_id));
        let muted = conversation_mutes::table
            .filter(conversation_mutes::account_id.eq(account.0))
            .filter(among(conversation_mutes::conversation_id, thread))
            .select((4_i32.into_sql::<Integer>(), conversation_mutes::conversation_id));
        let query = favourited
            .union_all(reblogged)
            .union_all(bookmarked)
            .union_all(muted);
        let rows: Vec<(i32, i64)> = each_backend!(conn, conn => query.load(conn))?;
        for (kind, id) in rows {
            match kind {
                1 => drop(marks.favourited.insert(StatusId(id))),
                2 => drop(marks.reblogged.insert(StatusId(id))),
                3 => drop(marks.bookmarked.insert(StatusId(id))),
                _ => drop(marks.muted.insert(ConversationId(id))),
            }
        }
    }
    Ok(marks)
}
