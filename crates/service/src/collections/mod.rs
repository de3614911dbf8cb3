//! Collections: accounts that people recommend together, and starter packs made of them.
//!
//! A collection is shown to everybody but those whom its owner blocks, or who block its owner; `discoverable` only
//! says whether it is listed. Accounts are shown in it while they are here and want to be found, and the viewer and
//! they do not block each other; to its owner, also those who are suspended or want to be found no longer. Collections
//! stay on this instance: other servers do not learn of them.
//!
//! Source: <https://docs.joinmastodon.org/methods/collections/>

mod change;
mod items;
mod links;
pub mod packs;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use pouet_model::{
    account::Account,
    collection::{Collection, CollectionItem, ItemState},
    ids::{AccountId, CollectionId, TagId},
};
use pouet_storage::{Conn, account_domain_blocks, blocks, collections as rows, sight, tags};

use crate::{
    error::{Error, Result},
    follows::find_present,
    instance::Instance,
    trends::Window,
    view::TagView,
    visibility::load_accounts,
};

pub use change::{CollectionChange, create, delete, update};
pub(crate) use items::part;
pub use items::{add, remove, revoke};
pub(crate) use links::{link, load_linked, relink};

/// A collection with what a viewer sees in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollectionView {
    /// The collection.
    pub collection: Collection,
    /// Whose it is.
    pub owner: Arc<Account>,
    /// The hashtag that says what it is about.
    pub tag: Option<TagView>,
    /// How many accounts are in it, those that this viewer does not see among them.
    pub item_count: usize,
    /// The items that the viewer sees, in the order in which they were added.
    pub items: Vec<CollectionItem>,
    /// Their accounts, in the same order.
    pub members: Vec<Arc<Account>>,
}

/// Some collections of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CollectionPage {
    /// They.
    pub collections: Vec<CollectionView>,
    /// There are others behind.
    pub more: bool,
}

/// Which of `others` the viewer blocks, by account or domain, or is blocked by.
fn load_apart(conn: &mut Conn, viewer: AccountId, others: &[AccountId]) -> Result<HashSet<AccountId>> {
    let mut apart = blocks::load_blocked(conn, viewer, others)?;
    apart.extend(account_domain_blocks::load_of_blocked_domains(
        conn, viewer, others,
    )?);
    apart.extend(sight::load_blocking(conn, viewer, None, others)?);
    Ok(apart)
}

/// The collections as `viewer` sees them, in the given order. Those of owners who are gone, or with whom a block stands
/// between, are left out.
pub(crate) fn load_views(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    found: Vec<Collection>,
) -> Result<Vec<CollectionView>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<CollectionId> = found.iter().map(|collection| collection.id).collect();
    let mut items = rows::load_items(conn, &ids)?;
    let people: HashSet<AccountId> = found
        .iter()
        .map(|collection| collection.account_id)
        .chain(items.values().flatten().map(|item| item.account_id))
        .collect();
    let people: Vec<AccountId> = people.into_iter().collect();
    let accounts = load_accounts(conn, &people)?;
    let apart = match viewer {
        Some(viewer) => load_apart(conn, viewer, &people)?,
        None => HashSet::new(),
    };
    let tag_ids: Vec<TagId> = found.iter().filter_map(|collection| collection.tag_id).collect();
    let tags = tags::load_tags_by_id(conn, &tag_ids)?;
    let view = |collection: Collection| {
        let owner = accounts
            .get(&collection.account_id)
            .filter(|owner| owner.is_active() && !apart.contains(&owner.id))?;
        let there = items.remove(&collection.id).unwrap_or_default();
        Some(shown(viewer, collection, owner, there, &accounts, &apart, &tags))
    };
    Ok(found.into_iter().filter_map(view).collect())
}

