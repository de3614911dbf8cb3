//! The HTTP of a fleet's hosts: as much of it as a federating server asks for.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Arrival, Conduct, Host};

/// The longest body that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// How long a silent host keeps a connection before it hangs up.
const SILENCE: Duration = Duration::from_mins(10);

struct Answer {
    status: u16,
    kind: &'static str,
    body: String,
    more: String,
    after: Duration,
}

impl Answer {
    fn empty(status: u16) -> Self {
        Self {
            status,
            kind: "text/plain",
            body: String::new(),
            more: String::new(),
            after: Duration::ZERO,
        }
    }

    fn json(kind: &'static str, body: &Value) -> Self {
        Self {
            kind,
            body: body.to_string(),
            ..Self::empty(200)
        }
    }
}

/// Takes connections until the task is ended, which ends them too.
pub(super) async fn accept(host: Arc<Host>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        // A client that hangs up in between is no concern of ours.
        connections.spawn(converse(Arc::clone(&host), stream));
    }
}

async fn converse(host: Arc<Host>, stream: TcpStream) -> anyhow::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some((method, path, body)) = request(&mut stream).await? {
        let read = Instant::now();
        let conduct = host.conduct_now();
        if conduct == Conduct::Silent {
            tokio::time::sleep(SILENCE).await;
            return Ok(());
        }
        let answer = if conduct == Conduct::Gone {
            note(&host, &path, &body, read, 410);
            Answer::empty(410)
        } else if method == "POST" {
            receive(&host, &path, &body, read, conduct)
        } else {
            document(&host, &path)
        };
        tokio::time::sleep(answer.after).await;
        let Answer {
            status,
            kind,
            body,
            more,
            ..
        } = answer;
        let head = format!(
            "HTTP/1.1 {status} .\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{more}\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await?;
    }
    Ok(())
}

/// Reads a request; nothing at the end of the connection.
async fn request(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Option<(String, String, Vec<u8>)>> {
    let mut first = String::new();
    if stream.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let mut words = first.split(' ');
    let (method, path) = (words.next(), words.next());
    let (method, path) = method.zip(path).context("no request line")?;
    let (method, path) = (method.to_owned(), path.to_owned());
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            bail!("the head has no end");
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    ensure!(length <= LARGEST, "too long");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some((method, path, body)))
}

/// Writes an activity down.
fn note(host: &Host, path: &str, body: &[u8], at: Instant, status: u16) {
    let activity: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let object = match &activity["object"] {
        Value::String(id) => id.clone(),
        object => text(&object["id"]),
    };
    let mut arrivals = host.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    arrivals.push(Arrival {
        activity: text(&activity["id"]),
        kind: text(&activity["type"]),
        object,
        path: path.to_owned(),
        at,
        status,
    });
}

fn receive(host: &Host, path: &str, body: &[u8], at: Instant, conduct: Conduct) -> Answer {
    let mut answer = Answer::empty(202);
    match conduct {
        Conduct::Busy(wait) => {
            let mut busy = host.busy_since.lock().unwrap_or_else(PoisonError::into_inner);
            if at < *busy.get_or_insert(at) + wait {
                answer.status = 429;
                answer.more = format!("retry-after: {}\r\n", wait.as_secs());
            }
            note(host, path, body, at, answer.status);
        }
        Conduct::Slow(wait) => {
            note(host, path, body, at, 202);
            answer.after = wait;
        }
        _ => {
            note(host, path, body, at, 202);
        }
    }
    answer
}

fn document(host: &Host, path: &str) -> Answer {
    let path_only = path.split('?').next().unwrap_or_default();
    let base = host.url();
    if path_only == "/.well-known/webfinger" {
        let Some(name) = name_in(path) else {
            return Answer::empty(404);
        };
        let actor = format!("{base}/users/{name}");
        let found = json!({
            "subject": format!("acct:{name}@{}", host.address),
            "links": [{ "rel": "self", "type": "application/activity+json", "href": actor }],
        });
        return Answer::json("application/jrd+json", &found);
    }
    match path_only.strip_prefix("/users/") {
        Some(name) if !name.contains('/') => {
            let actor = format!("{base}/users/{name}");
            let found = json!({
                "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
                "id": actor,
                "type": "Person",
                "preferredUsername": name,
                "inbox": format!("{actor}/inbox"),
                "outbox": format!("{actor}/outbox"),
                "followers": format!("{actor}/followers"),
                "endpoints": { "sharedInbox": format!("{base}/inbox") },
                "publicKey": {
                    "id": format!("{actor}#main-key"),
                    "owner": actor,
                    "publicKeyPem": &*host.public_key,
                },
            });
            Answer::json("application/activity+json", &found)
        }
        _ => Answer::empty(404),
    }
}

/// The user name in a WebFinger request, whether it asks for `acct:name@host` or for an actor's address.
fn name_in(path: &str) -> Option<String> {
    let url = url::Url::parse("http://host/").ok()?.join(path).ok()?;
    let (_, resource) = url.query_pairs().find(|(name, _)| name == "resource")?;
    let name = match resource.strip_prefix("acct:") {
        Some(handle) => handle.split('@').next()?,
        None => resource.rsplit('/').next()?,
    };
    Some(name.to_owned())
}
