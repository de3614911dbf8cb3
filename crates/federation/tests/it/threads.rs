//! Conversations as wholes: what is fetched of those of others, and what is served of ours.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    page::Page,
    status::Visibility,
    time::ManualClock,
};
use pouet_service::{
    follows::{self, FollowOptions},
    notifications::{self, NotificationQuery},
    statuses::{self, NewStatus},
    threads::{self, Refresh},
    timelines,
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock, json_of};

/// A site with Ben, and two servers of others, one with Ada.
struct World {
    site: Site,
    far: Remote,
    other: Remote,
    clock: Arc<ManualClock>,
    ben: (User, Account),
    ada: Actor,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let site = Site::start(&clock).await;
        let (far, other) = (Remote::start(&clock), Remote::start(&clock));
        let ben = site.user("ben").await;
        let ada = far.actor("ada");
        Self {
            site,
            far,
            other,
            clock,
            ben,
            ada,
        }
    }

    /// A status that is known here, and nothing else of its thread.
    async fn known(&self, note: &Value) -> StatusId {
        let resolver = self.site.instance.resolver().unwrap();
        let found = resolver.status_by_uri(id(note)).await.unwrap();
        found.id
    }

    async fn open(&self, status: StatusId) -> Option<Refresh> {
        threads::open(&self.site.instance, self.ben.1.id, status)
            .await
            .unwrap()
    }

    /// Opens a thread when it is old enough, and lets what that causes happen.
    async fn opened(&mut self, status: StatusId) -> Refresh {
        self.clock.advance(TimeDelta::minutes(20));
        let begun = self.open(status).await.unwrap();
        assert!(begun.running);
        self.site.settle().await;
        let ended = threads::find(&self.site.instance, self.ben.1.id, status)
            .await
            .unwrap();
        assert!(!ended.running);
        ended
    }

    /// Ids of what stands above and below a status.
    async fn around(&self, status: StatusId) -> (Vec<String>, HashSet<String>) {
        let context = statuses::context(&self.site.instance, Some(self.ben.1.id), status)
            .await
            .unwrap();
        let uri = |view: &pouet_service::view::StatusView| view.status.uri.clone().unwrap();
        (
            context.ancestors.iter().map(uri).collect(),
            context.descendants.iter().map(uri).collect(),
        )
    }
}

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

/// A public answer, served under its id.
fn answer(remote: &Remote, author: &Actor, name: &str, parent: &Value) -> Value {
    let mut note = remote.note(author, name, &format!("<p>{name}</p>"));
    note["inReplyTo"] = parent["id"].clone();
    remote.publish(&note);
    note
}

/// Serves `note` with these answers on pages of two, the first one within.
fn with_replies(remote: &Remote, note: &mut Value, replies: &[&Value]) {
    let ids: Vec<&str> = replies.iter().map(|reply| id(reply)).collect();
    let collection = format!("{}/replies", id(note));
    let pages: Vec<&[&str]> = ids.chunks(2).collect();
    let page = |number: usize| {
        let mut page = json!({
            "id": format!("{collection}?page={number}"),
            "type": "CollectionPage",
            "partOf": collection,
            "items": pages[number],
        });
        if number + 1 < pages.len() {
            page["next"] = json!(format!("{collection}?page={}", number + 1));
        }
        page
    };
    for number in 0..pages.len() {
        remote.publish(&page(number));
    }
    note["replies"] = json!({ "id": collection, "type": "Collection", "first": page(0) });
    remote.publish(note);
}

#[actix_web::test]
async fn fed_095_a_status_brings_five_answers_of_its_own_server() {
    let mut world = World::start().await;
    let mut root = world.far.note(&world.ada, "root", "<p>one of many</p>");
    let near: Vec<Value> = (0..8)
        .map(|n| answer(&world.far, &world.ada, &format!("near{n}"), &root))
        .collect();
    let eve = world.other.actor("eve");
    let elsewhere = answer(&world.other, &eve, "elsewhere", &root);
    let stranger = world.far.note(&world.ada, "stranger", "<p>no answer</p>");
    let mut items: Vec<&str> = vec![id(&elsewhere), id(&stranger)];
    items.extend(near.iter().map(id));
    root["replies"] = json!({ "type": "Collection", "first": { "type": "CollectionPage", "items": items } });
    world.far.publish(&root);
    let status = world.known(&root).await;
    world.site.settle().await;
    let (_, below) = world.around(status).await;
    let expected: HashSet<String> = near[..4].iter().map(|note| id(note).to_owned()).collect();
    assert_eq!(
        below, expected,
        "five were looked at; one of them answers nothing"
    );
    assert!(!world.site.knows(id(&stranger)).await);
    assert!(world.other.asked().is_empty());
}

