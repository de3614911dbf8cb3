//! A server that means ill.

use std::sync::Arc;

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    page::Page,
    status::Visibility,
    time::ManualClock,
};
use pouet_service::{
    follows::{self, FollowOptions},
    policy::{self, NewRule, Severity},
    relationships,
    statuses::{self, NewStatus},
    timelines,
};
use serde_json::{Value, json};

use crate::common::{Actor, KEY, OTHER_KEY, Remote, Site, clock};

/// Our site with Ben, an honest server with Ada, whom Ben follows, and an evil one with Eve.
struct World {
    site: Site,
    honest: Remote,
    evil: Remote,
    ben: (User, Account),
    ada: Actor,
    eve: Actor,
    clock: Arc<ManualClock>,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let mut site = Site::start(&clock).await;
        let (honest, evil) = (Remote::start(&clock), Remote::start(&clock));
        let ben = site.user("ben").await;
        let (ada, eve) = (honest.actor("ada"), evil.actor("eve"));
        let known = site.resolve("ada", &honest.domain).await.unwrap();
        follows::follow(&site.instance, ben.1.id, known.id, FollowOptions::default())
            .await
            .unwrap();
        site.settle().await;
        let follow = honest.received().pop().unwrap();
        let inbox = format!("{}/ap/inbox", site.url);
        assert_eq!(
            honest
                .send(&ada, &inbox, &ada.activity("Accept", "accept", &follow))
                .await,
            202
        );
        site.settle().await;
        site.resolve("eve", &evil.domain).await.unwrap();
        honest.asked();
        evil.asked();
        Self {
            site,
            honest,
            evil,
            ben,
            ada,
            eve,
            clock,
        }
    }

    fn inbox(&self) -> String {
        format!("{}/ap/inbox", self.site.url)
    }

    /// Eve sends a body in her own name, whatever the body says.
    async fn eve_sends(&mut self, activity: &Value) -> u16 {
        let status = self.evil.send(&self.eve, &self.inbox(), activity).await;
        self.site.settle().await;
        status
    }

    async fn ada_sends(&mut self, activity: &Value) -> u16 {
        let status = self.honest.send(&self.ada, &self.inbox(), activity).await;
        self.site.settle().await;
        status
    }

    /// A note of Ada's that is here already.
    async fn known_note(&mut self, name: &str) -> Value {
        let note = self.honest.note(&self.ada, name, "<p>the truth</p>");
        let create = self.ada.activity("Create", &format!("create-{name}"), &note);
        assert_eq!(self.ada_sends(&create).await, 202);
        assert!(self.site.knows(note["id"].as_str().unwrap()).await);
        note
    }

    async fn content(&self, note: &Value) -> String {
        let uri = note["id"].as_str().unwrap();
        let status = statuses::find_by_uri(&self.site.instance, uri).await.unwrap();
        status.map_or_else(String::new, |status| status.content)
    }

    async fn statuses_known(&self) -> usize {
        let filter = timelines::PublicFilter::default();
        let page = Page::first(40);
        timelines::public(&self.site.instance, None, filter, page)
            .await
            .unwrap()
            .len()
    }

    /// Whether Ben follows somebody, and whether he has asked to.
    async fn relationship(&self, uri: &str) -> (bool, bool, bool) {
        let account = self.site.account(uri).await.unwrap();
        let found = relationships::of(&self.site.instance, self.ben.1.id, &[account.id])
            .await
            .unwrap();
        (found[0].following, found[0].requested, found[0].followed_by)
    }
}

#[actix_web::test]
async fn sec_R010_unsigned_and_garbled_requests_change_nothing() {
    let mut world = World::start().await;
    let before = world.site.contents().await;
    let note = world.honest.note(&world.ada, "1", "<p>unsigned</p>");
    let create = world.ada.activity("Create", "1", &note).to_string();
    let response = world.honest.send_as(&world.inbox(), create.clone(), None).await;
    assert_eq!(response.status, 401);
    for key_id in [
        "",
        "not a url",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:x,y",
    ] {
        let signer = world
            .honest
            .signer(key_id, &KEY, pouet_federation::signatures::Scheme::Cavage);
        let response = world
            .honest
            .send_as(&world.inbox(), create.clone(), Some(&signer))
            .await;
        assert!(
            matches!(response.status.as_u16(), 400 | 401),
            "{key_id}: {}",
            response.status
        );
    }
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"type": "Create"}"#,
        r#"{"actor": "https://a.test/"}"#,
    ] {
        let response = world.honest.send_as(&world.inbox(), body.to_owned(), None).await;
        assert_eq!(response.status, 400, "{body}");
    }
    world.site.settle().await;
    assert_eq!(world.site.contents().await, before);
    assert_eq!(world.honest.asked(), Vec::<String>::new());
}

