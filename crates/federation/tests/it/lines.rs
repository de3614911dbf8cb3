//! Lines of the checklist about objects, audiences and activities, through the inbox.

use pouet_model::{ids::StatusId, page::Page, status::Visibility};
use pouet_service::{
    conversations, follows,
    notifications::{self, NotificationQuery},
    policy::{self, NewRule, Severity},
    relationships,
    search::{self, SearchKind, SearchQuery},
    statuses::{self, NewStatus, scheduled},
    timelines,
};
use serde_json::{Value, json};

use crate::common::{Remote, Site, World, clock};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

async fn seen_by(site: &Site, viewer: &pouet_model::account::Account, status: StatusId) -> bool {
    statuses::find(&site.instance, Some(viewer.id), status)
        .await
        .is_ok()
}

#[actix_web::test]
async fn fed_051_an_addressee_without_a_mention_makes_a_letter_limited() {
    for (named, direct_message, expected) in [
        (true, None, Visibility::Direct),
        (false, None, Visibility::Limited),
        (false, Some(true), Visibility::Direct),
        (false, Some(false), Visibility::Limited),
        (true, Some(false), Visibility::Limited),
    ] {
        let mut world = World::start().await;
        let (_, stranger) = world.site.user("stranger").await;
        let (_, named_one) = world.site.user("named").await;
        world.site.lets_anyone_write_to(&named_one).await;
        let (ben, other) = (world.site.uri(&world.ben), world.site.uri(&named_one));
        let mut note = world.far.note(&world.ada, "1", "<p>among us</p>");
        note["to"] = json!([ben, other]);
        note["cc"] = json!([]);
        let mut tags = vec![json!({"type": "Mention", "href": other, "name": "@named"})];
        if named {
            tags.push(json!({"type": "Mention", "href": ben, "name": "@ben"}));
        }
        note["tag"] = json!(tags);
        if let Some(flag) = direct_message {
            note["directMessage"] = json!(flag);
        }
        let status = world.publish(&note).await.unwrap();
        assert_eq!(
            status.visibility, expected,
            "named: {named}, directMessage: {direct_message:?}"
        );
        // Whatever it is called, those addressed see it and nobody else does.
        assert!(seen_by(&world.site, &world.ben, status.id).await);
        assert!(seen_by(&world.site, &named_one, status.id).await);
        assert!(!seen_by(&world.site, &stranger, status.id).await);
        // Letters are conversations, posts to a circle are not.
        let letters = conversations::list(&world.site.instance, named_one.id, Page::first(10))
            .await
            .unwrap();
        assert_eq!(letters.len(), usize::from(expected == Visibility::Direct));
        // Ben follows Ada and is addressed.
        assert_eq!(world.site.home(&world.ben).await.len(), 1);
    }
}

#[actix_web::test]
async fn fed_051_followers_do_not_see_what_is_for_a_circle() {
    let mut world = World::start().await;
    let (_, friend) = world.site.user("friend").await;
    let mut note = world.far.note(&world.ada, "1", "<p>for friends</p>");
    note["to"] = json!([world.site.uri(&friend), format!("{}/circles/1", world.ada.id)]);
    note["cc"] = json!([]);
    let status = world.publish(&note).await.unwrap();
    assert_eq!(status.visibility, Visibility::Limited);
    assert!(!seen_by(&world.site, &world.ben, status.id).await);
    assert!(seen_by(&world.site, &friend, status.id).await);
    assert!(world.site.home(&world.ben).await.is_empty());
    // An answer is a letter unless its author says otherwise.
    let answer = NewStatus {
        text: "thanks".to_owned(),
        in_reply_to_id: Some(status.id),
        ..NewStatus::default()
    };
    let user = pouet_service::users::find_by_account(&world.site.instance, friend.id)
        .await
        .unwrap()
        .unwrap();
    let answer = world.site.post(&user, answer).await;
    let answer = statuses::find_raw(&world.site.instance, answer).await.unwrap();
    assert_eq!(answer.unwrap().visibility, Visibility::Direct);
}

