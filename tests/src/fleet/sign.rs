//! Signatures of the fleet's followers, after RFC 9421.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;

/// The key that all followers share: what is tested is not the making of keys.
#[derive(Debug)]
pub(super) struct Key(PKey<Private>);

impl Key {
    /// A new RSA key.
    pub(super) fn generate() -> Self {
        let rsa = Rsa::generate(2048).expect("OpenSSL makes keys");
        Self(PKey::from_rsa(rsa).expect("OpenSSL takes its own keys"))
    }

    /// As it stands in an actor.
    pub(super) fn public_pem(&self) -> String {
        let pem = self.0.public_key_to_pem().expect("OpenSSL writes its own keys");
        String::from_utf8(pem).expect("PEM is text")
    }

    /// The headers that sign a POST of `body` to `url`.
    pub(super) fn headers(&self, key_id: &str, url: &str, body: &str) -> [(&'static str, String); 3] {
        let digest = openssl::sha::sha256(body.as_bytes());
        let digest = format!("sha-256=:{}:", STANDARD.encode(digest));
        let parameters = format!(
            "(\"@method\" \"@target-uri\" \"content-digest\");created={};keyid=\"{key_id}\";alg=\"rsa-v1_5-sha256\"",
            now()
        );
        let base = format!(
            "\"@method\": POST\n\"@target-uri\": {url}\n\"content-digest\": {digest}\n\"@signature-params\": {parameters}"
        );
        let mut signer = Signer::new(MessageDigest::sha256(), &self.0).expect("OpenSSL has SHA-256");
        let signature = signer
            .sign_oneshot_to_vec(base.as_bytes())
            .expect("OpenSSL signs with its own keys");
        [
            ("content-digest", digest),
            ("signature-input", format!("sig1={parameters}")),
            ("signature", format!("sig1=:{}:", STANDARD.encode(signature))),
        ]
    }
}

/// Seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the fleet lives in the same time as the server under test"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is set").as_secs()
}
