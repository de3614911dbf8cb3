//! <https://docs.joinmastodon.org/methods/oembed/>; <https://oembed.com/>

use actix_web::{HttpResponse, http::StatusCode};
use pouet_model::html::escape;
use pouet_service::{Error, instance_info, statuses, view::StatusView};
use serde::Serialize;

use crate::{
    call::Call,
    error::{ApiError, Result},
    reply,
};

/// Seconds for which sites may keep the answer.
const CACHE_AGE: u32 = 86_400;
/// Width of the frame where the site asks for none, and the least that can be read, in pixels.
const WIDTH: i64 = 400;
const MIN_WIDTH: i64 = 200;
const MAX_WIDTH: i64 = 2_000;

/// How a site may show a status.
#[derive(Serialize)]
struct OEmbed<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    version: &'static str,
    author_name: &'a str,
    author_url: String,
    provider_name: &'a str,
    provider_url: String,
    cache_age: u32,
    html: String,
    width: i64,
    height: Option<i64>,
}

#[derive(Serialize)]
struct Refusal {
    error: &'static str,
}

/// How to show the status with this address: in a frame, which is sandboxed and runs no script.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    if call.params.text("format").is_some_and(|format| format != "json") {
        let body = Refusal {
            error: "only the format json is known",
        };
        return reply::json_with(StatusCode::NOT_IMPLEMENTED, &body);
    }
    let address = call.params.required("url")?;
    let page = call.urls().parse_page(&address);
    let Some((username, Some(id))) = page else {
        return Err(ApiError::not_found());
    };
    let view = match statuses::find_embeddable(&call.instance, &username, id).await {
        // Sites ask again whether something is there, not what became of it.
        Err(Error::Gone) => return Err(ApiError::not_found()),
        found => found?,
    };
    let width = call
        .params
        .int("maxwidth")
        .unwrap_or(WIDTH)
        .clamp(MIN_WIDTH, MAX_WIDTH);
    let height = call.params.int("maxheight").filter(|height| *height > 0);
    let title = instance_info::title(&call.instance).await?;
    reply::json(&OEmbed {
        kind: "rich",
        version: "1.0",
        author_name: view.author.name(),
        author_url: call.urls().account_url(&view.author),
        provider_name: &title,
        provider_url: call.urls().path("/"),
        cache_age: CACHE_AGE,
        html: frame(&call, &view, width, height),
        width,
        height,
    })
}

fn frame(call: &Call, view: &StatusView, width: i64, height: Option<i64>) -> String {
    let source = format!("{}/embed", call.urls().status_url(&view.status, &view.author));
    let name = format!("@{}@{}", view.author.username, call.urls().handle_domain());
    let height = height.unwrap_or(400);
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" \
         style=\"max-width: 100%; border: 0\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\"></iframe>",
        escape(&source),
        escape(&name),
    )
}
