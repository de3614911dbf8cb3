//! A server of others, which answers what it is told to and remembers what it was asked.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, http::StatusCode, web};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_TYPE, LOCATION},
};
use pouet_federation::signatures::{HttpSigner, Scheme, SigningKey};
use pouet_model::time::ManualClock;
use pouet_service::{
    keys::{KeyPair, PrivateKey},
    net::{GetRequest, NetClient, PostRequest, Purpose, RequestSigner, Response},
};
use serde_json::{Value, json};

use super::{KEY, client, listen};

const ACTIVITY: &str = "application/activity+json";

/// What a path answers with.
#[derive(Clone, Debug)]
struct Page {
    status: u16,
    content_type: String,
    location: Option<String>,
    body: Vec<u8>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

#[derive(Debug, Default)]
struct Script {
    pages: HashMap<String, Page>,
    asked: Vec<String>,
    signed: Vec<(String, String)>,
    requests: Vec<Request>,
    answers: VecDeque<u16>,
    received: Vec<Value>,
    headers: Vec<HashMap<String, String>>,
    bodies: Vec<String>,
}

/// A scripted server on loopback.
pub(crate) struct Remote {
    pub(crate) url: String,
    pub(crate) domain: String,
    script: Arc<Mutex<Script>>,
    clock: Arc<ManualClock>,
    net: NetClient,
    server: ServerHandle,
}

/// An actor of a [`Remote`].
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) id: String,
    pub(crate) key_id: String,
    pub(crate) document: Value,
}

impl Remote {
    /// A server without a name, as in development.
    pub(crate) fn start(clock: &Arc<ManualClock>) -> Self {
        Self::start_as("127.0.0.1", clock)
    }

