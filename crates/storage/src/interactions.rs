//! What accounts do with statuses: favourites, bookmarks, pins, muted conversations.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, ConversationId, RelationId, StatusId},
    page::Page,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::{bookmarks, conversation_mutes, favourites, status_pins},
    statuses::local_author,
};

/// Reads a boxed query over `(id, other)` by page on its `id`, newest first.
macro_rules! page_of {
    ($conn:expr, $page:expr, $query:expr, $id:expr) => {{
        let page: &Page = $page;
        let mut query = $query.limit(page.limit).into_boxed();
        if let Some(max) = page.max_id {
            query = query.filter($id.lt(max));
        }
        if let Some(min) = page.lower() {
            query = query.filter($id.gt(min));
        }
        query = if page.is_ascending() {
            query.order($id.asc())
        } else {
            query.order($id.desc())
        };
        let mut rows: Vec<(i64, i64)> = query.load($conn)?;
        if page.is_ascending() {
            rows.reverse();
        }
        rows
    }};
}

/// Adds a favourite; false if it was there already.
pub fn insert_favourite(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    status: StatusId,
    uri: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        favourites::id.eq(id.0),
        favourites::account_id.eq(account.0),
        favourites::status_id.eq(status.0),
        favourites::uri.eq(uri),
        favourites::created_at.eq(now.timestamp_millis()),
        favourites::author_id.eq(local_author!(Some(status.0))),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(favourites::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// The favourite of a status by an account.
pub fn find_favourite(conn: &mut Conn, account: AccountId, status: StatusId) -> Result<Option<RelationId>> {
    let id: Option<i64> = favourites::table
        .filter(favourites::status_id.eq(status.0))
        .filter(favourites::account_id.eq(account.0))
        .select(favourites::id)
        .first(conn)
        .optional()?;
    Ok(id.map(RelationId))
}

/// The status that the account favourited by the activity `uri`.
pub fn find_favourite_by_uri(conn: &mut Conn, account: AccountId, uri: &str) -> Result<Option<StatusId>> {
    let id: Option<i64> = favourites::table
        .filter(favourites::uri.eq(uri))
        .filter(favourites::account_id.eq(account.0))
        .select(favourites::status_id)
        .first(conn)
        .optional()?;
    Ok(id.map(StatusId))
}

/// Who made a favourite, and of which status.
pub fn find_favourite_by_id(conn: &mut Conn, id: RelationId) -> Result<Option<(AccountId, StatusId)>> {
    let row: Option<(i64, i64)> = favourites::table
        .find(id.0)
        .select((favourites::account_id, favourites::status_id))
        .first(conn)
        .optional()?;
    Ok(row.map(|(account, status)| (AccountId(account), StatusId(status))))
}

/// Removes a favourite; its id if there was one.
pub fn delete_favourite(conn: &mut Conn, account: AccountId, status: StatusId) -> Result<Option<RelationId>> {
    let found = find_favourite(conn, account, status)?;
    if let Some(id) = found {
        diesel::delete(favourites::table.find(id.0)).execute(conn)?;
    }
    Ok(found)
}

/// Favourites of a status by page: their ids and who made them.
pub fn list_favourites_of(conn: &mut Conn, status: StatusId, page: &Page) -> Result<Vec<(i64, AccountId)>> {
    let query = favourites::table
        .filter(favourites::status_id.eq(status.0))
        .select((favourites::id, favourites::account_id));
    let rows = page_of!(conn, page, query, favourites::id);
    Ok(rows
        .into_iter()
        .map(|(id, account)| (id, AccountId(account)))
        .collect())
}

/// Statuses that an account favourited, by page: ids of the favourites and of the statuses.
pub fn list_favourites_by(conn: &mut Conn, account: AccountId, page: &Page) -> Result<Vec<(i64, StatusId)>> {
    let query = favourites::table
        .filter(favourites::account_id.eq(account.0))
        .select((favourites::id, favourites::status_id));
    let rows = page_of!(conn, page, query, favourites::id);
    Ok(rows
        .into_iter()
        .map(|(id, status)| (id, StatusId(status)))
        .collect())
}

/// Adds a bookmark; one that is there already is kept.
pub fn insert_bookmark(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    status: StatusId,
    now: DateTime<Utc>,
) -> Result<()> {
    let values = (
        bookmarks::id.eq(id.0),
        bookmarks::account_id.eq(account.0),
        bookmarks::status_id.eq(status.0),
        bookmarks::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(bookmarks::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Removes a bookmark, if there is one.
pub fn delete_bookmark(conn: &mut Conn, account: AccountId, status: StatusId) -> Result<()> {
    diesel::delete(
        bookmarks::table
            .filter(bookmarks::status_id.eq(status.0))
            .filter(bookmarks::account_id.eq(account.0)),
    )
    .execute(conn)?;
    Ok(())
}

/// Statuses that an account bookmarked, by page: ids of the bookmarks and of the statuses.
pub fn list_bookmarks(conn: &mut Conn, account: AccountId, page: &Page) -> Result<Vec<(i64, StatusId)>> {
    let query = bookmarks::table
        .filter(bookmarks::account_id.eq(account.0))
        .select((bookmarks::id, bookmarks::status_id));
    let rows = page_of!(conn, page, query, bookmarks::id);
    Ok(rows
        .into_iter()
        .map(|(id, status)| (id, StatusId(status)))
        .collect())
}

/// Pins a status to its author's profile; one that is pinned already stays so.
pub fn insert_pin(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    status: StatusId,
    now: DateTime<Utc>,
) -> Result<()> {
    let values = (
        status_pins::id.eq(id.0),
        status_pins::account_id.eq(account.0),
        status_pins::status_id.eq(status.0),
        status_pins::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(status_pins::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Unpins a status, if it is pinned.
pub fn delete_pin(conn: &mut Conn, account: AccountId, status: StatusId) -> Result<()> {
    diesel::delete(
        status_pins::table
            .filter(status_pins::status_id.eq(status.0))
            .filter(status_pins::account_id.eq(account.0)),
    )
    .execute(conn)?;
    Ok(())
}

/// Statuses pinned by an account, last pinned first.
pub fn list_pins(conn: &mut Conn, account: AccountId) -> Result<Vec<StatusId>> {
    let ids: Vec<i64> = status_pins::table
        .filter(status_pins::account_id.eq(account.0))
        .order(status_pins::id.desc())
        .select(status_pins::status_id)
        .load(conn)?;
    Ok(ids.into_iter().map(StatusId).collect())
}

/// Silences a conversation for an account.
pub fn insert_conversation_mute(conn: &mut Conn, account: AccountId, id: ConversationId) -> Result<()> {
    let values = (
        conversation_mutes::account_id.eq(account.0),
        conversation_mutes::conversation_id.eq(id.0),
    );
    each_backend!(conn, conn => diesel::insert_into(conversation_mutes::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Lets an account be notified of a conversation again.
pub fn delete_conversation_mute(conn: &mut Conn, account: AccountId, id: ConversationId) -> Result<()> {
    diesel::delete(conversation_mutes::table.find((account.0, id.0))).execute(conn)?;
    Ok(())
}

/// Which of the conversations the account has silenced.
pub fn load_muted_conversations(
    conn: &mut Conn,
    account: AccountId,
    ids: &[ConversationId],
) -> Result<Vec<ConversationId>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<i64> = conversation_mutes::table
            .filter(conversation_mutes::account_id.eq(account.0))
            .filter(among(conversation_mutes::conversation_id, chunk))
            .select(conversation_mutes::conversation_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(ConversationId));
    }
    Ok(found)
}
