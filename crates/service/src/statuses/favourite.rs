//! Favourites, made here and received.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    interaction::{Interaction, Verdict},
    notification::NotificationType,
    reaction::ReactionEmoji,
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
    interactions::{Wish, check, invited, withdraw},
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
            let waits = check(tx, &writer, Interaction::Like, &status, &author, actor)?;
            let favourite_id = writer.next_id();
            // One elsewhere is told to the author alone, who may still refuse it: there is nothing to hold back.
            if waits && author.is_local() {
                let uri = format!("{}#likes/{favourite_id}", writer.urls().local_account(actor));
                return Wish::new(Interaction::Like, &status, actor, uri).ask(tx, &writer);
            }
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
            withdraw(tx, actor, status.id, Interaction::Like, |emoji| emoji.is_none())?;
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
/// `uri` was not undone before it came. `None` if they may not. What needs the author's approval waits; `emoji`: of a
/// reaction.
pub(super) fn likeable(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    uri: Option<&str>,
    target: StatusId,
    emoji: Option<&ReactionEmoji>,
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
    if undone || !Sight::load(tx, Some(actor), &[&status])?.can_see(&status, &author) {
        return Ok(None);
    }
    let (kind, uri) = (Interaction::Like, uri.unwrap_or_default());
    match invited(tx, instance, kind, &status, &liker, uri)? {
        Verdict::Allowed => Ok(Some(Liked {
            status,
            author,
            liker,
        })),
        Verdict::NeedsApproval => {
            let wish = Wish {
                emoji: emoji.cloned(),
                ..Wish::new(kind, &status, actor, uri.to_owned())
            };
            // Without an id it could be answered to nobody.
            if !uri.is_empty() && wish.may_wait(tx)? {
                wish.note(tx, instance, None)?;
            }
            Ok(None)
        }
        Verdict::Refused => Ok(None),
    }
}

/// Makes a favourite of a member's status that the member has approved.
pub(crate) fn accept_favourite(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    liker: &Account,
    uri: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let uri = (!liker.is_local()).then_some(uri);
    keep(tx, instance, status, liker, uri, now)
}

/// Writes a favourite of a local status; a repetition changes nothing.
fn keep(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    liker: &Account,
    uri: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    if !interactions::insert_favourite(tx, instance.next_id(), liker.id, status.id, uri, now)? {
        return Ok(());
    }
    statuses::adjust_count(tx, status.id, Counter::Favourites, 1)?;
    trends::count_act(tx, instance, status, liker, now)?;
    let kind = NotificationType::Favourite;
    notify(tx, status.account_id, kind, liker.id, Some(status.id), now)
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
            let Some(liked) = likeable(tx, &writer, actor, uri.as_deref(), target, None)? else {
                return Ok(());
            };
            keep(tx, &writer, &liked.status, &liked.liker, uri.as_deref(), now)
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
            if let Some(target) = target {
                withdraw(tx, actor, target, Interaction::Like, |emoji| emoji.is_none())?;
            }
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
