//! <https://docs.joinmastodon.org/methods/scheduled_statuses/>

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use pouet_service::statuses::scheduled;

use crate::{
    call::Call,
    entities::scheduled::ScheduledStatus,
    error::{ApiError, Result},
    extract::{page::STATUSES, params::Params},
    link::Previous,
    reply::{self, Next},
};

/// The time that a status is scheduled for; `None` if it is not said.
///
/// # Errors
/// `Invalid` if it is no time.
pub(super) fn scheduled_at(params: &Params) -> Result<Option<DateTime<Utc>>> {
    params
        .text("scheduled_at")
        .filter(|text| !text.is_empty())
        .map(|text| {
            DateTime::parse_from_rfc3339(&text)
                .map(|time| time.to_utc())
                .map_err(|_| ApiError::invalid("scheduled_at", "ERR_INVALID", "Scheduled at is not a date"))
        })
        .transpose()
}

/// Statuses of the user that wait for their time.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = scheduled::list(&call.instance, call.me()?, call.page(STATUSES)?).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|view| ScheduledStatus::from_view(view, call.urls()))
        .collect();
    let keys = found.iter().map(|view| view.scheduled.id.0);
    reply::page(&call, &shown, keys, Next::Always, Previous::MinId)
}

/// One of them.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = scheduled::find(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&ScheduledStatus::from_view(&found, call.urls()))
}

/// Moves one to another time.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let (me, id) = (call.me()?, call.id("id")?);
    let moved = match scheduled_at(&call.params)? {
        Some(at) => scheduled::reschedule(&call.instance, me, id, at).await?,
        None => scheduled::find(&call.instance, me, id).await?,
    };
    reply::json(&ScheduledStatus::from_view(&moved, call.urls()))
}

/// Gives one up.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    scheduled::cancel(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}
