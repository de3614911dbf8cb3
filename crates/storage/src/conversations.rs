//! Conversations, and direct conversations as each account sees them.

use std::collections::HashMap;

use diesel::{
    dsl::{exists, max},
    prelude::*,
};
use pouet_model::{
    ids::{AccountId, ConversationId, StatusId},
    page::Page,
};

use crate::{
    conn::Conn,
    error::{Error, Result, one_row},
    ids::{among, chunks},
    json,
    schema::{account_conversations, conversation_letters, conversations},
};

/// Adds a conversation; a remote one has the id that its origin gave it.
pub fn insert_conversation(conn: &mut Conn, id: ConversationId, uri: Option<&str>) -> Result<()> {
    diesel::insert_into(conversations::table)
        .values((conversations::id.eq(id.0), conversations::uri.eq(uri)))
        .execute(conn)?;
    Ok(())
}

/// The conversation with this id of its origin.
pub fn find_conversation_by_uri(conn: &mut Conn, uri: &str) -> Result<Option<ConversationId>> {
    let id: Option<i64> = conversations::table
        .filter(conversations::uri.eq(uri))
        .select(conversations::id)
        .first(conn)
        .optional()?;
    Ok(id.map(ConversationId))
}

/// The id that its origin gave a conversation; `None` for one that began here.
pub fn find_conversation_uri(conn: &mut Conn, id: ConversationId) -> Result<Option<String>> {
    Ok(load_conversation_uris(conn, &[id])?.remove(&id))
}

/// The ids that other servers gave these conversations; those without one are left out.
pub fn load_conversation_uris(
    conn: &mut Conn,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, String>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, Option<String>)> = conversations::table
            .filter(among(conversations::id, chunk))
            .select((conversations::id, conversations::uri))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .filter_map(|(id, uri)| Some((ConversationId(id), uri?))),
        );
    }
    Ok(found)
}

/// A direct conversation as one account sees it: what it and the same others wrote to each other in a thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountConversation {
    /// Our id; the client API shows it and pages are keyed by the last status.
    pub id: i64,
    /// Whose view it is.
    pub owner: AccountId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The others in it, in the order of their ids.
    pub participants: Vec<AccountId>,
    /// Its newest status that is still there.
    pub last_status_id: Option<StatusId>,
    /// There is something new.
    pub unread: bool,
}

type Columns = (i64, i64, i64, String, Option<i64>, bool);

fn conversation_of(
    (id, owner, conversation_id, participants, last, unread): Columns,
) -> Result<AccountConversation> {
    let unreadable = Error::Inconsistent {
        table: "account_conversations",
        column: "participants",
        id,
    };
    Ok(AccountConversation {
        id,
        owner: AccountId(owner),
        conversation_id: ConversationId(conversation_id),
        participants: json::read(&participants).ok_or(unreadable)?,
        last_status_id: last.map(StatusId),
        unread,
    })
}

