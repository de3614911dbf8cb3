//! Users: making them, signing them in, and ending what they may do.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::{Account, Inactive, Role, User},
    domain::{is_reserved_username, is_valid_local_username},
    ids::{AccountId, UserId},
    quote::QuoteChoice,
    status::Visibility,
};
use pouet_storage::{
    Conn,
    accounts::{self as account_rows, NewLocalAccount},
    keys::{self as key_rows, AccountKey},
    oauth as oauth_rows, sessions as session_rows,
    users::{self as rows, NewUserRow},
};

use crate::{
    error::{Error, FieldError, Result},
    events::{self, Event},
    instance::Instance,
    passwords, signing_keys,
    throttle::Bucket,
};

/// Languages that pages and mails exist in; the first is the default.
pub const LOCALES: [&str; 2] = ["en", "fr"];
/// Longest e-mail address, bytes.
const MAX_EMAIL_BYTES: usize = 254;
/// Longest reason of a registration, characters.
const MAX_REASON_CHARS: usize = 2000;

/// What a user is made from.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Name of the account.
    pub username: String,
    /// Address.
    pub email: String,
    /// `None`: nobody can sign in with a password yet.
    pub password: Option<String>,
    /// Privileges.
    pub role: Role,
    /// The address needs no confirmation.
    pub confirmed: bool,
    /// Nobody has to look at it.
    pub approved: bool,
    /// Language of pages, as a browser or app names it; unknown ones count as English.
    pub locale: String,
    /// Why they want to join.
    pub reason: Option<String>,
}

/// A user whose rows can be inserted: checked, with hash and keys made.
pub(crate) struct PreparedUser {
    pub(crate) user: User,
    account: NewLocalAccount,
    password_hash: Option<String>,
    reason: Option<String>,
    keys: Vec<AccountKey>,
}

/// Makes a user with their account and keys.
///
/// # Errors
/// `Validation` with everything that is wrong with name, address, password and reason; `LimitReached` while too
/// many passwords are hashed.
pub async fn create(instance: &Instance, new: NewUser) -> Result<(User, Account)> {
    let prepared = prepare(instance, new).await?;
    let (username, email) = (prepared.account.username.clone(), prepared.user.email.clone());
    let created = instance.write(move |tx| insert(tx, &prepared)).await;
    match created {
        // Somebody was faster than the check: say which of the two is taken.
        Err(Error::Conflict(_)) => Err(Error::Validation(taken(instance, username, email).await?)),
        other => other,
    }
}

/// Checks and makes everything about a new user that takes time, before any transaction.
pub(crate) async fn prepare(instance: &Instance, new: NewUser) -> Result<PreparedUser> {
    let errors = problems(instance, &new).await?;
    if !errors.is_empty() {
        return Err(Error::Validation(errors));
    }
    let password_hash = match &new.password {
        Some(password) => Some(instance.passwords.hash(password).await?),
        None => None,
    };
    let now = instance.now();
    let account_id: AccountId = instance.next_id();
    let keys = signing_keys::make(instance, account_id).await?;
    Ok(PreparedUser {
        user: User {
            id: instance.next_id(),
            account_id,
            email: new.email.trim().to_owned(),
            role: new.role,
            confirmed_at: new.confirmed.then_some(now),
            approved: new.approved,
            disabled_at: None,
            locale: supported_locale(&new.locale).to_owned(),
            default_visibility: Visibility::Public,
            default_sensitive: false,
            default_language: None,
            default_quote_policy: QuoteChoice::default(),
            created_at: now,
        },
        account: NewLocalAccount {
            id: account_id,
            username: new.username,
            created_at: now,
            locked: false,
            discoverable: true,
            indexable: false,
        },
        password_hash,
        reason: new.reason,
        keys,
    })
}

/// Inserts a prepared user with account and keys.
pub(crate) fn insert(tx: &mut Conn, new: &PreparedUser) -> Result<(User, Account)> {
    let now = new.user.created_at;
    account_rows::insert_local_account(tx, &new.account)?;
    for key in &new.keys {
        key_rows::insert_key(tx, key, now)?;
    }
    let row = NewUserRow {
        user: &new.user,
        password_hash: new.password_hash.as_deref(),
        sign_up_reason: new.reason.as_deref(),
    };
    rows::insert_user(tx, &row)?;
    let account = account_rows::find_account(tx, new.account.id)?.ok_or(Error::NotFound)?;
    Ok((new.user.clone(), account))
}

