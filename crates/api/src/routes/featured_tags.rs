//! <https://docs.joinmastodon.org/methods/featured_tags/>

use actix_web::HttpResponse;
use pouet_model::ids::AccountId;
use pouet_service::{featured_tags, tags};

use crate::{
    call::Call,
    entities::{featured_tag::FeaturedTag, tag::Tag},
    error::Result,
    reply,
};

async fn listed(call: &Call, account: AccountId) -> Result<HttpResponse> {
    let found = featured_tags::list(&call.instance, account).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|view| FeaturedTag::from_view(view, call.urls()))
        .collect();
    reply::json(&shown)
}

/// Hashtags on the user's profile.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let me = call.me()?;
    listed(&call, me).await
}

/// Hashtags on a profile.
pub(crate) async fn of_account(call: Call) -> Result<HttpResponse> {
    let account = call.id("id")?;
    listed(&call, account).await
}

/// Puts a hashtag on the user's profile.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let name = call.params.required("name")?;
    let view = featured_tags::feature(&call.instance, call.me()?, &name).await?;
    reply::json(&FeaturedTag::from_view(&view, call.urls()))
}

/// Takes a hashtag off the user's profile.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    featured_tags::unfeature(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Hashtags that the user used most lately.
pub(crate) async fn suggestions(call: Call) -> Result<HttpResponse> {
    let found = featured_tags::suggestions(&call.instance, call.me()?).await?;
    let found = tags::describe(&call.instance, call.viewer(), found).await?;
    reply::json(&Tag::list(&found, call.urls()))
}
