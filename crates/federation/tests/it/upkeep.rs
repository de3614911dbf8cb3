//! What is known of others stays up to date: profiles, outboxes, polls, and what was missed.

use std::sync::Arc;

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    page::Page,
    status::{Poll, Status},
    time::ManualClock,
};
use pouet_service::{
    accounts,
    follows::{self, FollowOptions},
    notifications::{self, NotificationQuery},
    polls,
    statuses::{self, NewPoll, NewStatus},
    timelines::{self, AccountFilter},
    upkeep,
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock};

/// A site with Ben, and a server with Ada.
struct World {
    site: Site,
    far: Remote,
    clock: Arc<ManualClock>,
    ben: (User, Account),
    ada: Actor,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let (site, far) = (Site::start(&clock).await, Remote::start(&clock));
        let ben = site.user("ben").await;
        let ada = far.actor("ada");
        Self {
            site,
            far,
            clock,
            ben,
            ada,
        }
    }

    async fn known(&self) -> Account {
        self.site.resolve("ada", &self.far.domain).await.unwrap()
    }

    async fn account(&self) -> Account {
        self.site.account(&self.ada.id).await.unwrap()
    }

    /// Sends an activity of Ada's and has it processed.
    async fn send(&mut self, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        assert_eq!(self.far.send(&self.ada, &inbox, activity).await, 202);
        self.site.settle().await;
    }

    /// Ben follows Ada.
    async fn follow(&mut self) -> Account {
        let ada = self.known().await;
        let options = FollowOptions::default();
        follows::follow(&self.site.instance, self.ben.1.id, ada.id, options)
            .await
            .unwrap();
        self.site.settle().await;
        let follow = self.far.received().pop().unwrap();
        self.send(&self.ada.activity("Accept", "accept", &follow)).await;
        ada
    }

    async fn heard(&self) -> usize {
        let query = NotificationQuery::default();
        let list = notifications::list(&self.site.instance, self.ben.1.id, query, Page::first(40)).await;
        list.unwrap().len()
    }

    async fn status(&self, note: &Value) -> Option<Status> {
        let uri = note["id"].as_str().unwrap();
        statuses::find_by_uri(&self.site.instance, uri).await.unwrap()
    }

    /// What Ada's profile shows.
    async fn profile(&self, ada: &Account) -> Vec<String> {
        let filter = AccountFilter::default();
        let shown = timelines::account(
            &self.site.instance,
            Some(self.ben.1.id),
            ada.id,
            filter,
            Page::first(40),
        );
        let shown = shown.await.unwrap();
        shown
            .iter()
            .map(|view| view.content().status.content.clone())
            .collect()
    }

    fn create(&self, note: &Value) -> Value {
        let mut create = self.ada.activity("Create", "unused", note);
        create["id"] = json!(format!("{}/activity", note["id"].as_str().unwrap()));
        create["published"] = note["published"].clone();
        create
    }

    /// A note of Ada's of some time of 2026-11-23 or another day, served under its id.
    fn note_at(&self, name: &str, published: &str) -> Value {
        let mut note = self.far.note(&self.ada, name, &format!("<p>{name}</p>"));
        note["published"] = json!(published);
        self.far.publish(&note);
        note
    }

    /// Serves an outbox, newest first, on pages of this many items.
    fn serve_outbox(&self, items: &[Value], page_size: usize) {
        let outbox = format!("{}/outbox", self.ada.id);
        let pages: Vec<&[Value]> = items.chunks(page_size).collect();
        for (number, items) in pages.iter().enumerate() {
            let mut page = json!({
                "id": format!("{outbox}?page={number}"),
                "type": "OrderedCollectionPage",
                "partOf": outbox,
                "orderedItems": items,
            });
            if number + 1 < pages.len() {
                page["next"] = json!(format!("{outbox}?page={}", number + 1));
            }
            self.far.publish(&page);
        }
        self.far.publish(&json!({
            "id": outbox,
            "type": "OrderedCollection",
            "totalItems": items.len(),
            "first": format!("{outbox}?page=0"),
        }));
    }

    /// How often this was asked for since the last call.
    fn times(&self, path: &str) -> usize {
        let line = format!("GET {path}");
        self.far.asked().iter().filter(|asked| **asked == line).count()
    }
}

