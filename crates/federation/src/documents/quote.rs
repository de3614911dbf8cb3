//! What a status says that it quotes, who may quote it, and the documents of consent.
//!
//! Source: <https://w3id.org/fep/044f>, <https://w3id.org/fep/e232>

use pouet_model::{
    account::Account,
    audience::is_public,
    quote::{Grant, QuotePolicy},
};
use serde_json::Value;

use crate::{json::Object, origin::domain_of};

/// Names under which servers without the consent protocol say what is quoted, the most trusted first.
const LEGACY: [&str; 3] = ["_misskey_quote", "quoteUrl", "quoteUri"];
/// How a link in the tags says that it is a quote.
const LINK_RELATION: &str = "https://misskey-hub.net/ns#_misskey_quote";
/// Ids read of one list of a policy.
const MAX_GRANTS: usize = 20;

/// What a status quotes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuoteDocument {
    /// Its id; `None`: it is gone.
    pub quoted: Option<String>,
    /// Said in a way that knows no consent.
    pub legacy: bool,
    /// Where the consent is said to be.
    pub authorization: Option<String>,
}

impl QuoteDocument {
    /// What an object says that it quotes: the first of the members that are in use, and of its values the first.
    pub fn read(object: Object<'_>) -> Option<Self> {
        if let Some(quote) = object.first("quote").filter(|quote| !quote.is_null()) {
            return Self::of(object, quote);
        }
        let named = LEGACY
            .iter()
            .find_map(|name| object.first(name)?.as_str().and_then(address));
        let quoted = named.or_else(|| object.objects("tag").find_map(linked))?;
        Some(Self {
            quoted: Some(quoted.to_owned()),
            legacy: true,
            authorization: None,
        })
    }

    fn of(object: Object<'_>, quote: &Value) -> Option<Self> {
        let authorization = object.id("quoteAuthorization").and_then(address);
        let is_gone = Object::of(quote).is_some_and(|quote| quote.is("Tombstone"));
        let quoted = if is_gone {
            None
        } else {
            // What is embedded is not read: it is fetched from where it lives.
            Some(crate::json::id_of(quote).and_then(address)?.to_owned())
        };
        Some(Self {
            quoted,
            legacy: false,
            authorization: authorization.map(str::to_owned),
        })
    }
}

/// An http(s) address.
fn address(uri: &str) -> Option<&str> {
    (uri.starts_with("http") && domain_of(uri).is_some()).then_some(uri)
}

/// The address of a link that is a quote.
fn linked(tag: Object<'_>) -> Option<&str> {
    let is_object = tag.text("mediaType").is_some_and(|kind| {
        kind.starts_with("application/ld+json") || kind.starts_with("application/activity+json")
    });
    let is_quote = tag
        .many("rel")
        .iter()
        .filter_map(Value::as_str)
        .any(|relation| relation == LINK_RELATION);
    if tag.is("Link") && is_object && is_quote {
        tag.href("href").and_then(address)
    } else {
        None
    }
}

/// `interactionPolicy.canQuote` as it is written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QuotePolicyDocument {
    automatic: Vec<String>,
    manual: Vec<String>,
}

impl QuotePolicyDocument {
    /// Reads the policy of a status; without one, nobody may quote it.
    pub fn read(object: Object<'_>) -> Self {
        let policy = object
            .object("interactionPolicy")
            .and_then(|policy| policy.object("canQuote"));
        let Some(policy) = policy else {
            return Self::default();
        };
        let ids = |name: &str| policy.ids(name).take(MAX_GRANTS).map(str::to_owned).collect();
        Self {
            automatic: ids("automaticApproval"),
            manual: ids("manualApproval"),
        }
    }

    /// What it means for a status of `author`.
    pub fn of(&self, author: &Account) -> QuotePolicy {
        QuotePolicy {
            automatic: grants(&self.automatic, author),
            manual: grants(&self.manual, author),
        }
    }
}

fn grants(ids: &[String], author: &Account) -> Vec<Grant> {
    let remote = author.remote.as_ref();
    let followers = remote.and_then(|remote| remote.followers.as_ref());
    let following = remote.and_then(|remote| remote.following.as_ref());
    let mut grants = Vec::new();
    for id in ids {
        let grant = if is_public(id) {
            Grant::Public
        } else if Some(id) == followers {
            Grant::Followers
        } else if Some(id) == following {
            Grant::Following
        } else if author.uri.as_ref() == Some(id) {
            continue;
        } else {
            Grant::Unsupported
        };
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    grants
}

/// The consent of an author to one quote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StampDocument {
    /// Its id.
    pub id: String,
    /// Who consents.
    pub author: String,
    /// What may quote.
    pub quoting: String,
    /// What may be quoted.
    pub quoted: String,
}

impl StampDocument {
    /// Reads a consent; `None` for anything else, or if a member is missing.
    pub fn read(document: &Value) -> Option<Self> {
        let object = Object::of(document).filter(|object| object.is("QuoteAuthorization"))?;
        let one = |name: &str| object.id(name).map(str::to_owned);
        Some(Self {
            id: object.own_id()?.to_owned(),
            author: one("attributedTo")?,
            quoting: one("interactingObject")?,
            quoted: one("interactionTarget")?,
        })
    }
}

#[cfg(test)]
#[path = "quote_tests.rs"]
mod tests;
