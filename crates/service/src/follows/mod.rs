//! Who follows whom.
//!
//! A request is a follow that is not accepted yet. An act and its remote twin change the same rows through the
//! same few private functions of `change`, so that counts, home timelines and notifications are always adjusted
//! together, once, in the transaction of the act.
//!
//! Source: <https://docs.joinmastodon.org/methods/accounts/#follow>
//! <https://docs.joinmastodon.org/methods/follow_requests/>

pub(crate) mod change;
mod pages;
mod receive;
mod remove;
pub mod sync;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, Follow},
    ids::AccountId,
    notification::NotificationType,
};
use pouet_storage::{
    Conn, account_domain_blocks, accounts, blocks,
    follows::{self as rows, FollowChange},
    notifications, timelines,
};

use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    notifications::notify,
    policy,
};

pub use crate::blocks::{receive_block, receive_undo_block};
pub(crate) use pages::keyed_accounts;
pub use pages::{follower_inboxes, followers, following, requests};
pub use pouet_storage::follows::FollowerChoice;
pub use receive::{
    Selector, receive_accept, receive_follow, receive_reject, receive_undo_accept, receive_undo_follow,
};
pub use remove::{count_chosen_followers, remove_chosen_followers};

/// How long a remote account may leave a request unanswered before following it again sends the request again.
const RESEND_AFTER: TimeDelta = TimeDelta::days(7);
/// Characters of a language code, at most (BCP 47 recommends to allow for 35).
const LANGUAGE_CHARS: usize = 35;
/// Languages that a follow can be limited to.
const MAX_LANGUAGES: usize = 100;

/// What a follower asks for; `None` keeps what was asked before, or the default.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#follow>
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FollowOptions {
    /// Boosts enter the follower's home. Default: true.
    pub reblogs: Option<bool>,
    /// New statuses make notifications. Default: false.
    pub notify: Option<bool>,
    /// Only statuses in these languages (ISO 639-1 codes) enter home. Default: all.
    pub languages: Option<Vec<String>>,
}

impl FollowOptions {
    fn check(self) -> Result<FollowChange> {
        let is_code = |code: &String| {
            (1..=LANGUAGE_CHARS).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if let Some(languages) = &self.languages
            && (languages.len() > MAX_LANGUAGES || !languages.iter().all(is_code))
        {
            return Err(Error::invalid(
                "languages",
                "ERR_INVALID",
                "Languages are invalid",
            ));
        }
        Ok(FollowChange {
            show_reblogs: self.reblogs,
            notify: self.notify,
            languages: self.languages,
        })
    }
}

/// Follows an account, asks to follow it, or changes the options of a follow.
///
/// A local account that is not locked is followed at once. A locked or remote one is asked, and the follow stays
/// requested until it accepts. So does the follow of an account that blocks the follower: nothing tells the two
/// apart (R044).
///
/// # Errors
/// `NotFound` if the target is gone or suspended; `Forbidden` for oneself, for an account that has moved, that the
/// follower blocks (itself or its domain), or whose domain this instance has suspended.
pub async fn follow(
    instance: &Instance,
    actor: AccountId,
    target: AccountId,
    options: FollowOptions,
) -> Result<()> {
    if actor == target {
        return Err(Error::Forbidden("you cannot follow yourself"));
    }
    let change = options.check()?;
    let handle = instance.clone();
    instance
        .write(move |tx| {
            let follower = find_present(tx, actor)?;
            let target = find_present(tx, target)?;
            if target.suspended_at.is_some() {
                return Err(Error::NotFound);
            }
            follow_in(tx, &handle, &follower, &target, change, Door::AsItIs)
        })
        .await
}

/// Whether a local account's lock counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    /// Followers of a locked account wait.
    AsItIs,
    /// They come in: the same person had accepted them under another account.
    Open,
}

pub(crate) fn follow_in(
    tx: &mut Conn,
    instance: &Instance,
    follower: &Account,
    target: &Account,
    change: FollowChange,
    door: Door,
) -> Result<()> {
    let now = instance.now();
    let blocked = blocks::is_blocking(tx, target.id, follower.id)?;
    let locked = target.locked && door == Door::AsItIs;
    let open = target.is_local() && !locked && !blocked && !needs_approval(tx, instance, follower)?;
    if let Some(follow) = rows::find_follow(tx, follower.id, target.id)? {
        change_options(tx, &follow, &change)?;
        if follow.accepted {
            return Ok(());
        }
        if open {
            return change::accept(tx, instance, &follow, follower, target, now);
        }
        if !target.is_local() && now - follow.created_at >= RESEND_AFTER {
            return send(tx, instance, &follow, now);
        }
        return Ok(());
    }
    check_allowed(tx, instance, follower, target)?;
    let follow = Follow {
        id: instance.next_id(),
        account_id: follower.id,
        target_id: target.id,
        uri: None,
        accepted: open,
        show_reblogs: change.show_reblogs.unwrap_or(true),
        notify: change.notify.unwrap_or(false),
        languages: change.languages.unwrap_or_default(),
        created_at: now,
    };
    begin(tx, instance, &follow, follower, target, blocked)
}

