//! The jobs that need no other server.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::ids::JobId;
use pouet_storage::{
    activities, deliveries, hosts, inbox, jobs as rows, numbers, retired_keys, threads as thread_rows,
};

use super::{Job, JobError, JobHandler, enqueue};
use crate::{
    accounts, alerts, cards, error::Result, instance::Instance, interactions, media, mutes, notifications,
    oauth, policy, retention, search, sessions, signing_keys::RETIRED_FOR, statuses, threads, trends, upkeep,
};

/// How long after the start, and then between runs, rows past their time are removed.
const PRUNE_EVERY: TimeDelta = TimeDelta::hours(1);
/// How long after its time something counts as forgotten: its job may just be under way.
const OVERDUE: TimeDelta = TimeDelta::minutes(5);
/// How long a deleted file may stay in the media store.
const CLEAN_MEDIA_EVERY: TimeDelta = TimeDelta::minutes(4);
/// How long processed activities are remembered, so that a second arrival does nothing.
const KEEP_RECEIVED: TimeDelta = TimeDelta::days(14);
/// How long jobs and deliveries that were given up can be looked at.
const KEEP_DEAD: TimeDelta = TimeDelta::days(7);
/// How long a delivery may wait at all: longer than the whole table of repetitions takes.
const DELIVERY_LIFETIME: TimeDelta = TimeDelta::days(7);
/// How long the text of an activity is kept for jobs that are run again.
const KEEP_ACTIVITIES: TimeDelta = TimeDelta::days(2);
/// How long nothing may be learnt of a host before it is forgotten.
const KEEP_HOSTS: TimeDelta = TimeDelta::days(30);

/// How long it is known which users were here in which week.
const KEEP_WEEKS: TimeDelta = TimeDelta::weeks(13);

/// How many hosts are remembered, the latest news first: names of hosts cost their inventor nothing.
const MAX_HOSTS: i64 = 50_000;

/// Runs a job here if it is one of ours, and by `handler` otherwise.
pub(super) async fn run(
    instance: &Instance,
    handler: &dyn JobHandler,
    id: JobId,
    job: Job,
) -> Result<(), JobError> {
    match job {
        Job::Prune => Ok(prune(instance).await?),
        Job::EndPoll { poll_id } => Ok(crate::polls::end(instance, poll_id).await?),
        Job::EndQuoteRequest { status_id } => Ok(crate::quotes::end_request(instance, status_id).await?),
        Job::ExpireStatus { status_id } => Ok(statuses::expire::end(instance, status_id).await?),
        Job::EndAnnouncement { announcement_id } => {
            Ok(crate::announcements::end(instance, announcement_id).await?)
        }
        Job::MergeNotifications {
            account_id,
            from_account_id,
        } => Ok(notifications::requests::merge(instance, account_id, from_account_id).await?),
        Job::VerifyLinks { account_id } => Ok(crate::verified_links::verify(instance, account_id).await?),
        Job::FetchCard { card_id } => Ok(cards::fetch(instance, card_id).await?),
        Job::PublishScheduled { scheduled_id } => {
            Ok(statuses::scheduled::publish(instance, scheduled_id).await?)
        }
        Job::CarryFollowers {
            account_id,
            target_id,
        } => Ok(crate::moves::carry(instance, account_id, target_id).await?),
        Job::SeverDomain { domain } => Ok(policy::jobs::sever(instance, &domain).await?),
        Job::PurgeDomainMedia { domain } => Ok(policy::jobs::purge_media(instance, &domain).await?),
        Job::PurgeDomain { domain } => Ok(policy::jobs::purge(instance, &domain).await?),
        Job::DeleteContent { account_id } => Ok(accounts::delete_content(instance, account_id).await?),
        Job::EmptyMediaTrash => Ok(clean_media(instance).await?),
        Job::RefreshTrends => Ok(trends::run(instance).await?),
        Job::IndexCard { card_id } => Ok(search::documents::index_card(instance, card_id).await?),
        Job::IndexStatuses => Ok(search::documents::index_older(instance).await?),
        Job::RemoveOldStatuses => Ok(retention::run(instance).await?),
        Job::FoldNames => Ok(search::names::fold_older(instance).await?),
        Job::Heartbeat => Ok(upkeep::beat(instance).await?),
        Job::CatchUp { since } => Ok(upkeep::catch_up(instance, since).await?),
        other => handler.run(id, other).await,
    }
}

/// Makes sure that periodic jobs wait.
pub(super) async fn schedule(instance: &Instance) -> Result<()> {
    let now = instance.now();
    let (prune, clean, beat, look) = (
        instance.next_id(),
        instance.next_id(),
        instance.next_id(),
        instance.next_id(),
    );
    let writer = instance.clone();
    instance
        .write(move |tx| {
            search::documents::schedule(tx, &writer)?;
            retention::schedule(tx, &writer)?;
            search::names::schedule(tx, &writer)?;
            enqueue(tx, beat, &Job::Heartbeat, now, now)?;
            enqueue(tx, look, &Job::RefreshTrends, now + trends::EVERY, now)?;
            enqueue(tx, prune, &Job::Prune, now + PRUNE_EVERY, now)?;
            enqueue(tx, clean, &Job::EmptyMediaTrash, now + CLEAN_MEDIA_EVERY, now)
        })
        .await
}

/// Makes the jobs of what should have happened by now and did not, because its job was lost or given up.
pub(super) async fn take_up_overdue(instance: &Instance) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let before = now - OVERDUE;
            statuses::scheduled::take_up_overdue(tx, &writer, before, now)?;
            statuses::expire::take_up_overdue(tx, &writer, before, now)
        })
        .await
}

async fn clean_media(instance: &Instance) -> Result<()> {
    media::clean(instance).await?;
    schedule(instance).await
}

async fn prune(instance: &Instance) -> Result<()> {
    let now = instance.now();
    instance.write(move |tx| prune_queues(tx, now)).await?;
    oauth::prune(instance).await?;
    sessions::prune(instance).await?;
    cards::prune(instance).await?;
    interactions::prune(instance).await?;
    take_up_overdue(instance).await?;
    while mutes::end_expired(instance).await? > 0 {}
    schedule(instance).await
}

fn prune_queues(tx: &mut pouet_storage::Conn, now: DateTime<Utc>) -> Result<()> {
    inbox::delete_received_before(tx, now - KEEP_RECEIVED)?;
    rows::delete_dead_jobs_before(tx, now - KEEP_DEAD)?;
    deliveries::expire_deliveries_before(tx, now - DELIVERY_LIFETIME, now)?;
    deliveries::delete_dead_deliveries_before(tx, now - KEEP_DEAD)?;
    activities::delete_unused_activities_before(tx, now - KEEP_ACTIVITIES)?;
    hosts::delete_hosts_before(tx, now - KEEP_HOSTS)?;
    retired_keys::delete_retired_keys_before(tx, now - RETIRED_FOR)?;
    hosts::delete_hosts_beyond(tx, MAX_HOSTS)?;
    thread_rows::delete_thread_fetches_before(tx, now - threads::KEPT)?;
    numbers::delete_user_weeks_before(tx, now - KEEP_WEEKS)?;
    alerts::prune(tx, now)?;
    trends::prune(tx, now)
}
