//! Blocks: two accounts that have nothing to do with each other.
//!
//! A block by a local account is not sent to other servers, because it would tell the blocked; they learn that the
//! follows between the two have ended.
//!
//! Source: <https://docs.joinmastodon.org/methods/accounts/#block>

use std::sync::Arc;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::AccountId,
    page::{Keyed, Page},
};
use pouet_storage::{
    Conn, accounts, blocks as rows, locks::lock_accounts, notifications, sight, timelines, tombstones,
};

use crate::{
    collections,
    error::{Error, Result},
    follows::{
        change::{end_inward, end_outward, end_silently},
        find_present, keyed_accounts,
    },
    instance::Instance,
    notifications::requests,
    quotes,
};

/// Blocks an account: follows and requests between the two end, and what it wrote and caused disappears from the
/// blocker's home and notifications. Its quotes of what the blocker wrote lose their consent, and neither stays in a
/// collection of the other.
///
/// # Errors
/// `NotFound` if there is no such account; `Forbidden` for oneself.
pub async fn block(instance: &Instance, actor: AccountId, target: AccountId) -> Result<()> {
    if actor == target {
        return Err(Error::Forbidden("you cannot block yourself"));
    }
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let target = find_present(tx, target)?;
            block_in(tx, &handle, actor, &target, now)
        })
        .await
}

/// [`block`], inside a transaction.
pub(crate) fn block_in(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    target: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    lock_accounts(tx, &[actor, target.id])?;
    rows::insert_block(tx, instance.next_id(), actor, target.id, None, now)?;
    end_outward(tx, instance, actor, target, now)?;
    end_inward(tx, instance, actor, target, now)?;
    quotes::revoke_all(tx, instance, actor, target.id)?;
    collections::part(tx, actor, target.id)?;
    clear(tx, actor, target.id)
}

/// Removes what `owner` has of `other`: rows of home and lists, notifications.
fn clear(tx: &mut Conn, owner: AccountId, other: AccountId) -> Result<()> {
    timelines::feed_remove_author(tx, owner, other)?;
    notifications::delete_notifications_from(tx, owner, other)?;
    requests::forget(tx, owner, other)
}

/// Ends a block; the follows that it ended stay ended. That there is none is no error.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn unblock(instance: &Instance, actor: AccountId, target: AccountId) -> Result<()> {
    instance
        .write(move |tx| {
            let target = find_present(tx, target)?;
            rows::delete_block(tx, actor, target.id)?;
            Ok(())
        })
        .await
}

/// Accounts that `owner` blocks, newest block first; the keys are ids of blocks.
///
/// Source: <https://docs.joinmastodon.org/methods/blocks/#get>
pub async fn list(instance: &Instance, owner: AccountId, page: Page) -> Result<Vec<Keyed<Arc<Account>>>> {
    instance
        .read(move |conn| {
            let found = rows::list_blocks(conn, owner, &page)?;
            keyed_accounts(conn, &found)
        })
        .await
}

/// Whether `owner` keeps an account out: by a block of it, or of its domain.
pub async fn keeps_out(instance: &Instance, owner: AccountId, reader: AccountId) -> Result<bool> {
    instance
        .read(move |conn| {
            let Some(reader) = accounts::find_account(conn, reader)? else {
                return Ok(false);
            };
            let blocking = sight::load_blocking(conn, reader.id, reader.domain.as_deref(), &[owner])?;
            Ok(!blocking.is_empty())
        })
        .await
}

/// Takes in that a remote account blocks a local one. `uri`: id of the Block.
pub async fn receive_block(
    instance: &Instance,
    actor: AccountId,
    target: AccountId,
    uri: Option<&str>,
) -> Result<()> {
    let (handle, uri, now) = (instance.clone(), uri.map(str::to_owned), instance.now());
    instance
        .write(move |tx| {
            let remote = accounts::find_account(tx, actor)?.filter(|account| !account.is_local());
            let local = accounts::find_account(tx, target)?
                .filter(|account| account.is_local() && account.deleted_at.is_none());
            let (Some(remote), Some(local)) = (remote, local) else {
                return Ok(());
            };
            if let Some(uri) = &uri
                && tombstones::find_tombstone(tx, uri)?.is_some()
            {
                return Ok(());
            }
            lock_accounts(tx, &[actor, target])?;
            rows::insert_block(tx, handle.next_id(), actor, target, uri.as_deref(), now)?;
            end_silently(tx, remote.id, local.id)?;
            end_outward(tx, &handle, local.id, &remote, now)?;
            collections::part(tx, remote.id, local.id)?;
            clear(tx, local.id, remote.id)
        })
        .await
}

/// Takes in that a remote account's block of a local one has ended: of `target`, or the one with the id `uri`. The follows
/// stay ended.
///
/// An Undo of a Block that is not known is remembered for a while, so that the Block is ignored if it comes late.
pub async fn receive_undo_block(
    instance: &Instance,
    actor: AccountId,
    target: Option<AccountId>,
    uri: Option<&str>,
) -> Result<()> {
    let (uri, now) = (uri.map(str::to_owned), instance.now());
    instance
        .write(move |tx| {
            if accounts::find_account(tx, actor)?.is_none_or(|account| account.is_local()) {
                return Ok(());
            }
            let ended = match (target, &uri) {
                (Some(target), _) => rows::delete_block(tx, actor, target)?,
                (None, Some(uri)) => rows::delete_block_by_uri(tx, actor, uri)?,
                (None, None) => false,
            };
            match uri.filter(|_| !ended) {
                Some(uri) => Ok(tombstones::insert_tombstone(tx, &uri, false, now)?),
                None => Ok(()),
            }
        })
        .await
}
