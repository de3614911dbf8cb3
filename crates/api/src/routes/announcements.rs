//! <https://docs.joinmastodon.org/methods/announcements/>

use actix_web::HttpResponse;
use pouet_service::announcements;

use crate::{call::Call, entities::announcement::Announcement, error::Result, reply};

/// What everybody is told now.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = announcements::list(&call.instance, call.me()?).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|view| Announcement::from_view(view, call.urls()))
        .collect();
    reply::json(&shown)
}

/// Notes that the user has read an announcement.
pub(crate) async fn dismiss(call: Call) -> Result<HttpResponse> {
    announcements::dismiss(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Puts an emoji on an announcement.
pub(crate) async fn react(call: Call) -> Result<HttpResponse> {
    let name = call.segment("name");
    announcements::react(&call.instance, call.me()?, call.id("id")?, &name).await?;
    reply::empty()
}

/// Takes an emoji off an announcement.
pub(crate) async fn unreact(call: Call) -> Result<HttpResponse> {
    let name = call.segment("name");
    announcements::unreact(&call.instance, call.me()?, call.id("id")?, &name).await?;
    reply::empty()
}
