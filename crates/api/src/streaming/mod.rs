//! Streaming: what happens, sent as it happens, over WebSockets and as server-sent events.
//!
//! Both are fed by the hub of `service` and by the same [`feed`], which loads every status again for its viewer: what
//! may not be read is not streamed. A connection ends when its token does.
//!
//! Source: <https://docs.joinmastodon.org/methods/streaming/>

mod auth;
mod channel;
mod connections;
mod feed;
mod sse;
mod websocket;

use actix_web::{HttpResponse, Scope, web};

pub(crate) use connections::Connections;

/// Events that wait for a slow reader before its connection is dropped (R102).
const QUEUE: usize = 256;

/// Adds `/v1/streaming...` to the scope `/api`.
pub(crate) fn configure(scope: Scope) -> Scope {
    let mut scope = scope
        .service(
            web::resource(["/v1/streaming/health", "/v1/streaming/health/"])
                .route(web::get().to(async || HttpResponse::Ok().content_type("text/plain").body("OK"))),
        )
        .service(web::resource(["/v1/streaming", "/v1/streaming/"]).route(web::get().to(websocket::connect)));
    for path in channel::PATHS {
        let path = format!("/v1/streaming/{path}");
        scope = scope
            .service(web::resource([path.clone(), format!("{path}/")]).route(web::get().to(sse::connect)));
    }
    scope
}
