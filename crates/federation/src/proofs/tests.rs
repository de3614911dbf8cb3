#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use std::sync::LazyLock;

use pouet_service::keys::{PrivateKey, generate_ed25519_keypair, generate_rsa_keypair};

use super::*;
use crate::json;

/// The signed credential of the test vectors, <https://www.w3.org/TR/vc-di-eddsa/#representation-eddsa-jcs-2022>.
const VECTOR: &str = r#"{
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "proofPurpose": "assertionMethod",
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "proofValue": "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
    }
}"#;

/// Its key.
static VECTOR_KEY: LazyLock<PublicKey> =
    LazyLock::new(|| PublicKey::from_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2").unwrap());

static KEY: LazyLock<ProofKey> = LazyLock::new(|| {
    let pair = generate_ed25519_keypair().unwrap();
    let key = PrivateKey::from_pkcs8_pem(&pair.private_key_pem).unwrap();
    ProofKey {
        key_id: "https://a.test/u#ed25519-key".to_owned(),
        multikey: key.public_key().unwrap().to_multikey().unwrap(),
        key,
    }
});

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn read(text: &str) -> Value {
    json::parse(text.as_bytes()).unwrap()
}

fn verdict(document: &Value, key: &PublicKey) -> Result<bool, ProofError> {
    parse(document, now()).map(|proof| proof.verify(key))
}

fn public() -> PublicKey {
    KEY.key.public_key().unwrap()
}

fn activity() -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://a.test/u/1",
        "type": "Like",
        "actor": "https://a.test/u",
        "object": {"id": "https://b.test/1", "width": 640, "focalPoint": [0.5, -0.25], "name": "é\u{2028}\u{1F600}"},
    })
}

fn signed() -> Value {
    read(&write(&activity().to_string(), &KEY, now()).unwrap())
}