/// One collection with those of `there` that `viewer` sees.
fn shown(
    viewer: Option<AccountId>,
    collection: Collection,
    owner: &Arc<Account>,
    there: Vec<CollectionItem>,
    accounts: &HashMap<AccountId, Arc<Account>>,
    apart: &HashSet<AccountId>,
    tags: &HashMap<TagId, TagView>,
) -> CollectionView {
    let is_owner = viewer == Some(owner.id);
    let mut pairs: Vec<(CollectionItem, Arc<Account>)> = there
        .into_iter()
        .filter(|item| item.state == ItemState::Accepted || (is_owner && item.state.is_standing()))
        .filter_map(|item| {
            let account = accounts.get(&item.account_id)?.clone();
            // Who wants to be found no longer still sees that they are in it, and can end that; and so can the owner,
            // for whom it counts.
            let is_shown =
                is_owner || (account.is_active() && (account.discoverable || viewer == Some(account.id)));
            is_shown.then_some((item, account))
        })
        .collect();
    let item_count = pairs.len();
    pairs.retain(|(item, _)| !apart.contains(&item.account_id));
    let (items, members) = pairs.into_iter().unzip();
    CollectionView {
        tag: collection.tag_id.and_then(|tag| tags.get(&tag).cloned()),
        owner: Arc::clone(owner),
        collection,
        item_count,
        items,
        members,
    }
}

/// The collection as `viewer` sees it; `NotFound` if there is none for them.
fn find_view(conn: &mut Conn, viewer: Option<AccountId>, id: CollectionId) -> Result<CollectionView> {
    let found = rows::find_collection(conn, id)?.into_iter().collect();
    load_views(conn, viewer, found)?.pop().ok_or(Error::NotFound)
}

/// A collection that `actor` is about to change, with what is in it.
///
/// # Errors
/// `NotFound` if they do not see it; `Forbidden` if it is somebody else's.
fn find_own(conn: &mut Conn, actor: AccountId, id: CollectionId) -> Result<CollectionView> {
    let view = find_view(conn, Some(actor), id)?;
    if view.collection.account_id == actor {
        Ok(view)
    } else {
        Err(NOT_ALLOWED)
    }
}

/// What Mastodon answers to those who may see something and not do it.
const NOT_ALLOWED: Error = Error::Forbidden("this action is not allowed");

/// One collection.
///
/// # Errors
/// `NotFound` if there is none, its owner is gone, or a block stands between the owner and `viewer`.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#get-one>
pub async fn find(
    instance: &Instance,
    viewer: Option<AccountId>,
    id: CollectionId,
) -> Result<CollectionView> {
    instance.read(move |conn| find_view(conn, viewer, id)).await
}

/// Collections of `owner`, newest first. Those that are not discoverable are listed for the owner alone, and nothing is
/// for those with whom a block stands between.
///
/// # Errors
/// `NotFound` if there is no such account.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#get>
pub async fn of_account(
    instance: &Instance,
    viewer: Option<AccountId>,
    owner: AccountId,
    window: Window,
) -> Result<CollectionPage> {
    instance
        .read(move |conn| {
            let owner = find_present(conn, owner)?.id;
            let hidden = viewer == Some(owner);
            let found = rows::list_collections(conn, owner, hidden, window.limit + 1, window.offset)?;
            page(conn, viewer, found, window)
        })
        .await
}

/// Collections that show `member`, who alone may ask, last added first.
///
/// # Errors
/// `NotFound` if there is no such account; `Forbidden` for all but the account itself.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#get-in-collections>
pub async fn featuring(
    instance: &Instance,
    viewer: AccountId,
    member: AccountId,
    window: Window,
) -> Result<CollectionPage> {
    instance
        .read(move |conn| {
            if find_present(conn, member)?.id != viewer {
                return Err(NOT_ALLOWED);
            }
            let found = rows::list_collections_with(conn, member, window.limit + 1, window.offset)?;
            page(conn, Some(viewer), found, window)
        })
        .await
}

/// What is shown of `found`, which has one row more than the page if there are others behind.
fn page(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    mut found: Vec<Collection>,
    window: Window,
) -> Result<CollectionPage> {
    let limit = usize::try_from(window.limit).unwrap_or_default();
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(CollectionPage {
        collections: load_views(conn, viewer, found)?,
        more,
    })
}

/// The collections with these ids as `viewer` sees them.
pub(crate) fn load_by_id(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    ids: &[CollectionId],
) -> Result<HashMap<CollectionId, CollectionView>> {
    let found = rows::load_collections(conn, ids)?;
    let views = load_views(conn, viewer, found)?;
    Ok(views.into_iter().map(|view| (view.collection.id, view)).collect())
}
