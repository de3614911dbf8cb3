//! The valve against floods of mentions: what a server that we have known for less than a day sends waits for an operator once
//! it has named several people here who never had to do with it.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, time_of},
    status::Mention,
};
use pouet_storage::{Conn, accounts, inbox as inbox_rows, quarantine as rows};

use crate::{
    delivery::host_of,
    error::{Error, Result},
    instance::Instance,
    jobs::{Job, enqueue_for},
};

/// How long a server counts as new after its first account was met.
const NEW_FOR: TimeDelta = TimeDelta::hours(24);
/// Activities of one server that are kept: what comes beyond that is dropped.
const KEPT: i64 = 5_000;
/// Strangers that a new server may not name.
const STRANGERS: usize = 5;
/// People named earlier that are looked at: more change nothing.
const LOOKED_AT: i64 = 100;

/// A server in quarantine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    /// It, with its port where that is not the usual one.
    pub host: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Strangers that it had named then.
    pub strangers: i64,
    /// Activities that wait.
    pub waiting: i64,
    /// When the oldest of them came.
    pub oldest: Option<DateTime<Utc>>,
}

/// Whether a new status may be taken in.
///
/// # Errors
/// `Quarantined` if its author's server is in quarantine, or is new and has named too many strangers with it.
pub(crate) fn check(tx: &mut Conn, author: &Account, mentions: &[Mention], now: DateTime<Utc>) -> Result<()> {
    let host = author.uri.as_deref().and_then(host_of);
    let (Some(domain), Some(host)) = (author.domain.as_deref(), host) else {
        return Ok(());
    };
    if let Some(known) = rows::find_quarantined(tx, &host)? {
        return match known.released_at {
            Some(_) => Ok(()),
            None => Err(Error::Quarantined {
                host,
                strangers: known.strangers as usize,
            }),
        };
    }
    let since = now - NEW_FOR;
    if mentions.is_empty() || time_of(author.id.0) <= since {
        return Ok(());
    }
    let named: Vec<AccountId> = mentions.iter().map(|mention| mention.account_id).collect();
    let mut strangers: HashSet<AccountId> = accounts::load_accounts(tx, &named)?
        .into_iter()
        .filter(Account::is_local)
        .map(|account| account.id)
        .collect();
    if strangers.is_empty() || rows::is_domain_known_since(tx, domain, since)? {
        return Ok(());
    }
    strangers.extend(rows::list_named_by_domain(tx, domain, LOOKED_AT)?);
    let all: Vec<AccountId> = strangers.iter().copied().collect();
    for acquainted in rows::load_acquainted(tx, &all, domain)? {
        strangers.remove(&acquainted);
    }
    if strangers.len() < STRANGERS {
        return Ok(());
    }
    Err(Error::Quarantined {
        host,
        strangers: strangers.len(),
    })
}

/// Lets a received activity wait if its server is in quarantine. `id`: its row; `signer_uri`: whose key signed it.
pub async fn holds(instance: &Instance, id: i64, signer_uri: &str) -> Result<bool> {
    let Some(host) = host_of(signer_uri) else {
        return Ok(false);
    };
    let name = host.clone();
    let known = instance
        .read(move |conn| Ok(rows::find_quarantined(conn, &name)?))
        .await?;
    if known.is_none_or(|known| known.released_at.is_some()) {
        return Ok(false);
    }
    let now = instance.now();
    instance.write(move |tx| hold(tx, id, &host, now)).await
}

/// False if the server was let in meanwhile.
fn hold(tx: &mut Conn, id: i64, host: &str, now: DateTime<Utc>) -> Result<bool> {
    if rows::has_held(tx, host, KEPT)? {
        tracing::warn!(host, "very much waits in quarantine: an activity is dropped");
        return Ok(true);
    }
    Ok(rows::update_held(tx, id, host, now)?)
}

/// Puts a server into quarantine, and the received activity that brought its status with it, if it is its own. `id`: the
/// row of that activity; `signer_uri`: whose key signed it.
///
/// # Errors
/// `Conflict` if the server was let in meanwhile: the activity is to be processed again.
pub async fn catch(
    instance: &Instance,
    host: String,
    strangers: usize,
    id: i64,
    signer_uri: &str,
) -> Result<()> {
    let is_own = host_of(signer_uri).is_some_and(|signer| signer == host);
    let now = instance.now();
    instance
        .write(move |tx| {
            if rows::insert_quarantined(tx, &host, strangers as i64, now)? {
                tracing::warn!(
                    host,
                    strangers,
                    "a new server names many strangers: it is in quarantine until an operator lets it in"
                );
            }
            if is_own && !hold(tx, id, &host, now)? {
                return Err(Error::Conflict("the server was let in"));
            }
            Ok(())
        })
        .await
}

/// Servers in quarantine, the longest there first.
pub async fn list(instance: &Instance) -> Result<Vec<Quarantined>> {
    let found = instance.read(|conn| Ok(rows::list_quarantined(conn)?)).await?;
    let shown = found.into_iter().map(|(host, held)| Quarantined {
        host: host.host,
        since: host.since,
        strangers: host.strangers,
        waiting: held.count,
        oldest: held.oldest,
    });
    Ok(shown.collect())
}

/// Lets a server in for good: what waits is processed in the order in which it came. Returns how much that is.
///
/// # Errors
/// `NotFound` if it is not in quarantine.
pub async fn release(instance: &Instance, host: &str) -> Result<usize> {
    let (handle, host, now) = (instance.clone(), host.trim().to_lowercase(), instance.now());
    instance
        .write(move |tx| {
            if !rows::update_released(tx, &host, now)? {
                return Err(Error::NotFound);
            }
            let held = rows::list_held(tx, &host)?;
            rows::update_freed(tx, &held)?;
            for id in &held {
                let job = Job::ProcessInbox { id: *id };
                enqueue_for(tx, Some(&host), handle.next_id(), &job, now, now)?;
            }
            Ok(held.len())
        })
        .await
}

/// Throws away what waits of a server, which stays in quarantine. Returns how much that was.
///
/// # Errors
/// `NotFound` if it is not in quarantine.
pub async fn discard(instance: &Instance, host: &str) -> Result<usize> {
    let (host, now) = (host.trim().to_lowercase(), instance.now());
    instance
        .write(move |tx| {
            let known = rows::find_quarantined(tx, &host)?;
            if known.is_none_or(|known| known.released_at.is_some()) {
                return Err(Error::NotFound);
            }
            let held = rows::list_held(tx, &host)?;
            rows::update_freed(tx, &held)?;
            inbox_rows::update_processed(tx, &held, now)?;
            Ok(held.len())
        })
        .await
}
