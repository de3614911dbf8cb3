//! What the inboxes take in, and how activities are understood.

use chrono::TimeDelta;
use pouet_federation::{routes::FetchAuth, signatures::Scheme};
use pouet_model::{account::Account, page::Page, status::Visibility};
use pouet_service::{
    accounts,
    follows::{self, FollowOptions},
    notifications::{self, NotificationQuery},
    quarantine, relationships,
    statuses::{self, NewStatus},
};
use serde_json::{Value, json};

use crate::common::{Actor, KEY, OTHER_KEY, Remote, Site, clock};

/// A site with Ben, and a server with Ada, whom Ben follows.
struct World {
    site: Site,
    remote: Remote,
    ben: Account,
    ada: Actor,
    clock: std::sync::Arc<pouet_model::time::ManualClock>,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let (site, remote) = (Site::start(&clock).await, Remote::start(&clock));
        let (_, ben) = site.user("ben").await;
        let ada = remote.actor("ada");
        Self {
            site,
            remote,
            ben,
            ada,
            clock,
        }
    }

    /// Ben follows Ada.
    async fn following() -> Self {
        let mut world = Self::start().await;
        let ada = world.site.resolve("ada", &world.remote.domain).await.unwrap();
        let options = FollowOptions::default();
        follows::follow(&world.site.instance, world.ben.id, ada.id, options)
            .await
            .unwrap();
        world.site.settle().await;
        let follow = world.remote.received().pop().unwrap();
        world.send(&world.ada.activity("Accept", "accept", &follow)).await;
        assert!(world.relationship().await.0);
        world.remote.asked();
        world
    }

    /// Sends an activity of Ada's to the shared inbox and has it processed.
    async fn send(&mut self, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        assert_eq!(
            self.remote.send(&self.ada, &inbox, activity).await,
            202,
            "{activity}"
        );
        self.site.settle().await;
    }

    /// The same, to Ben's own inbox.
    async fn send_to_ben(&mut self, activity: &Value) {
        let inbox = format!("{}/inbox", self.site.uri(&self.ben));
        assert_eq!(
            self.remote.send(&self.ada, &inbox, activity).await,
            202,
            "{activity}"
        );
        self.site.settle().await;
    }

    /// Whether Ben follows Ada, and whether he has asked to.
    async fn relationship(&self) -> (bool, bool) {
        let ada = self.site.account(&self.ada.id).await.unwrap();
        let found = relationships::of(&self.site.instance, self.ben.id, &[ada.id])
            .await
            .unwrap();
        (found[0].following, found[0].requested)
    }

    async fn notifications(&self) -> usize {
        let query = NotificationQuery::default();
        let list = notifications::list(&self.site.instance, self.ben.id, query, Page::first(40)).await;
        list.unwrap().len()
    }

    fn create(&self, note: &Value) -> Value {
        let mut create = self
            .ada
            .activity("Create", &note["id"].to_string().len().to_string(), note);
        create["id"] = json!(format!("{}/activity", note["id"].as_str().unwrap()));
        create["to"] = note["to"].clone();
        create["cc"] = note["cc"].clone();
        create
    }

    async fn status(&self, uri: &str) -> Option<pouet_model::status::Status> {
        statuses::find_by_uri(&self.site.instance, uri).await.unwrap()
    }
}

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

#[actix_web::test]
async fn fed_064_the_same_create_three_times_is_one_status() {
    let mut world = World::following().await;
    let mut note = world.remote.note(&world.ada, "1", "<p>hello</p>");
    let ben = world.site.uri(&world.ben);
    note["cc"] = json!([format!("{}/followers", world.ada.id), ben]);
    note["tag"] = json!([{"type": "Mention", "href": ben, "name": "@ben"}]);
    let create = world.create(&note);
    world.send(&create).await;
    world.send(&create).await;
    world.send_to_ben(&create).await;
    assert_eq!(world.site.home(&world.ben).await.len(), 1);
    assert_eq!(world.notifications().await, 1);
    assert_eq!(
        world.remote.asked(),
        Vec::<String>::new(),
        "nothing needs to be fetched"
    );
}

