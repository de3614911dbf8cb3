//! Style sheets, fonts and pictures, embedded in the binary.
//!
//! Pages name a file by the hash of the whole set (`/assets/1a2b3c4d5e6f/site.css`), which lets browsers keep it for
//! ever and lets a style sheet name a font beside it. The plain name (`/assets/avatar-default.png`) works too, with an
//! `ETag`: it is for addresses that others store, such as those in the client API.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

/// The picture of an account that has none: 400 by 400 pixels.
pub const DEFAULT_AVATAR: &str = "/assets/avatar-default.png";
/// The header of an account that has none: 1500 by 500 pixels.
pub const DEFAULT_HEADER: &str = "/assets/header-default.png";
/// The picture of an instance that has none: 1200 by 630 pixels.
pub const DEFAULT_THUMBNAIL: &str = "/assets/thumbnail.png";

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// The hash of all files together, 12 hexadecimal digits.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hash = Sha256::new();
    for name in names {
        hash.update(name.as_bytes());
        if let Some(file) = Files::get(&name) {
            hash.update(file.metadata.sha256_hash());
        }
    }
    short_hex(&hash.finalize())
});

fn short_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(6)
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// The address under which a page refers to the file `name`.
pub fn path(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// Serves the files under `/assets`.
pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.route("/assets/{file:.*}", web::get().to(serve))
        .route("/assets/{file:.*}", web::head().to(serve))
        .route("/favicon.ico", web::get().to(favicon));
}

async fn favicon(request: HttpRequest) -> HttpResponse {
    answer(&request, "favicon.png", false)
}

async fn serve(request: HttpRequest, file: web::Path<String>) -> HttpResponse {
    match file
        .strip_prefix(VERSION.as_str())
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(name) => answer(&request, name, true),
        None => answer(&request, &file, false),
    }
}

fn answer(request: &HttpRequest, name: &str, versioned: bool) -> HttpResponse {
    let Some(file) = Files::get(name) else {
        return HttpResponse::NotFound().finish();
    };
    let tag = format!("\"{}\"", short_hex(&file.metadata.sha256_hash()));
    let caching = if versioned {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|sent| sent.as_bytes() == tag.as_bytes());
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((ETAG, tag))
        // Apps written for browsers draw these pictures on a canvas (client API 1.6).
        .insert_header(("access-control-allow-origin", "*"));
    if known {
        return response.finish();
    }
    response
        .insert_header((CONTENT_TYPE, file.metadata.mimetype()))
        .body(file.data.into_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::dev::ServiceResponse;
    use actix_web::http::header::HeaderName;
    use actix_web::{App, test};

    use super::*;

    fn header(response: &ServiceResponse, name: HeaderName) -> String {
        let value = response.headers().get(name).expect("the header is sent");
        value.to_str().expect("the header is text").to_owned()
    }

    #[actix_web::test]
    async fn files_are_served_by_version_and_by_name() {
        let app = test::init_service(App::new().configure(configure)).await;
        let table = [
            (
                path("site.css"),
                200,
                "public, max-age=31536000, immutable",
                "text/css",
            ),
            (
                "/assets/site.css".to_owned(),
                200,
                "public, max-age=3600",
                "text/css",
            ),
            (
                DEFAULT_AVATAR.to_owned(),
                200,
                "public, max-age=3600",
                "image/png",
            ),
            (
                DEFAULT_HEADER.to_owned(),
                200,
                "public, max-age=3600",
                "image/png",
            ),
            (
                DEFAULT_THUMBNAIL.to_owned(),
                200,
                "public, max-age=3600",
                "image/png",
            ),
            (
                "/favicon.ico".to_owned(),
                200,
                "public, max-age=3600",
                "image/png",
            ),
        ];
        for (uri, status, caching, kind) in table {
            let response = test::call_service(&app, test::TestRequest::get().uri(&uri).to_request()).await;
            assert_eq!(response.status(), status, "{uri}");
            assert_eq!(header(&response, CACHE_CONTROL), caching, "{uri}");
            let sent = header(&response, CONTENT_TYPE);
            assert!(sent.starts_with(kind), "{uri}: {sent}");
        }
        for uri in [
            "/assets/nothing.css",
            "/assets/../Cargo.toml",
            "/assets/%2e%2e/Cargo.toml",
        ] {
            let response = test::call_service(&app, test::TestRequest::get().uri(uri).to_request()).await;
            assert_eq!(response.status(), 404, "{uri}");
        }
    }

    #[actix_web::test]
    async fn a_known_file_is_not_sent_again() {
        let app = test::init_service(App::new().configure(configure)).await;
        let first = test::call_service(
            &app,
            test::TestRequest::get().uri("/assets/site.css").to_request(),
        )
        .await;
        let again = test::TestRequest::get()
            .uri("/assets/site.css")
            .insert_header((IF_NONE_MATCH, header(&first, ETAG)))
            .to_request();
        let second = test::call_service(&app, again).await;
        assert_eq!(second.status(), 304);
        assert!(test::read_body(second).await.is_empty());
    }
}
