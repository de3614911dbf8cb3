//! Who reads what, on every operation that answers to GET and on every stream.
//!
//! The operations come from the table of operations: a new one is tried as soon as it is listed. Each status carries a
//! mark of its own in its text and its poll; no answer to somebody who may not see the status may hold the mark.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]
#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use chrono::TimeDelta;
use pouet_api::{Api, Audience};
use pouet_model::{
    ids::{AccountId, StatusId},
    notification_policy::Correspondents,
    status::Visibility,
};
use pouet_service::{
    blocks,
    follows::{self, FollowOptions},
    lists::{self, ListChange},
    notifications::policy::{self, PolicyChange},
    profile::{self, ProfileChange},
    statuses::{self, NewPoll, NewStatus, StatusChange, scheduled},
};
use pouet_test_support::{Person, World, send};
use serde_json::json;

use crate::streams::{Server, Socket};

const VISIBILITIES: [Visibility; 4] = [
    Visibility::Public,
    Visibility::Unlisted,
    Visibility::Private,
    Visibility::Direct,
];

/// What stands in the text and the poll of a status, and nowhere else.
#[derive(Clone, Debug)]
struct Marked {
    id: StatusId,
    mark: String,
}

/// Somebody who reads.
struct Reader {
    /// What they are to the author.
    name: &'static str,
    /// None: without a token.
    person: Option<Person>,
    /// Marks of what they may not see, the oracle's word.
    hidden: BTreeSet<String>,
}

impl Reader {
    fn id(&self) -> Option<AccountId> {
        self.person.as_ref().map(|person| person.account.id)
    }
}

/// An author, people who know them in every way, and statuses of every visibility.
struct Scene {
    world: World,
    author: Person,
    readers: Vec<Reader>,
    /// Still there.
    statuses: Vec<Marked>,
    /// Ids that the operations are asked for: statuses, polls, accounts, lists.
    ids: Vec<i64>,
}

impl Scene {
    /// People only: a follower, somebody whose request waits, somebody who is mentioned, and so on. Those who follow
    /// keep the author on a list.
    async fn people() -> Self {
        let world = World::with(|settings| settings.rate_limits_enabled = false);
        let author = world.person("author").await;
        let (mut readers, mut ids) = (Vec::new(), vec![author.account.id.0]);
        for name in [
            "follower",
            "former",
            "blocked",
            "blocker",
            "requested",
            "mentioned",
            "stranger",
        ] {
            let person = world.person(name).await;
            if name == "requested" {
                let locked = ProfileChange {
                    locked: Some(true),
                    ..ProfileChange::default()
                };
                profile::update(&world, &author.user, locked).await.unwrap();
            }
            if name == "mentioned" {
                let anyone = PolicyChange {
                    direct_messages: Some(Correspondents::Anyone),
                    ..PolicyChange::default()
                };
                policy::change(&world, person.account.id, anyone).await.unwrap();
            }
            if !matches!(name, "mentioned" | "stranger") {
                let options = FollowOptions::default();
                follows::follow(&world, person.account.id, author.account.id, options)
                    .await
                    .unwrap();
            }
            if matches!(name, "follower" | "former" | "blocked" | "blocker") {
                let titled = ListChange {
                    title: Some("friends".to_owned()),
                    ..ListChange::default()
                };
                let list = lists::create(&world, person.account.id, titled).await.unwrap();
                lists::add_accounts(&world, person.account.id, list.id, &[author.account.id])
                    .await
                    .unwrap();
                ids.push(list.id.0);
            }
            ids.push(person.account.id.0);
            readers.push(reader(name, Some(person)));
        }
        readers.push(reader("anonymous", None));
        readers.push(reader("the author", Some(author.clone())));
        Self {
            world,
            author,
            readers,
            statuses: Vec::new(),
            ids,
        }
    }

    async fn post(&mut self, mark: &str, visibility: Visibility) -> StatusId {
        let id = statuses::post(&self.world, &self.author.user, marked(mark, visibility))
            .await
            .unwrap();
        self.statuses.push(Marked {
            id,
            mark: mark.to_owned(),
        });
        id
    }

