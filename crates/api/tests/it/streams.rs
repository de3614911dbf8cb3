//! Streaming over a real socket on loopback.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use std::time::Duration;

use actix_web::{App, HttpServer, dev::ServerHandle, rt};
use futures_util::{SinkExt as _, StreamExt as _};
use pouet_api::Api;
use pouet_model::status::Visibility;
use pouet_service::{
    oauth, saved_searches,
    statuses::{self, NewStatus},
    users,
};
use pouet_test_support::{Person, World};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

/// How long an event may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A server on loopback, stopped when dropped.
pub(crate) struct Server {
    address: String,
    handle: ServerHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        let handle = self.handle.clone();
        rt::spawn(async move { handle.stop(false).await });
    }
}

impl Server {
    pub(crate) fn start(world: &World) -> (Self, Api) {
        let api = Api::new(world.instance.clone(), Vec::new());
        let shared = api.clone();
        let server = HttpServer::new(move || {
            let api = shared.clone();
            App::new().configure(move |config| api.configure(config))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a free port");
        let address = server.addrs()[0].to_string();
        let server = server.run();
        let handle = server.handle();
        rt::spawn(server);
        (Self { address, handle }, api)
    }

    pub(crate) async fn connect(&self, query: &str, protocol: Option<&str>) -> Result<Socket, u16> {
        let mut request = format!("ws://{}/api/v1/streaming?{query}", self.address)
            .into_client_request()
            .expect("an address");
        if let Some(protocol) = protocol {
            let value = protocol.parse().expect("a header");
            request.headers_mut().insert("sec-websocket-protocol", value);
        }
        match connect_async(request).await {
            Ok((socket, response)) => {
                if let Some(protocol) = protocol {
                    assert_eq!(response.headers()["sec-websocket-protocol"], protocol);
                }
                Ok(Socket(socket))
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("no connection: {other}"),
        }
    }
}

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn tell(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .expect("it is open");
    }

    /// The next message; `None` if the connection is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let frame = timeout(LIMIT, self.0.next()).await.expect("a message in time");
            match frame {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(other)) => panic!("unexpected {other:?}"),
            }
        }
    }

    async fn event(&mut self, stream: Value, event: &str) -> Value {
        let message = self.next().await.expect("a message");
        assert_eq!(
            (&message["stream"], &message["event"]),
            (&stream, &json!(event)),
            "{message}"
        );
        let payload = message["payload"].as_str().expect("text");
        serde_json::from_str(payload).expect("JSON within the text")
    }
}

async fn post(world: &World, author: &Person, text: &str) -> String {
    let new = NewStatus {
        text: text.to_owned(),
        ..NewStatus::default()
    };
    statuses::post(world, &author.user, new)
        .await
        .expect("a status")
        .to_string()
}

#[actix_web::test]
async fn several_streams_share_a_connection() {
    let world = World::new();
    let ada = world.person("ada").await;
    let (server, _) = Server::start(&world);
    let mut socket = server.connect("", Some(&ada.token)).await.expect("it opens");
    socket
        .tell(json!({"type": "subscribe", "stream": "nonsense"}))
        .await;
    assert_eq!(socket.next().await.expect("an answer")["status"], 400);
    socket.tell(json!({"type": "subscribe", "stream": "user"})).await;
    socket
        .tell(json!({"type": "subscribe", "stream": "hashtag", "tag": "boats"}))
        .await;
    socket
        .tell(json!({"type": "subscribe", "stream": "hashtag"}))
        .await;
    assert_eq!(
        socket.next().await.expect("an answer")["status"],
        400,
        "all before is done"
    );

    let id = post(&world, &ada, "About #boats").await;
    assert_eq!(socket.event(json!(["user"]), "update").await["id"], id);
    assert_eq!(
        socket.event(json!(["hashtag", "boats"]), "update").await["id"],
        id
    );

    socket
        .tell(json!({"type": "unsubscribe", "stream": "hashtag", "tag": "boats"}))
        .await;
    socket.tell(json!({"type": "nonsense", "stream": "user"})).await;
    assert_eq!(socket.next().await.expect("an answer")["status"], 400);
    let second = post(&world, &ada, "More #boats").await;
    assert_eq!(socket.event(json!(["user"]), "update").await["id"], second);
    let removed = second.parse().expect("an id");
    statuses::delete(&world, ada.account.id, removed, true)
        .await
        .expect("it is ada's");
    let message = socket.next().await.expect("a message");
    assert_eq!(
        (&message["event"], &message["payload"]),
        (&json!("delete"), &json!(second))
    );
}

