//! <https://docs.joinmastodon.org/entities/FeaturedTag/>

use pouet_model::{ids::RelationId, urls::Urls};
use pouet_service::featured_tags::FeaturedTagView;
use serde::Serialize;

use super::time::Day;

/// A hashtag on a profile. The number is a text, as on Mastodon.
#[derive(Serialize)]
pub(crate) struct FeaturedTag<'a> {
    id: RelationId,
    name: &'a str,
    url: String,
    statuses_count: String,
    last_status_at: Option<Day>,
}

impl<'a> FeaturedTag<'a> {
    /// `view` with its page.
    pub(crate) fn from_view(view: &'a FeaturedTagView, urls: &Urls) -> Self {
        Self {
            id: view.id,
            name: &view.tag.display_name,
            url: urls.tag(&view.tag.name),
            statuses_count: view.statuses_count.to_string(),
            last_status_at: view.last_status_at.map(Day),
        }
    }
}
