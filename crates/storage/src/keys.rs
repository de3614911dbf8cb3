//! Keys of actors. Those of remote accounts are written with the account (see [`crate::accounts`]).

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{ids::AccountId, time::from_millis};

use crate::{
    conn::Conn,
    error::{Result, one_row},
    schema::{account_keys, accounts},
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
    /// PKCS#8 PEM, sealed, of local accounts only. Never leaves the program.
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

/// Private keys of local accounts that begin with `prefix`: ids and texts, at most `limit`.
pub fn list_private_keys(conn: &mut Conn, prefix: &str, limit: i64) -> Result<Vec<(String, String)>> {
    let rows: Vec<(String, Option<String>)> = account_keys::table
        .filter(account_keys::private_key.like(format!("{prefix}%")))
        .select((account_keys::key_uri, account_keys::private_key))
        .limit(limit)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(uri, key)| Some((uri, key?)))
        .collect())
}

/// Writes a private key in another form.
///
/// # Errors
/// `RowCount` if there is no key with this id.
pub fn update_private_key(conn: &mut Conn, uri: &str, private_key: &str) -> Result<()> {
    let rows = diesel::update(account_keys::table.find(uri))
        .set(account_keys::private_key.eq(private_key))
        .execute(conn)?;
    one_row("update private key", rows)
}

/// Puts a new key of a local account in the place of the one with its id.
///
/// # Errors
/// `RowCount` if there is no key with this id.
pub fn update_own_key(conn: &mut Conn, key: &AccountKey, now: DateTime<Utc>) -> Result<()> {
    let rows = diesel::update(account_keys::table.find(&key.uri))
        .filter(account_keys::account_id.eq(key.account_id.0))
        .set((
            account_keys::public_key.eq(&key.public_key),
            account_keys::private_key.eq(&key.private_key),
            account_keys::created_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("update own key", rows)
}

/// Local accounts that have a private key, but none whose id ends with `suffix`; at most `limit`.
pub fn list_accounts_without_key(conn: &mut Conn, suffix: &str, limit: i64) -> Result<Vec<AccountId>> {
    let own = account_keys::table
        .filter(account_keys::account_id.eq(accounts::id))
        .filter(account_keys::private_key.is_not_null());
    let such = own.filter(account_keys::key_uri.like(format!("%{suffix}")));
    let ids: Vec<i64> = accounts::table
        .filter(accounts::domain.eq(""))
        .filter(accounts::deleted_at.is_null())
        .filter(exists(own))
        .filter(not(exists(such)))
        .order(accounts::id)
        .select(accounts::id)
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Removes the key with this id, if there is one.
pub fn delete_key(conn: &mut Conn, uri: &str) -> Result<()> {
    diesel::delete(account_keys::table.find(uri)).execute(conn)?;
    Ok(())
}
