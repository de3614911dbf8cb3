//! Files: what users uploaded here, and copies of what others show.
//!
//! Types come from a closed list and are never guessed again by the browser, so that nothing uploaded is taken for a page
//! or for an ActivityPub document (security rule R024).

mod range;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::{BodySize, MessageBody},
    http::{StatusCode, header},
    web::{self, Bytes, Data, Path},
};
use pouet_model::ids::{AccountId, MediaId};
use pouet_service::{
    Error,
    media::{self, PictureKind, Playing, RemoteSource, StoredFile, Variant, Wanted},
};

use self::range::Part;
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
        .route(
            "/media_proxy/emojis/{domain}/{shortcode}/{variant}",
            web::get().to(emoji),
        )
        .route("/media_proxy/{id}/{variant}", web::get().to(attachment));
}

async fn stored(request: HttpRequest, shared: Data<Shared>, key: Path<String>) -> HttpResponse {
    let file = media::open(&shared.instance, &key).await;
    // The name stands for the content: it is random and never used again.
    let name = key.rsplit('/').next().unwrap_or_default();
    let tag = file.is_ok().then(|| format!("\"{name}\""));
    answer(&request, file, FOREVER, tag)
}

async fn attachment(
    request: HttpRequest,
    shared: Data<Shared>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (id, variant) = path.into_inner();
    let variant = match variant.as_str() {
        "original" => Some(Variant::Original),
        "small" => Some(Variant::Small),
        _ => None,
    };
    let Some((id, variant)) = id.parse::<MediaId>().ok().zip(variant) else {
        return proxied(&request, &shared, None).await;
    };
    if variant == Variant::Original {
        match media::is_played(&shared.instance, id).await {
            Ok(true) => return played(&request, &shared, id).await,
            Ok(false) => {}
            Err(error) => return failure(&error),
        }
    }
    proxied(&request, &shared, Some(RemoteSource::Attachment(id, variant))).await
}

async fn account_picture(
    request: HttpRequest,
    shared: Data<Shared>,
    path: Path<(String, String)>,
) -> HttpResponse {
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
    proxied(&request, &shared, source).await
}

async fn emoji(
    request: HttpRequest,
    shared: Data<Shared>,
    path: Path<(String, String, String)>,
) -> HttpResponse {
    let (domain, shortcode, variant) = path.into_inner();
    let still = match variant.as_str() {
        "original" => Some(false),
        "static" => Some(true),
        _ => None,
    };
    let source = still.map(|still| RemoteSource::Emoji {
        domain,
        shortcode,
        still,
    });
    proxied(&request, &shared, source).await
}

async fn proxied(request: &HttpRequest, shared: &Shared, source: Option<RemoteSource>) -> HttpResponse {
    let file = match source {
        Some(source) => media::remote(&shared.instance, source).await,
        None => Err(Error::NotFound),
    };
    answer(request, file, A_WHILE, None)
}

/// Sound or a film of another server, as it comes.
async fn played(request: &HttpRequest, shared: &Shared, id: MediaId) -> HttpResponse {
    let text = |name| {
        let value = request.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let wanted = Wanted {
        range: text(header::RANGE),
        if_range: text(header::IF_RANGE),
    };
    let playing = match media::play(&shared.instance, id, wanted).await {
        Ok(playing) => playing,
        Err(error) => return failure(&error),
    };
    let status = StatusCode::from_u16(playing.status.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut builder = guarded(status);
    for (name, value) in &playing.headers {
        builder.insert_header((name.as_str(), value.as_bytes()));
    }
    builder
        .insert_header((header::CACHE_CONTROL, "private, max-age=86400"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .content_type(playing.content_type)
        .body(Passed(playing))
}

/// The body of an answer that another server gives.
struct Passed(Playing);

impl MessageBody for Passed {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        self.0.length.map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.get_mut().0.poll_next(context)
    }
}

/// An answer that browsers take for nothing but what it says to be.
fn guarded(status: StatusCode) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    builder
}

/// `tag`: the entity tag, of a file that never changes.
fn answer(
    request: &HttpRequest,
    file: Result<StoredFile, Error>,
    cache: &'static str,
    tag: Option<String>,
) -> HttpResponse {
    let file = match file {
        Ok(file) => file,
        Err(error) => return failure(&error),
    };
    let length = file.bytes.len();
    let part = range::asked(request, length, tag.as_deref());
    let (status, bytes) = match part {
        Part::Whole => (StatusCode::OK, file.bytes),
        Part::Bytes(first, last) => (StatusCode::PARTIAL_CONTENT, file.bytes.slice(first..=last)),
        Part::None => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new()),
    };
    let mut builder = guarded(status);
    match part {
        Part::Whole => {}
        Part::Bytes(first, last) => {
            builder.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}")));
        }
        Part::None => {
            builder.insert_header((header::CONTENT_RANGE, format!("bytes */{length}")));
        }
    }
    if let Some(tag) = tag {
        builder.insert_header((header::ETAG, tag));
    }
    builder
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .content_type(file.content_type)
        .body(bytes)
}

fn failure(error: &Error) -> HttpResponse {
    let status = match error {
        Error::NotFound | Error::Gone => StatusCode::NOT_FOUND,
        Error::RemoteUnavailable => StatusCode::BAD_GATEWAY,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    if matches!(error, Error::Internal(_)) {
        tracing::error!(%error, "a file cannot be read");
    }
    guarded(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/plain")
        .body("not found")
}
