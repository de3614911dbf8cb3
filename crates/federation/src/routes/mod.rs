//! The addresses that other servers read and write.
//!
//! Source: rules R020, R040.

mod access;
mod actors;
mod collections;
mod negotiation;
mod objects;
mod pages;
mod quotes;
mod synchronisation;
mod threads;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse, Scope,
    dev::ServiceRequest,
    http::{Method, StatusCode, header},
    web,
};
use serde_json::{Value, json};

pub use access::FetchAuth;
pub use negotiation::prefers_activity;
pub use pages::configure_pages;

use crate::{context::Federation, discovery, inbox, objects::tombstone::tombstone, webfinger};

const ACTIVITY_JSON: &str = "application/activity+json; charset=utf-8";
/// `Cache-Control` of what is for one reader.
const PRIVATE: &str = "private, no-store";
/// `Vary` of what depends on who signed, in either scheme.
const SIGNED: &str = "Accept, Signature, Signature-Input";

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
            mount_documents(web::scope("/ap").app_data(web::PayloadConfig::new(inbox::MAX_BYTES)))
                .route("/inbox", web::post().to(inbox::shared))
                .route("/actor/inbox", web::post().to(inbox::shared))
                .route("/users/{account}/inbox", web::post().to(inbox::personal)),
        );
}

/// Mounts documents, and keeps their addresses for tests that look at each of them.
macro_rules! documents {
    ($($path:literal => $handler:path,)+) => {
        /// Addresses of documents, below `/ap`; names in braces stand for ids.
        pub const DOCUMENTS: &[&str] = &[$($path),+];

        fn mount_documents(scope: Scope) -> Scope {
            scope$(.route($path, web::get().to($handler)))+
        }
    };
}

documents! {
    "/actor" => actors::instance,
    "/actor/outbox" => collections::instance_outbox,
    "/users/{account}" => actors::actor,
    "/users/{account}/followers" => collections::followers,
    "/users/{account}/followers_synchronization" => synchronisation::followers,
    "/users/{account}/following" => collections::following,
    "/users/{account}/outbox" => collections::outbox,
    "/users/{account}/collections/featured" => collections::featured,
    "/users/{account}/collections/tags" => collections::featured_tags,
    "/users/{account}/authorizations/{authorization}" => objects::authorization,
    "/users/{account}/posts/{status}" => objects::status,
    "/users/{account}/posts/{status}/activity" => objects::activity,
    "/users/{account}/posts/{status}/replies" => threads::replies,
    "/users/{account}/posts/{status}/likes" => objects::likes,
    "/users/{account}/posts/{status}/shares" => objects::shares,
    "/users/{account}/quote_authorizations/{id}" => quotes::authorization,
    "/contexts/{conversation}" => threads::conversation,
}

/// Makes a GET of a HEAD: the same answer, whose body the connection leaves out. To be called before the request is routed.
///
/// Signatures are made over the method that was sent, so that it is kept.
pub fn answer_head_as_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        request.extensions_mut().insert(SentAsHead);
        request.head_mut().method = Method::GET;
    }
}

/// A request that was a HEAD.
#[derive(Clone, Copy, Debug)]
struct SentAsHead;

/// The method with which a request was sent.
pub(crate) fn sent_method(request: &HttpRequest) -> Method {
    if request.extensions().get::<SentAsHead>().is_some() {
        Method::HEAD
    } else {
        request.method().clone()
    }
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
        Kept::ByNobody => (PRIVATE, SIGNED),
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
fn gone(federation: &Federation, id: &str) -> HttpResponse {
    let kept = federation.fetch_auth.kept();
    document(StatusCode::GONE, tombstone(id).to_string(), kept)
}

/// The one answer for what does not exist and what the reader may not see.
fn absent() -> HttpResponse {
    for_nobody_else(refuse(404, "not found"))
}

/// An answer that another reader may not get from a cache.
fn for_nobody_else(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(PRIVATE));
    headers.insert(header::VARY, header::HeaderValue::from_static(SIGNED));
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
