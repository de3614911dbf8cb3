//! <https://docs.joinmastodon.org/methods/markers/>

use actix_web::HttpResponse;
use pouet_service::{Error, markers};

use crate::{
    call::Call,
    entities::marker,
    error::{ApiError, Result},
    reply,
};

/// Timelines that have markers.
const TIMELINES: [&str; 2] = ["home", "notifications"];

/// Markers of the timelines asked for.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let asked = call.params.list("timeline").unwrap_or_default();
    let timelines: Vec<&str> = TIMELINES
        .into_iter()
        .filter(|name| asked.iter().any(|asked| asked == name))
        .collect();
    let found = markers::get(&call.instance, call.me()?, &timelines).await?;
    reply::json(&marker::by_timeline(&found))
}

/// Moves markers.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let mut wanted = Vec::new();
    for name in TIMELINES {
        let position = call
            .params
            .group(name)
            .and_then(|marker| marker.text("last_read_id"))
            .filter(|id| !id.is_empty());
        if let Some(id) = position {
            let id = id
                .parse::<i64>()
                .map_err(|_| ApiError::invalid("last_read_id", "ERR_INVALID", "Last read id is not an id"))?;
            wanted.push((name.to_owned(), id));
        }
    }
    let moved = markers::set(&call.instance, call.me()?, &wanted)
        .await
        .map_err(|error| match error {
            Error::Conflict(_) => ApiError::Raced,
            other => other.into(),
        })?;
    reply::json(&marker::by_timeline(&moved))
}
