//! What is passed on: by others to us, which is believed nothing, and by us to the followers of those who are answered.

use pouet_model::{
    account::{Account, User},
    status::Visibility,
};
use pouet_service::{
    blocks,
    follows::{self, FollowOptions},
    relationships,
    statuses::{self, NewStatus},
};
use serde_json::{Value, json};

use crate::common::{Actor, KEY, Remote, Site, clock};
use pouet_federation::signatures::Scheme;

/// A site with Ben, whom a fan on the far server follows; Ada on the near one answers him.
struct World {
    site: Site,
    near: Remote,
    far: Remote,
    ben: (User, Account),
    ada: Actor,
    fan: Actor,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let site = Site::start(&clock).await;
        let (near, far) = (Remote::start(&clock), Remote::start_as("far.test", &clock));
        let mut world = Self {
            ben: site.user("ben").await,
            ada: near.actor("ada"),
            fan: far.actor("fan"),
            site,
            near,
            far,
        };
        let ben = json!(world.site.uri(&world.ben.1));
        // A neighbour of Ada's follows Ben, too.
        let neighbour = world.near.actor("neighbour");
        for (server, follower) in [(&world.far, &world.fan), (&world.near, &neighbour)] {
            let follow = follower.activity("Follow", "follow", &ben);
            let inbox = format!("{}/ap/inbox", world.site.url);
            assert_eq!(server.send(follower, &inbox, &follow).await, 202);
        }
        world.site.settle().await;
        world.far.bodies();
        world.near.bodies();
        world
    }

    async fn post(&mut self, visibility: Visibility) -> String {
        let new = NewStatus {
            text: "who is there?".to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let author = self.ben.0.clone();
        let id = self.site.post(&author, new).await;
        self.site.settle().await;
        self.far.bodies();
        self.near.bodies();
        self.site.status_uri(id).await
    }

    /// An answer of Ada's, for everybody or for her followers.
    fn answer(&self, name: &str, parent: &str, is_open: bool) -> Value {
        let mut note = self.near.note(&self.ada, name, "<p>it is me</p>");
        note["inReplyTo"] = json!(parent);
        let ben = json!(self.site.uri(&self.ben.1));
        note["tag"] = json!([{ "type": "Mention", "href": ben, "name": "@ben" }]);
        note["to"] = if is_open {
            note["to"].clone()
        } else {
            json!([format!("{}/followers", self.ada.id)])
        };
        note["cc"] = json!([ben]);
        self.near.publish(&note);
        note
    }

    /// Sends a text in Ada's name to the shared inbox; what the far server gets of it.
    async fn send(&mut self, body: &str) -> Vec<String> {
        let signer = self.near.signer(&self.ada.key_id, &KEY, Scheme::Cavage);
        let inbox = format!("{}/ap/inbox", self.site.url);
        let answer = self.near.send_as(&inbox, body.to_owned(), Some(&signer)).await;
        assert_eq!(answer.status, 202, "{body}");
        self.site.settle().await;
        assert_eq!(
            self.near.bodies(),
            Vec::<String>::new(),
            "nothing goes back to where it came from"
        );
        self.far.bodies()
    }

    /// The same with an activity, written in a way that no program of ours would.
    async fn send_signed(&mut self, activity: &Value, proof: &str) -> (String, Vec<String>) {
        let plain = activity.to_string();
        let body = format!(
            "{} ,\n  \"{proof}\" : {{ \"z\":1, \"a\" :2.50 }} }}",
            &plain[..plain.len() - 1]
        );
        let passed_on = self.send(&body).await;
        (body, passed_on)
    }

    fn create(&self, note: &Value) -> Value {
        let mut create = self
            .ada
            .activity("Create", &note["id"].to_string().len().to_string(), note);
        create["id"] = json!(format!("{}/activity", note["id"].as_str().unwrap()));
        (create["to"], create["cc"]) = (note["to"].clone(), note["cc"].clone());
        create
    }
}