#[actix_web::test]
async fn fed_028_an_actor_of_yesterday_is_asked_for_when_it_is_needed() {
    let mut world = World::start().await;
    world.follow().await;
    let mut renamed = world.ada.document.clone();
    renamed["name"] = json!("Ada L.");
    world.far.publish(&renamed);
    let first = world.far.note(&world.ada, "first", "<p>within the day</p>");
    world.far.asked();
    world.send(&world.create(&first)).await;
    assert_eq!(world.times("/users/ada"), 0);
    world.clock.advance(TimeDelta::hours(25));
    let second = world.far.note(&world.ada, "second", "<p>the next day</p>");
    world.send(&world.create(&second)).await;
    assert_eq!(world.times("/users/ada"), 1);
    assert_eq!(world.account().await.display_name, "Ada L.");
}

#[actix_web::test]
async fn fed_028_those_who_need_an_actor_at_once_ask_together() {
    let world = World::start().await;
    world.known().await;
    world.clock.advance(TimeDelta::hours(25));
    world.far.asked();
    let all = (0..10).map(|_| world.site.resolve("ada", &world.far.domain));
    let found = futures_util::future::join_all(all).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(world.times("/users/ada"), 1);
}

#[actix_web::test]
async fn fed_028_an_actor_of_last_week_is_asked_for_within_six_hours() {
    let mut world = World::start().await;
    let ada = world.known().await;
    world.site.settle().await;
    world.clock.advance(TimeDelta::days(6));
    upkeep::account_seen(&world.site.instance, &ada).await;
    world.clock.advance(TimeDelta::hours(6));
    world.far.asked();
    world.site.settle().await;
    assert_eq!(world.times("/users/ada"), 0, "not that old");
    world.clock.advance(TimeDelta::days(1));
    for _ in 0..3 {
        upkeep::account_seen(&world.site.instance, &ada).await;
    }
    world.clock.advance(TimeDelta::hours(6));
    world.site.settle().await;
    assert_eq!(world.times("/users/ada"), 1);
}

#[actix_web::test]
async fn fed_009_a_handle_that_is_gone_suspends_its_account() {
    let mut world = World::start().await;
    let ada = world.known().await;
    let resource = format!("webfinger:acct:ada@{}", world.far.domain);
    world.far.serve_as(&resource, 410, "text/plain", "gone");
    assert!(world.site.resolve("ada", &world.far.domain).await.is_err());
    assert!(world.account().await.suspended_at.is_some());
    // Its own document is there: a mistake, then.
    world.site.settle().await;
    assert_eq!(world.account().await.suspended_at, None);
    assert_eq!(world.account().await.id, ada.id);
    // Both are gone: so is all that we had.
    let note = world.far.note(&world.ada, "1", "<p>still here</p>");
    let resolver = world.site.instance.resolver().unwrap();
    resolver
        .status_by_uri(note["id"].as_str().unwrap())
        .await
        .unwrap();
    world.far.remove(&world.ada.id);
    assert!(world.site.resolve("ada", &world.far.domain).await.is_err());
    world.site.settle().await;
    let known = accounts::find_any(&world.site.instance, ada.id).await.unwrap();
    assert!(known.unwrap().deleted_at.is_some());
    assert!(world.status(&note).await.is_none());
    // A handle that is not known is no matter.
    let nobody = format!("webfinger:acct:nobody@{}", world.far.domain);
    world.far.serve_as(&nobody, 410, "text/plain", "gone");
    assert!(world.site.resolve("nobody", &world.far.domain).await.is_err());
}

#[actix_web::test]
async fn a_profile_that_is_opened_first_shows_what_is_there() {
    let mut world = World::start().await;
    let eve = world.far.actor("eve");
    let mut items = Vec::new();
    for n in 0..30 {
        let note = world.note_at(&format!("n{n}"), &format!("2026-11-20T10:{:02}:00Z", 59 - n));
        items.push(world.create(&note));
    }
    // What is not hers is left out, and so are boosts.
    let foreign = world.far.note(&eve, "foreign", "<p>of Eve</p>");
    items.insert(1, world.create(&foreign));
    items.insert(2, world.ada.activity("Announce", "boost", &foreign["id"]));
    world.serve_outbox(&items, 20);
    let ada = world.known().await;
    assert!(world.profile(&ada).await.is_empty());
    upkeep::profile_opened(&world.site.instance, ada.id)
        .await
        .unwrap();
    world.site.settle().await;
    assert_eq!(world.profile(&ada).await.len(), 30);
    assert_eq!(world.account().await.statuses_count, 30);
    assert!(!world.site.knows(foreign["id"].as_str().unwrap()).await);
    world.far.asked();
    upkeep::profile_opened(&world.site.instance, ada.id)
        .await
        .unwrap();
    world.site.settle().await;
    assert!(world.far.asked().is_empty(), "once is enough");
}

