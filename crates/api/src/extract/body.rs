//! Reads the body of a request, within limits, into parameters and files.

use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpMessage as _, HttpRequest,
    http::header::CONTENT_LENGTH,
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt as _;
use serde_json::Value;

use super::params::Params;
use crate::error::{ApiError, Result};

/// Most bytes of a body without files (R092).
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// Most parts of a multipart body.
const MAX_PARTS: usize = 1_000;

/// A file sent in a multipart body.
#[derive(Clone, Debug)]
pub(crate) struct UploadedFile {
    /// Name of the form's field.
    pub(crate) field: String,
    /// Content. The name and type that clients give are not looked at: they are not to be trusted.
    pub(crate) bytes: Bytes,
}

/// What a body holds.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Parameters.
    pub(crate) params: Params,
    /// Files, of a multipart body only.
    pub(crate) files: Vec<UploadedFile>,
}

/// Reads a body of at most `limit` bytes. A body of a type that holds no parameters counts as empty.
///
/// # Errors
/// `TooLarge` as soon as that is known; `Malformed` if the body is not what its type says.
pub(crate) async fn read(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Body> {
    if declared_length(request).is_some_and(|length| length > limit) {
        return Err(ApiError::TooLarge);
    }
    match request.content_type() {
        "application/json" => Ok(Body {
            params: Params::parse_json(&whole(payload, limit.min(MAX_BODY)).await?)?,
            files: Vec::new(),
        }),
        "application/x-www-form-urlencoded" => {
            let bytes = whole(payload, limit.min(MAX_BODY)).await?;
            let text =
                std::str::from_utf8(&bytes).map_err(|_| ApiError::Malformed("the body is not UTF-8"))?;
            Ok(Body {
                params: Params::parse_form(text)?,
                files: Vec::new(),
            })
        }
        "multipart/form-data" => multipart(Multipart::new(request.headers(), payload), limit).await,
        _ => Ok(Body::default()),
    }
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn whole(mut payload: Payload, limit: usize) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::Malformed("the body is incomplete"))?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

async fn multipart(mut parts: Multipart, limit: usize) -> Result<Body> {
    let malformed = |_| ApiError::Malformed("the multipart body is not well-formed");
    let mut body = Body::default();
    let (mut left, mut count) = (limit, 0);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(malformed)?;
        count += 1;
        if count > MAX_PARTS {
            return Err(ApiError::Malformed("there are too many parameters"));
        }
        let bytes = part
            .bytes(left)
            .await
            .map_err(|_| ApiError::TooLarge)?
            .map_err(malformed)?;
        left -= bytes.len();
        add(&mut body, &part, bytes)?;
    }
    Ok(body)
}

fn add(body: &mut Body, part: &Field, bytes: Bytes) -> Result<()> {
    let Some(name) = part.name() else {
        return Ok(());
    };
    let is_file = part
        .content_disposition()
        .is_some_and(|header| header.get_filename().is_some());
    if is_file {
        body.files.push(UploadedFile {
            field: name.to_owned(),
            bytes,
        });
        return Ok(());
    }
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| ApiError::Malformed("the body is not UTF-8"))?;
    body.params.insert(name, Value::String(text))
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security rules are written with a capital R")]
mod tests {
    use actix_web::{FromRequest as _, http::header::CONTENT_TYPE, test::TestRequest};

    use super::*;

    async fn read_body(content_type: &str, bytes: impl Into<Bytes>, limit: usize) -> Result<Body> {
        let (request, mut payload) = TestRequest::post()
            .insert_header((CONTENT_TYPE, content_type))
            .set_payload(bytes)
            .to_http_parts();
        let payload = Payload::from_request(&request, &mut payload).await.unwrap();
        read(&request, payload, limit).await
    }

    const MULTIPART: &str = "--x\r\nContent-Disposition: form-data; name=\"poll[options][]\"\r\n\r\nfirst\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\
        PNG\r\n--x--\r\n";

    #[actix_web::test]
    async fn the_three_encodings_are_the_same() {
        let table = [
            ("application/json", r#"{"poll": {"options": ["first"]}}"#),
            (
                "application/json; charset=utf-8",
                r#"{"poll": {"options": ["first"]}}"#,
            ),
            (
                "application/x-www-form-urlencoded",
                "poll%5Boptions%5D%5B%5D=first",
            ),
            ("multipart/form-data; boundary=x", MULTIPART),
        ];
        for (content_type, bytes) in table {
            let body = read_body(content_type, bytes, MAX_BODY).await.unwrap();
            let options = body.params.group("poll").unwrap().list("options").unwrap();
            assert_eq!(options, ["first"], "{content_type}");
        }
    }

    #[actix_web::test]
    async fn files_are_kept_apart() {
        let body = read_body("multipart/form-data; boundary=x", MULTIPART, MAX_BODY)
            .await
            .unwrap();
        let [file] = body.files.as_slice() else {
            panic!("one file, not {:?}", body.files);
        };
        assert_eq!((file.field.as_str(), &file.bytes[..]), ("file", &b"PNG"[..]));
    }

    #[actix_web::test]
    async fn broken_bodies_are_refused() {
        for (content_type, bytes) in [
            ("application/json", r#"{"status": "unfinished"#),
            ("multipart/form-data; boundary=y", MULTIPART),
            ("multipart/form-data", MULTIPART),
        ] {
            let refused = read_body(content_type, bytes, MAX_BODY).await.unwrap_err();
            assert_eq!(refused.status().as_u16(), 400, "{content_type}");
        }
        let none = read_body("text/plain", "status=x", MAX_BODY).await.unwrap();
        assert!(!none.params.has("status"));
    }

    #[actix_web::test]
    async fn sec_R092_large_bodies_are_refused() {
        let long = format!("status={}", "x".repeat(100));
        for (content_type, bytes) in [
            ("application/x-www-form-urlencoded", long.as_str()),
            ("application/json", &format!(r#"{{"status": "{long}"}}"#)),
            ("multipart/form-data; boundary=x", MULTIPART),
        ] {
            let refused = read_body(content_type, bytes.to_owned(), 5).await.unwrap_err();
            assert_eq!(refused.status().as_u16(), 413, "{content_type}");
        }
    }
}