#[actix_web::test]
async fn sec_R042_an_answer_to_a_circle_that_is_posted_later_is_for_no_follower() {
    let mut world = World::start().await;
    let other = Remote::start(&world.clock);
    let fan = other.actor("fan");
    let follow = fan.activity("Follow", "follow", &json!(world.site.uri(&world.ben)));
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(other.send(&fan, &inbox, &follow).await, 202);
    world.site.settle().await;
    other.received();
    let mut note = world.far.note(&world.ada, "1", "<p>for friends</p>");
    note["to"] = json!([world.site.uri(&world.ben), format!("{}/circles/1", world.ada.id)]);
    note["cc"] = json!([]);
    let status = world.publish(&note).await.unwrap();
    assert_eq!(status.visibility, Visibility::Limited);
    let answer = |visibility| NewStatus {
        text: "thanks".to_owned(),
        in_reply_to_id: Some(status.id),
        visibility,
        ..NewStatus::default()
    };
    let later = world.site.instance.now() + chrono::TimeDelta::hours(1);
    let waiting = scheduled::schedule(&world.site.instance, &world.user, answer(None), later)
        .await
        .unwrap();
    assert_eq!(waiting.scheduled.draft.visibility, Visibility::Direct);
    world.clock.advance(chrono::TimeDelta::hours(2));
    world.site.settle().await;
    // Nor does one that was put down before.
    let posted = world
        .site
        .post(&world.user, answer(Some(Visibility::Limited)))
        .await;
    world.site.settle().await;
    let posted = statuses::find_raw(&world.site.instance, posted).await.unwrap();
    assert_eq!(posted.unwrap().visibility, Visibility::Direct);
    assert_eq!(other.received(), Vec::<Value>::new());
}

#[actix_web::test]
async fn fed_058_a_follow_of_the_instance_actor_is_rejected() {
    let mut world = World::start().await;
    let actor = world.site.instance.urls().instance_actor();
    for inbox in [format!("{}/ap/inbox", world.site.url), format!("{actor}/inbox")] {
        let follow = world
            .ada
            .activity("Follow", &format!("f{}", inbox.len()), &json!(actor));
        assert_eq!(world.far.send(&world.ada, &inbox, &follow).await, 202);
        world.site.settle().await;
        let answers = world.far.received();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let reject = &answers[0];
        assert_eq!(reject["type"], "Reject");
        assert_eq!(reject["actor"], json!(actor));
        assert_eq!(reject["object"]["id"], follow["id"]);
        assert_eq!(reject["object"]["object"], json!(actor));
        assert_eq!(reject["object"]["actor"], json!(world.ada.id));
    }
    let ada = world.site.account(&world.ada.id).await.unwrap();
    assert_eq!(ada.following_count, 0, "nothing is stored");
}

#[actix_web::test]
async fn fed_066_a_create_of_what_is_anothers_is_refused() {
    let mut world = World::start().await;
    let other = Remote::start(&world.clock);
    let bea = other.actor("bea");
    let elsewhere = other.note(&bea, "1", "<p>by Bea</p>");
    // An id on another server, by its author's name and by the sender's.
    let mut claimed = elsewhere.clone();
    claimed["attributedTo"] = json!(world.ada.id);
    for (n, object) in [&elsewhere, &claimed].into_iter().enumerate() {
        let create = world.ada.activity("Create", &n.to_string(), object);
        world.send(&create).await;
        assert!(world.status(id(&elsewhere)).await.is_none(), "{object}");
    }
    assert_eq!(other.asked(), Vec::<String>::new());
    // An id that Ada's post has, from somebody else on her server.
    let mut note = world.far.note(&world.ada, "mine", "<p>by Ada</p>");
    let before = world.publish(&note).await.unwrap();
    let mallory = world.far.actor("mallory");
    note["attributedTo"] = json!(mallory.id);
    note["content"] = json!("<p>by Mallory</p>");
    note["cc"] = json!([world.site.uri(&world.ben)]);
    world
        .send_as(&mallory, &mallory.activity("Create", "taken", &note))
        .await;
    let after = world.status(id(&note)).await.unwrap();
    assert_eq!(after, before);
}

