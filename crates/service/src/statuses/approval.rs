//! Answers and boosts of people here that wait until the author of the other status approves them.
//!
//! Until then such a status is direct: its author sees it, and whom it names. Nothing but its activity to the author of the
//! other status leaves the instance.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    status::{Status, Visibility},
};
use pouet_storage::{
    Conn, accounts, interactions, mentions,
    policies::{self, ApprovalRow},
    statuses as rows,
};

use super::{
    delete::{deleted_status, erase},
    insert::spread,
    reblog::deleted_boost,
};
use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    quotes, trends,
};

/// What somebody's answer is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interacted {
    /// An answer or boost of ours.
    Status(StatusId),
    /// A favourite.
    Favourite(RelationId),
    /// An emoji.
    Reaction(RelationId),
}

/// Makes a new status wait: it is narrowed, and what it is to be is noted.
pub(super) fn hold(tx: &mut Conn, status: StatusId, target: StatusId, visibility: Visibility) -> Result<()> {
    let row = ApprovalRow {
        status_id: status,
        target_id: target,
        visibility,
        approved_by: None,
    };
    Ok(policies::insert_approval(tx, &row)?)
}

/// Takes in that the author of a remote status approved of an answer or boost of ours: it appears where it is meant to, and
/// is sent to everybody whom it is for. `approval`: id of the approval, on the author's server. What does not wait, or
/// waits for somebody else, is left alone.
pub async fn receive_approval(
    instance: &Instance,
    author: AccountId,
    status: StatusId,
    approval: &str,
) -> Result<()> {
    let approval = approval.to_owned();
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let Some((row, _)) = waiting_for(tx, author, status)? else {
                return Ok(());
            };
            if row.approved_by.is_some() {
                return Ok(());
            }
            policies::approve(tx, &row, &approval)?;
            let status = rows::find_status(tx, status)?.ok_or(Error::NotFound)?;
            appear(tx, &writer, &status, now)?;
            let job = Job::Publish { status_id: status.id };
            jobs::enqueue(tx, writer.next_id(), &job, now, now)
        })
        .await
}

/// Lets a status appear. What needs approval is by authors elsewhere: nobody here is told that theirs was boosted.
fn appear(tx: &mut Conn, instance: &Instance, status: &Status, now: DateTime<Utc>) -> Result<()> {
    let writer = accounts::find_account(tx, status.account_id)?.ok_or(Error::NotFound)?;
    let named = mentions::load_mentions(tx, &[status.id])?
        .remove(&status.id)
        .unwrap_or_default();
    spread(tx, instance, &writer, status, &named, now)?;
    quotes::tell(tx, instance, status.id, now)
}

/// The note about a status of ours, and what it is about, if that is by `author`.
fn waiting_for(tx: &mut Conn, author: AccountId, status: StatusId) -> Result<Option<(ApprovalRow, Status)>> {
    let Some(row) = policies::find_approval(tx, status)? else {
        return Ok(None);
    };
    let target = rows::find_status(tx, row.target_id)?;
    Ok(target
        .filter(|target| target.account_id == author)
        .map(|target| (row, target)))
}

/// Takes in that the author of a remote status does not want an answer, boost, favourite or emoji of ours: it is removed
/// here. Who got it already, because it had been approved before, is told. What concerns somebody else is left alone.
pub async fn receive_rejection(instance: &Instance, author: AccountId, what: Interacted) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| match what {
            Interacted::Status(id) => reject_status(tx, &writer, author, id),
            Interacted::Favourite(id) => {
                let Some((actor, status)) = interactions::find_favourite_by_id(tx, id)? else {
                    return Ok(());
                };
                if is_by(tx, status, author)? {
                    interactions::delete_favourite(tx, actor, status)?;
                    trends::forget_act(tx, status, actor)?;
                    rows::adjust_count(tx, status, rows::Counter::Favourites, -1)?;
                }
                Ok(())
            }
            Interacted::Reaction(id) => {
                let Some(status) = pouet_storage::reactions::find_reacted(tx, id)? else {
                    return Ok(());
                };
                if is_by(tx, status, author)? {
                    pouet_storage::reactions::delete_reaction(tx, id)?;
                }
                Ok(())
            }
        })
        .await
}

fn is_by(tx: &mut Conn, status: StatusId, author: AccountId) -> Result<bool> {
    let found = rows::find_status(tx, status)?;
    Ok(found.is_some_and(|status| status.account_id == author))
}

fn reject_status(tx: &mut Conn, instance: &Instance, author: AccountId, id: StatusId) -> Result<()> {
    let now = instance.now();
    let Some((row, target)) = waiting_for(tx, author, id)? else {
        return Ok(());
    };
    let Some(status) = rows::find_status(tx, id)? else {
        return Ok(());
    };
    let known_to_others = row.approved_by.is_some();
    let deleted = if status.reblog_of_id.is_some() {
        deleted_boost(instance, &status, &target)
    } else {
        deleted_status(tx, &status)?
    };
    erase(tx, &status, now)?;
    if known_to_others {
        jobs::enqueue(tx, instance.next_id(), &Job::PublishDelete(deleted), now, now)?;
    }
    Ok(())
}
