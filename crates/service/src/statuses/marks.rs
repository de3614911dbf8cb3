//! Private marks on statuses: bookmarks and silenced conversations.

use pouet_model::ids::{AccountId, StatusId};
use pouet_storage::interactions;

use crate::{error::Result, instance::Instance, visibility::find_target};

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
