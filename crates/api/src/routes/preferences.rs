//! <https://docs.joinmastodon.org/methods/preferences/>

use actix_web::HttpResponse;

use crate::{call::Call, entities::preferences::Preferences, error::Result, reply};

/// What the user prefers.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    reply::json(&Preferences::of(call.user()?.0))
}
