//! <https://docs.joinmastodon.org/methods/health/>

use actix_web::HttpResponse;

use crate::{call::Call, error::Result};

/// That the server answers.
pub(crate) async fn show(_: Call) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("OK"))
}
