//! What can go wrong with an outgoing request.

use std::net::IpAddr;

use super::signer::SignError;

/// Why an outgoing request gave no response.
///
/// A response with an error status is not one of these: the caller reads the status.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The name or the literal points at an address that may not be dialled (`blocked_address`); nothing was sent.
    #[error("{host} is at {address}, which may not be contacted")]
    BlockedAddress {
        /// The host of the URL.
        host: String,
        /// The first refused address.
        address: IpAddr,
    },
    /// The URL breaks a rule of [`super::UrlPolicy`]; nothing was sent.
    #[error("this URL may not be contacted: {0}")]
    BlockedUrl(#[from] super::UrlError),
    /// The name could not be resolved.
    #[error("cannot resolve {host}: {reason}")]
    Dns {
        /// The host of the URL.
        host: String,
        /// What the resolver said, for the log.
        reason: String,
    },
    /// No connection, or it broke.
    #[error("cannot talk to {host}: {reason}")]
    Connect {
        /// The host of the URL.
        host: String,
        /// The cause, for the log.
        reason: String,
    },
    /// The TLS handshake failed: no common version, or a certificate that is not trusted.
    #[error("no trusted TLS connection to {host}: {reason}")]
    Tls {
        /// The host of the URL.
        host: String,
        /// The cause, for the log.
        reason: String,
    },
    /// One of the time limits of [`super::Timeouts`] passed.
    #[error("{host} took too long ({phase})")]
    Timeout {
        /// The host of the URL.
        host: String,
        /// Which limit it was.
        phase: Phase,
    },
    /// The body is longer than asked for, or inflates far more than text does.
    #[error("the answer of {host} is larger than {limit} bytes or inflates beyond measure")]
    TooLarge {
        /// The host of the URL.
        host: String,
        /// The cap in bytes after inflation.
        limit: usize,
    },
    /// A redirect led to a URL that was already visited.
    #[error("redirect loop at {0}")]
    RedirectLoop(String),
    /// More redirects than allowed.
    #[error("too many redirects")]
    TooManyRedirects,
    /// A redirect without a usable `Location`, or from https to http.
    #[error("bad redirect from {host}: {reason}")]
    BadRedirect {
        /// The host that redirected.
        host: String,
        /// What was wrong.
        reason: &'static str,
    },
    /// The answer is not HTTP we understand: an unknown content encoding, a broken gzip stream.
    #[error("bad answer from {host}: {reason}")]
    Http {
        /// The host of the URL.
        host: String,
        /// The cause, for the log.
        reason: String,
    },
    /// Our own budget for this host or for all fetches is used up; nothing was sent.
    #[error("too many requests are waiting for {0}")]
    Busy(String),
    /// The request could not be signed; nothing was sent.
    #[error("cannot sign the request")]
    Sign(#[from] SignError),
}

/// The time limit that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Resolving, connecting and the TLS handshake.
    Connect,
    /// Waiting for the response head.
    FirstByte,
    /// Waiting for the next part of the body.
    Idle,
    /// The whole exchange, redirects included.
    Total,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::FirstByte => "first byte",
            Self::Idle => "silence inside the answer",
            Self::Total => "whole exchange",
        })
    }
}

impl NetError {
    /// Whether trying again later can help.
    ///
    /// Names that do not resolve and broken TLS count as temporary: they are retried on the slow schedule.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Http { .. }
            | Self::Busy(_) => true,
            Self::BlockedAddress { .. }
            | Self::BlockedUrl(_)
            | Self::TooLarge { .. }
            | Self::RedirectLoop(_)
            | Self::TooManyRedirects
            | Self::BadRedirect { .. }
            | Self::Sign(_) => false,
        }
    }

    /// Whether our own rules refused the target, so that no byte was sent to it.
    pub fn is_blocked(&self) -> bool {
        matches!(self, Self::BlockedAddress { .. } | Self::BlockedUrl(_))
    }
}