/// Everything that is wrong with a new user.
pub(crate) async fn problems(instance: &Instance, new: &NewUser) -> Result<Vec<FieldError>> {
    let mut errors = check(instance, new);
    let taken = taken(instance, new.username.clone(), new.email.clone()).await?;
    // A name that is wrong in itself is not called taken as well.
    let is_new = |error: &FieldError| !errors.iter().any(|known| known.field == error.field);
    let taken: Vec<_> = taken.into_iter().filter(is_new).collect();
    errors.extend(taken);
    Ok(errors)
}

/// What is wrong with a new user, as far as it can be told without the database.
fn check(instance: &Instance, new: &NewUser) -> Vec<FieldError> {
    let about = [&new.username, &new.email, instance.urls().handle_domain()];
    let password = new.password.as_deref();
    let reason = new.reason.as_deref().unwrap_or_default();
    let too_long = (reason.chars().count() > MAX_REASON_CHARS).then(|| {
        let description = format!("is too long (maximum is {MAX_REASON_CHARS} characters)");
        FieldError::new("reason", "ERR_TOO_LONG", description)
    });
    check_username(&new.username)
        .into_iter()
        .chain(check_email(&new.email))
        .chain(password.and_then(|password| passwords::check(password, &about)))
        .chain(too_long)
        .collect()
}

fn check_username(username: &str) -> Option<FieldError> {
    let (code, description) = if username.is_empty() {
        ("ERR_BLANK", "can't be blank")
    } else if username.chars().count() > 30 {
        ("ERR_TOO_LONG", "is too long (maximum is 30 characters)")
    } else if !is_valid_local_username(username) {
        (
            "ERR_INVALID",
            "must contain only letters, numbers and underscores",
        )
    } else if is_reserved_username(username) {
        ("ERR_RESERVED", "is reserved")
    } else {
        return None;
    };
    Some(FieldError::new("username", code, description))
}

/// What is wrong with an address; the error is of field `email`.
pub(crate) fn check_email(email: &str) -> Option<FieldError> {
    let email = email.trim();
    let (code, description) = if email.is_empty() {
        ("ERR_BLANK", "can't be blank")
    } else if !is_plausible_email(email) {
        ("ERR_INVALID", "is not a valid e-mail address")
    } else {
        return None;
    };
    Some(FieldError::new("email", code, description))
}

/// Whether mail could be sent to this address: only sending some would tell.
fn is_plausible_email(email: &str) -> bool {
    let Some((local, domain)) = email.split_once('@') else {
        return false;
    };
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
    email.len() <= MAX_EMAIL_BYTES
        && (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !email.contains(is_odd)
        && !domain.contains('@')
        && (domain.contains('.') || domain == "localhost")
        && domain.split('.').all(|label| !label.is_empty())
        && idna::domain_to_ascii(domain).is_ok()
}

/// Which of name and address belong to somebody. Names of deleted accounts are never given again (R080).
async fn taken(instance: &Instance, username: String, email: String) -> Result<Vec<FieldError>> {
    instance
        .read(move |conn| {
            let mut errors = Vec::new();
            if account_rows::find_local_account(conn, &username)?.is_some() {
                errors.push("username");
            }
            if rows::is_email_taken(conn, email.trim())? {
                errors.push("email");
            }
            let taken = |field| FieldError::new(field, "ERR_TAKEN", "has already been taken");
            Ok(errors.into_iter().map(taken).collect())
        })
        .await
}

/// The language of [`LOCALES`] that a language tag such as `fr-CA` means; English if none.
pub fn supported_locale(tag: &str) -> &'static str {
    let language = tag.split(['-', '_']).next().unwrap_or_default();
    LOCALES
        .into_iter()
        .find(|locale| locale.eq_ignore_ascii_case(language))
        .unwrap_or(LOCALES[0])
}

/// What the client API tells a user who may not act.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#create>
pub fn inactive_text(inactive: Inactive) -> &'static str {
    match inactive {
        Inactive::Unconfirmed => "Your login is missing a confirmed e-mail address",
        Inactive::Pending => "Your login is currently pending approval",
        Inactive::Disabled | Inactive::Suspended => "Your login is currently disabled",
    }
}

