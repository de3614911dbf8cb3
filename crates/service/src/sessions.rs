//! Browser sessions of the pages (rule R075). The client API knows tokens only.

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    ids::UserId,
};
use pouet_storage::{accounts as account_rows, sessions as rows, users as user_rows};

use crate::{error::Result, instance::Instance, secrets};

/// A session that was not seen for so long is over.
pub const IDLE: TimeDelta = TimeDelta::days(14);
/// The time of last use is written at most once in this time.
const TOUCH_EVERY: TimeDelta = TimeDelta::hours(1);

/// A session that was just begun. The token is told here and nowhere else.
#[derive(Clone)]
pub struct NewSession {
    /// Value of the cookie.
    pub token: String,
    /// What forms carry to prove that they are ours.
    pub csrf: String,
}

/// Who a browser is signed in as.
#[derive(Clone, Debug)]
pub struct Session {
    /// The user.
    pub user: User,
    /// Their account.
    pub account: Account,
    /// What forms carry to prove that they are ours.
    pub csrf: String,
}

/// Begins a session; called at each sign-in, so that an id from before it is worth nothing.
pub async fn create(instance: &Instance, user: UserId) -> Result<NewSession> {
    let now = instance.now();
    let session = NewSession {
        token: secrets::random_token()?,
        csrf: secrets::random_token()?,
    };
    let (hash, csrf) = (secrets::stored_form(&session.token), session.csrf.clone());
    instance
        .write(move |tx| {
            rows::insert_session(tx, &hash, user, &csrf, now)?;
            Ok(user_rows::update_last_active(tx, user, now)?)
        })
        .await?;
    Ok(session)
}

/// Who a cookie's value belongs to; `None` if the session is over or the user may not act.
pub async fn find(instance: &Instance, token: &str) -> Result<Option<Session>> {
    let now = instance.now();
    let hash = secrets::stored_form(token);
    let key = hash.clone();
    let found = instance
        .read(move |conn| {
            let Some(row) = rows::find_session(conn, &key)? else {
                return Ok(None);
            };
            let Some(user) = user_rows::find_user(conn, row.user_id)? else {
                return Ok(None);
            };
            let account = account_rows::find_account(conn, user.account_id)?;
            Ok(account.map(|account| (row, user, account)))
        })
        .await?;
    let Some((row, user, account)) = found else {
        return Ok(None);
    };
    if now - row.last_used_at > IDLE || user.inactive(&account).is_some() {
        return Ok(None);
    }
    if now - row.last_used_at > TOUCH_EVERY {
        let user = user.id;
        instance
            .write_beside(move |tx| {
                rows::update_session_used(tx, &hash, now)?;
                Ok(user_rows::update_last_active(tx, user, now)?)
            })
            .await;
    }
    Ok(Some(Session {
        user,
        account,
        csrf: row.csrf_secret,
    }))
}

/// Ends a session; nothing happens if there is none.
pub async fn delete(instance: &Instance, token: &str) -> Result<()> {
    let hash = secrets::stored_form(token);
    instance
        .write(move |tx| Ok(rows::delete_session(tx, &hash)?))
        .await
}

/// Removes sessions that are over.
pub async fn prune(instance: &Instance) -> Result<()> {
    let before = instance.now() - IDLE;
    instance
        .write(move |tx| Ok(rows::delete_sessions_before(tx, before).map(drop)?))
        .await
}

/// A secret for the forms of a visitor without a session, to be kept in a cookie of theirs.
///
/// # Errors
/// `Internal` if no randomness can be had.
pub fn form_secret() -> Result<String> {
    secrets::random_token()
}
