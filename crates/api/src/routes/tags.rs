//! <https://docs.joinmastodon.org/methods/tags/> and <https://docs.joinmastodon.org/methods/followed_tags/>

use actix_web::HttpResponse;
use pouet_service::tags::{self, TagDetails};

use crate::{
    call::Call,
    entities::tag::Tag,
    error::Result,
    extract::page::TAGS,
    link::Previous,
    reply::{self, Next},
};

fn answer(call: &Call, details: &TagDetails) -> Result<HttpResponse> {
    reply::json(&Tag::from_view(details, call.urls()))
}

/// A hashtag, by its name or id.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = tags::find(&call.instance, call.viewer(), &call.segment("name")).await?;
    answer(&call, &found)
}

/// Follows a hashtag.
pub(crate) async fn follow(call: Call) -> Result<HttpResponse> {
    let found = tags::follow(&call.instance, call.me()?, &call.segment("name")).await?;
    answer(&call, &found)
}

/// Follows a hashtag no longer.
pub(crate) async fn unfollow(call: Call) -> Result<HttpResponse> {
    let found = tags::unfollow(&call.instance, call.me()?, &call.segment("name")).await?;
    answer(&call, &found)
}

/// Puts a hashtag on the user's profile.
pub(crate) async fn feature(call: Call) -> Result<HttpResponse> {
    let found = tags::feature(&call.instance, call.me()?, &call.segment("name")).await?;
    answer(&call, &found)
}

/// Takes a hashtag off the user's profile.
pub(crate) async fn unfeature(call: Call) -> Result<HttpResponse> {
    let found = tags::unfeature(&call.instance, call.me()?, &call.segment("name")).await?;
    answer(&call, &found)
}

/// Hashtags that the user follows.
pub(crate) async fn followed(call: Call) -> Result<HttpResponse> {
    let page = call.page(TAGS)?;
    let found = tags::followed(&call.instance, call.me()?, page).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|keyed| Tag::from_view(&keyed.item, call.urls()))
        .collect();
    let keys = found.iter().map(|keyed| keyed.key);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    reply::page(&call, &shown, keys, Next::WhenFull(limit), Previous::SinceId)
}
