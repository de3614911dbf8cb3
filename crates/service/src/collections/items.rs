//! Who is in a collection.

use pouet_model::{
    collection::{Collection, CollectionItem, ItemState, MAX_ITEMS, may_be_featured},
    ids::{AccountId, CollectionId, CollectionItemId},
    notification::NotificationType,
};
use pouet_storage::{Conn, collections as rows, locks::lock_accounts, notifications};

use super::{NOT_ALLOWED, change::too_many_items, find_own, find_view, load_apart};
use crate::{
    error::{Error, FieldError, Result},
    follows::find_present,
    instance::Instance,
    notifications::notify_of_collection,
};

/// Puts an account into a collection of `actor`, and notifies it.
///
/// # Errors
/// `NotFound` if the actor does not see the collection, or there is no such account; `Forbidden` if the collection is
/// somebody else's, the account does not want to be featured, or a block stands between; `Validation` if the account is
/// or was in it, or the collection is full.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#add-item>
pub async fn add(
    instance: &Instance,
    actor: AccountId,
    id: CollectionId,
    account: AccountId,
) -> Result<CollectionItem> {
    let handle = instance.clone();
    instance
        .write(move |tx| {
            // Neither blocks the other meanwhile, and the collection gets no other members.
            lock_accounts(tx, &[actor, account])?;
            let collection = find_own(tx, actor, id)?.collection;
            let account = find_present(tx, account)?;
            if !may_be_featured(&account) || !load_apart(tx, actor, &[account.id])?.is_empty() {
                return Err(NOT_ALLOWED);
            }
            if rows::count_standing_items(tx, id)? >= MAX_ITEMS as i64 {
                return Err(too_many_items());
            }
            insert(tx, &handle, &collection, account.id)
        })
        .await
}

/// Puts an account that was found fit into a collection, and notifies it.
pub(super) fn insert(
    tx: &mut Conn,
    instance: &Instance,
    collection: &Collection,
    account_id: AccountId,
) -> Result<CollectionItem> {
    let now = instance.now();
    let item = CollectionItem {
        id: instance.next_id(),
        collection_id: collection.id,
        account_id,
        state: ItemState::Accepted,
        created_at: now,
    };
    if !rows::insert_item(tx, &item)? {
        let taken = FieldError::new("account", "ERR_TAKEN", "has already been taken");
        return Err(Error::Validation(vec![taken]));
    }
    let kind = NotificationType::AddedToCollection;
    notify_of_collection(tx, account_id, kind, collection.account_id, collection.id, now)?;
    Ok(item)
}

/// Takes an account out of a collection of `actor`; it may be added again.
///
/// # Errors
/// `NotFound` if the actor does not see the collection, or the account is not in it: one that took itself out cannot be
/// made to be added again. `Forbidden` if the collection is somebody else's.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#remove-item>
pub async fn remove(
    instance: &Instance,
    actor: AccountId,
    id: CollectionId,
    item: CollectionItemId,
) -> Result<()> {
    instance
        .write(move |tx| {
            find_own(tx, actor, id)?;
            let item = rows::find_item(tx, id, item)?
                .filter(|item| item.state.is_standing())
                .ok_or(Error::NotFound)?;
            forget(tx, &item)
        })
        .await
}

fn forget(tx: &mut Conn, item: &CollectionItem) -> Result<()> {
    rows::delete_item(tx, item.id)?;
    let told = [item.account_id];
    Ok(notifications::delete_notifications_of_collection(
        tx,
        item.collection_id,
        &told,
        None,
    )?)
}

/// Ends that `actor` is in somebody's collection, for good: its owner cannot add them again. Doing so twice is no
/// error.
///
/// # Errors
/// `NotFound` if the actor does not see the collection, or it has no such item; `Forbidden` if the item is somebody
/// else's.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#revoke-item>
pub async fn revoke(
    instance: &Instance,
    actor: AccountId,
    id: CollectionId,
    item: CollectionItemId,
) -> Result<()> {
    instance
        .write(move |tx| {
            find_view(tx, Some(actor), id)?;
            let item = rows::find_item(tx, id, item)?.ok_or(Error::NotFound)?;
            if item.account_id != actor {
                return Err(NOT_ALLOWED);
            }
            Ok(rows::update_item_state(tx, item.id, ItemState::Revoked)?)
        })
        .await
}

/// Ends that either of two accounts is in a collection of the other: `actor` has blocked `other`. What the actor
/// collected forgets the other, who can be added again when the block has ended; the actor's consent to being collected
/// is gone. To be called behind [`lock_accounts`] of both.
pub(crate) fn part(tx: &mut Conn, actor: AccountId, other: AccountId) -> Result<()> {
    for item in rows::list_items_between(tx, actor, other)? {
        if item.state.is_standing() {
            forget(tx, &item)?;
        }
    }
    for item in rows::list_items_between(tx, other, actor)? {
        rows::update_item_state(tx, item.id, ItemState::Revoked)?;
    }
    Ok(())
}
