//! `canReply`, `canLike` and `canAnnounce` of our statuses, and the approval that one has. `canQuote` is written beside
//! them.
//!
//! All three are always there: that says that we hold to them.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/>

use pouet_model::{
    interaction::{Choice, Interaction, Named},
    status::{Status, Visibility},
    urls::Urls,
};
use pouet_service::{
    interactions::{Authorization, authorization_id},
    view::StatusView,
};
use serde::Serialize;
use serde_json::{Value, json};

/// Who may do something.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Approvals {
    automatic_approval: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    manual_approval: Vec<String>,
}

/// Who may answer, favourite and boost.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Interactions {
    #[serde(rename = "canReply")]
    reply: Approvals,
    #[serde(rename = "canLike")]
    like: Approvals,
    #[serde(rename = "canAnnounce")]
    announce: Approvals,
}

impl Interactions {
    /// The rules of a status of ours. What not everybody may see is boosted by its author alone.
    pub(super) fn of(urls: &Urls, view: &StatusView, visibility: Visibility, choice: Choice) -> Self {
        let author = urls.account_uri(&view.author);
        let followers = urls.followers(view.author.id);
        let following = format!("{}/following", urls.local_account(view.author.id));
        let mentioned: Vec<String> = view
            .mentions
            .iter()
            .map(|account| urls.account_uri(account))
            .collect();
        let named = Named {
            author: &author,
            followers: &followers,
            following: &following,
            mentioned: &mentioned,
        };
        let approvals = |kind| Approvals {
            automatic_approval: choice.automatic(kind, named),
            manual_approval: choice.manual(kind, named),
        };
        Self {
            reply: approvals(Interaction::Reply),
            like: approvals(Interaction::Like),
            announce: if visibility.is_open() {
                approvals(Interaction::Announce)
            } else {
                Approvals {
                    automatic_approval: vec![author.clone()],
                    manual_approval: Vec::new(),
                }
            },
        }
    }
}

/// The document of an approval.
pub fn authorization(urls: &Urls, given: &Authorization, target: &Status) -> Value {
    json!({
        "@context": super::note::context(),
        "id": authorization_id(urls, given.account_id, given.id),
        "type": format!("{}Authorization", given.interaction.type_name()),
        "attributedTo": urls.local_account(given.account_id),
        "interactingObject": given.uri,
        "interactionTarget": urls.status_uri(target),
    })
}
