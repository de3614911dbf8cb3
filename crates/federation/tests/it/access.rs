//! Who reads our documents where readers have to sign: every address, and every kind of reader.

use std::sync::Arc;

use http::{
    HeaderMap,
    header::{CACHE_CONTROL, VARY},
};
use pouet_federation::{
    routes::{DOCUMENTS, FetchAuth},
    signatures::Scheme,
};
use pouet_model::{
    account::{Account, User},
    status::Visibility,
    time::ManualClock,
};
use pouet_service::{
    blocks, follows,
    net::{RequestSigner as _, Response, UnsignedRequest},
    statuses::NewStatus,
};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::common::{Actor, KEY, Remote, Site, clock, json_of};

/// A site of ours with Ada, and a server whose people read.
struct World {
    site: Site,
    remote: Remote,
    ada: (User, Account),
    reader: Actor,
}

impl World {
    async fn start(mode: FetchAuth) -> Self {
        Self::at(&clock(), mode).await
    }

    async fn at(clock: &Arc<ManualClock>, mode: FetchAuth) -> Self {
        let site = Site::start_with(clock, mode).await;
        let remote = Remote::start(clock);
        let ada = site.user("ada").await;
        let reader = remote.actor("reader");
        Self {
            site,
            remote,
            ada,
            reader,
        }
    }

