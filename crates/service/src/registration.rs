//! Registration by oneself, through pages or an app, and letting in those who wait for approval.
//!
//! Source: <https://docs.joinmastodon.org/methods/accounts/#create>

use std::net::IpAddr;

use pouet_model::{
    account::{Account, Role, User},
    ids::UserId,
};
use pouet_storage::{accounts as account_rows, users as rows};

use crate::{
    error::{Error, FieldError, Result},
    events::{self, Event},
    instance::Instance,
    settings::RegistrationMode,
    throttle::Bucket,
    users::{self, NewUser},
};

/// What somebody fills in to register.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Name of the account.
    pub username: String,
    /// Address.
    pub email: String,
    /// Password, 8 to 1,024 bytes.
    pub password: String,
    /// They agree to the rules.
    pub agreement: bool,
    /// Language of the browser or app.
    pub locale: String,
    /// Why they want to join; required where registrations are approved.
    pub reason: Option<String>,
    /// Where the client is, as trusted proxies tell it.
    pub ip: IpAddr,
}

/// Makes the account of somebody who registers. Without a mail server addresses count as confirmed; where
/// registrations are approved, the user may not act before somebody has looked at them.
///
/// # Errors
/// `Forbidden` where registrations are closed; `LimitReached`; `Validation` with everything that is wrong.
pub async fn register(instance: &Instance, registration: Registration) -> Result<(User, Account)> {
    let needs_approval = match instance.settings.registrations {
        RegistrationMode::Closed => return Err(Error::Forbidden("This action is not allowed")),
        RegistrationMode::Open => false,
        RegistrationMode::Approval => true,
    };
    instance
        .throttles
        .check(Bucket::SignUp, registration.ip, instance.now())?;
    let reason = registration.reason.filter(|reason| !reason.trim().is_empty());
    let mut more = Vec::new();
    if needs_approval && reason.is_none() {
        more.push(FieldError::new("reason", "ERR_BLANK", "can't be blank"));
    }
    if !registration.agreement {
        more.push(FieldError::new("agreement", "ERR_ACCEPTED", "must be accepted"));
    }
    let new = NewUser {
        username: registration.username,
        email: registration.email,
        password: Some(registration.password),
        role: Role::User,
        confirmed: true,
        approved: !needs_approval,
        locale: registration.locale,
        reason,
    };
    if more.is_empty() {
        return users::create(instance, new).await;
    }
    // All that is wrong is told at once.
    let mut errors = users::problems(instance, &new).await?;
    errors.extend(more);
    Err(Error::Validation(errors))
}

/// Why somebody wanted to join, in their own words, if they said so.
pub async fn reason(instance: &Instance, id: UserId) -> Result<Option<String>> {
    instance
        .read(move |conn| Ok(rows::find_sign_up_reason(conn, id)?))
        .await
}

/// Lets somebody in who waits for approval.
///
/// # Errors
/// `NotFound`; `Conflict` if they do not wait.
pub async fn approve(instance: &Instance, id: UserId) -> Result<()> {
    users::change(instance, id, move |tx| {
        if rows::update_approved(tx, id)? {
            Ok(())
        } else {
            Err(not_waiting())
        }
    })
    .await
}

/// Turns somebody down who waits for approval: login and account are removed, and name and address are free again.
/// No other server has to be told, because accounts that wait are shown to nobody.
///
/// # Errors
/// `NotFound`; `Conflict` if they do not wait.
pub async fn reject(instance: &Instance, id: UserId) -> Result<()> {
    let now = instance.now();
    let events = instance
        .write(move |tx| {
            let account_id = rows::find_user(tx, id)?.ok_or(Error::NotFound)?.account_id;
            let revoked = users::end_access(tx, id, now)?;
            if !rows::delete_waiting_user(tx, id)? {
                return Err(not_waiting());
            }
            account_rows::delete_relations_of(tx, account_id)?;
            account_rows::delete_account(tx, account_id)?;
            let removed = Event::AccountChanged { account_id };
            events::emit(tx, &removed, now)?;
            Ok([revoked, removed])
        })
        .await?;
    for event in events {
        instance.heed(event);
    }
    Ok(())
}

fn not_waiting() -> Error {
    Error::Conflict("the account does not wait for approval")
}