/// What is shown of a group whose outbox holds one item. `shape` writes it for a status of somebody else.
async fn read_group_outbox(shape: impl Fn(&World, &Value) -> Value) -> Vec<String> {
    let mut world = World::start().await;
    let mut group = world.ada.document.clone();
    group["type"] = json!("Group");
    world.far.publish(&group);
    let eve = world.far.actor("eve");
    let mut written = world.far.note(&eve, "topic", "<p>for the group</p>");
    written["published"] = json!("2026-11-22T09:00:00Z");
    world.far.publish(&written);
    let item = shape(&world, &written);
    world.serve_outbox(&[item], 20);
    let ada = world.known().await;
    upkeep::profile_opened(&world.site.instance, ada.id)
        .await
        .unwrap();
    world.site.settle().await;
    assert!(world.site.home(&world.ben.1).await.is_empty(), "no news");
    world.profile(&ada).await
}

#[actix_web::test]
async fn what_was_written_to_a_group_is_found_in_its_outbox() {
    // Lemmy: a boost of the Create, without a date of its own; PeerTube: a boost of the id.
    let undated = |mut announce: Value| {
        announce.as_object_mut().unwrap().remove("published");
        announce
    };
    let lemmy = |world: &World, note: &Value| {
        let create = json!({
            "id": format!("{}/activities/create/1", world.far.url),
            "type": "Create",
            "actor": note["attributedTo"],
            "object": note,
        });
        undated(world.ada.activity("Announce", "1", &create))
    };
    assert_eq!(read_group_outbox(lemmy).await, ["<p>for the group</p>"]);
    let peertube = |world: &World, note: &Value| undated(world.ada.activity("Announce", "1", &note["id"]));
    assert_eq!(read_group_outbox(peertube).await, ["<p>for the group</p>"]);
    let forged =
        |world: &World, note: &Value| world.far.actor("mallory").activity("Announce", "1", &note["id"]);
    assert!(read_group_outbox(forged).await.is_empty());
}

#[actix_web::test]
async fn an_outbox_may_hold_statuses_without_activities() {
    let mut world = World::start().await;
    let whole = world.note_at("whole", "2026-11-20T10:00:00Z");
    let by_id = world.note_at("id", "2026-11-20T11:00:00Z");
    world.serve_outbox(&[by_id["id"].clone(), whole], 20);
    let ada = world.known().await;
    upkeep::profile_opened(&world.site.instance, ada.id)
        .await
        .unwrap();
    world.site.settle().await;
    assert_eq!(world.profile(&ada).await.len(), 2);
}

#[actix_web::test]
async fn fed_096_what_completes_a_profile_is_no_news() {
    let mut world = World::start().await;
    let uri = world.site.uri(&world.ben.1);
    let mut named = world.note_at("named", "2026-11-23T09:58:00Z");
    named["cc"] = json!([uri]);
    named["tag"] = json!([{ "type": "Mention", "href": uri }]);
    world.far.publish(&named);
    world.serve_outbox(&[world.create(&named)], 20);
    let ada = world.follow().await;
    assert_eq!(world.profile(&ada).await.len(), 1, "the first follower brings it");
    assert_eq!(world.heard().await, 0);
    assert!(world.site.home(&world.ben.1).await.is_empty());
}

#[actix_web::test]
async fn sec_R033_outboxes_without_end_are_left() {
    let mut world = World::start().await;
    let items: Vec<Value> = (0..400)
        .map(|n| {
            let note = json!({ "id": format!("{}/notes/x{n}", world.far.url), "type": "Note", "published": "2026-11-23T09:59:00Z" });
            world.create(&note)
        })
        .collect();
    world.serve_outbox(&items, 1);
    let ada = world.known().await;
    world.far.asked();
    upkeep::profile_opened(&world.site.instance, ada.id)
        .await
        .unwrap();
    world.site.settle().await;
    let asked = world.far.asked();
    let pages = asked.iter().filter(|path| path.contains("outbox")).count();
    assert_eq!(pages, 3, "{asked:?}");
}