fn begin(
    tx: &mut Conn,
    instance: &Instance,
    follow: &Follow,
    follower: &Account,
    target: &Account,
    blocked: bool,
) -> Result<()> {
    let now = follow.created_at;
    if !rows::insert_follow(tx, follow)? {
        return Ok(());
    }
    if follow.accepted {
        change::established(tx, instance, follow, follower, target, now)
    } else if !target.is_local() {
        send(tx, instance, follow, now)
    } else if blocked {
        // Somebody who blocks the follower does not hear of it.
        Ok(())
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

fn send(tx: &mut Conn, instance: &Instance, follow: &Follow, now: DateTime<Utc>) -> Result<()> {
    let job = Job::SendFollow {
        follow_id: follow.id,
        account_id: follow.account_id,
        target_id: follow.target_id,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

fn change_options(tx: &mut Conn, follow: &Follow, change: &FollowChange) -> Result<()> {
    rows::update_options(tx, follow.id, change)?;
    if follow.accepted && follow.show_reblogs && change.show_reblogs == Some(false) {
        timelines::feed_remove_reblogs(tx, follow.account_id, follow.target_id)?;
    }
    Ok(())
}

/// The account, unless it is deleted or its registration waits for approval.
pub(crate) fn find_present(conn: &mut Conn, id: AccountId) -> Result<Account> {
    accounts::find_admitted_account(conn, id)?
        .filter(|account| account.deleted_at.is_none())
        .ok_or(Error::NotFound)
}

/// Whether follows by this account wait for approval whoever they are of: it, or its domain, is limited.
fn needs_approval(conn: &mut Conn, instance: &Instance, follower: &Account) -> Result<bool> {
    if follower.silenced_at.is_some() {
        return Ok(true);
    }
    match &follower.domain {
        Some(domain) => Ok(policy::find(conn, instance.settings.federation.mode, domain)?.silenced),
        None => Ok(false),
    }
}

fn check_allowed(tx: &mut Conn, instance: &Instance, follower: &Account, target: &Account) -> Result<()> {
    if target.moved_to.is_some() {
        return Err(Error::Forbidden("this account has moved"));
    }
    if blocks::is_blocking(tx, follower.id, target.id)? {
        return Err(Error::Forbidden("you block this account"));
    }
    if let Some(domain) = &target.domain {
        if account_domain_blocks::is_blocking_domain(tx, follower.id, domain)? {
            return Err(Error::Forbidden("you block the domain of this account"));
        }
        let settings = &instance.settings;
        if !settings.federation_enabled || policy::find(tx, settings.federation.mode, domain)?.suspended {
            return Err(Error::Forbidden("this instance does not speak with that domain"));
        }
    }
    Ok(())
}

/// Ends a follow or takes a request back. Not following the account is no error.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn unfollow(instance: &Instance, actor: AccountId, target: AccountId) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let target = find_present(tx, target)?;
            change::end_outward(tx, &handle, actor, &target, now)
        })
        .await
}

/// Accepts a request to follow `owner`.
///
/// # Errors
/// `NotFound` if there is no request that the owner knows of.
pub async fn accept(instance: &Instance, owner: AccountId, requester: AccountId) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let (follow, follower) = find_request(tx, owner, requester)?;
            let owner = find_present(tx, owner)?;
            change::accept(tx, &handle, &follow, &follower, &owner, now)?;
            change::send_accept(tx, &handle, &follow, &follower, now)
        })
        .await
}

/// Refuses a request to follow `owner`.
///
/// # Errors
/// `NotFound` if there is no request that the owner knows of.
pub async fn reject(instance: &Instance, owner: AccountId, requester: AccountId) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let (_, follower) = find_request(tx, owner, requester)?;
            change::end_inward(tx, &handle, owner, &follower, now)
        })
        .await
}

fn find_request(tx: &mut Conn, owner: AccountId, requester: AccountId) -> Result<(Follow, Account)> {
    let follow = rows::find_follow(tx, requester, owner)?
        .filter(|follow| !follow.accepted)
        .ok_or(Error::NotFound)?;
    if blocks::is_blocking(tx, owner, requester)? {
        return Err(Error::NotFound);
    }
    Ok((follow, find_present(tx, requester)?))
}

/// Makes `follower` stop following `owner`. That it does not follow is no error.
///
/// # Errors
/// `NotFound` if there is no such account.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#remove_from_followers>
pub async fn remove_follower(instance: &Instance, owner: AccountId, follower: AccountId) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let follower = find_present(tx, follower)?;
            match rows::find_follow(tx, follower.id, owner)? {
                Some(follow) if follow.accepted => change::end_inward(tx, &handle, owner, &follower, now),
                _ => Ok(()),
            }
        })
        .await
}

/// Removes what a request or follow had told its target.
fn forget_notifications(tx: &mut Conn, follow: &Follow) -> Result<()> {
    for kind in [NotificationType::Follow, NotificationType::FollowRequest] {
        notifications::delete_notifications_of(tx, follow.target_id, kind, follow.account_id, None)?;
    }
    Ok(())
}

/// A local account that follows `target`, in whose name its followers-only statuses may be asked for.
pub async fn local_follower(instance: &Instance, target: AccountId) -> Result<Option<AccountId>> {
    instance
        .read(move |conn| Ok(rows::find_local_follower(conn, target)?))
        .await
}