    /// Statuses that were boosted, pinned, answered, kept, scheduled and deleted, and access that was lost afterwards.
    async fn fill(&mut self) {
        for visibility in VISIBILITIES {
            let id = self.post(&mark_of(visibility), visibility).await;
            let author = self.author.account.id;
            for reader in &self.readers {
                let Some(reader) = reader.id() else { continue };
                if statuses::find(&self.world, Some(reader), id).await.is_ok() {
                    statuses::favourite(&self.world, reader, id).await.unwrap();
                    statuses::bookmark(&self.world, reader, id).await.unwrap();
                }
            }
            if visibility != Visibility::Direct {
                statuses::pin(&self.world, author, id).await.unwrap();
                statuses::reblog(&self.world, author, id, None).await.unwrap();
            }
            let answer = NewStatus {
                in_reply_to_id: Some(id),
                text: "an answer".to_owned(),
                visibility: Some(Visibility::Public),
                ..NewStatus::default()
            };
            let mentioned = self.person("mentioned");
            let answer = statuses::post(&self.world, &mentioned.user, answer)
                .await
                .unwrap();
            let poll = statuses::find(&self.world, Some(author), id)
                .await
                .unwrap()
                .poll
                .unwrap();
            self.ids.extend([id.0, answer.0, poll.poll.id.0]);
        }
        let deleted = statuses::post(
            &self.world,
            &self.author.user,
            marked("markdeleted", Visibility::Public),
        );
        let deleted = deleted.await.unwrap();
        statuses::delete(&self.world, self.author.account.id, deleted, false)
            .await
            .unwrap();
        self.ids.push(deleted.0);
        let later = self.world.now() + TimeDelta::hours(1);
        let planned = NewStatus {
            poll: None,
            ..marked("markscheduled", Visibility::Public)
        };
        scheduled::schedule(&self.world, &self.author.user, planned, later)
            .await
            .unwrap();

        let (author, former) = (self.author.account.id, self.person("former").account.id);
        follows::unfollow(&self.world, former, author).await.unwrap();
        blocks::block(&self.world, author, self.person("blocked").account.id)
            .await
            .unwrap();
        blocks::block(&self.world, self.person("blocker").account.id, author)
            .await
            .unwrap();
        self.world.run_jobs().await;
        self.ask_the_oracle().await;
        for reader in &mut self.readers {
            reader.hidden.insert("markdeleted".to_owned());
            if reader.name != "the author" {
                reader.hidden.insert("markscheduled".to_owned());
            }
        }
    }

    /// Notes for each reader what `find` does not give them.
    async fn ask_the_oracle(&mut self) {
        for reader in &mut self.readers {
            let viewer = reader.person.as_ref().map(|person| person.account.id);
            for status in &self.statuses {
                if statuses::find(&self.world, viewer, status.id).await.is_err() {
                    reader.hidden.insert(status.mark.clone());
                }
            }
        }
        let hidden = |name: &str| {
            let reader = self.readers.iter().find(|reader| reader.name == name).unwrap();
            reader.hidden.len()
        };
        let counts = [
            "the author",
            "mentioned",
            "follower",
            "former",
            "stranger",
            "anonymous",
        ]
        .map(hidden);
        assert_eq!(counts, [0, 0, 1, 2, 2, 2], "the oracle knows who is who");
    }

    fn person(&self, name: &str) -> &Person {
        let reader = self.readers.iter().find(|reader| reader.name == name).unwrap();
        reader.person.as_ref().unwrap()
    }
}

fn reader(name: &'static str, person: Option<Person>) -> Reader {
    Reader {
        name,
        person,
        hidden: BTreeSet::new(),
    }
}

fn mark_of(visibility: Visibility) -> String {
    format!("mark{visibility:?}").to_lowercase()
}

/// A status with its mark in the text and in a poll.
fn marked(mark: &str, visibility: Visibility) -> NewStatus {
    NewStatus {
        text: format!("a #needle for @mentioned, {mark}"),
        visibility: Some(visibility),
        poll: Some(NewPoll {
            options: vec![format!("{mark} yes"), "no".to_owned()],
            expires_in: 3600,
            multiple: false,
            hide_totals: false,
        }),
        ..NewStatus::default()
    }
}

/// The addresses of an operation for every id there is, with every parameter that chooses or widens what is shown.
fn addresses(path: &str, ids: &[i64]) -> Vec<String> {
    let list = ids
        .iter()
        .map(|id| format!("id[]={id}"))
        .collect::<Vec<_>>()
        .join("&");
    let query = format!("q=needle&acct=author&limit=40&{list}");
    let Some((before, rest)) = path.split_once('{') else {
        let urls = ids
            .iter()
            .map(|id| format!("{path}?resolve=true&q=https://pouet.example/@author/{id}"));
        let pinned = format!("{path}?{query}&exclude_reblogs=true");
        let searched = if path.ends_with("search") {
            urls.collect()
        } else {
            Vec::new()
        };
        return [vec![format!("{path}?{query}"), pinned], searched].concat();
    };
    let (parameter, after) = rest.split_once('}').unwrap();
    let values = match parameter {
        "hashtag" => vec!["needle".to_owned()],
        _ => ids.iter().map(ToString::to_string).collect(),
    };
    values
        .into_iter()
        .flat_map(|value| {
            let address = format!("{before}{value}{after}?{query}");
            [format!("{address}&pinned=true"), address]
        })
        .collect()
}