#[actix_web::test]
async fn sec_R017_bad_signatures_cause_one_fetch_in_five_minutes() {
    let world = World::start().await;
    let note = world.honest.note(&world.ada, "1", "<p>forged</p>");
    let create = world.ada.activity("Create", "1", &note);
    for _ in 0..30 {
        let status = world
            .evil
            .send_signed(&world.ada.key_id, &OTHER_KEY, &world.inbox(), &create)
            .await;
        assert_eq!(status, 401);
    }
    assert!(world.honest.asked().len() <= 1);
    world.clock.advance(TimeDelta::minutes(6));
    for _ in 0..30 {
        world
            .evil
            .send_signed(&world.ada.key_id, &OTHER_KEY, &world.inbox(), &create)
            .await;
    }
    assert_eq!(world.honest.asked().len(), 1);
    // The same for keys that nobody has ever seen.
    for _ in 0..10 {
        let key_id = format!("{}/users/nobody#main-key", world.evil.url);
        let status = world
            .evil
            .send_signed(&key_id, &KEY, &world.inbox(), &create)
            .await;
        assert_eq!(status, 401);
    }
    assert_eq!(world.evil.asked().len(), 1);
}

#[actix_web::test]
async fn sec_R016_a_key_that_names_somebody_elses_actor_is_refused() {
    let world = World::start().await;
    let note = world.honest.note(&world.ada, "1", "<p>forged</p>");
    let create = world.ada.activity("Create", "1", &note);
    let key_id = format!("{}/keys/1", world.evil.url);
    let key = json!({
        "id": key_id, "type": "CryptographicKey", "owner": world.ada.id, "publicKeyPem": OTHER_KEY.public_key_pem,
    });
    world.evil.publish(&key);
    let status = world
        .evil
        .send_signed(&key_id, &OTHER_KEY, &world.inbox(), &create)
        .await;
    assert_eq!(status, 401);
    // On the same server as an actor that does not list it.
    let key = json!({
        "id": key_id, "type": "CryptographicKey", "owner": world.eve.id, "publicKeyPem": OTHER_KEY.public_key_pem,
    });
    world.evil.publish(&key);
    world.clock.advance(TimeDelta::minutes(6));
    let create = world.eve.activity("Create", "1", &note);
    let status = world
        .evil
        .send_signed(&key_id, &OTHER_KEY, &world.inbox(), &create)
        .await;
    assert_eq!(status, 401);
}

#[actix_web::test]
async fn sec_R021_activities_in_another_name_are_never_executed() {
    let mut world = World::start().await;
    let note = world.known_note("known").await;
    let ben = world.site.uri(&world.ben.1);
    let unpublished = json!({
        "id": format!("{}/notes/new", world.honest.url), "type": "Note", "attributedTo": world.ada.id,
        "content": "<p>forged</p>", "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [ben], "tag": [{"type": "Mention", "href": ben}],
    });
    let mut forged = note.clone();
    forged["content"] = json!("<p>forged</p>");
    forged["updated"] = json!("2026-11-23T09:59:59Z");
    let mut actor = world.ada.document.clone();
    actor["name"] = json!("forged");
    let follow = json!({"type": "Follow", "actor": ben, "object": world.ada.id});
    let before = world.site.contents().await;
    for (kind, object) in [
        ("Create", &unpublished),
        ("Update", &forged),
        ("Update", &actor),
        ("Delete", &note["id"]),
        ("Delete", &json!(world.ada.id)),
        ("Announce", &note["id"]),
        ("Follow", &json!(ben)),
        ("Reject", &follow),
        ("Accept", &follow),
        ("Like", &json!(ben)),
        ("Block", &json!(ben)),
        (
            "Undo",
            &json!({"type": "Accept", "actor": world.ada.id, "object": follow}),
        ),
    ] {
        let activity = world.ada.activity(kind, &format!("forged-{kind}"), object);
        assert_eq!(world.eve_sends(&activity).await, 202, "{kind}");
        assert_eq!(world.site.contents().await, before, "{kind}");
    }
    // Their ids are not taken: what Ada then sends herself is heard.
    let true_like = world.ada.activity("Block", "forged-Block", &json!(ben));
    assert_eq!(world.ada_sends(&true_like).await, 202);
    assert!(!world.relationship(&world.ada.id).await.0);
}

