//! Streams over WebSockets: `GET /api/v1/streaming`, several streams on one connection.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, rt,
    web::{Data, Payload},
};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    QUEUE,
    auth::{listener, refusal, subprotocol},
    channel::{Channel, Parameters},
    connections::Connection,
    feed::{Feed, Outcome},
};
use crate::{
    Shared,
    error::{ApiError, Result, sentence},
    extract::params::Params,
};

/// How often a silent client is asked whether it is there.
const PING: Duration = Duration::from_secs(30);
/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(75);
/// Most subscriptions of a connection (R102).
const MAX_CHANNELS: usize = 100;
/// Largest frame that a client may send, bytes (R102).
const MAX_FRAME: usize = 64 * 1024;

/// What a client sends.
#[derive(Deserialize)]
struct Request {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    stream: String,
    tag: Option<String>,
    list: Option<String>,
    id: Option<String>,
}

/// An answer to a request that cannot be met.
#[derive(Serialize)]
struct Refused {
    error: String,
    status: u16,
}

/// Upgrades to a WebSocket. A refused upgrade has an empty body.
pub(super) async fn connect(shared: Data<Shared>, request: HttpRequest, payload: Payload) -> HttpResponse {
    open(&shared, &request, payload)
        .await
        .unwrap_or_else(|error| refusal(&error))
}

async fn open(shared: &Shared, request: &HttpRequest, payload: Payload) -> Result<HttpResponse> {
    let query = Params::parse_form(request.query_string())?;
    let listener = listener(&shared.instance, request, &query).await?;
    let feed = Feed::new(shared.instance.clone(), listener).ok_or(ApiError::UserRequired)?;
    let connection = shared
        .connections
        .open(feed.viewer())
        .ok_or(ApiError::Throttled(PING.as_secs()))?;
    // Browsers end the handshake unless the protocol that they offered is chosen.
    let protocols: Vec<&str> = subprotocol(request).into_iter().collect();
    let (response, session, messages) = actix_ws::handle_with_protocols(request, payload, &protocols)
        .map_err(|_| ApiError::Malformed("this is not a WebSocket handshake"))?;
    let messages = messages
        .max_frame_size(MAX_FRAME)
        .aggregate_continuations()
        .max_continuation_size(MAX_FRAME);

    let (queue, queued) = mpsc::channel(QUEUE);
    rt::spawn(write(session.clone(), queued));
    let first = query.text("stream").map(|stream| Request {
        kind: "subscribe".to_owned(),
        stream,
        tag: query.text("tag"),
        list: query.text("list"),
        id: query.text("id"),
    });
    rt::spawn(async move {
        let mut socket = Socket { feed, queue };
        let reason = socket.run(first, connection, messages, session.clone()).await;
        // The other side may be gone already.
        let _ = session.close(reason).await;
    });
    Ok(response)
}

/// Sends what is queued. A reader that does not keep up fills the queue, and the connection is dropped.
async fn write(mut session: Session, mut queued: mpsc::Receiver<String>) {
    while let Some(text) = queued.recv().await {
        if session.text(text).await.is_err() {
            return;
        }
    }
}

/// Why a connection cannot go on.
enum End {
    /// The other side is gone, or does not read.
    Gone,
    /// The connection is closed for this reason.
    Closed(CloseCode),
}

/// One connection.
struct Socket {
    feed: Feed,
    queue: mpsc::Sender<String>,
}

impl Socket {
    /// Serves the connection to its end.
    async fn run(
        &mut self,
        first: Option<Request>,
        connection: Connection,
        messages: AggregatedMessageStream,
        session: Session,
    ) -> Option<CloseReason> {
        match self.serve(first, connection, messages, session).await {
            End::Gone => None,
            End::Closed(code) => Some(code.into()),
        }
    }

