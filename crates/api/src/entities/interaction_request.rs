//! What others want to do with statuses of the user.
//!
//! Source: <https://docs.gotosocial.org/en/latest/api/swagger/>, `interactionRequest`

use chrono::{DateTime, Utc};
use pouet_model::{ids::RelationId, interaction::Interaction, urls::Urls};
use pouet_service::interactions::RequestView;
use serde::Serialize;

use super::{account::Account, status::Status, time::Iso};

/// Something that the user decides about, or decided.
#[derive(Serialize)]
pub(crate) struct InteractionRequest<'a> {
    id: RelationId,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: Iso,
    account: Account<'a>,
    status: Option<Status<'a>>,
    /// The answer, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Status<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_at: Option<Iso>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_at: Option<Iso>,
}

impl<'a> InteractionRequest<'a> {
    /// `view` as the user sees it at `now`.
    pub(crate) fn from_view(view: &'a RequestView, now: DateTime<Utc>, urls: &Urls) -> Self {
        let request = &view.request;
        let shown = |view| Status::from_view(view, now, urls);
        Self {
            id: request.id,
            kind: match request.interaction {
                Interaction::Reply => "reply",
                Interaction::Like => "favourite",
                Interaction::Announce => "reblog",
            },
            created_at: Iso(request.created_at),
            account: Account::from_model(&view.actor, urls),
            status: view.status.as_ref().map(shown),
            reply: view.reply.as_ref().map(shown),
            accepted_at: request.accepted_at.map(Iso),
            rejected_at: request.rejected_at.map(Iso),
        }
    }
}