#[actix_web::test]
async fn fed_067_an_object_by_address_is_fetched_from_its_own_server_alone() {
    let mut world = World::start().await;
    let other = Remote::start(&world.clock);
    let bea = other.actor("bea");
    let elsewhere = other.note(&bea, "1", "<p>elsewhere</p>");
    let note = world.far.note(&world.ada, "1", "<p>by address</p>");
    world
        .send(&world.ada.activity("Create", "1", &note["id"].clone()))
        .await;
    let status = world.status(id(&note)).await.unwrap();
    assert_eq!(status.content, "<p>by address</p>");
    assert_eq!(world.far.asked(), ["GET /notes/1"]);

    world
        .send(&world.ada.activity("Create", "2", &elsewhere["id"].clone()))
        .await;
    assert!(world.status(id(&elsewhere)).await.is_none());
    assert_eq!(other.asked(), Vec::<String>::new(), "not even asked");

    // On the same server, but by somebody else.
    let mallory = world.far.actor("mallory");
    let others = world.far.note(&mallory, "2", "<p>not hers</p>");
    world
        .send(&world.ada.activity("Create", "3", &others["id"].clone()))
        .await;
    assert!(world.status(id(&others)).await.is_none());
}

#[actix_web::test]
async fn fed_134_media_types_that_are_documents() {
    let world = World::start().await;
    let context = "https://www.w3.org/ns/activitystreams";
    let resolver = world.site.instance.resolver().unwrap();
    let accepted = [
        "application/activity+json".to_owned(),
        "application/activity+json;charset=utf-8".to_owned(),
        "application/activity+json ; charset=\"UTF-8\"".to_owned(),
        "APPLICATION/Activity+JSON".to_owned(),
        format!("application/ld+json; profile=\"{context}\""),
        format!("application/ld+json;profile=\"{context}\";charset=utf-8"),
        format!("application/ld+json; charset=utf-8; PROFILE=\"https://w3id.org/x {context}\""),
    ];
    let refused = [
        "application/json".to_owned(),
        "application/json; charset=utf-8".to_owned(),
        "text/html".to_owned(),
        "text/plain".to_owned(),
        "application/ld+json".to_owned(),
        "application/ld+json; charset=utf-8".to_owned(),
        "application/ld+json; profile=\"https://www.w3.org/ns/json-ld#compacted\"".to_owned(),
        format!("application/ld+json; profile=\"{context}/other\""),
        "application/activity+json; charset=iso-8859-1".to_owned(),
        "application/xml".to_owned(),
        "image/png".to_owned(),
        String::new(),
    ];
    let cases = accepted.iter().map(|kind| (kind, true));
    let cases = cases.chain(refused.iter().map(|kind| (kind, false)));
    for (n, (content_type, taken)) in cases.enumerate() {
        let note = world.far.note(&world.ada, &n.to_string(), "<p>x</p>");
        let path = format!("/notes/{n}");
        world.far.serve_as(&path, 200, content_type, &note.to_string());
        let found = resolver.status_by_uri(id(&note)).await;
        assert_eq!(found.is_ok(), taken, "{content_type:?}");
        assert_eq!(world.site.knows(id(&note)).await, taken, "{content_type:?}");
    }
}

#[actix_web::test]
async fn fed_046_counts_of_others_rank_nothing() {
    let mut world = World::start().await;
    let mut note = world.far.note(&world.ada, "1", "<p>believe me, it is loved</p>");
    let count = |total: i64| json!({"type": "Collection", "totalItems": total});
    note["likes"] = count(1_000_000);
    note["shares"] = count(1_000_000);
    note["replies"] = count(1_000_000);
    let status = world.publish(&note).await.unwrap();
    let counts = |status: &pouet_model::status::Status| {
        (
            status.favourites_count,
            status.reblogs_count,
            status.replies_count,
        )
    };
    assert_eq!(counts(&status), (0, 0, 0));
    for (n, updated) in [None, Some("2026-11-23T09:59:30Z")].into_iter().enumerate() {
        note["likes"] = count(2_000_000);
        if let Some(updated) = updated {
            note["updated"] = json!(updated);
        }
        let update = world.ada.activity("Update", &n.to_string(), &note);
        world.send(&update).await;
        let status = world.status(id(&note)).await.unwrap();
        assert_eq!(counts(&status), (0, 0, 0), "{updated:?}");
    }
    // What is counted is what people did who can be named.
    let bea = world.far.actor("bea");
    world
        .send_as(&bea, &bea.activity("Announce", "1", &note["id"].clone()))
        .await;
    statuses::favourite(&world.site.instance, world.ben.id, status.id)
        .await
        .unwrap();
    let status = world.status(id(&note)).await.unwrap();
    assert_eq!(status.favourites_count, 1);
}