#[actix_web::test]
async fn fed_037_only_who_is_addressed_is_notified() {
    for (addressed, notified) in [(true, 1), (false, 0)] {
        let mut world = World::following().await;
        let ben = world.site.uri(&world.ben);
        let mut note = world.remote.note(&world.ada, "1", "<p>hello @ben</p>");
        note["tag"] = json!([{"type": "Mention", "href": ben, "name": "@ben"}]);
        if addressed {
            note["cc"] = json!([format!("{}/followers", world.ada.id), ben]);
        }
        world.send(&world.create(&note)).await;
        assert_eq!(world.notifications().await, notified, "addressed: {addressed}");
        assert!(world.status(id(&note)).await.is_some());
    }
}

#[actix_web::test]
async fn fed_052_what_concerns_nobody_is_not_kept() {
    let mut world = World::start().await;
    let note = world
        .remote
        .note(&world.ada, "1", "<p>to whom it may concern</p>");
    world.send(&world.create(&note)).await;
    assert!(world.status(id(&note)).await.is_none());
}

#[actix_web::test]
async fn fed_054_a_private_note_in_a_personal_inbox_is_for_its_owner() {
    let mut world = World::start().await;
    let (_, other) = world.site.user("other").await;
    let mut note = world.remote.note(&world.ada, "1", "<p>psst</p>");
    note["to"] = json!([]);
    note["cc"] = json!([]);
    let mut create = world.create(&note);
    create["to"] = json!([]);
    world.send_to_ben(&create).await;
    let status = world.status(id(&note)).await.unwrap();
    assert_eq!(status.visibility, Visibility::Direct);
    let instance = &world.site.instance;
    assert!(
        statuses::find(instance, Some(world.ben.id), status.id)
            .await
            .is_ok()
    );
    assert!(statuses::find(instance, Some(other.id), status.id).await.is_err());
}

#[actix_web::test]
async fn fed_049_followers_in_cc_make_a_note_private() {
    let mut world = World::following().await;
    let mut note = world.remote.note(&world.ada, "1", "<p>hush</p>");
    note["to"] = json!([]);
    note["cc"] = json!(format!("{}/followers", world.ada.id));
    world.send(&world.create(&note)).await;
    assert_eq!(
        world.status(id(&note)).await.unwrap().visibility,
        Visibility::Private
    );
    assert_eq!(world.site.home(&world.ben).await.len(), 1);
}

#[actix_web::test]
async fn fed_065_a_create_after_its_delete_is_ignored() {
    let mut world = World::following().await;
    let note = world.remote.note(&world.ada, "1", "<p>too late</p>");
    let tombstone = json!({"id": note["id"], "type": "Tombstone"});
    world
        .send(&world.ada.activity("Delete", "delete", &tombstone))
        .await;
    world.send(&world.create(&note)).await;
    assert!(world.status(id(&note)).await.is_none());
}

#[actix_web::test]
async fn fed_070_deletes_in_all_their_shapes() {
    for (n, shape) in ["string", "tombstone", "object"].into_iter().enumerate() {
        let mut world = World::following().await;
        let note = world.remote.note(&world.ada, "1", "<p>going</p>");
        world.send(&world.create(&note)).await;
        assert!(world.status(id(&note)).await.is_some());
        let object = match shape {
            "string" => note["id"].clone(),
            "tombstone" => json!({"id": note["id"], "type": "Tombstone"}),
            _ => note.clone(),
        };
        world
            .send(&world.ada.activity("Delete", &format!("delete-{n}"), &object))
            .await;
        assert!(world.status(id(&note)).await.is_none(), "{shape}");
    }
}

#[actix_web::test]
async fn fed_068_updates_change_what_is_newer() {
    let mut world = World::following().await;
    let mut note = world.remote.note(&world.ada, "1", "<p>ten o'clock</p>");
    world.send(&world.create(&note)).await;
    let steps = [
        ("2026-11-23T09:59:30Z", "eleven o'clock", "eleven o'clock"),
        ("2026-11-23T09:58:00Z", "nine o'clock", "eleven o'clock"),
        ("2026-11-23T09:59:40Z", "noon", "noon"),
    ];
    for (n, (updated, content, expected)) in steps.into_iter().enumerate() {
        note["updated"] = json!(updated);
        note["content"] = json!(format!("<p>{content}</p>"));
        world
            .send(&world.ada.activity("Update", &format!("update-{n}"), &note))
            .await;
        let status = world.status(id(&note)).await.unwrap();
        assert!(status.content.contains(expected), "{}", status.content);
    }
    let status = world.status(id(&note)).await.unwrap();
    let (_, versions) = statuses::history(&world.site.instance, None, status.id)
        .await
        .unwrap();
    assert_eq!(versions.len(), 3);
}

