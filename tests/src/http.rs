//! Requests and replies, small enough that no feature of the HTTP client is needed beyond sending bytes.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::chance;

/// Nothing on loopback takes longer than this, unless it hangs.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The HTTP client of this process: no proxy, no redirects followed, no cookies kept.
///
/// Each test runs in an async runtime of its own and a pooled connection dies with the runtime that opened it, so
/// none is kept.
#[expect(
    clippy::disallowed_methods,
    reason = "the suites are clients on loopback, not the server"
)]
pub fn http() -> &'static reqwest::Client {
    static HTTP: OnceLock<reqwest::Client> = OnceLock::new();
    HTTP.get_or_init(|| {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT)
            .build()
            .expect("the client has no setting that can be refused")
    })
}

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What was asked, for messages.
    pub asked: String,
    /// HTTP status code.
    pub status: u16,
    /// Response headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Sends a request and reads the answer to its end.
    ///
    /// # Errors
    /// When the server cannot be reached, hangs up or takes too long.
    pub async fn of(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        let (client, request) = request.build_split();
        let request = request?;
        let asked = format!("{} {}", request.method(), request.url());
        let response = client.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        Ok(Self {
            asked,
            status,
            headers,
            bytes,
        })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header's value, or the empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Request, status and the beginning of the body.
    pub fn summary(&self) -> String {
        let body: String = self.text().chars().take(400).collect();
        format!("{} answered {}: {body}", self.asked, self.status)
    }

    /// Fails unless the status is `status`.
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "expected {status}, but {}", self.summary());
        self
    }

    /// The JSON body, whatever the status.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.summary()))
    }

    /// The JSON body of a 200.
    pub fn ok(self) -> Value {
        self.expect(200).json()
    }

    /// The `error` text of a refusal with this status.
    pub fn refused(self, status: u16) -> String {
        let reply = self.expect(status);
        let body = reply.json();
        body["error"]
            .as_str()
            .unwrap_or_else(|| panic!("no error text: {}", reply.summary()))
            .to_owned()
    }

    /// The address in the `Link` header with that relation (`next`, `prev`).
    pub fn link(&self, relation: &str) -> Option<String> {
        let wanted = format!("rel=\"{relation}\"");
        self.header("link").split(", <").find_map(|entry| {
            let (address, parameters) = entry.trim_start_matches('<').split_once('>')?;
            parameters.contains(&wanted).then(|| address.to_owned())
        })
    }
}

/// One part of a multipart form.
pub struct Part<'a> {
    /// Name of the field.
    pub name: &'a str,
    /// File name and media type; `None` for a plain field.
    pub file: Option<(&'a str, &'a str)>,
    /// The content.
    pub bytes: &'a [u8],
}

/// Encodes a multipart form; returns the `Content-Type` and the body.
pub fn multipart(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let boundary = format!("part-{}", chance::name());
    let mut body = Vec::new();
    for part in parts {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            part.name
        );
        if let Some((file, media_type)) = part.file {
            write!(head, "; filename=\"{file}\"\r\nContent-Type: {media_type}")
                .expect("a string takes all text");
        }
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(part.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_headers_are_read_by_relation() {
        let mut headers = HeaderMap::new();
        let value =
            "<http://h/a?limit=2&max_id=5>; rel=\"next\", <http://h/a?limit=2&min_id=9>; rel=\"prev\"";
        headers.insert("link", value.parse().expect("a header value"));
        let reply = Reply {
            asked: "GET http://h/a".into(),
            status: 200,
            headers,
            bytes: Vec::new(),
        };
        assert_eq!(reply.link("next").as_deref(), Some("http://h/a?limit=2&max_id=5"));
        assert_eq!(reply.link("prev").as_deref(), Some("http://h/a?limit=2&min_id=9"));
        assert_eq!(reply.link("last"), None);
    }

    #[test]
    fn multipart_ends_with_the_closing_boundary() {
        let (kind, body) = multipart(&[
            Part {
                name: "description",
                file: None,
                bytes: b"a boat",
            },
            Part {
                name: "file",
                file: Some(("a.png", "image/png")),
                bytes: b"\x89PNG",
            },
        ]);
        let boundary = kind.split_once("boundary=").expect("a boundary").1;
        assert_eq!(
            body.windows(boundary.len())
                .filter(|window| *window == boundary.as_bytes())
                .count(),
            3
        );
        assert!(body.ends_with(format!("--{boundary}--\r\n").as_bytes()));
    }
}