    async fn serve(
        &mut self,
        first: Option<Request>,
        mut connection: Connection,
        mut messages: AggregatedMessageStream,
        mut session: Session,
    ) -> End {
        // Subscribed before anything is answered, so that nothing that happens then is missed.
        let mut events = self.feed.subscribe();
        if let Some(first) = first
            && self.obey(first).await.is_err()
        {
            return End::Gone;
        }
        let mut heard_at = Instant::now();
        let mut ping = interval(PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.tick().await;
        loop {
            let done = tokio::select! {
                () = connection.stopped() => Err(End::Closed(CloseCode::Restart)),
                message = messages.next() => {
                    heard_at = Instant::now();
                    match message {
                        Some(Ok(message)) => self.hear(message, &mut session).await,
                        Some(Err(_)) => Err(End::Closed(CloseCode::Protocol)),
                        None => Err(End::Gone),
                    }
                }
                _ = ping.tick() => {
                    if heard_at.elapsed() > SILENCE || session.ping(b"").await.is_err() {
                        Err(End::Gone)
                    } else {
                        Ok(())
                    }
                }
                event = events.recv() => match event {
                    Ok(event) => match self.feed.outcome(&event).await {
                        Outcome::Send(messages) => messages.iter().try_for_each(|message| self.send(message)),
                        Outcome::End => Err(End::Closed(CloseCode::Policy)),
                    },
                    Err(RecvError::Lagged(_)) => Err(End::Closed(CloseCode::Again)),
                    Err(RecvError::Closed) => Err(End::Closed(CloseCode::Restart)),
                },
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// Queues a message.
    fn send(&self, message: &impl Serialize) -> Result<(), End> {
        let text = serde_json::to_string(message).map_err(|_| End::Closed(CloseCode::Error))?;
        self.queue.try_send(text).map_err(|_| End::Gone)
    }

    fn refuse(&self, error: &str, status: u16) -> Result<(), End> {
        self.send(&Refused {
            error: sentence(error),
            status,
        })
    }

    async fn hear(&mut self, message: AggregatedMessage, session: &mut Session) -> Result<(), End> {
        match message {
            AggregatedMessage::Text(text) => match serde_json::from_str(&text) {
                Ok(request) => self.obey(request).await,
                Err(_) => self.refuse("invalid JSON message", 400),
            },
            AggregatedMessage::Binary(_) => Err(End::Closed(CloseCode::Unsupported)),
            AggregatedMessage::Ping(bytes) => session.pong(&bytes).await.map_err(|_| End::Gone),
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Close(_) => Err(End::Closed(CloseCode::Normal)),
        }
    }

    async fn obey(&mut self, request: Request) -> Result<(), End> {
        let parameters = Parameters {
            tag: request.tag.as_deref(),
            list: request.list.as_deref(),
            id: request.id.as_deref(),
        };
        let channel = match Channel::parse(&request.stream, parameters) {
            Ok(channel) => channel,
            Err(error) => return self.refuse(&error.to_string(), 400),
        };
        match request.kind.as_str() {
            "subscribe" => self.subscribe(channel).await,
            "unsubscribe" => {
                self.feed.channels.retain(|subscribed| *subscribed != channel);
                Ok(())
            }
            _ => self.refuse("unknown message type", 400),
        }
    }

    /// Subscribing twice is the same as once.
    async fn subscribe(&mut self, channel: Channel) -> Result<(), End> {
        if self.feed.channels.contains(&channel) {
            return Ok(());
        }
        if self.feed.channels.len() >= MAX_CHANNELS {
            return self.refuse("too many subscriptions", 400);
        }
        if !self.feed.allows(&channel) {
            return self.refuse("access token does not have the required scopes", 401);
        }
        if self.feed.check_owner(&channel).await.is_err() {
            let what = match channel {
                Channel::List(_) => "list not found",
                _ => "saved search not found",
            };
            return self.refuse(what, 404);
        }
        self.feed.channels.push(channel);
        Ok(())
    }
}