#[actix_web::test]
async fn fed_069_an_update_of_an_unknown_status_counts_while_it_is_new() {
    for (published, kept) in [("2026-11-23T08:00:00Z", true), ("2026-11-20T08:00:00Z", false)] {
        let mut world = World::following().await;
        let mut note = world.remote.note(&world.ada, "1", "<p>edited before it came</p>");
        note["published"] = json!(published);
        note["updated"] = json!("2026-11-23T09:00:00Z");
        world.send(&world.ada.activity("Update", "update", &note)).await;
        assert_eq!(world.status(id(&note)).await.is_some(), kept, "{published}");
    }
}

#[actix_web::test]
async fn fed_053_an_update_does_not_widen_an_audience() {
    let mut world = World::following().await;
    let mut note = world.remote.note(&world.ada, "1", "<p>hush</p>");
    note["to"] = json!([format!("{}/followers", world.ada.id)]);
    note["cc"] = json!([]);
    world.send(&world.create(&note)).await;
    note["to"] = json!(["https://www.w3.org/ns/activitystreams#Public"]);
    note["updated"] = json!("2026-11-23T09:59:30Z");
    note["content"] = json!("<p>hush hush</p>");
    let mut update = world.ada.activity("Update", "update", &note);
    update["to"] = note["to"].clone();
    world.send(&update).await;
    let status = world.status(id(&note)).await.unwrap();
    assert_eq!(status.visibility, Visibility::Private);
    assert!(
        statuses::find(&world.site.instance, None, status.id)
            .await
            .is_err()
    );
}

#[actix_web::test]
async fn fed_059_accepts_in_all_their_shapes() {
    for shape in ["embedded", "bare id", "foreign id", "without id"] {
        let mut world = World::start().await;
        let ada = world.site.resolve("ada", &world.remote.domain).await.unwrap();
        follows::follow(
            &world.site.instance,
            world.ben.id,
            ada.id,
            FollowOptions::default(),
        )
        .await
        .unwrap();
        world.site.settle().await;
        let follow = world.remote.received().pop().unwrap();
        assert_eq!(
            (&follow["type"], &follow["object"]),
            (&json!("Follow"), &json!(world.ada.id))
        );
        assert_eq!(world.relationship().await, (false, true));
        let object = match shape {
            "embedded" => follow,
            "bare id" => follow["id"].clone(),
            "foreign id" => json!(format!("{}/follows/77", world.remote.url)),
            _ => json!({"type": "Follow", "actor": follow["actor"], "object": follow["object"]}),
        };
        world
            .send_to_ben(&world.ada.activity("Accept", "accept", &object))
            .await;
        assert_eq!(world.relationship().await, (true, false), "{shape}");
    }
}

#[actix_web::test]
async fn fed_061_an_undo_before_its_follow_leaves_no_follower() {
    let mut world = World::start().await;
    let ben = world.site.uri(&world.ben);
    let follow = world.ada.activity("Follow", "follow", &json!(ben));
    world.send(&world.ada.activity("Undo", "undo", &follow)).await;
    world.send_to_ben(&follow).await;
    let ben = accounts::find(&world.site.instance, world.ben.id).await.unwrap();
    assert_eq!(ben.followers_count, 0);
}

#[actix_web::test]
async fn fed_057_a_repeated_follow_is_accepted_again() {
    let mut world = World::start().await;
    let ben = world.site.uri(&world.ben);
    for n in 1..=2 {
        let follow = world.ada.activity("Follow", &format!("follow-{n}"), &json!(ben));
        world.send_to_ben(&follow).await;
        let accept = world.remote.received().pop().unwrap();
        assert_eq!(accept["type"], "Accept");
        assert_eq!(accept["object"]["id"], follow["id"]);
    }
    let ben = accounts::find(&world.site.instance, world.ben.id).await.unwrap();
    assert_eq!(ben.followers_count, 1);
}

