//! <https://docs.joinmastodon.org/entities/Search/>

use serde::Serialize;

use super::{account::Account, status::Status, tag::Tag};

/// What was found; all four lists are always there.
#[derive(Serialize)]
pub(crate) struct Search<'a> {
    pub(crate) accounts: Vec<Account<'a>>,
    pub(crate) statuses: Vec<Status<'a>>,
    pub(crate) hashtags: Vec<Tag<'a>>,
    /// There are no collections here.
    pub(crate) collections: [(); 0],
}
