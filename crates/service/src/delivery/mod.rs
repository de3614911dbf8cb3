//! Deliveries: activities of ours on their way to other servers' inboxes.
//!
//! [`enqueue`] stores an activity once and a row for each inbox. The [`Worker`] empties the rows host by host: each
//! host has a lane in which one request is under way at a time, so that a host that hangs or is gone holds nobody
//! else up. How an attempt went is judged by [`outcome`], when it is repeated by [`schedule`], and what it says about
//! the host by [`health`]; all three are pure.

pub mod health;
mod lanes;
pub mod outcome;
pub mod overview;
mod recipients;
mod record;
pub mod schedule;
mod thread;
mod worker;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use pouet_model::ids::{AccountId, ActivityId};
use pouet_storage::{Conn, activities, deliveries as rows, hosts};
use tokio::sync::Notify;
use url::Url;

use crate::{error::Result, instance::Instance, net::host_header, policy};

pub use outcome::SendOutcome;
pub use pouet_storage::deliveries::QueueCounts;
pub use recipients::{Recipients, inboxes};
pub use thread::{ThreadUris, thread_uris};
pub use worker::Worker;

/// An activity to deliver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Our id of it. Delivering the same id again does nothing, so that a job may run twice.
    pub id: ActivityId,
    /// Whose key signs; `None`: the instance actor's.
    pub account_id: Option<AccountId>,
    /// The retired key that signs instead, while it is kept: of what announces the key in its place.
    pub retired_key_id: Option<i64>,
    /// JSON, sent byte for byte.
    pub body: String,
    /// Deliveries about the same object reach a host in the order they were enqueued.
    pub object_uri: String,
    /// Where to; repetitions, our own addresses and those of hosts that get nothing are dropped.
    pub inboxes: Vec<String>,
}

/// A delivery as it is handed to the [`Sender`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: i64,
    /// Whose key signs; `None`: the instance actor's.
    pub account_id: Option<AccountId>,
    /// The retired key that signs instead, while it is kept.
    pub retired_key_id: Option<i64>,
    /// JSON, sent byte for byte.
    pub body: std::sync::Arc<str>,
    /// Where to.
    pub inbox_url: String,
    /// The inbox's host, with its port where it is not the scheme's own.
    pub host: String,
    /// Failed attempts so far.
    pub attempts: i64,
    /// Name of the signature scheme that the host took last, if it is remembered.
    pub scheme: Option<String>,
}

/// Sends one delivery once. Implemented by `federation`, which signs.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends `delivery` and says how it went; never waits for ever.
    async fn send(&self, delivery: &Delivery) -> SendOutcome;
}

/// Tells the worker of this process which lanes have news.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    hosts: Mutex<Vec<String>>,
    news: Notify,
}

