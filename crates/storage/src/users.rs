//! Users: the logins that own local accounts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    account::{Role, User},
    ids::{AccountId, UserId},
    quote::QuoteChoice,
    status::Visibility,
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result, one_row},
    numbers::insert_user_week,
    schema::{accounts, users},
};

/// Has other transactions that call this for the same account wait for the end of this one: whoever counts what a
/// user has and adds to it calls it first, so that two at a time do not pass a limit together. On SQLite writes come
/// one after the other anyway.
pub fn lock_user_of(conn: &mut Conn, account: AccountId) -> Result<()> {
    if let Conn::Postgres(conn) = conn {
        // Rows that refer to the user may be added meanwhile.
        let _: Option<i64> = users::table
            .filter(users::account_id.eq(account.0))
            .select(users::id)
            .for_no_key_update()
            .first(conn)
            .optional()?;
    }
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: i64,
    account_id: i64,
    email: String,
    role: String,
    confirmed_at: Option<i64>,
    approved: bool,
    disabled_at: Option<i64>,
    locale: String,
    default_visibility: String,
    default_sensitive: bool,
    default_language: Option<String>,
    default_quote_policy: String,
    created_at: i64,
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "users",
            column,
            id: row.id,
        };
        Ok(Self {
            id: UserId(row.id),
            account_id: AccountId(row.account_id),
            email: row.email,
            role: Role::parse(&row.role).ok_or_else(|| unreadable("role"))?,
            confirmed_at: row.confirmed_at.map(from_millis),
            approved: row.approved,
            disabled_at: row.disabled_at.map(from_millis),
            locale: row.locale,
            default_visibility: Visibility::parse(&row.default_visibility)
                .ok_or_else(|| unreadable("default_visibility"))?,
            default_sensitive: row.default_sensitive,
            default_language: row.default_language,
            default_quote_policy: QuoteChoice::parse(&row.default_quote_policy)
                .ok_or_else(|| unreadable("default_quote_policy"))?,
            created_at: from_millis(row.created_at),
        })
    }
}

/// What is stored of a new user beside the user itself.
#[derive(Clone, Debug)]
pub struct NewUserRow<'a> {
    /// The user.
    pub user: &'a User,
    /// PHC string of the password; `None`: nobody can sign in with one.
    pub password_hash: Option<&'a str>,
    /// Why they want to join, where somebody approves registrations.
    pub sign_up_reason: Option<&'a str>,
}

/// The form in which addresses are compared.
fn fold(email: &str) -> String {
    email.to_lowercase()
}

/// Adds a user.
///
/// # Errors
/// `Conflict` if the address is taken or the account has a user.
pub fn insert_user(conn: &mut Conn, new: &NewUserRow<'_>) -> Result<()> {
    let user = new.user;
    let rows = diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.0),
            users::account_id.eq(user.account_id.0),
            users::email.eq(&user.email),
            users::email_folded.eq(fold(&user.email)),
            users::password_hash.eq(new.password_hash),
            users::role.eq(user.role.as_str()),
            users::confirmed_at.eq(user.confirmed_at.map(|at| at.timestamp_millis())),
            users::approved.eq(user.approved),
            users::disabled_at.eq(user.disabled_at.map(|at| at.timestamp_millis())),
            users::sign_up_reason.eq(new.sign_up_reason),
            users::locale.eq(&user.locale),
            users::default_visibility.eq(user.default_visibility.as_str()),
            users::default_sensitive.eq(user.default_sensitive),
            users::default_language.eq(&user.default_language),
            users::default_quote_policy.eq(user.default_quote_policy.as_str()),
            users::created_at.eq(user.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert user", rows)
}