#[test]
fn fed_120_the_test_vector_verifies() {
    let document = read(VECTOR);
    let proof = parse(&document, now()).unwrap();
    assert!(proof.key_id().starts_with("did:key:"));
    assert_eq!(proof.created(), Some("2023-02-24T23:36:38Z".parse().unwrap()));
    let hashes = "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db\
                  59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19";
    assert_eq!(hex(&proof.messages[0]), hashes);
    assert!(proof.verify(&VECTOR_KEY));
    assert!(!proof.verify(&public()), "another key");
    let rsa = PublicKey::from_pem(&generate_rsa_keypair().unwrap().public_key_pem).unwrap();
    assert!(!proof.verify(&rsa), "a key of another kind");
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn fed_120_an_altered_byte_fails() {
    for (from, to) in [
        ("Alumni Credential.", "Alumni Credential,"),
        ("58172aac", "58172aad"),
        ("2023-01-01", "2023-01-02"),
        ("23:36:38Z", "23:36:39Z"),
        ("\"issuer\"", "\"issues\""),
        ("#z6MkrJV", "#z6MkrJW"),
        ("\"name\"", "\"new\": 1, \"name\""),
        ("z2HnFSS", "z2HnFST"),
    ] {
        assert!(VECTOR.contains(from));
        assert_eq!(
            verdict(&read(&VECTOR.replacen(from, to, 1)), &VECTOR_KEY),
            Ok(false),
            "{from}"
        );
    }
    // Spaces and the order of members are not what is signed.
    assert_eq!(verdict(&read(&read(VECTOR).to_string()), &VECTOR_KEY), Ok(true));
}

#[test]
fn fed_120_what_we_write_verifies() {
    let document = signed();
    assert_eq!(verdict(&document, &public()), Ok(true));
    assert_eq!(
        document["@context"],
        json!(["https://www.w3.org/ns/activitystreams", CONTEXT]),
        "a list, as Mastodon wants it"
    );
    assert_eq!(document["proof"]["@context"], document["@context"]);
    assert_eq!(document["proof"]["created"], "2026-11-23T10:00:00Z");
    assert_eq!(document["proof"]["verificationMethod"], KEY.key_id);
    let mut bare = document.clone();
    bare.as_object_mut().unwrap().remove("proof");
    bare["@context"] = activity()["@context"].clone();
    assert_eq!(bare, activity(), "the rest is as it was");
    // Over and over on what comes in all shapes of context.
    for context in [json!([CONTEXT, {"a": "b"}]), json!({"a": "b"}), Value::Null] {
        let mut document = activity();
        document["@context"] = context;
        let document = read(&write(&document.to_string(), &KEY, now()).unwrap());
        assert_eq!(verdict(&document, &public()), Ok(true));
    }
}

#[test]
fn fed_120_a_context_may_grow_behind_the_proof_and_not_change() {
    let mut grown = signed();
    grown["@context"]
        .as_array_mut()
        .unwrap()
        .push(json!("https://x.test"));
    assert_eq!(verdict(&grown, &public()), Ok(true));
    let mut other = signed();
    other["@context"] = json!(["https://x.test", "https://www.w3.org/ns/activitystreams", CONTEXT]);
    assert!(matches!(verdict(&other, &public()), Err(ProofError::Refused(_))));
    let mut none = signed();
    none.as_object_mut().unwrap().remove("@context");
    assert!(matches!(verdict(&none, &public()), Err(ProofError::Refused(_))));
}

#[test]
fn fed_120_proofs_without_a_context_are_read_both_ways() {
    // As FEP-8b32 allows: the proof has no context of its own. And as Fedify does it: hashed with the document's.
    for hashed_with_context in [false, true] {
        let mut members = activity().as_object().unwrap().clone();
        let mut config = signed()["proof"].as_object().unwrap().clone();
        config.remove("proofValue");
        config.remove("@context");
        let mut hashed = config.clone();
        if hashed_with_context {
            hashed.insert("@context".to_owned(), activity()["@context"].clone());
        }
        let signature = KEY.key.sign(&message(hashed, members.clone()).unwrap()).unwrap();
        config.insert("proofValue".to_owned(), multibase_encode(&signature).into());
        members.insert("proof".to_owned(), json!([{"type": "Other"}, config]));
        let document = Value::Object(members);
        assert_eq!(verdict(&document, &public()), Ok(true), "{hashed_with_context}");
        let mut changed = document;
        changed["type"] = json!("Dislike");
        assert_eq!(verdict(&changed, &public()), Ok(false));
    }
}

#[test]
fn proofs_of_other_kinds_and_broken_ones_are_told_apart() {
    let with = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut document = signed();
        change(document["proof"].as_object_mut().unwrap());
        parse(&document, now()).err()
    };
    let set = |name: &'static str, value: Value| {
        with(&move |proof| {
            proof.insert(name.to_owned(), value.clone());
        })
    };
    assert_eq!(with(&|_| {}), None);
    for (name, value) in [
        ("type", json!("Ed25519Signature2020")),
        ("cryptosuite", json!("eddsa-rdfc-2022")),
        ("cryptosuite", json!(null)),
    ] {
        assert_eq!(set(name, value), Some(ProofError::Absent));
    }
    for (name, value) in [
        ("proofPurpose", json!("authentication")),
        ("proofPurpose", json!(null)),
        ("verificationMethod", json!("")),
        ("verificationMethod", json!(["https://a.test/u#ed25519-key"])),
        ("verificationMethod", json!("x".repeat(3000))),
        ("proofValue", json!("z")),
        ("proofValue", json!("uAAAA")),
        ("proofValue", json!(multibase_encode(&[1; 63]))),
        ("proofValue", json!("z0OIl")),
        ("created", json!("yesterday")),
        ("created", json!(5)),
        ("created", json!("2026-11-23T11:00:01Z")),
        ("expires", json!("2026-11-23T09:59:59Z")),
        ("expires", json!(true)),
    ] {
        assert!(
            matches!(set(name, value.clone()), Some(ProofError::Refused(_))),
            "{name} {value}"
        );
    }
    assert_eq!(set("expires", json!("2026-11-23T10:00:01Z")), None);
    for document in [json!(1), json!([]), json!({}), json!({"proof": "z"}), activity()] {
        assert_eq!(
            parse(&document, now()).err(),
            Some(ProofError::Absent),
            "{document}"
        );
    }
}

#[test]
fn sec_R025_documents_that_say_more_to_others_prove_nothing() {
    for (member, value) in [
        ("@graph", json!([])),
        ("@included", json!([{"id": "https://b.test/2"}])),
        ("@reverse", json!({})),
    ] {
        let mut outside = activity();
        outside[member] = value.clone();
        let mut inside = activity();
        inside["object"]["tag"] = json!([{ member: value }]);
        for document in [outside, inside] {
            // Signed by its author as it is: it is not the signature that is wrong.
            let document = read(&write(&document.to_string(), &KEY, now()).unwrap());
            assert!(
                matches!(parse(&document, now()), Err(ProofError::Refused(_))),
                "{document}"
            );
        }
    }
    let mut large = activity();
    large["object"]["width"] = json!(9_007_199_254_740_993_u64);
    assert!(write(&large.to_string(), &KEY, now()).is_err());
    let mut document = signed();
    document["object"]["width"] = json!(9_007_199_254_740_993_u64);
    assert!(matches!(parse(&document, now()), Err(ProofError::Refused(_))));
}
