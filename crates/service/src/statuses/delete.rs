//! Deleting statuses.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    status::{Status, Visibility},
};
use pouet_storage::{
    Conn, accounts, media, mentions, quotes, recipients,
    statuses::{self as rows, Counter},
    tags, timelines, tombstones,
};

use super::reblog::{deleted_boost, remove_boost, take_out_boost};
use crate::{
    conversations,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    interactions::is_waiting,
    jobs::{self, DeletedStatus, Job},
    trends,
    view::{StatusView, load_views},
};

/// Deletes a status (or takes back a boost) of `author` and returns it as it was, so that it can be written anew.
/// `delete_media`: its files go at once; otherwise they wait for a day to be attached again.
///
/// # Errors
/// `NotFound` if it is not theirs.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#delete>
pub async fn delete(
    instance: &Instance,
    author: AccountId,
    id: StatusId,
    delete_media: bool,
) -> Result<StatusView> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let status = rows::find_status(tx, id)?.filter(|status| status.account_id == author);
            let status = status.ok_or(Error::NotFound)?;
            let view = load_views(tx, Some(author), &[id], now)?
                .pop()
                .ok_or(Error::NotFound)?;
            let deleted = if let Some(original) = status.reblog_of_id {
                let original = rows::find_status(tx, original)?.ok_or(Error::NotFound)?;
                let deleted = deleted_boost(&writer, &status, &original);
                remove_boost(tx, &status, now)?;
                deleted
            } else {
                let deleted = deleted_status(tx, &status)?;
                if delete_media {
                    media::delete_media(tx, &view.media, now)?;
                } else {
                    let ids: Vec<_> = view.media.iter().map(|file| file.id).collect();
                    media::detach_media(tx, &ids)?;
                }
                let uri = writer.urls().status_uri(&status);
                remove(tx, &status, now)?;
                tombstones::insert_tombstone(tx, &uri, status.is_open(), now)?;
                deleted
            };
            if !status.local_only {
                jobs::enqueue(tx, writer.next_id(), &Job::PublishDelete(deleted), now, now)?;
            }
            Ok(view)
        })
        .await
}

/// What other servers have to be told, gathered while the rows are still there. What still waits for approval, nobody has
/// but the author who was asked for it.
pub(super) fn deleted_status(tx: &mut Conn, status: &Status) -> Result<DeletedStatus> {
    let (mut named, mut interested) = (Vec::new(), Vec::new());
    if !is_waiting(tx, status.id)? {
        let found = mentions::load_mentions(tx, &[status.id])?.remove(&status.id);
        named = found.unwrap_or_default();
        interested = recipients::list_interested(tx, status.id)?;
    }
    Ok(DeletedStatus {
        account_id: status.account_id,
        status_id: status.id,
        reblog_of_uri: None,
        visibility: status.visibility,
        mentions: named.into_iter().map(|mention| mention.account_id).collect(),
        reply_to_account: status.in_reply_to_account_id,
        interested,
    })
}

/// Removes what an account wrote and boosted, oldest first. `limit`: rows removed in one transaction, where boosts by others
/// count too. Returns whether nothing is left.
pub(crate) fn erase_of(tx: &mut Conn, account: AccountId, limit: i64, now: DateTime<Utc>) -> Result<bool> {
    let mut room = limit;
    for id in rows::list_status_ids_of(tx, account, limit)? {
        if room == 0 {
            return Ok(false);
        }
        // A boost of a status of its own goes with that.
        let Some(status) = rows::find_status(tx, id)? else {
            continue;
        };
        let boosts = rows::list_reblog_ids(tx, id, room)?;
        room -= i64::try_from(boosts.len()).unwrap_or(room);
        remove_boosts(tx, &boosts, now)?;
        if room > 0 {
            erase(tx, &status, now)?;
            room -= 1;
        }
    }
    Ok(rows::list_status_ids_of(tx, account, 1)?.is_empty())
}

/// Removes a status or boost with its traces and its files.
pub(super) fn erase(tx: &mut Conn, status: &Status, now: DateTime<Utc>) -> Result<()> {
    if status.reblog_of_id.is_some() {
        return remove_boost(tx, status, now);
    }
    let files = media::load_media_of(tx, &[status.id])?.remove(&status.id);
    media::delete_media(tx, &files.unwrap_or_default(), now)?;
    remove(tx, status, now)
}

fn remove_boosts(tx: &mut Conn, boosts: &[StatusId], now: DateTime<Utc>) -> Result<()> {
    for boost in rows::load_statuses(tx, boosts)? {
        remove_boost(tx, &boost, now)?;
    }
    Ok(())
}

/// Removes a status with its traces, and the boosts of it.
fn remove(tx: &mut Conn, status: &Status, now: DateTime<Utc>) -> Result<()> {
    let named = tags::load_tags(tx, &[status.id])?
        .remove(&status.id)
        .unwrap_or_default();
    let event = Event::StatusDeleted {
        status_id: status.id,
        home: timelines::list_home_owners(tx, status.id)?,
        lists: timelines::list_lists_showing(tx, status.id)?,
        public: status.visibility == Visibility::Public,
        local: status.is_local(),
        tags: named.into_iter().map(|tag| tag.name).collect(),
    };
    // First, so that boosts are not taken back from it one by one.
    trends::forget_status(tx, status)?;
    let boosts = rows::list_reblog_ids(tx, status.id, i64::MAX)?;
    remove_boosts(tx, &boosts, now)?;
    quotes::update_quotes_deleted(tx, status.id)?;
    take_out(tx, status, now)?;
    events::emit(tx, &event, now)
}

/// Removes the row of a status and what is counted elsewhere because of it.
fn take_out(tx: &mut Conn, status: &Status, now: DateTime<Utc>) -> Result<()> {
    // The author before what they answer, as when they post.
    accounts::adjust_statuses_count(tx, status.account_id, -1, None)?;
    if let Some(parent) = status.in_reply_to_id
        && !is_waiting(tx, status.id)?
    {
        rows::adjust_count(tx, parent, Counter::Replies, -1)?;
    }
    conversations::withdraw(tx, status, now)?;
    Ok(rows::delete_status(tx, status.id)?)
}

/// Removes a status or boost of another server that is not needed any more, with its files. It is not known as
/// deleted: it comes back when somebody asks for it, and streams are told nothing.
pub(crate) fn forget(tx: &mut Conn, status: &Status, now: DateTime<Utc>) -> Result<()> {
    if status.reblog_of_id.is_some() {
        return take_out_boost(tx, status);
    }
    let files = media::load_media_of(tx, &[status.id])?.remove(&status.id);
    media::delete_media(tx, &files.unwrap_or_default(), now)?;
    trends::forget_status(tx, status)?;
    let boosts = rows::list_reblog_ids(tx, status.id, i64::MAX)?;
    for boost in rows::load_statuses(tx, &boosts)? {
        take_out_boost(tx, &boost)?;
    }
    take_out(tx, status, now)
}
