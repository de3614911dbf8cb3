//! Answers and boosts that wait until the author of the other status approves them: those of people here, and those
//! to statuses of people here.
//!
//! Until then such a status is direct: its author sees it, and whom it names, and it is not counted. Of ours, nothing
//! but the activity to the author of the other status leaves the instance.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    interaction::Interaction,
    notification::NotificationType,
    status::{Mention, Status, Visibility},
};
use pouet_storage::{
    Conn, accounts, interactions, mentions,
    policies::{self, ApprovalRow},
    statuses::{self as rows, Counter},
};

use super::{
    delete::{deleted_status, erase},
    insert::spread,
    reblog::deleted_boost,
};
use crate::{
    error::{Error, Result},
    instance::Instance,
    interactions::Wish,
    jobs::{self, Job},
    notifications::notify,
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

/// Makes a new answer or boost wait, which is narrowed already: what it is to be is noted, it is not counted, and an
/// author who is here is asked.
pub(super) fn hold(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    target: StatusId,
    visibility: Visibility,
) -> Result<()> {
    let row = ApprovalRow {
        status_id: status.id,
        target_id: target,
        visibility,
        approved_by: None,
    };
    policies::insert_approval(tx, &row)?;
    rows::adjust_count(tx, target, counter(status), -1)?;
    let target = rows::find_status(tx, target)?.ok_or(Error::NotFound)?;
    if !target.is_local() {
        return Ok(());
    }
    if status.reblog_of_id.is_none() && visibility.is_open() {
        // Who decides about it sees it, named or not. What is not for everybody becomes visible to nobody else by this.
        let asked = Mention {
            account_id: target.account_id,
            silent: true,
        };
        mentions::insert_mentions(tx, status.id, &[asked], None)?;
    }
    let urls = instance.urls();
    let (kind, own) = match status.reblog_of_id {
        Some(_) => (
            Interaction::Announce,
            urls.status_activity(status.account_id, status.id),
        ),
        None => (Interaction::Reply, urls.status_uri(status)),
    };
    let uri = status.uri.clone().unwrap_or(own);
    Wish::new(kind, &target, status.account_id, uri).note(tx, instance, Some(status.id))
}

/// In what an answer or boost is counted.
fn counter(status: &Status) -> Counter {
    match status.reblog_of_id {
        Some(_) => Counter::Reblogs,
        None => Counter::Replies,
    }
}

/// Lets an answer or boost appear that waited for a member of here. `approval`: id of the approval.
pub(crate) fn accept_status(
    tx: &mut Conn,
    instance: &Instance,
    id: StatusId,
    approval: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let waiting = policies::find_approval(tx, id)?.filter(|row| row.approved_by.is_none());
    let Some(row) = waiting else { return Ok(()) };
    policies::approve(tx, &row, approval)?;
    let status = rows::find_status(tx, id)?.ok_or(Error::NotFound)?;
    appear(tx, instance, &status, &row, now)?;
    if status.reblog_of_id.is_some()
        && let Some(target) = rows::find_status(tx, row.target_id)?
    {
        let kind = NotificationType::Reblog;
        notify(
            tx,
            target.account_id,
            kind,
            status.account_id,
            Some(target.id),
            now,
        )?;
    }
    if !status.is_local() || status.local_only {
        return Ok(());
    }
    jobs::enqueue(tx, instance.next_id(), &Job::Publish { status_id: id }, now, now)
}

/// Removes an answer or boost that waited for a member of here in vain.
pub(crate) fn erase_rejected(tx: &mut Conn, id: StatusId, now: DateTime<Utc>) -> Result<()> {
    match rows::find_status(tx, id)? {
        Some(status) => erase(tx, &status, now),
        None => Ok(()),
    }
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
            appear(tx, &writer, &status, &row, now)?;
            let job = Job::Publish { status_id: status.id };
            jobs::enqueue(tx, writer.next_id(), &job, now, now)
        })
        .await
}

/// Lets a status appear and counts it.
fn appear(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    approval: &ApprovalRow,
    now: DateTime<Utc>,
) -> Result<()> {
    let writer = accounts::find_account(tx, status.account_id)?.ok_or(Error::NotFound)?;
    let named = mentions::load_mentions(tx, &[status.id])?
        .remove(&status.id)
        .unwrap_or_default();
    rows::adjust_count(tx, approval.target_id, counter(status), 1)?;
    spread(tx, instance, &writer, status, &named, now)?;
    // Of what others quote it was told when it came.
    if status.is_local() {
        quotes::tell(tx, instance, status.id, now)?;
    }
    Ok(())
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
                    rows::adjust_count(tx, status, Counter::Favourites, -1)?;
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
