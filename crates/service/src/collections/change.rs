//! Making, changing and removing collections.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    collection::{
        Collection, MAX_COLLECTIONS, MAX_DESCRIPTION_CHARS, MAX_ITEMS, MAX_NAME_CHARS, may_be_featured,
    },
    ids::{AccountId, CollectionId},
    notification::NotificationType,
};
use pouet_storage::{
    Conn, accounts, collections as rows, locks::lock_accounts, notifications, tags as tag_rows,
};

use super::{CollectionView, NOT_ALLOWED, find_own, find_view, items::insert, load_apart};
use crate::{
    error::{Error, FieldError, Result},
    instance::Instance,
    notifications::notify_of_collection,
    statuses::validate::language as language_of,
    tag_rules::check_usable,
    tags,
};

/// What a collection is made with or changed to; `None` keeps what it is, or the default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CollectionChange {
    /// What it is called, 1 to 40 characters. A new collection needs one.
    pub name: Option<String>,
    /// What it is about, at most 100 characters. Default: empty.
    pub description: Option<String>,
    /// Language of both (ISO 639-1); empty: none, which is the default.
    pub language: Option<String>,
    /// What its members write may be too much for some. Default: false.
    pub sensitive: Option<bool>,
    /// It is listed with its owner's profile. Default: false.
    pub discoverable: Option<bool>,
    /// The hashtag that says what it is about, with or without `#`; empty: none, which is the default.
    pub tag_name: Option<String>,
}

impl CollectionChange {
    /// Writes the change into `collection`; the hashtag is added if nobody has used it yet.
    fn apply(self, tx: &mut Conn, instance: &Instance, collection: &mut Collection) -> Result<()> {
        let mut errors = Vec::new();
        if let Some(name) = self.name {
            name.trim().clone_into(&mut collection.name);
        }
        if collection.name.is_empty() {
            errors.push(FieldError::new("name", "ERR_BLANK", "can't be blank"));
        }
        if let Some(description) = self.description {
            description.trim().clone_into(&mut collection.description);
        }
        let texts = [
            ("name", &collection.name, MAX_NAME_CHARS),
            ("description", &collection.description, MAX_DESCRIPTION_CHARS),
        ];
        for (field, text, most) in texts {
            if text.chars().count() > most {
                let reason = format!("is too long (maximum is {most} characters)");
                errors.push(FieldError::new(field, "ERR_TOO_LONG", reason));
            }
        }
        if let Some(language) = self.language {
            collection.language = language_of(Some(&language));
            if collection.language.is_none() && !language.trim().is_empty() {
                errors.push(FieldError::new("language", "ERR_INVALID", "is invalid"));
            }
        }
        let tag = match self.tag_name.as_deref().map(str::trim) {
            None => None,
            Some("") => {
                collection.tag_id = None;
                None
            }
            Some(name) => {
                let tag = tags::parse(name);
                if tag.is_none() {
                    errors.push(FieldError::new("tag_name", "ERR_INVALID", "is invalid"));
                }
                tag
            }
        };
        collection.sensitive = self.sensitive.unwrap_or(collection.sensitive);
        collection.discoverable = self.discoverable.unwrap_or(collection.discoverable);
        if !errors.is_empty() {
            return Err(Error::Validation(errors));
        }
        if let Some(tag) = tag {
            check_usable(tx, "tag_name", "Tag name", std::slice::from_ref(&tag))?;
            collection.tag_id = Some(tag_rows::find_or_insert_tag(tx, instance.next_id(), &tag)?);
        }
        Ok(())
    }
}

/// Makes a collection of `actor` with these accounts in it, all or none. Those who are here are notified.
///
/// # Errors
/// `Validation` or `Invalid` if a text breaks a rule, there are too many accounts, or the actor has as many collections
/// as allowed; `NotFound` if one of the accounts is not there; `Forbidden` if one does not want to be featured, or a
/// block stands between.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#create>
pub async fn create(
    instance: &Instance,
    actor: AccountId,
    change: CollectionChange,
    members: &[AccountId],
) -> Result<CollectionView> {
    let (handle, members) = (instance.clone(), members.to_vec());
    instance
        .write(move |tx| create_in(tx, &handle, actor, change, &members, false, may_be_featured))
        .await
}

