//! Pinned statuses and hashtags of profiles, in and out.

use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    page::Page,
    status::Visibility,
};
use pouet_service::{
    featured_tags,
    follows::{self, FollowOptions},
    statuses::{self, NewStatus},
    timelines::{self, AccountFilter},
    upkeep,
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock, json_of};

/// A site with Ben, and a server with Ada, who has collections and whom Ben follows.
struct World {
    site: Site,
    remote: Remote,
    ben: (User, Account),
    ada: Actor,
}

impl World {
    async fn start() -> Self {
        Self::showing(&json!([]), &json!([])).await
    }

    /// Ada shows these statuses and hashtags.
    async fn showing(pins: &Value, tags: &Value) -> Self {
        let clock = clock();
        let (site, remote) = (Site::start(&clock).await, Remote::start(&clock));
        let ben = site.user("ben").await;
        let mut ada = remote.actor("ada");
        ada.document["featured"] = json!(format!("{}/featured", ada.id));
        ada.document["featuredTags"] = json!(format!("{}/tags", ada.id));
        remote.publish(&ada.document);
        let mut world = Self {
            site,
            remote,
            ben,
            ada,
        };
        world.show(pins, tags);
        let ada = world.site.resolve("ada", &world.remote.domain).await.unwrap();
        world.site.settle().await;
        follows::follow(
            &world.site.instance,
            world.ben.1.id,
            ada.id,
            FollowOptions::default(),
        )
        .await
        .unwrap();
        world.site.settle().await;
        let follow = world.remote.received().pop().unwrap();
        let accept = world.ada.activity("Accept", "accept", &follow);
        world.send(&accept).await;
        world.remote.asked();
        world
    }

    fn show(&self, pins: &Value, tags: &Value) {
        self.remote.publish(&json!({
            "id": format!("{}/featured", self.ada.id),
            "type": "OrderedCollection",
            "orderedItems": pins,
        }));
        self.remote.publish(&json!({
            "id": format!("{}/tags", self.ada.id),
            "type": "Collection",
            "items": tags,
        }));
    }

    async fn send(&mut self, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        let answer = self.remote.send(&self.ada, &inbox, activity).await;
        assert_eq!(answer, 202, "{activity}");
        self.site.settle().await;
    }

    /// A change of Ada's pins as Mastodon sends it: without an id.
    fn change(&self, kind: &str, object: &Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": kind,
            "actor": self.ada.id,
            "object": object,
            "target": format!("{}/featured", self.ada.id),
        })
    }

    async fn ada_here(&self) -> Account {
        self.site.account(&self.ada.id).await.unwrap()
    }

    /// Ids on the wire of Ada's pinned statuses, as Ben sees them.
    async fn pinned(&self) -> Vec<String> {
        let filter = AccountFilter {
            pinned: true,
            ..AccountFilter::default()
        };
        let (ben, ada) = (Some(self.ben.1.id), self.ada_here().await.id);
        let found = timelines::account(&self.site.instance, ben, ada, filter, Page::first(40)).await;
        let views = found.unwrap().into_iter();
        views.map(|view| view.status.uri.unwrap()).collect()
    }

    async fn tags(&self) -> Vec<String> {
        let ada = self.ada_here().await.id;
        let found = featured_tags::list(&self.site.instance, ada).await.unwrap();
        found.into_iter().map(|view| view.tag.name).collect()
    }
}

fn uri(note: &Value) -> String {
    note["id"].as_str().unwrap().to_owned()
}

fn hashtag(name: &str) -> Value {
    json!({"type": "Hashtag", "href": format!("https://far.test/tags/{name}"), "name": format!("#{name}")})
}

#[actix_web::test]
async fn fed_078_own_statuses_are_pinned_and_unpinned_without_an_id() {
    let mut world = World::start().await;
    let note = world.remote.note(&world.ada, "1", "<p>the harbour rules</p>");
    let (add, remove) = (
        world.change("Add", &note["id"]),
        world.change("Remove", &note["id"]),
    );
    world.send(&add).await;
    assert_eq!(world.pinned().await, [uri(&note)]);
    world.send(&add).await;
    assert_eq!(world.pinned().await, [uri(&note)]);
    world.send(&remove).await;
    assert_eq!(world.pinned().await, Vec::<String>::new());
    world.send(&add).await;
    assert_eq!(world.pinned().await, [uri(&note)], "the same bytes mean it anew");
    let mut named = remove;
    named["id"] = json!(format!("{}#remove", world.ada.id));
    named["object"] = note;
    world.send(&named).await;
    assert_eq!(world.pinned().await, Vec::<String>::new());
}

