//! What the instance says of itself: name, description, rules, contact, numbers.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{account::Account, domain::without_port, html::strip_bidi_controls};
use pouet_storage::{
    accounts as account_rows, settings as setting_rows,
    users::{self as user_rows, UserCounts},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, FieldError, Result},
    events::{self, Event},
    instance::Instance,
    signing_keys,
};

/// Name of an instance that nobody named yet.
const DEFAULT_TITLE: &str = "Pouet";
/// Description of an instance that nobody described yet.
const DEFAULT_DESCRIPTION: &str = "A small, friendly place on the fediverse.";
/// Longest name, characters.
const MAX_TITLE_CHARS: usize = 100;
/// Longest description, characters.
const MAX_DESCRIPTION_CHARS: usize = 2000;
/// Domains are counted anew after this time, because counting looks at every account.
const DOMAINS_FRESH: TimeDelta = TimeDelta::minutes(5);

/// Rules of an instance whose owner has not written any.
const DEFAULT_RULES: [(&str, &str); 4] = [
    (
        "Be kind, and assume that others mean well.",
        "Disagree with what was said, not with who said it.",
    ),
    (
        "No harassment, no hatred, no threats.",
        "This holds for everybody, whoever they are and wherever they write from.",
    ),
    (
        "Put a content warning on what others may not want to see.",
        "Violence, nudity and spoilers, for example.",
    ),
    (
        "Nothing illegal, no spam, and nobody else's private data.",
        "Ask before you share what was told to you alone.",
    ),
];

/// A setting that an owner can change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    Title,
    Description,
    ContactEmail,
    Rules,
}

impl Key {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Title => "instance.title",
            Self::Description => "instance.description",
            Self::ContactEmail => "instance.contact_email",
            Self::Rules => "instance.rules",
        }
    }
}

/// A rule of the instance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Counts from 1.
    pub id: i64,
    /// The rule in one sentence.
    pub text: String,
    /// More about it; may be empty.
    pub hint: String,
}

/// What the instance says of itself.
#[derive(Clone, Debug)]
pub struct InstanceInfo {
    /// Its name.
    pub title: String,
    /// What it is, in plain text.
    pub description: String,
    /// Where its people can be reached; never empty.
    pub contact_email: String,
    /// The owner's account, once there is one.
    pub contact_account: Option<Arc<Account>>,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
    /// Languages of its pages (ISO 639-1).
    pub languages: Vec<&'static str>,
    /// Users who may use it.
    pub user_count: i64,
    /// Statuses of its accounts, boosts included.
    pub status_count: i64,
    /// Other domains that it knows accounts of; a few minutes old.
    pub domain_count: i64,
    /// Users active within 30 days.
    pub active_month: i64,
    /// Users active within 180 days.
    pub active_halfyear: i64,
    /// Public key for Web Push: an uncompressed P-256 point, base64url.
    pub vapid_public_key: String,
}

/// The number of known domains, and when it was counted.
#[derive(Debug, Default)]
pub(crate) struct DomainCount(Mutex<Option<(DateTime<Utc>, i64)>>);

impl DomainCount {
    async fn get(&self, instance: &Instance) -> Result<i64> {
        let now = instance.now();
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((counted_at, count)) = known
            && now - counted_at < DOMAINS_FRESH
        {
            return Ok(count);
        }
        let count = instance.read(|conn| Ok(user_rows::count_domains(conn)?)).await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, count));
        Ok(count)
    }
}

/// What the instance says of itself.
pub async fn info(instance: &Instance) -> Result<InstanceInfo> {
    let now = instance.now();
    let (settings, owner, counts) = instance
        .read(move |conn| {
            let settings = setting_rows::list_settings(conn, "instance.")?;
            let owner = match user_rows::find_owner(conn)? {
                Some(user) => {
                    let account = account_rows::find_account(conn, user.account_id)?;
                    account.map(|account| (user.email, account))
                }
                None => None,
            };
            let counts = user_rows::count_users(conn, now - TimeDelta::days(30), now - TimeDelta::days(180))?;
            Ok((settings, owner, counts))
        })
        .await?;
    let setting = |key: Key| {
        settings
            .iter()
            .find(|(name, _)| name == key.as_str())
            .map(|(_, value)| value.clone())
    };
    let (owner_email, contact_account) = owner.unzip();
    let UserCounts {
        users,
        active_month,
        active_halfyear,
        statuses,
    } = counts;
    Ok(InstanceInfo {
        title: setting(Key::Title).unwrap_or_else(|| DEFAULT_TITLE.to_owned()),
        description: setting(Key::Description).unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned()),
        contact_email: setting(Key::ContactEmail)
            .or(owner_email)
            .unwrap_or_else(|| format!("admin@{}", without_port(instance.urls().handle_domain()))),
        contact_account: contact_account.map(Arc::new),
        rules: read_rules(setting(Key::Rules))?,
        languages: crate::users::LOCALES.to_vec(),
        user_count: users,
        status_count: statuses,
        domain_count: instance.domain_count.get(instance).await?,
        active_month,
        active_halfyear,
        vapid_public_key: signing_keys::vapid(instance).await?.public_key,
    })
}

/// The name alone, for pages that show nothing else of the instance.
pub async fn title(instance: &Instance) -> Result<String> {
    let title = instance
        .read(|conn| Ok(setting_rows::find_setting(conn, Key::Title.as_str())?))
        .await?;
    Ok(title.unwrap_or_else(|| DEFAULT_TITLE.to_owned()))
}

fn read_rules(stored: Option<String>) -> Result<Vec<Rule>> {
    match stored {
        Some(text) => serde_json::from_str(&text).map_err(Error::internal),
        None => Ok((1..)
            .zip(DEFAULT_RULES)
            .map(|(id, (text, hint))| Rule {
                id,
                text: text.to_owned(),
                hint: hint.to_owned(),
            })
            .collect()),
    }
}

/// What is wrong with a name of the instance; an empty one stands for the default.
pub(crate) fn check_title(title: &str) -> Option<FieldError> {
    check_length("title", title, MAX_TITLE_CHARS)
}

fn check_length(field: &'static str, text: &str, limit: usize) -> Option<FieldError> {
    (text.chars().count() > limit).then(|| {
        let description = format!("is too long (maximum is {limit} characters)");
        FieldError::new(field, "ERR_TOO_LONG", description)
    })
}

/// Names the instance.
///
/// # Errors
/// `Validation` if it is blank or longer than 100 characters.
pub async fn set_title(instance: &Instance, title: &str) -> Result<()> {
    let title = strip_bidi_controls(title.trim());
    let blank = || FieldError::new("title", "ERR_BLANK", "can't be blank");
    if let Some(error) = check_title(&title).or_else(|| title.is_empty().then(blank)) {
        return Err(Error::Validation(vec![error]));
    }
    set(instance, Key::Title, title).await
}

/// Describes the instance, in plain text.
///
/// # Errors
/// `Validation` if it is longer than 2,000 characters.
pub async fn set_description(instance: &Instance, description: &str) -> Result<()> {
    let description = description.trim().to_owned();
    if let Some(error) = check_length("description", &description, MAX_DESCRIPTION_CHARS) {
        return Err(Error::Validation(vec![error]));
    }
    set(instance, Key::Description, description).await
}

async fn set(instance: &Instance, key: Key, value: String) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            setting_rows::upsert_setting(tx, key.as_str(), &value)?;
            events::emit(tx, &Event::SettingsChanged, now)
        })
        .await
}
