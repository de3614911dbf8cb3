//! <https://docs.joinmastodon.org/methods/polls/>

use actix_web::HttpResponse;
use pouet_service::{polls, view::PollView};

use crate::{
    call::Call,
    entities::poll::Poll,
    error::{ApiError, Result},
    reply,
};

fn shown(call: &Call, poll: &PollView) -> Result<HttpResponse> {
    reply::json(&Poll::from_view(poll, &[], call.instance.now(), call.urls()))
}

/// One poll. Of a poll of another server, the totals are fetched again for who is signed in.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let poll = polls::find(&call.instance, call.viewer(), call.id("id")?).await?;
    if let Some(viewer) = call.viewer() {
        polls::viewed(&call.instance, viewer, &poll.poll).await?;
    }
    shown(&call, &poll)
}

/// Votes in a poll, for options by their position.
pub(crate) async fn vote(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let choices = call
        .params
        .list("choices")
        .ok_or(ApiError::MissingParameter("choices"))?
        .iter()
        .map(|text| text.parse())
        .collect::<std::result::Result<Vec<i64>, _>>()
        .map_err(|_| ApiError::invalid("choices", "ERR_INVALID", "The chosen vote option does not exist"))?;
    let poll = polls::vote(&call.instance, call.me()?, id, &choices).await?;
    shown(&call, &poll)
}