#[actix_web::test]
async fn fed_062_an_undone_accept_is_a_request_again() {
    let mut world = World::following().await;
    let ben = world.site.uri(&world.ben);
    let follow = json!({"type": "Follow", "actor": ben, "object": world.ada.id});
    let accept = world.ada.activity("Accept", "accept", &follow);
    world.send(&world.ada.activity("Undo", "undo", &accept)).await;
    assert_eq!(world.relationship().await, (false, true));
}

#[actix_web::test]
async fn fed_074_boosts_count_once_and_are_undone_by_id_or_object() {
    for by_id in [true, false] {
        let mut world = World::following().await;
        let bea = world.remote.actor("bea");
        let note = world.remote.note(&bea, "1", "<p>boost me</p>");
        let announce = world.ada.activity("Announce", "announce", &note["id"]);
        world.send(&announce).await;
        let mut again = announce.clone();
        again["id"] = json!(format!("{}/activities/announce-2", world.ada.id));
        world.send(&again).await;
        let home = world.site.home(&world.ben).await;
        assert_eq!(home.len(), 1);
        assert_eq!(
            home[0].reblog.as_ref().unwrap().status.uri.as_deref(),
            Some(id(&note))
        );
        let undone = if by_id {
            announce["id"].clone()
        } else {
            announce.clone()
        };
        world.send(&world.ada.activity("Undo", "undo", &undone)).await;
        assert_eq!(world.site.home(&world.ben).await.len(), 0, "by id: {by_id}");
    }
}

#[actix_web::test]
async fn fed_075_a_group_boosts_activities() {
    let mut world = World::following().await;
    let dora = world.remote.actor("dora");
    let note = world.remote.note(&dora, "1", "<p>from the group</p>");
    let mut forged = note.clone();
    forged["content"] = json!("<p>forged</p>");
    let create = dora.activity("Create", "create", &forged);
    world.send(&world.ada.activity("Announce", "1", &create)).await;
    let status = world.status(id(&note)).await.unwrap();
    assert!(
        status.content.contains("from the group"),
        "fetched, not believed: {}",
        status.content
    );
    assert_eq!(world.site.home(&world.ben).await.len(), 1);
    for (n, kind) in ["Delete", "Update"].into_iter().enumerate() {
        let inner = dora.activity(kind, kind, &forged);
        world
            .send(&world.ada.activity("Announce", &format!("inner-{n}"), &inner))
            .await;
        let status = world.status(id(&note)).await.unwrap();
        assert!(status.content.contains("from the group"), "{kind}");
    }
}

#[actix_web::test]
async fn fed_076_favourites_of_local_statuses_count_once() {
    let mut world = World::start().await;
    let (user, _) = world.site.user("poet").await;
    let new = NewStatus {
        text: "like this".to_owned(),
        ..NewStatus::default()
    };
    let status = world.site.post(&user, new).await;
    let uri = world.site.status_uri(status).await;
    let count = async |world: &World| {
        let found = statuses::find_raw(&world.site.instance, status).await;
        found.unwrap().unwrap().favourites_count
    };
    let like = world.ada.activity("Like", "like", &json!(uri));
    world.send(&like).await;
    world
        .send(&world.ada.activity("Like", "like-2", &json!(uri)))
        .await;
    let mut reaction = world.ada.activity("EmojiReact", "react", &json!(uri));
    reaction["content"] = json!("🎉");
    world.send(&reaction).await;
    assert_eq!(count(&world).await, 1);
    world.send(&world.ada.activity("Undo", "undo", &like)).await;
    assert_eq!(count(&world).await, 0);
}