#[actix_web::test]
async fn fed_095_opening_a_thread_fetches_what_is_above_and_below() {
    let mut world = World::start().await;
    let eve = world.other.actor("eve");
    let mut root = world.far.note(&world.ada, "root", "<p>question</p>");
    let mut middle = answer(&world.other, &eve, "middle", &root);
    let mut opened = answer(&world.far, &world.ada, "opened", &middle);
    let mut first = answer(&world.far, &world.ada, "first", &opened);
    let second = answer(&world.other, &eve, "second", &opened);
    let third = answer(&world.far, &world.ada, "third", &opened);
    let deep = answer(&world.other, &eve, "deep", &first);
    let beside = answer(&world.far, &world.ada, "beside", &middle);
    with_replies(&world.far, &mut opened, &[&first, &second, &third, &first]);
    // Circles are gone through once.
    with_replies(&world.far, &mut first, &[&deep, &opened, &root]);
    with_replies(&world.other, &mut middle, &[&opened, &beside]);
    with_replies(&world.far, &mut root, &[&middle]);

    let status = world.known(&opened).await;
    assert_eq!(world.around(status).await.1.len(), 0);
    let refresh = world.opened(status).await;
    let (above, below) = world.around(status).await;
    assert_eq!(above, [id(&root), id(&middle)]);
    let expected: HashSet<String> = [&first, &second, &third, &deep]
        .into_iter()
        .map(|note| id(note).to_owned())
        .collect();
    assert_eq!(below, expected);
    // The answers on its own server may have come by another job before.
    assert!(refresh.result_count >= 2, "{refresh:?}");
}

#[actix_web::test]
async fn fed_095_a_thread_is_left_alone_while_it_is_young_and_rests_between() {
    let mut world = World::start().await;
    let root = world.far.note(&world.ada, "root", "<p>new</p>");
    let status = world.known(&root).await;
    world.site.settle().await;
    world.far.asked();
    // It was published a minute before the clock began.
    assert_eq!(world.open(status).await, None);
    world.clock.advance(TimeDelta::minutes(5));
    let begun = world.open(status).await.unwrap();
    assert_eq!((begun.running, begun.result_count), (true, 0));
    assert_eq!(
        world.open(status).await,
        Some(begun),
        "the same one for all who look"
    );
    world.site.settle().await;
    assert!(world.far.asked().contains(&"GET /notes/root".to_owned()));
    for minutes in [0, 7, 8] {
        world.clock.advance(TimeDelta::minutes(minutes));
        assert_eq!(world.open(status).await, None);
        world.site.settle().await;
    }
    assert!(world.far.asked().is_empty());
    world.clock.advance(TimeDelta::minutes(1));
    assert!(world.open(status).await.is_some());
    // A thread among people here only is whole; what few may read is not asked for.
    let mine = NewStatus {
        text: "mine".to_owned(),
        ..NewStatus::default()
    };
    let mine = world.site.post(&world.ben.0, mine).await;
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(world.open(mine).await, None);
}

#[actix_web::test]
async fn fed_095_a_conversation_is_read_as_a_whole_where_it_is_served() {
    let mut world = World::start().await;
    let eve = world.other.actor("eve");
    let context = format!("{}/contexts/1", world.far.url);
    let mut root = world.far.note(&world.ada, "root", "<p>question</p>");
    root["context"] = json!(context);
    world.far.publish(&root);
    let one = answer(&world.other, &eve, "one", &root);
    let two = answer(&world.far, &world.ada, "two", &one);
    let pages: [&[&str]; 2] = [&[id(&root), id(&two)], &[id(&one)]];
    for (number, items) in pages.iter().enumerate() {
        let mut page =
            json!({ "id": format!("{context}?page={number}"), "type": "CollectionPage", "items": items });
        if number == 0 {
            page["next"] = json!(format!("{context}?page=1"));
        }
        world.far.publish(&page);
    }
    let collection = json!({
        "id": context,
        "type": "Collection",
        "attributedTo": world.ada.id,
        "first": format!("{context}?page=0"),
    });
    world.far.publish(&collection);
    let status = world.known(&root).await;
    let refresh = world.opened(status).await;
    assert_eq!(refresh.result_count, 2);
    let (_, below) = world.around(status).await;
    assert_eq!(below, HashSet::from([id(&one).to_owned(), id(&two).to_owned()]));
    let ids: HashSet<i64> = {
        let mut ids = HashSet::new();
        for note in [&root, &one, &two] {
            let found = statuses::find_by_uri(&world.site.instance, id(note))
                .await
                .unwrap();
            ids.insert(found.unwrap().conversation_id.0);
        }
        ids
    };
    assert_eq!(ids.len(), 1, "one conversation, in whatever order it came");
}

