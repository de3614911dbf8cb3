//! <https://docs.joinmastodon.org/methods/admin/trends/>

use actix_web::HttpResponse;
use pouet_model::ids::{CardId, PublisherId, StatusId, TagId};
use pouet_service::trends::{self, By};

use super::trends::window;
use crate::{
    call::Call,
    entities::{
        admin_trend::{AdminLink, AdminPublisher, AdminStatus},
        tag::AdminTag,
    },
    error::Result,
    extract::page::{STATUSES, TAGS, TRENDS},
    link::Previous,
    reply::{self, Next},
};

/// Hashtags that trend or wait for a moderator.
pub(crate) async fn tags(call: Call) -> Result<HttpResponse> {
    let window = window(&call, TRENDS);
    let found = trends::candidate_tags(&call.instance, call.user()?.0, window).await?;
    let shown = AdminTag::list(&found, call.urls());
    reply::window(&call, &shown, window, found.len() as i64 >= window.limit)
}

/// Statuses that trend or wait for a moderator.
pub(crate) async fn statuses(call: Call) -> Result<HttpResponse> {
    let window = window(&call, STATUSES);
    let found = trends::candidate_statuses(&call.instance, call.user()?.0, window).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|one| AdminStatus::from_view(one, call.instance.now(), call.urls()))
        .collect();
    reply::window(&call, &shown, window, !found.is_empty())
}

async fn review_tag(call: &Call, trendable: bool) -> Result<HttpResponse> {
    let id: TagId = call.id("id")?;
    let found = trends::review_tag(&call.instance, By::User(call.user()?.0), id, trendable).await?;
    reply::json(&AdminTag::from_view(&found, call.urls()))
}

/// Lets a hashtag trend.
pub(crate) async fn approve_tag(call: Call) -> Result<HttpResponse> {
    review_tag(&call, true).await
}

/// Never lets a hashtag trend again.
pub(crate) async fn reject_tag(call: Call) -> Result<HttpResponse> {
    review_tag(&call, false).await
}

async fn review_status(call: &Call, trendable: bool) -> Result<HttpResponse> {
    let id: StatusId = call.id("id")?;
    let found = trends::review_status(&call.instance, By::User(call.user()?.0), id, trendable).await?;
    reply::json(&AdminStatus::from_view(&found, call.instance.now(), call.urls()))
}

/// Lets a status trend.
pub(crate) async fn approve_status(call: Call) -> Result<HttpResponse> {
    review_status(&call, true).await
}

/// Never lets a status trend again.
pub(crate) async fn reject_status(call: Call) -> Result<HttpResponse> {
    review_status(&call, false).await
}

/// Links that trend or wait for a moderator.
pub(crate) async fn links(call: Call) -> Result<HttpResponse> {
    let window = window(&call, TRENDS);
    let found = trends::candidate_links(&call.instance, call.user()?.0, window).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|one| AdminLink::from_view(one, call.urls()))
        .collect();
    reply::window(&call, &shown, window, !found.is_empty())
}

async fn review_link(call: &Call, trendable: bool) -> Result<HttpResponse> {
    let id: CardId = call.id("id")?;
    let found = trends::review_link(&call.instance, By::User(call.user()?.0), id, trendable).await?;
    reply::json(&AdminLink::from_view(&found, call.urls()))
}

/// Lets a link trend.
pub(crate) async fn approve_link(call: Call) -> Result<HttpResponse> {
    review_link(&call, true).await
}

/// Never lets a link trend again.
pub(crate) async fn reject_link(call: Call) -> Result<HttpResponse> {
    review_link(&call, false).await
}

/// Sites whose links trend or came near to it, the last known first.
pub(crate) async fn publishers(call: Call) -> Result<HttpResponse> {
    let page = call.page(TAGS)?;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let found = trends::publishers(&call.instance, By::User(call.user()?.0), page).await?;
    let shown: Vec<_> = found.iter().map(AdminPublisher::from_view).collect();
    let keys: Vec<i64> = found.iter().map(|one| one.id.0).collect();
    reply::page(&call, &shown, keys, Next::WhenFull(limit), Previous::MinId)
}

async fn review_publisher(call: &Call, trendable: bool) -> Result<HttpResponse> {
    let id: PublisherId = call.id("id")?;
    let by = By::User(call.user()?.0);
    let found = trends::review_publisher(&call.instance, by, id, trendable).await?;
    reply::json(&AdminPublisher::from_view(&found))
}

/// Lets the links of a site trend.
pub(crate) async fn approve_publisher(call: Call) -> Result<HttpResponse> {
    review_publisher(&call, true).await
}

/// Never lets the links of a site trend again.
pub(crate) async fn reject_publisher(call: Call) -> Result<HttpResponse> {
    review_publisher(&call, false).await
}
