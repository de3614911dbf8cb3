//! What every page knows: the language, the instance, who is looking.

use chrono::{DateTime, SecondsFormat, Utc};

use super::AccountCard;
use crate::locale::Locale;
use crate::text::isolate;
use crate::{assets, text};

/// The instance's identity, the same on every page.
#[derive(Clone, Debug)]
pub struct Site {
    /// The name that its owner gave it.
    pub title: String,
    /// The domain in handles.
    pub domain: String,
    /// What apps want to know as the server: the host of `base_url`, with its port if that is not the usual one.
    pub server: String,
    /// The public address without a trailing slash, `https://example.org`.
    pub base_url: String,
}

/// Whether strangers may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Nobody.
    Closed,
    /// Everybody.
    Open,
    /// After a moderator read their reason.
    Approval,
}

impl SignUp {
    /// The sign-up form is offered.
    pub fn is_offered(self) -> bool {
        self != Self::Closed
    }
}

/// Who is signed in on this browser.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Their account.
    pub account: AccountCard,
}

/// The context of one rendered page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The language to write in.
    pub locale: Locale,
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// The instance.
    pub site: Site,
    /// Path and query of this page, as a place to come back to after changing the language.
    pub path: String,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// Whether to offer an account.
    pub sign_up: SignUp,
    /// The value of the hidden `form_token` field of every form.
    pub form_token: String,
}

impl Page {
    /// A message.
    pub fn t(&self, key: &str) -> String {
        self.locale.text(key)
    }

    /// A message about somebody or something named `$name`, whose direction cannot disturb the sentence.
    pub fn named(&self, key: &str, name: &str) -> String {
        self.locale.text_with(key, &[("name", &isolate(name))])
    }

    /// A message that counts.
    pub fn n(&self, key: &str, n: &i64) -> String {
        self.locale.counted(key, *n)
    }

    /// A number.
    pub fn num(&self, n: &i64) -> String {
        self.locale.number(*n)
    }

    /// A number of reads; `None` if it is too small to be told.
    pub fn reads(&self, n: &Option<i64>) -> String {
        n.as_ref()
            .map_or_else(|| self.t("analytics-few"), |n| self.num(n))
    }

    /// A day.
    pub fn date(&self, at: &DateTime<Utc>) -> String {
        self.locale.date(*at)
    }

    /// A month.
    pub fn month(&self, at: &DateTime<Utc>) -> String {
        self.locale.month(*at)
    }

    /// A day and time.
    pub fn date_time(&self, at: &DateTime<Utc>) -> String {
        self.locale.date_time(*at)
    }

    /// How long ago.
    pub fn ago(&self, at: &DateTime<Utc>) -> String {
        self.locale.ago(*at, self.now)
    }

    /// The machine form of a time, for `<time datetime>`.
    pub fn iso(&self, at: &DateTime<Utc>) -> String {
        at.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The address of one of our own files.
    pub fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// The languages of the switch.
    pub fn locales(&self) -> [Locale; 2] {
        Locale::ALL
    }

    /// An absolute address on this instance, for metadata that is read elsewhere.
    pub fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') {
            format!("{}{path}", self.site.base_url)
        } else {
            path.to_owned()
        }
    }

    /// The title of a page about a status: its first words and its author.
    pub fn status_title(&self, status: &super::StatusCard) -> String {
        let words = if status.warning.is_empty() {
            text::excerpt(status.content.as_str(), 60)
        } else {
            text::plain_name(&status.warning)
        };
        let name = isolate(&status.account.name);
        if words.is_empty() {
            return self.locale.text_with("status-title-bare", &[("name", &name)]);
        }
        self.locale
            .text_with("status-title", &[("name", &name), ("words", &isolate(&words))])
    }
}

/// A rule of the house.
#[derive(Clone, Debug)]
pub struct RuleView {
    /// The rule.
    pub text: String,
    /// What it means, possibly empty.
    pub hint: String,
}

/// What an instance says about itself.
#[derive(Clone, Debug)]
pub struct InstanceView {
    /// One paragraph, plain text.
    pub description: String,
    /// The rules in order.
    pub rules: Vec<RuleView>,
    /// Accounts here.
    pub users: i64,
    /// Accounts seen here during the last month.
    pub active_month: i64,
    /// Statuses written here.
    pub statuses: i64,
    /// Other instances known.
    pub peers: i64,
    /// Where to write to the people who run it; empty if nowhere.
    pub contact_email: String,
    /// Who runs it.
    pub contact: Option<AccountCard>,
    /// The version of the software.
    pub version: String,
}

/// A hashtag to go to.
#[derive(Clone, Debug)]
pub struct TagLink {
    /// Its page.
    pub url: String,
    /// As it is written, without its sign.
    pub name: String,
}

/// Accounts that somebody recommends together.
#[derive(Clone, Debug)]
pub struct CollectionView {
    /// Its page.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Its members are shown on demand.
    pub sensitive: bool,
    /// It may be found by search engines.
    pub listed: bool,
    /// Whose it is.
    pub owner: AccountCard,
    /// The hashtag that says what it is about.
    pub tag: Option<TagLink>,
    /// Who is in it.
    pub members: Vec<AccountCard>,
}

/// Where a list goes on that is not in the order of time.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    /// The address of the next page.
    pub next: Option<String>,
    /// The address of the first page, when this is not it.
    pub begin: Option<String>,
}

/// Where a list goes on.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    /// The address of the next (older) page.
    pub older: Option<String>,
    /// The address of the newest page, when this is not it.
    pub newest: Option<String>,
}
