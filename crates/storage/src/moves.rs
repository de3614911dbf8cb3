//! Accounts that moved, and what locals had of them that goes along: blocks, mutes, notes. Follows are in
//! [`follows`](crate::follows).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, RelationId},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Result, one_row},
    mutes::Muted,
    schema::{account_moves, account_notes, accounts, blocks, mutes},
};

/// Writes down that `account` moved to `target` at `now`.
pub fn insert_move(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    target: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    let rows = diesel::insert_into(account_moves::table)
        .values((
            account_moves::id.eq(id.0),
            account_moves::account_id.eq(account.0),
            account_moves::target_id.eq(target.0),
            account_moves::created_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert move", rows)
}

/// When `account` moved last.
pub fn find_last_move(conn: &mut Conn, account: AccountId) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = account_moves::table
        .filter(account_moves::account_id.eq(account.0))
        .select(diesel::dsl::max(account_moves::created_at))
        .first(conn)?;
    Ok(at.map(from_millis))
}

/// Sets the other ids of the same person that a local account names.
pub fn update_aliases(conn: &mut Conn, id: AccountId, aliases: &[String]) -> Result<()> {
    let rows = diesel::update(accounts::table.find(id.0))
        .set(accounts::also_known_as.eq(crate::json::write(aliases)))
        .execute(conn)?;
    one_row("update aliases", rows)
}

/// Local accounts that block `target`, by id, those after `after` only, at most `limit`.
pub fn list_local_blockers(
    conn: &mut Conn,
    target: AccountId,
    after: AccountId,
    limit: i64,
) -> Result<Vec<AccountId>> {
    let ids: Vec<i64> = blocks::table
        .inner_join(accounts::table.on(accounts::id.eq(blocks::account_id)))
        .filter(blocks::target_id.eq(target.0))
        .filter(blocks::account_id.gt(after.0))
        .filter(accounts::domain.eq(""))
        .filter(accounts::deleted_at.is_null())
        .order(blocks::account_id)
        .limit(limit)
        .select(blocks::account_id)
        .load(conn)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Remote accounts that block `target`, at most `limit`.
pub fn list_remote_blockers(conn: &mut Conn, target: AccountId, limit: i64) -> Result<Vec<AccountId>> {
    let ids: Vec<i64> = blocks::table
        .inner_join(accounts::table.on(accounts::id.eq(blocks::account_id)))
        .filter(blocks::target_id.eq(target.0))
        .filter(accounts::domain.ne(""))
        .filter(accounts::deleted_at.is_null())
        .order(blocks::account_id)
        .limit(limit)
        .select(blocks::account_id)
        .load(conn)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Accounts that mute `target` at `now` and how, by id, those after `after` only, at most `limit`. Only locals mute.
pub fn list_muters(
    conn: &mut Conn,
    target: AccountId,
    now: DateTime<Utc>,
    after: AccountId,
    limit: i64,
) -> Result<Vec<(AccountId, Muted)>> {
    let rows: Vec<(i64, bool, Option<i64>)> = mutes::table
        .filter(mutes::target_id.eq(target.0))
        .filter(mutes::account_id.gt(after.0))
        .filter(
            mutes::expires_at
                .is_null()
                .or(mutes::expires_at.gt(now.timestamp_millis())),
        )
        .order(mutes::account_id)
        .limit(limit)
        .select((mutes::account_id, mutes::notifications, mutes::expires_at))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, notifications, expires_at)| {
            let muted = Muted {
                notifications,
                expires_at: expires_at.map(from_millis),
            };
            (AccountId(id), muted)
        })
        .collect())
}

/// Notes about `target`, by their writers' ids, those after `after` only, at most `limit`. Only locals write notes.
pub fn list_notes_about(
    conn: &mut Conn,
    target: AccountId,
    after: AccountId,
    limit: i64,
) -> Result<Vec<(AccountId, String)>> {
    let rows: Vec<(i64, String)> = account_notes::table
        .filter(account_notes::target_id.eq(target.0))
        .filter(account_notes::account_id.gt(after.0))
        .order(account_notes::account_id)
        .limit(limit)
        .select((account_notes::account_id, account_notes::comment))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, comment)| (AccountId(id), comment))
        .collect())
}
