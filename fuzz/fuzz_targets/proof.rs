//! Integrity proofs and keys in multibase: what strangers write ends nothing, and nobody can prove with a key of ours.
//!
//! The input is a document, or one text in multibase if it begins with `z`.
#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use pouet_federation::{
    json,
    proofs::{self, canonical},
};
use pouet_service::keys::{PublicKey, generate_ed25519_keypair, multibase_decode, multibase_encode};

/// A key whose private half is thrown away: no input can be signed with it.
static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    let pair = generate_ed25519_keypair().expect("a key pair");
    PublicKey::from_pem(&pair.public_key_pem).expect("a key")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.len() < 5000
    {
        check_multibase(text);
    }
    let Ok(value) = json::parse(bytes) else { return };
    if let Ok(text) = canonical(&value) {
        // The canonical text means the same, and is its own canonical text.
        let again = json::parse(&text).expect("canonical text is JSON");
        assert_eq!(canonical(&again).expect("still canonical"), text);
    }
    let now: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().expect("a time");
    if let Ok(proof) = proofs::parse(&value, now) {
        assert!(!proof.key_id().is_empty());
        assert!(!proof.verify(&KEY), "nobody can sign with this key");
    }
});

fn check_multibase(text: &str) {
    if let Some(decoded) = multibase_decode(text) {
        assert_eq!(multibase_encode(&decoded), text, "one text for the same bytes");
    }
    if let Ok(key) = PublicKey::from_multikey(text)
        && let Ok(written) = key.to_multikey()
    {
        assert_eq!(written, text);
    }
}
