//! <https://docs.joinmastodon.org/methods/async_refreshes/>

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use pouet_model::ids::StatusId;
use pouet_service::threads::{self, Refresh};

use crate::{
    call::Call,
    entities::async_refresh::{AsyncRefresh, AsyncRefreshAnswer},
    error::{ApiError, Result},
    reply,
};

const HEADER: HeaderName = HeaderName::from_static("mastodon-async-refresh");
/// Seconds that apps should wait before they ask again.
const RETRY: u32 = 3;
/// What ids of refreshes of threads begin with; the id of the status follows.
const THREAD: &str = "context-";

/// Tells in the header of an answer that more of it is being fetched.
pub(super) fn announce(answer: &mut HttpResponse, refresh: &Refresh) {
    let text = format!(
        "id=\"{}\", retry={RETRY}, result_count={}",
        id_of(refresh),
        refresh.result_count
    );
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().insert(HEADER, value);
    }
}

fn id_of(refresh: &Refresh) -> String {
    format!("{THREAD}{}", refresh.status_id)
}

/// How far a refresh is.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let status: StatusId = call
        .segment("id")
        .strip_prefix(THREAD)
        .and_then(|id| id.parse().ok())
        .ok_or_else(ApiError::not_found)?;
    let refresh = threads::find(&call.instance, call.me()?, status).await?;
    reply::json(&AsyncRefreshAnswer {
        async_refresh: AsyncRefresh {
            id: id_of(&refresh),
            status: if refresh.running { "running" } else { "finished" },
            result_count: refresh.result_count,
        },
    })
}
