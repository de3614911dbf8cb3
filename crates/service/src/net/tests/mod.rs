//! The client against servers on loopback, with names of an invented internet.

mod addresses;
mod limits;
mod redirects;

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
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
