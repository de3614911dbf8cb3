//! Collections of our own and their pages.

use serde_json::{Value, json};

/// The context of documents that use the terms of ActivityStreams only.
pub const CONTEXT: &str = "https://www.w3.org/ns/activitystreams";

/// A collection that is read page by page. `first`: address of its first page; `None` keeps the items to ourselves.
pub fn ordered(id: &str, total: i64, first: Option<String>) -> Value {
    let mut collection = json!({
        "@context": CONTEXT,
        "id": id,
        "type": "OrderedCollection",
        "totalItems": total,
    });
    if let Some(first) = first {
        collection["first"] = first.into();
    }
    collection
}

/// A page. `next`: address of the page of older items.
pub fn page(id: &str, part_of: &str, next: Option<String>, items: &[Value]) -> Value {
    let mut page = json!({
        "@context": CONTEXT,
        "id": id,
        "type": "OrderedCollectionPage",
        "partOf": part_of,
        "orderedItems": items,
    });
    if let Some(next) = next {
        page["next"] = next.into();
    }
    page
}

/// A short collection, whole.
pub fn whole(id: &str, items: &[Value]) -> Value {
    json!({
        "@context": CONTEXT,
        "id": id,
        "type": "OrderedCollection",
        "totalItems": items.len(),
        "orderedItems": items,
    })
}
