//! <https://docs.joinmastodon.org/entities/Tag/>

use pouet_model::urls::Urls;
use pouet_service::view::TagView;
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

/// A hashtag by itself.
#[derive(Serialize)]
pub(crate) struct Tag<'a> {
    /// The folded name: the operations on tags take names.
    id: &'a str,
    name: &'a str,
    url: String,
    /// Use by day; empty while it is not counted.
    history: [(); 0],
}

impl<'a> Tag<'a> {
    /// `tag` with its page.
    pub(crate) fn from_view(tag: &'a TagView, urls: &Urls) -> Self {
        Self {
            id: &tag.name,
            name: &tag.display_name,
            url: urls.tag(&tag.name),
            history: [],
        }
    }
}
