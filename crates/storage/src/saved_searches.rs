//! Queries that users gave a name.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, SavedSearchId},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Result, one_row},
    schema::saved_searches,
};

/// A saved search.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedSearchRow {
    /// Its id.
    pub id: SavedSearchId,
    /// Whose it is.
    pub account_id: AccountId,
    /// What the user calls it.
    pub name: String,
    /// The query as it was typed.
    pub query: String,
    /// The sealed secret of its feed.
    pub feed_token: String,
    /// SHA-256 of that secret.
    pub feed_hash: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

type Columns = (i64, i64, String, String, String, String, i64);

fn row_of((id, account_id, name, query, feed_token, feed_hash, created_at): Columns) -> SavedSearchRow {
    SavedSearchRow {
        id: SavedSearchId(id),
        account_id: AccountId(account_id),
        name,
        query,
        feed_token,
        feed_hash,
        created_at: from_millis(created_at),
    }
}

/// Adds a saved search.
pub fn insert_saved_search(conn: &mut Conn, row: &SavedSearchRow) -> Result<()> {
    let rows = diesel::insert_into(saved_searches::table)
        .values((
            saved_searches::id.eq(row.id.0),
            saved_searches::account_id.eq(row.account_id.0),
            saved_searches::name.eq(&row.name),
            saved_searches::query.eq(&row.query),
            saved_searches::feed_token.eq(&row.feed_token),
            saved_searches::feed_hash.eq(&row.feed_hash),
            saved_searches::created_at.eq(row.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert saved search", rows)
}

/// Writes what it is called, what it looks for and the secret of its feed.
pub fn update_saved_search(conn: &mut Conn, row: &SavedSearchRow) -> Result<()> {
    let rows = diesel::update(saved_searches::table.find(row.id.0))
        .set((
            saved_searches::name.eq(&row.name),
            saved_searches::query.eq(&row.query),
            saved_searches::feed_token.eq(&row.feed_token),
            saved_searches::feed_hash.eq(&row.feed_hash),
        ))
        .execute(conn)?;
    one_row("update saved search", rows)
}

/// Removes a saved search; false if this owner has none such.
pub fn delete_saved_search(conn: &mut Conn, owner: AccountId, id: SavedSearchId) -> Result<bool> {
    let own = saved_searches::table
        .find(id.0)
        .filter(saved_searches::account_id.eq(owner.0));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// A saved search of this owner.
pub fn find_saved_search(
    conn: &mut Conn,
    owner: AccountId,
    id: SavedSearchId,
) -> Result<Option<SavedSearchRow>> {
    let row: Option<Columns> = saved_searches::table
        .find(id.0)
        .filter(saved_searches::account_id.eq(owner.0))
        .first(conn)
        .optional()?;
    Ok(row.map(row_of))
}

/// The saved search whose feed has a secret with this SHA-256.
pub fn find_saved_search_by_feed(conn: &mut Conn, hash: &str) -> Result<Option<SavedSearchRow>> {
    let row: Option<Columns> = saved_searches::table
        .filter(saved_searches::feed_hash.eq(hash))
        .first(conn)
        .optional()?;
    Ok(row.map(row_of))
}

/// All saved searches of an owner, oldest first.
pub fn list_saved_searches(conn: &mut Conn, owner: AccountId) -> Result<Vec<SavedSearchRow>> {
    let rows: Vec<Columns> = saved_searches::table
        .filter(saved_searches::account_id.eq(owner.0))
        .order(saved_searches::id)
        .load(conn)?;
    Ok(rows.into_iter().map(row_of).collect())
}

/// How many saved searches an owner has.
pub fn count_saved_searches(conn: &mut Conn, owner: AccountId) -> Result<i64> {
    Ok(saved_searches::table
        .filter(saved_searches::account_id.eq(owner.0))
        .count()
        .get_result(conn)?)
}
