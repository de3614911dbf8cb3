//! The pages by address.

mod analytics;
mod auth;
mod collections;
mod counted;
mod directory;
mod embed;
mod explore;
mod feeds;
mod language;
mod oauth;
mod people;
mod public;
mod search;
mod setup;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::context::Context;
use crate::failure::Failure;
use crate::form::bad_form;

type Answer = Result<HttpResponse, Failure>;

/// Largest form that pages accept, in bytes.
const MAX_FORM_BYTES: usize = 64 * 1024;

pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.app_data(
        web::FormConfig::default()
            .limit(MAX_FORM_BYTES)
            .error_handler(bad_form),
    )
    .configure(feeds::configure)
    .service(web::resource("/").get(public::front))
    .service(web::resource("/public/local").get(public::local))
    .service(web::resource("/explore").get(explore::explore))
    .service(web::resource("/directory").get(directory::page))
    .service(web::resource("/about").get(public::about))
    .service(web::resource("/tags/{name}").get(public::tag))
    .service(web::resource("/collections/{id}").get(collections::page))
    .service(web::resource("/search").get(search::page))
    .service(web::resource("/language").post(language::choose))
    .service(
        web::resource("/auth/sign_in")
            .get(auth::sign_in_page)
            .post(auth::sign_in),
    )
    .service(
        web::resource("/auth/sign_up")
            .get(auth::sign_up_page)
            .post(auth::sign_up),
    )
    .service(web::resource("/auth/sign_out").post(auth::sign_out))
    .service(
        web::resource("/setup/{token}")
            .get(setup::page)
            .post(setup::complete),
    )
    .service(
        web::resource(["/oauth/authorize", "/oauth/authorize/"])
            .get(oauth::authorize_page)
            .post(oauth::authorize),
    )
    .service(web::resource("/oauth/authorize/native").get(oauth::native_code))
    .service(web::resource("/oauth/authorized_applications").get(oauth::authorized_apps))
    .service(web::resource("/oauth/authorized_applications/{id}/revoke").post(oauth::revoke_app))
    .service(web::resource("/settings/analytics.csv").get(analytics::file))
    .service(
        web::resource("/settings/analytics")
            .get(analytics::page)
            .post(analytics::save),
    )
    .service(web::resource("/m/{ticket}/{key:.*}").get(counted::file))
    .service(web::resource("/l/{id}/{mark}").get(counted::link))
    .service(web::resource("/@{handle}").get(people::profile))
    .service(web::resource("/@{handle}/{id}").get(people::status))
    .service(web::resource("/@{handle}/{id}/embed").get(embed::status))
    .default_service(web::to(not_found));
}

/// Addresses of programs: what is not found there is told as they read it.
const PROGRAMS: [&str; 5] = ["/api/", "/oauth/", "/.well-known/", "/nodeinfo/", "/ap/"];

/// The answer for an address that nothing answers to.
async fn not_found(cx: Context) -> Answer {
    if PROGRAMS.iter().any(|prefix| cx.page.path.starts_with(prefix)) {
        return Ok(HttpResponse::NotFound().json(serde_json::json!({ "error": "Record not found" })));
    }
    Err(Failure::status(&cx.page, StatusCode::NOT_FOUND))
}