#[actix_web::test]
async fn fed_078_other_targets_and_statuses_of_others_are_ignored() {
    let mut world = World::start().await;
    let note = world.remote.note(&world.ada, "1", "<p>mine</p>");
    let eve = world.remote.actor("eve");
    let of_eve = world.remote.note(&eve, "2", "<p>not hers</p>");
    let here = world
        .site
        .post(
            &world.ben.0,
            NewStatus {
                text: "not hers either".to_owned(),
                ..NewStatus::default()
            },
        )
        .await;
    let here = json!(world.site.status_uri(here).await);
    for target in [
        json!(format!("{}/featured", eve.id)),
        json!(format!("{}/collections/featured", world.site.uri(&world.ben.1))),
        json!(format!("{}/followers", world.ada.id)),
        json!("https://far.test/featured"),
        json!(null),
    ] {
        let mut add = world.change("Add", &note["id"]);
        add["target"] = target;
        world.send(&add).await;
        assert_eq!(world.pinned().await, Vec::<String>::new(), "{add}");
    }
    for object in [
        of_eve["id"].clone(),
        here,
        json!("https://far.test/notes/1"),
        json!(7),
    ] {
        let add = world.change("Add", &object);
        world.send(&add).await;
        assert_eq!(world.pinned().await, Vec::<String>::new(), "{add}");
    }
    let pinned = statuses::pinned(&world.site.instance, None, world.ben.1.id)
        .await
        .unwrap();
    assert_eq!(pinned.len(), 0);
    // What is pinned cannot be unpinned by somebody else.
    let add = world.change("Add", &note["id"]);
    world.send(&add).await;
    let mut remove = world.change("Remove", &note["id"]);
    remove["actor"] = json!(eve.id);
    let inbox = format!("{}/ap/inbox", world.site.url);
    world.remote.send(&eve, &inbox, &remove).await;
    world.site.settle().await;
    assert_eq!(world.pinned().await, [uri(&note)]);
}

#[actix_web::test]
async fn fed_078_hashtags_come_with_the_same_target() {
    let mut world = World::start().await;
    let add = world.change("Add", &hashtag("Boats"));
    world.send(&add).await;
    assert_eq!(world.tags().await, ["boats"]);
    let add = world.change("Add", &json!({"type": "Hashtag", "name": "#!!!"}));
    world.send(&add).await;
    assert_eq!(world.tags().await, ["boats"]);
    let remove = world.change("Remove", &hashtag("boats"));
    world.send(&remove).await;
    assert_eq!(world.tags().await, Vec::<String>::new());
}

#[actix_web::test]
async fn fed_078_collections_are_read_with_the_profile() {
    let clock = clock();
    let elsewhere = Remote::start(&clock);
    let stranger = elsewhere.actor("stranger");
    let foreign = elsewhere.note(&stranger, "9", "<p>of another server</p>");
    let mut world = World::start().await;
    let first = world.remote.note(&world.ada, "1", "<p>first</p>");
    let second = world.remote.note(&world.ada, "2", "<p>second</p>");
    let eve = world.remote.actor("eve");
    let of_eve = world.remote.note(&eve, "3", "<p>of somebody else</p>");
    let pins = json!([second["id"], first, of_eve, foreign["id"], 7]);
    world.show(
        &pins,
        &json!([hashtag("Boats"), hashtag("Fog"), {"type": "Note"}]),
    );
    let mut update = world.ada.activity("Update", "1", &world.ada.document);
    world.send(&update).await;
    assert_eq!(world.pinned().await, [uri(&second), uri(&first)]);
    assert_eq!(world.tags().await, ["boats", "fog"]);
    assert_eq!(elsewhere.asked(), Vec::<String>::new());

    world.show(&json!([first["id"]]), &json!([hashtag("Fog")]));
    update["id"] = json!(format!("{}#2", world.ada.id));
    world.send(&update).await;
    assert_eq!(world.pinned().await, [uri(&first)]);
    assert_eq!(world.tags().await, ["fog"]);
}

#[actix_web::test]
async fn fed_078_one_page_of_a_collection_is_read() {
    let mut world = World::start().await;
    let note = world.remote.note(&world.ada, "1", "<p>first</p>");
    let featured = format!("{}/featured", world.ada.id);
    world.remote.publish(&json!({
        "id": featured,
        "type": "OrderedCollection",
        "first": format!("{featured}?page=1"),
    }));
    world.remote.publish(&json!({
        "id": format!("{featured}?page=1"),
        "type": "OrderedCollectionPage",
        "orderedItems": [note["id"]],
        "next": format!("{featured}?page=2"),
    }));
    let update = world.ada.activity("Update", "1", &world.ada.document);
    world.send(&update).await;
    assert_eq!(world.pinned().await, [uri(&note)]);
    assert!(world.remote.asked().iter().all(|path| !path.ends_with("page=2")));
}