#[actix_web::test]
async fn sec_R038_no_operation_shows_what_may_not_be_seen() {
    let mut scene = Scene::people().await;
    scene.fill().await;
    let api = Api::new(scene.world.instance.clone(), Vec::new());
    let app = init_service(App::new().configure(|config| api.configure(config))).await;
    let mut shown: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let reading = pouet_api::operations().filter(|operation| operation.methods.contains(&"GET"));
    for operation in reading {
        for (reader, address) in scene.readers.iter().flat_map(|reader| {
            let addresses = addresses(operation.path, &scene.ids);
            addresses.into_iter().map(move |address| (reader, address))
        }) {
            let mut request = TestRequest::with_uri(&address);
            match &reader.person {
                Some(person) => {
                    request = request.insert_header(("authorization", format!("Bearer {}", person.token)));
                }
                None if operation.audience == Audience::User => continue,
                None => {}
            }
            let answer = send(&app, request).await;
            assert!(answer.status.as_u16() < 500, "{address}: {answer:?}");
            for mark in &reader.hidden {
                assert!(
                    !answer.text.contains(mark.as_str()),
                    "{address} shows {mark} to {}: {}",
                    reader.name,
                    answer.text
                );
            }
            let marks = scene
                .statuses
                .iter()
                .map(|status| status.mark.as_str())
                .chain(["markscheduled"]);
            shown
                .entry(operation.path)
                .or_default()
                .extend(marks.filter(|mark| answer.text.contains(mark)));
        }
    }
    // An operation that shows nothing to anybody proves nothing.
    for path in [
        "/api/v1/accounts/{id}/statuses",
        "/api/v1/bookmarks",
        "/api/v1/conversations",
        "/api/v1/favourites",
        "/api/v1/notifications",
        "/api/v1/polls/{id}",
        "/api/v1/scheduled_statuses",
        "/api/v1/statuses",
        "/api/v1/statuses/{id}",
        "/api/v1/statuses/{id}/context",
        "/api/v1/statuses/{id}/history",
        "/api/v1/statuses/{id}/source",
        "/api/v1/timelines/home",
        "/api/v1/timelines/list/{list_id}",
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/{hashtag}",
        "/api/v2/notifications",
        "/api/v2/search",
    ] {
        assert!(!shown[path].is_empty(), "{path} shows nothing: {shown:?}");
    }
}

#[actix_web::test]
async fn sec_R038_no_stream_shows_what_may_not_be_seen() {
    let mut scene = Scene::people().await;
    let author = scene.author.account.id;
    blocks::block(&scene.world, author, scene.person("blocked").account.id)
        .await
        .unwrap();
    blocks::block(&scene.world, scene.person("blocker").account.id, author)
        .await
        .unwrap();
    follows::unfollow(&scene.world, scene.person("former").account.id, author)
        .await
        .unwrap();
    let (server, _) = Server::start(&scene.world);
    let mut sockets = Vec::new();
    for reader in &scene.readers {
        let Some(person) = &reader.person else { continue };
        sockets.push((reader.name, listen(&scene, &server, person).await));
    }
    for visibility in VISIBILITIES {
        let mark = mark_of(visibility);
        let id = scene.post(&mark, visibility).await;
        if visibility != Visibility::Direct {
            statuses::reblog(&scene.world, author, id, None).await.unwrap();
        }
        let change = StatusChange {
            text: format!("edited #needle for @mentioned, {mark}"),
            ..StatusChange::default()
        };
        scene.world.clock.advance(TimeDelta::minutes(1));
        statuses::edit(&scene.world, author, id, change).await.unwrap();
    }
    scene.ask_the_oracle().await;
    // Everybody hears the last word, and everything before it has been sent by then.
    let crier = scene.world.person("crier").await;
    let last = NewStatus {
        text: "the last word".to_owned(),
        visibility: Some(Visibility::Public),
        ..NewStatus::default()
    };
    statuses::post(&scene.world, &crier.user, last).await.unwrap();
    let mut heard = BTreeSet::new();
    for (name, socket) in &mut sockets {
        let reader = scene.readers.iter().find(|reader| reader.name == *name).unwrap();
        loop {
            let message = socket
                .next()
                .await
                .unwrap_or_else(|| panic!("the connection of {name} ended"));
            let message = message.to_string();
            if message.contains("the last word") {
                break;
            }
            for mark in &reader.hidden {
                assert!(!message.contains(mark.as_str()), "{name} hears {message}");
            }
            heard.extend(
                scene
                    .statuses
                    .iter()
                    .filter(|status| message.contains(&status.mark))
                    .map(|status| &status.mark),
            );
        }
    }
    assert_eq!(
        heard.len(),
        VISIBILITIES.len(),
        "each was heard by somebody: {heard:?}"
    );
}

/// Subscribes somebody to every stream that they may hear.
async fn listen(scene: &Scene, server: &Server, person: &Person) -> Socket {
    let mut socket = server.connect("", Some(&person.token)).await.unwrap();
    for stream in [
        "user",
        "user:notification",
        "public",
        "public:local",
        "public:media",
        "direct",
    ] {
        socket.tell(json!({"type": "subscribe", "stream": stream})).await;
    }
    for stream in ["hashtag", "hashtag:local"] {
        socket
            .tell(json!({"type": "subscribe", "stream": stream, "tag": "needle"}))
            .await;
    }
    for list in lists::all(&scene.world, person.account.id).await.unwrap() {
        let id = list.id.to_string();
        socket
            .tell(json!({"type": "subscribe", "stream": "list", "list": id}))
            .await;
    }
    // An answer shows that everything before it was done.
    socket
        .tell(json!({"type": "subscribe", "stream": "nonsense"}))
        .await;
    assert_eq!(socket.next().await.unwrap()["status"], 400);
    socket
}