#[actix_web::test]
async fn fed_083_unknown_types_are_dropped_without_a_look() {
    let world = World::start().await;
    let inbox = format!("{}/ap/inbox", world.site.url);
    for kind in ["Dislike", "View", "Arrive", "Listen", "Offer", "Frobnicate"] {
        let activity = world.ada.activity(kind, kind, &json!("https://a.test/1"));
        let response = world.remote.send_as(&inbox, activity.to_string(), None).await;
        assert_eq!(response.status, 202, "{kind}");
    }
    assert_eq!(world.remote.asked(), Vec::<String>::new());
}

#[actix_web::test]
async fn fed_072_accounts_are_deleted_by_their_own_word() {
    let mut world = World::following().await;
    let note = world.remote.note(&world.ada, "1", "<p>goodbye</p>");
    world.send(&world.create(&note)).await;
    world.remote.remove(&world.ada.id);
    world.remote.asked();
    world
        .send(&world.ada.activity("Delete", "delete", &json!(world.ada.id)))
        .await;
    assert!(world.status(id(&note)).await.is_none());
    let ada = world.site.account(&world.ada.id).await;
    assert!(ada.is_none_or(|ada| ada.deleted_at.is_some()));
    assert_eq!(world.remote.asked(), Vec::<String>::new());
}

#[actix_web::test]
async fn fed_116_a_new_key_is_learned_with_its_first_use() {
    let mut world = World::following().await;
    let mut document = world.ada.document.clone();
    document["publicKey"]["publicKeyPem"] = json!(OTHER_KEY.public_key_pem);
    world.remote.publish(&document);
    let inbox = format!("{}/ap/inbox", world.site.url);
    let note = world.remote.note(&world.ada, "1", "<p>with a new key</p>");
    let create = world.create(&note);
    world.clock.advance(TimeDelta::minutes(6));
    let status = world
        .remote
        .send_signed(&world.ada.key_id, &OTHER_KEY, &inbox, &create)
        .await;
    assert_eq!(status, 202);
    assert_eq!(world.remote.asked(), ["GET /users/ada"]);
    world.site.settle().await;
    assert!(world.status(id(&note)).await.is_some());
    // The old key is worth nothing now.
    let status = world
        .remote
        .send_signed(
            &world.ada.key_id,
            &KEY,
            &inbox,
            &world.ada.activity("Like", "l", &json!(1)),
        )
        .await;
    assert_eq!(status, 401);
}

#[actix_web::test]
async fn fed_112_both_signature_schemes_are_taken() {
    let world = World::following().await;
    let inbox = format!("{}/ap/inbox", world.site.url);
    for (n, scheme) in [Scheme::Cavage, Scheme::Rfc9421].into_iter().enumerate() {
        let note = world.remote.note(&world.ada, &n.to_string(), "<p>signed</p>");
        let signer = world.remote.signer(&world.ada.key_id, &KEY, scheme);
        let body = world.create(&note).to_string();
        let response = world.remote.send_as(&inbox, body, Some(&signer)).await;
        assert_eq!(response.status, 202, "{scheme:?}");
    }
}

#[actix_web::test]
async fn fed_044_a_body_over_a_megabyte_is_refused() {
    let world = World::following().await;
    let inbox = format!("{}/ap/inbox", world.site.url);
    let activity = |size: usize| {
        let mut activity = world.ada.activity("Frobnicate", "1", &json!("x"));
        let rest = size - activity.to_string().len() - r#","pad":"""#.len();
        activity["pad"] = json!("x".repeat(rest));
        let text = activity.to_string();
        assert_eq!(text.len(), size);
        text
    };
    let mebibyte = 1024 * 1024;
    assert_eq!(
        world
            .remote
            .send_as(&inbox, activity(mebibyte), None)
            .await
            .status,
        202
    );
    assert_eq!(
        world
            .remote
            .send_as(&inbox, activity(mebibyte + 1), None)
            .await
            .status,
        413
    );
}