#[actix_web::test]
async fn fed_073_nobody_but_its_author_boosts_a_private_post() {
    let mut world = World::start().await;
    let mut note = world.far.note(&world.ada, "1", "<p>for followers</p>");
    note["to"] = json!([format!("{}/followers", world.ada.id)]);
    note["cc"] = json!([]);
    let status = world.publish(&note).await.unwrap();
    assert_eq!(status.visibility, Visibility::Private);
    let count = async |world: &World| world.status(id(&note)).await.unwrap().reblogs_count;
    let bea = world.far.actor("bea");
    world
        .send_as(&bea, &bea.activity("Announce", "1", &note["id"].clone()))
        .await;
    assert_eq!(count(&world).await, 0);
    let mut boost = world.ada.activity("Announce", "mine", &note["id"].clone());
    boost["to"] = note["to"].clone();
    world.send(&boost).await;
    assert_eq!(count(&world).await, 1);
    let made = world.status(id(&boost)).await.unwrap();
    assert_eq!(made.reblog_of_id, Some(status.id));
    assert_eq!(made.visibility, Visibility::Private);
}

async fn found_by_search(world: &World, kind: SearchKind, q: &str) -> usize {
    let query = SearchQuery {
        q: q.to_owned(),
        kind: Some(kind),
        limit: 20,
        ..SearchQuery::default()
    };
    let found = search::search(&world.site.instance, Some(world.ben.id), query)
        .await
        .unwrap();
    found.accounts.len() + found.statuses.len() + found.hashtags.len()
}

#[actix_web::test]
async fn fed_025_who_does_not_want_to_be_found_is_not() {
    let mut world = World::start().await;
    let (_, reader) = world.site.user("reader").await;
    for (name, indexable) in [("open", true), ("shy", false)] {
        let mut actor = world.far.actor(name);
        actor.document["indexable"] = json!(indexable);
        actor.document["discoverable"] = json!(indexable);
        world.far.publish(&actor.document);
        let known = world.site.resolve(name, &world.far.domain).await.unwrap();
        assert_eq!((known.indexable, known.discoverable), (indexable, indexable));
        follows::follow(
            &world.site.instance,
            world.ben.id,
            known.id,
            follows::FollowOptions::default(),
        )
        .await
        .unwrap();
        let mut note = world.far.note(&actor, name, "<p>a word: halcyon</p>");
        note["cc"] = json!([format!("{}/followers", actor.id), world.site.uri(&reader)]);
        world
            .send_as(&actor, &actor.activity("Create", name, &note))
            .await;
        assert!(world.status(id(&note)).await.is_some());
    }
    assert_eq!(found_by_search(&world, SearchKind::Statuses, "halcyon").await, 1);
    // A change of mind counts at once.
    let mut open = world.far.actor("open");
    open.document["indexable"] = json!(false);
    let update = open.activity("Update", "mind", &open.document);
    world.send_as(&open, &update).await;
    assert_eq!(found_by_search(&world, SearchKind::Statuses, "halcyon").await, 0);
}

