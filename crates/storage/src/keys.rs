//! Keys of actors. Those of remote accounts are written with the account (see [`crate::accounts`]).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{ids::AccountId, time::from_millis};

use crate::{
    conn::Conn,
    error::{Result, one_row},
    schema::account_keys,
};

/// A key of an actor.
#[derive(Clone)]
pub struct AccountKey {
    /// Its id on the wire.
    pub uri: String,
    /// Whose it is.
    pub account_id: AccountId,
    /// PEM or multibase text.
    pub public_key: String,
    /// PKCS#8 PEM, of local accounts only. Never leaves the program.
    pub private_key: Option<String>,
    /// When it was last fetched again because a signature did not match.
    pub refetched_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountKey")
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = account_keys)]
struct KeyRow {
    key_uri: String,
    account_id: i64,
    public_key: String,
    private_key: Option<String>,
    refetched_at: Option<i64>,
}

impl From<KeyRow> for AccountKey {
    fn from(row: KeyRow) -> Self {
        Self {
            uri: row.key_uri,
            account_id: AccountId(row.account_id),
            public_key: row.public_key,
            private_key: row.private_key,
            refetched_at: row.refetched_at.map(from_millis),
        }
    }
}

/// Adds a key.
///
/// # Errors
/// `Conflict` if its id is taken.
pub fn insert_key(conn: &mut Conn, key: &AccountKey, now: DateTime<Utc>) -> Result<()> {
    let rows = diesel::insert_into(account_keys::table)
        .values((
            account_keys::key_uri.eq(&key.uri),
            account_keys::account_id.eq(key.account_id.0),
            account_keys::public_key.eq(&key.public_key),
            account_keys::private_key.eq(&key.private_key),
            account_keys::refetched_at.eq(key.refetched_at.map(|at| at.timestamp_millis())),
            account_keys::created_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert key", rows)
}

/// The key with this id.
pub fn find_key(conn: &mut Conn, uri: &str) -> Result<Option<AccountKey>> {
    Ok(account_keys::table
        .find(uri)
        .select(KeyRow::as_select())
        .first(conn)
        .optional()?
        .map(Into::into))
}

/// The keys of an account, oldest first.
pub fn list_keys(conn: &mut Conn, account: AccountId) -> Result<Vec<AccountKey>> {
    let rows: Vec<KeyRow> = account_keys::table
        .filter(account_keys::account_id.eq(account.0))
        .order((account_keys::created_at, account_keys::key_uri))
        .select(KeyRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Notes that an account's keys were fetched again, so that bad signatures cannot make us do it all the time.
pub fn update_refetched(conn: &mut Conn, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(account_keys::table.filter(account_keys::account_id.eq(account.0)))
        .set(account_keys::refetched_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(())
}