#[actix_web::test]
async fn fed_095_two_hundred_answers_on_one_server_load_in_time() {
    let mut world = World::start().await;
    let mut root = world.far.note(&world.ada, "root", "<p>popular</p>");
    let authors: Vec<Actor> = (0..20).map(|n| world.far.actor(&format!("fan{n}"))).collect();
    let notes: Vec<Value> = (0..200)
        .map(|n| answer(&world.far, &authors[n % 20], &format!("r{n}"), &root))
        .collect();
    with_replies(&world.far, &mut root, &notes.iter().collect::<Vec<_>>());
    let status = world.known(&root).await;
    world.site.settle().await;
    let begun = Instant::now();
    let refresh = world.opened(status).await;
    let took = begun.elapsed();
    assert_eq!(refresh.result_count, 198, "two came with it");
    assert_eq!(world.around(status).await.1.len(), 200);
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[actix_web::test]
async fn fed_096_what_completes_a_thread_tells_nobody() {
    let mut world = World::start().await;
    let eve = world.other.actor("eve");
    let known = world.site.resolve("eve", &world.other.domain).await.unwrap();
    let (ben, instance) = (world.ben.1.clone(), world.site.instance.clone());
    follows::follow(&instance, ben.id, known.id, FollowOptions::default())
        .await
        .unwrap();
    world.site.settle().await;
    let follow = world.other.received().pop().unwrap();
    let inbox = format!("{}/ap/inbox", world.site.url);
    let accept = eve.activity("Accept", "accept", &follow);
    assert_eq!(world.other.send(&eve, &inbox, &accept).await, 202);
    world.site.settle().await;
    let heard = async || {
        let query = NotificationQuery::default();
        let list = notifications::list(&instance, ben.id, query, Page::first(40)).await;
        list.unwrap().len()
    };
    let before = heard().await;

    let mut root = world.far.note(&world.ada, "root", "<p>question</p>");
    let mut named = answer(&world.other, &eve, "named", &root);
    let uri = world.site.uri(&ben);
    named["cc"] = json!([uri]);
    named["tag"] = json!([{ "type": "Mention", "href": uri, "name": format!("@ben@{}", world.site.domain) }]);
    named["published"] = json!("2026-11-23T10:10:00Z");
    world.other.publish(&named);
    with_replies(&world.far, &mut root, &[&named]);
    let status = world.known(&root).await;
    world.opened(status).await;
    let found = statuses::find_by_uri(&instance, id(&named))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.in_reply_to_id, Some(status));
    assert_eq!(heard().await, before, "nobody is notified");
    let home = world.site.home(&ben).await;
    assert!(
        home.iter().all(|view| view.status.id != found.id),
        "nor is it news"
    );
}

#[actix_web::test]
async fn sec_R033_collections_without_end_are_left() {
    let mut world = World::start().await;
    let mut root = world.far.note(&world.ada, "root", "<p>endless</p>");
    let collection = format!("{}/replies", id(&root));
    for number in 0..700 {
        let items: Vec<String> = (0..3)
            .map(|n| format!("{}/notes/x{}", world.far.url, number * 3 + n))
            .collect();
        world.far.publish(&json!({
            "id": format!("{collection}?page={number}"),
            "type": "CollectionPage",
            "items": items,
            "next": format!("{collection}?page={}", number + 1),
        }));
    }
    root["replies"] =
        json!({ "id": collection, "type": "Collection", "first": format!("{collection}?page=0") });
    world.far.publish(&root);
    let status = world.known(&root).await;
    world.far.asked();
    world.opened(status).await;
    let asked = world.far.asked();
    let pages = asked.iter().filter(|path| path.contains("page=")).count();
    assert!((50..=100).contains(&pages), "{pages} pages");
    assert!(asked.len() <= 500, "{} requests to one server", asked.len());
}