#[actix_web::test]
async fn fed_098_answers_are_passed_on_byte_for_byte_and_once() {
    let mut world = World::start().await;
    let parent = world.post(Visibility::Public).await;
    for (name, proof) in [("a", "signature"), ("bb", "proof")] {
        let note = world.answer(name, &parent, true);
        let create = world.create(&note);
        let (body, passed_on) = world.send_signed(&create, proof).await;
        assert_eq!(passed_on, std::slice::from_ref(&body));
        assert_eq!(world.send(&body).await, Vec::<String>::new(), "it came before");
        let mut again = create.clone();
        again["id"] = json!(format!("{}#again", create["id"].as_str().unwrap()));
        assert_eq!(
            world.send_signed(&again, proof).await.1,
            Vec::<String>::new(),
            "under another id, too"
        );

        let mut edited = note.clone();
        edited["content"] = json!("<p>it was me</p>");
        edited["updated"] = json!("2026-11-23T09:59:30Z");
        let update = world.ada.activity("Update", &format!("update-{name}"), &edited);
        let (body, passed_on) = world.send_signed(&update, proof).await;
        assert_eq!(passed_on, [body]);
        let tombstone = json!({ "id": note["id"], "type": "Tombstone" });
        let delete = world
            .ada
            .activity("Delete", &format!("delete-{name}"), &tombstone);
        let (body, passed_on) = world.send_signed(&delete, proof).await;
        assert_eq!(passed_on, [body]);
        assert!(!world.site.knows(note["id"].as_str().unwrap()).await);
    }
}

#[actix_web::test]
async fn fed_098_edits_and_deletions_go_where_boosts_took_it() {
    let mut world = World::start().await;
    for name in ["a", "bb"] {
        let note = world.near.note(&world.ada, name, "<p>look</p>");
        world.near.publish(&note);
        let resolver = world.site.instance.resolver().unwrap();
        let status = resolver
            .status_by_uri(note["id"].as_str().unwrap())
            .await
            .unwrap();
        let update = |world: &World, round: i64| {
            let mut edited = note.clone();
            edited["content"] = json!(format!("<p>look {round}</p>"));
            edited["updated"] = json!(format!("2026-11-23T09:59:{round}Z"));
            world.near.publish(&edited);
            let name = format!("update-{name}-{round}");
            world.ada.activity("Update", &name, &edited)
        };
        let (_, passed_on) = world.send_signed(&update(&world, 10), "signature").await;
        assert_eq!(passed_on, Vec::<String>::new(), "nobody here carried it on");

        let (instance, ben) = (world.site.instance.clone(), world.ben.1.id);
        let boosts = name == "a";
        let (_, other) = world.site.user(&format!("other-{name}").replace('-', "_")).await;
        statuses::reblog(&instance, other.id, status.id, None)
            .await
            .unwrap();
        world.site.settle().await;
        world.near.bodies();
        let (_, passed_on) = world.send_signed(&update(&world, 20), "signature").await;
        assert_eq!(
            passed_on,
            Vec::<String>::new(),
            "they have no followers elsewhere"
        );
        if boosts {
            statuses::reblog(&instance, ben, status.id, None).await.unwrap();
        } else {
            blocks::block(
                &instance,
                other.id,
                world.site.account(&world.ada.id).await.unwrap().id,
            )
            .await
            .unwrap();
            statuses::reblog(&instance, ben, status.id, Some(Visibility::Private))
                .await
                .unwrap();
        }
        world.site.settle().await;
        world.far.bodies();
        world.near.bodies();
        let (body, passed_on) = world.send_signed(&update(&world, 30), "signature").await;
        assert_eq!(passed_on, [body]);
        let unsigned = update(&world, 40).to_string();
        assert_eq!(world.send(&unsigned).await, Vec::<String>::new());
        let tombstone = json!({ "id": note["id"], "type": "Tombstone" });
        let delete = world
            .ada
            .activity("Delete", &format!("delete-{name}"), &tombstone);
        let (body, passed_on) = world.send_signed(&delete, "proof").await;
        assert_eq!(passed_on, [body]);
        assert!(!world.site.knows(note["id"].as_str().unwrap()).await);
    }
}

#[actix_web::test]
async fn fed_098_what_nobody_could_check_or_not_everybody_may_see_stays_here() {
    let mut world = World::start().await;
    let (open, private) = (
        world.post(Visibility::Unlisted).await,
        world.post(Visibility::Private).await,
    );
    let unsigned = world.create(&world.answer("a", &open, true));
    assert_eq!(world.send(&unsigned.to_string()).await, Vec::<String>::new());
    assert!(world.site.knows(unsigned["object"]["id"].as_str().unwrap()).await);

    let closed = world.create(&world.answer("bb", &open, false));
    assert_eq!(
        world.send_signed(&closed, "signature").await.1,
        Vec::<String>::new()
    );
    assert!(world.site.knows(closed["object"]["id"].as_str().unwrap()).await);

    let below_private = world.create(&world.answer("ccc", &private, true));
    assert_eq!(
        world.send_signed(&below_private, "signature").await.1,
        Vec::<String>::new()
    );

    let elsewhere = world.create(&world.answer("dddd", "https://elsewhere.test/notes/1", true));
    assert_eq!(
        world.send_signed(&elsewhere, "signature").await.1,
        Vec::<String>::new()
    );

    let unlisted = world.create(&world.answer("eeeee", &open, true));
    assert_eq!(
        world.send_signed(&unlisted, "signature").await.1.len(),
        1,
        "below an unlisted status"
    );
}

