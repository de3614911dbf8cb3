//! The first start: a link, printed in the terminal, with which the owner makes their account.

use std::net::IpAddr;

use pouet_model::{
    account::{Role, User},
    html::strip_bidi_controls,
};
use pouet_storage::{Conn, settings as setting_rows, users as user_rows};

use crate::{
    error::{Error, FieldError, Result},
    events::{self, Event},
    instance::Instance,
    instance_info::{self, Key},
    secrets,
    throttle::Bucket,
    users::{self, NewUser},
};

/// Setting that holds the stored forms of valid links' tokens, newest last, as a JSON list.
const TOKENS: &str = "setup.tokens";
/// Links that are valid at once: each start prints another one, and earlier ones stay good until one is used.
const MAX_TOKENS: usize = 20;

/// What the owner fills in.
#[derive(Clone, Debug)]
pub struct OwnerSetup {
    /// Name of their account.
    pub username: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Name of the instance; blank leaves the default.
    pub instance_title: String,
    /// Language of the page.
    pub locale: String,
}

/// Whether the instance has an owner.
pub async fn has_owner(instance: &Instance) -> Result<bool> {
    instance
        .read(|conn| Ok(user_rows::find_owner(conn)?.is_some()))
        .await
}

/// A new set-up link, valid until one is used; `None` once there is an owner.
pub async fn link(instance: &Instance) -> Result<Option<String>> {
    let token = secrets::random_token()?;
    let stored = secrets::stored_form(&token);
    let is_needed = instance
        .write(move |tx| {
            if user_rows::find_owner(tx)?.is_some() {
                return Ok(false);
            }
            let mut tokens = valid_tokens(tx)?;
            tokens.push(stored);
            let excess = tokens.len().saturating_sub(MAX_TOKENS);
            tokens.drain(..excess);
            let text = serde_json::to_string(&tokens).map_err(Error::internal)?;
            setting_rows::upsert_setting(tx, TOKENS, &text)?;
            Ok(true)
        })
        .await?;
    Ok(is_needed.then(|| instance.urls().path(&format!("/setup/{token}"))))
}

/// Whether the token of a link is valid, for the page that shows the form.
///
/// # Errors
/// `LimitReached` for whoever tries many.
pub async fn is_valid(instance: &Instance, token: &str, ip: IpAddr) -> Result<bool> {
    instance.throttles.check(Bucket::SetUp, ip, instance.now())?;
    let token = token.to_owned();
    instance.read(move |conn| is_valid_token(conn, &token)).await
}

/// Makes the owner and names the instance. The link is used up; so are all others.
///
/// # Errors
/// `NotFound` if the token is not valid (any more); `Validation` with everything that is wrong with the form;
/// `LimitReached`.
pub async fn complete(instance: &Instance, token: &str, setup: OwnerSetup, ip: IpAddr) -> Result<User> {
    if !is_valid(instance, token, ip).await? {
        return Err(Error::NotFound);
    }
    let title = strip_bidi_controls(setup.instance_title.trim());
    let new = NewUser {
        username: setup.username,
        email: setup.email,
        password: Some(setup.password),
        role: Role::Owner,
        confirmed: true,
        approved: true,
        locale: setup.locale,
        reason: None,
    };
    if let Some(error) = instance_info::check_title(&title) {
        let mut errors = users::problems(instance, &new).await?;
        errors.push(FieldError {
            field: "instance_title",
            ..error
        });
        return Err(Error::Validation(errors));
    }
    let prepared = users::prepare(instance, new).await?;
    let now = instance.now();
    let token = token.to_owned();
    instance
        .write(move |tx| {
            // The row of tokens decides which of two owners is first: it can be removed once.
            if !is_valid_token(tx, &token)? || !setting_rows::delete_setting(tx, TOKENS)? {
                return Err(Error::NotFound);
            }
            let (user, _) = users::insert(tx, &prepared)?;
            if !title.is_empty() {
                setting_rows::upsert_setting(tx, Key::Title.as_str(), &title)?;
            }
            events::emit(tx, &Event::SettingsChanged, now)?;
            Ok(user)
        })
        .await
}

fn valid_tokens(conn: &mut Conn) -> Result<Vec<String>> {
    let text = setting_rows::find_setting(conn, TOKENS)?;
    // Unreadable tokens are no tokens: the next start makes a new link.
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

fn is_valid_token(conn: &mut Conn, token: &str) -> Result<bool> {
    if user_rows::find_owner(conn)?.is_some() {
        return Ok(false);
    }
    let tokens = valid_tokens(conn)?;
    Ok(tokens.iter().any(|stored| secrets::matches(token, stored)))
}
