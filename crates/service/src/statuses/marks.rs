//! Private marks on statuses: bookmarks, pins and silenced conversations.

use pouet_model::{
    ids::{AccountId, StatusId},
    status::Visibility,
};
use pouet_storage::interactions;

use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    visibility::{find_target, find_visible},
};

/// Bookmarks a status; doing it again changes nothing.
///
/// # Errors
/// `NotFound` if the actor may not see it.
pub async fn bookmark(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let (status, _) = find_target(tx, actor, id)?;
            Ok(interactions::insert_bookmark(
                tx,
                writer.next_id(),
                actor,
                status.id,
                writer.now(),
            )?)
        })
        .await
}

/// Removes a bookmark; one that is not there is left alone.
///
/// # Errors
/// `NotFound` if the actor may not see the status.
pub async fn unbookmark(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    instance
        .write(move |tx| {
            let (status, _) = find_target(tx, actor, id)?;
            Ok(interactions::delete_bookmark(tx, actor, status.id)?)
        })
        .await
}

/// Pins one's own status to one's profile.
///
/// # Errors
/// `NotFound` if the actor may not see it; `Invalid` if it is not theirs, is a boost or direct, or too many are
/// pinned.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#pin>
pub async fn pin(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let (status, _) = find_visible(tx, Some(actor), id)?;
            let refuse = |reason: &str| Err(Error::invalid("id", "ERR_INVALID", reason));
            if status.reblog_of_id.is_some() {
                return refuse("A boost cannot be pinned");
            }
            if status.account_id != actor {
                return refuse("Someone else's post cannot be pinned");
            }
            if status.visibility == Visibility::Direct {
                return refuse("Posts that are only visible to mentioned users cannot be pinned");
            }
            let pinned = interactions::list_pins(tx, actor)?;
            if !pinned.contains(&id) && pinned.len() >= writer.limits().pinned_statuses {
                return refuse("You have already pinned the maximum number of posts");
            }
            interactions::insert_pin(tx, writer.next_id(), actor, id, now)?;
            jobs::enqueue(
                tx,
                writer.next_id(),
                &Job::SendProfile { account_id: actor },
                now,
                now,
            )
        })
        .await
}

/// Unpins a status; one that is not pinned is left alone.
///
/// # Errors
/// `NotFound` if the actor may not see it.
pub async fn unpin(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            find_visible(tx, Some(actor), id)?;
            interactions::delete_pin(tx, actor, id)?;
            jobs::enqueue(
                tx,
                writer.next_id(),
                &Job::SendProfile { account_id: actor },
                now,
                now,
            )
        })
        .await
}

/// Stops notifications of the conversation that a status belongs to.
///
/// # Errors
/// `NotFound` if the actor may not see the status.
pub async fn mute_conversation(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    instance
        .write(move |tx| {
            let (status, _) = find_target(tx, actor, id)?;
            Ok(interactions::insert_conversation_mute(
                tx,
                actor,
                status.conversation_id,
            )?)
        })
        .await
}

/// Allows notifications of a conversation again.
///
/// # Errors
/// `NotFound` if the actor may not see the status.
pub async fn unmute_conversation(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    instance
        .write(move |tx| {
            let (status, _) = find_target(tx, actor, id)?;
            Ok(interactions::delete_conversation_mute(
                tx,
                actor,
                status.conversation_id,
            )?)
        })
        .await
}
