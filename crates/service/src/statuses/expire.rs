//! Statuses that their authors gave an end.

use chrono::{DateTime, Utc};
use pouet_model::ids::StatusId;
use pouet_storage::{Conn, statuses as rows, tombstones};

use super::delete::erase;
use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
};

/// Makes the job that removes a status of another server at its end.
pub(super) fn schedule(
    tx: &mut Conn,
    instance: &Instance,
    status_id: StatusId,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    match expires_at {
        Some(end) => {
            let job = Job::ExpireStatus { status_id };
            jobs::enqueue(tx, instance.next_id(), &job, end.max(now), now)
        }
        None => Ok(()),
    }
}

/// Removes a status of another server whose time is over, with its boosts and files. Nobody is told: its own server does that.
/// A status that was deleted before is no error.
pub(crate) async fn end(instance: &Instance, id: StatusId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            let status = rows::find_status(tx, id)?;
            let Some((status, uri)) = status.and_then(|status| {
                let uri = status.uri.clone()?;
                Some((status, uri))
            }) else {
                return Ok(());
            };
            erase(tx, &status, now)?;
            // A copy that comes late is late for good.
            Ok(tombstones::insert_tombstone(tx, &uri, false, now)?)
        })
        .await
}
