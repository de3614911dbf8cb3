//! Answers to questions whether one may do something with a status, and boosts that were approved.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/>

use activitypub_federation::protocol::context::WithContext;
use pouet_model::{
    ids::{AccountId, RelationId},
    interaction::Interaction,
    urls::Urls,
};
use pouet_service::interactions::authorization_id;
use serde::Serialize;
use serde_json::json;

use super::Activity;
use crate::objects::note::context;

/// Whether somebody may do something with a status.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Id of the question; `None`: it was done without one, and the answer is about that.
    pub uri: Option<&'a str>,
    /// Who asked.
    pub requester: &'a str,
    /// What it is.
    pub interaction: Interaction,
    /// Id of the status.
    pub target: &'a str,
    /// Id of the interaction.
    pub interaction_uri: &'a str,
}

/// The Accept with its approval, or the Reject. `round` tells it from other answers.
///
/// # Errors
/// Never: the document has text keys only.
pub fn answer_question(
    urls: &Urls,
    account: AccountId,
    question: Question<'_>,
    authorization: Option<RelationId>,
    round: i64,
) -> serde_json::Result<String> {
    let actor = urls.local_account(account);
    let (kind, path) = match authorization {
        Some(_) => ("Accept", "accepts"),
        None => ("Reject", "rejects"),
    };
    let object = match question.uri {
        Some(uri) => json!({
            "id": uri,
            "type": format!("{}Request", question.interaction.type_name()),
            "actor": question.requester,
            "object": question.target,
            "instrument": question.interaction_uri,
        }),
        None => json!(question.interaction_uri),
    };
    let mut answer = json!({
        "id": format!("{actor}#{path}/interactions/{round}"),
        "type": kind,
        "actor": actor,
        "to": [question.requester],
        "object": object,
    });
    if let Some(id) = authorization {
        answer["result"] = authorization_id(urls, account, id).into();
    }
    serde_json::to_string(&WithContext::new(answer, context()))
}

/// An Announce that the author of the status has approved.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowedBoost {
    #[serde(flatten)]
    announce: Activity<String>,
    announce_authorization: String,
    approved_by: String,
}

/// The text of an Announce that is approved.
///
/// # Errors
/// Never: the document has text keys only.
pub fn approved(announce: Activity<String>, approval: &str) -> serde_json::Result<String> {
    let boost = AllowedBoost {
        announce,
        announce_authorization: approval.to_owned(),
        approved_by: approval.to_owned(),
    };
    serde_json::to_string(&WithContext::new(boost, context()))
}