#[actix_web::test]
async fn fed_098_nobody_speaks_for_whom_they_keep_out() {
    let mut world = World::start().await;
    let parent = world.post(Visibility::Public).await;
    let first = world.create(&world.answer("a", &parent, true));
    let (_, passed_on) = world.send_signed(&first, "signature").await;
    assert_eq!(passed_on.len(), 1);
    let ada = world.site.account(&world.ada.id).await.unwrap();
    blocks::block(&world.site.instance, world.ben.1.id, ada.id)
        .await
        .unwrap();
    world.site.settle().await;
    world.near.bodies();
    world.far.bodies();
    let second = world.create(&world.answer("bb", &parent, true));
    let (_, passed_on) = world.send_signed(&second, "signature").await;
    assert_eq!(passed_on, Vec::<String>::new());
    assert!(world.site.knows(second["object"]["id"].as_str().unwrap()).await);
}

#[actix_web::test]
async fn fed_097_098_what_came_passed_on_is_asked_for_and_goes_no_further() {
    let mut world = World::start().await;
    let ada = world.site.resolve("ada", &world.near.domain).await.unwrap();
    let (ben, options) = (world.ben.1.id, FollowOptions::default());
    follows::follow(&world.site.instance, ben, ada.id, options)
        .await
        .unwrap();
    world.site.settle().await;
    let follow = world.near.received().pop().unwrap();
    world.near.bodies();
    let accept = world.ada.activity("Accept", "accept", &follow).to_string();
    world.send(&accept).await;

    let parent = world.post(Visibility::Public).await;
    let note = world.answer("a", &parent, true);
    let mut create = world.create(&note);
    create["object"]["content"] = json!("<p>words that Ada never wrote</p>");
    create["signature"] = json!({ "type": "RsaSignature2017" });
    let eve = world.far.actor("eve");
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(world.far.send(&eve, &inbox, &create).await, 202);
    world.site.settle().await;
    let uri = note["id"].as_str().unwrap();
    let status = statuses::find_by_uri(&world.site.instance, uri)
        .await
        .unwrap()
        .unwrap();
    assert!(status.content.contains("it is me"), "{}", status.content);
    assert_eq!(world.far.bodies(), Vec::<String>::new(), "it goes no further");

    // What cannot be asked for is not done at all.
    for (kind, object) in [
        ("Follow", json!(world.site.uri(&world.ben.1))),
        ("Like", json!(parent)),
        ("Block", json!(world.site.uri(&world.ben.1))),
        ("Undo", follow),
        ("Announce", json!(parent)),
    ] {
        let mut activity = world.ada.activity(kind, &format!("forged-{kind}"), &object);
        activity["proof"] = json!({ "type": "DataIntegrityProof" });
        assert_eq!(world.far.send(&eve, &inbox, &activity).await, 202, "{kind}");
        world.site.settle().await;
    }
    let found = relationships::of(&world.site.instance, ben, &[ada.id])
        .await
        .unwrap();
    assert!(found[0].following && !found[0].followed_by && !found[0].blocked_by);
    let parent = statuses::find_by_uri(&world.site.instance, &parent)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((parent.favourites_count, parent.reblogs_count), (0, 0));

    // Deletions count if the origin has it no longer.
    let kept = world.create(&world.answer("bb", &world.site.status_uri(parent.id).await, true));
    world.send(&kept.to_string()).await;
    let kept_uri = kept["object"]["id"].as_str().unwrap();
    world.near.remove(uri);
    for (name, object) in [("gone", uri), ("kept", kept_uri)] {
        let delete = world.ada.activity("Delete", name, &json!(object));
        assert_eq!(world.far.send(&eve, &inbox, &delete).await, 202);
        world.site.settle().await;
    }
    assert!(!world.site.knows(uri).await);
    assert!(world.site.knows(kept_uri).await);
}