#[actix_web::test]
async fn sec_R021_a_forwarded_create_is_fetched_from_its_origin() {
    let mut world = World::start().await;
    let note = world.honest.note(&world.ada, "1", "<p>the truth</p>");
    let mut forged = note.clone();
    forged["content"] = json!("<p>forged</p>");
    assert_eq!(
        world.eve_sends(&world.ada.activity("Create", "1", &forged)).await,
        202
    );
    assert_eq!(world.content(&note).await, "<p>the truth</p>");
    assert_eq!(world.honest.asked(), ["GET /notes/1"]);
    assert_eq!(
        world.eve_sends(&world.ada.activity("Create", "2", &forged)).await,
        202
    );
    assert_eq!(world.honest.asked(), Vec::<String>::new(), "once in ten minutes");
}

#[actix_web::test]
async fn sec_R028_a_forwarded_delete_counts_when_the_origin_agrees() {
    let mut world = World::start().await;
    let note = world.known_note("1").await;
    let delete = world.ada.activity("Delete", "1", &note["id"]);
    assert_eq!(world.eve_sends(&delete).await, 202);
    assert!(
        world.site.knows(note["id"].as_str().unwrap()).await,
        "the origin still has it"
    );
    let gone = world.known_note("2").await;
    world.honest.remove(gone["id"].as_str().unwrap());
    let delete = world.ada.activity("Delete", "2", &gone["id"]);
    assert_eq!(world.eve_sends(&delete).await, 202);
    assert!(!world.site.knows(gone["id"].as_str().unwrap()).await);
}

#[actix_web::test]
async fn sec_R022_objects_of_others_are_not_the_senders() {
    let mut world = World::start().await;
    let ben_follows_eve = world.site.account(&world.eve.id).await.unwrap();
    follows::follow(
        &world.site.instance,
        world.ben.1.id,
        ben_follows_eve.id,
        FollowOptions::default(),
    )
    .await
    .unwrap();
    let local = world.site.uri(&world.ben.1);
    let honest_note = json!({
        "id": format!("{}/notes/1", world.evil.url), "type": "Note", "attributedTo": world.eve.id,
        "content": "<p>forged</p>", "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [local], "tag": [{"type": "Mention", "href": local}],
    });
    let own_note = |change: &dyn Fn(&mut Value)| {
        let mut note = honest_note.clone();
        change(&mut note);
        note
    };
    let cases = [
        own_note(&|note| note["id"] = json!(format!("{}/notes/1", world.honest.url))),
        own_note(&|note| note["attributedTo"] = json!(world.ada.id)),
        own_note(&|note| note["attributedTo"] = json!(local)),
        own_note(&|note| note["attributedTo"] = json!([world.ada.id, world.eve.id])),
        own_note(&|note| note["attributedTo"] = json!(1)),
        own_note(&|note| note["attributedTo"] = json!(null)),
        own_note(&|note| note["id"] = json!(format!("{local}/posts/1"))),
        own_note(&|note| note["id"] = json!(format!("{}/ap/users/1/posts/1", world.site.url.to_uppercase()))),
        own_note(&|note| note["id"] = json!(null)),
        own_note(&|note| note["id"] = json!(7)),
        json!(format!("{}/notes/1", world.honest.url)),
    ];
    for (n, note) in cases.iter().enumerate() {
        let create = world.eve.activity("Create", &format!("case-{n}"), note);
        assert_eq!(world.eve_sends(&create).await, 202, "{note}");
        assert_eq!(world.statuses_known().await, 0, "{note}");
    }
    // The id of the activity itself.
    for id in [
        format!("{}/activities/1", world.honest.url),
        format!("{local}#likes/1"),
    ] {
        let mut create = world.eve.activity("Create", "x", &own_note(&|_| {}));
        create["id"] = json!(id);
        assert_eq!(world.eve_sends(&create).await, 202);
        assert_eq!(world.statuses_known().await, 0, "{id}");
    }
    let honest = world.eve.activity("Create", "honest", &own_note(&|_| {}));
    assert_eq!(world.eve_sends(&honest).await, 202);
    assert_eq!(
        world.statuses_known().await,
        1,
        "the case without a change is taken"
    );
}

