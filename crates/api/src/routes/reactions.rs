//! Emoji on statuses: <https://docs.pleroma.social/backend/development/API/pleroma_api/#emoji-reactions>
//!
//! The forks of Mastodon that have them call the same operations `react` and `unreact`.

use actix_web::HttpResponse;
use pouet_service::statuses;

use super::statuses::shown;
use crate::{call::Call, entities::reaction::ReactionWithAccounts, error::Result, reply};

/// Who put which emoji on a status.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    listed(&call, None).await
}

/// Who put this emoji on a status.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    listed(&call, Some(&call.segment("emoji"))).await
}

async fn listed(call: &Call, emoji: Option<&str>) -> Result<HttpResponse> {
    let found = statuses::reactors(&call.instance, call.viewer(), call.id("id")?, emoji).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|view| ReactionWithAccounts::from_view(view, call.urls()))
        .collect();
    reply::json(&shown)
}

/// Puts an emoji on a status.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    statuses::react(&call.instance, call.me()?, id, &call.segment("emoji")).await?;
    shown(&call, id).await
}

/// Takes an emoji off a status.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    statuses::unreact(&call.instance, call.me()?, id, &call.segment("emoji")).await?;
    shown(&call, id).await
}
