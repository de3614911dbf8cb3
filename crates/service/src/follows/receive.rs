//! Follows, and answers to ours, that arrive from other servers.
//!
//! The caller has verified that `actor` signed the activity. What does not concern this actor is ignored (R029);
//! everything may arrive twice or out of order.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, Follow},
    ids::{AccountId, RelationId},
    notification::NotificationType,
};
use pouet_storage::{Conn, account_domain_blocks, accounts, blocks, follows as rows, tombstones};

use super::{change, needs_approval};
use crate::{error::Result, instance::Instance, notifications::notify};

/// How long a Follow is refused whose Undo arrived first. Not for ever: some servers give every follow of a pair
/// the same id.
const UNDONE_FOR: TimeDelta = TimeDelta::hours(6);

/// Which of our follows an Accept or Reject answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selector {
    /// The one with this id, read from its address.
    Follow(RelationId),
    /// The one by this account, as an embedded Follow says.
    Pair {
        /// Who follows.
        follower: AccountId,
    },
    /// None is named that we know: it can only be meant if exactly one request waits.
    Any,
}

/// Takes in a Follow of a local account by a remote one. `uri`: its id.
///
/// A follow that is there already is accepted again, because its server may have lost the answer. Blocked actors
/// and followers of an account that has moved are told no, and nothing is stored.
pub async fn receive_follow(
    instance: &Instance,
    actor: AccountId,
    target: AccountId,
    uri: &str,
) -> Result<()> {
    let (handle, uri, now) = (instance.clone(), uri.to_owned(), instance.now());
    instance
        .write(move |tx| {
            let follower = accounts::find_account(tx, actor)?.filter(Account::is_active);
            let target = accounts::find_admitted_account(tx, target)?
                .filter(|account| account.is_local() && account.is_active());
            let (Some(follower), Some(target)) = (follower, target) else {
                return Ok(());
            };
            if follower.is_local() || was_undone(tx, &uri, now)? {
                return Ok(());
            }
            if refuses(tx, &target, &follower)? {
                change::end_silently(tx, actor, target.id)?;
                return change::send_reject(tx, &handle, target.id, actor, uri, now);
            }
            match rows::find_follow(tx, actor, target.id)? {
                Some(follow) => repeat(tx, &handle, follow, &follower, uri, now),
                None => begin(tx, &handle, &follower, &target, uri, now),
            }
        })
        .await
}

fn was_undone(tx: &mut Conn, uri: &str, now: DateTime<Utc>) -> Result<bool> {
    let tombstone = tombstones::find_tombstone(tx, uri)?;
    Ok(tombstone.is_some_and(|tombstone| now - tombstone.created_at < UNDONE_FOR))
}

fn refuses(tx: &mut Conn, target: &Account, follower: &Account) -> Result<bool> {
    if target.moved_to.is_some() || blocks::is_blocking(tx, target.id, follower.id)? {
        return Ok(true);
    }
    match &follower.domain {
        Some(domain) => Ok(account_domain_blocks::is_blocking_domain(tx, target.id, domain)?),
        None => Ok(false),
    }
}

fn repeat(
    tx: &mut Conn,
    instance: &Instance,
    follow: Follow,
    follower: &Account,
    uri: String,
    now: DateTime<Utc>,
) -> Result<()> {
    if follow.uri.as_ref() != Some(&uri) {
        rows::update_uri(tx, follow.id, &uri)?;
    }
    if !follow.accepted {
        return Ok(());
    }
    let follow = Follow {
        uri: Some(uri),
        ..follow
    };
    change::send_accept(tx, instance, &follow, follower, now)
}

