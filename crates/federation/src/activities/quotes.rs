//! Asking for leave to quote, giving it, and taking it back.
//!
//! Source: <https://w3id.org/fep/044f>

use pouet_model::{
    ids::{AccountId, RelationId},
    quote::Stamp,
    urls::Urls,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Activity, update_as};
use crate::objects::note::{Note, context};

/// A wish to quote. `I`: the quoting status, or its id.
#[derive(Clone, Debug, Serialize)]
pub struct QuoteRequest<I> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    object: String,
    instrument: I,
}

/// The wish of a local account to quote the status `object` of `author` in `note`, which comes along.
pub fn quote_request(
    urls: &Urls,
    account: AccountId,
    id: RelationId,
    author: String,
    object: String,
    note: Note,
) -> QuoteRequest<Note> {
    QuoteRequest {
        id: urls.quote_request(account, id),
        kind: "QuoteRequest",
        actor: urls.local_account(account),
        to: Some(author),
        object,
        instrument: note,
    }
}

/// The answer to a wish to quote.
#[derive(Clone, Debug, Serialize)]
pub struct QuoteAnswer {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    actor: String,
    to: String,
    object: QuoteRequest<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
}

/// Who asked what, in ids on the wire.
#[derive(Clone, Debug)]
pub struct AskedUris {
    /// The request.
    pub request: String,
    /// Who asked.
    pub requester: String,
    /// The local status.
    pub quoted: String,
    /// The status that is to quote it.
    pub quoting: String,
}

/// The answer of a local account: with its consent, or no. `round` tells it from other answers.
pub fn answer_quote(
    urls: &Urls,
    account: AccountId,
    asked: AskedUris,
    stamp: Option<RelationId>,
    round: i64,
) -> QuoteAnswer {
    let actor = urls.local_account(account);
    let (kind, path) = match stamp {
        Some(_) => ("Accept", "accepts"),
        None => ("Reject", "rejects"),
    };
    QuoteAnswer {
        id: format!("{actor}#{path}/quote_requests/{round}"),
        kind,
        actor,
        to: asked.requester.clone(),
        object: QuoteRequest {
            id: asked.request,
            kind: "QuoteRequest",
            actor: asked.requester,
            to: None,
            object: asked.quoted,
            instrument: asked.quoting,
        },
        result: stamp.map(|stamp| urls.quote_stamp(account, stamp)),
    }
}

/// The text of an activity about quotes, with the terms that it uses.
///
/// # Errors
/// Never for the activities of this module: they have text keys only.
pub fn text_of(activity: &impl Serialize) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(activity)?;
    if let Some(members) = value.as_object_mut() {
        members.insert("@context".to_owned(), context());
    }
    serde_json::to_string(&value)
}

/// The consent of a local account as a document, without `@context`.
pub fn authorization(urls: &Urls, stamp: &Stamp, quoted_uri: &str) -> Value {
    json!({
        "id": urls.quote_stamp(stamp.account_id, stamp.id),
        "type": "QuoteAuthorization",
        "attributedTo": urls.local_account(stamp.account_id),
        "interactingObject": stamp.quoting_uri,
        "interactionTarget": quoted_uri,
    })
}

/// The Delete of a consent.
pub fn delete_authorization(urls: &Urls, stamp: &Stamp, quoted_uri: &str) -> Activity<Value> {
    let id = format!("{}#delete", urls.quote_stamp(stamp.account_id, stamp.id));
    let actor = urls.local_account(stamp.account_id);
    Activity::new("Delete", id, actor, authorization(urls, stamp, quoted_uri)).public()
}

/// The Update of a status whose quote or quote policy has changed. `round` tells it from others of the same status.
pub fn update_quote(note: Note, round: i64) -> Activity<Note> {
    update_as(note, &format!("quote-{round}"))
}
