//! What a change of the rules does at once, in its own transaction.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{account::Account, domain::matches_rule};
use pouet_storage::{
    Conn, deliveries,
    domain_limits::{self as limits, Restriction},
};

use super::{by_rule, candidates};
use crate::{
    error::Result,
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
};

/// How long what a suspended domain left here is hidden before it is removed: the time to take a mistake back.
pub(super) const PURGE_AFTER: TimeDelta = TimeDelta::days(30);

/// Brings everything in line with rules that were just written, replaced or removed: hides or shows the accounts of the
/// domains, cancels deliveries, and enqueues the jobs that clean up.
pub(super) fn changed(
    tx: &mut Conn,
    instance: &Instance,
    rules: Vec<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mode = instance.settings.federation.mode;
    let rules: HashSet<String> = rules.into_iter().collect();
    let (mut severing, mut media) = (BTreeSet::new(), BTreeSet::new());
    for domain in limits::list_account_domains(tx)? {
        let Some(rule) = covering(&domain, &rules) else {
            continue;
        };
        let policy = by_rule(tx, mode, &domain)?;
        restrict(tx, &domain, Restriction::Suspend, policy.suspended, now)?;
        restrict(tx, &domain, Restriction::Silence, policy.silenced, now)?;
        if policy.suspended {
            severing.insert(rule.to_owned());
        }
        if policy.reject_media {
            media.insert(rule.to_owned());
        }
    }
    for (host, _) in deliveries::list_lanes(tx)? {
        if covering(&host, &rules).is_some() && by_rule(tx, mode, &host)?.suspended {
            deliveries::cancel_lane(tx, &host, true)?;
        }
    }
    for domain in severing {
        let purge = Job::PurgeDomain {
            domain: domain.clone(),
        };
        jobs::enqueue(tx, instance.next_id(), &Job::SeverDomain { domain }, now, now)?;
        jobs::enqueue(tx, instance.next_id(), &purge, now + PURGE_AFTER, now)?;
    }
    for domain in media {
        jobs::enqueue(
            tx,
            instance.next_id(),
            &Job::PurgeDomainMedia { domain },
            now,
            now,
        )?;
    }
    events::emit(tx, &Event::SettingsChanged, now)
}

/// One of the rules that cover `domain`.
fn covering<'a>(domain: &str, rules: &'a HashSet<String>) -> Option<&'a str> {
    candidates(domain)
        .into_iter()
        .find_map(|name| rules.get(name).filter(|rule| matches_rule(domain, rule)))
        .map(String::as_str)
}

pub(super) fn restrict(
    tx: &mut Conn,
    domain: &str,
    restriction: Restriction,
    wanted: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let changed = if wanted {
        limits::restrict_domain(tx, domain, restriction, now)?
    } else {
        limits::release_domain(tx, domain, restriction)?
    };
    if changed > 0 {
        tracing::info!(domain, ?restriction, wanted, changed, "a rule changes accounts");
    }
    Ok(())
}

/// Applies the rules to an account that was not known until now, and to no other: its domain may be a big one.
pub(crate) fn receive_new_account(
    tx: &mut Conn,
    instance: &Instance,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(domain) = &account.domain else {
        return Ok(());
    };
    let policy = by_rule(tx, instance.settings.federation.mode, domain)?;
    if policy.suspended {
        limits::restrict_account(tx, account.id, Restriction::Suspend, now)?;
    }
    if policy.silenced {
        limits::restrict_account(tx, account.id, Restriction::Silence, now)?;
    }
    Ok(())
}
