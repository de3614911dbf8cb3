//! draft-cavage signatures.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use proptest::prelude::*;

use super::*;

pub(super) const POST: &str = "(request-target) host date digest";
const GET: &str = "(request-target) host date";

impl Wire {
    /// The signing string over `covered`, put together as the draft says.
    pub(super) fn signing_string(&self, covered: &str, created: &str, expires: &str) -> String {
        let lines: Vec<String> = covered
            .split(' ')
            .map(|name| match name {
                "(request-target)" => {
                    format!("{name}: {} {}", self.method.to_lowercase(), self.target)
                }
                "(created)" => format!("{name}: {created}"),
                "(expires)" => format!("{name}: {expires}"),
                header => format!("{}: {}", header.to_lowercase(), self.text(header)),
            })
            .collect();
        lines.join("\n")
    }

    /// Signs with `parameters` before the list of covered headers.
    pub(super) fn signed_as(self, sender: &Sender, parameters: &str, covered: &str) -> Self {
        let value_of = |name: &str| {
            let (_, rest) = parameters.split_once(name).unwrap_or_default();
            rest.chars().take_while(char::is_ascii_digit).collect::<String>()
        };
        let string = self.signing_string(covered, &value_of("created="), &value_of("expires="));
        let signature = sender.sign(&string);
        let header = format!(r#"{parameters},headers="{covered}",signature="{signature}""#);
        self.with("signature", &header)
    }

    pub(super) fn signed(self, sender: &Sender, covered: &str) -> Self {
        let parameters = format!(r#"keyId="{KEY_ID}",algorithm="rsa-sha256""#);
        self.signed_as(sender, &parameters, covered)
    }
}

#[test]
fn fed_104_requests_of_other_servers_verify() {
    // The parameters and covered headers that each program sends.
    for (program, key_id, algorithm, covered) in [
        (
            "Mastodon",
            KEY_ID,
            r#"algorithm="rsa-sha256""#,
            "host date digest content-type (request-target)",
        ),
        (
            "GoToSocial",
            "https://far.example/users/a/main-key",
            r#"algorithm="hs2019""#,
            "(request-target) host date digest",
        ),
        (
            "Mitra",
            KEY_ID,
            r#"algorithm="rsa-sha256""#,
            "(request-target) host date digest",
        ),
        (
            "Pleroma",
            KEY_ID,
            r#"algorithm="rsa-sha256""#,
            "(request-target) content-type date digest host",
        ),
        (
            "without algorithm",
            "https://far.example/keys/7",
            r#"unknown="anything, really""#,
            "(request-target) host date digest",
        ),
    ] {
        let wire = Wire::post().signed_as(&RSA, &format!(r#"keyId="{key_id}",{algorithm}"#), covered);
        let parsed = wire.parse().unwrap();
        assert_eq!(parsed.key_id(), key_id, "{program}");
        assert_eq!(parsed.scheme(), Scheme::Cavage);
        assert_eq!(parsed.verify(&RSA.public), Ok(()), "{program}");
        assert_eq!(
            parsed.verify(&OTHER_RSA.public),
            Err(SignatureError::Mismatch),
            "{program}"
        );
    }
}

#[test]
fn fed_104_every_part_that_is_signed_is_checked() {
    let signed = Wire::post().signed(&RSA, &format!("{POST} content-type"));
    assert_eq!(signed.verify(&RSA), Ok(()));
    let mut elsewhere = signed.clone();
    elsewhere.target = "/ap/inbox?x=z".to_owned();
    let mut without_query = signed.clone();
    without_query.target = "/ap/inbox".to_owned();
    let mut put = signed.clone();
    put.method = "PUT";
    for (changed, what) in [
        (elsewhere, "query"),
        (without_query, "no query"),
        (put, "method"),
        (
            signed.clone().with("host", "pouet.example"),
            "another host of ours",
        ),
        (
            signed.clone().with("date", "Mon, 23 Nov 2026 10:00:01 GMT"),
            "date",
        ),
        (signed.clone().with("content-type", "text/html"), "type"),
    ] {
        assert_eq!(changed.verify(&RSA), Err(SignatureError::Mismatch), "{what}");
    }
    assert_eq!(signed.with("accept", "anything").verify(&RSA), Ok(()));
}

#[test]
fn sec_R011_fed_106_every_component_is_required() {
    for covered in [
        "host date digest",
        "(request-target) date digest",
        "(request-target) host digest",
        "(request-target) host date",
        "date",
        "digest",
        "(request-target) host",
    ] {
        let refused = Wire::post().signed(&RSA, covered).verify(&RSA);
        assert_eq!(status(refused), Some(401), "{covered}");
    }
    for covered in ["(request-target) host", "(request-target) date", "host date"] {
        let refused = Wire::get().signed(&RSA, covered).verify(&RSA);
        assert_eq!(status(refused), Some(401), "GET {covered}");
    }
    // Without a list only the date is signed.
    let string = format!("date: {}", Wire::post().text("date"));
    let header = format!(r#"keyId="{KEY_ID}",signature="{}""#, RSA.sign(&string));
    let unlisted = Wire::post().with("signature", &header);
    assert_eq!(status(unlisted.verify(&RSA)), Some(401));
}

#[test]
fn fed_106_sec_R012_the_signed_digest_is_that_of_the_body() {
    let honest = Wire::post();
    let wrong = digest_header(b"another body");
    let list = format!("{},{wrong}", honest.text("digest"));
    for (wire, what) in [
        (honest.clone().with("digest", &wrong), "wrong digest"),
        (honest.clone().with("digest", &list), "one right, one wrong"),
        (honest.clone().with("digest", "SHA-512=AAAA"), "no sha-256"),
        (honest.clone().with("digest", "nonsense"), "unreadable"),
    ] {
        let refused = wire.signed(&RSA, POST).verify(&RSA);
        assert_eq!(status(refused), Some(401), "{what}");
    }
    let mut swapped = honest.clone().signed(&RSA, POST);
    swapped.body = b"another body".to_vec();
    assert_eq!(status(swapped.verify(&RSA)), Some(401));
    // The unsigned twin in the other header is not read.
    let twin = swapped.with("content-digest", &content_digest_header(b"another body"));
    assert_eq!(status(twin.verify(&RSA)), Some(401));
    let absent = honest.signed(&RSA, POST).without("digest");
    assert_eq!(status(absent.verify(&RSA)), Some(401));
}

#[test]
fn fed_111_digest_in_a_list_or_in_lower_case() {
    let digest = digest_header(BODY);
    for value in [format!("SHA-512=AAAA,{digest}"), digest.replace("SHA", "sha")] {
        let wire = Wire::post().with("digest", &value).signed(&RSA, POST);
        assert_eq!(wire.verify(&RSA), Ok(()), "{value}");
    }
}

#[test]
fn fed_109_sec_R018_what_is_there_twice_is_refused() {
    let signed = Wire::post().signed(&RSA, POST);
    let header = signed.text("signature").to_owned();
    let host = signed.text("host").to_owned();
    for (wire, what) in [
        (signed.clone().and("signature", &header), "signature"),
        (signed.clone().and("host", &host), "host"),
        (signed.clone().and("date", "x"), "date"),
        (signed.clone().and("digest", &digest_header(b"other")), "digest"),
        (
            signed
                .clone()
                .with("signature", &format!(r#"{header},keyId="https://evil.test/""#)),
            "keyId",
        ),
        (
            signed
                .clone()
                .with("signature", &format!(r#"{header},KEYID="https://evil.test/""#)),
            "keyId in capitals",
        ),
        (
            signed
                .clone()
                .with("signature", &header.replace("host date", "host host date")),
            "host in the list",
        ),
        (
            signed
                .clone()
                .with("signature", &header.replace("host date", "host Host date")),
            "host in the list, in capitals",
        ),
    ] {
        assert_eq!(status(wire.verify(&RSA)), Some(400), "{what}");
    }
}

#[test]
fn fed_110_sec_R014_signatures_for_other_hosts_are_refused() {
    for host in [
        "b.test",
        "pouet.example.b.test",
        "s.pouet.example:8443",
        "s.pouet.example:80",
        "s.pouet.example.",
        "",
    ] {
        let replayed = Wire::post().with("host", host).signed(&RSA, POST);
        assert_eq!(status(replayed.verify(&RSA)), Some(401), "{host}");
        let forwarded = replayed.with("x-forwarded-host", "s.pouet.example");
        assert_eq!(status(forwarded.verify(&RSA)), Some(401), "{host}");
    }
    for host in ["pouet.example", "S.Pouet.Example", "s.pouet.example:443"] {
        let ours = Wire::post().with("host", host).signed(&RSA, POST);
        assert_eq!(ours.verify(&RSA), Ok(()), "{host}");
    }
    let hostless = Wire::post().signed(&RSA, POST).without("host");
    assert_eq!(status(hostless.verify(&RSA)), Some(401));
}

#[test]
fn sec_R014_in_development_the_port_is_part_of_the_host() {
    let accepts = |host: &str| {
        let wire = Wire::post().with("host", host).signed(&RSA, POST);
        let own_hosts = ["localhost:8081".to_owned()];
        let request = IncomingRequest {
            method: "POST",
            path_and_query: &wire.target,
            headers: &wire.headers,
            body: &wire.body,
            received_at: now(),
            own_hosts: &own_hosts,
            scheme: "http",
        };
        parse(&request).is_ok()
    };
    assert!(accepts("localhost:8081"));
    for host in ["localhost", "localhost:8082", "127.0.0.1:8081"] {
        assert!(!accepts(host), "{host}");
    }
}

#[test]
fn fed_117_signed_gets_need_no_digest_and_no_fragment() {
    for (key_id, algorithm) in [
        (KEY_ID, "rsa-sha256"),
        ("https://far.example/users/a/main-key", "hs2019"),
    ] {
        let parameters = format!(r#"keyId="{key_id}",algorithm="{algorithm}""#);
        let wire = Wire::get().signed_as(&RSA, &parameters, GET);
        assert_eq!(wire.verify(&RSA), Ok(()), "{key_id}");
        let with_accept = Wire::get().signed_as(&RSA, &parameters, &format!("{GET} accept"));
        assert_eq!(with_accept.verify(&RSA), Ok(()), "{key_id}");
    }
}

#[test]
fn fed_117_a_get_may_be_signed_without_its_query() {
    let mut wire = Wire::get();
    let full = std::mem::replace(&mut wire.target, "/ap/users/1/outbox".to_owned());
    let mut wire = wire.signed(&RSA, GET);
    wire.target = full;
    assert_eq!(wire.verify(&RSA), Ok(()));
    wire.target = "/ap/users/2/outbox?page=true".to_owned();
    assert_eq!(wire.verify(&RSA), Err(SignatureError::Mismatch));

    let mut post = Wire::post();
    let full = std::mem::replace(&mut post.target, "/ap/inbox".to_owned());
    let mut post = post.signed(&RSA, POST);
    post.target = full;
    assert_eq!(post.verify(&RSA), Err(SignatureError::Mismatch));
}

#[test]
fn sec_R010_garbage_is_not_a_signature() {
    assert_eq!(Wire::post().parse(), Err(SignatureError::Missing));
    assert_eq!(SignatureError::Missing.status(), 401);
    let good = Wire::post().signed(&RSA, POST).text("signature").to_owned();
    let long = format!(r#"{good},filler="{}""#, "a".repeat(9000));
    let many: Vec<String> = (0..40).map(|number| format!("x-{number}")).collect();
    let many = good.replace("host date", &format!("host date {}", many.join(" ")));
    for garbage in [
        "",
        " ",
        ",",
        "=",
        "Bearer abc",
        "keyId",
        "keyId=",
        r#"keyId="https://far.example/"#,
        r#"keyId="https://far.example/" signature="AAAA""#,
        r#"signature="AAAA""#,
        &good.replace("keyId=", "keyid="),
        &good.replace("signature=\"", "signature=\"!"),
        &good.replace("==\"", "\""),
        &good.replace(KEY_ID, ""),
        &good.replace(KEY_ID, "main-key"),
        &good.replace(KEY_ID, "ftp://far.example/key"),
        &good.replace(KEY_ID, "https:///"),
        &good.replace(KEY_ID, "https://user@far.example/key"),
        &good.replace(KEY_ID, &format!("https://far.example/{}", "k".repeat(2048))),
        &good.replace("host date", "host  date"),
        &good.replace("host date", "host (unknown) date"),
        &good.replace("host date", "host absent-header date"),
        &good.replace("host date", "host \u{7f} date"),
        &format!("{good},"),
        &format!(",{good}"),
        &format!("{good};{good}"),
        &format!("Signature {good}"),
        &long,
        &many,
    ] {
        let bytes = HeaderValue::from_bytes(garbage.as_bytes());
        let Ok(value) = bytes else { continue };
        let mut wire = Wire::post();
        wire.headers.insert("signature", value);
        assert_eq!(status(wire.verify(&RSA)), Some(401), "{garbage}");
    }
}

#[test]
fn legacy_key_ids_are_passed_on() {
    let parameters = r#"keyId="acct:a@far.example",algorithm="rsa-sha256""#;
    let wire = Wire::post().signed_as(&RSA, parameters, POST);
    assert_eq!(wire.parse().unwrap().key_id(), "acct:a@far.example");
}

#[test]
fn spaces_and_escapes_of_the_grammar_are_read() {
    let signed = Wire::post().signed(&RSA, POST);
    let spaced = signed.text("signature").replace("\",", "\" ,\t ");
    let escaped = spaced.replace("rsa-sha256", r"rsa-\sha256");
    let token = spaced.replace("\"rsa-sha256\"", "rsa-sha256");
    for header in [spaced, escaped, token] {
        let wire = Wire::post().with("signature", &header);
        assert_eq!(wire.verify(&RSA), Ok(()), "{header}");
    }
}

#[test]
fn sec_R015_the_key_decides_the_algorithm() {
    for (algorithm, with_rsa, with_ed25519) in [
        ("", true, true),
        (r#",algorithm="hs2019""#, true, true),
        (r#",algorithm="rsa-sha256""#, true, false),
        (r#",algorithm="RSA-SHA256""#, true, false),
        (r#",algorithm="ed25519""#, false, true),
        (r#",algorithm="rsa-sha1""#, false, false),
        (r#",algorithm="rsa-sha512""#, false, false),
        (r#",algorithm="hmac-sha256""#, false, false),
        (r#",algorithm="ecdsa-sha256""#, false, false),
        (r#",algorithm="none""#, false, false),
        (r#",algorithm="""#, false, false),
    ] {
        let parameters = format!(r#"keyId="{KEY_ID}"{algorithm}"#);
        for (sender, accepted) in [(&RSA, with_rsa), (&ED25519, with_ed25519)] {
            let verified = Wire::post().signed_as(sender, &parameters, POST).verify(sender);
            assert_eq!(status(verified), (!accepted).then_some(401), "{algorithm}");
        }
        // A signature of one kind never passes with a key of the other.
        for (signer, verifier) in [(&RSA, &ED25519), (&ED25519, &RSA)] {
            let crossed = Wire::post().signed_as(signer, &parameters, POST).verify(verifier);
            assert_eq!(status(crossed), Some(401), "{algorithm}");
        }
    }
}

#[test]
fn sec_R015_a_mac_made_with_the_public_key_is_no_signature() {
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;

    let secret = RSA.public.to_pem().unwrap();
    let wire = Wire::post();
    let string = wire.signing_string(POST, "", "");
    let key = PKey::hmac(secret.as_bytes()).unwrap();
    let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &key).unwrap();
    let mac = STANDARD.encode(signer.sign_oneshot_to_vec(string.as_bytes()).unwrap());
    for algorithm in ["hs2019", "rsa-sha256", "hmac-sha256"] {
        let header =
            format!(r#"keyId="{KEY_ID}",algorithm="{algorithm}",headers="{POST}",signature="{mac}""#);
        let forged = wire.clone().with("signature", &header);
        assert_eq!(status(forged.verify(&RSA)), Some(401), "{algorithm}");
    }
}

#[test]
fn one_text_for_every_refusal() {
    assert!(!SignatureError::PUBLIC_TEXT.contains("digest"));
    for (error, status) in [
        (SignatureError::Missing, 401),
        (SignatureError::Refused("x"), 401),
        (SignatureError::Mismatch, 401),
        (SignatureError::Ambiguous("x"), 400),
        (SignatureError::Malformed("x"), 400),
    ] {
        assert_eq!(error.status(), status);
    }
}

proptest! {
    #[test]
    fn sec_R010_no_header_makes_the_parser_panic(
        text in r"[ -~\t]{0,200}",
        list in r#"[ a-z()@:"\\=,-]{0,60}"#,
        number in "[0-9]{0,25}",
    ) {
        let good = format!(
            r#"keyId="{KEY_ID}",algorithm="hs2019",created={number},expires="{number}",headers="{list}",signature="AAAA""#
        );
        for header in [text, good] {
            let wire = Wire::post().with("signature", &header);
            prop_assert!(wire.verify(&ED25519).is_err());
        }
    }
}
