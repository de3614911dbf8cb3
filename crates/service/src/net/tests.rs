//! The client against servers on loopback, with names of an invented internet.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What a test server does once it has read a request.
enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends the head, then one byte per pause, for ever.
    Drip(Vec<u8>, Duration),
    /// Reads and says nothing.
    Silence,
}

/// A server on loopback that remembers what it was asked.
struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start(respond: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (seen, count) = (Arc::clone(&requests), Arc::clone(&connections));
        let respond = Arc::new(respond);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (seen, respond) = (Arc::clone(&seen), Arc::clone(&respond));
                tokio::spawn(async move {
                    answer(stream, &seen, respond.as_ref()).await;
                });
            }
        });
        Self {
            address,
            requests,
            connections,
        }
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The request targets, in order.
    fn paths(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .map(|request| request.split(' ').nth(1).unwrap().to_owned())
            .collect()
    }

    fn last_request(&self) -> String {
        self.requests.lock().unwrap().last().unwrap().clone()
    }
}

async fn answer(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    respond: &(dyn Fn(&str) -> Reply + Send + Sync),
) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !is_complete(&request) {
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8(request).unwrap();
    seen.lock().unwrap().push(request.clone());
    match respond(&request) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Drip(head, pause) => {
            let _ = stream.write_all(&head).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        }
        Reply::Silence => {
            let _ = stream.read(&mut part).await;
        }
    }
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}

fn ok(headers: &str, body: &[u8]) -> Reply {
    let mut bytes = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Reply::Bytes(bytes)
}

fn redirect(location: &str) -> Reply {
    Reply::Bytes(
        format!(
            "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\nlocation: {location}\r\n\r\n"
        )
        .into_bytes(),
    )
}

/// Names with answers that take turns.
#[derive(Default)]
struct FakeDns {
    answers: HashMap<&'static str, Vec<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl FakeDns {
    fn new(names: &[(&'static str, &[&[&'static str]])]) -> Arc<Self> {
        Arc::new(Self {
            answers: names
                .iter()
                .map(|(name, turns)| (*name, turns.iter().map(|turn| turn.to_vec()).collect()))
                .collect(),
            asked: AtomicUsize::new(0),
        })
    }

    /// `a.test` and `b.test` on loopback.
    fn loopback() -> Arc<Self> {
        Self::new(&[("a.test", &[&["127.0.0.1"]]), ("b.test", &[&["127.0.0.1"]])])
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolve for FakeDns {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let turns = self
            .answers
            .get(host)
            .ok_or_else(|| std::io::Error::other("no such name"))?;
        Ok(turns[turn % turns.len()]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect())
    }
}

fn settings(allow: &[&str]) -> NetSettings {
    NetSettings {
        allow_networks: allow.iter().map(|text| text.parse().unwrap()).collect(),
        allow_http: true,
        user_agent: "pouet/test (+https://pouet.example/)".to_owned(),
        own_hosts: vec!["pouet.example".to_owned()],
        timeouts: Timeouts::default(),
        rate_limited: true,
    }
}

fn client(dns: Arc<FakeDns>) -> NetClient {
    NetClient::new(settings(&["127.0.0.0/8"]), dns).unwrap()
}

fn impatient(timeouts: Timeouts) -> NetClient {
    let mut settings = settings(&["127.0.0.0/8"]);
    settings.timeouts = timeouts;
    NetClient::new(settings, FakeDns::loopback()).unwrap()
}

fn document(url: &str) -> GetRequest<'_> {
    GetRequest {
        url,
        accept: "application/activity+json",
        max_bytes: 1024 * 1024,
        purpose: Purpose::Json,
        headers: HeaderMap::new(),
    }
}

