//! Documents at the addresses of pages: `/@user` and `/@user/ID` lead readers who ask for ActivityPub to the id.

use actix_web::{HttpRequest, HttpResponse, guard, http::header, web};
use pouet_model::ids::StatusId;
use pouet_service::accounts;

use super::{absent, access, failed, prefers_activity};
use crate::context::Federation;

/// Mounts the documents at the addresses of pages. To be mounted before the pages: who does not ask for ActivityPub passes
/// on to them.
pub fn configure_pages(config: &mut web::ServiceConfig, federation: &Federation) {
    let asks = || guard::fn_guard(|context| prefers_activity(context.head().headers()));
    config
        .app_data(web::Data::new(federation.clone()))
        .service(
            web::resource("/@{name}")
                .guard(asks())
                .route(web::get().to(profile)),
        )
        .service(
            web::resource("/@{name}/{status}")
                .guard(asks())
                .route(web::get().to(status)),
        );
}

async fn profile(
    federation: web::Data<Federation>,
    request: HttpRequest,
    name: web::Path<String>,
) -> HttpResponse {
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    match accounts::find_local(&federation.instance, &name).await {
        Ok(Some(account)) if account.is_local() => to_document(&federation.urls().local_account(account.id)),
        Ok(_) => absent(),
        Err(error) => failed(&error),
    }
}

async fn status(
    federation: web::Data<Federation>,
    request: HttpRequest,
    path: web::Path<(String, i64)>,
) -> HttpResponse {
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    let (name, status) = path.into_inner();
    match accounts::find_local(&federation.instance, &name).await {
        // Whether it exists, and for whom, is decided there.
        Ok(Some(account)) if account.is_local() => {
            to_document(&federation.urls().local_status(account.id, StatusId(status)))
        }
        Ok(_) => absent(),
        Err(error) => failed(&error),
    }
}

fn to_document(id: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, id))
        .insert_header((header::VARY, "Accept"))
        .finish()
}