/// [`create`], inside a transaction. `is_welcome`: which accounts may be in it.
pub(super) fn create_in(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    change: CollectionChange,
    members: &[AccountId],
    suggested: bool,
    is_welcome: fn(&Account) -> bool,
) -> Result<CollectionView> {
    let now = instance.now();
    let mut seen = HashSet::new();
    let members: Vec<AccountId> = members.iter().copied().filter(|id| seen.insert(*id)).collect();
    // What is checked of them here holds until the collection is there.
    let people: Vec<AccountId> = members.iter().copied().take(MAX_ITEMS).chain([actor]).collect();
    lock_accounts(tx, &people)?;
    let mut collection = Collection {
        id: instance.next_id(),
        account_id: actor,
        name: String::new(),
        description: String::new(),
        language: None,
        sensitive: false,
        discoverable: false,
        suggested,
        tag_id: None,
        created_at: now,
        updated_at: now,
    };
    change.apply(tx, instance, &mut collection)?;
    if members.len() > MAX_ITEMS {
        return Err(too_many_items());
    }
    if rows::count_collections(tx, actor)? >= MAX_COLLECTIONS {
        let reason = format!("You have reached the maximum number of collections ({MAX_COLLECTIONS})");
        return Err(Error::invalid("base", "ERR_TOO_MANY", reason));
    }
    let accounts = accounts::load_admitted_accounts(tx, &members)?;
    let apart = load_apart(tx, actor, &members)?;
    for member in &members {
        let account = accounts
            .iter()
            .find(|account| account.id == *member && account.deleted_at.is_none())
            .ok_or(Error::NotFound)?;
        if !is_welcome(account) || apart.contains(member) {
            return Err(NOT_ALLOWED);
        }
    }
    rows::insert_collection(tx, &collection)?;
    for member in members {
        insert(tx, instance, &collection, member)?;
    }
    find_view(tx, Some(actor), collection.id)
}

pub(super) fn too_many_items() -> Error {
    let reason = format!("are too many (maximum is {MAX_ITEMS})");
    Error::Validation(vec![FieldError::new("collection_items", "ERR_TOO_MANY", reason)])
}

/// Changes what a collection of `actor` says of itself. Its members who are here are notified of another name or
/// description.
///
/// # Errors
/// `NotFound` if they do not see it; `Forbidden` if it is somebody else's; `Validation` as for [`create`].
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#update>
pub async fn update(
    instance: &Instance,
    actor: AccountId,
    id: CollectionId,
    change: CollectionChange,
) -> Result<CollectionView> {
    let handle = instance.clone();
    instance
        .write(move |tx| {
            let now = handle.now();
            lock_accounts(tx, &[actor])?;
            let view = find_own(tx, actor, id)?;
            let before = &view.collection;
            let mut after = before.clone();
            change.apply(tx, &handle, &mut after)?;
            if after == *before {
                return Ok(view);
            }
            after.updated_at = now;
            rows::update_collection(tx, &after)?;
            if (&after.name, &after.description) != (&before.name, &before.description) {
                tell_members(tx, &view, now)?;
            }
            find_view(tx, Some(actor), id)
        })
        .await
}

/// Each member has one such notification of a collection, however often it changes: the newest.
fn tell_members(tx: &mut Conn, view: &CollectionView, now: DateTime<Utc>) -> Result<()> {
    let kind = NotificationType::CollectionUpdate;
    let (id, owner) = (view.collection.id, view.collection.account_id);
    let members: Vec<AccountId> = view.items.iter().map(|item| item.account_id).collect();
    notifications::delete_notifications_of_collection(tx, id, &members, Some(kind))?;
    for member in members {
        notify_of_collection(tx, member, kind, owner, id, now)?;
    }
    Ok(())
}

/// Removes a collection of `actor`.
///
/// # Errors
/// `NotFound` if they do not see it; `Forbidden` if it is somebody else's.
///
/// Source: <https://docs.joinmastodon.org/methods/collections/#delete>
pub async fn delete(instance: &Instance, actor: AccountId, id: CollectionId) -> Result<()> {
    instance
        .write(move |tx| {
            find_own(tx, actor, id)?;
            rows::delete_collection(tx, id)?;
            Ok(())
        })
        .await
}
