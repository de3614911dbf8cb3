//! The addresses that other servers read and write.
//!
//! Source: federation.md 2, 3.3, 6.0, 10.7; security.md R020, R040.

mod access;
mod actors;
mod collections;
mod negotiation;
mod objects;
mod pages;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use serde_json::{Value, json};

pub use access::FetchAuth;
pub use negotiation::prefers_activity;
pub use pages::configure_pages;

use crate::{context::Federation, discovery, inbox, objects::tombstone::tombstone, webfinger};

const ACTIVITY_JSON: &str = "application/activity+json; charset=utf-8";

/// Mounts everything that other servers need, but for the pages that people and servers share
/// ([`configure_pages`]).
pub fn configure(config: &mut web::ServiceConfig, federation: &Federation) {
    config
        .app_data(web::Data::new(federation.clone()))
        .route("/.well-known/webfinger", web::get().to(webfinger::webfinger))
        .route("/.well-known/host-meta", web::get().to(webfinger::host_meta))
        .route(
            "/.well-known/host-meta.json",
            web::get().to(webfinger::host_meta_json),
        )
        .route("/.well-known/nodeinfo", web::get().to(discovery::index))
        .route("/nodeinfo/{version}", web::get().to(discovery::nodeinfo))
        .service(
            web::scope("/ap")
                .app_data(web::PayloadConfig::new(inbox::MAX_BYTES))
                .route("/inbox", web::post().to(inbox::shared))
                .route("/actor", web::get().to(actors::instance))
                .route("/actor/inbox", web::post().to(inbox::shared))
                .route("/actor/outbox", web::get().to(collections::instance_outbox))
                .route("/users/{account}", web::get().to(actors::actor))
                .route("/users/{account}/inbox", web::post().to(inbox::personal))
                .route(
                    "/users/{account}/followers",
                    web::get().to(collections::followers),
                )
                .route(
                    "/users/{account}/following",
                    web::get().to(collections::following),
                )
                .route("/users/{account}/outbox", web::get().to(collections::outbox))
                .route(
                    "/users/{account}/collections/featured",
                    web::get().to(collections::featured),
                )
                .route(
                    "/users/{account}/collections/tags",
                    web::get().to(collections::featured_tags),
                )
                .route("/users/{account}/posts/{status}", web::get().to(objects::status))
                .route(
                    "/users/{account}/posts/{status}/activity",
                    web::get().to(objects::activity),
                )
                .route(
                    "/users/{account}/posts/{status}/replies",
                    web::get().to(objects::replies),
                )
                .route(
                    "/users/{account}/posts/{status}/likes",
                    web::get().to(objects::likes),
                )
                .route(
                    "/users/{account}/posts/{status}/shares",
                    web::get().to(objects::shares),
                )
                .route("/contexts/{conversation}", web::get().to(objects::conversation)),
        );
}

/// How long others may keep an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kept {
    /// Three minutes, by anybody.
    ByAnybody,
    /// Not at all: it was for one reader.
    ByNobody,
}

/// An ActivityPub document. Caches must keep it apart from the page for people at the same address.
fn document(status: StatusCode, body: impl Into<web::Bytes>, kept: Kept) -> HttpResponse {
    let (cache, vary) = match kept {
        Kept::ByAnybody => ("max-age=180, public", "Accept"),
        Kept::ByNobody => ("private, no-store", "Accept, Signature"),
    };
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, ACTIVITY_JSON))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, vary))
        .body(body.into())
}

/// A document that anybody may have.
fn public(federation: &Federation, value: &Value) -> HttpResponse {
    document(StatusCode::OK, value.to_string(), federation.fetch_auth.kept())
}

/// What stands where something public was.
fn gone(id: &str) -> HttpResponse {
    document(StatusCode::GONE, tombstone(id).to_string(), Kept::ByAnybody)
}

/// The one answer for what does not exist and what the reader may not see.
fn absent() -> HttpResponse {
    let mut response = refuse(404, "not found");
    let headers = response.headers_mut();
    headers.insert(header::VARY, header::HeaderValue::from_static("Accept"));
    response
}

/// A refusal with a reason for people.
pub(crate) fn refuse(status: u16, text: &str) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).json(json!({ "error": text }))
}

/// The answer when our own side fails.
pub(crate) fn failed(error: &pouet_service::Error) -> HttpResponse {
    if matches!(error, pouet_service::Error::NotFound) {
        return absent();
    }
    tracing::error!(%error, "federation cannot answer");
    refuse(503, "try again later")
}

/// Sends people who follow the address of a document to its page.
fn to_page(url: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, url))
        .insert_header((header::VARY, "Accept"))
        .finish()
}

/// Whether a reader of an ActivityPub address is a person with a browser.
fn is_browser(request: &HttpRequest) -> bool {
    negotiation::prefers_page(request.headers())
}
