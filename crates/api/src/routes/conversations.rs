//! <https://docs.joinmastodon.org/methods/conversations/>

use actix_web::HttpResponse;
use pouet_service::conversations;

use crate::{
    call::Call,
    entities::conversation::Conversation,
    error::Result,
    extract::page::STATUSES,
    link::Previous,
    reply::{self, Next},
};

/// Direct conversations of the user.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = conversations::list(&call.instance, call.me()?, call.page(STATUSES)?).await?;
    let now = call.instance.now();
    let shown: Vec<_> = found
        .iter()
        .map(|keyed| Conversation::from_view(&keyed.item, now, call.urls()))
        .collect();
    let keys = found.iter().map(|keyed| keyed.key);
    reply::page(&call, &shown, keys, Next::Always, Previous::MinId)
}

/// Marks a conversation as read.
pub(crate) async fn read(call: Call) -> Result<HttpResponse> {
    set_unread(&call, false).await
}

/// Marks a conversation as unread.
pub(crate) async fn unread(call: Call) -> Result<HttpResponse> {
    set_unread(&call, true).await
}

async fn set_unread(call: &Call, unread: bool) -> Result<HttpResponse> {
    let view = conversations::set_unread(&call.instance, call.me()?, call.id("id")?, unread).await?;
    reply::json(&Conversation::from_view(&view, call.instance.now(), call.urls()))
}

/// Removes a conversation from the list; its statuses stay.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    conversations::delete(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}
