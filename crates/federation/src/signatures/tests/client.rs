//! Double-knocking against servers that know one scheme.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pouet_model::time::ManualClock;
use pouet_service::net::{GetRequest, NetClient, NetSettings, PostRequest, Purpose, Resolve, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Every name is on loopback.
struct Loopback;

#[async_trait]
impl Resolve for Loopback {
    async fn resolve(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec![IpAddr::from([127, 0, 0, 1])])
    }
}

/// A server that answers requests of the one scheme with 202 and others with `refusal`.
struct Peer {
    port: u16,
    /// The scheme of each request, in order.
    seen: Arc<Mutex<Vec<Scheme>>>,
}

impl Peer {
    async fn start(knows: Option<Scheme>, refusal: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = String::new();
                let mut buffer = [0; 4096];
                while !request.contains("\r\n\r\n") {
                    let read = stream.read(&mut buffer).await.unwrap();
                    request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
                }
                let scheme = if request.contains("signature-input: ") {
                    Scheme::Rfc9421
                } else {
                    Scheme::Cavage
                };
                log.lock().unwrap().push(scheme);
                let status = if knows == Some(scheme) { 202 } else { refusal };
                let answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { port, seen }
    }

    fn seen(&self) -> Vec<Scheme> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

fn client() -> SigningClient {
    let net = NetClient::new(
        NetSettings {
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
            allow_http: true,
            user_agent: "pouet/test".to_owned(),
            own_hosts: vec!["s.pouet.example".to_owned()],
            timeouts: Timeouts::default(),
            rate_limited: true,
        },
        Arc::new(Loopback),
    );
    SigningClient::new(Arc::new(net.unwrap()), Arc::new(ManualClock::new(now())))
}

/// Posts and fetches once each; returns both statuses.
async fn exchange(client: &SigningClient, peer: &Peer) -> (u16, u16) {
    let key = Arc::new(SigningKey::new(KEY_ID.to_owned(), RSA.private.clone()));
    let url = format!("http://a.test:{}/inbox", peer.port);
    let post = PostRequest {
        url: &url,
        headers: HeaderMap::new(),
        body: bytes::Bytes::from_static(BODY),
    };
    let get = GetRequest {
        url: &url,
        accept: "application/activity+json",
        max_bytes: 1000,
        purpose: Purpose::Json,
        headers: HeaderMap::new(),
    };
    let posted = client.post(&post, &key).await.unwrap();
    let fetched = client.get(&get, &key).await.unwrap();
    (posted.status.as_u16(), fetched.status.as_u16())
}

#[tokio::test]
async fn fed_114_the_scheme_that_worked_is_kept() {
    use Scheme::{Cavage, Rfc9421};
    for (knows, refusal, statuses, first, then) in [
        (
            Some(Cavage),
            401,
            (202, 202),
            &[Cavage, Cavage][..],
            &[Cavage, Cavage][..],
        ),
        (
            Some(Rfc9421),
            401,
            (202, 202),
            &[Cavage, Rfc9421, Rfc9421],
            &[Rfc9421, Rfc9421],
        ),
        (
            Some(Rfc9421),
            400,
            (202, 202),
            &[Cavage, Rfc9421, Rfc9421],
            &[Rfc9421, Rfc9421],
        ),
        (
            Some(Rfc9421),
            403,
            (403, 403),
            &[Cavage, Cavage],
            &[Cavage, Cavage],
        ),
        (
            None,
            401,
            (401, 401),
            &[Cavage, Rfc9421, Cavage, Rfc9421],
            &[Cavage, Rfc9421, Cavage, Rfc9421],
        ),
    ] {
        let peer = Peer::start(knows, refusal).await;
        let client = client();
        assert_eq!(exchange(&client, &peer).await, statuses);
        assert_eq!(peer.seen(), first, "{knows:?} {refusal}");
        assert_eq!(exchange(&client, &peer).await, statuses);
        assert_eq!(peer.seen(), then, "{knows:?} {refusal}");
    }
}

#[tokio::test]
async fn refused_targets_are_not_signed_for() {
    let key = Arc::new(SigningKey::new(KEY_ID.to_owned(), RSA.private.clone()));
    let request = PostRequest {
        url: "https://s.pouet.example/ap/inbox",
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
    };
    let refused = client().post(&request, &key).await.unwrap_err();
    assert!(refused.is_blocked());
}
