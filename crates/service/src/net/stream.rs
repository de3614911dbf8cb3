//! Answers that are passed on as they come, without being held as a whole.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use tokio::time::{Duration, timeout};

use super::{NetError, Phase, client};

/// An answer whose head has come, and whose body is read in parts.
#[derive(Debug)]
pub struct Stream {
    /// The status of the last hop.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// The `Content-Type`, if there is exactly one and it is text.
    pub content_type: Option<String>,
    /// The announced length of the body in bytes.
    pub length: Option<u64>,
    response: reqwest::Response,
    host: String,
    limit: u64,
    left: u64,
    idle: Duration,
}

impl Stream {
    /// An answer with at most `limit` bytes, of which every part comes within `idle`.
    ///
    /// # Errors
    /// `TooLarge` if it announces more; `Http` if it is compressed: parts of such a body are of no use to anybody.
    pub(super) fn new(
        response: reqwest::Response,
        host: String,
        limit: u64,
        idle: Duration,
    ) -> Result<Self, NetError> {
        let headers = response.headers().clone();
        let text = |name| client::only_text(&headers, name);
        if !matches!(text(&CONTENT_ENCODING), None | Some("identity" | "")) {
            return Err(NetError::Http {
                host,
                reason: "content encoding that was not asked for".to_owned(),
            });
        }
        let length = text(&CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(too_large(host, limit));
        }
        Ok(Self {
            status: response.status(),
            content_type: text(&CONTENT_TYPE).map(str::to_owned),
            length,
            headers,
            response,
            host,
            limit,
            left: limit,
            idle,
        })
    }

    /// The next part of the body; `None` at its end.
    ///
    /// # Errors
    /// `Timeout` if it does not come in time, `TooLarge` if the body is longer than allowed, others if the connection
    /// breaks.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, NetError> {
        let chunk = timeout(self.idle, self.response.chunk())
            .await
            .map_err(|_| NetError::Timeout {
                host: self.host.clone(),
                phase: Phase::Idle,
            })?
            .map_err(|error| client::classify(&self.host, &error))?;
        if let Some(chunk) = &chunk {
            self.left = self
                .left
                .checked_sub(chunk.len() as u64)
                .ok_or_else(|| too_large(self.host.clone(), self.limit))?;
        }
        Ok(chunk)
    }
}

fn too_large(host: String, limit: u64) -> NetError {
    NetError::TooLarge {
        host,
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    }
}
