//! What the verifier sees of a request, and the checks both schemes share.

use chrono::{DateTime, TimeDelta, Utc};

use super::SignatureError;

/// Clock difference we forgive in both directions.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// Life of a signature that names no end.
const DEFAULT_LIFE: TimeDelta = TimeDelta::minutes(5);
/// The longest life a signature can give itself.
const MAX_LIFE: TimeDelta = TimeDelta::hours(12);
/// The longest `keyId`, in bytes.
const MAX_KEY_ID_LENGTH: usize = 2048;

/// The headers of a request, duplicates included.
pub trait HeaderSource {
    /// All values of the header `name` (lower case), in order, not joined.
    fn values(&self, name: &str) -> Vec<&[u8]>;
}

impl HeaderSource for actix_web::http::header::HeaderMap {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        self.get_all(name)
            .map(actix_web::http::header::HeaderValue::as_bytes)
            .collect()
    }
}

impl HeaderSource for http::HeaderMap {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        self.get_all(name)
            .iter()
            .map(http::HeaderValue::as_bytes)
            .collect()
    }
}

/// A request as it was received, before anything in it is believed.
#[derive(Clone, Copy)]
pub struct IncomingRequest<'a> {
    /// `GET`, `POST`...
    pub method: &'a str,
    /// Path and query exactly as in the request line.
    pub path_and_query: &'a str,
    /// The headers. For HTTP/2 the caller puts `:authority` where `Host` would be.
    pub headers: &'a dyn HeaderSource,
    /// The raw bytes of the body, before any decoding.
    pub body: &'a [u8],
    /// When it was received, on our clock.
    pub received_at: DateTime<Utc>,
    /// Our own authorities: `s.pouet.example`, `localhost:8081`. A port is named unless it is the scheme's own.
    pub own_hosts: &'a [String],
    /// The scheme people reach us by (`https`, or `http` in development), from the configuration.
    pub scheme: &'a str,
}

impl IncomingRequest<'_> {
    /// Whether the signature must cover a digest of the body: always, unless the method has none.
    pub(super) fn needs_digest(&self) -> bool {
        !matches!(self.method, "GET" | "HEAD")
    }

    /// The value of a header that must be there exactly once.
    pub(super) fn single(&self, name: &str) -> Result<&str, SignatureError> {
        let values = self.headers.values(name);
        let [value] = values.as_slice() else {
            return Err(if values.is_empty() {
                SignatureError::Refused("a signed header is absent")
            } else {
                SignatureError::Ambiguous("a signed header is there twice")
            });
        };
        let text = std::str::from_utf8(value)
            .ok()
            .filter(|text| text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')))
            .ok_or(SignatureError::Refused("a signed header is not plain text"))?;
        Ok(text.trim_matches([' ', '\t']))
    }

    /// Which of our hosts the request is addressed to, in lower case and without the scheme's own port.
    ///
    /// A signature that was made for another server says so here (rule R014).
    pub(super) fn authority(&self) -> Result<String, SignatureError> {
        let host = self.single("host")?.to_ascii_lowercase();
        let own_port = match self.scheme {
            "http" => ":80",
            _ => ":443",
        };
        let authority = host.strip_suffix(own_port).unwrap_or(&host);
        if self
            .own_hosts
            .iter()
            .any(|own| own.eq_ignore_ascii_case(authority))
        {
            Ok(authority.to_owned())
        } else {
            Err(SignatureError::Refused("addressed to another host"))
        }
    }
}

/// Checks the life span of a signature against our clock.
///
/// `expires` is what the signer said, if it said so. Refused are signatures made more than an hour from now, and those
/// that ended more than an hour ago; without `expires` a signature lives for five minutes.
pub(super) fn check_window(
    now: DateTime<Utc>,
    created: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
) -> Result<(), SignatureError> {
    if created > now + SKEW {
        return Err(SignatureError::Refused("made in the future"));
    }
    let end = expires.unwrap_or(created + DEFAULT_LIFE).min(created + MAX_LIFE);
    if now > end + SKEW {
        return Err(SignatureError::Refused("too old"));
    }
    Ok(())
}

/// A time in whole seconds since the Unix epoch.
pub(super) fn from_seconds(seconds: i64) -> Result<DateTime<Utc>, SignatureError> {
    // Year 9999: beyond it neither scheme has a form, and adding to it would overflow.
    const LAST: i64 = 253_402_300_799;
    (0..=LAST)
        .contains(&seconds)
        .then(|| DateTime::from_timestamp(seconds, 0))
        .flatten()
        .ok_or(SignatureError::Refused("impossible time"))
}

/// Checks that a `keyId` is something a key can be looked up by: an http(s) URL, or the older `acct:` form.
pub(super) fn check_key_id(key_id: &str) -> Result<(), SignatureError> {
    let readable = key_id.len() <= MAX_KEY_ID_LENGTH
        && match url::Url::parse(key_id) {
            Ok(url) => match url.scheme() {
                "https" | "http" => url.has_host() && url.username().is_empty(),
                "acct" => url.path().contains('@'),
                _ => false,
            },
            Err(_) => false,
        };
    if readable {
        Ok(())
    } else {
        Err(SignatureError::Refused("key id cannot be read"))
    }
}
