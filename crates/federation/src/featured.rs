//! What remote accounts show on their profiles: one page of pinned statuses and one of hashtags.
//!
//! Not every server says when they change (GoToSocial does not), so that the collections are read when the profile is.

use pouet_model::{account::Account, ids::AccountId};
use pouet_service::{
    Error as ServiceError, accounts, featured_tags,
    statuses::{self, MAX_REMOTE_PINS},
};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::Federation,
    documents::NoteDocument,
    error::{Error, Result},
    fetch,
    json::{Object, id_of},
    origin::same_origin,
    receive::tag_of,
    resolver,
};

/// Hashtags that are looked at.
const MAX_TAGS: usize = 50;

/// Fetches the pins of an account, and the hashtags that it shows if its document names their collection.
///
/// # Errors
/// Those of the network and the database. What is wrong with a single pin leaves it out.
pub(crate) async fn fetch_featured(
    federation: &Federation,
    account: AccountId,
    tags: Option<&str>,
) -> Result<()> {
    let found = accounts::find_any(&federation.instance, account).await?;
    let Some(account) = found.filter(Account::is_active) else {
        return Ok(());
    };
    let Some(actor) = account.uri.as_deref() else {
        return Ok(());
    };
    let budget = Budget::of_act();
    let featured = account
        .remote
        .as_ref()
        .and_then(|remote| remote.featured.as_deref());
    if let Some(featured) = featured {
        fetch_pins(federation, &account, actor, featured, &budget).await?;
    }
    if let Some(tags) = tags.filter(|tags| same_origin(tags, actor)) {
        let items = page_of(federation, tags, &budget).await?;
        let tags = items
            .iter()
            .take(MAX_TAGS)
            .filter_map(Object::of)
            .filter_map(tag_of);
        featured_tags::receive_featured_tags(&federation.instance, account.id, tags.collect()).await?;
    }
    Ok(())
}

async fn fetch_pins(
    federation: &Federation,
    account: &Account,
    actor: &str,
    featured: &str,
    budget: &Budget,
) -> Result<()> {
    let mut pinned = Vec::new();
    for item in page_of(federation, featured, budget)
        .await?
        .iter()
        .take(MAX_REMOTE_PINS)
    {
        match pin(federation, item, actor, budget).await {
            Ok(id) => pinned.extend(id),
            Err(error @ (Error::Budget | Error::Service(ServiceError::Busy | ServiceError::Internal(_)))) => {
                return Err(error);
            }
            Err(error) => tracing::debug!(%error, "a pinned status is left out"),
        }
    }
    Ok(statuses::receive_pins(&federation.instance, account.id, pinned).await?)
}

/// The status that an item of a collection of pins is, if it is the account's own.
///
/// A note that is in the collection as a whole came from its own origin and is taken as it is.
async fn pin(
    federation: &Federation,
    item: &Value,
    actor: &str,
    budget: &Budget,
) -> Result<Option<pouet_model::ids::StatusId>> {
    let uri = id_of(item).ok_or(Error::Refused("pin without id"))?;
    if !same_origin(uri, actor) {
        return Err(Error::Refused("pin of another server"));
    }
    if let Some(known) = statuses::find_by_uri(&federation.instance, uri).await? {
        return Ok(Some(known.id));
    }
    if item.is_object() && NoteDocument::is_note(item) {
        let by_actor = Object::of(item).is_some_and(|note| note.id("attributedTo") == Some(actor));
        if !by_actor {
            return Err(Error::Refused("pin of somebody else's status"));
        }
        return Ok(Some(resolver::status(federation, item, budget).await?.id));
    }
    Ok(Some(resolver::status_by_id(federation, uri, budget).await?.id))
}

/// The items of a collection, or of its first page.
async fn page_of(federation: &Federation, collection: &str, budget: &Budget) -> Result<Vec<Value>> {
    let document = fetch::document(federation, collection, budget, None).await?;
    let object = Object::of(&document).ok_or(Error::Refused("collection is not an object"))?;
    let has_items = object.get("orderedItems").is_some() || object.get("items").is_some();
    let page = match object.first("first").filter(|_| !has_items) {
        Some(Value::String(first)) if same_origin(first, collection) => {
            fetch::document(federation, first, budget, None).await?
        }
        Some(Value::String(_)) => return Err(Error::Refused("page on another server")),
        Some(page) => page.clone(),
        None => document,
    };
    let page = Object::of(&page).ok_or(Error::Refused("page is not an object"))?;
    let items = page.many("orderedItems").iter().chain(page.many("items"));
    Ok(items.cloned().collect())
}
