//! What remote accounts show on their profiles: one page of pinned statuses and one of hashtags.
//!
//! Not every server says when they change (GoToSocial does not), so that the collections are read when the profile is.

use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
};
use pouet_service::{
    accounts, featured_tags,
    statuses::{self, MAX_REMOTE_PINS},
};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::Federation,
    documents::NoteDocument,
    error::{Error, Result},
    json::{Object, id_of},
    origin::same_origin,
    receive::tag_of,
    threads::{self, Limits, Pages, read},
};

/// A collection, its first page, and hashtags that are looked at.
const TAGS: Limits = Limits { pages: 2, items: 50 };
/// A collection, its first page, and pins that are looked at.
const PINS: Limits = Limits {
    pages: 2,
    items: MAX_REMOTE_PINS,
};

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
    if let Some(featured) = featured.filter(|featured| same_origin(featured, actor)) {
        let items = page_of(federation, (featured, actor), PINS, &budget).await?;
        let mut pinned = Vec::new();
        for item in &items {
            match pin(federation, item, actor, &budget).await {
                Ok(id) => pinned.extend(id),
                Err(error) if error.is_ours() || matches!(error, Error::Budget) => return Err(error),
                Err(error) => tracing::debug!(%error, "a pinned status is left out"),
            }
        }
        statuses::receive_pins(&federation.instance, account.id, pinned).await?;
    }
    if let Some(tags) = tags.filter(|tags| same_origin(tags, actor)) {
        let items = page_of(federation, (tags, actor), TAGS, &budget).await?;
        let tags = items.iter().filter_map(Object::of).filter_map(tag_of);
        featured_tags::receive_featured_tags(&federation.instance, account.id, tags.collect()).await?;
    }
    Ok(())
}

/// The status that an item of a collection of pins names, if it is the account's own. It is fetched without notifying anybody,
/// and what it refers to is not fetched in turn.
async fn pin(
    federation: &Federation,
    item: &Value,
    actor: &str,
    budget: &Budget,
) -> Result<Option<StatusId>> {
    let uri = id_of(item).ok_or(Error::Refused("pin without id"))?;
    if !same_origin(uri, actor) {
        return Err(Error::Refused("pin of another server"));
    }
    let by_actor = |note: &NoteDocument| note.author == actor;
    threads::take_in(federation, uri, &by_actor, budget).await?;
    let known = statuses::find_by_uri(&federation.instance, uri).await?;
    Ok(known.map(|status| status.id))
}

/// The items of a collection, or of its first page, on the server of `owner`.
async fn page_of(
    federation: &Federation,
    (collection, owner): (&str, &str),
    limits: Limits,
    budget: &Budget,
) -> Result<Vec<Value>> {
    let start = Value::String(collection.to_owned());
    let pages = Pages::new(limits.pages);
    read(federation, (&start, owner), limits, (&pages, budget), |_| false).await
}
