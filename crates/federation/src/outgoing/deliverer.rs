//! Sends deliveries over the guarded client, signed anew at every attempt.
//!
//! Signing is a computation of a quarter of a millisecond inside the task that sends, so that no more signatures are made
//! at a time than there are worker threads, while any number of requests may be waiting for answers.
//!
//! Source: federation.md 10.1, 10.4, 11.2.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use pouet_service::{
    Error, Instance,
    delivery::{Delivery, SendOutcome, Sender, outcome::Failure},
    net::{NetError, PostRequest, Response},
    signing_keys,
};

use crate::signatures::{HttpSigner, Knock, Next, Scheme, SigningKey};

/// Media type of what we send.
const ACTIVITY: HeaderValue = HeaderValue::from_static("application/activity+json");

/// Sends deliveries of an instance.
#[derive(Clone, Debug)]
pub struct Deliverer {
    instance: Instance,
}

impl Deliverer {
    /// Sends deliveries of `instance`.
    pub fn new(instance: Instance) -> Self {
        Self { instance }
    }

    /// Sends in the scheme that the host is known to take, and once more in the other one if the answer can be about the
    /// signature.
    async fn knock(&self, delivery: &Delivery, key: &Arc<SigningKey>) -> Result<SendOutcome, NetError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, ACTIVITY);
        let request = PostRequest {
            url: &delivery.inbox_url,
            headers,
            body: Bytes::copy_from_slice(delivery.body.as_bytes()),
        };
        let remembered = delivery.scheme.as_deref().and_then(scheme_of);
        let mut attempt = Knock::first(remembered);
        loop {
            let signer = HttpSigner::new(Arc::clone(key), attempt.scheme(), self.instance.clock());
            let response = self.instance.net.post(&request, Some(&signer)).await?;
            match attempt.after(response.status.as_u16()) {
                Next::Again(next) => attempt = next,
                Next::Settled(worked) => return Ok(answered(&response, remembered, worked)),
            }
        }
    }
}

#[async_trait]
impl Sender for Deliverer {
    async fn send(&self, delivery: &Delivery) -> SendOutcome {
        let key = match signing_keys::signing_key(&self.instance, delivery.account_id).await {
            Ok(key) => Arc::new(SigningKey::new(key.key_id.clone(), key.key.clone())),
            Err(error) => {
                let failure = match error {
                    Error::NotFound => Failure::NoKey,
                    _ => Failure::OurFault,
                };
                return SendOutcome::Failed {
                    failure,
                    reason: format!("no key to sign with: {error}"),
                };
            }
        };
        match self.knock(delivery, &key).await {
            Ok(outcome) => outcome,
            Err(error) => SendOutcome::Failed {
                failure: failure_of(&error),
                reason: error.to_string(),
            },
        }
    }
}

fn answered(response: &Response, remembered: Option<Scheme>, worked: Option<Scheme>) -> SendOutcome {
    let retry_after = response.headers.get(RETRY_AFTER);
    SendOutcome::Answered {
        status: response.status.as_u16(),
        retry_after: retry_after
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        remember_scheme: worked
            .map(|scheme| name_of(scheme).map(str::to_owned))
            // The usual scheme is not worth remembering.
            .filter(|name| name.is_some() || remembered.is_some()),
    }
}

/// The name under which a scheme is remembered; `None` for the one that everybody is expected to take.
fn name_of(scheme: Scheme) -> Option<&'static str> {
    match scheme {
        Scheme::Cavage => None,
        Scheme::Rfc9421 => Some("rfc9421"),
    }
}

fn scheme_of(name: &str) -> Option<Scheme> {
    (name == "rfc9421").then_some(Scheme::Rfc9421)
}

fn failure_of(error: &NetError) -> Failure {
    match error {
        NetError::BlockedAddress { .. } | NetError::BlockedUrl(_) => Failure::Forbidden,
        NetError::Dns { .. } | NetError::Tls { .. } => Failure::Misconfigured,
        NetError::Busy(_) | NetError::Sign(_) => Failure::OurFault,
        NetError::Connect { .. }
        | NetError::Timeout { .. }
        | NetError::Http { .. }
        // An answer that is too large or leads elsewhere came from a server that does not work as it should.
        | NetError::TooLarge { .. }
        | NetError::RedirectLoop(_)
        | NetError::TooManyRedirects
        | NetError::BadRedirect { .. } => Failure::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_schemes_are_read_back() {
        assert_eq!(
            name_of(Scheme::Rfc9421).and_then(scheme_of),
            Some(Scheme::Rfc9421)
        );
        assert_eq!(name_of(Scheme::Cavage), None);
        assert_eq!(scheme_of("cavage"), None);
    }

    #[test]
    fn failures_are_told_apart() {
        let host = || "b.test".to_owned();
        let reason = host;
        let table = [
            (
                NetError::Dns {
                    host: host(),
                    reason: reason(),
                },
                Failure::Misconfigured,
            ),
            (
                NetError::Tls {
                    host: host(),
                    reason: reason(),
                },
                Failure::Misconfigured,
            ),
            (
                NetError::Connect {
                    host: host(),
                    reason: reason(),
                },
                Failure::Unreachable,
            ),
            (NetError::Busy(host()), Failure::OurFault),
            (
                NetError::BlockedAddress {
                    host: host(),
                    address: [127, 0, 0, 1].into(),
                },
                Failure::Forbidden,
            ),
        ];
        for (error, failure) in table {
            assert_eq!(failure_of(&error), failure, "{error}");
        }
    }
}
