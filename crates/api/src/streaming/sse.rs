//! Streams as server-sent events: `GET /api/v1/streaming/user` and its siblings.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::CACHE_CONTROL,
    rt,
    web::{Bytes, Data},
};
use futures_util::stream;
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{MissedTickBehavior, interval},
};

use super::{
    QUEUE,
    auth::listener,
    channel::{Channel, Parameters},
    connections::Connection,
    feed::{Feed, Message, Outcome},
};
use crate::{
    Shared,
    error::{ApiError, Result},
    extract::params::Params,
};

/// How often a line is sent so that nobody takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Opens the stream that the path names.
pub(super) async fn connect(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    open(&shared, &request)
        .await
        .unwrap_or_else(ApiError::into_response)
}

async fn open(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse> {
    let query = Params::parse_form(request.query_string())?;
    let listener = listener(&shared.instance, request, &query).await?;
    let channel = channel(request.path(), &query)?;
    let mut feed = Feed::new(shared.instance.clone(), listener).ok_or(ApiError::UserRequired)?;
    if !feed.allows(&channel) {
        return Err(ApiError::ScopeTooNarrow);
    }
    feed.check_owner(&channel).await?;
    feed.channels.push(channel);
    let connection = shared
        .connections
        .open(feed.viewer())
        .ok_or(ApiError::Throttled(HEARTBEAT.as_secs()))?;

    let (sender, receiver) = mpsc::channel::<Bytes>(QUEUE);
    rt::spawn(run(feed, connection, sender));
    let body = stream::unfold(receiver, |mut receiver| async {
        let line = receiver.recv().await?;
        Some((Ok::<_, Infallible>(line), receiver))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

/// The stream of a path such as `/api/v1/streaming/public/local`.
fn channel(path: &str, query: &Params) -> Result<Channel> {
    let name = path
        .trim_end_matches('/')
        .rsplit_once("/streaming/")
        .map_or("", |(_, name)| name)
        .replace('/', ":");
    let media = query.is_set("only_media") && name.starts_with("public");
    let name = if media { format!("{name}:media") } else { name };
    let (tag, list, id) = (query.text("tag"), query.text("list"), query.text("id"));
    let parameters = Parameters {
        tag: tag.as_deref(),
        list: list.as_deref(),
        id: id.as_deref(),
    };
    Channel::parse(&name, parameters).map_err(|error| ApiError::BadParameter(error.to_string()))
}

/// Sends events until the reader goes, falls behind, or may no longer read.
async fn run(feed: Feed, mut connection: Connection, sender: mpsc::Sender<Bytes>) {
    let mut events = feed.subscribe();
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.tick().await;
    if sender.try_send(Bytes::from_static(b":)\n")).is_err() {
        return;
    }
    loop {
        let lines = tokio::select! {
            () = connection.stopped() => return,
            () = sender.closed() => return,
            _ = heartbeat.tick() => vec![Bytes::from_static(b":thump\n")],
            event = events.recv() => match event {
                Ok(event) => match feed.outcome(&event).await {
                    Outcome::Send(messages) => messages.iter().map(event_lines).collect(),
                    Outcome::End => return,
                },
                Err(RecvError::Lagged(_) | RecvError::Closed) => return,
            },
        };
        for line in lines {
            if sender.try_send(line).is_err() {
                return;
            }
        }
    }
}

/// An event without payload carries an empty object: readers drop events without data, and parse what there is.
fn event_lines(message: &Message) -> Bytes {
    let payload = message.payload.as_deref().unwrap_or("{}");
    format!("event: {}\ndata: {payload}\n\n", message.event).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_streams() {
        let named = |path: &str, query: &str| {
            channel(
                &format!("/api/v1/streaming/{path}"),
                &Params::parse_form(query).unwrap(),
            )
            .map(|channel| channel.name().join("/"))
            .ok()
        };
        assert_eq!(named("user/", "").as_deref(), Some("user"));
        assert_eq!(
            named("user/notification", "").as_deref(),
            Some("user:notification")
        );
        assert_eq!(
            named("public/local", "only_media=true").as_deref(),
            Some("public:local:media")
        );
        assert_eq!(
            named("hashtag/local", "tag=x").as_deref(),
            Some("hashtag:local/x")
        );
        assert_eq!(named("list", "list=5").as_deref(), Some("list/5"));
        assert_eq!(named("saved_search", "id=7").as_deref(), Some("saved_search/7"));
        assert_eq!(named("hashtag", ""), None);
        assert_eq!(named("nonsense", ""), None);
    }

    #[test]
    fn events_have_a_name_and_data() {
        let message = |payload: Option<&str>| Message {
            stream: Channel::User.name(),
            event: "delete",
            payload: payload.map(Into::into),
        };
        assert_eq!(event_lines(&message(Some("12"))), "event: delete\ndata: 12\n\n");
        assert_eq!(event_lines(&message(None)), "event: delete\ndata: {}\n\n");
    }
}
