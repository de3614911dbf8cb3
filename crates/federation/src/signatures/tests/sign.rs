//! Our own signatures, read by our own verifier.

use std::sync::Arc;

use http::Method;
use pouet_model::time::{Clock, ManualClock};
use pouet_service::net::{RequestSigner, UnsignedRequest};

use super::*;

struct Outgoing {
    clock: Arc<ManualClock>,
    signer: HttpSigner,
}

impl Outgoing {
    fn new(sender: &Sender, scheme: Scheme) -> Self {
        let clock = Arc::new(ManualClock::new(now()));
        let key = Arc::new(SigningKey::new(KEY_ID.to_owned(), sender.private.clone()));
        let signer = HttpSigner::new(key, scheme, Arc::clone(&clock) as Arc<dyn Clock>);
        Self { clock, signer }
    }

    /// What arrives at the host of `url`.
    fn send(&self, url: &str, body: Option<&[u8]>) -> Wire {
        let url: url::Url = url.parse().unwrap();
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut headers = HeaderMap::new();
        headers.insert("accept-encoding", HeaderValue::from_static("gzip"));
        if body.is_some() {
            let value = HeaderValue::from_static("application/activity+json");
            headers.insert("content-type", value);
        }
        let added = self
            .signer
            .sign(&UnsignedRequest {
                method: &method,
                url: &url,
                headers: &headers,
                body,
            })
            .unwrap();
        headers.extend(added);
        Wire {
            method: if body.is_some() { "POST" } else { "GET" },
            target: url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
            headers,
            body: body.unwrap_or_default().to_vec(),
        }
        .with("host", &pouet_service::net::host_header(&url))
    }
}

const INBOX: &str = "https://s.pouet.example/ap/inbox?x=y";

#[test]
fn fed_104_what_we_sign_verifies() {
    for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
        for sender in [&*RSA, &*ED25519] {
            let outgoing = Outgoing::new(sender, scheme);
            for (url, body) in [
                (INBOX, Some(BODY)),
                ("https://s.pouet.example/", None),
                ("https://pouet.example/ap/users/1?page=true", None),
            ] {
                let wire = outgoing.send(url, body);
                let parsed = wire.parse().unwrap();
                assert_eq!((parsed.scheme(), parsed.key_id()), (scheme, KEY_ID));
                assert_eq!(parsed.verify(&sender.public), Ok(()), "{scheme:?} {url}");
            }
        }
    }
}

#[test]
fn cavage_headers_are_those_the_network_knows() {
    let wire = Outgoing::new(&RSA, Scheme::Cavage).send(INBOX, Some(BODY));
    assert_eq!(wire.text("date"), "Mon, 23 Nov 2026 10:00:00 GMT");
    assert_eq!(wire.text("digest"), digest_header(BODY));
    let signature = wire.text("signature");
    assert!(
        signature.starts_with(
            "keyId=\"https://far.example/users/a#main-key\",algorithm=\"rsa-sha256\",\
             headers=\"(request-target) host date digest content-type\",signature=\""
        ),
        "{signature}"
    );
    let get = Outgoing::new(&RSA, Scheme::Cavage).send("https://s.pouet.example/a", None);
    assert!(
        get.text("signature")
            .contains("headers=\"(request-target) host date\"")
    );
    assert!(!get.headers.contains_key("digest"));
}

#[test]
fn rfc9421_fields_cover_what_strict_peers_ask_for() {
    let wire = Outgoing::new(&RSA, Scheme::Rfc9421).send(INBOX, Some(BODY));
    assert_eq!(wire.text("content-digest"), content_digest_header(BODY));
    assert_eq!(
        wire.text("signature-input"),
        "sig1=(\"@method\" \"@target-uri\" \"@authority\" \"content-digest\" \"content-type\");\
         created=1795428000;keyid=\"https://far.example/users/a#main-key\";alg=\"rsa-v1_5-sha256\""
    );
    assert!(wire.text("signature").starts_with("sig1=:"));
    let get = Outgoing::new(&RSA, Scheme::Rfc9421).send("https://s.pouet.example/a", None);
    assert!(
        get.text("signature-input")
            .starts_with("sig1=(\"@method\" \"@target-uri\" \"@authority\");")
    );
}

#[test]
fn fed_105_every_attempt_is_signed_anew() {
    for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
        let outgoing = Outgoing::new(&RSA, scheme);
        let first = outgoing.send(INBOX, Some(BODY));
        outgoing.clock.advance(TimeDelta::hours(6));
        let second = outgoing.send(INBOX, Some(BODY));
        let later = now() + TimeDelta::hours(6);
        assert!(first.parse_at(later).is_err());
        let parsed = second.parse_at(later).unwrap();
        assert_eq!(parsed.verify(&RSA.public), Ok(()));
    }
}

#[test]
fn ports_and_synchronisation_headers_are_covered() {
    let outgoing = Outgoing::new(&RSA, Scheme::Cavage);
    let wire = outgoing.send("http://localhost:8081/ap/inbox", Some(BODY));
    let own_hosts = ["localhost:8081".to_owned()];
    let parsed = parse(&IncomingRequest {
        method: "POST",
        path_and_query: &wire.target,
        headers: &wire.headers,
        body: &wire.body,
        received_at: now(),
        own_hosts: &own_hosts,
        scheme: "http",
    })
    .unwrap();
    assert_eq!(parsed.verify(&RSA.public), Ok(()));

    let url: url::Url = INBOX.parse().unwrap();
    let headers = HeaderMap::from_iter([(
        HeaderName::from_static("collection-synchronization"),
        HeaderValue::from_static("collectionId=\"x\""),
    )]);
    let added = outgoing
        .signer
        .sign(&UnsignedRequest {
            method: &Method::POST,
            url: &url,
            headers: &headers,
            body: Some(BODY),
        })
        .unwrap();
    let signature = added["signature"].to_str().unwrap();
    assert!(signature.contains("date digest collection-synchronization\""));
}
