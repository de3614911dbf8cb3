//! Pouet's own API, beside the one of Mastodon: `crates/api/openapi/pouet-v1.json` describes every operation of it.

use actix_web::{HttpResponse, http::header::ContentType};
use pouet_service::trends;

use super::trends::window;
use crate::{
    call::Call,
    entities::{
        card::TrendsLink,
        own_trend::{AmongFollowed, ExcludedTrend},
        status::Status,
        tag::Tag,
    },
    error::Result,
    extract::page::{self, STATUSES, TAGS, TRENDS},
    reply,
};

/// The description of this API.
const OPENAPI: &str = include_str!("../../openapi/pouet-v1.json");

/// The description of this API.
pub(crate) async fn openapi(_: Call) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(OPENAPI))
}

/// Hashtags among people whom the user follows.
pub(crate) async fn followed_tags(call: Call) -> Result<HttpResponse> {
    let window = window(&call, TRENDS);
    let found = trends::tags_among_followed(&call.instance, call.me()?, window).await?;
    let locale = &call.user()?.0.locale;
    let shown: Vec<_> = found
        .iter()
        .map(|one| AmongFollowed::tag(one, Tag::from_view(&one.item, call.urls()), locale))
        .collect();
    reply::window(&call, &shown, window, found.len() as i64 >= window.limit)
}

/// Statuses among people whom the user follows.
pub(crate) async fn followed_statuses(call: Call) -> Result<HttpResponse> {
    let window = window(&call, STATUSES);
    let found = trends::statuses_among_followed(&call.instance, call.me()?, window).await?;
    let locale = &call.user()?.0.locale;
    let statuses = Status::list(&call, found.iter().map(|one| &one.item));
    let shown: Vec<_> = found
        .iter()
        .zip(statuses)
        .map(|(one, status)| AmongFollowed::status(one, status, locale))
        .collect();
    reply::window(&call, &shown, window, !found.is_empty())
}

/// Links among people whom the user follows.
pub(crate) async fn followed_links(call: Call) -> Result<HttpResponse> {
    let window = window(&call, TRENDS);
    let found = trends::links_among_followed(&call.instance, call.me()?, window).await?;
    let locale = &call.user()?.0.locale;
    let shown: Vec<_> = found
        .iter()
        .map(|one| AmongFollowed::link(one, TrendsLink::from_view(&one.item, call.urls()), locale))
        .collect();
    reply::window(&call, &shown, window, !found.is_empty())
}

/// What was kept out of trends lately.
pub(crate) async fn exclusions(call: Call) -> Result<HttpResponse> {
    let limit = page::limit(&call.params, TAGS);
    let found = trends::exclusions(&call.instance, call.user()?.0, limit).await?;
    let shown: Vec<_> = found.iter().map(ExcludedTrend::from_view).collect();
    reply::json(&shown)
}