#[actix_web::test]
async fn what_was_published_while_this_server_was_down_is_found() {
    let mut world = World::start().await;
    let ada = world.follow().await;
    let instance = world.site.instance.clone();
    upkeep::beat(&instance).await.unwrap();
    world.clock.advance(TimeDelta::hours(30));
    // 24 November, 16:00. Of what she wrote, some is more than a day old by now, and some was there before.
    let before = world.note_at("before", "2026-11-23T08:00:00Z");
    let old = world.note_at("old", "2026-11-23T11:00:00Z");
    let recent = world.note_at("recent", "2026-11-24T09:00:00Z");
    let newest = world.note_at("newest", "2026-11-24T15:00:00Z");
    let eve = world.far.actor("eve");
    let boosted = world.far.note(&eve, "boosted", "<p>of Eve</p>");
    let mut boost = world.ada.activity("Announce", "boost", &boosted["id"]);
    boost["published"] = json!("2026-11-24T12:00:00Z");
    let mut forged = eve.activity("Announce", "forged", &boosted["id"]);
    forged["published"] = json!("2026-11-24T12:30:00Z");
    let known = world.note_at("known", "2026-11-24T14:00:00Z");
    world.serve_outbox(
        &[
            world.create(&newest),
            world.create(&known),
            forged,
            boost,
            world.create(&recent),
            world.create(&old),
            world.create(&before),
        ],
        3,
    );
    // The heart beats again, and something arrives by itself.
    world.send(&world.create(&known)).await;
    world.clock.advance(TimeDelta::seconds(1));
    world.site.settle().await;
    let home: Vec<String> = world
        .site
        .home(&world.ben.1)
        .await
        .iter()
        .map(|view| view.content().status.content.clone())
        .collect();
    let expected = ["newest", "known", "of Eve", "recent"].map(|text| format!("<p>{text}</p>"));
    assert_eq!(home[..4], expected, "in its place");
    assert!(world.status(&old).await.is_some());
    assert!(world.status(&before).await.is_none(), "from before");
    assert_eq!(world.account().await.id, ada.id);
    assert_eq!(
        statuses::find(&instance, None, world.status(&boosted).await.unwrap().id)
            .await
            .unwrap()
            .status
            .reblogs_count,
        1
    );
    // A pause to catch breath is no downtime.
    world.far.asked();
    world.clock.advance(TimeDelta::minutes(10));
    world.site.settle().await;
    assert!(world.far.asked().is_empty());
}

/// A question of Ada's with these totals.
fn question(world: &World, options: &[(&str, u32)]) -> Value {
    let mut note = world.far.note(&world.ada, "question", "<p>which?</p>");
    note["type"] = json!("Question");
    note["oneOf"] = options
        .iter()
        .map(|(name, count)| {
            json!({ "type": "Note", "name": name, "replies": { "type": "Collection", "totalItems": count } })
        })
        .collect();
    note["votersCount"] = json!(options.iter().map(|(_, count)| count).sum::<u32>());
    note["endTime"] = json!("2026-11-23T12:00:00Z");
    world.far.publish(&note);
    note
}

async fn poll_of(world: &World, note: &Value) -> Poll {
    let id = world.status(note).await.unwrap().poll_id.unwrap();
    polls::find(&world.site.instance, Some(world.ben.1.id), id)
        .await
        .unwrap()
        .poll
}

#[actix_web::test]
async fn fed_085_totals_of_remote_polls_come_with_a_look_once_a_minute() {
    let mut world = World::start().await;
    let note = question(&world, &[("yes", 1), ("no", 0)]);
    let resolver = world.site.instance.resolver().unwrap();
    resolver
        .status_by_uri(note["id"].as_str().unwrap())
        .await
        .unwrap();
    world.site.settle().await;
    let ben = world.ben.1.id;
    let counts = |poll: &Poll| -> Vec<i64> { poll.options.iter().map(|option| option.votes_count).collect() };
    let instance = world.site.instance.clone();
    let mut asked = Vec::new();
    for (seconds, votes) in [(0, 5), (30, 6), (31, 7)] {
        world.clock.advance(TimeDelta::seconds(seconds));
        question(&world, &[("yes", votes), ("no", 2)]);
        world.far.asked();
        let poll = poll_of(&world, &note).await;
        polls::viewed(&instance, ben, &poll).await.unwrap();
        world.site.settle().await;
        asked.push(world.times("/notes/question"));
        let expected = if votes == 6 { 5 } else { i64::from(votes) };
        assert_eq!(counts(&poll_of(&world, &note).await), [expected, 2]);
    }
    assert_eq!(asked, [1, 0, 1]);
    // Once more after its end, and then no more.
    world.clock.advance(TimeDelta::hours(3));
    for expected in [1, 0] {
        let poll = poll_of(&world, &note).await;
        world.far.asked();
        polls::viewed(&instance, ben, &poll).await.unwrap();
        world.site.settle().await;
        assert_eq!(world.times("/notes/question"), expected);
        world.clock.advance(TimeDelta::hours(1));
    }
}

