//! Keeping what is known of other servers up to date: profiles, outboxes, and what was missed while this server was down.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{account::Account, ids::AccountId, time::from_millis};
use pouet_storage::{Conn, follows, settings, threads as rows};

use crate::{
    accounts,
    error::Result,
    instance::Instance,
    jobs::{self, Job},
};

/// An account that is seen here is asked for again when what is known of it is older than this.
const OLD: TimeDelta = TimeDelta::days(7);
/// Within this time, so that those that became known together are not all asked for at once.
const REFRESH_WITHIN: TimeDelta = TimeDelta::hours(6);
/// Profiles with fewer statuses than this get more when they are opened.
const FEW: i64 = 20;
/// They are not completed again before this time.
const OUTBOX_AGAIN: TimeDelta = TimeDelta::days(7);
/// How often this server notes that it is running.
pub(crate) const BEAT: TimeDelta = TimeDelta::minutes(1);
/// Silence for longer than this was downtime: others may have given up some deliveries.
const DOWNTIME: TimeDelta = TimeDelta::minutes(15);
/// How far back it is looked for what was missed.
const LOOK_BACK: TimeDelta = TimeDelta::days(14);
/// Time between two outboxes of one server, and between any two.
const BETWEEN_OF_HOST: TimeDelta = TimeDelta::seconds(2);
const BETWEEN: TimeDelta = TimeDelta::milliseconds(50);
/// Accounts read from the database at a time.
const BATCH: i64 = 500;
/// Key of the setting that holds when this server last noted that it is running, in milliseconds.
const HEARTBEAT: &str = "heartbeat.at";

/// Notes that something of a remote account is needed or shown: what is known of it is fetched again if it is old.
pub async fn account_seen(instance: &Instance, account: &Account) {
    let now = instance.now();
    let is_old = account
        .remote
        .as_ref()
        .is_some_and(|remote| now - remote.fetched_at > OLD);
    if !is_old || !account.is_active() || !instance.settings.federation_enabled {
        return;
    }
    let id = instance.next_id();
    let job = Job::RefreshAccount {
        account_id: account.id,
    };
    let run_at = now + jobs::jitter(REFRESH_WITHIN, account.id.0);
    instance
        .write_beside(move |tx| jobs::enqueue(tx, id, &job, run_at, now))
        .await;
}

/// Whether what an account shows on its profile matters here: somebody follows it, or has opened its profile lately.
pub(crate) fn is_needed(conn: &mut Conn, id: AccountId, now: DateTime<Utc>) -> Result<bool> {
    let opened = rows::find_outbox_read(conn, id)?;
    Ok(opened.is_some_and(|at| now - at < OUTBOX_AGAIN) || follows::find_local_follower(conn, id)?.is_some())
}

/// Notes that somebody signed in looks at the statuses of an account. What a remote one shows on its profile is fetched, and
/// its newest statuses if few are known.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn profile_opened(instance: &Instance, id: AccountId) -> Result<()> {
    let account = accounts::find(instance, id).await?;
    account_seen(instance, &account).await;
    let Some(remote) = account.remote.as_ref().filter(|_| account.is_active()) else {
        return Ok(());
    };
    let has_few = remote.outbox.is_some() && account.statuses_count < FEW;
    if !instance.settings.federation_enabled {
        return Ok(());
    }
    let now = instance.now();
    let before = now - OUTBOX_AGAIN;
    let last = instance
        .read(move |conn| Ok(rows::find_outbox_read(conn, id)?))
        .await?;
    if last.is_some_and(|last| last >= before) {
        return Ok(());
    }
    let writer = instance.clone();
    instance
        .write_beside(move |tx| {
            if !rows::begin_outbox_read(tx, id, now, before)? {
                return Ok(());
            }
            // Brings the address of its hashtags, and with it what it pinned.
            let refresh = Job::RefreshAccount { account_id: id };
            jobs::enqueue(tx, writer.next_id(), &refresh, now, now)?;
            if has_few {
                jobs::enqueue(
                    tx,
                    writer.next_id(),
                    &Job::FetchRecent { account_id: id },
                    now,
                    now,
                )?;
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Notes that the outbox of an account is being read.
pub async fn note_outbox_read(instance: &Instance, id: AccountId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            rows::begin_outbox_read(tx, id, now, now)?;
            Ok(())
        })
        .await
}

/// Notes that this server is running. If it was not for a while, what others published since is looked for.
pub async fn beat(instance: &Instance) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let last = last_beat(tx)?;
            settings::upsert_setting(tx, HEARTBEAT, &now.timestamp_millis().to_string())?;
            if let Some(last) = last.filter(|last| now - *last > DOWNTIME)
                && writer.settings.federation_enabled
            {
                tracing::info!(since = %last, "was not running; what was missed is looked for");
                let job = Job::CatchUp {
                    since: last.max(now - LOOK_BACK),
                };
                jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
            }
            jobs::enqueue(tx, writer.next_id(), &Job::Heartbeat, now + BEAT, now)
        })
        .await
}

fn last_beat(conn: &mut Conn) -> Result<Option<DateTime<Utc>>> {
    let last = settings::find_setting(conn, HEARTBEAT)?;
    Ok(last.and_then(|text| text.parse().ok()).map(from_millis))
}

/// Has the outboxes of all remote accounts that somebody here follows read for what they hold since `since`, a few at a time
/// from each server.
pub(crate) async fn catch_up(instance: &Instance, since: DateTime<Utc>) -> Result<()> {
    let mut after = AccountId(0);
    let mut of_host: HashMap<String, i32> = HashMap::new();
    let mut total = 0;
    loop {
        let batch = instance
            .read(move |conn| Ok(rows::list_followed_remote(conn, after, BATCH)?))
            .await?;
        let Some((last, _)) = batch.last() else {
            return Ok(());
        };
        after = *last;
        let now = instance.now();
        let mut due = Vec::with_capacity(batch.len());
        for (account_id, domain) in batch {
            let position = of_host.entry(domain).or_default();
            due.push((
                account_id,
                now + (BETWEEN * total).max(BETWEEN_OF_HOST * *position),
            ));
            *position += 1;
            total += 1;
        }
        let writer = instance.clone();
        instance
            .write(move |tx| {
                for (account_id, run_at) in due {
                    let job = Job::CatchUpAccount { account_id, since };
                    jobs::enqueue(tx, writer.next_id(), &job, run_at, now)?;
                }
                Ok(())
            })
            .await?;
    }
}