/// The user with this id.
pub fn find_user(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    users::table
        .find(id.0)
        .select(UserRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// The user who owns an account.
pub fn find_user_of(conn: &mut Conn, account: AccountId) -> Result<Option<User>> {
    users::table
        .filter(users::account_id.eq(account.0))
        .select(UserRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// The user with this address, in any case, or with this user name, and the hash of their password.
pub fn find_login(conn: &mut Conn, login: &str) -> Result<Option<(User, Option<String>)>> {
    let folded = fold(login.trim());
    let query = users::table.inner_join(accounts::table.on(accounts::id.eq(users::account_id)));
    let columns = (UserRow::as_select(), users::password_hash);
    let found: Option<(UserRow, Option<String>)> = if folded.contains('@') {
        query
            .filter(users::email_folded.eq(folded))
            .select(columns)
            .first(conn)
            .optional()?
    } else {
        query
            .filter(accounts::username_folded.eq(folded))
            .filter(accounts::domain.eq(""))
            .select(columns)
            .first(conn)
            .optional()?
    };
    found.map(|(row, hash)| Ok((row.try_into()?, hash))).transpose()
}

/// Whether an address has a user.
pub fn is_email_taken(conn: &mut Conn, email: &str) -> Result<bool> {
    let count: i64 = users::table
        .filter(users::email_folded.eq(fold(email)))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// All users, oldest first.
pub fn list_users(conn: &mut Conn) -> Result<Vec<User>> {
    let rows: Vec<UserRow> = users::table
        .order(users::id)
        .select(UserRow::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The first owner of the instance, if it has one.
pub fn find_owner(conn: &mut Conn) -> Result<Option<User>> {
    users::table
        .filter(users::role.eq(Role::Owner.as_str()))
        .order(users::id)
        .select(UserRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// Sets a password by its PHC string.
pub fn update_password(conn: &mut Conn, id: UserId, hash: &str) -> Result<()> {
    let rows = diesel::update(users::table.find(id.0))
        .set(users::password_hash.eq(hash))
        .execute(conn)?;
    one_row("update password", rows)
}

/// Switches a login off (since then) or on.
pub fn update_disabled(conn: &mut Conn, id: UserId, at: Option<DateTime<Utc>>) -> Result<()> {
    let rows = diesel::update(users::table.find(id.0))
        .set(users::disabled_at.eq(at.map(|at| at.timestamp_millis())))
        .execute(conn)?;
    one_row("update disabled_at", rows)
}

/// Lets a user in who waited for approval; false if they do not wait.
pub fn update_approved(conn: &mut Conn, id: UserId) -> Result<bool> {
    let waiting = users::table.find(id.0).filter(users::approved.eq(false));
    let rows = diesel::update(waiting)
        .set(users::approved.eq(true))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Removes a user who waits for approval; false if they do not wait.
pub fn delete_waiting_user(conn: &mut Conn, id: UserId) -> Result<bool> {
    let waiting = users::table.find(id.0).filter(users::approved.eq(false));
    Ok(diesel::delete(waiting).execute(conn)? == 1)
}

/// Why a user wanted to join, if they said so.
pub fn find_sign_up_reason(conn: &mut Conn, id: UserId) -> Result<Option<String>> {
    let reason: Option<Option<String>> = users::table
        .find(id.0)
        .select(users::sign_up_reason)
        .first(conn)
        .optional()?;
    Ok(reason.flatten())
}

/// What a user's new statuses are like where the client says nothing; `None` leaves a value as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PostingDefaults<'a> {
    /// Who sees them.
    pub visibility: Option<Visibility>,
    /// Their media are hidden.
    pub sensitive: Option<bool>,
    /// Their language; `Some(None)` removes it.
    pub language: Option<Option<&'a str>>,
    /// Who may quote them.
    pub quote_policy: Option<QuoteChoice>,
}

/// Changes what a user's new statuses are like.
pub fn update_posting_defaults(conn: &mut Conn, id: UserId, defaults: PostingDefaults<'_>) -> Result<()> {
    if let Some(visibility) = defaults.visibility {
        diesel::update(users::table.find(id.0))
            .set(users::default_visibility.eq(visibility.as_str()))
            .execute(conn)?;
    }
    if let Some(sensitive) = defaults.sensitive {
        diesel::update(users::table.find(id.0))
            .set(users::default_sensitive.eq(sensitive))
            .execute(conn)?;
    }
    if let Some(language) = defaults.language {
        diesel::update(users::table.find(id.0))
            .set(users::default_language.eq(language))
            .execute(conn)?;
    }
    if let Some(choice) = defaults.quote_policy {
        diesel::update(users::table.find(id.0))
            .set(users::default_quote_policy.eq(choice.as_str()))
            .execute(conn)?;
    }
    Ok(())
}

/// Notes that a user is active.
pub fn update_last_active(conn: &mut Conn, id: UserId, now: DateTime<Utc>) -> Result<()> {
    insert_user_week(conn, id, now)?;
    diesel::update(users::table.find(id.0))
        .set(users::last_active_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(())
}

/// Removes a user with sessions, tokens and codes.
pub fn delete_user(conn: &mut Conn, id: UserId) -> Result<()> {
    let rows = diesel::delete(users::table.find(id.0)).execute(conn)?;
    one_row("delete user", rows)
}

/// How many users there are, and how many were active since two points in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct UserCounts {
    /// Users who may use the instance.
    pub users: i64,
    /// Those active within 30 days.
    pub active_month: i64,
    /// Those active within 180 days.
    pub active_halfyear: i64,
    /// Statuses of local accounts.
    pub statuses: i64,
}

/// Counts users and their statuses for instance documents.
pub fn count_users(conn: &mut Conn, month: DateTime<Utc>, halfyear: DateTime<Utc>) -> Result<UserCounts> {
    let rows: Vec<(Option<i64>, i64)> = users::table
        .inner_join(accounts::table.on(accounts::id.eq(users::account_id)))
        .filter(users::approved.eq(true))
        .filter(users::confirmed_at.is_not_null())
        .filter(users::disabled_at.is_null())
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .select((users::last_active_at, accounts::statuses_count))
        .load(conn)?;
    let active_since = |time: DateTime<Utc>| {
        rows.iter()
            .filter(|(active, _)| active.is_some_and(|at| at >= time.timestamp_millis()))
            .count() as i64
    };
    Ok(UserCounts {
        users: rows.len() as i64,
        active_month: active_since(month),
        active_halfyear: active_since(halfyear),
        statuses: rows.iter().map(|(_, statuses)| statuses).sum(),
    })
}

/// Number of other domains that accounts are known of.
pub fn count_domains(conn: &mut Conn) -> Result<i64> {
    let count: i64 = accounts::table
        .filter(accounts::domain.ne(""))
        .select(diesel::dsl::count(accounts::domain).aggregate_distinct())
        .first(conn)?;
    Ok(count)
}