#[actix_web::test]
async fn fed_143_limited_servers_are_not_shown_to_strangers() {
    let clock = clock();
    let (mut site, limited) = (
        Site::start(&clock).await,
        Remote::start_as("limited.test", &clock),
    );
    let (_, ben) = site.user("ben").await;
    let (_, fan) = site.user("fan").await;
    let zoe = limited.actor("zoe");
    let known = site.resolve("zoe", &limited.domain).await.unwrap();
    follows::follow(
        &site.instance,
        fan.id,
        known.id,
        follows::FollowOptions::default(),
    )
    .await
    .unwrap();
    site.settle().await;
    let inbox = format!("{}/ap/inbox", site.url);
    let follow = limited.received().pop().unwrap();
    let accept = zoe.activity("Accept", "accept", &follow);
    limited.send(&zoe, &inbox, &accept).await;
    site.settle().await;
    let note = limited.note(&zoe, "1", "<p>from afar</p>");
    limited
        .send(&zoe, &inbox, &zoe.activity("Create", "1", &note))
        .await;
    site.settle().await;
    let shown = async |viewer: Option<pouet_model::ids::AccountId>| {
        let filter = timelines::PublicFilter::default();
        let public = timelines::public(&site.instance, viewer, filter, Page::first(20))
            .await
            .unwrap();
        let query = SearchQuery {
            q: "zo".to_owned(),
            kind: Some(SearchKind::Accounts),
            limit: 20,
            ..SearchQuery::default()
        };
        let found = search::search(&site.instance, viewer, query).await.unwrap();
        (public.len(), found.accounts.len())
    };
    assert_eq!(shown(None).await, (1, 1));
    let rule = NewRule {
        domain: "limited.test".to_owned(),
        severity: Severity::Silence,
        ..NewRule::default()
    };
    policy::set(&site.instance, rule).await.unwrap();
    let mut events = site.instance.hub.subscribe();
    while !policy::of(&site.instance, &limited.domain)
        .await
        .unwrap()
        .silenced
    {
        events.recv().await.unwrap();
    }
    assert_eq!(shown(None).await, (0, 0));
    assert_eq!(shown(Some(ben.id)).await, (0, 0));
    assert_eq!(
        shown(Some(fan.id)).await,
        (0, 1),
        "found by those who follow, and not shown to all"
    );
    // What is posted still reaches who follows, by its handle it is found, and its follows wait.
    assert_eq!(site.home(&fan).await.len(), 1);
    assert!(site.resolve("zoe", &limited.domain).await.is_ok());
    let follow = zoe.activity("Follow", "f", &json!(site.uri(&ben)));
    limited.send(&zoe, &inbox, &follow).await;
    site.settle().await;
    let relation = relationships::of(&site.instance, ben.id, &[known.id])
        .await
        .unwrap();
    assert!(relation[0].requested_by && !relation[0].followed_by);
    let query = NotificationQuery::default();
    let told = notifications::list(&site.instance, ben.id, query, Page::first(10))
        .await
        .unwrap();
    assert_eq!(told.len(), 0, "as what else those who are limited do");
    let query = NotificationQuery {
        include_filtered: true,
        ..NotificationQuery::default()
    };
    let held = notifications::list(&site.instance, ben.id, query, Page::first(10))
        .await
        .unwrap();
    assert_eq!(held.len(), 1, "it is there for who looks for it");
    assert_eq!(PUBLIC, note["to"][0].as_str().unwrap());
}

#[actix_web::test]
async fn sec_R026_an_update_speaks_of_the_senders_own_alone() {
    let mut world = World::start().await;
    let note = world.far.note(&world.ada, "1", "<p>the truth</p>");
    world.publish(&note).await.unwrap();
    let mallory = world.far.actor("mallory");
    world.site.resolve("mallory", &world.far.domain).await.unwrap();
    let before = world.site.account(&world.ada.id).await.unwrap();
    // An actor of the same server, said to be the sender's.
    let mut actor = world.ada.document.clone();
    actor["name"] = json!("forged");
    actor["attributedTo"] = json!(mallory.id);
    // A status of somebody else, under the sender's own id.
    let mut posing = note.clone();
    posing["id"] = json!(mallory.id);
    posing["content"] = json!("<p>forged</p>");
    // What was a status becomes an actor.
    let mut turned = mallory.document.clone();
    turned["id"] = note["id"].clone();
    turned["attributedTo"] = json!(mallory.id);
    for (n, object) in [&actor, &posing, &turned].into_iter().enumerate() {
        let update = mallory.activity("Update", &n.to_string(), object);
        world.send_as(&mallory, &update).await;
        assert_eq!(
            world.site.account(&world.ada.id).await.unwrap(),
            before,
            "{object}"
        );
        assert_eq!(world.status(id(&note)).await.unwrap().content, "<p>the truth</p>");
        assert!(world.status(&mallory.id).await.is_none(), "{object}");
        assert!(world.site.account(id(&note)).await.is_none(), "{object}");
    }
    // Of her own status Ada cannot make an actor either.
    turned["attributedTo"] = json!(world.ada.id);
    let update = world.ada.activity("Update", "turned", &turned);
    world.send(&update).await;
    assert!(world.site.account(id(&note)).await.is_none());
    assert!(world.status(id(&note)).await.is_some());
}
