//! The streaming API over WebSocket.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::form_urlencoded;

use crate::account::Account;

/// How long an event may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Where the token is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenIn {
    /// The `access_token` query parameter.
    Query,
    /// The `Authorization` header.
    Header,
    /// The `Sec-WebSocket-Protocol` header, as browsers' clients do.
    Subprotocol,
}

/// An open connection.
pub struct Stream {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    unclaimed: VecDeque<Value>,
}

impl Stream {
    /// Opens a connection; `query` may name a first stream.
    pub async fn open(account: &Account, token_in: TokenIn, query: &[(&str, &str)]) -> Self {
        Self::try_open(account.client.base(), account.client.token(), token_in, query)
            .await
            .unwrap_or_else(|status| panic!("the upgrade was refused with {status}"))
    }

    /// Opens a connection to the server at `base`, or returns the HTTP status of the refusal.
    ///
    /// # Errors
    /// The status code, when the server answers without upgrading.
    pub async fn try_open(
        base: &str,
        token: &str,
        token_in: TokenIn,
        query: &[(&str, &str)],
    ) -> Result<Self, u16> {
        let host = base
            .strip_prefix("http://")
            .expect("servers under test speak plain HTTP");
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(query);
        if token_in == TokenIn::Query {
            pairs.append_pair("access_token", token);
        }
        let address = format!("ws://{host}/api/v1/streaming?{}", pairs.finish());
        let mut request = address.into_client_request().expect("a request");
        let value = |text: String| text.parse().expect("a token fits in a header");
        match token_in {
            TokenIn::Query => None,
            TokenIn::Header => request
                .headers_mut()
                .insert("authorization", value(format!("Bearer {token}"))),
            TokenIn::Subprotocol => request
                .headers_mut()
                .insert("sec-websocket-protocol", value(token.to_owned())),
        };
        match connect_async(request).await {
            Ok((socket, response)) => {
                let chosen = response.headers().get("sec-websocket-protocol");
                let subprotocol = chosen
                    .and_then(|value| value.to_str().ok())
                    .map(ToOwned::to_owned);
                let unclaimed = VecDeque::new();
                Ok(Self {
                    socket,
                    subprotocol,
                    unclaimed,
                })
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no WebSocket to {base}: {error}"),
        }
    }

    /// Sends a message such as `{"type": "subscribe", "stream": "user"}`.
    pub async fn tell(&mut self, message: Value) {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .expect("the connection is open");
    }

    /// Subscribes, with a message such as `{"stream": "list", "list": "1"}`, and waits until that is done.
    ///
    /// A subscription has no answer. Frames are worked off in order, so the refusal of a frame that makes no sense shows
    /// that the one before it has been obeyed.
    pub async fn subscribe(&mut self, mut message: Value) {
        message["type"] = json!("subscribe");
        self.tell(message).await;
        self.tell(json!({ "type": "subscribe", "stream": "nonsense" }))
            .await;
        let refused = self
            .next_where("a refusal", |message| message["error"].is_string())
            .await;
        assert_eq!(refused["status"], 400, "{refused}");
    }

    /// The next message that `wanted` accepts. Others keep their place, to be asked for later: what one act causes on
    /// several streams comes in no particular order.
    pub async fn next_where(&mut self, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        if let Some(place) = self.unclaimed.iter().position(&mut wanted) {
            return self.unclaimed.remove(place).expect("the place was just found");
        }
        let deadline = Instant::now() + LIMIT;
        while let Ok(frame) = timeout_at(deadline, self.socket.next()).await {
            let message = match frame {
                Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("frames are JSON"),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                other => panic!("the connection ended while waiting for {what}: {other:?}"),
            };
            if wanted(&message) {
                return message;
            }
            self.unclaimed.push_back(message);
        }
        panic!(
            "no {what} within {} s; came: {:#?}",
            LIMIT.as_secs(),
            self.unclaimed
        );
    }

    /// The messages that have come and that nobody has asked for.
    pub fn unclaimed(&self) -> impl Iterator<Item = &Value> {
        self.unclaimed.iter()
    }

    /// The next event of that name on that stream (`["user"]`), with its payload parsed where it is JSON.
    pub async fn event(&mut self, stream: &[&str], name: &str) -> Value {
        let what = format!("{name} on {stream:?}");
        let message = self
            .next_where(&what, |it| it["stream"] == json!(stream) && it["event"] == name)
            .await;
        let payload = message["payload"]
            .as_str()
            .unwrap_or_else(|| panic!("the payload is a string: {message}"));
        match name {
            "delete" => Value::from(payload),
            _ => serde_json::from_str(payload).expect("the payload is JSON inside a string"),
        }
    }

    /// Waits until the server ends the connection; fails when it goes on.
    pub async fn closed(&mut self) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let frame = timeout_at(deadline, self.socket.next()).await;
            let frame =
                frame.unwrap_or_else(|_| panic!("the connection is still open after {} s", LIMIT.as_secs()));
            if matches!(frame, None | Some(Err(_) | Ok(Message::Close(_)))) {
                return;
            }
        }
    }
}
