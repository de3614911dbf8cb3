//! `GET /metrics`, at an address of its own.

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web,
};
use anyhow::Context as _;
use pouet_config::Listen;
use pouet_service::{Instance, metrics};

/// Answers at `listen` until it is stopped.
pub(crate) fn start(listen: &Listen, instance: &Instance) -> anyhow::Result<ServerHandle> {
    let instance = instance.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(instance.clone()))
            .route("/metrics", web::get().to(show))
    })
    .workers(1)
    .disable_signals()
    .bind((listen.host.as_str(), listen.port))
    .with_context(|| format!("cannot listen on {listen} for metrics"))?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

async fn show(instance: web::Data<Instance>) -> HttpResponse {
    match metrics::text(&instance).await {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, metrics::CONTENT_TYPE))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be read");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}
