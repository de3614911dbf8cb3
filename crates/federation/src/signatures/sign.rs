//! Signing outgoing requests.
//!
//! A request is signed anew for every attempt and every redirect, because peers
//! accept a date for little more than an hour.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{DATE, HeaderMap, HeaderName, HeaderValue};
use pouet_model::time::Clock;
use pouet_service::keys::{KeyKind, PrivateKey};
use pouet_service::net::{RequestSigner, SignError, UnsignedRequest, host_header};
use url::Position;

use super::Scheme;
use super::digest::{content_digest_header, digest_header};

const DIGEST: HeaderName = HeaderName::from_static("digest");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// Headers the caller may have set that are signed too when they are there.
const ALSO_SIGNED: [&str; 2] = ["content-type", "collection-synchronization"];

/// A private key and the id under which peers find its public half.
#[derive(Debug, Clone)]
pub struct SigningKey {
    key_id: String,
    key: PrivateKey,
}

impl SigningKey {
    /// `key_id` is the id of the public key in the actor document, such as `https://s.pouet.example/ap/users/1#main-key`.
    pub fn new(key_id: String, key: PrivateKey) -> Self {
        Self { key_id, key }
    }

    /// The id of the key.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

/// Signs requests with one key in one scheme.
#[derive(Debug, Clone)]
pub struct HttpSigner {
    key: Arc<SigningKey>,
    scheme: Scheme,
    clock: Arc<dyn Clock>,
}

impl HttpSigner {
    /// Signs with `key` in `scheme`, dating requests by `clock`.
    pub fn new(key: Arc<SigningKey>, scheme: Scheme, clock: Arc<dyn Clock>) -> Self {
        Self { key, scheme, clock }
    }
}

impl RequestSigner for HttpSigner {
    fn sign(&self, request: &UnsignedRequest<'_>) -> Result<HeaderMap, SignError> {
        match self.scheme {
            Scheme::Cavage => self.sign_cavage(request),
            Scheme::Rfc9421 => self.sign_rfc9421(request),
        }
    }
}

impl HttpSigner {
    fn sign_cavage(&self, request: &UnsignedRequest<'_>) -> Result<HeaderMap, SignError> {
        let target = &request.url[Position::BeforePath..Position::AfterQuery];
        let method = request.method.as_str().to_ascii_lowercase();
        let date = self.clock.now().format("%a, %d %b %Y %H:%M:%S GMT");
        let mut covered = Covered::default();
        covered.push("(request-target)", format!("{method} {target}"));
        covered.push("host", host_header(request.url));
        covered.push_new(&DATE, date.to_string())?;
        if let Some(body) = request.body {
            covered.push_new(&DIGEST, digest_header(body))?;
        }
        covered.push_present(request.headers)?;

        let string = covered.lines(|name, value| format!("{name}: {value}"));
        // The label every verifier knows; an Ed25519 key has none of that age.
        let algorithm = match self.key.key.kind() {
            KeyKind::Rsa => "rsa-sha256",
            KeyKind::Ed25519 => "hs2019",
        };
        let signature = format!(
            r#"keyId="{}",algorithm="{algorithm}",headers="{}",signature="{}""#,
            self.key.key_id,
            covered.names(ToString::to_string),
            self.signature_of(&string.join("\n"))?
        );
        covered.added.insert(SIGNATURE, header_value(&signature)?);
        Ok(covered.added)
    }

    fn sign_rfc9421(&self, request: &UnsignedRequest<'_>) -> Result<HeaderMap, SignError> {
        let mut covered = Covered::default();
        covered.push("@method", request.method.to_string());
        covered.push("@target-uri", request.url.to_string());
        covered.push("@authority", host_header(request.url));
        if let Some(body) = request.body {
            covered.push_new(&CONTENT_DIGEST, content_digest_header(body))?;
        }
        covered.push_present(request.headers)?;

        let algorithm = match self.key.key.kind() {
            KeyKind::Rsa => "rsa-v1_5-sha256",
            KeyKind::Ed25519 => "ed25519",
        };
        let parameters = format!(
            r#"({});created={};keyid={};alg="{algorithm}""#,
            covered.names(|name| format!("\"{name}\"")),
            self.clock.now().timestamp(),
            quoted(&self.key.key_id)?
        );
        let mut base = covered.lines(|name, value| format!("\"{name}\": {value}"));
        base.push(format!("\"@signature-params\": {parameters}"));
        let signature = format!("sig1=:{}:", self.signature_of(&base.join("\n"))?);
        let input = header_value(&format!("sig1={parameters}"))?;
        covered.added.insert(SIGNATURE_INPUT, input);
        covered.added.insert(SIGNATURE, header_value(&signature)?);
        Ok(covered.added)
    }

    /// The signature over `string`, in base64.
    fn signature_of(&self, string: &str) -> Result<String, SignError> {
        let signature = self
            .key
            .key
            .sign(string.as_bytes())
            .map_err(|error| SignError(error.to_string()))?;
        Ok(STANDARD.encode(signature))
    }
}

/// What a signature covers, and the headers made for it.
#[derive(Default)]
struct Covered {
    components: Vec<(String, String)>,
    added: HeaderMap,
}

impl Covered {
    fn push(&mut self, name: &str, value: String) {
        self.components.push((name.to_owned(), value));
    }

    /// A header that is sent because it is signed.
    fn push_new(&mut self, name: &HeaderName, value: String) -> Result<(), SignError> {
        self.added.insert(name, header_value(&value)?);
        self.push(name.as_str(), value);
        Ok(())
    }

    /// Headers the caller has set.
    fn push_present(&mut self, headers: &HeaderMap) -> Result<(), SignError> {
        for name in ALSO_SIGNED {
            if let Some(value) = headers.get(name) {
                let text = value.to_str().map_err(|error| SignError(error.to_string()))?;
                self.push(name, text.to_owned());
            }
        }
        Ok(())
    }

    fn lines(&self, format: impl Fn(&str, &str) -> String) -> Vec<String> {
        self.components
            .iter()
            .map(|(name, value)| format(name, value))
            .collect()
    }

    fn names(&self, format: impl Fn(&str) -> String) -> String {
        let names: Vec<String> = self.components.iter().map(|(name, _)| format(name)).collect();
        names.join(" ")
    }
}

/// A key id as a structured-field string.
fn quoted(text: &str) -> Result<String, SignError> {
    let item = sfv::String::from_string(text.to_owned())
        .map_err(|_| SignError("key id is not plain text".to_owned()))?;
    Ok(sfv::FieldType::serialize(&sfv::Item::new(item)))
}

fn header_value(text: &str) -> Result<HeaderValue, SignError> {
    HeaderValue::from_str(text).map_err(|error| SignError(error.to_string()))
}
