//! A status in a frame on another site (security rule R084): no cookie is read, and nothing but public statuses of this
//! instance is shown.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use pouet_model::ids::StatusId;
use pouet_service::{Error, statuses};

use crate::context::{Shared, page_for_strangers};
use crate::convert::status_card;
use crate::security::protect_frame;
use crate::templates::{Embed, EmbedGone};
use crate::view::Page;

/// `GET /@user/ID/embed`.
pub(crate) async fn status(
    shared: web::Data<Shared>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let instance = &shared.instance;
    let page = page_for_strangers(instance, &request).await;
    let (username, id) = path.into_inner();
    let found = match id.parse::<StatusId>() {
        Ok(id) => statuses::find_embeddable(instance, &username, id).await,
        Err(_) => Err(Error::NotFound),
    };
    let base = instance.urls().base();
    match found {
        Ok(view) => {
            let main = &status_card(&view, instance.urls());
            answer(StatusCode::OK, base, &Embed { p: &page, main })
        }
        Err(error) => refuse(&page, base, &error),
    }
}

fn refuse(page: &Page, base: &str, error: &Error) -> HttpResponse {
    let (status, title) = match error {
        Error::NotFound => (StatusCode::NOT_FOUND, "error-404-title"),
        Error::Gone => (StatusCode::GONE, "error-410-title"),
        error => {
            tracing::error!(%error, "a status cannot be shown in a frame");
            (StatusCode::SERVICE_UNAVAILABLE, "error-503-title")
        }
    };
    answer(status, base, &EmbedGone { p: page, title })
}

fn answer(status: StatusCode, base: &str, template: &impl Template) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    protect_frame(&mut response, base);
    response.insert_header((CACHE_CONTROL, "max-age=180, public"));
    match template.render() {
        Ok(body) => response.content_type("text/html; charset=utf-8").body(body),
        Err(error) => {
            tracing::error!(%error, "a frame could not be made");
            HttpResponse::InternalServerError().finish()
        }
    }
}
