//! <https://docs.joinmastodon.org/entities/Tag/>

use pouet_model::urls::Urls;
use pouet_service::{
    tag_rules::ModeratedTag,
    tags::{DayOfUse, TagDetails},
    view::TagView,
};
use serde::Serialize;

/// A hashtag as a status shows it.
#[derive(Serialize)]
pub(crate) struct StatusTag<'a> {
    name: &'a str,
    url: String,
}

impl<'a> StatusTag<'a> {
    /// `tag` with its page.
    pub(crate) fn from_view(tag: &'a TagView, urls: &Urls) -> Self {
        Self {
            name: &tag.name,
            url: urls.tag(&tag.name),
        }
    }
}

/// Use of something on one day. The numbers are texts, as on Mastodon.
#[derive(Serialize)]
pub(crate) struct History {
    /// The first second of the day (UTC), in Unix seconds.
    day: String,
    accounts: String,
    uses: String,
}

impl History {
    /// The days as clients read them, today first.
    pub(crate) fn list(days: &[DayOfUse]) -> Vec<Self> {
        days.iter()
            .map(|day| Self {
                day: day.day.timestamp().to_string(),
                accounts: day.accounts.to_string(),
                uses: day.uses.to_string(),
            })
            .collect()
    }
}

/// A hashtag by itself.
#[derive(Serialize)]
pub(crate) struct Tag<'a> {
    /// Of one that nobody has used here, the folded name: the operations on hashtags take either.
    id: String,
    name: &'a str,
    url: String,
    history: Vec<History>,
    #[serde(skip_serializing_if = "Option::is_none")]
    following: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    featuring: Option<bool>,
}

impl<'a> Tag<'a> {
    /// `details` with its page.
    pub(crate) fn from_view(details: &'a TagDetails, urls: &Urls) -> Self {
        Self {
            id: details
                .id
                .map_or_else(|| details.tag.name.clone(), |id| id.to_string()),
            name: &details.tag.display_name,
            url: urls.tag(&details.tag.name),
            history: History::list(&details.history),
            following: details.following,
            featuring: details.featuring,
        }
    }

    /// Hashtags in order.
    pub(crate) fn list(details: &'a [TagDetails], urls: &Urls) -> Vec<Self> {
        details.iter().map(|one| Self::from_view(one, urls)).collect()
    }
}

/// A hashtag as moderators see it.
///
/// Source: <https://docs.joinmastodon.org/entities/Admin_Tag/>
#[derive(Serialize)]
pub(crate) struct AdminTag<'a> {
    #[serde(flatten)]
    tag: Tag<'a>,
    /// `null`: nobody has said.
    trendable: Option<bool>,
    usable: bool,
    listable: bool,
    requires_review: bool,
}

impl<'a> AdminTag<'a> {
    /// `moderated` with its page.
    pub(crate) fn from_view(moderated: &'a ModeratedTag, urls: &Urls) -> Self {
        Self {
            tag: Tag::from_view(&moderated.tag, urls),
            trendable: moderated.trendable,
            usable: moderated.usable,
            listable: moderated.listable,
            requires_review: moderated.requires_review,
        }
    }

    /// Hashtags in order.
    pub(crate) fn list(moderated: &'a [ModeratedTag], urls: &Urls) -> Vec<Self> {
        moderated.iter().map(|one| Self::from_view(one, urls)).collect()
    }
}
