//! Conversations, and direct conversations as each account sees them.

use std::collections::HashMap;

use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{
    ids::{AccountId, ConversationId, StatusId},
    page::Page,
    status::Visibility,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    ids::{among, chunks},
    json,
    schema::{account_conversations, conversations, mentions, notifications, statuses},
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

/// A direct conversation as one account sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountConversation {
    /// Our id; the client API shows it and pages are keyed by the last status.
    pub id: i64,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The others in it.
    pub participants: Vec<AccountId>,
    /// Its newest status that is still there.
    pub last_status_id: Option<StatusId>,
    /// There is something new.
    pub unread: bool,
}

type Columns = (i64, i64, String, Option<i64>, bool);

fn conversation_of(
    (id, conversation_id, participants, last, unread): Columns,
) -> Result<AccountConversation> {
    let unreadable = Error::Inconsistent {
        table: "account_conversations",
        column: "participants",
        id,
    };
    Ok(AccountConversation {
        id,
        conversation_id: ConversationId(conversation_id),
        participants: json::read(&participants).ok_or(unreadable)?,
        last_status_id: last.map(StatusId),
        unread,
    })
}

/// Puts a new status into the owner's view of a conversation. `id` is used if the view is new.
pub fn touch_conversation(
    conn: &mut Conn,
    id: i64,
    owner: AccountId,
    conversation: ConversationId,
    participants: &[AccountId],
    status: StatusId,
    unread: bool,
) -> Result<()> {
    let participants = json::write(participants);
    let values = (
        account_conversations::id.eq(id),
        account_conversations::account_id.eq(owner.0),
        account_conversations::conversation_id.eq(conversation.0),
        account_conversations::participants.eq(&participants),
        account_conversations::last_status_id.eq(status.0),
        account_conversations::unread.eq(unread),
    );
    each_backend!(conn, conn => diesel::insert_into(account_conversations::table)
        .values(values)
        .on_conflict((account_conversations::account_id, account_conversations::conversation_id))
        .do_update()
        .set((
            account_conversations::participants.eq(&participants),
            account_conversations::last_status_id.eq(status.0),
            account_conversations::unread.eq(unread),
        ))
        .execute(conn)?);
    Ok(())
}

macro_rules! columns {
    () => {
        (
            account_conversations::id,
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

/// The owner's view of a conversation.
pub fn find_conversation_of(
    conn: &mut Conn,
    owner: AccountId,
    conversation: ConversationId,
) -> Result<Option<AccountConversation>> {
    let row: Option<Columns> = account_conversations::table
        .filter(account_conversations::account_id.eq(owner.0))
        .filter(account_conversations::conversation_id.eq(conversation.0))
        .select(columns!())
        .first(conn)
        .optional()?;
    row.map(conversation_of).transpose()
}

/// Views of conversations whose newest status this is: whose they are, and their ids.
pub fn list_ending_with(conn: &mut Conn, status: StatusId) -> Result<Vec<(AccountId, i64)>> {
    let rows: Vec<(i64, i64)> = account_conversations::table
        .filter(account_conversations::last_status_id.eq(status.0))
        .select((account_conversations::account_id, account_conversations::id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(owner, id)| (AccountId(owner), id))
        .collect())
}

/// The newest private status of a conversation, other than `but`, that the owner wrote or is addressed in and that
/// is not held
/// back for them.
pub fn find_newest_letter(
    conn: &mut Conn,
    owner: AccountId,
    conversation: ConversationId,
    but: StatusId,
) -> Result<Option<StatusId>> {
    let addressed = exists(
        mentions::table
            .filter(mentions::status_id.eq(statuses::id))
            .filter(mentions::account_id.eq(owner.0)),
    );
    let held = exists(
        notifications::table
            .filter(notifications::status_id.eq(statuses::id.nullable()))
            .filter(notifications::account_id.eq(owner.0))
            .filter(notifications::filtered.eq(true)),
    );
    let id: Option<i64> = statuses::table
        .filter(statuses::conversation_id.eq(conversation.0))
        .filter(statuses::visibility.eq(Visibility::Direct.as_str()))
        .filter(statuses::id.ne(but.0))
        .filter(statuses::account_id.eq(owner.0).or(addressed))
        .filter(not(held))
        .order(statuses::id.desc())
        .select(statuses::id)
        .first(conn)
        .optional()?;
    Ok(id.map(StatusId))
}

/// Makes a status the newest of a view.
pub fn update_last_status(conn: &mut Conn, id: i64, status: StatusId) -> Result<()> {
    diesel::update(account_conversations::table.find(id))
        .set(account_conversations::last_status_id.eq(status.0))
        .execute(conn)?;
    Ok(())
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