#[actix_web::test]
async fn sec_R037_pins_do_not_lead_from_account_to_account() {
    let mut world = World::start().await;
    // Each pins a status that mentions the next one.
    let names = ["ada", "n1", "n2", "n3", "n4"];
    let actors: Vec<Actor> = names[1..].iter().map(|name| world.remote.actor(name)).collect();
    let mut ids = vec![world.ada.id.clone()];
    ids.extend(actors.iter().map(|actor| actor.id.clone()));
    let mut documents = Vec::new();
    for (n, actor) in [&world.ada].into_iter().chain(&actors).enumerate() {
        let mut note = world
            .remote
            .note(actor, &format!("pin{n}"), "<p>look at them</p>");
        if let Some(next) = ids.get(n + 1) {
            note["tag"] = json!([{ "type": "Mention", "href": next }]);
            world.remote.publish(&note);
        }
        let featured = format!("{}/featured", actor.id);
        world.remote.publish(&json!({
            "id": featured,
            "type": "OrderedCollection",
            "orderedItems": [note["id"]],
        }));
        let mut document = actor.document.clone();
        document["featured"] = json!(featured);
        world.remote.publish(&document);
        documents.push(document);
    }
    let update = world.ada.activity("Update", "1", &world.ada.document);
    world.send(&update).await;
    for _ in 0..4 {
        world.site.settle().await;
    }
    assert_eq!(world.pinned().await.len(), 1);
    assert!(world.site.account(&ids[1]).await.is_some(), "she is mentioned");
    assert!(world.site.account(&ids[2]).await.is_none());
    // Nor do the profiles of those whom nobody here knows of.
    let inbox = format!("{}/ap/inbox", world.site.url);
    let update = actors[0].activity("Update", "1", &documents[1]);
    assert_eq!(world.remote.send(&actors[0], &inbox, &update).await, 202);
    world.site.settle().await;
    assert!(world.site.account(&ids[2]).await.is_none());
    // Until somebody opens one.
    let next = world.site.account(&ids[1]).await.unwrap();
    upkeep::profile_opened(&world.site.instance, next.id)
        .await
        .unwrap();
    world.site.settle().await;
    let pinned = statuses::pinned(&world.site.instance, None, next.id)
        .await
        .unwrap();
    assert_eq!(pinned.len(), 1);
    assert!(world.site.account(&ids[2]).await.is_some());
    assert!(world.site.account(&ids[3]).await.is_none());
}

#[actix_web::test]
async fn sec_R022_collections_that_another_server_answers_are_not_believed() {
    let mut world = World::start().await;
    let elsewhere = Remote::start_as("elsewhere.test", &clock());
    let note = world.remote.note(&world.ada, "1", "<p>hers</p>");
    let mut forged = note.clone();
    forged["id"] = json!(format!("{}/notes/forged", world.remote.url));
    let pins = format!("{}/featured", elsewhere.url);
    let tags = format!("{}/tags", elsewhere.url);
    elsewhere.publish(&json!({ "id": pins, "type": "OrderedCollection", "orderedItems": [note, forged] }));
    elsewhere.publish(&json!({ "id": tags, "type": "Collection", "items": [hashtag("Boats")] }));
    // Her server sends on whatever it is asked for.
    world.remote.redirect("/users/ada/featured", &pins);
    world.remote.redirect("/users/ada/tags", &tags);
    let update = world.ada.activity("Update", "1", &world.ada.document);
    world.send(&update).await;
    assert_eq!(elsewhere.asked(), ["GET /featured"]);
    assert_eq!(world.pinned().await, Vec::<String>::new());
    assert_eq!(world.tags().await, Vec::<String>::new());
    // A note that is embedded is but a name.
    world.show(&json!([forged]), &json!([]));
    let update = world.ada.activity("Update", "2", &world.ada.document);
    world.send(&update).await;
    assert_eq!(world.pinned().await, Vec::<String>::new());
    assert!(!world.site.knows(&uri(&forged)).await);
}

