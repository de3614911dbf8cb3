//! Accounts that accounts show on their profiles.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, RelationId},
    page::Page,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    paging::relation_page,
    schema::{accounts, endorsements},
};

/// Shows an account on a profile; nothing happens if it is there already.
pub fn insert_endorsement(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    target: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    let values = (
        endorsements::id.eq(id.0),
        endorsements::account_id.eq(account.0),
        endorsements::target_id.eq(target.0),
        endorsements::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(endorsements::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Takes an account off a profile.
pub fn delete_endorsement(conn: &mut Conn, account: AccountId, target: AccountId) -> Result<()> {
    let row = endorsements::table
        .filter(endorsements::account_id.eq(account.0))
        .filter(endorsements::target_id.eq(target.0));
    diesel::delete(row).execute(conn)?;
    Ok(())
}

/// Accounts that an account shows, by page: keys and ids.
pub fn list_endorsements(conn: &mut Conn, account: AccountId, page: &Page) -> Result<Vec<(i64, AccountId)>> {
    let query = endorsements::table
        .inner_join(accounts::table.on(accounts::id.eq(endorsements::target_id)))
        .filter(endorsements::account_id.eq(account.0))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((endorsements::id, endorsements::target_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = relation_page!(conn, page, query, endorsements::id);
    Ok(rows.into_iter().map(|(key, id)| (key, AccountId(id))).collect())
}

/// Which of `others` the account shows.
pub fn load_endorsed(
    conn: &mut Conn,
    account: AccountId,
    others: &[AccountId],
) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(others) {
        let rows: Vec<i64> = endorsements::table
            .filter(endorsements::account_id.eq(account.0))
            .filter(among(endorsements::target_id, chunk))
            .select(endorsements::target_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(AccountId));
    }
    Ok(found)
}
