//! <https://docs.joinmastodon.org/entities/Context/>

use serde::Serialize;

use super::status::Status;

/// What surrounds a status in its thread.
#[derive(Serialize)]
pub(crate) struct Context<'a> {
    pub(crate) ancestors: Vec<Status<'a>>,
    pub(crate) descendants: Vec<Status<'a>>,
}
