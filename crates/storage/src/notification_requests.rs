//! Accounts whose messages are held back until their recipient decides.
//!
//! A request of which nothing is held back any more (the messages were deleted) is as good as gone.

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use pouet_model::{
    ids::{AccountId, RelationId},
    page::Page,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    notifications::message_names,
    paging::relation_page,
    schema::{accounts, notification_requests as requests, notifications},
};

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestRow {
    /// Our id.
    pub id: RelationId,
    /// Whose messages are held back.
    pub from_account_id: AccountId,
    /// When the first came.
    pub created_at: DateTime<Utc>,
    /// When the newest came.
    pub updated_at: DateTime<Utc>,
}

type Columns = (i64, i64, i64, i64);

impl From<Columns> for RequestRow {
    fn from((id, from_account_id, created_at, updated_at): Columns) -> Self {
        Self {
            id: RelationId(id),
            from_account_id: AccountId(from_account_id),
            created_at: from_millis(created_at),
            updated_at: from_millis(updated_at),
        }
    }
}

macro_rules! columns {
    () => {
        (
            requests::id,
            requests::from_account_id,
            requests::created_at,
            requests::updated_at,
        )
    };
}

/// The requests of `$owner` of which something is held back.
macro_rules! open {
    ($owner:expr) => {
        requests::table
            .filter(requests::account_id.eq($owner.0))
            .filter(exists(
                notifications::table
                    .filter(notifications::account_id.eq($owner.0))
                    .filter(notifications::from_account_id.eq(requests::from_account_id))
                    .filter(notifications::filtered.eq(true))
                    .filter(notifications::kind.eq_any(message_names())),
            ))
    };
}

/// Notes that a message of `from` is held back for `owner`.
pub fn touch_request(conn: &mut Conn, owner: AccountId, from: AccountId, now: DateTime<Utc>) -> Result<()> {
    let now = now.timestamp_millis();
    let values = (
        requests::account_id.eq(owner.0),
        requests::from_account_id.eq(from.0),
        requests::created_at.eq(now),
        requests::updated_at.eq(now),
    );
    each_backend!(conn, conn => diesel::insert_into(requests::table)
        .values(values)
        .on_conflict((requests::account_id, requests::from_account_id))
        .do_update()
        .set(requests::updated_at.eq(now))
        .execute(conn)?);
    Ok(())
}

/// Requests of an account by page, last made first.
pub fn list_requests(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<RequestRow>> {
    let query = open!(owner).select(columns!()).into_boxed();
    let found: Vec<Columns> = relation_page!(conn, page, query, requests::id);
    Ok(found.into_iter().map(Into::into).collect())
}

/// Those of these requests that are the owner's.
pub fn load_requests(conn: &mut Conn, owner: AccountId, ids: &[RelationId]) -> Result<Vec<RequestRow>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<Columns> = open!(owner)
            .filter(among(requests::id, chunk))
            .select(columns!())
            .load(conn)?;
        found.extend(rows.into_iter().map(RequestRow::from));
    }
    Ok(found)
}

/// How many requests an account has, and how many messages are held back with them; both counted over the `limit`
/// requests made last.
pub fn count_requests(conn: &mut Conn, owner: AccountId, limit: i64) -> Result<(i64, i64)> {
    let senders: Vec<i64> = open!(owner)
        .order(requests::id.desc())
        .limit(limit)
        .select(requests::from_account_id)
        .load(conn)?;
    let senders: Vec<AccountId> = senders.into_iter().map(AccountId).collect();
    let held = crate::notifications::load_held(conn, owner, &senders)?;
    let requests = i64::try_from(senders.len()).unwrap_or(limit);
    Ok((requests, held.into_values().map(|held| held.count).sum()))
}

/// Removes the requests about accounts of exactly this domain.
pub fn delete_requests_of_domain(conn: &mut Conn, owner: AccountId, domain: &str) -> Result<()> {
    let its = accounts::table
        .filter(accounts::domain.eq(domain))
        .select(accounts::id);
    diesel::delete(
        requests::table
            .filter(requests::account_id.eq(owner.0))
            .filter(requests::from_account_id.eq_any(its)),
    )
    .execute(conn)?;
    Ok(())
}

/// Removes the request about `from`, if there is one.
pub fn delete_request(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<()> {
    diesel::delete(
        requests::table
            .filter(requests::account_id.eq(owner.0))
            .filter(requests::from_account_id.eq(from.0)),
    )
    .execute(conn)?;
    Ok(())
}