#[actix_web::test]
async fn fed_078_pins_of_ours_are_told_to_followers_and_served() {
    let mut world = World::start().await;
    let (instance, ben) = (world.site.instance.clone(), world.ben.1.clone());
    world
        .send(
            &world
                .ada
                .activity("Follow", "follow", &json!(world.site.uri(&ben))),
        )
        .await;
    let post = async |text: &str, visibility| -> StatusId {
        let new = NewStatus {
            text: text.to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        world.site.post(&world.ben.0, new).await
    };
    let open = post("for everybody", Visibility::Public).await;
    let closed = post("for followers", Visibility::Private).await;
    world.site.settle().await;
    world.remote.received();
    for id in [open, closed] {
        statuses::pin(&instance, ben.id, id).await.unwrap();
        statuses::pin(&instance, ben.id, id).await.unwrap();
        world.site.settle().await;
    }
    let sent = world.remote.received();
    assert_eq!(sent.len(), 2, "{sent:?}");
    let target = format!("{}/collections/featured", world.site.uri(&ben));
    let followers = json!([format!("{}/followers", world.site.uri(&ben))]);
    for (activity, id) in sent.iter().zip([open, closed]) {
        assert_eq!(activity["type"], "Add");
        assert_eq!(activity["target"], target);
        assert_eq!(activity["object"], world.site.status_uri(id).await);
    }
    assert_eq!(sent[0]["cc"], followers);
    assert_eq!(sent[1]["to"], followers);

    let path = target.strip_prefix(&world.site.url).unwrap();
    let anybody = json_of(&world.site.get(path).await);
    let items = anybody["orderedItems"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["id"], world.site.status_uri(open).await);
    assert_eq!(items[0]["type"], "Note");
    let follower = json_of(&world.remote.get(&world.ada, &target).await);
    let items = follower["orderedItems"].as_array().unwrap();
    assert_eq!(items[0], world.site.status_uri(closed).await);
    assert_eq!(items.len(), 2);

    statuses::unpin(&instance, ben.id, open).await.unwrap();
    world.site.settle().await;
    let sent = world.remote.received();
    assert_eq!((sent.len(), &sent[0]["type"]), (1, &json!("Remove")), "{sent:?}");
}

#[actix_web::test]
async fn fed_078_hashtags_of_ours_are_told_to_followers_and_served() {
    let mut world = World::start().await;
    let (instance, ben) = (world.site.instance.clone(), world.ben.1.clone());
    world
        .send(
            &world
                .ada
                .activity("Follow", "follow", &json!(world.site.uri(&ben))),
        )
        .await;
    world.remote.received();
    let view = featured_tags::feature(&instance, ben.id, "#Boats").await.unwrap();
    world.site.settle().await;
    let sent = world.remote.received();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0]["type"], "Add");
    assert_eq!(sent[0]["object"]["name"], "#Boats");
    assert_eq!(sent[0]["object"]["type"], "Hashtag");
    let path = format!("/ap/users/{}/collections/tags", ben.id);
    let tags = json_of(&world.site.get(&path).await);
    assert_eq!(
        (&tags["totalItems"], &tags["items"][0]),
        (&json!(1), &sent[0]["object"])
    );
    featured_tags::unfeature(&instance, ben.id, view.id)
        .await
        .unwrap();
    world.site.settle().await;
    assert_eq!(world.remote.received()[0]["type"], "Remove");
    let tags = json_of(&world.site.get(&path).await);
    assert_eq!(tags["totalItems"], 0);
}

#[actix_web::test]
async fn fed_078_two_sites_show_each_others_profiles() {
    let clock = clock();
    let (mut a, mut b) = (Site::start(&clock).await, Site::start(&clock).await);
    let (ada, ada_account) = a.user("ada").await;
    let (_, ben) = b.user("ben").await;
    let new = NewStatus {
        text: "tied up at the #quay".to_owned(),
        ..NewStatus::default()
    };
    let before = a.post(&ada, new.clone()).await;
    let after = a.post(&ada, new).await;
    statuses::pin(&a.instance, ada_account.id, before).await.unwrap();
    featured_tags::feature(&a.instance, ada_account.id, "quay")
        .await
        .unwrap();
    a.settle().await;
    let there = b.resolve("ada", &a.domain).await.unwrap();
    follows::follow(&b.instance, ben.id, there.id, FollowOptions::default())
        .await
        .unwrap();
    for _ in 0..3 {
        b.settle().await;
        a.settle().await;
    }
    let pinned = async |b: &Site| -> Vec<String> {
        let views = statuses::pinned(&b.instance, Some(ben.id), there.id)
            .await
            .unwrap();
        views.into_iter().map(|view| view.status.uri.unwrap()).collect()
    };
    assert_eq!(pinned(&b).await, [a.status_uri(before).await]);
    let tags = featured_tags::list(&b.instance, there.id).await.unwrap();
    assert_eq!(tags[0].tag.name, "quay");

    statuses::unpin(&a.instance, ada_account.id, before)
        .await
        .unwrap();
    statuses::pin(&a.instance, ada_account.id, after).await.unwrap();
    a.settle().await;
    b.settle().await;
    assert_eq!(pinned(&b).await, [a.status_uri(after).await]);
}