impl Signals {
    fn raise(&self, hosts: impl IntoIterator<Item = String>) {
        self.hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(hosts);
        self.news.notify_one();
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.hosts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The host of an address as lanes are called, with its port where it is not the scheme's own.
pub(crate) fn host_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    url.host_str()?;
    Some(host_header(&url))
}

/// Stores an activity and a delivery for each inbox in one transaction, and returns how many deliveries were made.
///
/// Dropped are: inboxes that are no addresses, our own, those of suspended domains, and those of hosts that have
/// been unavailable for long; such a host gets one delivery a day, to see whether it is back.
pub async fn enqueue(instance: &Instance, outgoing: Outgoing) -> Result<usize> {
    enqueue_as(instance, outgoing, false).await
}

/// [`enqueue`] for the one thing that a domain is told although it is suspended: that its follows ended.
pub async fn enqueue_farewell(instance: &Instance, outgoing: Outgoing) -> Result<usize> {
    enqueue_as(instance, outgoing, true).await
}

async fn enqueue_as(instance: &Instance, outgoing: Outgoing, farewell: bool) -> Result<usize> {
    let now = instance.now();
    let mut targets = targets(instance, &outgoing.inboxes, farewell).await?;
    let Outgoing {
        id,
        account_id,
        retired_key_id,
        body,
        object_uri,
        ..
    } = outgoing;
    let ids: Vec<i64> = targets.iter().map(|_| instance.next_id()).collect();
    let queued = instance
        .write(move |tx| {
            let hosts: Vec<String> = targets.iter().map(|(_, host)| host.clone()).collect();
            let known = known_hosts(tx, hosts)?;
            targets.retain(|(_, host)| known.get(host).is_none_or(|host| health::takes_news(host, now)));
            if targets.is_empty() {
                return Ok(Vec::new());
            }
            let activity = activities::StoredActivity {
                id,
                account_id,
                body,
                retired_key_id,
            };
            if !activities::insert_activity(tx, &activity, now)? {
                return Ok(Vec::new());
            }
            let new: Vec<rows::NewDelivery> = targets
                .iter()
                .zip(ids)
                .map(|((inbox_url, host), delivery_id)| rows::NewDelivery {
                    id: delivery_id,
                    activity_id: id,
                    inbox_url: inbox_url.clone(),
                    host: host.clone(),
                    object_uri: object_uri.clone(),
                    farewell,
                })
                .collect();
            rows::insert_deliveries(tx, &new, now)?;
            Ok(targets.into_iter().map(|(_, host)| host).collect())
        })
        .await?;
    let count = queued.len();
    instance.delivery.raise(queued);
    Ok(count)
}

/// The inboxes that may be sent to, each once, with their hosts; none where federation is off.
async fn targets(instance: &Instance, inboxes: &[String], farewell: bool) -> Result<Vec<(String, String)>> {
    if !instance.settings.federation_enabled {
        return Ok(Vec::new());
    }
    let mut inboxes = inboxes.to_vec();
    inboxes.sort_unstable();
    inboxes.dedup();
    let mut allowed: HashMap<String, bool> = HashMap::new();
    let mut targets = Vec::with_capacity(inboxes.len());
    for inbox in inboxes {
        let Some(host) = host_of(&inbox) else {
            tracing::debug!(inbox, "an inbox is no address");
            continue;
        };
        if instance.urls().is_own_domain(&host) {
            continue;
        }
        let allowed = if let Some(known) = allowed.get(&host) {
            *known
        } else {
            let policy = policy::of(instance, &host).await?;
            let answer = !policy.suspended || (farewell && !policy.unlisted);
            allowed.insert(host.clone(), answer);
            answer
        };
        if allowed {
            targets.push((inbox, host));
        }
    }
    Ok(targets)
}

fn known_hosts(tx: &mut Conn, domains: Vec<String>) -> Result<HashMap<String, hosts::Host>> {
    let mut domains = domains;
    domains.sort_unstable();
    domains.dedup();
    Ok(hosts::load_hosts(tx, &domains)?
        .into_iter()
        .map(|host| (host.domain.clone(), host))
        .collect())
}

/// Notes in a transaction that `host` can be reached, and makes due what waits for it. If this returns true, call
/// [`wake`] after the commit.
pub(crate) fn note_reachable(tx: &mut Conn, host: &str, now: DateTime<Utc>) -> Result<bool> {
    let Some(recovery) = hosts::reset_failing_host(tx, host, now)? else {
        return Ok(false);
    };
    rows::wake_lane(tx, host, recovery, now)?;
    Ok(true)
}

/// Tells the worker of this process to look at the lane of `host`.
pub(crate) fn wake(instance: &Instance, host: String) {
    instance.delivery.raise([host]);
}

/// How full the queue is, for those who look after the instance.
pub async fn queue_counts(instance: &Instance) -> Result<QueueCounts> {
    instance.read(|conn| Ok(rows::count_deliveries(conn)?)).await
}

/// Whether something signed by this account still waits: its key must not go before.
pub async fn is_waiting_for(instance: &Instance, account: AccountId) -> Result<bool> {
    instance
        .read(move |conn| Ok(activities::has_waiting_activity(conn, account)?))
        .await
}
