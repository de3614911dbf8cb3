//! Other hosts: whether they can be reached, and the signature scheme that they take.

use chrono::TimeDelta;
use pouet_storage::hosts as rows;

use crate::{delivery, error::Result, instance::Instance};

pub use pouet_storage::hosts::Host;

/// How long it is remembered which signature scheme a host takes.
const REMEMBER_SCHEME: TimeDelta = TimeDelta::days(30);

/// The name of the signature scheme that `host` took last, if it is remembered.
pub async fn scheme(instance: &Instance, host: &str) -> Result<Option<String>> {
    let (host, now) = (host.to_owned(), instance.now());
    let known = instance
        .read(move |conn| Ok(rows::find_host(conn, &host)?))
        .await?;
    Ok(known.and_then(|host| remembered_scheme(&host, now)))
}

/// The scheme in a host's row, unless it was remembered too long ago.
pub(crate) fn remembered_scheme(host: &Host, now: chrono::DateTime<chrono::Utc>) -> Option<String> {
    host.scheme
        .as_ref()
        .filter(|(_, at)| now - *at <= REMEMBER_SCHEME)
        .map(|(name, _)| name.clone())
}

/// Remembers that `host` took the signature scheme called `scheme`; `None` forgets what was remembered.
pub async fn remember_scheme(instance: &Instance, host: &str, scheme: Option<&str>) -> Result<()> {
    let (domain, now) = (host.to_owned(), instance.now());
    let scheme = scheme.map(|name| (name.to_owned(), now));
    instance
        .write(move |tx| {
            let known = rows::find_host(tx, &domain)?;
            if known.is_none() && scheme.is_none() {
                return Ok(());
            }
            let mut host = known.unwrap_or_else(|| Host::new(&domain, now));
            host.scheme = scheme;
            host.updated_at = now;
            Ok(rows::save_host(tx, &host)?)
        })
        .await
}

/// Notes that `host` is there: it answered, or sent us something signed. What waits for it is sent at once.
pub async fn mark_success(instance: &Instance, host: &str) -> Result<()> {
    let (domain, now) = (host.to_owned(), instance.now());
    let recovered = instance
        .write(move |tx| delivery::note_reachable(tx, &domain, now))
        .await?;
    if recovered {
        delivery::wake(instance, host.to_owned());
    }
    Ok(())
}

/// What is known of `host`.
pub async fn find(instance: &Instance, host: &str) -> Result<Option<Host>> {
    let host = host.to_owned();
    instance.read(move |conn| Ok(rows::find_host(conn, &host)?)).await
}

/// Up to `limit` hosts whose last delivery failed, the most recent failure first.
pub async fn failing(instance: &Instance, limit: i64) -> Result<Vec<Host>> {
    instance
        .read(move |conn| Ok(rows::list_failing_hosts(conn, limit)?))
        .await
}