#[actix_web::test]
async fn sec_R033_collections_of_circles_and_of_others_lead_nowhere() {
    let mut world = World::start().await;
    let eve = world.other.actor("eve");
    let mut root = world.far.note(&world.ada, "root", "<p>question</p>");
    let collection = format!("{}/replies", id(&root));
    // Something of a third party that answers nothing here, and a private note.
    let foreign = world.other.note(&eve, "foreign", "<p>of another matter</p>");
    let mut hidden = answer(&world.other, &eve, "hidden", &root);
    hidden["to"] = json!([format!("{}/followers", eve.id)]);
    hidden["cc"] = json!([]);
    world.other.publish(&hidden);
    let good = answer(&world.far, &world.ada, "good", &root);
    let page = json!({
        "id": format!("{collection}?page=0"),
        "type": "CollectionPage",
        "items": [id(&foreign), id(&hidden), id(&good), id(&root)],
        "next": format!("{collection}?page=0"),
    });
    world.far.publish(&page);
    root["replies"] = json!({ "id": collection, "type": "Collection", "first": page });
    world.far.publish(&root);
    let status = world.known(&root).await;
    world.opened(status).await;
    assert!(world.site.knows(id(&good)).await);
    assert!(!world.site.knows(id(&foreign)).await);
    assert!(!world.site.knows(id(&hidden)).await);
    let asked = world.far.asked();
    let pages = asked.iter().filter(|path| path.contains("page=0")).count();
    assert_eq!(pages, 1, "{asked:?}");

    // A collection on another server is not the author's.
    let mut borrowed = world.far.note(&world.ada, "borrowed", "<p>question</p>");
    borrowed["replies"] = json!(format!("{}/replies", world.other.url));
    world.far.publish(&borrowed);
    world.other.asked();
    let status = world.known(&borrowed).await;
    world.opened(status).await;
    assert!(world.other.asked().is_empty());
}

#[actix_web::test]
async fn sec_R037_long_chains_and_circles_of_answers_end() {
    let mut world = World::start().await;
    let mut last = world.far.note(&world.ada, "n0", "<p>first</p>");
    for n in 1..120 {
        last = answer(&world.far, &world.ada, &format!("n{n}"), &last);
    }
    let status = world.known(&last).await;
    world.far.asked();
    world.site.settle().await;
    let asked = world.far.asked();
    assert_eq!(asked.len(), 40, "{asked:?}");
    assert_eq!(world.around(status).await.0.len(), 40);

    // Two that answer each other.
    let (a, b) = (
        format!("{}/notes/a", world.far.url),
        format!("{}/notes/b", world.far.url),
    );
    let one = answer(&world.far, &world.ada, "a", &json!({ "id": b }));
    answer(&world.far, &world.ada, "b", &json!({ "id": a }));
    let status = world.known(&one).await;
    world.site.settle().await;
    world.opened(status).await;
    assert!(world.far.asked().len() < 10);
    assert!(world.around(status).await.0.len() <= 1);
}