    /// Every address of a document, with ids that exist.
    async fn addresses(&self) -> Vec<String> {
        let (_, status) = self.post(Visibility::Public, "words").await;
        let note = json_of(
            &self
                .remote
                .get(&self.reader, &format!("{}{status}", self.site.url))
                .await,
        );
        let conversation = note["context"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let status = status.rsplit('/').next().unwrap().to_owned();
        DOCUMENTS
            .iter()
            .map(|path| {
                let path = path
                    .replace("{account}", &self.ada.1.id.to_string())
                    .replace("{status}", &status)
                    .replace("{conversation}", &conversation);
                assert!(!path.contains("{status}"));
                // Ids of kinds that this test does not know: nothing is there.
                let filled: Vec<&str> = path
                    .split('/')
                    .map(|part| if part.starts_with('{') { "1" } else { part })
                    .collect();
                format!("/ap{}", filled.join("/"))
            })
            .collect()
    }

    async fn post(&self, visibility: Visibility, text: &str) -> (i64, String) {
        let new = NewStatus {
            text: text.to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let id = self.site.post(&self.ada.0, new).await;
        (id.0, format!("/ap/users/{}/posts/{id}", self.ada.1.id))
    }

    async fn read(&self, reader: &Actor, path: &str) -> Response {
        self.remote.get(reader, &format!("{}{path}", self.site.url)).await
    }

    /// Our account of a reader.
    async fn known(&self, reader: &Actor) -> Account {
        let name = reader.document["preferredUsername"].as_str().unwrap();
        self.site.resolve(name, &self.remote.domain).await.unwrap()
    }
}

fn header(response: &Response, name: http::HeaderName) -> &str {
    response
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn is_private(response: &Response) -> bool {
    header(response, CACHE_CONTROL) == "private, no-store"
        && header(response, VARY) == "Accept, Signature, Signature-Input"
}

#[actix_web::test]
async fn fed_118_every_document_wants_a_signature() {
    let world = World::start(FetchAuth::On).await;
    let addresses = world.addresses().await;
    assert!(addresses.len() >= 14);
    for address in &addresses {
        let unsigned = world.site.get(address).await;
        let signed = world.read(&world.reader, address).await;
        if address == "/ap/actor" {
            assert_eq!(
                (unsigned.status, signed.status),
                (200.try_into().unwrap(), 200.try_into().unwrap())
            );
            continue;
        }
        assert_eq!(unsigned.status, 401, "{address}");
        assert!(json_of(&unsigned)["error"].is_string(), "{address}");
        assert!(is_private(&unsigned), "{address}");
        assert!(
            matches!(signed.status.as_u16(), 200 | 404),
            "{address} {}",
            signed.status
        );
        assert!(
            is_private(&signed),
            "{address}: one reader's answer is not another's"
        );
    }
    for name in [
        "/@ada",
        &format!("/@ada/{}", world.post(Visibility::Public, "more").await.0),
    ] {
        assert_eq!(world.site.get(name).await.status, 401, "{name}");
    }
    // What everybody has to read.
    for address in [
        "/.well-known/nodeinfo".to_owned(),
        "/nodeinfo/2.0".to_owned(),
        "/.well-known/host-meta".to_owned(),
        format!("/.well-known/webfinger?resource=acct:ada@{}", world.site.domain),
    ] {
        let response = world.site.get_as(&address, "*/*").await;
        assert_eq!(response.status, 200, "{address}");
    }
    // People with a browser are led to the page, which decides for itself.
    let html = "text/html,application/xhtml+xml";
    let page = world
        .site
        .get_as(&format!("/ap/users/{}", world.ada.1.id), html)
        .await;
    assert!(matches!(page.status.as_u16(), 302 | 404), "{}", page.status);
}

#[actix_web::test]
async fn fed_118_garbled_signatures_open_nothing() {
    let world = World::start(FetchAuth::On).await;
    let path = format!("{}/ap/users/{}", world.site.url, world.ada.1.id);
    let unlisted = format!("{}#other-key", world.reader.id);
    let wrong = [
        world.remote.signer(&unlisted, &KEY, Scheme::Cavage),
        world
            .remote
            .signer(&world.reader.key_id, &crate::common::OTHER_KEY, Scheme::Cavage),
        world
            .remote
            .signer(&world.reader.key_id, &crate::common::OTHER_KEY, Scheme::Rfc9421),
    ];
    for signer in &wrong {
        let response = world.remote.get_signed(signer, &path).await;
        assert_eq!(response.status, 401);
        assert!(is_private(&response));
    }
    for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
        let signer = world.remote.signer(&world.reader.key_id, &KEY, scheme);
        assert_eq!(
            world.remote.get_signed(&signer, &path).await.status,
            200,
            "{scheme:?}"
        );
    }
}

#[actix_web::test]
async fn fed_117_signed_gets_as_other_programs_make_them() {
    let world = World::start(FetchAuth::On).await;
    let (_, status) = world.post(Visibility::Public, "words").await;
    let outbox = format!("/ap/users/{}/outbox?page=true", world.ada.1.id);
    // As Mastodon does: no digest, the query is signed.
    for path in [&status, &outbox] {
        assert_eq!(world.read(&world.reader, path).await.status, 200, "{path}");
    }
    // As GoToSocial does: the key has an address of its own, where a stub of the actor is.
    let id = format!("{}/users/gts", world.remote.url);
    let key_id = format!("{id}/main-key");
    let mut document = world.reader.document.clone();
    document["id"] = json!(id);
    document["preferredUsername"] = json!("gts");
    document["publicKey"] = json!({ "id": key_id, "owner": id, "publicKeyPem": KEY.public_key_pem });
    world.remote.publish(&document);
    world
        .remote
        .serve_webfinger("gts", &format!("acct:gts@{}", world.remote.domain), &id);
    let stub = json!({
        "@context": document["@context"], "id": id, "type": "Person", "preferredUsername": "gts",
        "publicKey": document["publicKey"],
    });
    world.remote.serve("/users/gts/main-key", &stub);
    let signer = world.remote.signer(&key_id, &KEY, Scheme::Cavage);
    let url = format!("{}{status}", world.site.url);
    assert_eq!(world.remote.get_signed(&signer, &url).await.status, 200);
}

#[actix_web::test]
async fn fed_117_signed_head_requests_verify() {
    let clock = clock();
    let world = World::at(&clock, FetchAuth::On).await;
    let path = format!("/ap/users/{}", world.ada.1.id);
    let url = url::Url::parse(&format!("{}{path}", world.site.url)).unwrap();
    for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
        let signer = world.remote.signer(&world.reader.key_id, &KEY, scheme);
        for (signed_as, sent_as, expected) in [
            (http::Method::HEAD, "HEAD", "200"),
            (http::Method::GET, "GET", "200"),
            (http::Method::GET, "HEAD", "401"),
            (http::Method::HEAD, "GET", "401"),
        ] {
            let request = UnsignedRequest {
                method: &signed_as,
                url: &url,
                headers: &HeaderMap::new(),
                body: None,
            };
            let headers = signer.sign(&request).unwrap();
            let status = status_of(&world.site, sent_as, &path, &headers).await;
            assert_eq!(status, expected, "{scheme:?} {signed_as} {sent_as}");
        }
    }
}

/// Sends a request as it is; the status of the answer.
async fn status_of(site: &Site, method: &str, path: &str, headers: &HeaderMap) -> String {
    let mut lines = vec![
        format!("{method} {path} HTTP/1.1"),
        format!("host: {}", site.domain),
        "connection: close".to_owned(),
        "accept: application/activity+json".to_owned(),
    ];
    for (name, value) in headers {
        lines.push(format!("{name}: {}", value.to_str().unwrap()));
    }
    let text = format!("{}\r\n\r\n", lines.join("\r\n"));
    let mut socket = tokio::net::TcpStream::connect(&site.domain).await.unwrap();
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if method == "HEAD" {
        assert!(answer.ends_with("\r\n\r\n"), "no body: {answer}");
    }
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[actix_web::test]
async fn sec_R020_blocked_readers_find_nothing() {
    for mode in [FetchAuth::Blocks, FetchAuth::On] {
        let world = World::start(mode).await;
        let (_, status) = world.post(Visibility::Public, "words").await;
        let other = world.remote.actor("other");
        let account = format!("/ap/users/{}", world.ada.1.id);
        let paths = [
            status.clone(),
            format!("{status}/activity"),
            format!("{status}/replies"),
            format!("{account}/outbox"),
            format!("{account}/followers"),
            format!("{account}/collections/featured"),
        ];
        let blocked = world.known(&world.reader).await;
        world.known(&other).await;
        for path in &paths {
            assert_eq!(
                world.read(&world.reader, path).await.status,
                200,
                "{mode:?} {path}"
            );
        }
        blocks::block(&world.site.instance, world.ada.1.id, blocked.id)
            .await
            .unwrap();
        for path in &paths {
            let refused = world.read(&world.reader, path).await;
            assert_eq!(refused.status, 404, "{mode:?} {path}");
            assert!(is_private(&refused), "{mode:?} {path}");
            assert_eq!(world.read(&other, path).await.status, 200, "{mode:?} {path}");
        }
        // The key is needed to check what ends the follows between the two.
        assert_eq!(world.read(&world.reader, &account).await.status, 200);
    }
}

#[actix_web::test]
async fn sec_R040_only_the_actor_itself_sees_what_is_for_few() {
    for mode in [FetchAuth::Off, FetchAuth::Blocks, FetchAuth::On] {
        let world = World::start(mode).await;
        let [follower, mentioned, stranger] =
            ["follower", "mentioned", "stranger"].map(|name| world.remote.actor(name));
        let mut instance_actor = world.remote.actor("instance");
        instance_actor.document["type"] = json!("Application");
        world.remote.publish(&instance_actor.document);
        for reader in [&mentioned, &stranger, &instance_actor] {
            world.known(reader).await;
        }
        let following = world.known(&follower).await;
        let follow = format!("{}#follows/1", follower.id);
        follows::receive_follow(&world.site.instance, following.id, world.ada.1.id, &follow)
            .await
            .unwrap();
        let text = format!("for @mentioned@{}", world.remote.domain);
        for (visibility, sees) in [
            (Visibility::Private, [true, true, false, false]),
            (Visibility::Direct, [false, true, false, false]),
        ] {
            let (_, path) = world.post(visibility, &text).await;
            for path in [
                path.clone(),
                format!("{path}/activity"),
                format!("{path}/replies"),
            ] {
                let readers = [&follower, &mentioned, &stranger, &instance_actor];
                for (reader, sees) in readers.into_iter().zip(sees) {
                    let response = world.read(reader, &path).await;
                    let expected = if sees { 200 } else { 404 };
                    assert_eq!(
                        response.status, expected,
                        "{mode:?} {visibility:?} {} {path}",
                        reader.id
                    );
                    assert!(is_private(&response), "{mode:?} {visibility:?} {path}");
                }
                let unsigned = world.site.get(&path).await;
                assert_eq!(unsigned.status == 401, mode == FetchAuth::On);
                assert_ne!(unsigned.status, 200);
            }
        }
        // One who is blocked is no reader any more, mentioned or not.
        let (_, path) = world.post(Visibility::Private, &text).await;
        let known = world.known(&mentioned).await;
        blocks::block(&world.site.instance, world.ada.1.id, known.id)
            .await
            .unwrap();
        assert_eq!(world.read(&mentioned, &path).await.status, 404, "{mode:?}");
    }
}

#[actix_web::test]
async fn what_is_for_followers_is_asked_for_in_the_name_of_one() {
    let mut world = World::start(FetchAuth::On).await;
    let zoe = world.remote.actor("zoe");
    let known = world.known(&zoe).await;
    let options = follows::FollowOptions::default();
    follows::follow(&world.site.instance, world.ada.1.id, known.id, options)
        .await
        .unwrap();
    world.site.settle().await;
    let follow = world.remote.received().pop().unwrap();
    let inbox = format!("{}/ap/inbox", world.site.url);
    world
        .remote
        .send(&zoe, &inbox, &zoe.activity("Accept", "accept", &follow))
        .await;
    world.site.settle().await;

    let mut note = world.remote.note(&zoe, "few", "<p>for few</p>");
    note["to"] = json!([format!("{}/followers", zoe.id)]);
    note["cc"] = json!([]);
    world.remote.publish(&note);
    let mut create = zoe.activity("Create", "few", &note["id"]);
    create["to"] = note["to"].clone();
    world.remote.asked_as();
    assert_eq!(world.remote.send(&zoe, &inbox, &create).await, 202);
    world.site.settle().await;
    assert!(world.site.knows(note["id"].as_str().unwrap()).await);
    let asked: Vec<(String, String)> = world.remote.asked_as();
    let fetch = asked.iter().find(|(what, _)| what == "GET /notes/few").unwrap();
    let ada = world.site.uri(&world.ada.1);
    assert!(fetch.1.contains(&format!("{ada}#main-key")), "{fetch:?}");
    let unsigned = |(what, signature): &&(String, String)| what.starts_with("GET /") && signature.is_empty();
    assert_eq!(asked.iter().find(unsigned), None, "every fetch is signed");
}
