//! What is sent, and the limits of time and size on what comes back.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use super::*;

#[tokio::test]
async fn a_document_arrives_with_its_type_and_our_headers() {
    let server = Server::start(|_| ok("content-type: application/activity+json\r\n", b"{}")).await;
    let url = server.url("a.test", "/users/a?x=1#main-key");
    let response = get(&client(FakeDns::loopback()), &url).await.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(&response.body[..], b"{}");
    assert_eq!(
        response.content_type.as_deref(),
        Some("application/activity+json")
    );
    assert_eq!(response.final_url.as_str(), server.url("a.test", "/users/a?x=1"));
    let sent = server.last_request().to_ascii_lowercase();
    assert!(sent.starts_with("get /users/a?x=1 http/1.1\r\n"));
    for line in [
        format!("host: a.test:{}", server.address.port()),
        "accept: application/activity+json".to_owned(),
        "accept-encoding: gzip".to_owned(),
        "user-agent: pouet/test (+https://pouet.example/)".to_owned(),
    ] {
        assert!(sent.contains(&line), "{line} in {sent}");
    }
    assert!(!sent.contains("cookie") && !sent.contains("referer"));
}

#[tokio::test]
async fn sec_R006_slow_answers_are_cut_off() {
    let millis = Duration::from_millis;
    let limits = Timeouts {
        connect: millis(100),
        first_byte: millis(100),
        idle: millis(200),
        document: millis(600),
        media: millis(600),
        post: millis(600),
    };
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".to_vec();
    for (phase, reply) in [
        (Phase::FirstByte, None),
        (Phase::Idle, Some(millis(10_000))),
        (Phase::Total, Some(millis(50))),
    ] {
        let head = head.clone();
        let server = Server::start(move |_| match reply {
            None => Reply::Silence,
            Some(pause) => Reply::Drip(head.clone(), pause),
        })
        .await;
        let started = Instant::now();
        let error = get(&impatient(limits.clone()), &server.url("a.test", "/"))
            .await
            .unwrap_err();
        assert!(
            matches!(error, NetError::Timeout { phase: at, .. } if at == phase),
            "{phase:?}: {error}"
        );
        assert!(error.is_temporary());
        assert!(started.elapsed() < limits.document + Duration::from_secs(1));
    }
}

#[tokio::test]
async fn sec_R006_two_hundred_drippers_delay_nobody() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".to_vec();
    let slow = Server::start(move |_| Reply::Drip(head.clone(), Duration::from_millis(100))).await;
    let quick = Server::start(|_| ok("", b"")).await;
    let client = Arc::new(client(FakeDns::loopback()));
    let mut deliveries = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (client, url) = (Arc::clone(&client), slow.url("a.test", "/inbox"));
        deliveries.spawn(async move { post(&client, &url).await.map(|_| ()) });
    }
    while slow.connections() < 200 {
        tokio::task::yield_now().await;
    }
    let delivered = tokio::time::timeout(
        Duration::from_secs(2),
        post(&client, &quick.url("b.test", "/inbox")),
    )
    .await;
    assert_eq!(delivered.unwrap().unwrap().status, 200);
    deliveries.abort_all();
}

#[tokio::test]
async fn a_post_is_sent_as_given_and_never_redirected() {
    let server = Server::start(|request| match request.split(' ').nth(1).unwrap() {
        "/inbox" => ok("retry-after: 3\r\n", &b"x".repeat(100_000)),
        _ => redirect("/inbox"),
    })
    .await;
    let client = client(FakeDns::loopback());
    let accepted = post(&client, &server.url("a.test", "/inbox")).await.unwrap();
    assert_eq!(accepted.status, 200);
    assert_eq!(accepted.headers["retry-after"], "3");
    assert_eq!((accepted.body.len(), accepted.truncated), (65_536, true));
    let sent = server.last_request();
    assert!(sent.ends_with("\r\n\r\n{\"id\":1}"));
    assert!(sent.contains("content-type: application/activity+json\r\n"));
    assert!(sent.contains("signature: a.test:"));

    let moved = post(&client, &server.url("a.test", "/old")).await.unwrap();
    assert_eq!(moved.status, 302);
    assert_eq!(server.paths(), ["/inbox", "/old"]);
}