fn begin(
    tx: &mut Conn,
    instance: &Instance,
    follower: &Account,
    target: &Account,
    uri: String,
    now: DateTime<Utc>,
) -> Result<()> {
    let follow = Follow {
        id: instance.next_id(),
        account_id: follower.id,
        target_id: target.id,
        uri: Some(uri),
        accepted: !target.locked && !needs_approval(tx, instance, follower)?,
        show_reblogs: true,
        notify: false,
        languages: Vec::new(),
        created_at: now,
    };
    if !rows::insert_follow(tx, &follow)? {
        return Ok(());
    }
    if follow.accepted {
        change::established(tx, instance, &follow, follower, target, now)?;
        change::send_accept(tx, instance, &follow, follower, now)
    } else {
        notify(
            tx,
            target.id,
            NotificationType::FollowRequest,
            follower.id,
            None,
            now,
        )
    }
}

/// The follow of `target` that the selector means, if there is one.
fn find_selected(tx: &mut Conn, target: AccountId, selector: Selector) -> Result<Option<Follow>> {
    Ok(match selector {
        Selector::Follow(id) => rows::find_follow_by_id(tx, id)?.filter(|follow| follow.target_id == target),
        Selector::Pair { follower } => rows::find_follow(tx, follower, target)?,
        Selector::Any => {
            let mut pending = rows::list_pending_to(tx, target, 2)?;
            if pending.len() == 1 { pending.pop() } else { None }
        }
    })
}

/// Takes in a remote account's Accept of a follow that was made here.
///
/// An Accept of a follow that was never sent, or was sent to somebody else, changes nothing (R029).
pub async fn receive_accept(instance: &Instance, actor: AccountId, selector: Selector) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let Some(target) = find_remote(tx, actor)? else {
                return Ok(());
            };
            let Some(follow) = find_selected(tx, actor, selector)? else {
                return Ok(());
            };
            let Some(follower) = accounts::find_account(tx, follow.account_id)? else {
                return Ok(());
            };
            change::accept(tx, &handle, &follow, &follower, &target, now)
        })
        .await
}

/// Takes in a remote account's Reject of a follow that was made here, accepted before or not.
pub async fn receive_reject(instance: &Instance, actor: AccountId, selector: Selector) -> Result<()> {
    instance
        .write(move |tx| {
            if find_remote(tx, actor)?.is_none() {
                return Ok(());
            }
            match find_selected(tx, actor, selector)? {
                Some(follow) => change::end(tx, &follow),
                None => Ok(()),
            }
        })
        .await
}

/// Takes in that a remote account takes its Accept back: the follow is requested again.
pub async fn receive_undo_accept(instance: &Instance, actor: AccountId, selector: Selector) -> Result<()> {
    instance
        .write(move |tx| {
            if find_remote(tx, actor)?.is_none() {
                return Ok(());
            }
            match find_selected(tx, actor, selector)? {
                Some(follow) if rows::update_accepted(tx, follow.id, false)? => {
                    change::withdrawn(tx, &follow)
                }
                _ => Ok(()),
            }
        })
        .await
}

/// Takes in that a remote account follows no longer: `target` of an embedded Follow, or its id `uri`.
///
/// An Undo of a Follow that is not known is remembered for a while, so that the Follow is ignored if it comes late.
pub async fn receive_undo_follow(
    instance: &Instance,
    actor: AccountId,
    target: Option<AccountId>,
    uri: Option<&str>,
) -> Result<()> {
    let (uri, now) = (uri.map(str::to_owned), instance.now());
    instance
        .write(move |tx| {
            if find_remote(tx, actor)?.is_none() {
                return Ok(());
            }
            let follow = match (target, &uri) {
                (Some(target), _) => rows::find_follow(tx, actor, target)?,
                (None, Some(uri)) => rows::find_follow_by_uri(tx, actor, uri)?,
                (None, None) => None,
            };
            match (follow, uri) {
                (Some(follow), _) => change::end(tx, &follow),
                (None, Some(uri)) => {
                    // The newest Undo counts.
                    tombstones::delete_tombstone(tx, &uri)?;
                    Ok(tombstones::insert_tombstone(tx, &uri, false, now)?)
                }
                (None, None) => Ok(()),
            }
        })
        .await
}

fn find_remote(tx: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    Ok(accounts::find_account(tx, id)?.filter(|account| !account.is_local()))
}
