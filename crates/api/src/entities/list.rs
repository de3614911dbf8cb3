//! <https://docs.joinmastodon.org/entities/List/>

use pouet_model::{filter::List as Model, ids::ListId};
use serde::Serialize;

/// A list of accounts with a timeline.
#[derive(Serialize)]
pub(crate) struct List<'a> {
    id: ListId,
    title: &'a str,
    replies_policy: &'static str,
    exclusive: bool,
}

impl<'a> List<'a> {
    /// As it is.
    pub(crate) fn from_model(list: &'a Model) -> Self {
        Self {
            id: list.id,
            title: &list.title,
            replies_policy: list.replies_policy.as_str(),
            exclusive: list.exclusive,
        }
    }
}
