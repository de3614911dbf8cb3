//! Completing threads and profiles from the servers that have the rest.
//!
//! Everything is fetched by its id from its own server and stored without notifications, timeline rows or a place in trends.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#replies>; the bounds are those of Mastodon's
//! `ActivityPub::FetchAllRepliesWorker`.

mod one;
mod pages;
mod parents;
mod walk;

use std::time::Duration;

use pouet_model::ids::StatusId;
use pouet_service::{statuses, threads};
use tokio::time::timeout;

pub(crate) use one::take_in;
pub(crate) use pages::{Limits, Pages, read};

use crate::{budget::Budget, context::Federation, error::Result};

/// How long one thread is fetched.
const TIME_LIMIT: Duration = Duration::from_mins(5);

/// Fetches what a status answers, and what that answers.
///
/// # Errors
/// Temporary ones mean that it should be tried again.
pub(crate) async fn fetch_parents(federation: &Federation, child: StatusId) -> Result<()> {
    let child = statuses::find_raw(&federation.instance, child).await?;
    // A thread among few is not read by the instance.
    match child.filter(|child| !child.visibility.is_for_addressees()) {
        Some(child) => parents::climb(federation, child, &Budget::of_thread())
            .await
            .map(|_| ()),
        None => Ok(()),
    }
}

/// Fetches the answers that a new status came with. Those who cannot be had now are found when somebody opens the thread.
///
/// # Errors
/// Those of the database.
pub(crate) async fn fetch_replies(federation: &Federation, parent: StatusId, uris: &[String]) -> Result<()> {
    let Some(parent) = statuses::find_raw(&federation.instance, parent).await? else {
        return Ok(());
    };
    walk::Walk::new(federation).take_in(&parent, uris).await
}

/// Fetches what is missing of the thread around a status.
///
/// # Errors
/// Those of the database; servers that do not answer only leave gaps.
pub(crate) async fn fetch(federation: &Federation, id: StatusId) -> Result<()> {
    let Some(status) = statuses::find_raw(&federation.instance, id).await? else {
        return Ok(());
    };
    let walk = walk::Walk::reporting(federation, id);
    let result = if status.visibility.is_open() {
        // What is not there by then is found when the thread is opened the next time.
        timeout(TIME_LIMIT, walk.around(status)).await.unwrap_or(Ok(()))
    } else {
        Ok(())
    };
    threads::note_progress(&federation.instance, id, walk.found(), true).await?;
    result
}