#[actix_web::test]
async fn fed_095_unknown_parents_are_fetched() {
    let mut world = World::following().await;
    let bea = world.remote.actor("bea");
    let root = world.remote.note(&bea, "root", "<p>the question</p>");
    let mut middle = world.remote.note(&bea, "middle", "<p>the answer</p>");
    middle["inReplyTo"] = root["id"].clone();
    world.remote.publish(&middle);
    let mut last = world.remote.note(&world.ada, "last", "<p>thanks</p>");
    last["inReplyTo"] = middle["id"].clone();
    world.send(&world.create(&last)).await;
    let status = world.status(id(&last)).await.unwrap();
    let context = statuses::context(&world.site.instance, None, status.id)
        .await
        .unwrap();
    let ancestors: Vec<_> = context
        .ancestors
        .iter()
        .map(|view| view.status.uri.as_deref().unwrap())
        .collect();
    assert_eq!(ancestors, [id(&root), id(&middle)]);
}

#[actix_web::test]
async fn fed_083_unknown_types_are_counted() {
    let world = World::start().await;
    let count = async || {
        let text = pouet_service::metrics::text(&world.site.instance).await.unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("pouet_inbox_unknown_types_total "));
        line.unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(count().await, 0);
    let inbox = format!("{}/ap/inbox", world.site.url);
    let odd = world.ada.activity("Travel", "1", &json!("https://harbour.test/"));
    assert_eq!(world.remote.send(&world.ada, &inbox, &odd).await, 202);
    assert_eq!(count().await, 1);
    let text = pouet_service::metrics::text(&world.site.instance).await.unwrap();
    assert!(
        text.contains("pouet_inbox_activities_total{outcome=\"dropped\",status=\"202\"} 1"),
        "{text}"
    );
    // A signature that does not hold is counted by its answer.
    let like = world.ada.activity(
        "Like",
        "2",
        &json!(format!("{}/ap/users/1/posts/1", world.site.url)),
    );
    let status = world
        .remote
        .send_signed(&world.ada.key_id, &OTHER_KEY, &inbox, &like)
        .await;
    assert_eq!(status, 401);
    let text = pouet_service::metrics::text(&world.site.instance).await.unwrap();
    assert!(text.contains("outcome=\"refused\",status=\"401\"} 1"), "{text}");
}

#[actix_web::test]
async fn sec_R096_a_full_queue_is_answered_with_a_time_to_come_back() {
    let mut world = World::start().await;
    world.site = Site::start_as(&world.clock, FetchAuth::Off, |settings| {
        settings.rate_limits_enabled = true;
    })
    .await;
    let domain = world.remote.domain.clone();
    let now = world.site.instance.now();
    let fill = move |tx: &mut pouet_storage::Conn| {
        for at in 0..5_000 {
            let row = pouet_storage::inbox::ReceivedRow {
                uri: format!("http://{domain}/waiting/{at}"),
                signer_uri: format!("http://{domain}/users/ada"),
                recipient_id: None,
                body: "{}".to_owned(),
                host: domain.clone(),
            };
            pouet_storage::inbox::insert_received(tx, at + 1, &row, now)?;
        }
        Ok::<_, pouet_storage::Error>(())
    };
    world.site.store.write(fill).await.unwrap();
    let inbox = format!("{}/ap/inbox", world.site.url);
    let note = world.remote.note(&world.ada, "1", "one too many");
    let signer = world.remote.signer(&world.ada.key_id, &KEY, Scheme::Cavage);
    let body = world.create(&note).to_string();
    let answer = world.remote.send_as(&inbox, body, Some(&signer)).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.headers["retry-after"], "60");
    let other = world.remote.asked();
    assert!(other.iter().all(|asked| !asked.contains("/notes/")), "{other:?}");
}

