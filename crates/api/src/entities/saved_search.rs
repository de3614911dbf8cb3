//! A saved search, an entity of our own (`/api/pouet/v1/openapi.json`).

use pouet_model::{ids::SavedSearchId, urls::Urls};
use pouet_service::saved_searches::SavedSearch as Model;
use serde::Serialize;

use super::time::Iso;

/// A query with a name.
#[derive(Serialize)]
pub(crate) struct SavedSearch<'a> {
    id: SavedSearchId,
    name: &'a str,
    query: &'a str,
    /// Where programs read it without signing in; whoever knows the address can.
    atom_url: Option<String>,
    rss_url: Option<String>,
    created_at: Iso,
}

impl<'a> SavedSearch<'a> {
    /// As it is.
    pub(crate) fn from_model(search: &'a Model, urls: &Urls) -> Self {
        let feed = |ending: &str| {
            let token = search.feed_token.as_ref()?;
            Some(urls.path(&format!("/feeds/searches/{token}.{ending}")))
        };
        Self {
            id: search.id,
            name: &search.name,
            query: &search.query,
            atom_url: feed("atom"),
            rss_url: feed("rss"),
            created_at: Iso(search.created_at),
        }
    }
}