#[actix_web::test]
async fn fed_085_other_options_discard_the_votes_made_here() {
    let mut world = World::start().await;
    world.follow().await;
    let note = question(&world, &[("yes", 1), ("no", 0)]);
    world.send(&world.create(&note)).await;
    let ben = world.ben.1.id;
    let instance = world.site.instance.clone();
    let id = poll_of(&world, &note).await.id;
    polls::vote(&instance, ben, id, &[0]).await.unwrap();
    let voted = async || polls::find(&instance, Some(ben), id).await.unwrap().voted;
    assert_eq!(voted().await, Some(true));
    let tally = question(&world, &[("yes", 9), ("no", 3)]);
    world.send(&world.ada.activity("Update", "tally", &tally)).await;
    assert_eq!(voted().await, Some(true), "totals are no other question");
    let mut changed = question(&world, &[("maybe", 0), ("never", 0)]);
    changed["updated"] = json!("2026-11-23T10:00:00Z");
    world
        .send(&world.ada.activity("Update", "options", &changed))
        .await;
    assert_eq!(voted().await, Some(false));
}

#[actix_web::test]
async fn fed_085_totals_are_told_once_for_many_votes_and_at_the_end() {
    let mut world = World::start().await;
    let ada = world.follow().await;
    let question = NewStatus {
        text: "which?".to_owned(),
        poll: Some(NewPoll {
            options: vec!["yes".to_owned(), "no".to_owned()],
            expires_in: 3600,
            multiple: false,
            hide_totals: false,
        }),
        ..NewStatus::default()
    };
    // Ada follows Ben, and is told.
    let uri = world.site.uri(&world.ben.1);
    world
        .send(&world.ada.activity("Follow", "follow", &json!(uri)))
        .await;
    let status = world.site.post(&world.ben.0, question).await;
    world.site.settle().await;
    world.far.received();
    let uri = world.site.status_uri(status).await;
    assert_eq!(ada.id, world.account().await.id);
    for name in ["ada", "eve", "joe"] {
        let voter = world.far.actor(name);
        let vote = json!({
            "id": format!("{}/votes/1", voter.id),
            "type": "Note",
            "name": "yes",
            "attributedTo": voter.id,
            "inReplyTo": uri,
            "to": [world.site.uri(&world.ben.1)],
        });
        let inbox = format!("{}/ap/inbox", world.site.url);
        let create = voter.activity("Create", "vote", &vote);
        assert_eq!(world.far.send(&voter, &inbox, &create).await, 202);
        world.site.settle().await;
    }
    let updates = |received: Vec<Value>| -> Vec<Value> {
        let is_update =
            |activity: &Value| activity["type"] == "Update" && activity["object"]["id"] == json!(uri);
        received.into_iter().filter(is_update).collect()
    };
    assert!(updates(world.far.received()).is_empty(), "not for each vote");
    world.clock.advance(TimeDelta::minutes(3));
    world.site.settle().await;
    let told = updates(world.far.received());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["object"]["oneOf"][0]["replies"]["totalItems"], 3);
    assert_eq!(told[0]["object"]["votersCount"], 3);
    assert_eq!(told[0]["object"]["updated"], Value::Null, "no edit");
    assert_eq!(told[0]["object"]["closed"], Value::Null);
    world.clock.advance(TimeDelta::hours(1));
    world.site.settle().await;
    let told = updates(world.far.received());
    assert_eq!(told.len(), 1);
    assert!(told[0]["object"]["closed"].is_string());
}

#[actix_web::test]
async fn what_a_group_boosted_while_this_server_was_down_is_found() {
    let mut world = World::start().await;
    world.follow().await;
    upkeep::beat(&world.site.instance).await.unwrap();
    world.clock.advance(TimeDelta::hours(30));
    let eve = world.far.actor("eve");
    let mut items = Vec::new();
    for (name, published) in [("new", "2026-11-24T09:00:00Z"), ("old", "2026-11-23T08:00:00Z")] {
        let mut note = world.far.note(&eve, name, &format!("<p>{name}</p>"));
        note["published"] = json!(published);
        world.far.publish(&note);
        let mut announce = world.ada.activity("Announce", name, &note["id"]);
        announce.as_object_mut().unwrap().remove("published");
        items.push(announce);
    }
    world.serve_outbox(&items, 20);
    let known = world.note_at("known", "2026-11-24T14:00:00Z");
    world.send(&world.create(&known)).await;
    world.clock.advance(TimeDelta::seconds(1));
    world.site.settle().await;
    let home = world.site.home(&world.ben.1).await;
    let shown: Vec<&str> = home
        .iter()
        .map(|view| view.content().status.content.as_str())
        .collect();
    assert_eq!(shown, ["<p>known</p>", "<p>new</p>"], "each at its time");
}
