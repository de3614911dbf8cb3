//! Saved searches: an extension of our own, described in `/api/pouet/v1/openapi.json`.

use actix_web::HttpResponse;
use pouet_service::saved_searches;

use super::timelines::shown;
use crate::{
    call::Call, entities::saved_search::SavedSearch, error::Result, extract::page::STATUSES, link::Previous,
    reply,
};

/// The user's saved searches.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = saved_searches::all(&call.instance, call.me()?).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|search| SavedSearch::from_model(search, call.urls()))
        .collect();
    reply::json(&shown)
}

/// One of them.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = saved_searches::find(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&SavedSearch::from_model(&found, call.urls()))
}

/// Saves a search.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let query = call.params.required("query")?;
    let name = call.params.text("name").filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| query.chars().take(200).collect());
    let made = saved_searches::create(&call.instance, call.me()?, &name, &query).await?;
    reply::json(&SavedSearch::from_model(&made, call.urls()))
}

/// Changes a saved search. What is absent stays as it is.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let (name, query) = (call.params.text("name"), call.params.text("query"));
    let changed = saved_searches::update(
        &call.instance,
        call.me()?,
        call.id("id")?,
        name.as_deref(),
        query.as_deref(),
    )
    .await?;
    reply::json(&SavedSearch::from_model(&changed, call.urls()))
}

/// Deletes a saved search.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    saved_searches::delete(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Gives its feed another address.
pub(crate) async fn reset_feed(call: Call) -> Result<HttpResponse> {
    let changed = saved_searches::reset_feed(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&SavedSearch::from_model(&changed, call.urls()))
}

/// What fits.
pub(crate) async fn timeline(call: Call) -> Result<HttpResponse> {
    let page = call.page(STATUSES)?;
    let found = saved_searches::timeline(&call.instance, call.me()?, call.id("id")?, page).await?;
    reply::page_between(
        &call,
        &shown(&call, &found.statuses),
        found.older_below,
        found.newer_above.map(|above| (Previous::MinId, above)),
    )
}
