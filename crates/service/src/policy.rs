//! What this instance's rules say of other domains.
//!
//! A rule covers its domain and every name under it; where several cover one, the most specific decides. Every
//! gate (inbox, fetches, deliveries, follows) asks here.
//!
//! Source: federation.md 14.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use moka::sync::Cache;
use pouet_model::domain::{matches_rule, normalise, without_port};
use pouet_storage::{
    Conn,
    domain_blocks::{self as rows, DomainRule},
};
use tokio::sync::broadcast::{self, error::TryRecvError};

use crate::{
    error::{Error, Result},
    events::{self, Event, Hub},
    instance::Instance,
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
    /// Nothing is taken from it and nothing is sent to it.
    pub suspended: bool,
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
    let asked = domain.to_owned();
    let policy = instance.read(move |conn| find(conn, &asked)).await?;
    instance.policies.known.insert(key, policy);
    Ok(policy)
}

/// [`of`], inside a transaction or read.
pub(crate) fn find(conn: &mut Conn, domain: &str) -> Result<Policy> {
    let covering = rows::load_domain_rules(conn, &candidates(domain))?;
    covering
        .iter()
        .filter(|rule| matches_rule(domain, &rule.domain))
        .max_by_key(|rule| rule.domain.len())
        .map_or(Ok(Policy::default()), Policy::of_rule)
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

/// A rule to write.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewRule {
    /// The domain, in any spelling.
    pub domain: String,
    /// How far it goes.
    pub severity: Severity,
    /// Its media are not fetched.
    pub reject_media: bool,
    /// Its reports are dropped.
    pub reject_reports: bool,
}

/// Writes the rule about a domain in place of the one it had. Every gate of every process knows it at once.
///
/// # Errors
/// `Invalid` if the domain is none, or ours.
pub async fn set(instance: &Instance, rule: NewRule) -> Result<()> {
    let invalid = |why: &str| Error::invalid("domain", "ERR_INVALID", format!("Domain {why}"));
    let domain = normalise(&rule.domain).map_err(|_| invalid("is not a valid domain name"))?;
    if instance.urls().is_own_domain(&domain) {
        return Err(invalid("is this instance's own"));
    }
    let (id, now) = (instance.next_id(), instance.now());
    let row = DomainRule {
        domain,
        severity: rule.severity.as_str().to_owned(),
        reject_media: rule.reject_media,
        reject_reports: rule.reject_reports,
    };
    instance
        .write(move |tx| {
            rows::replace_domain_rule(tx, id, &row, now)?;
            events::emit(tx, &Event::SettingsChanged, now)
        })
        .await
}

/// Removes the rule about a domain.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn remove(instance: &Instance, domain: &str) -> Result<()> {
    let domain = normalise(domain).map_err(|_| Error::NotFound)?;
    let now = instance.now();
    instance
        .write(move |tx| {
            if !rows::delete_domain_rule(tx, &domain)? {
                return Err(Error::NotFound);
            }
            events::emit(tx, &Event::SettingsChanged, now)
        })
        .await
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
