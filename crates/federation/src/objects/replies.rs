//! The answers to a status of ours, and the statuses of a conversation that began here, page by page.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#replies>,
//! <https://codeberg.org/fediverse/fep/src/branch/main/fep/f228/fep-f228.md>; the order of the pages, the author's own
//! answers before those of others, is Mastodon's.

use serde_json::{Value, json};

use super::collection::CONTEXT;

/// Ids on a page.
pub const PAGE: i64 = 60;

/// Address of the first page of what others answered.
fn others(collection: &str) -> String {
    format!("{collection}?only_other_accounts=true&page=true")
}

/// The page that a status carries: the first answers of its author.
pub fn first_page(collection: &str, own: &[String]) -> Value {
    json!({
        "id": format!("{collection}?page=true"),
        "type": "CollectionPage",
        "partOf": collection,
        "next": others(collection),
        "items": own,
    })
}

/// The replies collection itself. `first`: its first page.
pub fn replies(collection: &str, total: i64, first: &Value) -> Value {
    json!({
        "@context": CONTEXT,
        "id": collection,
        "type": "Collection",
        "totalItems": total,
        "first": first,
    })
}

/// Which answers a page holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageOf {
    /// Those of others, not those of the author.
    pub only_others: bool,
    /// Ids above this one.
    pub min_id: Option<i64>,
}

/// A page of answers; `last`: the id of its last one, if the page is full.
pub fn page(collection: &str, which: PageOf, last: Option<i64>, items: &[String]) -> Value {
    let address = |min_id: Option<i64>| {
        let above = min_id
            .map(|min_id| format!("min_id={min_id}&"))
            .unwrap_or_default();
        let whose = if which.only_others {
            "only_other_accounts=true&"
        } else {
            ""
        };
        format!("{collection}?{above}{whose}page=true")
    };
    let next = match last {
        Some(last) => Some(address(Some(last))),
        None if which.only_others => None,
        None => Some(others(collection)),
    };
    with_next(&address(which.min_id), collection, next, items)
}

/// A conversation: its first page within. `author`: who began it.
pub fn conversation(id: &str, author: Option<&str>, total: i64, first: &Value) -> Value {
    let mut collection = json!({
        "@context": CONTEXT,
        "id": id,
        "type": "Collection",
        "totalItems": total,
        "first": first,
    });
    if let Some(author) = author {
        collection["attributedTo"] = author.into();
    }
    collection
}

/// A page of a conversation; `last`: the id of its last status, if the page is full.
pub fn conversation_page(id: &str, min_id: Option<i64>, last: Option<i64>, items: &[String]) -> Value {
    let address = |min_id: Option<i64>| match min_id {
        Some(min_id) => format!("{id}?min_id={min_id}&page=true"),
        None => format!("{id}?page=true"),
    };
    with_next(&address(min_id), id, last.map(|last| address(Some(last))), items)
}

fn with_next(id: &str, part_of: &str, next: Option<String>, items: &[String]) -> Value {
    let mut page = json!({
        "@context": CONTEXT,
        "id": id,
        "type": "CollectionPage",
        "partOf": part_of,
        "items": items,
    });
    if let Some(next) = next {
        page["next"] = next.into();
    }
    page
}
