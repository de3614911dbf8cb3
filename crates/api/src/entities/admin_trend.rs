//! What trends as moderators see it: <https://docs.joinmastodon.org/methods/admin/trends/>

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{CardId, PublisherId},
    urls::Urls,
};
use pouet_service::{
    trends::{Candidate, LinkDetails, Publisher},
    view::StatusView,
};
use serde::Serialize;

use super::{card::TrendsLink, status::Status, time::Iso};

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

/// A site whose links trend or come near to it.
#[derive(Serialize)]
pub(crate) struct AdminPublisher<'a> {
    id: PublisherId,
    domain: &'a str,
    /// `null`: nobody has said.
    trendable: Option<bool>,
    reviewed_at: Option<Iso>,
    requested_review_at: Option<Iso>,
    requires_review: bool,
}

impl<'a> AdminPublisher<'a> {
    /// `publisher` as moderators read it.
    pub(crate) fn from_view(publisher: &'a Publisher) -> Self {
        Self {
            id: publisher.id,
            domain: &publisher.domain,
            trendable: publisher.trendable,
            reviewed_at: publisher.reviewed_at.map(Iso),
            requested_review_at: publisher.requested_at.map(Iso),
            requires_review: publisher.reviewed_at.is_none(),
        }
    }
}
