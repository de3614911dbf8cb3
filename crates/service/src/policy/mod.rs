//! What this instance's rules say of other domains.
//!
//! A rule covers its domain and every name under it; where several cover one, the most specific decides. An allow of the
//! same or a more specific name is stronger than a rule, except in allow-list mode, where the rules hold and whoever is not
//! allowed is denied. Every gate (inbox, documents, fetches, deliveries, follows, media) asks here.
//!
//! Writing a rule has three steps: its row, by which every gate goes at once; what hides the accounts that are here already,
//! in the same transaction; and jobs that clean up ([`jobs`]). Domains are those of handles.
//!
//! Source: Mastodon's domain blocks (<https://docs.joinmastodon.org/admin/moderation/#server-wide-moderation>) and
//! GoToSocial's allow lists (<https://docs.gotosocial.org/en/latest/admin/federation_modes/>).

mod csv;
mod enforce;
mod import;
pub(crate) mod jobs;
mod public;
mod rules;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use moka::sync::Cache;
use pouet_model::domain::{matches_rule, without_port};
use pouet_storage::{
    Conn,
    domain_blocks::{self as rows, DomainRule},
};
use tokio::sync::broadcast::{self, error::TryRecvError};

use crate::{
    error::{Error, Result},
    events::{Event, Hub},
    instance::Instance,
    settings::FederationMode,
};

pub use csv::{CsvError, read_allows, read_rules, write_allows, write_rules};
pub(crate) use enforce::receive_new_account;
pub use import::{Change, Difference, compare};
pub use pouet_storage::{domain_blocks::DomainAllow, domain_limits::SeveredFollow};
pub use public::{ShownRule, shown};
pub use rules::{
    NewRule, Rule, allow, find_allow, find_rule, list_allows, list_rules, remove, set, set_all, severed,
    severed_domains,
};

/// Domains whose policy is remembered.
const CAPACITY: u64 = 10_000;

/// How far a rule goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Severity {
    /// Only what the rule's flags say.
    #[default]
    Noop,
    /// Its accounts are shown only to those who follow them, and their follows need approval.
    Silence,
    /// Nothing is taken from it and nothing is sent to it.
    Suspend,
}

impl Severity {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::Silence => "silence",
            Self::Suspend => "suspend",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Noop, Self::Silence, Self::Suspend]
            .into_iter()
            .find(|severity| severity.as_str() == name)
    }
}

/// What holds for a domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// Nothing is taken from it and nothing is sent to it: by a rule, or because it is not on the list of allowed ones.
    pub suspended: bool,
    /// It is not on the list of allowed domains, where only those are federated with.
    pub unlisted: bool,
    /// Its accounts stay out of public lists, and their follows need approval.
    pub silenced: bool,
    /// Its media are not fetched.
    pub reject_media: bool,
    /// Its reports are dropped.
    pub reject_reports: bool,
}

impl Policy {
    fn of_rule(rule: &DomainRule) -> Result<Self> {
        let severity = Severity::parse(&rule.severity)
            .ok_or_else(|| Error::internal(format!("rule about {} has no severity", rule.domain)))?;
        let suspended = severity == Severity::Suspend;
        Ok(Self {
            suspended,
            unlisted: false,
            silenced: severity == Severity::Silence,
            reject_media: suspended || rule.reject_media,
            reject_reports: suspended || rule.reject_reports,
        })
    }
}

/// Policies found lately, forgotten whenever a setting of the instance changes.
#[derive(Debug)]
pub(crate) struct Policies {
    news: Mutex<broadcast::Receiver<Arc<Event>>>,
    /// Part of every key, so that an answer read before a change is not kept after it.
    generation: AtomicU64,
    known: Cache<(u64, String), Policy>,
}

impl Policies {
    pub(crate) fn new(hub: &Hub) -> Self {
        Self {
            news: Mutex::new(hub.subscribe()),
            generation: AtomicU64::new(0),
            known: Cache::new(CAPACITY),
        }
    }

    /// Forgets everything, because a rule was written by this process.
    fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    fn generation(&self) -> u64 {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let stale = match news.try_recv() {
                Ok(event) => *event == Event::SettingsChanged,
                Err(TryRecvError::Lagged(_)) => true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            };
            if stale {
                self.generation.fetch_add(1, Ordering::SeqCst);
            }
        }
        self.generation.load(Ordering::SeqCst)
    }
}

/// The policy for `domain`: normalised ASCII, with a port where it is not the default. Our own domains have none.
pub async fn of(instance: &Instance, domain: &str) -> Result<Policy> {
    if instance.urls().is_own_domain(domain) {
        return Ok(Policy::default());
    }
    let key = (instance.policies.generation(), domain.to_owned());
    if let Some(policy) = instance.policies.known.get(&key) {
        return Ok(policy);
    }
    let (mode, asked) = (instance.settings.federation.mode, domain.to_owned());
    let policy = instance.read(move |conn| find(conn, mode, &asked)).await?;
    instance.policies.known.insert(key, policy);
    Ok(policy)
}

/// [`of`], inside a transaction or read.
pub(crate) fn find(conn: &mut Conn, mode: FederationMode, domain: &str) -> Result<Policy> {
    let names = candidates(domain);
    let is_allowed = rows::load_domain_allows(conn, &names)?
        .iter()
        .any(|allow| matches_rule(domain, &allow.domain));
    let mut policy = by_rule(conn, mode, domain)?;
    if mode == FederationMode::AllowList && !is_allowed {
        policy.unlisted = true;
        policy.suspended = true;
        policy.reject_media = true;
        policy.reject_reports = true;
    }
    Ok(policy)
}

/// What the rules say of `domain`, whether it is on the list of allowed ones or not.
fn by_rule(conn: &mut Conn, mode: FederationMode, domain: &str) -> Result<Policy> {
    let names = candidates(domain);
    let blocks = rows::load_domain_rules(conn, &names)?;
    let Some(block) = blocks
        .iter()
        .filter(|rule| matches_rule(domain, &rule.domain))
        .max_by_key(|rule| rule.domain.len())
    else {
        return Ok(Policy::default());
    };
    let is_excepted = mode == FederationMode::Open
        && rows::load_domain_allows(conn, &names)?
            .iter()
            .any(|allow| matches_rule(domain, &allow.domain) && allow.domain.len() >= block.domain.len());
    if is_excepted {
        return Ok(Policy::default());
    }
    Policy::of_rule(block)
}

/// Every domain whose rule covers `domain`: itself and its parents, each with and without the port.
fn candidates(domain: &str) -> Vec<&str> {
    let suffixes = |name| {
        std::iter::successors(Some(name), |name: &&str| {
            name.split_once('.').map(|(_, parent)| parent)
        })
    };
    let mut found: Vec<&str> = suffixes(domain).chain(suffixes(without_port(domain))).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_covered_by_itself_and_its_parents() {
        assert_eq!(
            candidates("a.evil.example"),
            ["a.evil.example", "evil.example", "example"]
        );
        assert_eq!(candidates("evil.example:8443").len(), 4);
        assert!(candidates("evil.example:8443").contains(&"evil.example"));
    }
}
