//! Statuses that their authors gave an end.

use chrono::{DateTime, Utc};
use pouet_model::{ids::StatusId, status::Status};
use pouet_storage::{Conn, locks, statuses as rows, tombstones};

use super::delete::{deleted_status, erase};
use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
};

/// Statuses that are taken up again at a time; the others come next time.
const MAX_OVERDUE: i64 = 1000;

/// Makes the job that removes a status at its end.
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

/// Makes the jobs of statuses that are still there though their end has come: whatever became of the first ones.
pub(crate) fn take_up_overdue(
    tx: &mut Conn,
    instance: &Instance,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    for status_id in rows::list_expired(tx, before, MAX_OVERDUE)? {
        jobs::enqueue(tx, instance.next_id(), &Job::ExpireStatus { status_id }, now, now)?;
    }
    Ok(())
}

/// Gives a local status another end, or none, and tells other servers.
pub(super) fn change(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    end: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    if status.expires_at == end {
        return Ok(());
    }
    rows::update_expires_at(tx, status.id, end)?;
    schedule(tx, instance, status.id, end, now)?;
    if !status.local_only {
        let job = Job::PublishQuote { status_id: status.id };
        jobs::enqueue(tx, instance.next_id(), &job, now, now)?;
    }
    Ok(())
}

/// A status that nobody else changes before the end of the transaction.
pub(super) fn find_locked(tx: &mut Conn, id: StatusId) -> Result<Option<Status>> {
    let Some(status) = rows::find_status(tx, id)? else {
        return Ok(None);
    };
    // Who posts or answers takes them in this order, too.
    locks::lock_accounts(tx, &[status.account_id])?;
    locks::lock_status(tx, id)?;
    Ok(rows::find_status(tx, id)?)
}

/// Removes a status whose time is over, with its boosts and files. Of a status of here other servers are told; of
/// others, their own
/// server tells. One that was deleted before is no error; one that was given more time waits on.
pub(crate) async fn end(instance: &Instance, id: StatusId) -> Result<()> {
    let (writer, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let Some(status) = find_locked(tx, id)? else {
                return Ok(());
            };
            match status.expires_at {
                Some(end) if end <= now => {}
                later => return schedule(tx, &writer, id, later, now),
            }
            let is_open = status.is_local() && status.is_open();
            if status.is_local() && !status.local_only {
                let deleted = deleted_status(tx, &status)?;
                jobs::enqueue(tx, writer.next_id(), &Job::PublishDelete(deleted), now, now)?;
            }
            let uri = writer.urls().status_uri(&status);
            erase(tx, &status, now)?;
            // A copy that comes late is late for good.
            Ok(tombstones::insert_tombstone(tx, &uri, is_open, now)?)
        })
        .await
}
