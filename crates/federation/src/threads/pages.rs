//! Reading collections of other servers page by page.
//!
//! A page is believed only by where it lives. Its items are names of what is then fetched from where that lives; hashtags,
//! which are nothing but names, are taken as they are.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::Value;

use crate::{
    budget::Budget,
    context::Federation,
    error::{Error, Result},
    fetch,
    json::{Object, id_of},
    origin::same_origin,
};

/// Pages in a row that bring nothing new before the rest is left.
const FRUITLESS: u32 = 2;

/// How far a collection is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Pages of one collection.
    pub(crate) pages: u32,
    /// Items of one collection.
    pub(crate) items: usize,
}

/// Pages that may be fetched altogether.
#[derive(Debug)]
pub(crate) struct Pages(AtomicU32);

impl Pages {
    pub(crate) fn new(count: u32) -> Self {
        Self(AtomicU32::new(count))
    }

    fn spend(&self) -> Result<()> {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .map(|_| ())
            .map_err(|_| Error::Budget)
    }
}

/// Reads a collection from `start`, which is the collection, its first page, or the address of either, on the server of
/// `owner`. `wanted` says of each page whether the next one is.
///
/// # Errors
/// Why the first page could not be had; a page that fails later ends the list.
pub(crate) async fn read(
    federation: &Federation,
    (start, owner): (&Value, &str),
    limits: Limits,
    (pages, budget): (&Pages, &Budget),
    mut wanted: impl FnMut(&[Value]) -> bool + Send,
) -> Result<Vec<Value>> {
    let mut found: Vec<Value> = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    let mut asked: HashSet<String> = HashSet::new();
    let mut next = Some(start.clone());
    let (mut fetched, mut fruitless) = (0, 0);
    while let Some(reference) = next.take() {
        let page = match reference {
            Value::String(address) => {
                let is_new = same_origin(&address, owner) && asked.insert(address.clone());
                if !is_new || fetched >= limits.pages {
                    break;
                }
                fetched += 1;
                match fetch_page(federation, &address, owner, pages, budget).await {
                    Ok(page) => page,
                    Err(error) if found.is_empty() => return Err(error),
                    Err(_) => break,
                }
            }
            page => page,
        };
        let Some(object) = Object::of(&page) else { break };
        let items: Vec<Value> = object
            .many("orderedItems")
            .iter()
            .chain(object.many("items"))
            .filter(|item| name_of(item).is_some_and(|name| known.insert(name.to_owned())))
            .take(limits.items - found.len())
            .cloned()
            .collect();
        fruitless = if items.is_empty() { fruitless + 1 } else { 0 };
        let goes_on = items.is_empty() || wanted(&items);
        found.extend(items);
        if !goes_on || found.len() >= limits.items || fruitless > FRUITLESS {
            break;
        }
        next = following(object, asked.is_empty());
    }
    Ok(found)
}

/// What tells an item from the others: its id, or of a hashtag, which has none, its address or name.
fn name_of(item: &Value) -> Option<&str> {
    let text = |name| Object::of(item)?.text(name);
    id_of(item).or_else(|| text("href")).or_else(|| text("name"))
}

/// Where the list goes on: a collection names its first page, a page the next one, a mere stub itself.
fn following(page: Object<'_>, unread: bool) -> Option<Value> {
    let stub = unread && page.get("items").is_none() && page.get("orderedItems").is_none();
    page.first("first")
        .or_else(|| page.first("next"))
        .or_else(|| page.get("id").filter(|_| stub))
        .cloned()
}

async fn fetch_page(
    federation: &Federation,
    address: &str,
    owner: &str,
    pages: &Pages,
    budget: &Budget,
) -> Result<Value> {
    pages.spend()?;
    fetch::check_target(federation, address).await?;
    federation.quotas.ask(address)?;
    let (page, location) = fetch::one(federation, address, budget, None).await?;
    if same_origin(location.as_str(), owner) {
        Ok(page)
    } else {
        Err(Error::Refused("page on another server"))
    }
}
