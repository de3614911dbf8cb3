//! What the instance says of itself: name, description, rules, contact, numbers.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{account::Account, domain::without_port, html::strip_bidi_controls};
use pouet_storage::{
    Conn, accounts as account_rows, settings as setting_rows,
    users::{self as user_rows, UserCounts},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, FieldError, Result},
    events::{self, Event},
    instance::Instance,
    profile::one_line,
    signing_keys, users,
};

/// Name of an instance that nobody named yet.
const DEFAULT_TITLE: &str = "Pouet";
/// Description of an instance that nobody described yet.
const DEFAULT_DESCRIPTION: &str = "A small, friendly place on the fediverse.";
/// Longest name, characters.
const MAX_TITLE_CHARS: usize = 100;
/// Longest description, characters.
const MAX_DESCRIPTION_CHARS: usize = 2000;
/// Longest rule, characters.
const MAX_RULE_CHARS: usize = 300;
/// Most rules.
const MAX_RULES: usize = 50;
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
    /// Counts from 1; never given to another rule.
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
        rules: RuleBook::read(setting(Key::Rules))?.rules,
        languages: users::LOCALES.to_vec(),
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

/// The rules as they are stored.
#[derive(Serialize, Deserialize)]
struct RuleBook {
    /// In order.
    rules: Vec<Rule>,
    /// Id of the next new rule. Apps and reports name rules by id, so none is used twice.
    next_id: i64,
}

impl RuleBook {
    fn read(stored: Option<String>) -> Result<Self> {
        match stored {
            Some(text) => serde_json::from_str(&text).map_err(Error::internal),
            None => Ok(Self::of_a_new_instance()),
        }
    }

    fn of_a_new_instance() -> Self {
        let mut book = Self {
            rules: Vec::new(),
            next_id: 1,
        };
        for (text, hint) in DEFAULT_RULES {
            let rule = book.new_rule(text, hint);
            book.rules.push(rule);
        }
        book
    }

    fn new_rule(&mut self, text: &str, hint: &str) -> Rule {
        let id = self.next_id;
        self.next_id += 1;
        Rule {
            id,
            text: text.to_owned(),
            hint: hint.to_owned(),
        }
    }

    /// Has exactly these rules from now on. One whose text was there before stays what it was, id and hint included.
    fn replace(&mut self, texts: &[String]) {
        let mut known = std::mem::take(&mut self.rules);
        for text in texts {
            let rule = match known.iter().position(|rule| rule.text == *text) {
                Some(place) => known.swap_remove(place),
                None => self.new_rule(text, ""),
            };
            self.rules.push(rule);
        }
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

fn check_contact_email(address: &str) -> Option<FieldError> {
    let error = users::check_email(address)?;
    Some(FieldError {
        field: "contact_email",
        ..error
    })
}

fn check_rules(rules: &[String]) -> Option<FieldError> {
    let (code, description) = if rules.len() > MAX_RULES {
        ("ERR_TOO_LONG", format!("must be at most {MAX_RULES}"))
    } else if rules.iter().any(String::is_empty) {
        ("ERR_BLANK", "can't be blank".to_owned())
    } else if rules.iter().any(|rule| rule.chars().count() > MAX_RULE_CHARS) {
        (
            "ERR_TOO_LONG",
            format!("must have at most {MAX_RULE_CHARS} characters each"),
        )
    } else {
        return None;
    };
    Some(FieldError::new("rules", code, description))
}

/// What an owner changes of the instance; `None` leaves a value as it is.
#[derive(Clone, Debug, Default)]
pub struct InfoChange {
    /// Its name: one line, at most 100 characters.
    pub title: Option<String>,
    /// What it is, in plain text of at most 2,000 characters; may be empty.
    pub description: Option<String>,
    /// Where its people can be reached.
    pub contact_email: Option<String>,
    /// All its rules, in order: at most 50, each one line of at most 300 characters.
    pub rules: Option<Vec<String>>,
}

impl InfoChange {
    /// Without what does not belong in such texts.
    fn cleaned(self) -> Self {
        Self {
            title: self.title.as_deref().map(one_line),
            description: self.description.map(|text| {
                let visible = strip_bidi_controls(text.trim());
                visible.replace(|c: char| c.is_control() && c != '\n', " ")
            }),
            contact_email: self.contact_email.map(|address| address.trim().to_owned()),
            rules: self
                .rules
                .map(|rules| rules.iter().map(|rule| one_line(rule)).collect()),
        }
    }

    fn problems(&self) -> Vec<FieldError> {
        let blank = || FieldError::new("title", "ERR_BLANK", "can't be blank");
        let title = self.title.as_deref();
        let description = self.description.as_deref();
        [
            title.and_then(check_title),
            title.and_then(|title| title.is_empty().then(blank)),
            description.and_then(|text| check_length("description", text, MAX_DESCRIPTION_CHARS)),
            self.contact_email.as_deref().and_then(check_contact_email),
            self.rules.as_deref().and_then(check_rules),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Changes what the instance says of itself.
///
/// # Errors
/// `Validation` with everything that is wrong; nothing is changed then.
pub async fn update(instance: &Instance, change: InfoChange) -> Result<()> {
    let change = change.cleaned();
    let errors = change.problems();
    if !errors.is_empty() {
        return Err(Error::Validation(errors));
    }
    let now = instance.now();
    instance
        .write(move |tx| {
            let InfoChange {
                title,
                description,
                contact_email,
                rules,
            } = change;
            let texts = [
                (Key::Title, title),
                (Key::Description, description),
                (Key::ContactEmail, contact_email),
            ];
            for (key, text) in texts {
                if let Some(text) = text {
                    setting_rows::upsert_setting(tx, key.as_str(), &text)?;
                }
            }
            if let Some(rules) = rules {
                replace_rules(tx, &rules)?;
            }
            events::emit(tx, &Event::SettingsChanged, now)
        })
        .await
}

fn replace_rules(tx: &mut Conn, texts: &[String]) -> Result<()> {
    let key = Key::Rules.as_str();
    let mut book = RuleBook::read(setting_rows::find_setting(tx, key)?)?;
    book.replace(texts);
    let stored = serde_json::to_string(&book).map_err(Error::internal)?;
    Ok(setting_rows::upsert_setting(tx, key, &stored)?)
}
