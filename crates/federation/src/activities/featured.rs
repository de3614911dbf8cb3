//! Changes of what people here show on their profiles: `Add` and `Remove` with the collection of pins as target, which for
//! Mastodon is that of hashtags too.

use pouet_model::{audience::PUBLIC, ids::AccountId, urls::Urls};
use pouet_service::jobs::{FeaturedChange, FeaturedItem};
use serde::Serialize;
use serde_json::{Value, json};

/// An `Add` or `Remove`.
#[derive(Clone, Debug, Serialize)]
pub struct Featured {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    actor: String,
    to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cc: Vec<String>,
    object: Value,
    target: String,
}

impl Featured {
    /// The collection that is changed.
    pub fn target(&self) -> &str {
        &self.target
    }
}

/// The change of a profile. `is_open`: everybody may know of the item. `round` tells it from other changes.
pub fn featured(
    urls: &Urls,
    account: AccountId,
    item: &FeaturedItem,
    change: FeaturedChange,
    is_open: bool,
    round: i64,
) -> Featured {
    let actor = urls.local_account(account);
    let followers = urls.followers(account);
    let (to, cc) = if is_open {
        (vec![PUBLIC.to_owned()], vec![followers])
    } else {
        (vec![followers], Vec::new())
    };
    Featured {
        id: format!("{actor}#featured/{round}"),
        kind: match change {
            FeaturedChange::Add => "Add",
            FeaturedChange::Remove => "Remove",
        },
        to,
        cc,
        object: object(urls, account, item),
        target: format!("{actor}/collections/featured"),
        actor,
    }
}

fn object(urls: &Urls, account: AccountId, item: &FeaturedItem) -> Value {
    match item {
        FeaturedItem::Status(id) => urls.local_status(account, *id).into(),
        FeaturedItem::Tag { name, display_name } => hashtag(urls, name, display_name),
    }
}

/// A hashtag that somebody shows.
pub fn hashtag(urls: &Urls, name: &str, display_name: &str) -> Value {
    json!({ "type": "Hashtag", "href": urls.tag(name), "name": format!("#{display_name}") })
}
