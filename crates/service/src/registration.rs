//! Registration by oneself, through pages or an app.
//!
//! Source: <https://docs.joinmastodon.org/methods/accounts/#create>

use std::net::IpAddr;

use pouet_model::account::{Account, Role, User};

use crate::{
    error::{Error, FieldError, Result},
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
