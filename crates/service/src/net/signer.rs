//! How a caller adds a signature to a request of the client.

use http::{HeaderMap, Method};
use url::Url;

/// A request as it is about to be sent, for a signer to look at.
#[derive(Debug)]
pub struct UnsignedRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The exact URL of this hop. The `Host` that will be sent is [`host_header`] of it.
    pub url: &'a Url,
    /// The headers set so far, `Content-Type` among them; the signer may cover them.
    pub headers: &'a HeaderMap,
    /// The body, for POST.
    pub body: Option<&'a [u8]>,
}

/// Adds authentication to outgoing requests.
///
/// It is asked anew for every hop of a redirect and every attempt, so dates and targets are always fresh. The
/// federation crate implements it for HTTP signatures, web push for VAPID.
pub trait RequestSigner: Send + Sync {
    /// Adds headers to `headers`, which already holds those of `request`. May compute for up to a millisecond.
    ///
    /// # Errors
    /// [`SignError`] if the key cannot sign; the request is then not sent.
    fn sign(&self, request: &UnsignedRequest<'_>) -> Result<HeaderMap, SignError>;
}

/// A key that cannot be used, with the reason for the log.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign an outgoing request: {0}")]
pub struct SignError(pub String);

/// The value of the `Host` header for `url`: the host, and the port where it is not the scheme's own.
pub fn host_header(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
