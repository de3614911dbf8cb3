//! Both schemes, with requests put together and signed by hand: nothing here uses our own signer but its own tests.

mod cavage;
mod cavage_time;
mod client;
mod rfc9421;
mod sign;

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use pouet_service::keys::{KeyPair, PrivateKey, PublicKey, generate_ed25519_keypair, generate_rsa_keypair};

use super::*;

const BODY: &[u8] = br#"{"id":"https://far.example/1","type":"Like"}"#;
const KEY_ID: &str = "https://far.example/users/a#main-key";

/// A sender.
struct Sender {
    private: PrivateKey,
    public: PublicKey,
}

impl Sender {
    fn new(pair: &KeyPair) -> Self {
        Self {
            private: PrivateKey::from_pkcs8_pem(&pair.private_key_pem).unwrap(),
            public: PublicKey::from_pem(&pair.public_key_pem).unwrap(),
        }
    }

    fn sign(&self, string: &str) -> String {
        STANDARD.encode(self.private.sign(string.as_bytes()).unwrap())
    }
}

static RSA: LazyLock<Sender> = LazyLock::new(|| Sender::new(&generate_rsa_keypair().unwrap()));
static OTHER_RSA: LazyLock<Sender> = LazyLock::new(|| Sender::new(&generate_rsa_keypair().unwrap()));
static ED25519: LazyLock<Sender> = LazyLock::new(|| Sender::new(&generate_ed25519_keypair().unwrap()));

/// The moment at which requests are made in these tests.
fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// A request on the wire.
#[derive(Debug, Clone)]
struct Wire {
    method: &'static str,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Wire {
    /// A POST to our inbox with the headers everybody sends.
    fn post() -> Self {
        Self {
            method: "POST",
            target: "/ap/inbox?x=y".to_owned(),
            headers: HeaderMap::new(),
            body: BODY.to_vec(),
        }
        .with("host", "s.pouet.example")
        .with("date", "Mon, 23 Nov 2026 10:00:00 GMT")
        .with("content-type", "application/activity+json")
        .with("digest", &digest_header(BODY))
        .with("content-digest", &content_digest_header(BODY))
    }

    fn get() -> Self {
        Self {
            method: "GET",
            target: "/ap/users/1/outbox?page=true".to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
        .with("host", "s.pouet.example")
        .with("date", "Mon, 23 Nov 2026 10:00:00 GMT")
        .with("accept", "application/activity+json")
    }

    /// Sets a header.
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        self
    }

    /// Adds a header that may be there already.
    fn and(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    fn text(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Reads the signature as a server that answers to two hosts, at `at`.
    fn parse_at(&self, at: DateTime<Utc>) -> Result<ParsedSignature, SignatureError> {
        parse(&IncomingRequest {
            method: self.method,
            path_and_query: &self.target,
            headers: &self.headers,
            body: &self.body,
            received_at: at,
            own_hosts: &["pouet.example".to_owned(), "s.pouet.example".to_owned()],
            scheme: "https",
        })
    }

    fn parse(&self) -> Result<ParsedSignature, SignatureError> {
        self.parse_at(now())
    }

    fn verify(&self, sender: &Sender) -> Result<(), SignatureError> {
        self.parse()?.verify(&sender.public)
    }

    /// Whether a server accepts this request `offset` after it was made.
    fn accepted_after(&self, offset: TimeDelta, sender: &Sender) -> bool {
        let parsed = self.parse_at(now() + offset);
        parsed.is_ok_and(|parsed| parsed.verify(&sender.public).is_ok())
    }
}

fn status(result: Result<(), SignatureError>) -> Option<u16> {
    result.err().map(|error| error.status())
}
