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

use actix_web::{
    HttpResponse, Resource, Scope,
    web::{self, Data},
};

use crate::{Shared, dispatch, error::ApiError};

pub(crate) use connections::Connections;

/// Events that wait for a slow reader before its connection is dropped (R102).
const QUEUE: usize = 256;

/// Adds `/v1/streaming...` to the scope `/api`.
pub(crate) fn configure(scope: Scope) -> Scope {
    let mut scope = scope
        .service(
            resource("/v1/streaming/health")
                .route(web::get().to(async || HttpResponse::Ok().content_type("text/plain").body("OK"))),
        )
        .service(
            resource("/v1/streaming")
                .route(web::get().to(websocket::connect))
                .default_service(web::to(no_method)),
        );
    for path in channel::PATHS {
        scope = scope.service(
            resource(&format!("/v1/streaming/{path}"))
                .route(web::get().to(sse::connect))
                .default_service(web::to(no_method)),
        );
    }
    scope
}

/// A path, with and without a final slash.
fn resource(path: &str) -> Resource {
    web::resource([path.to_owned(), format!("{path}/")])
}

async fn no_method(shared: Data<Shared>) -> HttpResponse {
    dispatch::refuse(&shared, ApiError::NoMethod)
}
