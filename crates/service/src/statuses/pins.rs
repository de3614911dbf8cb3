//! Statuses pinned to profiles, of people here and elsewhere.

use pouet_model::{
    ids::{AccountId, StatusId},
    status::Visibility,
};
use pouet_storage::{Conn, interactions, statuses, users};

use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, FeaturedChange, FeaturedItem, Job},
    visibility::find_visible,
};

/// Pins of one remote account that are kept: other servers allow more than we do.
pub const MAX_REMOTE_PINS: usize = 20;

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
            users::lock_user_of(tx, actor)?;
            let pinned = interactions::list_pins(tx, actor)?;
            if pinned.contains(&id) {
                return Ok(());
            }
            if pinned.len() >= writer.limits().pinned_statuses {
                return refuse("You have already pinned the maximum number of posts");
            }
            interactions::insert_pin(tx, writer.next_id(), actor, id, now)?;
            tell(tx, &writer, actor, id, FeaturedChange::Add)
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
            find_visible(tx, Some(actor), id)?;
            if !interactions::list_pins(tx, actor)?.contains(&id) {
                return Ok(());
            }
            interactions::delete_pin(tx, actor, id)?;
            tell(tx, &writer, actor, id, FeaturedChange::Remove)
        })
        .await
}

fn tell(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    id: StatusId,
    change: FeaturedChange,
) -> Result<()> {
    let now = instance.now();
    let job = Job::SendFeatured {
        account_id: actor,
        item: FeaturedItem::Status(id),
        change,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// Whether a status can stand on the profile of `account`.
fn is_pinnable(tx: &mut Conn, account: AccountId, id: StatusId) -> Result<bool> {
    let status = statuses::find_status(tx, id)?;
    Ok(status.is_some_and(|status| {
        status.account_id == account
            && status.reblog_of_id.is_none()
            && status.visibility != Visibility::Direct
    }))
}

/// Pins a status of a remote account to its profile, as its server says. A status of somebody else, a direct one, and one
/// too many are left alone.
pub async fn receive_pin(instance: &Instance, account: AccountId, id: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let pinned = interactions::list_pins(tx, account)?;
            if pinned.len() >= MAX_REMOTE_PINS || !is_pinnable(tx, account, id)? {
                return Ok(());
            }
            Ok(interactions::insert_pin(
                tx,
                writer.next_id(),
                account,
                id,
                writer.now(),
            )?)
        })
        .await
}

/// Unpins a status of a remote account, if it is pinned.
pub async fn receive_unpin(instance: &Instance, account: AccountId, id: StatusId) -> Result<()> {
    instance
        .write(move |tx| Ok(interactions::delete_pin(tx, account, id)?))
        .await
}

/// Makes the pins of a remote account those that its server lists, in the order of the list.
pub async fn receive_pins(instance: &Instance, account: AccountId, listed: Vec<StatusId>) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let mut kept = Vec::new();
            for id in listed.into_iter().take(MAX_REMOTE_PINS) {
                if !kept.contains(&id) && is_pinnable(tx, account, id)? {
                    kept.push(id);
                }
            }
            let before = interactions::list_pins(tx, account)?;
            if before == kept {
                return Ok(());
            }
            for id in before {
                interactions::delete_pin(tx, account, id)?;
            }
            // Pins are shown newest first.
            for id in kept.iter().rev() {
                interactions::insert_pin(tx, writer.next_id(), account, *id, writer.now())?;
            }
            Ok(())
        })
        .await
}
