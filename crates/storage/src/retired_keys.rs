//! Private keys of local actors that were replaced, for as long as something is still to be signed with them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::ids::AccountId;

use crate::{
    conn::Conn,
    error::{Result, one_row},
    schema::retired_keys,
};

/// A private key that its actor no longer publishes.
#[derive(Clone)]
pub struct RetiredKey {
    /// Our id of it.
    pub id: i64,
    /// Whose it was; `None`: the instance actor's.
    pub account_id: Option<AccountId>,
    /// Its id on the wire, which the key in its place has too.
    pub key_uri: String,
    /// Sealed. Never leaves the program.
    pub private_key: String,
}

impl std::fmt::Debug for RetiredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RetiredKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Keeps a key that was replaced at `now`.
///
/// # Errors
/// `Conflict` if its id is taken.
pub fn insert_retired_key(conn: &mut Conn, key: &RetiredKey, now: DateTime<Utc>) -> Result<()> {
    let rows = diesel::insert_into(retired_keys::table)
        .values((
            retired_keys::id.eq(key.id),
            retired_keys::account_id.eq(key.account_id.map(|id| id.0)),
            retired_keys::key_uri.eq(&key.key_uri),
            retired_keys::private_key.eq(&key.private_key),
            retired_keys::retired_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert retired key", rows)
}

/// The retired key with this id, if it is still kept.
pub fn find_retired_key(conn: &mut Conn, id: i64) -> Result<Option<RetiredKey>> {
    let row: Option<(i64, Option<i64>, String, String)> = retired_keys::table
        .find(id)
        .select((
            retired_keys::id,
            retired_keys::account_id,
            retired_keys::key_uri,
            retired_keys::private_key,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, account_id, key_uri, private_key)| RetiredKey {
        id,
        account_id: account_id.map(AccountId),
        key_uri,
        private_key,
    }))
}

/// Forgets the keys that were replaced before `before`.
pub fn delete_retired_keys_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    let old = retired_keys::retired_at.lt(before.timestamp_millis());
    Ok(diesel::delete(retired_keys::table.filter(old)).execute(conn)?)
}
