//! Favourites, made here and received.

use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    interaction::Interaction,
    notification::NotificationType,
    status::Status,
};
use pouet_storage::{
    Conn, accounts, interactions, notifications,
    statuses::{self, Counter},
    tombstones,
};

use crate::{
    error::Result,
    instance::Instance,
    interactions::{check, is_welcome},
    jobs::{self, Job},
    notifications::notify,
    trends,
    visibility::{Sight, find_target},
};

/// Favourites a status; doing it again changes nothing.
///
/// # Errors
/// `NotFound` if the actor may not see it; `Forbidden` if its author does not want this.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#favourite>
pub async fn favourite(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let (status, author) = find_target(tx, actor, id)?;
            // It is told to the author alone, who may still refuse it: there is nothing to hold back.
            check(tx, &writer, Interaction::Like, &status, &author, actor)?;
            let favourite_id = writer.next_id();
            if !interactions::insert_favourite(tx, favourite_id, actor, status.id, None, now)? {
                return Ok(());
            }
            statuses::adjust_count(tx, status.id, Counter::Favourites, 1)?;
            trends::count_act_by(tx, &writer, &status, actor, now)?;
            notify(
                tx,
                author.id,
                NotificationType::Favourite,
                actor,
                Some(status.id),
                now,
            )?;
            if !author.is_local() {
                let job = Job::SendFavourite {
                    favourite_id,
                    account_id: actor,
                    status_id: status.id,
                };
                jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
            }
            Ok(())
        })
        .await
}

/// Takes a favourite back; one that is not there is left alone.
///
/// # Errors
/// `NotFound` if the actor may not see the status.
pub async fn unfavourite(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let (status, author) = find_target(tx, actor, id)?;
            let Some(favourite_id) = remove(tx, actor, &author, status.id)? else {
                return Ok(());
            };
            if !author.is_local() {
                let job = Job::SendUndoFavourite {
                    favourite_id,
                    account_id: actor,
                    status_id: status.id,
                };
                jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
            }
            Ok(())
        })
        .await
}

fn remove(
    tx: &mut Conn,
    actor: AccountId,
    author: &Account,
    id: StatusId,
) -> Result<Option<pouet_model::ids::RelationId>> {
    let removed = interactions::delete_favourite(tx, actor, id)?;
    if removed.is_some() {
        statuses::adjust_count(tx, id, Counter::Favourites, -1)?;
        trends::forget_act(tx, id, actor)?;
        notifications::delete_notifications_of(tx, author.id, NotificationType::Favourite, actor, Some(id))?;
    }
    Ok(removed)
}

/// A local status that a remote account may favourite or put an emoji on, with who does.
pub(super) struct Liked {
    pub(super) status: Status,
    pub(super) author: Account,
    pub(super) liker: Account,
}

/// What a remote account may favourite or put an emoji on: they see it, its author welcomes this, and the activity called
/// `uri` was not undone before it came. `None` if they may not.
pub(super) fn likeable(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    uri: Option<&str>,
    target: StatusId,
) -> Result<Option<Liked>> {
    let status = statuses::find_status(tx, target)?.filter(|status| status.reblog_of_id.is_none());
    let Some(status) = status else { return Ok(None) };
    let author = accounts::find_account(tx, status.account_id)?.filter(Account::is_local);
    let (Some(author), Some(liker)) = (author, accounts::find_account(tx, actor)?) else {
        return Ok(None);
    };
    let undone = match uri {
        Some(uri) => tombstones::find_tombstone(tx, uri)?.is_some(),
        None => false,
    };
    let may = !undone
        && Sight::load(tx, Some(actor), &[&status])?.can_see(&status, &author)
        && is_welcome(tx, instance, Interaction::Like, &status, &liker)?;
    Ok(may.then_some(Liked {
        status,
        author,
        liker,
    }))
}

/// Takes in a favourite of a local status by a remote account that may see it. Others, and repetitions, are left
/// alone.
pub async fn receive_favourite(
    instance: &Instance,
    actor: AccountId,
    uri: Option<&str>,
    target: StatusId,
) -> Result<()> {
    let uri = uri.map(str::to_owned);
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let Some(liked) = likeable(tx, &writer, actor, uri.as_deref(), target)? else {
                return Ok(());
            };
            if !interactions::insert_favourite(tx, writer.next_id(), actor, target, uri.as_deref(), now)? {
                return Ok(());
            }
            statuses::adjust_count(tx, target, Counter::Favourites, 1)?;
            trends::count_act(tx, &writer, &liked.status, &liked.liker, now)?;
            notify(
                tx,
                liked.author.id,
                NotificationType::Favourite,
                actor,
                Some(target),
                now,
            )
        })
        .await
}

/// Takes a received favourite back, named by the id of its Like or by the status. An unknown one is remembered, so
/// that a Like that arrives after its Undo is ignored.
pub async fn receive_unfavourite(
    instance: &Instance,
    actor: AccountId,
    uri: Option<&str>,
    target: Option<StatusId>,
) -> Result<()> {
    let uri = uri.map(str::to_owned);
    let now = instance.now();
    instance
        .write(move |tx| {
            let by_uri = match &uri {
                Some(uri) => interactions::find_favourite_by_uri(tx, actor, uri)?,
                None => None,
            };
            let removed = match by_uri.or(target) {
                Some(id) => {
                    let status = statuses::find_status(tx, id)?;
                    let author = status
                        .map(|status| accounts::find_account(tx, status.account_id))
                        .transpose()?;
                    match author.flatten() {
                        Some(author) => remove(tx, actor, &author, id)?.is_some(),
                        None => false,
                    }
                }
                None => false,
            };
            match uri {
                Some(uri) if !removed => Ok(tombstones::insert_tombstone(tx, &uri, false, now)?),
                _ => Ok(()),
            }
        })
        .await
}
