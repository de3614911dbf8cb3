//! Sends deliveries over the guarded client, signed anew at every attempt.
//!
//! Signing is a computation of a quarter of a millisecond inside the task that sends, so that no more signatures are made
//! at a time than there are worker threads, while any number of requests may be waiting for answers.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use pouet_model::audience::{Audience, is_public};
use pouet_service::{
    Error, Instance,
    delivery::{Delivery, SendOutcome, Sender, outcome::Failure},
    follows::sync,
    net::{NetError, PostRequest, Response},
    signing_keys,
};
use serde::Deserialize;

use crate::signatures::{HttpSigner, Knock, Next, Scheme, SigningKey};

/// Media type of what we send.
const ACTIVITY: HeaderValue = HeaderValue::from_static("application/activity+json");
/// Says who the reader's followers are (FEP-8fcf).
const SYNCHRONIZATION: HeaderName = HeaderName::from_static("collection-synchronization");

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

    /// Sends what announces a new key, signed with the old one. `None`: it is to be signed with the new key, because the old
    /// one is not kept any more or the other side knows the new one already.
    async fn send_with_old_key(&self, delivery: &Delivery) -> Result<Option<SendOutcome>, Error> {
        let Some(id) = delivery.retired_key_id else {
            return Ok(None);
        };
        let Some(key) = signing_keys::retired_key(&self.instance, id).await? else {
            return Ok(None);
        };
        let outcome = self.attempt(delivery, SigningKey::new(key.key_id, key.key)).await;
        let doubts_the_signature = matches!(
            outcome,
            SendOutcome::Answered {
                status: 400 | 401,
                ..
            }
        );
        Ok((!doubts_the_signature).then_some(outcome))
    }

    async fn attempt(&self, delivery: &Delivery, key: SigningKey) -> SendOutcome {
        match self.knock(delivery, &Arc::new(key)).await {
            Ok(outcome) => outcome,
            Err(error) => SendOutcome::Failed {
                failure: failure_of(&error),
                reason: error.to_string(),
            },
        }
    }

    /// What is said beside something that only followers get: which of the reader's people they are. It is signed.
    ///
    /// Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md>
    async fn statement(&self, delivery: &Delivery) -> Option<HeaderValue> {
        let account = delivery.account_id?;
        let urls = self.instance.urls();
        let followers = urls.followers(account);
        if !is_for_followers_alone(&delivery.body, &followers) {
            return None;
        }
        let digest = match sync::digest_for(&self.instance, account, &delivery.inbox_url).await {
            Ok(digest) => digest?,
            Err(error) => {
                tracing::warn!(%error, "followers cannot be told");
                return None;
            }
        };
        let url = urls.followers_synchronization(account);
        let text = format!(r#"collectionId="{followers}", url="{url}", digest="{digest}""#);
        HeaderValue::from_str(&text).ok()
    }

    /// Sends in the scheme that the host is known to take, and once more in the other one if the answer can be about the
    /// signature.
    async fn knock(&self, delivery: &Delivery, key: &Arc<SigningKey>) -> Result<SendOutcome, NetError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, ACTIVITY);
        if let Some(statement) = self.statement(delivery).await {
            headers.insert(SYNCHRONIZATION, statement);
        }
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
        match self.send_with_old_key(delivery).await {
            Ok(Some(outcome)) => return outcome,
            Ok(None) => {}
            Err(error) => return no_key(&error),
        }
        match signing_keys::signing_key(&self.instance, delivery.account_id).await {
            Ok(key) => {
                let key = SigningKey::new(key.key_id.clone(), key.key.clone());
                self.attempt(delivery, key).await
            }
            Err(error) => no_key(&error),
        }
    }
}

fn no_key(error: &Error) -> SendOutcome {
    let failure = match error {
        Error::NotFound => Failure::NoKey,
        _ => Failure::OurFault,
    };
    SendOutcome::Failed {
        failure,
        reason: format!("no key to sign with: {error}"),
    }
}

/// Whether an activity of ours is addressed to the followers, and not to everybody.
fn is_for_followers_alone(body: &str, followers: &str) -> bool {
    #[derive(Deserialize)]
    struct Addressed {
        #[serde(default)]
        to: Vec<String>,
        #[serde(default)]
        cc: Vec<String>,
    }
    // Most of what is sent is for everybody, or for one.
    if !body.contains(followers) {
        return false;
    }
    serde_json::from_str::<Addressed>(body).is_ok_and(|Addressed { to, cc }| {
        let audience = Audience { to, cc };
        audience.contains(followers) && !audience.iter().any(is_public)
    })
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
    fn who_an_activity_is_for_is_read_from_its_audience() {
        let followers = "https://a.test/ap/users/1/followers";
        let public = "https://www.w3.org/ns/activitystreams#Public";
        for (body, expected) in [
            (
                format!(r#"{{"to":["{followers}"],"object":{{"content":"{public}"}}}}"#),
                true,
            ),
            (
                format!(r#"{{"to":["https://b.test/1"],"cc":["{followers}"]}}"#),
                true,
            ),
            (format!(r#"{{"to":["{public}"],"cc":["{followers}"]}}"#), false),
            (format!(r#"{{"to":["{followers}"],"cc":["as:Public"]}}"#), false),
            (
                format!(r#"{{"to":["https://b.test/1"],"object":"{followers}"}}"#),
                false,
            ),
            ("{}".to_owned(), false),
        ] {
            assert_eq!(is_for_followers_alone(&body, followers), expected, "{body}");
        }
    }

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
