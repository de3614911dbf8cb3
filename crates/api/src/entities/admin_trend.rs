//! What trends as moderators see it: <https://docs.joinmastodon.org/methods/admin/trends/>

use chrono::{DateTime, Utc};
use pouet_model::{ids::CardId, urls::Urls};
use pouet_service::{
    trends::{Candidate, LinkDetails},
    view::StatusView,
};
use serde::Serialize;

use super::{card::TrendsLink, status::Status};

/// A status that trends or waits for a moderator.
#[derive(Serialize)]
pub(crate) struct AdminStatus<'a> {
    #[serde(flatten)]
    status: Status<'a>,
    requires_review: bool,
}

impl<'a> AdminStatus<'a> {
    /// `candidate` as the moderator sees it at `now`.
    pub(crate) fn from_view(candidate: &'a Candidate<StatusView>, now: DateTime<Utc>, urls: &Urls) -> Self {
        Self {
            status: Status::from_view(&candidate.item, now, urls),
            requires_review: candidate.requires_review,
        }
    }
}

/// A link that trends or waits for a moderator. Its id is a text: it is too large for the numbers of JavaScript.
#[derive(Serialize)]
pub(crate) struct AdminLink<'a> {
    id: CardId,
    #[serde(flatten)]
    link: TrendsLink<'a>,
    requires_review: bool,
}

impl<'a> AdminLink<'a> {
    /// `candidate` as the moderator sees it.
    pub(crate) fn from_view(candidate: &'a Candidate<LinkDetails>, urls: &Urls) -> Self {
        Self {
            id: candidate.item.card.card.id,
            link: TrendsLink::from_view(&candidate.item, urls),
            requires_review: candidate.requires_review,
        }
    }
}
