//! Relays of both forms.

use pouet_model::{
    account::{Account, User},
    page::Page,
    relay::{Relay, RelayKind, RelayState},
    status::Visibility,
};
use pouet_service::{
    Error, accounts,
    follows::{self, FollowOptions},
    policy::{self, NewRule, Severity},
    relays,
    statuses::{self, NewStatus, StatusChange},
    timelines::{self, PublicFilter},
};
use serde_json::{Value, json};

use crate::{
    common::{Actor, Remote, Site, clock},
    proofs::{proved_by, with_key},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A site with Ben, a relay, and a server where Ada writes, whom nobody here follows.
struct World {
    site: Site,
    relay: Remote,
    relay_actor: Actor,
    far: Remote,
    ada: Actor,
    ben: (User, Account),
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let site = Site::start(&clock).await;
        let (relay, far) = (
            Remote::start_as("relay.test", &clock),
            Remote::start_as("far.test", &clock),
        );
        Self {
            ben: site.user("ben").await,
            relay_actor: relay.actor("relay"),
            ada: far.actor("ada"),
            site,
            relay,
            far,
        }
    }

    fn instance_actor(&self) -> String {
        format!("{}/ap/actor", self.site.url)
    }

    /// Subscribes; the Follow that the relay gets.
    async fn subscribe(&mut self, kind: RelayKind) -> Value {
        let address = match kind {
            RelayKind::Mastodon => format!("{}/inbox", self.relay.url),
            RelayKind::LitePub => self.relay_actor.id.clone(),
        };
        let relay = relays::add(&self.site.instance, &address, None).await.unwrap();
        assert_eq!((relay.kind, relay.state), (kind, RelayState::Pending));
        self.site.settle().await;
        let follow = self.relay.received().pop().unwrap();
        assert_eq!(follow["type"], "Follow");
        assert_eq!(follow["actor"], json!(self.instance_actor()));
        follow
    }

    async fn subscribed(kind: RelayKind) -> (Self, Value) {
        let mut world = Self::start().await;
        let follow = world.subscribe(kind).await;
        let accept = world.relay_actor.activity("Accept", "accept", &follow);
        world.relay_sends(&accept).await;
        assert_eq!(world.relay().await.state, RelayState::Accepted);
        world.relay.received();
        (world, follow)
    }

    async fn relay(&self) -> Relay {
        relays::list(&self.site.instance).await.unwrap().remove(0)
    }

    async fn relay_sends(&mut self, activity: &Value) {
        let actor = self.relay_actor.clone();
        self.sends(&actor, activity).await;
    }

    /// Somebody on the relay's server sends something.
    async fn sends(&mut self, actor: &Actor, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        assert_eq!(self.relay.send(actor, &inbox, activity).await, 202, "{activity}");
        self.site.settle().await;
    }

    fn note(&self, name: &str) -> (Value, Value) {
        let note = self.far.note(&self.ada, name, "<p>from afar</p>");
        let mut create = self.ada.activity("Create", name, &note);
        create["cc"] = note["cc"].clone();
        create["signature"] = json!({ "type": "RsaSignature2017", "signatureValue": "x" });
        (note, create)
    }

    /// Ben follows Ada; the inbox that she sends to from now on.
    async fn ben_follows_ada(&mut self) -> String {
        let ada = self.site.resolve("ada", &self.far.domain).await.unwrap();
        let options = FollowOptions::default();
        follows::follow(&self.site.instance, self.ben.1.id, ada.id, options)
            .await
            .unwrap();
        self.site.settle().await;
        let follow = self.far.received().pop().unwrap();
        let inbox = format!("{}/ap/inbox", self.site.url);
        let accept = self.ada.activity("Accept", "accept", &follow);
        assert_eq!(self.far.send(&self.ada, &inbox, &accept).await, 202);
        self.site.settle().await;
        inbox
    }

    async fn federated(&self) -> usize {
        let found = timelines::public(
            &self.site.instance,
            None,
            PublicFilter::default(),
            Page::first(40),
        )
        .await;
        found.unwrap().len()
    }

    async fn post(&mut self, visibility: Visibility) -> pouet_model::ids::StatusId {
        let new = NewStatus {
            text: "a lantern on the quay".to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let author = self.ben.0.clone();
        let id = self.site.post(&author, new).await;
        self.site.settle().await;
        id
    }

    /// Types of the activities that the relay got, and who signed for them.
    fn got(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let all = self.relay.received();
        all.iter()
            .map(|activity| (text(&activity["type"]), text(&activity["actor"])))
            .collect()
    }
}

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

#[actix_web::test]
async fn fed_102_a_relay_known_by_its_inbox_is_asked_for_everybody() {
    let mut world = World::start().await;
    let follow = world.subscribe(RelayKind::Mastodon).await;
    assert_eq!(follow["object"], json!(PUBLIC));
    assert_eq!(world.relay.asked().last().unwrap(), "POST /inbox");
    // Somebody else cannot answer for it.
    let accept = world.ada.activity("Accept", "a", &follow);
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(world.far.send(&world.ada, &inbox, &accept).await, 202);
    world.site.settle().await;
    assert_eq!(world.relay().await.state, RelayState::Pending);
    let (early, create) = world.note("early");
    world.relay_sends(&create).await;
    assert!(!world.site.knows(id(&early)).await);

    // An id alone will do, and it may change its mind.
    for (n, kind, state) in [
        (1, "Reject", RelayState::Rejected),
        (2, "Accept", RelayState::Accepted),
    ] {
        let answer = world.relay_actor.activity(kind, &n.to_string(), &follow["id"]);
        world.relay_sends(&answer).await;
        assert_eq!(world.relay().await.state, state);
    }
    let relay = world.relay().await;
    relays::disable(&world.site.instance, relay.id).await.unwrap();
    world.site.settle().await;
    let undo = world.relay.received().pop().unwrap();
    assert_eq!(undo["type"], "Undo");
    assert_eq!(undo["object"]["id"], follow["id"]);
    assert_eq!(undo["object"]["object"], json!(PUBLIC));
    let late = world.relay_actor.activity("Accept", "late", &follow);
    world.relay_sends(&late).await;
    assert_eq!(world.relay().await.state, RelayState::Idle, "it was switched off");
    world.post(Visibility::Public).await;
    assert_eq!(world.got(), []);

    relays::enable(&world.site.instance, relay.id).await.unwrap();
    world.site.settle().await;
    assert_eq!(world.relay.received().pop().unwrap()["type"], "Follow");
    relays::remove(&world.site.instance, relay.id).await.unwrap();
    world.site.settle().await;
    assert_eq!(world.relay.received().pop().unwrap()["type"], "Undo");
    assert!(relays::list(&world.site.instance).await.unwrap().is_empty());
}

#[actix_web::test]
async fn fed_102_who_only_says_that_it_has_the_inbox_of_a_relay_is_none() {
    let mut world = World::start().await;
    let follow = world.subscribe(RelayKind::Mastodon).await;
    let mut eve = world.far.actor("eve");
    eve.document["inbox"] = json!(format!("{}/inbox", world.relay.url));
    eve.document["endpoints"] = json!({ "sharedInbox": format!("{}/inbox", world.relay.url) });
    world.far.publish(&eve.document);
    let inbox = format!("{}/ap/inbox", world.site.url);
    let accept = eve.activity("Accept", "a", &follow);
    assert_eq!(world.far.send(&eve, &inbox, &accept).await, 202);
    world.site.settle().await;
    assert_eq!(world.relay().await.state, RelayState::Pending);

    let accept = world.relay_actor.activity("Accept", "accept", &follow);
    world.relay_sends(&accept).await;
    assert_eq!(world.relay().await.state, RelayState::Accepted);
    let (note, create) = world.note("1");
    assert_eq!(world.far.send(&eve, &inbox, &create).await, 202);
    let announce = eve.activity("Announce", "boost", &note["id"]);
    assert_eq!(world.far.send(&eve, &inbox, &announce).await, 202);
    world.site.settle().await;
    assert!(!world.site.knows(id(&note)).await);
    world.relay_sends(&create).await;
    assert!(world.site.knows(id(&note)).await, "the relay itself is heard");
}

#[actix_web::test]
async fn fed_102_what_a_relay_passes_on_is_fetched_from_its_origin() {
    let (mut world, _) = World::subscribed(RelayKind::Mastodon).await;
    let (note, mut create) = world.note("1");
    create["object"]["content"] = json!("<p>words that Ada never wrote</p>");
    world.relay_sends(&create).await;
    let uri = id(&note);
    let status = statuses::find_by_uri(&world.site.instance, uri)
        .await
        .unwrap()
        .unwrap();
    assert!(status.content.contains("from afar"), "{}", status.content);
    assert_eq!(world.federated().await, 1);
    assert!(
        world.site.home(&world.ben.1).await.is_empty(),
        "nobody follows Ada"
    );

    // An edit and the end come the same way.
    let mut edited = note.clone();
    edited["content"] = json!("<p>from very far</p>");
    edited["updated"] = json!("2026-11-23T09:59:30Z");
    world.far.publish(&edited);
    world.relay_sends(&world.ada.activity("Update", "u", &note)).await;
    let status = statuses::find_by_uri(&world.site.instance, uri)
        .await
        .unwrap()
        .unwrap();
    assert!(status.content.contains("very far"), "{}", status.content);
    let delete = world
        .ada
        .activity("Delete", "d", &json!({ "id": uri, "type": "Tombstone" }));
    world.relay_sends(&delete).await;
    assert!(world.site.knows(uri).await, "its origin still has it");
    world.far.remove(uri);
    let mut delete = delete;
    delete["id"] = json!(format!("{}/activities/d2", world.ada.id));
    world.relay_sends(&delete).await;
    assert!(!world.site.knows(uri).await);

    // From anybody else it is not even kept.
    let (note, create) = world.note("2");
    let eve = world.far.actor("eve");
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(world.far.send(&eve, &inbox, &create).await, 202);
    world.site.settle().await;
    assert!(!world.site.knows(id(&note)).await);

    // What is not for everybody is not kept, although its origin gave it to us.
    let (mut note, create) = world.note("3");
    note["to"] = json!([format!("{}/followers", world.ada.id)]);
    note["cc"] = json!([]);
    world.far.publish(&note);
    world.relay_sends(&create).await;
    assert!(!world.site.knows(id(&note)).await);

    // Nor what comes from where we do not listen.
    let (note, create) = world.note("4");
    let rule = NewRule {
        domain: "far.test".to_owned(),
        severity: Severity::Suspend,
        ..NewRule::default()
    };
    policy::set(&world.site.instance, rule).await.unwrap();
    let inbox = format!("{}/ap/inbox", world.site.url);
    let status = world.relay.send(&world.relay_actor, &inbox, &create).await;
    assert_eq!(status, 202, "the relay is not to blame");
    let announce = world.relay_actor.activity("Announce", "a4", &note["id"]);
    world.relay_sends(&announce).await;
    assert!(!world.site.knows(id(&note)).await);
}

#[actix_web::test]
async fn fed_102_fed_120_what_is_proved_is_relayed_all_the_same() {
    let (mut world, _) = World::subscribed(RelayKind::Mastodon).await;
    world.ada = with_key(&world.far, "ada");
    let (note, mut create) = world.note("1");
    create["object"]["content"] = json!("<p>words of the activity</p>");
    let create = proved_by(&world.ada, &create, &world.site.clock);
    world.relay_sends(&create).await;
    let status = statuses::find_by_uri(&world.site.instance, id(&note))
        .await
        .unwrap();
    let status = status.expect("it is taken in, although nobody follows Ada");
    assert!(
        status.content.contains("from afar"),
        "fetched: {}",
        status.content
    );
    assert_eq!(world.federated().await, 1);

    // An account of somebody else is none of the relay's business.
    let follow = world
        .ada
        .activity("Follow", "f", &json!(world.site.uri(&world.ben.1)));
    let follow = proved_by(&world.ada, &follow, &world.site.clock);
    world.relay_sends(&follow).await;
    let ben = accounts::find_any(&world.site.instance, world.ben.1.id)
        .await
        .unwrap();
    assert_eq!(ben.unwrap().followers_count, 0);
}

#[actix_web::test]
async fn fed_102_a_relayed_status_of_somebody_followed_is_in_home() {
    let (mut world, _) = World::subscribed(RelayKind::Mastodon).await;
    let inbox = world.ben_follows_ada().await;
    let (_, create) = world.note("1");
    world.relay_sends(&create).await;
    // The same from Ada herself, later.
    assert_eq!(world.far.send(&world.ada, &inbox, &create).await, 202);
    world.site.settle().await;
    assert_eq!(world.site.home(&world.ben.1).await.len(), 1);
}

#[actix_web::test]
async fn sec_R021_a_relay_cannot_have_deleted_what_its_server_keeps_from_strangers() {
    let (mut world, _) = World::subscribed(RelayKind::Mastodon).await;
    let inbox = world.ben_follows_ada().await;
    for (name, is_open, answer) in [
        ("private", false, 404),
        ("blocked", true, 403),
        ("strict", true, 401),
        ("page", true, 200),
    ] {
        let (mut note, mut create) = world.note(name);
        if !is_open {
            note["to"] = note["cc"].take();
            create["object"] = note.clone();
            create["to"] = note["to"].clone();
            create["cc"] = json!([]);
        }
        assert_eq!(world.far.send(&world.ada, &inbox, &create).await, 202);
        world.site.settle().await;
        assert!(world.site.knows(id(&note)).await);
        let path = format!("/notes/{name}");
        world.far.serve_as(&path, answer, "text/html", "<p>no</p>");
        // The second time the first answer is remembered.
        for kind in ["Update", "Delete", "Announce"] {
            let activity = world.ada.activity(kind, &format!("{kind}-{name}"), &note["id"]);
            world.relay_sends(&activity).await;
            assert!(world.site.knows(id(&note)).await, "{name} {kind}");
        }
    }
}

#[actix_web::test]
async fn fed_102_public_statuses_alone_go_to_relays() {
    let (mut world, _) = World::subscribed(RelayKind::Mastodon).await;
    let ben = world.site.uri(&world.ben.1);
    for visibility in [Visibility::Unlisted, Visibility::Private, Visibility::Direct] {
        let id = world.post(visibility).await;
        let author = world.ben.0.clone();
        statuses::delete(&world.site.instance, author.account_id, id, false)
            .await
            .unwrap();
        world.site.settle().await;
        assert_eq!(world.got(), [], "{visibility:?}");
    }
    let posted = world.post(Visibility::Public).await;
    let change = StatusChange {
        text: "a lantern on the pier".to_owned(),
        ..StatusChange::default()
    };
    let author = world.ben.0.clone();
    statuses::edit(&world.site.instance, author.account_id, posted, change)
        .await
        .unwrap();
    world.site.settle().await;
    statuses::delete(&world.site.instance, author.account_id, posted, false)
        .await
        .unwrap();
    world.site.settle().await;
    let by_ben = |kind: &str| (kind.to_owned(), ben.clone());
    assert_eq!(
        world.got(),
        [by_ben("Create"), by_ben("Update"), by_ben("Delete")]
    );
}

#[actix_web::test]
async fn fed_103_only_a_relay_that_we_asked_may_follow_the_instance() {
    let mut world = World::start().await;
    let stranger = world.relay.actor("stranger");
    let asks =
        |actor: &Actor| actor.activity("Follow", "back", &json!(format!("{}/ap/actor", world.site.url)));
    let (by_stranger, by_relay) = (asks(&stranger), asks(&world.relay_actor));
    world.sends(&stranger, &by_stranger).await;
    world.relay_sends(&by_relay).await;
    let answers = world.relay.received();
    let kinds: Vec<&Value> = answers.iter().map(|answer| &answer["type"]).collect();
    assert_eq!(kinds, ["Reject", "Reject"], "nobody was asked yet");

    let follow = world.subscribe(RelayKind::LitePub).await;
    assert_eq!(follow["object"], json!(world.relay_actor.id));
    assert_eq!(world.relay.asked().last().unwrap(), "POST /users/relay/inbox");
    let mut again = by_relay.clone();
    again["id"] = json!(format!("{}/activities/back-2", world.relay_actor.id));
    world.relay_sends(&again).await;
    let answer = world.relay.received().pop().unwrap();
    assert_eq!(answer["type"], "Accept");
    assert_eq!(answer["actor"], json!(world.instance_actor()));
    assert_eq!(answer["object"]["id"], again["id"], "the Follow is embedded");
    let mut other = by_stranger.clone();
    other["id"] = json!(format!("{}/activities/back-2", stranger.id));
    world.sends(&stranger, &other).await;
    assert_eq!(world.relay.received().pop().unwrap()["type"], "Reject");

    // Another actor of the same server cannot accept for it.
    let accept = stranger.activity("Accept", "accept", &follow);
    world.sends(&stranger, &accept).await;
    assert_eq!(world.relay().await.state, RelayState::Pending);
    world
        .relay_sends(&world.relay_actor.activity("Accept", "accept", &follow))
        .await;
    assert_eq!(world.relay().await.state, RelayState::Accepted);
}

#[actix_web::test]
async fn fed_103_what_is_announced_comes_without_a_boost_and_goes_when_it_is_gone() {
    let (mut world, _) = World::subscribed(RelayKind::LitePub).await;
    let (note, _) = world.note("1");
    let uri = id(&note);
    let announce = |world: &World, name: &str| world.relay_actor.activity("Announce", name, &json!(uri));
    world.relay_sends(&announce(&world, "1")).await;
    assert!(world.site.knows(uri).await);
    assert_eq!(world.federated().await, 1);
    assert!(world.site.home(&world.ben.1).await.is_empty());
    let status = statuses::find_by_uri(&world.site.instance, uri)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(status.reblogs_count, 0, "it is no boost");
    let actor = accounts::find_by_uri(&world.site.instance, &world.relay_actor.id)
        .await
        .unwrap();
    assert_eq!(actor.unwrap().statuses_count, 0);

    let mut edited = note.clone();
    edited["content"] = json!("<p>from very far</p>");
    edited["updated"] = json!("2026-11-23T09:59:30Z");
    world.far.publish(&edited);
    world.relay_sends(&announce(&world, "2")).await;
    let status = statuses::find_by_uri(&world.site.instance, uri)
        .await
        .unwrap()
        .unwrap();
    assert!(status.content.contains("very far"), "{}", status.content);

    world.far.remove(uri);
    world.relay_sends(&announce(&world, "3")).await;
    assert!(!world.site.knows(uri).await);

    // Once it is switched off, nothing comes by it any more.
    let relay = world.relay().await;
    relays::disable(&world.site.instance, relay.id).await.unwrap();
    world.site.settle().await;
    let (note, _) = world.note("2");
    let announce = world.relay_actor.activity("Announce", "4", &note["id"]);
    world.relay_sends(&announce).await;
    assert!(!world.site.knows(id(&note)).await);
}

#[actix_web::test]
async fn fed_103_the_instance_announces_what_is_public() {
    let (mut world, _) = World::subscribed(RelayKind::LitePub).await;
    let (ben, instance) = (world.site.uri(&world.ben.1), world.instance_actor());
    world.post(Visibility::Unlisted).await;
    assert_eq!(world.got(), []);
    let posted = world.post(Visibility::Public).await;
    let uri = world.site.status_uri(posted).await;
    let announce = world.relay.received().pop().unwrap();
    assert_eq!(
        (&announce["type"], &announce["actor"]),
        (&json!("Announce"), &json!(instance))
    );
    assert_eq!(announce["object"], json!(uri));
    assert_eq!(announce["to"], json!([PUBLIC]));
    let author = world.ben.0.clone();
    statuses::delete(&world.site.instance, author.account_id, posted, false)
        .await
        .unwrap();
    world.site.settle().await;
    assert_eq!(world.got(), [("Delete".to_owned(), ben)]);
}

#[actix_web::test]
async fn relays_are_added_once_and_only_on_other_servers() {
    let world = World::start().await;
    let site = &world.site.instance;
    let address = format!("{}/inbox", world.relay.url);
    relays::add(site, &address, None).await.unwrap();
    let again = relays::add(site, &address, None).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    for bad in [
        "",
        "relay.test",
        "ftp://relay.test/inbox",
        &format!("{}/inbox", world.site.url),
    ] {
        let refused = relays::add(site, bad, None).await;
        assert!(
            matches!(refused, Err(Error::Invalid { .. })),
            "{bad}: {refused:?}"
        );
    }
    assert_eq!(relays::named(site, &address).await.unwrap().address, address);
    let unknown = relays::named(site, "https://elsewhere.test/inbox").await;
    assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
}