/// Checks a password. `login` is an address or a user name; `ip` is the client's own, as trusted proxies tell it.
///
/// The answer and the work are the same whether the user exists or not (R072). Ten wrong passwords in 15 minutes
/// close the account's door for a while (R073).
///
/// # Errors
/// `Unauthorized` if it is wrong; `LimitReached`; `Forbidden` with [`inactive_text`] if it is right but the user
/// may not act.
pub async fn sign_in(instance: &Instance, login: &str, password: &str, ip: IpAddr) -> Result<User> {
    let now = instance.now();
    instance.throttles.check(Bucket::SignIn, ip, now)?;
    let login = login.trim().to_lowercase();
    let name = login.clone();
    let found = instance
        .read(move |conn| {
            let Some((user, hash)) = rows::find_login(conn, &name)? else {
                return Ok(None);
            };
            let account = account_rows::find_account(conn, user.account_id)?.ok_or(Error::NotFound)?;
            Ok(Some((user, account, hash)))
        })
        .await?;
    // Address and user name of one user share their attempts.
    let key = match &found {
        Some((user, _, _)) => format!("user {}", user.id),
        None => format!("login {}", &login[..login.floor_char_boundary(MAX_EMAIL_BYTES)]),
    };
    instance.throttles.attempt(&key, now)?;
    let hash = found.as_ref().and_then(|(_, _, hash)| hash.as_deref());
    let is_right = instance.passwords.verify(password, hash).await?;
    match found {
        Some((user, account, _)) if is_right => {
            instance.throttles.forgive(&key);
            match user.inactive(&account) {
                None => Ok(user),
                Some(inactive) => Err(Error::Forbidden(inactive_text(inactive))),
            }
        }
        _ => Err(Error::Unauthorized("invalid login or password")),
    }
}

/// The user and their account.
pub async fn find(instance: &Instance, id: UserId) -> Result<Option<(User, Account)>> {
    instance
        .read(move |conn| with_account(conn, |conn| Ok(rows::find_user(conn, id)?)))
        .await
}

/// The user who owns an account.
pub async fn find_by_account(instance: &Instance, account: AccountId) -> Result<Option<User>> {
    instance
        .read(move |conn| Ok(rows::find_user_of(conn, account)?))
        .await
}

/// The user of this name, in any case; also while they wait for approval.
pub async fn find_by_name(instance: &Instance, username: &str) -> Result<Option<(User, Account)>> {
    let username = username.to_owned();
    instance
        .read(move |conn| {
            with_account(conn, |conn| {
                let Some(account) = account_rows::find_local_account(conn, &username)? else {
                    return Ok(None);
                };
                Ok(rows::find_user_of(conn, account.id)?)
            })
        })
        .await
}

/// The user with this address or user name, in any case.
pub async fn find_by_login(instance: &Instance, login: &str) -> Result<Option<(User, Account)>> {
    let login = login.to_owned();
    instance
        .read(move |conn| {
            with_account(conn, |conn| {
                Ok(rows::find_login(conn, &login)?.map(|(user, _)| user))
            })
        })
        .await
}

fn with_account(
    conn: &mut Conn,
    find: impl FnOnce(&mut Conn) -> Result<Option<User>>,
) -> Result<Option<(User, Account)>> {
    let Some(user) = find(conn)? else { return Ok(None) };
    let account = account_rows::find_account(conn, user.account_id)?.ok_or(Error::NotFound)?;
    Ok(Some((user, account)))
}

/// All users with their accounts, oldest first.
pub async fn list(instance: &Instance) -> Result<Vec<(User, Account)>> {
    instance
        .read(|conn| {
            let users = rows::list_users(conn)?;
            let ids: Vec<AccountId> = users.iter().map(|user| user.account_id).collect();
            let mut accounts: std::collections::HashMap<_, _> = account_rows::load_accounts(conn, &ids)?
                .into_iter()
                .map(|account| (account.id, account))
                .collect();
            let joined = users
                .into_iter()
                .filter_map(|user| accounts.remove(&user.account_id).map(|account| (user, account)));
            Ok(joined.collect())
        })
        .await
}