fn gzip_zeros(megabytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..megabytes {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test]
async fn fed_137_sec_R007_huge_and_lying_bodies_are_cut_off() {
    let bomb = gzip_zeros(64);
    let server = Server::start(move |request| match request.split(' ').nth(1).unwrap() {
        "/bomb" => ok("content-encoding: gzip\r\n", &bomb),
        "/announced" => Reply::Bytes(
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10000000000\r\n\r\n".to_vec(),
        ),
        "/short" => {
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\nhello".to_vec())
        }
        "/long" => {
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhello".to_vec())
        }
        "/endless" => {
            let mut bytes = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
            bytes.resize(3 * 1024 * 1024, b'x');
            Reply::Bytes(bytes)
        }
        "/text" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(&b"honest text ".repeat(3000)).unwrap();
            ok("content-encoding: gzip\r\n", &encoder.finish().unwrap())
        }
        other => panic!("unexpected {other}"),
    })
    .await;
    let client = client(FakeDns::loopback());
    for path in ["/bomb", "/announced", "/endless"] {
        let refused = get(&client, &server.url("a.test", path)).await;
        assert!(matches!(refused, Err(NetError::TooLarge { .. })), "{path}");
    }
    let short = get(&client, &server.url("a.test", "/short")).await.unwrap_err();
    assert!(
        matches!(short, NetError::Connect { .. }) && short.is_temporary(),
        "{short}"
    );
    let long = get(&client, &server.url("a.test", "/long")).await.unwrap();
    assert_eq!(&long.body[..], b"he");
    let text = get(&client, &server.url("a.test", "/text")).await.unwrap();
    assert_eq!(text.body.len(), 36_000);

    let endless = server.url("a.test", "/endless");
    let page = GetRequest {
        purpose: Purpose::Html,
        max_bytes: 1000,
        ..document(&endless)
    };
    let page = client.get(&page, None).await.unwrap();
    assert_eq!((page.body.len(), page.truncated), (1000, true));
}

#[tokio::test]
async fn the_body_of_an_error_status_is_capped_not_refused() {
    let server = Server::start(|_| {
        let mut bytes = b"HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n".to_vec();
        bytes.resize(200_000, b'x');
        Reply::Bytes(bytes)
    })
    .await;
    let missing = get(&client(FakeDns::loopback()), &server.url("a.test", "/"))
        .await
        .unwrap();
    assert_eq!((missing.status.as_u16(), missing.body.len()), (404, 65_536));
}

#[tokio::test]
async fn failures_say_what_failed() {
    let client = client(FakeDns::loopback());
    let unknown = get(&client, "https://nowhere.test/").await.unwrap_err();
    assert!(matches!(unknown, NetError::Dns { .. }), "{unknown}");

    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let refused = get(&client, &format!("http://a.test:{}/", closed.port()))
        .await
        .unwrap_err();
    assert!(matches!(refused, NetError::Connect { .. }), "{refused}");
    for error in [unknown, refused] {
        assert!(error.is_temporary() && !error.is_blocked());
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_a_tls_error() {
    let address = tls_server_with_a_certificate_of_its_own();
    let url = format!("https://a.test:{}/", address.port());
    let error = get(&client(FakeDns::loopback()), &url).await.unwrap_err();
    assert!(matches!(error, NetError::Tls { .. }), "{error:?}");
}

fn tls_server_with_a_certificate_of_its_own() -> SocketAddr {
    use openssl::asn1::Asn1Time;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::hash::MessageDigest;
    use openssl::nid::Nid;
    use openssl::pkey::PKey;
    use openssl::ssl::{SslAcceptor, SslMethod};
    use openssl::x509::{X509, X509NameBuilder};

    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, "a.test").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    certificate
        .set_not_after(&Asn1Time::days_from_now(1).unwrap())
        .unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();

    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate.build()).unwrap();
    let acceptor = acceptor.build();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        if let Ok((stream, _)) = listener.accept() {
            // The client hangs up in the middle of this handshake.
            let _ = acceptor.accept(stream);
        }
    });
    address
}
