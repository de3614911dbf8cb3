//! Blocks of one account by another.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use pouet_model::{
    ids::{AccountId, RelationId},
    page::Page,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    paging::relation_page,
    schema::{accounts, blocks},
};

/// Adds a block; false if there is one already. `uri`: id of the Block activity if it was made elsewhere.
pub fn insert_block(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    target: AccountId,
    uri: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        blocks::id.eq(id.0),
        blocks::account_id.eq(account.0),
        blocks::target_id.eq(target.0),
        blocks::uri.eq(uri),
        blocks::created_at.eq(now.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(blocks::table)
        .values(values)
        .on_conflict((blocks::account_id, blocks::target_id))
        .do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Removes a block; false if there is none.
pub fn delete_block(conn: &mut Conn, account: AccountId, target: AccountId) -> Result<bool> {
    let rows = diesel::delete(
        blocks::table
            .filter(blocks::account_id.eq(account.0))
            .filter(blocks::target_id.eq(target.0)),
    )
    .execute(conn)?;
    Ok(rows > 0)
}

/// Removes a block by the id of its Block activity; false if there is none.
pub fn delete_block_by_uri(conn: &mut Conn, account: AccountId, uri: &str) -> Result<bool> {
    let rows = diesel::delete(
        blocks::table
            .filter(blocks::account_id.eq(account.0))
            .filter(blocks::uri.eq(uri)),
    )
    .execute(conn)?;
    Ok(rows > 0)
}

/// Whether `account` blocks `target`.
pub fn is_blocking(conn: &mut Conn, account: AccountId, target: AccountId) -> Result<bool> {
    let block = blocks::table
        .filter(blocks::account_id.eq(account.0))
        .filter(blocks::target_id.eq(target.0));
    Ok(diesel::select(exists(block)).get_result(conn)?)
}

/// Accounts that `owner` blocks, by page: keys and ids.
pub fn list_blocks(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<(i64, AccountId)>> {
    let query = blocks::table
        .inner_join(accounts::table.on(accounts::id.eq(blocks::target_id)))
        .filter(blocks::account_id.eq(owner.0))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((blocks::id, blocks::target_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = relation_page!(conn, page, query, blocks::id);
    Ok(rows.into_iter().map(|(key, id)| (key, AccountId(id))).collect())
}

/// Which of `others` the account blocks.
pub fn load_blocked(conn: &mut Conn, account: AccountId, others: &[AccountId]) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(others) {
        let rows: Vec<i64> = blocks::table
            .filter(blocks::account_id.eq(account.0))
            .filter(among(blocks::target_id, chunk))
            .select(blocks::target_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(AccountId));
    }
    Ok(found)
}
