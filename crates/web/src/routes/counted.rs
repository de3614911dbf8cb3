//! Addresses that stand on our own pages only: they count what readers do, and lead on.
//!
//! Neither is a way to somewhere else for others: files are ours, and a link is followed only if the post has it, the
//! reader may see the post, and has a ticket from one of our pages.

use actix_web::http::StatusCode;
use actix_web::web;
use pouet_model::ids::StatusId;
use pouet_service::{Error, analytics, statuses};

use super::Answer;
use super::people::Source;
use crate::context::Context;
use crate::counting::FILES;
use crate::failure::Failure;

/// `GET /m/TICKET/KEY`: a file of a post, opened or played. Without a ticket that is good, or from a page that is not
/// ours, it leads there all the same.
pub(crate) async fn file(cx: Context, path: web::Path<(String, String)>) -> Answer {
    let (ticket, key) = path.into_inner();
    let is_name = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    if !key.split('/').all(is_name) {
        return Err(Failure::status(&cx.page, StatusCode::NOT_FOUND));
    }
    let path = format!("{FILES}{key}");
    if cx.is_from_own_page() {
        analytics::opened_media(cx.instance(), cx.reader().as_ref(), &ticket, &path);
    }
    Ok(cx.redirect(&path))
}

/// `GET /l/ID/MARK?from=TICKET`: a link of a post, followed. Who does not come from one of our pages, or from one
/// that is older than its ticket, is led to the post, where they see where the link goes.
pub(crate) async fn link(
    cx: Context,
    path: web::Path<(String, String)>,
    source: web::Query<Source>,
) -> Answer {
    let (id, mark) = path.into_inner();
    let missing = || Failure::status(&cx.page, StatusCode::NOT_FOUND);
    let id: StatusId = id.parse().map_err(|_| missing())?;
    let view = statuses::find(cx.instance(), cx.viewer_id(), id)
        .await
        .map_err(|error| cx.fail(&error))?;
    if view.reblog.is_some() || !view.author.is_local() {
        return Err(cx.fail(&Error::NotFound));
    }
    let target = analytics::find_link(&view, &mark).ok_or_else(missing)?;
    let reader = cx.reader();
    let ticket = source
        .ticket()
        .filter(|_| cx.is_from_own_page())
        .unwrap_or_default();
    let is_followed = analytics::followed_link(cx.instance(), reader.as_ref(), &view, &mark, ticket)
        .await
        .map_err(|error| cx.fail(&error))?;
    if !is_followed {
        return Ok(cx.redirect(&format!("/@{}/{id}", view.author.username)));
    }
    Ok(cx.redirect(target.as_str()))
}
