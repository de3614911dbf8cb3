//! Idempotency keys: which status a repeated request has already posted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::ids::{AccountId, StatusId};

use crate::{conn::Conn, error::Result, schema::idempotency_keys};

/// The status that the account posted with this Idempotency-Key at or after `since`.
pub fn find_idempotent(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
    since: DateTime<Utc>,
) -> Result<Option<StatusId>> {
    let id: Option<i64> = idempotency_keys::table
        .filter(idempotency_keys::account_id.eq(account.0))
        .filter(idempotency_keys::key.eq(key))
        .filter(idempotency_keys::created_at.ge(since.timestamp_millis()))
        .select(idempotency_keys::status_id)
        .first(conn)
        .optional()?;
    Ok(id.map(StatusId))
}

/// Remembers what was posted with an Idempotency-Key, in place of what the same key did long ago.
///
/// # Errors
/// `Conflict` if another transaction has just used the key.
pub fn insert_idempotent(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
    status: StatusId,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::delete(
        idempotency_keys::table
            .filter(idempotency_keys::account_id.eq(account.0))
            .filter(idempotency_keys::key.eq(key))
            .filter(idempotency_keys::created_at.lt((now - chrono::TimeDelta::hours(1)).timestamp_millis())),
    )
    .execute(conn)?;
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::account_id.eq(account.0),
            idempotency_keys::key.eq(key),
            idempotency_keys::status_id.eq(status.0),
            idempotency_keys::created_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets keys used before `before`.
pub fn delete_idempotent_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(before.timestamp_millis()));
    Ok(diesel::delete(old).execute(conn)?)
}