#[actix_web::test]
async fn sec_R026_updates_of_what_is_not_the_senders_are_ignored() {
    let mut world = World::start().await;
    let note = world.known_note("1").await;
    let mut forged = note.clone();
    forged["content"] = json!("<p>forged</p>");
    forged["updated"] = json!("2026-11-23T09:59:59Z");
    let mut claimed = forged.clone();
    claimed["attributedTo"] = json!(world.eve.id);
    let mut actor = world.ada.document.clone();
    actor["name"] = json!("forged");
    for (n, object) in [&forged, &claimed, &actor, &note["id"]].into_iter().enumerate() {
        let update = world.eve.activity("Update", &n.to_string(), object);
        assert_eq!(world.eve_sends(&update).await, 202);
        assert_eq!(world.content(&note).await, "<p>the truth</p>", "{object}");
        let ada = world.site.account(&world.ada.id).await.unwrap();
        assert_eq!(ada.display_name, "ada", "{object}");
    }
    // Another account of the same server is another account all the same.
    let mallory = world.honest.actor("mallory");
    let update = mallory.activity("Update", "1", &forged);
    assert_eq!(world.honest.send(&mallory, &world.inbox(), &update).await, 202);
    claimed["attributedTo"] = json!(mallory.id);
    let update = mallory.activity("Update", "2", &claimed);
    assert_eq!(world.honest.send(&mallory, &world.inbox(), &update).await, 202);
    let delete = mallory.activity("Delete", "3", &note["id"]);
    assert_eq!(world.honest.send(&mallory, &world.inbox(), &delete).await, 202);
    world.site.settle().await;
    assert_eq!(world.content(&note).await, "<p>the truth</p>");
}

#[actix_web::test]
async fn sec_R027_a_second_create_adds_no_readers() {
    let mut world = World::start().await;
    let mut note = world.honest.note(&world.ada, "1", "<p>for followers</p>");
    note["to"] = json!([format!("{}/followers", world.ada.id)]);
    note["cc"] = json!([]);
    assert_eq!(
        world.ada_sends(&world.ada.activity("Create", "1", &note)).await,
        202
    );
    let (_, other) = world.site.user("other").await;
    let uri = note["id"].as_str().unwrap().to_owned();
    let status = statuses::find_by_uri(&world.site.instance, &uri)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(status.visibility, Visibility::Private);

    let mallory = world.honest.actor("mallory");
    let mut wider = note.clone();
    wider["to"] = json!(["https://www.w3.org/ns/activitystreams#Public"]);
    wider["cc"] = json!([world.site.uri(&other)]);
    wider["tag"] = json!([{"type": "Mention", "href": world.site.uri(&other)}]);
    let mut claimed = wider.clone();
    claimed["attributedTo"] = json!(mallory.id);
    for (sender, n, note) in [
        (&world.ada, 2, &wider),
        (&mallory, 3, &claimed),
        (&mallory, 4, &wider),
    ] {
        let create = sender.activity("Create", &n.to_string(), note);
        assert_eq!(world.honest.send(sender, &world.inbox(), &create).await, 202);
    }
    world.site.settle().await;
    assert!(
        statuses::find(&world.site.instance, Some(other.id), status.id)
            .await
            .is_err()
    );
    assert!(
        statuses::find(&world.site.instance, None, status.id)
            .await
            .is_err()
    );
}

