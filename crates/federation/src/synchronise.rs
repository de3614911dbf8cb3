//! Asking another server who of ours follows an account of its, after its digest did not agree with ours.
//!
//! Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md>

use std::collections::HashSet;

use pouet_model::{account::Account, ids::AccountId};
use pouet_service::{
    accounts,
    follows::sync::{self, FollowersDigest},
};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::Federation,
    error::{Error, Result},
    fetch,
    json::{Object, id_of},
    origin::{is_own, same_origin},
};

/// Pages of a list that are read (as Mastodon has it).
const MAX_PAGES: usize = 10;
/// What a list may be.
const LISTS: [&str; 4] = [
    "Collection",
    "OrderedCollection",
    "CollectionPage",
    "OrderedCollectionPage",
];
/// Followers of one list.
const MAX_ITEMS: usize = 25_000;

/// What a list says, and whether all of it was read.
#[derive(Default)]
struct List {
    items: HashSet<String>,
    is_complete: bool,
}

/// Reads the list at `url` of local followers of a remote account and goes by it. `digest`: what its server said of it.
///
/// # Errors
/// `Refused` if it leads to another server; those of the network.
pub(crate) async fn run(federation: &Federation, account: AccountId, url: &str, digest: &str) -> Result<()> {
    let found = accounts::find_any(&federation.instance, account).await?;
    let actor = found.filter(Account::is_active).and_then(|account| account.uri);
    let Some(actor) = actor.filter(|actor| same_origin(actor, url)) else {
        return Ok(());
    };
    let list = read(federation, &actor, url).await?;
    let is_whole =
        list.is_complete && FollowersDigest::of(list.items.iter().map(String::as_str)).to_string() == digest;
    let ours: Vec<String> = list
        .items
        .into_iter()
        .filter(|uri| is_own(federation.urls(), uri))
        .collect();
    tracing::debug!(actor, listed = ours.len(), is_whole, "followers are synchronised");
    Ok(sync::settle(&federation.instance, account, &ours, is_whole).await?)
}

async fn read(federation: &Federation, actor: &str, url: &str) -> Result<List> {
    let budget = Budget::of_activity();
    let mut list = List::default();
    let mut page = fetch_page(federation, actor, url, &budget).await?;
    let mut seen = HashSet::from([url.to_owned()]);
    for _ in 0..MAX_PAGES {
        let object = Object::of(&page).ok_or(Error::Refused("page is not an object"))?;
        // Anything else has no items either, which would say that nobody follows.
        if !LISTS.iter().any(|kind| object.is(kind)) {
            return Err(Error::Refused("page is not a collection"));
        }
        let items = object.many("orderedItems").iter().chain(object.many("items"));
        list.items.extend(items.filter_map(id_of).map(str::to_owned));
        if list.items.len() > MAX_ITEMS {
            return Ok(list);
        }
        let next = object.first("first").or_else(|| object.first("next"));
        page = match next {
            None => {
                list.is_complete = true;
                return Ok(list);
            }
            Some(Value::String(next)) => {
                if !seen.insert(next.clone()) {
                    return Ok(list);
                }
                fetch_page(federation, actor, next, &budget).await?
            }
            Some(embedded) => embedded.clone(),
        };
    }
    Ok(list)
}

/// A page of the actor's own server.
async fn fetch_page(federation: &Federation, actor: &str, url: &str, budget: &Budget) -> Result<Value> {
    if !same_origin(url, actor) {
        return Err(Error::Refused("page on another server"));
    }
    fetch::check_target(federation, url).await?;
    let (page, location) = fetch::one(federation, url, budget, None).await?;
    if same_origin(location.as_str(), actor) {
        Ok(page)
    } else {
        Err(Error::Refused("page on another server"))
    }
}
