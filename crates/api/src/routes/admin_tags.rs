//! What moderators say of hashtags.
//!
//! Mastodon has no page about these operations; the shape is <https://docs.joinmastodon.org/entities/Admin_Tag/>.

use actix_web::HttpResponse;
use pouet_model::ids::TagId;
use pouet_service::{
    tag_rules::{self, TagChange},
    trends::By,
};

use crate::{
    call::Call,
    entities::tag::AdminTag,
    error::Result,
    extract::page::TAGS,
    link::Previous,
    reply::{self, Next},
};

/// All hashtags, the last known first.
pub(crate) async fn list(call: Call) -> Result<HttpResponse> {
    let page = call.page(TAGS)?;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let found = tag_rules::list(&call.instance, call.user()?.0, page).await?;
    let shown = AdminTag::list(&found, call.urls());
    let keys: Vec<i64> = found.iter().filter_map(|one| one.tag.id).map(i64::from).collect();
    reply::page(&call, &shown, keys, Next::WhenFull(limit), Previous::MinId)
}

/// One hashtag.
pub(crate) async fn find(call: Call) -> Result<HttpResponse> {
    let id: TagId = call.id("id")?;
    let found = tag_rules::find(&call.instance, call.user()?.0, id).await?;
    reply::json(&AdminTag::from_view(&found, call.urls()))
}

/// Says something of a hashtag. What is not named stays as it is.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let id: TagId = call.id("id")?;
    let params = &call.params;
    let change = TagChange {
        display_name: params.text("display_name"),
        trendable: params.flag("trendable"),
        usable: params.flag("usable"),
        listable: params.flag("listable"),
    };
    let by = By::User(call.user()?.0);
    let found = tag_rules::change(&call.instance, by, id, change).await?;
    reply::json(&AdminTag::from_view(&found, call.urls()))
}