#[actix_web::test]
async fn sec_R028_deletes_of_the_unknown_cost_nothing() {
    let world = World::start().await;
    let before = world.site.contents().await;
    for n in 0..20 {
        let actor = Actor {
            id: format!("{}/users/unknown{n}", world.evil.url),
            key_id: format!("{}/users/unknown{n}#main-key", world.evil.url),
            document: Value::Null,
        };
        let delete = actor.activity("Delete", "delete", &json!(actor.id));
        assert_eq!(world.evil.send(&actor, &world.inbox(), &delete).await, 202);
    }
    assert_eq!(world.site.contents().await, before);
    assert_eq!(world.evil.asked(), Vec::<String>::new());
}

#[actix_web::test]
async fn sec_R028_an_actor_that_is_there_is_not_deleted_by_others() {
    let mut world = World::start().await;
    let delete = world.eve.activity("Delete", "1", &json!(world.ada.id));
    assert_eq!(world.eve_sends(&delete).await, 202);
    let mallory = world.honest.actor("mallory");
    let delete = mallory.activity("Delete", "1", &json!(world.ada.id));
    assert_eq!(world.honest.send(&mallory, &world.inbox(), &delete).await, 202);
    world.site.settle().await;
    let ada = world.site.account(&world.ada.id).await.unwrap();
    assert_eq!(ada.deleted_at, None);
}

