//! <https://docs.joinmastodon.org/methods/trends/>

use actix_web::HttpResponse;
use pouet_service::trends::{self, Window};

use crate::{
    call::Call,
    entities::{card::TrendsLink, status::Status, tag::Tag},
    error::Result,
    extract::page::{self, STATUSES, Sizes, TRENDS},
    reply,
};

/// The part of a list that a request asks for.
pub(super) fn window(call: &Call, sizes: Sizes) -> Window {
    Window {
        offset: call.params.int("offset").unwrap_or(0).clamp(0, page::MAX_OFFSET),
        limit: page::limit(&call.params, sizes),
    }
}

/// Hashtags that trend.
pub(crate) async fn tags(call: Call) -> Result<HttpResponse> {
    let window = window(&call, TRENDS);
    let found = trends::tags(&call.instance, call.viewer(), window).await?;
    let more = found.len() as i64 >= window.limit;
    reply::window(&call, &Tag::list(&found, call.urls()), window, more)
}

/// Statuses that trend.
pub(crate) async fn statuses(call: Call) -> Result<HttpResponse> {
    let window = window(&call, STATUSES);
    let found = trends::statuses(&call.instance, call.viewer(), window).await?;
    // Some may have been left out.
    let more = !found.is_empty();
    let shown = Status::list(&call, &found);
    reply::window(&call, &shown, window, more)
}

/// Links that trend.
pub(crate) async fn links(call: Call) -> Result<HttpResponse> {
    let window = window(&call, TRENDS);
    let found = trends::links(&call.instance, call.viewer(), window).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|link| TrendsLink::from_view(link, call.urls()))
        .collect();
    reply::window(&call, &shown, window, !found.is_empty())
}
