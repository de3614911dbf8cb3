//! <https://docs.joinmastodon.org/entities/Quote/>, <https://docs.joinmastodon.org/entities/ShallowQuote/>,
//! <https://docs.joinmastodon.org/entities/QuoteApproval/>

use chrono::{DateTime, Utc};
use pouet_model::{ids::StatusId, quote::Grant, urls::Urls};
use pouet_service::quotes::{QuoteApprovalView, QuoteView, QuoteViewState};
use serde::Serialize;

use super::status::Status;

/// What a status quotes.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Quote<'a> {
    /// Of a status that is shown on its own.
    Whole {
        /// How far it has come.
        state: &'static str,
        /// What is quoted, if it is to be shown.
        quoted_status: Option<Box<Status<'a>>>,
    },
    /// Of a status that is itself shown as a quote.
    Shallow {
        /// How far it has come.
        state: &'static str,
        /// What is quoted, if it is to be shown.
        quoted_status_id: Option<StatusId>,
    },
}

impl<'a> Quote<'a> {
    /// `view` as part of a status that is shown on its own.
    pub(crate) fn whole(view: &'a QuoteView, now: DateTime<Utc>, urls: &Urls) -> Self {
        let quoted = view.quoted.as_deref().filter(|_| is_told(view.state));
        Self::Whole {
            state: view.state.as_str(),
            quoted_status: quoted.map(|quoted| Box::new(Status::as_quote(quoted, now, urls))),
        }
    }

    /// `view` as part of a status that is shown as a quote.
    pub(crate) fn shallow(view: &'a QuoteView) -> Self {
        Self::Shallow {
            state: view.state.as_str(),
            quoted_status_id: view.quoted_id.filter(|_| is_told(view.state)),
        }
    }
}

/// Whether the quoted status comes along. Of people that the viewer hides it does: clients offer to show it.
fn is_told(state: QuoteViewState) -> bool {
    matches!(
        state,
        QuoteViewState::Accepted
            | QuoteViewState::BlockedAccount
            | QuoteViewState::BlockedDomain
            | QuoteViewState::MutedAccount
    )
}

/// Who may quote a status.
#[derive(Serialize)]
pub(crate) struct QuoteApproval<'a> {
    automatic: &'a [Grant],
    manual: &'a [Grant],
    current_user: &'static str,
}

impl<'a> QuoteApproval<'a> {
    /// `view` as its viewer sees it.
    pub(crate) fn of(view: &'a QuoteApprovalView) -> Self {
        Self {
            automatic: &view.policy.automatic,
            manual: &view.policy.manual,
            current_user: view.viewer.as_str(),
        }
    }
}