#[actix_web::test]
async fn sec_R029_relations_of_others_are_not_changed() {
    let mut world = World::start().await;
    let ben = world.site.uri(&world.ben.1);
    // Ben has asked Bea, who has not answered; Ada follows Ben.
    world.honest.actor("bea");
    let known = world.site.resolve("bea", &world.honest.domain).await.unwrap();
    follows::follow(
        &world.site.instance,
        world.ben.1.id,
        known.id,
        FollowOptions::default(),
    )
    .await
    .unwrap();
    world.site.settle().await;
    let asked = world.honest.received().pop().unwrap();
    let follow = world.ada.activity("Follow", "follow", &json!(ben));
    assert_eq!(world.ada_sends(&follow).await, 202);
    assert_eq!(world.relationship(&world.ada.id).await, (true, false, true));

    let before = world.site.contents().await;
    let never_sent = json!({"type": "Follow", "actor": ben, "object": world.eve.id});
    for (n, (kind, object)) in [
        ("Accept", asked.clone()),
        ("Accept", asked["id"].clone()),
        ("Accept", json!(format!("{}/follows/1", world.evil.url))),
        ("Accept", never_sent.clone()),
        ("Reject", asked),
        (
            "Reject",
            json!({"type": "Follow", "actor": ben, "object": world.ada.id}),
        ),
        ("Undo", follow.clone()),
        ("Undo", follow["id"].clone()),
        (
            "Undo",
            json!({"type": "Follow", "actor": world.eve.id, "object": ben, "id": follow["id"]}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let activity = world.eve.activity(kind, &n.to_string(), &object);
        assert_eq!(world.eve_sends(&activity).await, 202);
        assert_eq!(world.site.contents().await, before, "{kind} {object}");
    }
}

#[actix_web::test]
async fn sec_R030_boosts_do_not_carry_what_they_claim() {
    let mut world = World::start().await;
    let note = world.honest.note(&world.ada, "1", "<p>the truth</p>");
    let eve = world.site.account(&world.eve.id).await.unwrap();
    follows::follow(
        &world.site.instance,
        world.ben.1.id,
        eve.id,
        FollowOptions::default(),
    )
    .await
    .unwrap();
    world.site.settle().await;
    let follow = world.evil.received().pop().unwrap();
    assert_eq!(
        world.eve_sends(&world.eve.activity("Accept", "a", &follow)).await,
        202
    );

    let mut forged = note.clone();
    forged["content"] = json!("<p>forged</p>");
    assert_eq!(
        world
            .eve_sends(&world.eve.activity("Announce", "1", &forged))
            .await,
        202
    );
    assert_eq!(world.content(&note).await, "<p>the truth</p>");

    // Followers-only: not for boosting, not even under a wider audience.
    let mut private = world.honest.note(&world.ada, "2", "<p>for followers</p>");
    private["to"] = json!([format!("{}/followers", world.ada.id)]);
    private["cc"] = json!([]);
    assert_eq!(
        world
            .ada_sends(&world.ada.activity("Create", "2", &private))
            .await,
        202
    );
    let before = world.site.home(&world.ben.1).await.len();
    assert_eq!(
        world
            .eve_sends(&world.eve.activity("Announce", "2", &private["id"]))
            .await,
        202
    );
    assert_eq!(world.site.home(&world.ben.1).await.len(), before);
    // A private status of Ben's own.
    let new = NewStatus {
        text: "to myself".to_owned(),
        visibility: Some(Visibility::Private),
        ..NewStatus::default()
    };
    let id = world.site.post(&world.ben.0, new).await;
    let uri = world.site.status_uri(id).await;
    assert_eq!(
        world
            .eve_sends(&world.eve.activity("Announce", "3", &json!(uri)))
            .await,
        202
    );
    let status = statuses::find_raw(&world.site.instance, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(status.reblogs_count, 0);
}

#[actix_web::test]
async fn sec_R025_remapped_terms_and_linked_signatures_mean_nothing() {
    let mut world = World::start().await;
    let note = world.honest.note(&world.ada, "1", "<p>the truth</p>");
    let mut create = world.eve.activity("Create", "1", &note);
    create["@context"] =
        json!(["https://www.w3.org/ns/activitystreams", {"sender": "as:actor", "actor": "x:ignored"}]);
    create["sender"] = json!(world.ada.id);
    create["signature"] =
        json!({"type": "RsaSignature2017", "creator": world.ada.key_id, "signatureValue": "AAAA"});
    create["@graph"] = json!([{"type": "Create", "actor": world.ada.id, "object": note}]);
    assert_eq!(world.eve_sends(&create).await, 202);
    assert!(!world.site.knows(note["id"].as_str().unwrap()).await);

    let body = world.ada.activity("Create", "2", &note).to_string();
    let twice = body.replacen('{', &format!("{{\"actor\": \"{}\", ", world.eve.id), 1);
    let signer = world.evil.signer(
        &world.eve.key_id,
        &KEY,
        pouet_federation::signatures::Scheme::Cavage,
    );
    let response = world.evil.send_as(&world.inbox(), twice, Some(&signer)).await;
    assert_eq!(response.status, 400, "a key twice");
}

#[actix_web::test]
async fn sec_R036_what_is_suspended_stays_out() {
    let mut world = World::start().await;
    let far = Remote::start_as("far.test", &world.clock);
    let bob = far.actor("bob");
    world.site.resolve("bob", &far.domain).await.unwrap();
    let note = far.note(&bob, "1", "<p>from a suspended server</p>");
    let uri = note["id"].as_str().unwrap().to_owned();
    let rule = NewRule {
        domain: "far.test".to_owned(),
        severity: Severity::Suspend,
        ..NewRule::default()
    };
    let mut events = world.site.instance.hub.subscribe();
    policy::set(&world.site.instance, rule).await.unwrap();
    while !policy::of(&world.site.instance, &far.domain)
        .await
        .unwrap()
        .suspended
    {
        events.recv().await.unwrap();
    }
    far.asked();

    // Sent by itself, in its own name and in another.
    let create = bob.activity("Create", "1", &note);
    assert_eq!(far.send(&bob, &world.inbox(), &create).await, 403);
    let forwarded = world.ada.activity("Create", "x", &note);
    assert_eq!(far.send(&bob, &world.inbox(), &forwarded).await, 403);
    // Forwarded, boosted, answered, mentioned, and looked for by address and by name.
    assert_eq!(
        world.ada_sends(&create).await,
        202,
        "who forwards it did no wrong"
    );
    assert_eq!(
        world
            .ada_sends(&world.ada.activity("Announce", "1", &note["id"]))
            .await,
        202
    );
    let mut reply = world.honest.note(&world.ada, "reply", "<p>a reply</p>");
    reply["inReplyTo"] = note["id"].clone();
    reply["tag"] = json!([{"type": "Mention", "href": bob.id}]);
    assert_eq!(
        world
            .ada_sends(&world.ada.activity("Create", "reply", &reply))
            .await,
        202
    );
    assert!(world.site.knows(reply["id"].as_str().unwrap()).await);
    let resolver = world.site.instance.resolver().unwrap();
    assert!(resolver.status_by_uri(&uri).await.is_err());
    assert!(world.site.resolve("bob", &far.domain).await.is_err());
    assert!(!world.site.knows(&uri).await);
    assert_eq!(far.asked(), Vec::<String>::new(), "nothing is asked of it");
}
