//! Mutes of one account by another, with an end or without.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, RelationId},
    page::Page,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    paging::relation_page,
    schema::{accounts, mutes},
};

/// A mute to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewMute {
    /// Its id, if the pair has no mute yet.
    pub id: RelationId,
    /// Who mutes.
    pub account_id: AccountId,
    /// Who is muted.
    pub target_id: AccountId,
    /// It covers notifications.
    pub notifications: bool,
    /// When it ends; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Mutes an account, or changes how it is muted.
pub fn insert_or_update_mute(conn: &mut Conn, mute: &NewMute) -> Result<()> {
    let expires_at = mute.expires_at.map(|at| at.timestamp_millis());
    let values = (
        mutes::id.eq(mute.id.0),
        mutes::account_id.eq(mute.account_id.0),
        mutes::target_id.eq(mute.target_id.0),
        mutes::notifications.eq(mute.notifications),
        mutes::expires_at.eq(expires_at),
        mutes::created_at.eq(mute.created_at.timestamp_millis()),
    );
    let change = (
        mutes::notifications.eq(mute.notifications),
        mutes::expires_at.eq(expires_at),
    );
    each_backend!(conn, conn => diesel::insert_into(mutes::table)
        .values(values)
        .on_conflict((mutes::account_id, mutes::target_id))
        .do_update()
        .set(change)
        .execute(conn)?);
    Ok(())
}

/// Removes a mute; false if there is none.
pub fn delete_mute(conn: &mut Conn, account: AccountId, target: AccountId) -> Result<bool> {
    let rows = diesel::delete(
        mutes::table
            .filter(mutes::account_id.eq(account.0))
            .filter(mutes::target_id.eq(target.0)),
    )
    .execute(conn)?;
    Ok(rows > 0)
}

/// A row of the list of muted accounts: key, account, when the mute ends.
pub type MutedRow = (i64, AccountId, Option<DateTime<Utc>>);

/// Accounts that `owner` mutes, by page.
pub fn list_mutes(
    conn: &mut Conn,
    owner: AccountId,
    now: DateTime<Utc>,
    page: &Page,
) -> Result<Vec<MutedRow>> {
    let query = mutes::table
        .inner_join(accounts::table.on(accounts::id.eq(mutes::target_id)))
        .filter(mutes::account_id.eq(owner.0))
        .filter(
            mutes::expires_at
                .is_null()
                .or(mutes::expires_at.gt(now.timestamp_millis())),
        )
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((mutes::id, mutes::target_id, mutes::expires_at))
        .into_boxed();
    let rows: Vec<(i64, i64, Option<i64>)> = relation_page!(conn, page, query, mutes::id);
    Ok(rows
        .into_iter()
        .map(|(key, id, expires_at)| (key, AccountId(id), expires_at.map(from_millis)))
        .collect())
}

/// How an account is muted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Muted {
    /// Notifications too.
    pub notifications: bool,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Which of `others` the account mutes at `now`, and how.
pub fn load_muted(
    conn: &mut Conn,
    account: AccountId,
    others: &[AccountId],
    now: DateTime<Utc>,
) -> Result<HashMap<AccountId, Muted>> {
    let mut found = HashMap::new();
    for chunk in chunks(others) {
        let rows: Vec<(i64, bool, Option<i64>)> = mutes::table
            .filter(mutes::account_id.eq(account.0))
            .filter(among(mutes::target_id, chunk))
            .filter(
                mutes::expires_at
                    .is_null()
                    .or(mutes::expires_at.gt(now.timestamp_millis())),
            )
            .select((mutes::target_id, mutes::notifications, mutes::expires_at))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, notifications, expires_at)| {
            let muted = Muted {
                notifications,
                expires_at: expires_at.map(from_millis),
            };
            (AccountId(id), muted)
        }));
    }
    Ok(found)
}

/// Mutes that ended by `now`, oldest first, at most `limit`: who muted whom.
pub fn list_ended(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<(AccountId, AccountId)>> {
    let rows: Vec<(i64, i64)> = mutes::table
        .filter(mutes::expires_at.le(now.timestamp_millis()))
        .order(mutes::id)
        .limit(limit)
        .select((mutes::account_id, mutes::target_id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(account, target)| (AccountId(account), AccountId(target)))
        .collect())
}
