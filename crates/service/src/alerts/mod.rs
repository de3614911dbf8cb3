//! What those who look after the instance should see: rings that were kept out of trends, and accounts that gain followers
//! unusually fast. `docs/operators.md` tells what to do about them.

mod followers;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    alert::{Alert, AlertAbout, AlertKind},
    ids::{AccountId, AlertId, CardId, StatusId, TagId},
};
use pouet_storage::{Conn, alerts as rows, cards, statuses, tags};

pub use self::followers::watch as watch_followers;
use crate::{
    error::{Error, Result},
    instance::Instance,
    visibility::load_accounts,
};

/// Nobody is told the same twice within this time; only the numbers are written anew.
const AGAIN: TimeDelta = TimeDelta::hours(24);
/// How long alerts are kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Something to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NewAlert {
    pub(crate) kind: AlertKind,
    pub(crate) about: AlertAbout,
    pub(crate) subject_id: i64,
    pub(crate) reason: String,
    pub(crate) people: i64,
    pub(crate) suspects: i64,
    pub(crate) usual: i64,
}

/// Tells those who look after the instance of something, unless they have just been told.
pub(crate) fn raise(tx: &mut Conn, instance: &Instance, new: NewAlert, now: DateTime<Utc>) -> Result<()> {
    let last = rows::find_last_alert(tx, new.kind, new.about, new.subject_id)?;
    let id = match &last {
        Some(last) if now - last.created_at < AGAIN => last.id,
        _ => instance.next_id(),
    };
    let alert = Alert {
        id,
        kind: new.kind,
        about: new.about,
        subject_id: new.subject_id,
        reason: new.reason,
        people: new.people,
        suspects: new.suspects,
        usual: new.usual,
        created_at: now,
        resolved_at: None,
    };
    match last.filter(|last| last.id == id) {
        None => {
            tracing::warn!(%id, kind = %alert.kind, people = alert.people, suspects = alert.suspects, "an alert was raised");
            Ok(rows::insert_alert(tx, &alert)?)
        }
        // The worst of it is told.
        Some(last) if last.people < alert.people => Ok(rows::update_alert(tx, &alert)?),
        Some(_) => Ok(()),
    }
}

/// An alert with a name for what it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlertView {
    /// It.
    pub alert: Alert,
    /// A hashtag with `#`, the address of a status or page, or a handle with `@`. `None`: it is gone.
    pub subject: Option<String>,
}

/// Alerts, newest first, at most `limit`; without `all` only those that nobody is done with.
pub async fn list(instance: &Instance, all: bool, limit: i64) -> Result<Vec<AlertView>> {
    let handle = instance.clone();
    instance
        .read(move |conn| {
            let found = rows::list_alerts(conn, all, limit)?;
            views(conn, &handle, found)
        })
        .await
}

/// Notes that somebody is done with an alert. That it was so already is no error.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn resolve(instance: &Instance, id: AlertId) -> Result<AlertView> {
    let handle = instance.clone();
    instance
        .write(move |tx| {
            rows::resolve_alert(tx, id, handle.now())?;
            let alert = rows::find_alert(tx, id)?.ok_or(Error::NotFound)?;
            views(tx, &handle, vec![alert])?.pop().ok_or(Error::NotFound)
        })
        .await
}

/// How many alerts of each kind nobody is done with.
pub async fn open_counts(instance: &Instance) -> Result<Vec<(AlertKind, i64)>> {
    instance
        .read(|conn| {
            let mut counts = Vec::new();
            for kind in AlertKind::ALL {
                counts.push((kind, rows::count_open_alerts(conn, kind)?));
            }
            Ok(counts)
        })
        .await
}

/// Forgets old alerts.
pub(crate) fn prune(tx: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    Ok(rows::delete_alerts_before(tx, now - KEPT)?)
}

/// Alerts with names, at a constant number of queries.
fn views(conn: &mut Conn, instance: &Instance, alerts: Vec<Alert>) -> Result<Vec<AlertView>> {
    let ids = |about: AlertAbout| -> Vec<i64> {
        alerts
            .iter()
            .filter(|alert| alert.about == about)
            .map(|alert| alert.subject_id)
            .collect()
    };
    let mut names: HashMap<(AlertAbout, i64), String> = HashMap::new();
    let wanted: Vec<TagId> = ids(AlertAbout::Tag).into_iter().map(TagId).collect();
    for (id, tag) in tags::load_tags_by_id(conn, &wanted)? {
        names.insert((AlertAbout::Tag, id.0), format!("#{}", tag.name));
    }
    let wanted: Vec<StatusId> = ids(AlertAbout::Status).into_iter().map(StatusId).collect();
    for status in statuses::load_statuses(conn, &wanted)? {
        let key = (AlertAbout::Status, status.id.0);
        names.insert(key, instance.urls().status_uri(&status));
    }
    let wanted: Vec<CardId> = ids(AlertAbout::Link).into_iter().map(CardId).collect();
    for (id, card) in cards::load_cards(conn, &wanted)? {
        names.insert((AlertAbout::Link, id.0), card.url);
    }
    let wanted: Vec<AccountId> = ids(AlertAbout::Account).into_iter().map(AccountId).collect();
    for (id, account) in load_accounts(conn, &wanted)? {
        names.insert((AlertAbout::Account, id.0), format!("@{}", account.acct()));
    }
    Ok(alerts
        .into_iter()
        .map(|alert| AlertView {
            subject: names.get(&(alert.about, alert.subject_id)).cloned(),
            alert,
        })
        .collect())
}
