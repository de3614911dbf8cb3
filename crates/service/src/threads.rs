//! Threads that other servers have more of: when they are fetched, and how far that has come.
//!
//! Source: <https://docs.joinmastodon.org/methods/async_refreshes/>; the waits are those of Mastodon's
//! `Status::FetchRepliesConcern`.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    status::Status,
};
use pouet_storage::{Conn, statuses, threads as rows};

use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    visibility::find_visible,
};

/// A thread is not asked for while its first status is younger: answers still arrive by themselves.
const SETTLED: TimeDelta = TimeDelta::minutes(5);
/// The same thread is fetched again after this time at the earliest.
const COOLDOWN: TimeDelta = TimeDelta::minutes(15);
/// A fetch that has not ended by now never will: its job was given up.
const ABANDONED: TimeDelta = TimeDelta::minutes(10);
/// How long it can be asked what became of a fetch.
pub(crate) const KEPT: TimeDelta = TimeDelta::days(1);
/// Levels of a known thread that are gone through.
const MAX_LEVELS: usize = 64;

/// How far the fetch of a thread has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refresh {
    /// The status that was opened.
    pub status_id: StatusId,
    /// It goes on.
    pub running: bool,
    /// Statuses that were new so far.
    pub result_count: i64,
}

impl Refresh {
    fn of(fetch: rows::ThreadFetch, now: DateTime<Utc>) -> Self {
        Self {
            status_id: fetch.status_id,
            running: fetch.finished_at.is_none() && now - fetch.started_at < ABANDONED,
            result_count: fetch.result_count,
        }
    }
}

/// Notes that a signed-in viewer has opened a thread. If other servers may have more of it, a job begins to fetch that, and
/// the answer says how far it is; `None` if nothing is under way.
///
/// # Errors
/// `NotFound` if the viewer may not see the status.
pub async fn open(instance: &Instance, viewer: AccountId, id: StatusId) -> Result<Option<Refresh>> {
    if !instance.settings.federation_enabled {
        return Ok(None);
    }
    let now = instance.now();
    let (due, known) = instance
        .read(move |conn| {
            let (status, _) = find_visible(conn, Some(viewer), id)?;
            let known = rows::find_thread_fetch(conn, id)?;
            Ok((is_due(conn, &status, known.as_ref(), now)?, known))
        })
        .await?;
    if !due {
        return Ok(known
            .map(|fetch| Refresh::of(fetch, now))
            .filter(|refresh| refresh.running));
    }
    let job_id = instance.next_id();
    let fetch = instance
        .write_beside(move |tx| {
            if rows::begin_thread_fetch(tx, id, now, now - COOLDOWN)? {
                jobs::enqueue(tx, job_id, &Job::FetchThread { status_id: id }, now, now)?;
            }
            Ok(rows::find_thread_fetch(tx, id)?)
        })
        .await;
    Ok(fetch
        .flatten()
        .map(|fetch| Refresh::of(fetch, now))
        .filter(|refresh| refresh.running))
}

/// Only what everybody may read is asked for, since the instance asks in nobody's name.
fn is_due(
    conn: &mut Conn,
    status: &Status,
    known: Option<&rows::ThreadFetch>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let settled = now - status.created_at >= SETTLED;
    let rested = known.is_none_or(|fetch| now - fetch.started_at > COOLDOWN);
    if !status.visibility.is_open() || status.reblog_of_id.is_some() || !settled || !rested {
        return Ok(false);
    }
    Ok(!status.is_local()
        || status.in_reply_to_uri.is_some()
        || rows::has_remote_status(conn, status.conversation_id)?)
}

/// How far the fetch of the thread around a status is.
///
/// # Errors
/// `NotFound` if there was none lately, or the viewer may not see the status.
///
/// Source: <https://docs.joinmastodon.org/methods/async_refreshes/#show>
pub async fn find(instance: &Instance, viewer: AccountId, id: StatusId) -> Result<Refresh> {
    let now = instance.now();
    instance
        .read(move |conn| {
            find_visible(conn, Some(viewer), id)?;
            let fetch = rows::find_thread_fetch(conn, id)?.ok_or(Error::NotFound)?;
            Ok(Refresh::of(fetch, now))
        })
        .await
}

/// Notes how many statuses the fetch of a thread has found, and whether it is over.
pub async fn note_progress(instance: &Instance, id: StatusId, found: i64, over: bool) -> Result<()> {
    let ended = over.then(|| instance.now());
    instance
        .write(move |tx| Ok(rows::update_thread_fetch(tx, id, found, ended)?))
        .await
}

/// Statuses of other servers below a status that everybody may read, as far as they are known; at most `limit`.
pub async fn known_below(instance: &Instance, id: StatusId, limit: usize) -> Result<Vec<Status>> {
    instance
        .read(move |conn| {
            let mut found: HashSet<StatusId> = HashSet::new();
            let mut level = vec![id];
            for _ in 0..MAX_LEVELS {
                let replies = statuses::list_reply_ids(conn, &level)?;
                level = replies
                    .into_iter()
                    .map(|(reply, _)| reply)
                    .filter(|reply| found.len() < limit && found.insert(*reply))
                    .collect();
                if level.is_empty() {
                    break;
                }
            }
            let ids: Vec<StatusId> = found.into_iter().collect();
            let mut below = statuses::load_statuses(conn, &ids)?;
            below.retain(|status| !status.is_local() && status.visibility.is_open());
            Ok(below)
        })
        .await
}

/// The id that its own server gave the conversation of a status; `None` if it has none or began here.
pub async fn conversation_uri(instance: &Instance, status: &Status) -> Result<Option<String>> {
    let id = status.conversation_id;
    instance
        .read(move |conn| Ok(pouet_storage::conversations::find_conversation_uri(conn, id)?))
        .await
}
