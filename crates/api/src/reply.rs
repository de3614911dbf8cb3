//! Answers: JSON written straight to bytes, and pages with their `Link`.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{ContentType, LINK},
    },
};
use pouet_service::trends::Window;
use serde::Serialize;

use crate::{
    call::Call,
    error::{ApiError, Result},
    link::{self, Previous},
};

/// An object without members: the answer to deletions and dismissals.
#[derive(Serialize)]
pub(crate) struct Empty {}

/// `200` with `body`.
pub(crate) fn json(body: &impl Serialize) -> Result<HttpResponse> {
    write(HttpResponse::Ok(), body)
}

/// `200` with `{}`.
pub(crate) fn empty() -> Result<HttpResponse> {
    json(&Empty {})
}

/// `200` with nothing at all.
pub(crate) fn nothing() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// `status` with `body`.
pub(crate) fn json_with(status: StatusCode, body: &impl Serialize) -> Result<HttpResponse> {
    write(HttpResponse::build(status), body)
}

fn write(mut answer: HttpResponseBuilder, body: &impl Serialize) -> Result<HttpResponse> {
    let bytes = serde_json::to_vec(body).map_err(pouet_service::Error::internal)?;
    Ok(answer.content_type(ContentType::json()).body(bytes))
}

/// Which pages have a link to the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Full ones: every row of the list is shown.
    WhenFull(usize),
    /// All that hold something: rows may have been left out.
    Always,
}

/// A page of a list and links to its neighbours. `keys` are the cursors of its items, newest first.
pub(crate) fn page(
    call: &Call,
    body: &impl Serialize,
    keys: impl IntoIterator<Item = i64>,
    next: Next,
    previous: Previous,
) -> Result<HttpResponse> {
    let keys: Vec<i64> = keys.into_iter().collect();
    let more = match next {
        Next::WhenFull(limit) => keys.len() >= limit,
        Next::Always => true,
    };
    let (first, last) = (keys.first().copied(), keys.last().copied());
    page_between(
        call,
        body,
        last.filter(|_| more),
        first.map(|first| (previous, first)),
    )
}

/// A page of a list and links to its neighbours, which begin at other ids than those of its items. `next`: `max_id`
/// of what is older.
pub(crate) fn page_between(
    call: &Call,
    body: &impl Serialize,
    next: Option<i64>,
    previous: Option<(Previous, i64)>,
) -> Result<HttpResponse> {
    let mut answer = HttpResponse::Ok();
    let header = link::by_id(
        &call.urls().path(call.request.path()),
        call.request.query_string(),
        next,
        previous,
    );
    if let Some(header) = header {
        answer.insert_header((LINK, header));
    }
    write(answer, body)
}

/// A part of a list that is paged by offset, and links to its neighbours. `more`: something may follow.
pub(crate) fn window(call: &Call, body: &impl Serialize, window: Window, more: bool) -> Result<HttpResponse> {
    let mut answer = HttpResponse::Ok();
    let header = link::by_offset(
        &call.urls().path(call.request.path()),
        call.request.query_string(),
        more.then_some(window.offset + window.limit),
        (window.offset > 0).then(|| (window.offset - window.limit).max(0)),
    );
    if let Some(header) = header {
        answer.insert_header((LINK, header));
    }
    write(answer, body)
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::Service(pouet_service::Error::internal(error))
    }
}
