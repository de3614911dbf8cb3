//! <https://docs.joinmastodon.org/entities/Search/>

use serde::Serialize;

use super::{account::Account, collection::Collection, status::Status, tag::Tag};

/// What was found; all four lists are always there.
#[derive(Serialize)]
pub(crate) struct Search<'a> {
    pub(crate) accounts: Vec<Account<'a>>,
    pub(crate) statuses: Vec<Status<'a>>,
    pub(crate) hashtags: Vec<Tag<'a>>,
    /// The one whose address was looked for.
    pub(crate) collections: Vec<Collection<'a>>,
}