#[actix_web::test]
async fn a_saved_search_is_a_stream() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let saved = saved_searches::create(&world, ada.account.id, "boats", "boats -zoo")
        .await
        .expect("a search");
    let (server, _) = Server::start(&world);
    let subscribe = json!({"type": "subscribe", "stream": "saved_search", "id": saved.id.to_string()});
    let mut other = server.connect("", Some(&bob.token)).await.expect("it opens");
    other.tell(subscribe.clone()).await;
    assert_eq!(other.next().await.expect("an answer")["status"], 404, "not bob's");
    let mut socket = server.connect("", Some(&ada.token)).await.expect("it opens");
    socket.tell(subscribe).await;
    socket
        .tell(json!({"type": "subscribe", "stream": "saved_search"}))
        .await;
    assert_eq!(
        socket.next().await.expect("an answer")["status"],
        400,
        "without an id"
    );
    post(&world, &ada, "a zoo of boats").await;
    post(&world, &ada, "ships").await;
    let id = post(&world, &ada, "Boats!").await;
    let name = json!(["saved_search", saved.id.to_string()]);
    assert_eq!(socket.event(name.clone(), "update").await["id"], id);
    saved_searches::update(&world, ada.account.id, saved.id, None, Some("ships"))
        .await
        .expect("it is ada's");
    post(&world, &ada, "boats again").await;
    let id = post(&world, &ada, "ships again").await;
    assert_eq!(socket.event(name, "update").await["id"], id);
}

#[actix_web::test]
async fn who_was_shown_a_letter_hears_of_its_end() {
    let world = World::new();
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let saved = saved_searches::create(&world, ada.account.id, "boats", "boats")
        .await
        .expect("a search");
    let (server, _) = Server::start(&world);
    let mut socket = server.connect("", Some(&ada.token)).await.expect("it opens");
    socket
        .tell(json!({"type": "subscribe", "stream": "saved_search", "id": saved.id.to_string()}))
        .await;
    let letter = async |text: &str| {
        let new = NewStatus {
            text: text.to_owned(),
            visibility: Some(Visibility::Direct),
            ..NewStatus::default()
        };
        statuses::post(&world, &bob.user, new).await.expect("posted")
    };
    let secret = letter("boats for nobody").await;
    let shown = letter("boats for @ada").await;
    let name = json!(["saved_search", saved.id.to_string()]);
    assert_eq!(socket.event(name, "update").await["id"], shown.to_string());
    for id in [secret, shown] {
        statuses::delete(&world, bob.account.id, id, true)
            .await
            .expect("bob's");
    }
    let message = socket.next().await.expect("a message");
    assert_eq!(
        (&message["event"], &message["payload"]),
        (&json!("delete"), &json!(shown.to_string())),
        "of the other one she knows nothing"
    );
}

#[actix_web::test]
async fn sec_R100_a_stream_needs_a_token_with_its_scope() {
    let world = World::new();
    let ada = world.person("ada").await;
    let (server, _) = Server::start(&world);
    assert_eq!(server.connect("stream=user", None).await.err(), Some(401));
    assert_eq!(
        server.connect("stream=user&access_token=x", None).await.err(),
        Some(401)
    );
    let blocks = world.token(&ada.user, "read:blocks").await;
    let query = format!("stream=user&access_token={blocks}");
    assert_eq!(server.connect(&query, None).await.err(), Some(403));
    let statuses_only = world.token(&ada.user, "read:statuses").await;
    let query = format!("stream=user:notification&access_token={statuses_only}");
    let mut socket = server.connect(&query, None).await.expect("it opens");
    assert_eq!(socket.next().await.expect("an answer")["status"], 401);
}

#[actix_web::test]
async fn sec_R101_a_stream_ends_with_its_token() {
    let world = World::new();
    let ada = world.person("ada").await;
    let (server, _) = Server::start(&world);
    let token = world.token(&ada.user, "read").await;
    let query = format!("stream=user&access_token={token}");
    let mut socket = server.connect(&query, None).await.expect("it opens");
    // An answer shows that the stream listens.
    socket
        .tell(json!({"type": "subscribe", "stream": "nonsense"}))
        .await;
    socket.next().await.expect("an answer");
    users::set_password(&world, ada.user.id, "boats in the fog 48")
        .await
        .expect("a password");
    assert_eq!(socket.next().await, None, "it is closed");
    assert!(
        oauth::authenticate(&world, &token)
            .await
            .expect("a database")
            .is_none()
    );
}

#[actix_web::test]
async fn streams_end_when_the_server_stops() {
    let world = World::new();
    let ada = world.person("ada").await;
    let (server, api) = Server::start(&world);
    let query = format!("stream=user&access_token={}", ada.token);
    let mut socket = server.connect(&query, None).await.expect("it opens");
    api.end_streams();
    assert_eq!(socket.next().await, None);
}