async fn get(client: &NetClient, url: &str) -> Result<Response, NetError> {
    client.get(&document(url), None).await
}

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
async fn sec_R001_no_connection_is_made_to_a_refused_address() {
    let server = Server::start(|_| ok("", b"{}")).await;
    // The server would answer, but loopback is not among the listed networks.
    let dns = FakeDns::new(&[
        ("a.test", &[&["127.0.0.1"]]),
        ("mixed.test", &[&["10.1.1.1", "127.0.0.1"]]),
    ]);
    let client = NetClient::new(settings(&["10.0.0.0/8"]), dns).unwrap();
    for host in ["a.test", "mixed.test"] {
        let refused = get(&client, &server.url(host, "/")).await.unwrap_err();
        assert!(refused.is_blocked() && !refused.is_temporary(), "{refused}");
        assert!(
            matches!(&refused, NetError::BlockedAddress { address, .. } if address.is_loopback()),
            "{refused}"
        );
    }
    for literal in ["127.0.0.1", "[::1]", "2130706433"] {
        let refused = get(&client, &server.url(literal, "/")).await.unwrap_err();
        assert!(matches!(refused, NetError::BlockedUrl(UrlError::IpLiteral)));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn sec_R001_listed_networks_are_reached_by_name_and_by_literal() {
    let server = Server::start(|_| ok("", b"{}")).await;
    let client = client(FakeDns::loopback());
    for host in ["a.test", "127.0.0.1"] {
        assert!(get(&client, &server.url(host, "/")).await.is_ok(), "{host}");
    }
}

#[tokio::test]
async fn sec_R003_the_checked_address_is_the_one_dialled() {
    let server = Server::start(|_| ok("", b"{}")).await;
    let dns = FakeDns::new(&[("turn.test", &[&["127.0.0.1"], &["192.168.0.1"]])]);
    let client = client(Arc::clone(&dns));
    let url = server.url("turn.test", "/");
    assert!(get(&client, &url).await.is_ok());
    assert_eq!((dns.asked(), server.connections()), (1, 1));
    // The second lookup is answered with a private address: the fetch fails instead of using the first answer.
    let refused = get(&client, &url).await.unwrap_err();
    assert!(matches!(refused, NetError::BlockedAddress { .. }));
    assert_eq!((dns.asked(), server.connections()), (2, 1));
}

#[tokio::test]
async fn sec_R003_unusual_ports_never_reach_a_public_address() {
    let dns = FakeDns::new(&[("public.test", &[&["8.8.8.8"]])]);
    let refused = get(&client(dns), "https://public.test:22/").await.unwrap_err();
    assert!(
        matches!(&refused, NetError::BlockedAddress { address, .. } if address.to_string() == "8.8.8.8"),
        "{refused}"
    );
}

#[tokio::test]
async fn sec_R004_redirects_are_followed_up_to_three_times() {
    let server = Server::start(|request| match request.split(' ').nth(1).unwrap() {
        "/a/1" => redirect("/a/2"),
        "/a/2" => redirect("3?q=1#f"),
        "/a/3?q=1" => redirect("/a/4"),
        "/a/4" => ok("", b"end"),
        "/b/1" => redirect("/b/2"),
        "/b/2" => redirect("/b/3"),
        "/b/3" => redirect("/b/4"),
        "/b/4" => redirect("/b/5"),
        "/loop/1" => redirect("/loop/2"),
        "/loop/2" => redirect("/loop/1"),
        "/self" => redirect("#again"),
        other => panic!("unexpected {other}"),
    })
    .await;
    let client = client(FakeDns::loopback());
    let found = get(&client, &server.url("a.test", "/a/1")).await.unwrap();
    assert_eq!(found.final_url.path(), "/a/4");
    assert_eq!(server.paths(), ["/a/1", "/a/2", "/a/3?q=1", "/a/4"]);

    let four = get(&client, &server.url("a.test", "/b/1")).await;
    assert!(matches!(four, Err(NetError::TooManyRedirects)));
    assert_eq!(server.paths().last().unwrap(), "/b/4");

    for path in ["/loop/1", "/self"] {
        let circle = get(&client, &server.url("a.test", path)).await;
        assert!(matches!(circle, Err(NetError::RedirectLoop(_))), "{path}");
    }
}

#[tokio::test]
async fn sec_R004_every_hop_passes_every_rule() {
    let server = Server::start(|request| {
        let target = request.split(' ').nth(1).unwrap().to_owned();
        redirect(target.strip_prefix("/to/").unwrap())
    })
    .await;
    let dns = FakeDns::new(&[
        ("a.test", &[&["127.0.0.1"]]),
        ("inside.test", &[&["192.168.0.1"]]),
    ]);
    let client = client(dns);
    for target in [
        "http://inside.test/",
        "http://192.168.0.1/",
        "http://[::1]/",
        "file:///etc/passwd",
        "data:text/plain,hi",
        "gopher://a.test/",
        "http://user@a.test/",
        "https://pouet.example/ap/users/1",
        "http://a.test:x/",
    ] {
        let refused = get(&client, &server.url("a.test", &format!("/to/{target}")))
            .await
            .unwrap_err();
        assert!(!refused.is_temporary(), "{target}: {refused}");
        assert!(
            refused.is_blocked() || matches!(refused, NetError::BadRedirect { .. }),
            "{target}: {refused}"
        );
    }
}

#[tokio::test]
async fn sec_R004_a_redirect_needs_one_location() {
    let server = Server::start(|request| {
        let locations = match request.split(' ').nth(1).unwrap() {
            "/none" => "",
            "/two" => "location: /x\r\nlocation: /y\r\n",
            other => panic!("unexpected {other}"),
        };
        Reply::Bytes(
            format!("HTTP/1.1 301 Moved\r\nconnection: close\r\ncontent-length: 0\r\n{locations}\r\n")
                .into_bytes(),
        )
    })
    .await;
    let client = client(FakeDns::loopback());
    for path in ["/none", "/two"] {
        let refused = get(&client, &server.url("a.test", path)).await;
        assert!(matches!(refused, Err(NetError::BadRedirect { .. })), "{path}");
    }
}

#[test]
fn sec_R004_https_never_falls_back_to_http() {
    let client = client(FakeDns::loopback());
    let headers =
        HeaderMap::from_iter([(http::header::LOCATION, HeaderValue::from_static("http://b.test/"))]);
    let from: url::Url = "https://a.test/".parse().unwrap();
    let refused = client.redirect_target(&from, &headers);
    assert!(matches!(refused, Err(NetError::BadRedirect { .. })));
    let from: url::Url = "http://a.test/".parse().unwrap();
    assert!(client.redirect_target(&from, &headers).is_ok());
}

/// Writes the target of each hop into a header.
struct TargetSigner;

impl RequestSigner for TargetSigner {
    fn sign(&self, request: &UnsignedRequest<'_>) -> Result<HeaderMap, SignError> {
        let value = format!("{} {}", host_header(request.url), request.url.path());
        let value = HeaderValue::from_str(&value).map_err(|error| SignError(error.to_string()))?;
        Ok(HeaderMap::from_iter([(
            http::HeaderName::from_static("signature"),
            value,
        )]))
    }
}

#[tokio::test]
async fn sec_R004_every_hop_is_signed_anew() {
    let end = Server::start(|_| ok("", b"end")).await;
    let location = end.url("b.test", "/second");
    let start = Server::start(move |_| redirect(&location)).await;
    let url = start.url("a.test", "/first");
    let mut request = document(&url);
    request
        .headers
        .insert("authorization", HeaderValue::from_static("Bearer secret"));
    client(FakeDns::loopback())
        .get(&request, Some(&TargetSigner))
        .await
        .unwrap();
    let signed = format!("signature: a.test:{} /first", start.address.port());
    assert!(start.last_request().contains(&signed));
    assert!(start.last_request().contains("Bearer secret"));
    let signed = format!("signature: b.test:{} /second", end.address.port());
    assert!(end.last_request().contains(&signed));
    assert!(!end.last_request().contains("Bearer secret"));
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

async fn post(client: &NetClient, url: &str) -> Result<Response, NetError> {
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        HeaderValue::from_static("application/activity+json"),
    );
    let request = PostRequest {
        url,
        headers,
        body: Bytes::from_static(b"{\"id\":1}"),
    };
    client.post(&request, Some(&TargetSigner)).await
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
async fn sec_R007_huge_and_lying_bodies_are_cut_off() {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sec_R001_refused_addresses_are_never_handed_to_the_connector(v4: u32, v6: u128, pick: bool) {
        let address: IpAddr = if pick { IpAddr::V4(v4.into()) } else { IpAddr::V6(v6.into()) };
        let gate = AddressGate::default();
        let dialled = futures_util::FutureExt::now_or_never(resolver::lookup(
            &OneAddress(address),
            &gate,
            "a.test",
        ))
        .unwrap();
        prop_assert_eq!(dialled.is_ok(), is_global(address));
    }
}

/// A resolver with one answer to everything.
struct OneAddress(IpAddr);

#[async_trait]
impl Resolve for OneAddress {
    async fn resolve(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec![self.0])
    }
}