/// Adds a view without any status of it.
pub fn insert_view(conn: &mut Conn, view: &AccountConversation) -> Result<()> {
    diesel::insert_into(account_conversations::table)
        .values((
            account_conversations::id.eq(view.id),
            account_conversations::account_id.eq(view.owner.0),
            account_conversations::conversation_id.eq(view.conversation_id.0),
            account_conversations::participants.eq(json::write(&view.participants)),
            account_conversations::last_status_id.eq(view.last_status_id.map(i64::from)),
            account_conversations::unread.eq(view.unread),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes which status of a view is the newest, and whether there is something new.
pub fn update_view(conn: &mut Conn, id: i64, last: StatusId, unread: bool) -> Result<()> {
    let rows = diesel::update(account_conversations::table.find(id))
        .set((
            account_conversations::last_status_id.eq(last.0),
            account_conversations::unread.eq(unread),
        ))
        .execute(conn)?;
    one_row("update conversation", rows)
}

macro_rules! columns {
    () => {
        (
            account_conversations::id,
            account_conversations::account_id,
            account_conversations::conversation_id,
            account_conversations::participants,
            account_conversations::last_status_id,
            account_conversations::unread,
        )
    };
}

/// Direct conversations of an account, the one with the newest status first; keyed by that status.
pub fn list_conversations(
    conn: &mut Conn,
    owner: AccountId,
    page: &Page,
) -> Result<Vec<AccountConversation>> {
    let last = account_conversations::last_status_id;
    let mut query = account_conversations::table
        .filter(account_conversations::account_id.eq(owner.0))
        .filter(last.is_not_null())
        .select(columns!())
        .limit(page.limit)
        .into_boxed();
    if let Some(max) = page.max_id {
        query = query.filter(last.lt(max));
    }
    if let Some(min) = page.lower() {
        query = query.filter(last.gt(min));
    }
    query = if page.is_ascending() {
        query.order(last.asc())
    } else {
        query.order(last.desc())
    };
    let mut rows: Vec<Columns> = query.load(conn)?;
    if page.is_ascending() {
        rows.reverse();
    }
    rows.into_iter().map(conversation_of).collect()
}

/// A direct conversation of this owner, by its own id.
pub fn find_account_conversation(
    conn: &mut Conn,
    owner: AccountId,
    id: i64,
) -> Result<Option<AccountConversation>> {
    let row: Option<Columns> = account_conversations::table
        .find(id)
        .filter(account_conversations::account_id.eq(owner.0))
        .select(columns!())
        .first(conn)
        .optional()?;
    row.map(conversation_of).transpose()
}

/// The owner's view of what they and exactly these others, in the order of their ids, wrote in a conversation.
pub fn find_view(
    conn: &mut Conn,
    owner: AccountId,
    conversation: ConversationId,
    participants: &[AccountId],
) -> Result<Option<AccountConversation>> {
    let row: Option<Columns> = account_conversations::table
        .filter(account_conversations::account_id.eq(owner.0))
        .filter(account_conversations::conversation_id.eq(conversation.0))
        .filter(account_conversations::participants.eq(json::write(participants)))
        .select(columns!())
        .first(conn)
        .optional()?;
    row.map(conversation_of).transpose()
}

/// The views that a status entered, of whomever.
pub fn list_views_with(conn: &mut Conn, status: StatusId) -> Result<Vec<AccountConversation>> {
    let rows: Vec<Columns> = account_conversations::table
        .inner_join(
            conversation_letters::table.on(conversation_letters::view_id.eq(account_conversations::id)),
        )
        .filter(conversation_letters::status_id.eq(status.0))
        .order(account_conversations::id)
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(conversation_of).collect()
}

/// Whether a status entered a view of this owner.
pub fn has_letter(conn: &mut Conn, owner: AccountId, status: StatusId) -> Result<bool> {
    let found = account_conversations::table
        .inner_join(
            conversation_letters::table.on(conversation_letters::view_id.eq(account_conversations::id)),
        )
        .filter(conversation_letters::status_id.eq(status.0))
        .filter(account_conversations::account_id.eq(owner.0));
    Ok(diesel::select(exists(found)).get_result(conn)?)
}

/// Notes that a status entered a view.
pub fn insert_letter(conn: &mut Conn, view: i64, status: StatusId) -> Result<()> {
    diesel::insert_into(conversation_letters::table)
        .values((
            conversation_letters::view_id.eq(view),
            conversation_letters::status_id.eq(status.0),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes a status out of a view.
pub fn delete_letter(conn: &mut Conn, view: i64, status: StatusId) -> Result<()> {
    diesel::delete(conversation_letters::table.find((view, status.0))).execute(conn)?;
    Ok(())
}

/// The newest status that entered a view and is still there.
pub fn find_newest_letter(conn: &mut Conn, view: i64) -> Result<Option<StatusId>> {
    let id: Option<i64> = conversation_letters::table
        .filter(conversation_letters::view_id.eq(view))
        .select(max(conversation_letters::status_id))
        .first(conn)?;
    Ok(id.map(StatusId))
}

/// Marks a conversation of this owner as read or unread; false if there is none.
pub fn update_unread(conn: &mut Conn, owner: AccountId, id: i64, unread: bool) -> Result<bool> {
    let own = account_conversations::table
        .find(id)
        .filter(account_conversations::account_id.eq(owner.0));
    Ok(diesel::update(own)
        .set(account_conversations::unread.eq(unread))
        .execute(conn)?
        > 0)
}

/// Removes a conversation from the owner's view; false if there is none.
pub fn delete_account_conversation(conn: &mut Conn, owner: AccountId, id: i64) -> Result<bool> {
    let own = account_conversations::table
        .find(id)
        .filter(account_conversations::account_id.eq(owner.0));
    Ok(diesel::delete(own).execute(conn)? > 0)
}