    /// A server with a name.
    pub(crate) fn start_as(name: &str, clock: &Arc<ManualClock>) -> Self {
        let (listener, authority) = listen();
        let domain = authority.replace("127.0.0.1", name);
        let script = Arc::new(Mutex::new(Script::default()));
        let data = web::Data::from(Arc::clone(&script));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(answer)))
                .workers(1)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            url: format!("http://{domain}"),
            net: client("nobody.test"),
            domain,
            script,
            clock: Arc::clone(clock),
            server: handle,
        }
    }

    /// Answers `path` (with its query) with this document from now on.
    pub(crate) fn serve(&self, path: &str, document: &Value) {
        self.serve_as(path, 200, ACTIVITY, &document.to_string());
    }

    pub(crate) fn serve_as(&self, path: &str, status: u16, content_type: &str, body: &str) {
        self.serve_bytes(path, status, content_type, body.as_bytes());
    }

    pub(crate) fn serve_bytes(&self, path: &str, status: u16, content_type: &str, body: &[u8]) {
        let page = Page {
            status,
            content_type: content_type.to_owned(),
            location: None,
            body: body.to_vec(),
        };
        self.script.lock().unwrap().pages.insert(path.to_owned(), page);
    }

    /// Redirects `path` to an address.
    pub(crate) fn redirect(&self, path: &str, location: &str) {
        let page = Page {
            status: 302,
            content_type: "text/plain".to_owned(),
            location: Some(location.to_owned()),
            body: Vec::new(),
        };
        self.script.lock().unwrap().pages.insert(path.to_owned(), page);
    }

    /// Serves an object under the path of its id.
    pub(crate) fn publish(&self, object: &Value) {
        let id = object["id"].as_str().unwrap();
        self.serve(id.strip_prefix(&self.url).unwrap(), object);
    }

    /// Serves nothing at the address of `id` but that it is gone.
    pub(crate) fn remove(&self, id: &str) {
        let path = id.strip_prefix(&self.url).unwrap();
        self.serve_as(path, 410, ACTIVITY, r#"{"type": "Tombstone"}"#);
    }

    /// Serves an actor with its WebFinger, and returns it.
    pub(crate) fn actor(&self, username: &str) -> Actor {
        let id = format!("{}/users/{username}", self.url);
        let key_id = format!("{id}#main-key");
        let document = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": id,
            "type": "Person",
            "preferredUsername": username,
            "name": username,
            "inbox": format!("{id}/inbox"),
            "outbox": format!("{id}/outbox"),
            "followers": format!("{id}/followers"),
            "following": format!("{id}/following"),
            "endpoints": { "sharedInbox": format!("{}/inbox", self.url) },
            "url": format!("{}/@{username}", self.url),
            "publicKey": { "id": key_id, "owner": id, "publicKeyPem": KEY.public_key_pem },
        });
        self.publish(&document);
        self.serve_webfinger(username, &format!("acct:{username}@{}", self.domain), &id);
        Actor { id, key_id, document }
    }

    pub(crate) fn serve_webfinger(&self, username: &str, subject: &str, actor: &str) {
        let document = json!({
            "subject": subject,
            "links": [{ "rel": "self", "type": ACTIVITY, "href": actor }],
        });
        let path = format!("webfinger:acct:{username}@{}", self.domain);
        self.serve_as(&path, 200, "application/jrd+json", &document.to_string());
    }

    /// A public note of an actor, served under its id.
    pub(crate) fn note(&self, actor: &Actor, name: &str, content: &str) -> Value {
        let note = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}/notes/{name}", self.url),
            "type": "Note",
            "attributedTo": actor.id,
            "content": content,
            "published": "2026-11-23T09:59:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [format!("{}/followers", actor.id)],
        });
        self.publish(&note);
        note
    }

    /// What was asked for since the last call: methods and paths, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.script.lock().unwrap().asked)
    }

    /// What was asked for since the last call, each with its `Signature` header.
    pub(crate) fn asked_as(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.script.lock().unwrap().signed)
    }

    /// All requests since the last call, whole.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.script.lock().unwrap().requests)
    }

    /// Answers the next posts so; those after them are accepted again.
    pub(crate) fn answer_posts(&self, statuses: impl IntoIterator<Item = u16>) {
        self.script.lock().unwrap().answers = statuses.into_iter().collect();
    }

    /// The activities that were sent here since the last call.
    pub(crate) fn received(&self) -> Vec<Value> {
        std::mem::take(&mut self.script.lock().unwrap().received)
    }

    /// What was sent here since the last call, byte for byte.
    pub(crate) fn bodies(&self) -> Vec<String> {
        std::mem::take(&mut self.script.lock().unwrap().bodies)
    }

    /// The headers of what was sent here since the last call.
    pub(crate) fn headers(&self) -> Vec<HashMap<String, String>> {
        std::mem::take(&mut self.script.lock().unwrap().headers)
    }

    /// Posts an activity with one more header, both signed by its actor's key.
    pub(crate) async fn send_beside(
        &self,
        actor: &Actor,
        inbox: &str,
        activity: &Value,
        (name, value): (&'static str, &str),
    ) -> u16 {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(ACTIVITY));
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        let request = PostRequest {
            url: inbox,
            headers,
            body: Bytes::from(activity.to_string()),
        };
        let signer = self.signer(&actor.key_id, &KEY, Scheme::Cavage);
        self.net
            .post(&request, Some(&signer))
            .await
            .unwrap()
            .status
            .as_u16()
    }

    /// Posts an activity, signed by its actor's key; the status of the answer.
    pub(crate) async fn send(&self, actor: &Actor, inbox: &str, activity: &Value) -> u16 {
        self.send_signed(&actor.key_id, &KEY, inbox, activity).await
    }

    /// Posts an activity, signed with any key under any name.
    pub(crate) async fn send_signed(
        &self,
        key_id: &str,
        key: &KeyPair,
        inbox: &str,
        activity: &Value,
    ) -> u16 {
        let signer = self.signer(key_id, key, Scheme::Cavage);
        self.send_as(inbox, activity.to_string(), Some(&signer))
            .await
            .status
            .as_u16()
    }

    /// Posts a body as it is.
    pub(crate) async fn send_as(
        &self,
        inbox: &str,
        body: String,
        signer: Option<&dyn RequestSigner>,
    ) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(ACTIVITY));
        let request = PostRequest {
            url: inbox,
            headers,
            body: Bytes::from(body),
        };
        self.net.post(&request, signer).await.unwrap()
    }

    /// Fetches an address, signed by an actor.
    pub(crate) async fn get(&self, actor: &Actor, url: &str) -> Response {
        let signer = self.signer(&actor.key_id, &KEY, Scheme::Cavage);
        self.get_signed(&signer, url).await
    }

    /// Fetches an address, signed in any way.
    pub(crate) async fn get_signed(&self, signer: &HttpSigner, url: &str) -> Response {
        let request = GetRequest {
            url,
            accept: ACTIVITY,
            max_bytes: 1_000_000,
            purpose: Purpose::Json,
            headers: HeaderMap::new(),
        };
        self.net.get(&request, Some(signer)).await.unwrap()
    }

    pub(crate) fn signer(&self, key_id: &str, key: &KeyPair, scheme: Scheme) -> HttpSigner {
        let private = PrivateKey::from_pkcs8_pem(&key.private_key_pem).unwrap();
        let key = Arc::new(SigningKey::new(key_id.to_owned(), private));
        HttpSigner::new(key, scheme, Arc::clone(&self.clock) as _)
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl Actor {
    /// An activity of this actor.
    pub(crate) fn activity(&self, kind: &str, name: &str, object: &Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}/activities/{name}", self.id),
            "type": kind,
            "actor": self.id,
            "published": "2026-11-23T09:59:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "object": object,
        })
    }
}