#[actix_web::test]
async fn fed_148_a_new_server_that_names_five_strangers_waits_for_an_operator() {
    let mut world = World::start().await;
    let mut named = vec![world.ben.clone()];
    for name in ["cyd", "dan", "eve", "fay", "gus"] {
        named.push(world.site.user(name).await.1);
    }
    let mention = |world: &World, name: &str, accounts: &[Account]| {
        let mut note = world.remote.note(&world.ada, name, "buy");
        let uris: Vec<String> = accounts.iter().map(|account| world.site.uri(account)).collect();
        note["cc"] = json!(uris);
        let tags = uris.iter().map(|uri| json!({ "type": "Mention", "href": uri }));
        note["tag"] = tags.collect();
        world.remote.publish(&note);
        note
    };
    let four = mention(&world, "1", &named[..4]);
    world.send(&world.create(&four)).await;
    assert!(world.status(id(&four)).await.is_some());
    assert_eq!(world.notifications().await, 1);
    assert!(quarantine::list(&world.site.instance).await.unwrap().is_empty());

    // Three that were named before and one more: five in all.
    let fifth = mention(&world, "22", &named[2..5]);
    world.send(&world.create(&fifth)).await;
    assert!(world.status(id(&fifth)).await.is_none(), "it waits");
    let to_ben = mention(&world, "333", &named[..1]);
    world.send(&world.create(&to_ben)).await;
    assert_eq!(world.notifications().await, 1, "and so does what comes after");
    let delete = world.ada.activity("Delete", "delete", &json!(id(&four)));
    world.remote.remove(id(&four));
    world.send(&delete).await;
    assert!(
        world.status(id(&four)).await.is_none(),
        "what ends something does not"
    );

    let held = quarantine::list(&world.site.instance).await.unwrap();
    let [host] = &held[..] else { panic!("{held:?}") };
    assert_eq!(
        (&host.host, host.strangers, host.waiting),
        (&world.remote.domain, 5, 2)
    );
    world.clock.advance(TimeDelta::days(2));
    world.site.settle().await;
    assert!(
        world.status(id(&fifth)).await.is_none(),
        "time alone changes nothing"
    );
    // Nor do other doors: somebody who passes it on, a name that looks like an end, a day later.
    let eve = world.remote.actor("eve");
    let inbox = format!("{}/ap/inbox", world.site.url);
    let passed_on = mention(&world, "55555", &named[..1]);
    assert_eq!(
        world.remote.send(&eve, &inbox, &world.create(&passed_on)).await,
        202
    );
    let mut disguised = world.create(&mention(&world, "666666", &named[..1]));
    disguised["type"] = json!(["Create", "Delete"]);
    world.send(&disguised).await;
    assert!(world.status(id(&passed_on)).await.is_none());
    assert!(world.status(id(&disguised["object"])).await.is_none());
    assert_eq!(world.notifications().await, 0, "the one there was is deleted");
    assert_eq!(
        quarantine::release(&world.site.instance, &host.host)
            .await
            .unwrap(),
        4
    );
    world.site.settle().await;
    assert!(world.status(id(&fifth)).await.is_some());
    assert!(world.status(id(&to_ben)).await.is_some());
    assert!(quarantine::list(&world.site.instance).await.unwrap().is_empty());
    let all = mention(&world, "4444", &named);
    world.send(&world.create(&all)).await;
    assert!(world.status(id(&all)).await.is_some(), "it is let in for good");
}

#[actix_web::test]
async fn fed_148_who_is_followed_or_was_named_first_is_no_stranger() {
    let mut world = World::following().await;
    let mut named = vec![world.ben.clone()];
    for name in ["cyd", "dan", "eve", "fay"] {
        named.push(world.site.user(name).await.1);
    }
    let mut note = world.remote.note(&world.ada, "1", "hello everybody");
    let uris: Vec<String> = named.iter().map(|account| world.site.uri(account)).collect();
    note["cc"] = json!(uris);
    note["tag"] = uris
        .iter()
        .map(|uri| json!({ "type": "Mention", "href": uri }))
        .collect();
    world.remote.publish(&note);
    // Five are named; Ben follows one there.
    world.send(&world.create(&note)).await;
    assert!(world.status(id(&note)).await.is_some());
    // Thrown away, what waits never comes.
    let (_, gus) = world.site.user("gus").await;
    let mut more = world.remote.note(&world.ada, "22", "and you");
    more["cc"] = json!([world.site.uri(&gus)]);
    more["tag"] = json!([{ "type": "Mention", "href": world.site.uri(&gus) }]);
    world.remote.publish(&more);
    world.send(&world.create(&more)).await;
    assert!(world.status(id(&more)).await.is_none());
    let host = world.remote.domain.clone();
    assert_eq!(quarantine::discard(&world.site.instance, &host).await.unwrap(), 1);
    assert_eq!(quarantine::release(&world.site.instance, &host).await.unwrap(), 0);
    world.site.settle().await;
    assert!(world.status(id(&more)).await.is_none());
}
