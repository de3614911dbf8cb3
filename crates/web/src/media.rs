//! Files: what users uploaded here, and copies of what others show.
//!
//! Types come from a closed list and are never guessed again by the browser, so that nothing uploaded is taken for a page
//! or for an ActivityPub document (security rule R024).

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Data, Path},
};
use pouet_model::ids::{AccountId, MediaId};
use pouet_service::{
    Error,
    media::{self, PictureKind, RemoteSource, StoredFile, Variant},
};

use crate::context::Shared;

/// Names are random and never used again, so that files may be kept for ever.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// What a remote picture is may change.
const A_WHILE: &str = "public, max-age=86400";

/// Registers `/media/...` and `/media_proxy/...`.
pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.route("/media/{key:.*}", web::get().to(stored))
        .route("/media/{key:.*}", web::head().to(stored))
        .route(
            "/media_proxy/accounts/{id}/{picture}",
            web::get().to(account_picture),
        )
        .route("/media_proxy/{id}/{variant}", web::get().to(attachment));
}

async fn stored(shared: Data<Shared>, key: Path<String>) -> HttpResponse {
    answer(media::open(&shared.instance, &key).await, FOREVER)
}

async fn attachment(shared: Data<Shared>, path: Path<(String, String)>) -> HttpResponse {
    let (id, variant) = path.into_inner();
    let variant = match variant.as_str() {
        "original" => Some(Variant::Original),
        "small" => Some(Variant::Small),
        _ => None,
    };
    let source = id
        .parse::<MediaId>()
        .ok()
        .zip(variant)
        .map(|(id, variant)| RemoteSource::Attachment(id, variant));
    proxied(&shared, source).await
}

async fn account_picture(shared: Data<Shared>, path: Path<(String, String)>) -> HttpResponse {
    let (id, picture) = path.into_inner();
    let kind = match picture.as_str() {
        "avatar" => Some(PictureKind::Avatar),
        "header" => Some(PictureKind::Header),
        _ => None,
    };
    let source = id
        .parse::<AccountId>()
        .ok()
        .zip(kind)
        .map(|(id, kind)| RemoteSource::Picture(id, kind));
    proxied(&shared, source).await
}

async fn proxied(shared: &Shared, source: Option<RemoteSource>) -> HttpResponse {
    match source {
        Some(source) => answer(media::remote(&shared.instance, source).await, A_WHILE),
        None => answer(Err(Error::NotFound), A_WHILE),
    }
}

fn answer(file: Result<StoredFile, Error>, cache: &'static str) -> HttpResponse {
    let mut builder = match &file {
        Ok(_) => HttpResponse::Ok(),
        Err(Error::NotFound | Error::Gone) => HttpResponse::NotFound(),
        Err(Error::RemoteUnavailable) => HttpResponse::BadGateway(),
        Err(_) => HttpResponse::ServiceUnavailable(),
    };
    builder
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    match file {
        Ok(file) => builder
            .insert_header((header::CACHE_CONTROL, cache))
            .insert_header((header::CONTENT_DISPOSITION, "inline"))
            .content_type(file.content_type)
            .body(file.bytes),
        Err(error) => {
            if matches!(error, Error::Internal(_)) {
                tracing::error!(%error, "a file cannot be read");
            }
            builder
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .content_type("text/plain")
                .body("not found")
        }
    }
}
