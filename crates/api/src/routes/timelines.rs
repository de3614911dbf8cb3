//! <https://docs.joinmastodon.org/methods/timelines/>, favourites and bookmarks

use actix_web::HttpResponse;
use pouet_model::page::Keyed;
use pouet_service::{
    timelines::{self, PublicFilter, TagFilter},
    view::StatusView,
};

use crate::{
    call::Call,
    entities::status::Status,
    error::Result,
    extract::page::STATUSES,
    link::Previous,
    reply::{self, Next},
};

/// Answers a page of statuses, paged by their ids.
pub(super) fn status_page(call: &Call, found: &[StatusView]) -> Result<HttpResponse> {
    let keys = found.iter().map(|view| view.status.id.0);
    reply::page(call, &shown(call, found), keys, Next::Always, Previous::MinId)
}

/// Statuses as a page shows them. Notes that they were seen.
pub(super) fn shown<'a>(call: &'a Call, found: &'a [StatusView]) -> Vec<Status<'a>> {
    Status::list(call, found)
}

/// Statuses of the accounts that the user follows.
pub(crate) async fn home(call: Call) -> Result<HttpResponse> {
    let found = timelines::home(&call.instance, call.me()?, call.page(STATUSES)?).await?;
    status_page(&call, &found)
}

/// Statuses of the accounts on a list.
pub(crate) async fn list(call: Call) -> Result<HttpResponse> {
    let found = timelines::list(
        &call.instance,
        call.me()?,
        call.id("list_id")?,
        call.page(STATUSES)?,
    )
    .await?;
    status_page(&call, &found)
}

/// Public statuses.
pub(crate) async fn public(call: Call) -> Result<HttpResponse> {
    let filter = which(&call);
    let found = timelines::public(&call.instance, call.viewer(), filter, call.page(STATUSES)?).await?;
    status_page(&call, &found)
}

/// Which public statuses are asked for.
fn which(call: &Call) -> PublicFilter {
    PublicFilter {
        local: call.params.is_set("local"),
        remote: call.params.is_set("remote"),
        only_media: call.params.is_set("only_media"),
    }
}

/// Public statuses with a hashtag.
pub(crate) async fn tag(call: Call) -> Result<HttpResponse> {
    let names = |name| call.params.list(name).unwrap_or_default();
    let filter = TagFilter {
        name: call.segment("hashtag"),
        any: names("any"),
        all: names("all"),
        none: names("none"),
        which: which(&call),
    };
    let found = timelines::tag(&call.instance, call.viewer(), filter, call.page(STATUSES)?).await?;
    status_page(&call, &found)
}

/// Public statuses with a link.
pub(crate) async fn link(call: Call) -> Result<HttpResponse> {
    let url = call.params.required("url")?;
    let found = timelines::link(&call.instance, call.viewer(), &url, call.page(STATUSES)?).await?;
    status_page(&call, &found)
}

/// Statuses that the user has favourited.
pub(crate) async fn favourites(call: Call) -> Result<HttpResponse> {
    let found = timelines::favourites(&call.instance, call.me()?, call.page(STATUSES)?).await?;
    keyed_page(&call, &found)
}

/// Statuses that the user has bookmarked.
pub(crate) async fn bookmarks(call: Call) -> Result<HttpResponse> {
    let found = timelines::bookmarks(&call.instance, call.me()?, call.page(STATUSES)?).await?;
    keyed_page(&call, &found)
}

/// Statuses paged by the rows that relate them to the user. Those no longer visible are left out, so that a short
/// page need not be the last.
fn keyed_page(call: &Call, found: &[Keyed<StatusView>]) -> Result<HttpResponse> {
    let shown = Status::list(call, found.iter().map(|keyed| &keyed.item));
    let keys = found.iter().map(|keyed| keyed.key);
    reply::page(call, &shown, keys, Next::Always, Previous::MinId)
}
