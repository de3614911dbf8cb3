//! <https://docs.joinmastodon.org/methods/notifications/#get-requests>

use actix_web::HttpResponse;
use pouet_model::ids::RelationId;
use pouet_service::notifications::requests;

use crate::{
    call::Call,
    entities::notification_policy::{Merged, NotificationRequest},
    error::{ApiError, Result},
    extract::page::ACCOUNTS,
    link::Previous,
    reply::{self, Next},
};

/// Accounts whose messages are held back.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = requests::list(&call.instance, call.me()?, call.page(ACCOUNTS)?).await?;
    call.note_shown(found.iter().filter_map(|view| view.last_status.as_ref()));
    let now = call.instance.now();
    let shown: Vec<_> = found
        .iter()
        .map(|view| NotificationRequest::from_view(view, now, call.urls()))
        .collect();
    let keys = found.iter().map(|view| view.id.0);
    reply::page(&call, &shown, keys, Next::Always, Previous::MinId)
}

/// One of them.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = requests::find(&call.instance, call.me()?, call.id("id")?).await?;
    call.note_shown(&found.last_status);
    reply::json(&NotificationRequest::from_view(
        &found,
        call.instance.now(),
        call.urls(),
    ))
}

/// Lets an account through.
pub(crate) async fn accept(call: Call) -> Result<HttpResponse> {
    requests::accept(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Drops what is held back of an account.
pub(crate) async fn dismiss(call: Call) -> Result<HttpResponse> {
    requests::dismiss(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Lets several accounts through; requests that were answered already do not matter.
pub(crate) async fn accept_all(call: Call) -> Result<HttpResponse> {
    requests::accept_all(&call.instance, call.me()?, ids(&call)?).await?;
    reply::empty()
}

/// Drops what is held back of several accounts; requests that were answered already do not matter.
pub(crate) async fn dismiss_all(call: Call) -> Result<HttpResponse> {
    requests::dismiss_all(&call.instance, call.me()?, ids(&call)?).await?;
    reply::empty()
}

fn ids(call: &Call) -> Result<Vec<RelationId>> {
    if !call.params.has("id") {
        return Err(ApiError::MissingParameter("id"));
    }
    Ok(call.params.ids("id"))
}

/// Whether everything that was let through has joined the notifications.
pub(crate) async fn merged(call: Call) -> Result<HttpResponse> {
    let merged = requests::is_merged(&call.instance, call.me()?).await?;
    reply::json(&Merged { merged })
}
