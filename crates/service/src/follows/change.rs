//! The few ways in which a follow comes to be, counts and ends.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::{Account, Follow},
    ids::AccountId,
    notification::NotificationType,
};
use pouet_storage::{Conn, accounts, endorsements, follows as rows, lists, mutes, notifications, timelines};

use super::forget_notifications;
use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    notifications::notify,
    tags,
};

/// Statuses that enter the follower's home when a follow begins.
pub(crate) const BACKFILL: i64 = 40;

/// Turns a request into a follow; nothing happens if it is one already.
pub(super) fn accept(
    tx: &mut Conn,
    instance: &Instance,
    follow: &Follow,
    follower: &Account,
    target: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    if rows::update_accepted(tx, follow.id, true)? {
        established(tx, instance, follow, follower, target, now)?;
    }
    Ok(())
}

/// What a follow that was just accepted changes: counts, the follower's home, notifications.
pub(super) fn established(
    tx: &mut Conn,
    instance: &Instance,
    follow: &Follow,
    follower: &Account,
    target: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    accounts::adjust_follow_counts(tx, follower.id, target.id, 1)?;
    if follower.is_local() {
        fill_home(tx, instance, follow, now)?;
        if !target.is_local() && !rows::has_other_local_follower(tx, target.id, follower.id)? {
            let account_id = target.id;
            for job in [
                Job::RefreshAccount { account_id },
                Job::FetchRecent { account_id },
            ] {
                jobs::enqueue(tx, instance.next_id(), &job, now, now)?;
            }
        }
    }
    if target.is_local() {
        let request = NotificationType::FollowRequest;
        notifications::delete_notifications_of(tx, target.id, request, follower.id, None)?;
        notify(tx, target.id, NotificationType::Follow, follower.id, None, now)?;
    }
    Ok(())
}

/// Enters recent statuses of the followed account into the follower's home, unless it is muted.
pub(crate) fn fill_home(
    tx: &mut Conn,
    instance: &Instance,
    follow: &Follow,
    now: DateTime<Utc>,
) -> Result<()> {
    let (owner, author) = (follow.account_id, follow.target_id);
    if mutes::load_muted(tx, owner, &[author], now)?.is_empty() {
        timelines::feed_backfill(tx, owner, author, follow.show_reblogs, BACKFILL)?;
        timelines::trim_home(tx, owner, instance.limits().home_feed_rows)?;
    }
    Ok(())
}

/// Removes a follow or request with all that it brought.
pub(crate) fn end(tx: &mut Conn, follow: &Follow) -> Result<()> {
    match rows::delete_follow(tx, follow.id)? {
        Some(true) => withdrawn(tx, follow)?,
        // Who only asked may have them on lists already.
        Some(false) => lists::delete_member_everywhere(tx, follow.account_id, follow.target_id)?,
        None => return Ok(()),
    }
    forget_notifications(tx, follow)
}

/// What a follow that counts no longer takes with it: counts, rows of home, memberships of lists.
pub(super) fn withdrawn(tx: &mut Conn, follow: &Follow) -> Result<()> {
    let (follower, target) = (follow.account_id, follow.target_id);
    accounts::adjust_follow_counts(tx, follower, target, -1)?;
    timelines::feed_remove_author(tx, follower, target)?;
    endorsements::delete_endorsement(tx, follower, target)?;
    tags::fill_home_of(tx, follower, target)?;
    Ok(lists::delete_member_everywhere(tx, follower, target)?)
}

/// Ends the follow of `target` by the local account `follower`, if there is one, and tells a remote server.
pub(crate) fn end_outward(
    tx: &mut Conn,
    instance: &Instance,
    follower: AccountId,
    target: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(follow) = rows::find_follow(tx, follower, target.id)? else {
        return Ok(());
    };
    end(tx, &follow)?;
    if target.is_local() {
        return Ok(());
    }
    let job = Job::SendUndoFollow {
        follow_id: follow.id,
        account_id: follower,
        target_id: target.id,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// Ends the follow of the local account `target` by `follower`, if there is one, and tells a remote server.
pub(crate) fn end_inward(
    tx: &mut Conn,
    instance: &Instance,
    target: AccountId,
    follower: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(follow) = rows::find_follow(tx, follower.id, target)? else {
        return Ok(());
    };
    end(tx, &follow)?;
    match follow.uri {
        Some(follow_uri) if !follower.is_local() => {
            send_reject(tx, instance, target, follower.id, follow_uri, now)
        }
        _ => Ok(()),
    }
}

/// Ends what `follower` had asked of `target`, without a word: its own server has told us.
pub(crate) fn end_silently(tx: &mut Conn, follower: AccountId, target: AccountId) -> Result<()> {
    match rows::find_follow(tx, follower, target)? {
        Some(follow) => end(tx, &follow),
        None => Ok(()),
    }
}

/// Tells a remote follower that it was accepted.
pub(super) fn send_accept(
    tx: &mut Conn,
    instance: &Instance,
    follow: &Follow,
    follower: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    match &follow.uri {
        Some(uri) if !follower.is_local() => {
            let job = Job::SendAccept {
                account_id: follow.target_id,
                follower_id: follower.id,
                follow_uri: uri.clone(),
            };
            jobs::enqueue(tx, instance.next_id(), &job, now, now)
        }
        _ => Ok(()),
    }
}

/// Tells a remote account that it does not follow, or no longer.
pub(super) fn send_reject(
    tx: &mut Conn,
    instance: &Instance,
    target: AccountId,
    follower: AccountId,
    follow_uri: String,
    now: DateTime<Utc>,
) -> Result<()> {
    let job = Job::SendReject {
        account_id: target,
        follower_id: follower,
        follow_uri,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}
