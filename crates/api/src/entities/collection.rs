//! <https://docs.joinmastodon.org/entities/Collection/>

use pouet_model::{
    collection::CollectionItem as Item,
    ids::{AccountId, CollectionId, CollectionItemId},
    urls::Urls,
};
use pouet_service::collections::CollectionView;
use serde::Serialize;

use super::{account::Account, tag::StatusTag, time::Iso};

/// Accounts that somebody recommends together.
#[derive(Serialize)]
pub(crate) struct Collection<'a> {
    id: CollectionId,
    account_id: AccountId,
    /// Its page: other servers do not learn of collections, so it has no other name.
    uri: String,
    url: String,
    name: &'a str,
    description: &'a str,
    language: Option<&'a str>,
    local: bool,
    sensitive: bool,
    discoverable: bool,
    tag: Option<StatusTag<'a>>,
    item_count: usize,
    items: Vec<CollectionItem>,
    created_at: Iso,
    updated_at: Iso,
}

/// That an account is in a collection: <https://docs.joinmastodon.org/entities/CollectionItem/>
#[derive(Serialize)]
pub(crate) struct CollectionItem {
    id: CollectionItemId,
    state: &'static str,
    created_at: Iso,
    /// Not of those who do not want to be in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
}

impl CollectionItem {
    /// `item` as clients read it.
    pub(crate) fn from_model(item: &Item) -> Self {
        Self {
            id: item.id,
            state: item.state.as_str(),
            created_at: Iso(item.created_at),
            account_id: item.state.is_standing().then_some(item.account_id),
        }
    }
}

impl<'a> Collection<'a> {
    /// `view` as clients read it.
    pub(crate) fn from_view(view: &'a CollectionView, urls: &Urls) -> Self {
        let collection = &view.collection;
        let page = urls.collection(collection.id);
        Self {
            id: collection.id,
            account_id: collection.account_id,
            uri: page.clone(),
            url: page,
            name: &collection.name,
            description: &collection.description,
            language: collection.language.as_deref(),
            local: true,
            sensitive: collection.sensitive,
            discoverable: collection.discoverable,
            tag: view.tag.as_ref().map(|tag| StatusTag::from_view(tag, urls)),
            item_count: view.item_count,
            items: view.items.iter().map(CollectionItem::from_model).collect(),
            created_at: Iso(collection.created_at),
            updated_at: Iso(collection.updated_at),
        }
    }
}

/// A collection by itself.
#[derive(Serialize)]
pub(crate) struct WrappedCollection<'a> {
    pub(crate) collection: Collection<'a>,
}

/// An item by itself.
#[derive(Serialize)]
pub(crate) struct WrappedItem {
    pub(crate) collection_item: CollectionItem,
}

/// A part of a list of collections.
#[derive(Serialize)]
pub(crate) struct Collections<'a> {
    pub(crate) collections: Vec<Collection<'a>>,
}

/// A collection with its owner and its members, in this order:
/// <https://docs.joinmastodon.org/entities/CollectionWithAccounts/>
#[derive(Serialize)]
pub(crate) struct CollectionWithAccounts<'a> {
    collection: Collection<'a>,
    accounts: Vec<Account<'a>>,
}

impl<'a> CollectionWithAccounts<'a> {
    /// `view` as clients read it.
    pub(crate) fn from_view(view: &'a CollectionView, urls: &Urls) -> Self {
        let people = std::iter::once(&view.owner).chain(&view.members);
        Self {
            collection: Collection::from_view(view, urls),
            accounts: Account::list(people.map(AsRef::as_ref), urls),
        }
    }
}