async fn answer(script: web::Data<Mutex<Script>>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let mut script = script.lock().unwrap();
    let path = match resource(&request) {
        Some(resource) => format!("webfinger:{resource}"),
        None => request.uri().to_string(),
    };
    let asked = format!("{} {path}", request.method());
    let signature = request.headers().get("signature");
    let signature = signature.map_or("", |value| value.to_str().unwrap()).to_owned();
    script.signed.push((asked.clone(), signature));
    script.asked.push(asked);
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers() {
        let name: http::HeaderName = name.as_str().parse().unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    script.requests.push(Request {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        headers,
        body: body.to_vec(),
    });
    if request.method() == "POST" {
        let status = script.answers.pop_front().unwrap_or(202);
        if status == 202 {
            script.received.extend(serde_json::from_slice(&body).ok());
        }
        script.bodies.push(String::from_utf8_lossy(&body).into_owned());
        let text = |value: &actix_web::http::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers = request.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect();
        script.headers.push(headers);
        return HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish();
    }
    let Some(page) = script.pages.get(&path) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::build(StatusCode::from_u16(page.status).unwrap());
    if let Some(location) = &page.location {
        response.insert_header((LOCATION.as_str(), location.as_str()));
    }
    response.insert_header((CONTENT_TYPE.as_str(), page.content_type.as_str()));
    match part(&request, page) {
        None => response.body(page.body.clone()),
        Some((first, last)) if first < page.body.len() => {
            let told = format!("bytes {first}-{last}/{}", page.body.len());
            response
                .status(StatusCode::PARTIAL_CONTENT)
                .insert_header(("content-range", told))
                .body(page.body[first..=last].to_vec())
        }
        Some(_) => response
            .status(StatusCode::RANGE_NOT_SATISFIABLE)
            .insert_header(("content-range", format!("bytes */{}", page.body.len())))
            .finish(),
    }
}

/// The first and last byte that are asked for, of sound and films only.
fn part(request: &HttpRequest, page: &Page) -> Option<(usize, usize)> {
    if !page.content_type.starts_with("video/") && !page.content_type.starts_with("audio/") {
        return None;
    }
    let range = request.headers().get("range")?.to_str().ok()?;
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = page.body.len() - 1;
    Some((first.parse().ok()?, last.parse().unwrap_or(end).min(end)))
}

/// What WebFinger is asked about.
fn resource(request: &HttpRequest) -> Option<String> {
    if request.path() != "/.well-known/webfinger" {
        return None;
    }
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string()).ok()?;
    query.get("resource").cloned()
}
