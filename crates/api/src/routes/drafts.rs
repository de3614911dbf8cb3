//! Drafts, of this program alone: their parameters are those of a new status.

use actix_web::HttpResponse;
use pouet_service::statuses::drafts;

use super::statuses::{new_status, shown};
use crate::{
    call::Call,
    entities::scheduled::DraftStatus,
    error::Result,
    extract::page::STATUSES,
    link::Previous,
    reply::{self, Next},
};

/// What the user has not finished.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = drafts::list(&call.instance, call.me()?, call.page(STATUSES)?).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|view| DraftStatus::from_view(view, call.urls()))
        .collect();
    let keys = found.iter().map(|view| view.stored.id.0);
    reply::page(&call, &shown, keys, Next::Always, Previous::MinId)
}

/// One of them.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = drafts::find(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&DraftStatus::from_view(&found, call.urls()))
}

/// Keeps a draft.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let made = drafts::create(&call.instance, call.user()?.0, new_status(&call)?).await?;
    reply::json(&DraftStatus::from_view(&made, call.urls()))
}

/// Replaces what a draft says.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let changed = drafts::update(&call.instance, call.user()?.0, id, new_status(&call)?).await?;
    reply::json(&DraftStatus::from_view(&changed, call.urls()))
}

/// Throws one away.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    drafts::delete(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Posts one, and answers the status.
pub(crate) async fn publish(call: Call) -> Result<HttpResponse> {
    let id = drafts::publish(&call.instance, call.user()?.0, call.id("id")?).await?;
    shown(&call, id).await
}