/// Gives a user a new password and ends all their sessions and tokens (R067).
///
/// # Errors
/// `Validation` if the password is too short, too long or too easy to guess; `NotFound`.
pub async fn set_password(instance: &Instance, id: UserId, password: &str) -> Result<()> {
    let (user, account) = find(instance, id).await?.ok_or(Error::NotFound)?;
    let about = [&account.username, &user.email, instance.urls().handle_domain()];
    if let Some(error) = passwords::check(password, &about) {
        return Err(Error::Validation(vec![error]));
    }
    let hash = instance.passwords.hash(password).await?;
    change_and_end_access(instance, id, move |tx| Ok(rows::update_password(tx, id, &hash)?)).await
}

/// Switches a login off; its sessions and tokens end (R067).
///
/// # Errors
/// `NotFound`.
pub async fn disable(instance: &Instance, id: UserId) -> Result<()> {
    let now = instance.now();
    change_and_end_access(instance, id, move |tx| {
        Ok(rows::update_disabled(tx, id, Some(now))?)
    })
    .await
}

/// Switches a login on again; it needs a new sign-in.
///
/// # Errors
/// `NotFound`.
pub async fn enable(instance: &Instance, id: UserId) -> Result<()> {
    change(instance, id, move |tx| Ok(rows::update_disabled(tx, id, None)?)).await
}

/// Changes a user and tells every process, so that what they may do counts from then on.
pub(crate) async fn change(
    instance: &Instance,
    id: UserId,
    act: impl FnOnce(&mut Conn) -> Result<()> + Send + 'static,
) -> Result<()> {
    let now = instance.now();
    let event = instance
        .write(move |tx| {
            let user = rows::find_user(tx, id)?.ok_or(Error::NotFound)?;
            act(tx)?;
            let event = Event::AccountChanged {
                account_id: user.account_id,
            };
            events::emit(tx, &event, now)?;
            Ok(event)
        })
        .await?;
    instance.heed(event);
    Ok(())
}

async fn change_and_end_access(
    instance: &Instance,
    id: UserId,
    act: impl FnOnce(&mut Conn) -> Result<()> + Send + 'static,
) -> Result<()> {
    let now = instance.now();
    let event = instance
        .write(move |tx| {
            rows::find_user(tx, id)?.ok_or(Error::NotFound)?;
            act(tx)?;
            end_access(tx, id, now)
        })
        .await?;
    instance.heed(event);
    Ok(())
}

/// Ends every session, token and code of a user in the transaction of what makes it necessary, and emits the event
/// that ends their streams; pass it to [`Instance::heed`] after the commit.
pub(crate) fn end_access(tx: &mut Conn, id: UserId, now: DateTime<Utc>) -> Result<Event> {
    let token_ids: Vec<_> = oauth_rows::list_tokens_of(tx, id)?
        .into_iter()
        .map(|token| token.id)
        .collect();
    session_rows::delete_sessions_of(tx, id)?;
    oauth_rows::delete_codes_of(tx, id, None)?;
    oauth_rows::delete_tokens(tx, &token_ids)?;
    let event = Event::TokensRevoked { token_ids };
    events::emit(tx, &event, now)?;
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plausible_or_not() {
        for email in [
            "ada@mail.example",
            "a.b+c@sub.mail.example",
            "ada@localhost",
            "ada@bücher.example",
        ] {
            assert!(is_plausible_email(email), "{email}");
        }
        for email in [
            "no address",
            "ada",
            "@mail.example",
            "ada@",
            "ada@mail",
            "a@b@mail.example",
            "a b@mail.example",
            "ada@mail..example",
            ".ada@mail.example",
            "a..b@mail.example",
            "ada@mail.example\r\nBcc: all@mail.example",
            "<ada@mail.example>",
        ] {
            assert!(!is_plausible_email(email), "{email}");
        }
    }

    #[test]
    fn locales_are_those_we_have() {
        for (tag, locale) in [
            ("fr", "fr"),
            ("fr-CA", "fr"),
            ("FR_fr", "fr"),
            ("de", "en"),
            ("", "en"),
            ("en-GB", "en"),
        ] {
            assert_eq!(supported_locale(tag), locale, "{tag}");
        }
    }
}
