//! The queue host by host, for those who look after the instance, and what they can do about it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use pouet_storage::{
    hosts::{self, Host, Recovery},
    queue as rows,
};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
};

/// Hosts that fail without anything waiting for them are listed up to this number.
const FAILING: i64 = 1000;

/// How it stands with a host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HostState {
    /// The last attempt arrived, or none was made.
    Ok,
    /// Some attempts failed.
    Degraded,
    /// It failed so often, or asked for it, that nothing is sent for a while.
    Paused,
    /// It has failed for days, or refuses everything: one delivery a day.
    Unavailable,
}

impl HostState {
    /// Every state, the best first.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Degraded, Self::Paused, Self::Unavailable];

    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Paused => "paused",
            Self::Unavailable => "unavailable",
        }
    }

    fn of(host: Option<&Host>, now: DateTime<Utc>) -> Self {
        let Some(host) = host else { return Self::Ok };
        if host.unavailable_since.is_some() {
            Self::Unavailable
        } else if host.open_until.is_some_and(|until| until > now) {
            Self::Paused
        } else {
            match Recovery::of(host) {
                None => Self::Ok,
                Some(_) => Self::Degraded,
            }
        }
    }
}

/// What there is to know of a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostStatus {
    /// The host, with its port where it is not the scheme's own.
    pub host: String,
    /// How it stands with it.
    pub state: HostState,
    /// Deliveries that wait or are under way.
    pub queued: i64,
    /// Seconds since the oldest of them was made; `None`: nothing waits.
    pub oldest_seconds: Option<i64>,
    /// Deliveries that were given up in the last days.
    pub given_up: i64,
    /// What the newest failure was.
    pub last_error: Option<String>,
    /// Nothing is sent before this time.
    pub paused_until: Option<DateTime<Utc>>,
}

/// Every host that something waits for, that failed lately, or to which something was given up; the worst first, then those
/// whose oldest delivery is oldest.
pub async fn hosts(instance: &Instance) -> Result<Vec<HostStatus>> {
    collect(instance, true).await
}

/// [`hosts()`] without errors of deliveries, which are costly to find where much waits.
pub(crate) async fn queues(instance: &Instance) -> Result<Vec<HostStatus>> {
    collect(instance, false).await
}

async fn collect(instance: &Instance, with_errors: bool) -> Result<Vec<HostStatus>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let waiting = rows::list_hosts_waiting(conn)?;
            let mut given_up = rows::count_given_up_by_host(conn)?;
            let mut errors = if with_errors {
                rows::load_last_errors(conn)?
            } else {
                HashMap::new()
            };
            let names: Vec<String> = waiting
                .iter()
                .map(|row| row.host.clone())
                .chain(given_up.keys().cloned())
                .collect();
            let mut known: HashMap<String, Host> = hosts::load_hosts(conn, &names)?
                .into_iter()
                .chain(hosts::list_failing_hosts(conn, FAILING)?)
                .map(|host| (host.domain.clone(), host))
                .collect();
            let mut found: Vec<HostStatus> = waiting
                .into_iter()
                .map(|row| {
                    let host = known.remove(&row.host);
                    let mut status = status(row.host, host.as_ref(), &mut given_up, &mut errors, now);
                    status.queued = row.queued;
                    status.oldest_seconds = row.oldest.map(|at| (now - at).num_seconds().max(0));
                    status
                })
                .collect();
            let quiet: Vec<String> = known
                .keys()
                .chain(given_up.keys().filter(|host| !known.contains_key(*host)))
                .cloned()
                .collect();
            for name in quiet {
                let host = known.remove(&name);
                found.push(status(name, host.as_ref(), &mut given_up, &mut errors, now));
            }
            found.sort_by_key(|host| {
                let age = host.oldest_seconds.map_or(0, |seconds| -seconds);
                (std::cmp::Reverse(host.state), age, host.host.clone())
            });
            Ok(found)
        })
        .await
}

fn status(
    name: String,
    host: Option<&Host>,
    given_up: &mut HashMap<String, i64>,
    errors: &mut HashMap<String, String>,
    now: DateTime<Utc>,
) -> HostStatus {
    let state = HostState::of(host, now);
    let of_host = host
        .filter(|_| state != HostState::Ok)
        .and_then(|host| host.last_error.clone());
    HostStatus {
        state,
        queued: 0,
        oldest_seconds: None,
        given_up: given_up.remove(&name).unwrap_or_default(),
        last_error: of_host.or_else(|| errors.remove(&name)),
        paused_until: host.and_then(|host| host.open_until.filter(|until| *until > now)),
        host: name,
    }
}

/// What there is to know of one host.
///
/// # Errors
/// `NotFound` if nothing is.
pub async fn host(instance: &Instance, name: &str) -> Result<HostStatus> {
    let found = hosts(instance).await?;
    let wanted = name.trim().to_lowercase();
    if let Some(host) = found.into_iter().find(|host| host.host == wanted) {
        return Ok(host);
    }
    let known = {
        let wanted = wanted.clone();
        instance
            .read(move |conn| Ok(hosts::find_host(conn, &wanted)?))
            .await?
    };
    let known = known.ok_or(Error::NotFound)?;
    let now = instance.now();
    Ok(status(
        wanted,
        Some(&known),
        &mut HashMap::new(),
        &mut HashMap::new(),
        now,
    ))
}

/// Sends what waits for a host at once, and forgets its failures. Returns how many deliveries wait.
///
/// # Errors
/// `NotFound` if nothing is known of the host.
pub async fn retry(instance: &Instance, name: &str) -> Result<i64> {
    let found = host(instance, name).await?;
    let (domain, now) = (found.host.clone(), instance.now());
    instance
        .write(move |tx| {
            hosts::reset_failing_host(tx, &domain, now)?;
            rows::wake_host(tx, &domain, now)?;
            events::emit(tx, &Event::DeliveriesDue { host: domain }, now)
        })
        .await?;
    super::wake(instance, found.host);
    Ok(found.queued)
}

/// Forgets everything that waits for a host or was given up. Returns how many deliveries that were.
pub async fn purge(instance: &Instance, name: &str) -> Result<usize> {
    let domain = name.trim().to_lowercase();
    instance.write(move |tx| Ok(rows::purge_host(tx, &domain)?)).await
}
