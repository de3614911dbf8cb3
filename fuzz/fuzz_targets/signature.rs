//! Signature headers: nothing that a stranger writes in them is believed, and nothing ends the process.
//!
//! The first line of the input is the `Signature` header, the second `Signature-Input` (absent when empty); further lines
//! are `name: value` and are added to the headers of an otherwise proper request.
#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use pouet_federation::signatures::{HeaderSource, IncomingRequest, content_digest_header, digest_header, parse};
use pouet_service::keys::{PublicKey, generate_rsa_keypair};

const BODY: &[u8] = b"{\"type\":\"Like\"}";

/// A key whose private half is thrown away: no input can be signed with it.
static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    let pair = generate_rsa_keypair().expect("a key pair");
    PublicKey::from_pem(&pair.public_key_pem).expect("a key")
});

struct Headers(Vec<(String, String)>);

impl HeaderSource for Headers {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        self.0.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_bytes()).collect()
    }
}

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let mut headers = vec![
        ("host".to_owned(), "here.test".to_owned()),
        ("date".to_owned(), "Mon, 23 Nov 2026 10:00:00 GMT".to_owned()),
        ("content-type".to_owned(), "application/activity+json".to_owned()),
        ("digest".to_owned(), digest_header(BODY)),
        ("content-digest".to_owned(), content_digest_header(BODY)),
        ("signature".to_owned(), lines.next().unwrap_or_default().to_owned()),
    ];
    if let Some(input) = lines.next().filter(|line| !line.is_empty()) {
        headers.push(("signature-input".to_owned(), input.to_owned()));
    }
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else { continue };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let received_at: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().expect("a time");
    let request = IncomingRequest {
        method: "POST",
        path_and_query: "/ap/inbox",
        headers: &Headers(headers),
        body: BODY,
        received_at,
        own_hosts: &["here.test".to_owned()],
        scheme: "https",
    };
    match parse(&request) {
        Ok(signature) => {
            assert!(!signature.key_id().is_empty());
            assert!(signature.verify(&KEY).is_err(), "nobody can sign with this key");
        }
        Err(refusal) => assert!((400..500).contains(&refusal.status()), "{refusal}"),
    }
});