#[actix_web::test]
async fn our_answers_are_served_the_authors_own_first() {
    let world = World::start().await;
    let cy = world.site.user("cy").await;
    let say = async |author: &User, parent: Option<StatusId>, visibility| {
        let new = NewStatus {
            text: "words".to_owned(),
            in_reply_to_id: parent,
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        world.site.post(author, new).await
    };
    let (ben, cy) = (&world.ben.0, &cy.0);
    let root = say(ben, None, Visibility::Public).await;
    let own = say(ben, Some(root), Visibility::Public).await;
    say(ben, Some(root), Visibility::Private).await;
    let mut others = Vec::new();
    for n in 0..61 {
        world.clock.advance(TimeDelta::seconds(1));
        let visibility = if n % 2 == 0 {
            Visibility::Public
        } else {
            Visibility::Unlisted
        };
        others.push(world.site.status_uri(say(cy, Some(root), visibility).await).await);
    }
    say(cy, Some(root), Visibility::Private).await;
    let nested = say(cy, Some(own), Visibility::Public).await;

    let uri = world.site.status_uri(root).await;
    let path = |address: &str| address.strip_prefix(&world.site.url).unwrap().to_owned();
    let get = async |address: &str| json_of(&world.site.get(&path(address)).await);
    let note = get(&uri).await;
    let own_uri = world.site.status_uri(own).await;
    assert_eq!(note["replies"]["first"]["items"], json!([own_uri]));
    let collection = get(note["replies"]["id"].as_str().unwrap()).await;
    assert_eq!(collection["first"]["items"], json!([own_uri]));
    assert_eq!(collection["first"]["next"], note["replies"]["first"]["next"]);
    let first = get(collection["first"]["next"].as_str().unwrap()).await;
    assert_eq!(first["items"], json!(others[..60]));
    let second = get(first["next"].as_str().unwrap()).await;
    assert_eq!(second["items"], json!(others[60..]));
    assert_eq!(second["next"], Value::Null);

    // The conversation as a whole, as FEP-f228 has it.
    let context = get(note["context"].as_str().unwrap()).await;
    assert_eq!(context["type"], "Collection");
    assert_eq!(context["attributedTo"], note["attributedTo"]);
    assert_eq!(context["totalItems"], 64);
    let mut items = context["first"]["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 60);
    assert_eq!(items[0], json!(uri));
    let next = get(context["first"]["next"].as_str().unwrap()).await;
    items.extend(next["items"].as_array().unwrap().iter().cloned());
    assert_eq!(items.len(), 64);
    assert!(items.contains(&json!(world.site.status_uri(nested).await)));

    // A conversation that nobody may read is one that does not exist.
    let secret = say(ben, None, Visibility::Private).await;
    let conversation = statuses::find_raw(&world.site.instance, secret)
        .await
        .unwrap()
        .unwrap()
        .conversation_id;
    let hidden = world.site.get(&format!("/ap/contexts/{conversation}")).await;
    let unknown = world.site.get("/ap/contexts/7").await;
    assert_eq!(hidden.status, 404);
    assert_eq!(hidden.body, unknown.body);
}

#[actix_web::test]
async fn fed_096_what_was_fetched_enters_timelines_when_it_is_sent() {
    let mut world = World::start().await;
    let ada = world.site.resolve("ada", &world.far.domain).await.unwrap();
    let (ben, site) = (world.ben.1.id, &mut world.site);
    follows::follow(&site.instance, ben, ada.id, FollowOptions::default())
        .await
        .unwrap();
    site.settle().await;
    let follow = world.far.received().pop().unwrap();
    let inbox = format!("{}/ap/inbox", world.site.url);
    let accept = world.ada.activity("Accept", "accept", &follow);
    assert_eq!(world.far.send(&world.ada, &inbox, &accept).await, 202);
    world.site.settle().await;
    let send = async |world: &mut World, name: &str, note: &Value| {
        let mut create = world.ada.activity("Create", name, note);
        create["to"] = note["to"].clone();
        create["cc"] = note["cc"].clone();
        assert_eq!(world.far.send(&world.ada, &inbox, &create).await, 202);
        world.site.settle().await;
    };
    let home = async |world: &World| {
        let page = Page::first(40);
        let home = timelines::home(&world.site.instance, ben, page).await.unwrap();
        home.into_iter().map(|view| view.status.id).collect::<Vec<_>>()
    };
    // One that is there already: where there are no rows at all, timelines are made of what is known.
    let earlier = world.far.note(&world.ada, "earlier", "<p>earlier</p>");
    send(&mut world, "0", &earlier).await;
    let [first] = home(&world).await[..] else {
        panic!("it was sent");
    };
    world.site.clock.advance(TimeDelta::minutes(1));
    let mut note = world.far.note(&world.ada, "early", "<p>early</p>");
    note["published"] = json!("2026-11-23T10:00:30Z");
    world.far.publish(&note);
    let resolver = world.site.instance.resolver().unwrap();
    let found = resolver.status_by_uri(id(&note)).await.unwrap().id;
    assert_eq!(home(&world).await, [first]);
    for name in ["1", "22"] {
        send(&mut world, name, &note).await;
        assert_eq!(home(&world).await, [found, first]);
    }
}
