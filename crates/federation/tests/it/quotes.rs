//! Quotes and the consent to them (FEP-044f), with a site of ours and servers of others.

use std::sync::Arc;

use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    notification::NotificationType,
    page::Page,
    quote::QuoteChoice,
    status::Visibility,
    time::ManualClock,
};
use pouet_service::{
    accounts, blocks,
    notifications::{self, NotificationQuery},
    quotes::{self, QuoteView, QuoteViewState},
    statuses::{self, NewStatus},
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock, json_of};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Our site with Ben, a server with Ada, and one with Carl.
struct World {
    site: Site,
    remote: Remote,
    other: Remote,
    ben: (User, Account),
    ada: Actor,
    carl: Actor,
    clock: Arc<ManualClock>,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let site = Site::start(&clock).await;
        let (remote, other) = (Remote::start(&clock), Remote::start(&clock));
        let ben = site.user("ben").await;
        let (ada, carl) = (remote.actor("ada"), other.actor("carl"));
        site.resolve("ada", &remote.domain).await.unwrap();
        site.resolve("carl", &other.domain).await.unwrap();
        remote.asked();
        other.asked();
        Self {
            site,
            remote,
            other,
            ben,
            ada,
            carl,
            clock,
        }
    }

    fn inbox(&self) -> String {
        format!("{}/ap/inbox", self.site.url)
    }

    async fn ada_sends(&mut self, activity: &Value) {
        let answer = self.remote.send(&self.ada, &self.inbox(), activity).await;
        assert_eq!(answer, 202, "{activity}");
        self.site.settle().await;
    }

    async fn carl_sends(&mut self, activity: &Value) {
        let answer = self.other.send(&self.carl, &self.inbox(), activity).await;
        assert_eq!(answer, 202, "{activity}");
        self.site.settle().await;
    }

    /// The status here with this id on the wire, fetched if need be.
    async fn fetched(&self, uri: &str) -> StatusId {
        let resolver = self.site.instance.resolver().unwrap();
        resolver.status_by_uri(uri).await.unwrap().id
    }

    /// What Ben is told of the quote in a status.
    async fn quote(&self, id: StatusId) -> Option<QuoteView> {
        let ben = Some(self.ben.1.id);
        statuses::find(&self.site.instance, ben, id).await.unwrap().quote
    }

    async fn state(&self, id: StatusId) -> Option<QuoteViewState> {
        self.quote(id).await.map(|quote| quote.state)
    }

    /// Ben quotes a note of Ada's that everybody may quote: his status, and Ada's note.
    async fn ben_quotes_ada(&mut self) -> (StatusId, Value) {
        let note = quotable(&self.remote, &self.ada, "quoted");
        let quoted = self.fetched(id(&note)).await;
        let new = NewStatus {
            text: "look at this".to_owned(),
            quoted_status_id: Some(quoted),
            ..NewStatus::default()
        };
        let quoting = self.site.post(&self.ben.0, new).await;
        self.site.settle().await;
        (quoting, note)
    }

    async fn ben_posts(&self, choice: QuoteChoice) -> (StatusId, String) {
        let new = NewStatus {
            text: "quote me".to_owned(),
            quote_policy: Some(choice),
            ..NewStatus::default()
        };
        let id = self.site.post(&self.ben.0, new).await;
        (id, self.site.status_uri(id).await)
    }

    /// A note of Ada's that quotes something, and her request to do so.
    fn ada_asks(&self, name: &str, quoted: &str) -> (Value, Value) {
        let mut note = self.remote.note(&self.ada, name, "<p>so true</p>");
        note["quote"] = json!(quoted);
        self.remote.publish(&note);
        let mut request = self
            .ada
            .activity("QuoteRequest", &format!("ask-{name}"), &json!(quoted));
        request["instrument"] = note.clone();
        (note, request)
    }

    async fn notified(&self, kind: NotificationType) -> usize {
        let query = NotificationQuery {
            types: Some(vec![kind]),
            ..NotificationQuery::default()
        };
        let found = notifications::list(&self.site.instance, self.ben.1.id, query, Page::first(40)).await;
        found.unwrap().len()
    }
}

fn id(document: &Value) -> &str {
    document["id"].as_str().unwrap()
}

/// A note that everybody may quote.
fn quotable(remote: &Remote, actor: &Actor, name: &str) -> Value {
    let mut note = remote.note(actor, name, "<p>wise words</p>");
    note["interactionPolicy"] = json!({ "canQuote": { "automaticApproval": [PUBLIC] } });
    remote.publish(&note);
    note
}

fn of_type<'a>(received: &'a [Value], kind: &str) -> Vec<&'a Value> {
    received
        .iter()
        .filter(|activity| activity["type"] == kind)
        .collect()
}

fn create(actor: &Actor, note: &Value) -> Value {
    let name = id(note).rsplit('/').next().unwrap();
    let mut create = actor.activity("Create", &format!("create-{name}"), note);
    create["cc"] = note["cc"].clone();
    create
}

#[actix_web::test]
async fn fed_086_a_quote_waits_for_consent_and_is_published_again_with_it() {
    let mut world = World::start().await;
    let (quoting, note) = world.ben_quotes_ada().await;
    let uri = world.site.status_uri(quoting).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Pending));

    let received = world.remote.received();
    let request = of_type(&received, "QuoteRequest")[0];
    assert_eq!(request["actor"], world.site.uri(&world.ben.1));
    assert_eq!(request["object"], note["id"]);
    assert_eq!(request["instrument"]["id"], uri);
    let published = &of_type(&received, "Create")[0]["object"];
    for name in ["quote", "quoteUri", "_misskey_quote"] {
        assert_eq!(published[name], note["id"], "{name}");
    }
    assert!(published.get("quoteAuthorization").is_none());
    let content = published["content"].as_str().unwrap();
    assert!(
        content.starts_with("<p class=\"quote-inline\">RE: <a href="),
        "{content}"
    );

    let stamp = format!("{}/stamps/1", world.remote.url);
    let mut accept = world.ada.activity("Accept", "yes", &request["id"]);
    accept["result"] = json!(stamp);
    world.ada_sends(&accept).await;
    let quote = world.quote(quoting).await.unwrap();
    assert_eq!(quote.state, QuoteViewState::Accepted);
    assert_eq!(quote.quoted.unwrap().status.uri.as_deref(), note["id"].as_str());
    let received = world.remote.received();
    let update = of_type(&received, "Update")[0];
    assert_eq!(update["object"]["quoteAuthorization"], stamp);
    assert!(update["object"].get("updated").is_none(), "it was not edited");
}

#[actix_web::test]
async fn fed_086_a_refused_quote_stays_a_link() {
    let mut world = World::start().await;
    let (quoting, note) = world.ben_quotes_ada().await;
    let received = world.remote.received();
    let request = of_type(&received, "QuoteRequest")[0].clone();
    let reject = world.ada.activity("Reject", "no", &request);
    world.ada_sends(&reject).await;
    let quote = world.quote(quoting).await.unwrap();
    assert_eq!(quote.state, QuoteViewState::Rejected);
    assert!(quote.quoted.is_none());
    assert!(
        of_type(&world.remote.received(), "Update").is_empty(),
        "it is not broadcast"
    );
    let served = json_of(
        &world
            .site
            .get(&path(&world.site, &world.site.status_uri(quoting).await))
            .await,
    );
    assert!(served.get("quote").is_none() && served.get("_misskey_quote").is_none());
    assert!(served["content"].as_str().unwrap().contains(id(&note)));
}

#[actix_web::test]
async fn fed_086_what_was_refused_in_the_meantime_is_not_asked_for() {
    let mut world = World::start().await;
    let note = quotable(&world.remote, &world.ada, "quoted");
    let quoted = world.fetched(id(&note)).await;
    let new = NewStatus {
        text: "look at this".to_owned(),
        quoted_status_id: Some(quoted),
        ..NewStatus::default()
    };
    let quoting = world.site.post(&world.ben.0, new).await;
    let ada = world.site.account(&world.ada.id).await.unwrap();
    quotes::receive_reject(&world.site.instance, ada.id, None, Some(quoting))
        .await
        .unwrap();
    world.site.settle().await;
    let received = world.remote.received();
    assert!(of_type(&received, "QuoteRequest").is_empty(), "{received:?}");
}

fn path(site: &Site, uri: &str) -> String {
    uri.strip_prefix(&site.url).unwrap().to_owned()
}

#[actix_web::test]
async fn fed_087_consent_comes_from_the_quoted_author_and_lies_on_their_server() {
    let mut world = World::start().await;
    let (quoting, _) = world.ben_quotes_ada().await;
    let request = of_type(&world.remote.received(), "QuoteRequest")[0].clone();
    let accept = |actor: &Actor, name: &str, stamp: String| {
        let mut accept = actor.activity("Accept", name, &request["id"]);
        accept["result"] = json!(stamp);
        accept
    };
    // A stamp elsewhere, here, or none at all.
    for (n, stamp) in [
        format!("{}/stamps/1", world.other.url),
        format!("{}/stamps/1", world.site.url),
    ]
    .into_iter()
    .enumerate()
    {
        let activity = accept(&world.ada, &format!("a{n}"), stamp);
        world.ada_sends(&activity).await;
    }
    let without = world.ada.activity("Accept", "without", &request["id"]);
    world.ada_sends(&without).await;
    // Somebody else, on another server and on the same.
    let activity = accept(&world.carl, "carl", format!("{}/stamps/1", world.other.url));
    world.carl_sends(&activity).await;
    let eve = world.remote.actor("eve");
    let activity = accept(&eve, "eve", format!("{}/stamps/1", world.remote.url));
    let inbox = world.inbox();
    assert_eq!(world.remote.send(&eve, &inbox, &activity).await, 202);
    world.site.settle().await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Pending));

    let activity = accept(&world.ada, "good", format!("{}/stamps/1", world.remote.url));
    world.ada_sends(&activity).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Accepted));
}

#[actix_web::test]
async fn sec_R035_an_outsider_cannot_refuse_a_quote_for_the_quoted_author() {
    let mut world = World::start().await;
    let (quoting, _) = world.ben_quotes_ada().await;
    let request = of_type(&world.remote.received(), "QuoteRequest")[0].clone();
    let reject = world.carl.activity("Reject", "no", &request["id"]);
    world.carl_sends(&reject).await;
    let embedded = world.carl.activity("Reject", "no-2", &request);
    world.carl_sends(&embedded).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Pending));
    let mut accept = world.ada.activity("Accept", "yes", &request);
    accept["result"] = json!(format!("{}/stamps/1", world.remote.url));
    world.ada_sends(&accept).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Accepted));
    // Nor can they end it: they own neither the stamp nor the status.
    for object in [
        json!(format!("{}/stamps/1", world.remote.url)),
        json!({ "type": "QuoteAuthorization", "id": format!("{}/stamps/1", world.other.url) }),
    ] {
        let delete = world
            .carl
            .activity("Delete", &format!("end-{}", object.to_string().len()), &object);
        world.carl_sends(&delete).await;
    }
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Accepted));
}

#[actix_web::test]
async fn fed_088_requests_are_answered_by_the_policy() {
    let mut world = World::start().await;
    let ada = world.site.account(&world.ada.id).await.unwrap();
    let mut asked = 0;
    for (choice, follows, blocked, answer) in [
        (QuoteChoice::Public, false, false, "Accept"),
        (QuoteChoice::Nobody, false, false, "Reject"),
        (QuoteChoice::Followers, false, false, "Reject"),
        (QuoteChoice::Followers, true, false, "Accept"),
        (QuoteChoice::Nobody, true, false, "Reject"),
        (QuoteChoice::Public, true, true, "Reject"),
    ] {
        if follows && asked == 3 {
            let follow = world
                .ada
                .activity("Follow", "follow", &json!(world.site.uri(&world.ben.1)));
            world.ada_sends(&follow).await;
        }
        if blocked {
            blocks::block(&world.site.instance, world.ben.1.id, ada.id)
                .await
                .unwrap();
        }
        world.site.settle().await;
        world.remote.received();
        asked += 1;
        let (_, uri) = world.ben_posts(choice).await;
        let (note, request) = world.ada_asks(&format!("q{asked}"), &uri);
        world.ada_sends(&request).await;
        let received = world.remote.received();
        let answers: Vec<&Value> = received
            .iter()
            .filter(|a| a["object"]["type"] == "QuoteRequest")
            .collect();
        assert_eq!(answers.len(), 1, "{choice:?} {received:?}");
        assert_eq!(answers[0]["type"], answer, "{choice:?} {follows} {blocked}");
        assert_eq!(answers[0]["object"]["id"], request["id"]);
        assert_eq!(answers[0]["object"]["instrument"], note["id"]);
        assert_eq!(answers[0].get("result").is_some(), answer == "Accept");
    }
    assert_eq!(
        world.notified(NotificationType::Quote).await,
        0,
        "who is blocked is not heard of"
    );
}

#[actix_web::test]
async fn fed_088_what_may_not_be_quoted_is_not_spoken_of() {
    let mut world = World::start().await;
    let new = NewStatus {
        text: "for few".to_owned(),
        visibility: Some(Visibility::Private),
        quote_policy: Some(QuoteChoice::Public),
        ..NewStatus::default()
    };
    let private = world.site.post(&world.ben.0, new).await;
    let private = world.site.status_uri(private).await;
    let missing = format!("{}/posts/1", world.site.uri(&world.ben.1));
    for (n, uri) in [private, missing].iter().enumerate() {
        let (_, request) = world.ada_asks(&format!("q{n}"), uri);
        world.ada_sends(&request).await;
    }
    // A request that says one thing and a status that says another; a status of somebody else.
    let (_, uri) = world.ben_posts(QuoteChoice::Public).await;
    let (note, mut request) = world.ada_asks("q8", "https://else.test/1");
    request["object"] = json!(uri);
    world.ada_sends(&request).await;
    let (_, mut stolen) = world.ada_asks("q9", &uri);
    stolen["instrument"]["attributedTo"] = json!(world.carl.id);
    world.ada_sends(&stolen).await;
    assert!(!world.site.knows(id(&note)).await);
    let answers = world.remote.received();
    assert!(
        answers.iter().all(|a| a["object"]["type"] != "QuoteRequest"),
        "{answers:?}"
    );
    assert_eq!(world.notified(NotificationType::Quote).await, 0);
}

#[actix_web::test]
async fn fed_089_consent_is_served_until_it_is_taken_back() {
    let mut world = World::start().await;
    let (quoted, uri) = world.ben_posts(QuoteChoice::Public).await;
    let (note, mut request) = world.ada_asks("q1", &uri);
    // The status is only named: it is fetched.
    request["instrument"] = note["id"].clone();
    world.ada_sends(&request).await;
    let accept = of_type(&world.remote.received(), "Accept")[0].clone();
    let stamp = accept["result"].as_str().unwrap().to_owned();
    assert!(stamp.starts_with(&format!("{}/quote_authorizations/", world.site.uri(&world.ben.1))));
    let served = json_of(&world.site.get(&path(&world.site, &stamp)).await);
    assert_eq!(served["id"], stamp);
    assert_eq!(served["type"], "QuoteAuthorization");
    assert_eq!(served["attributedTo"], world.site.uri(&world.ben.1));
    assert_eq!(served["interactingObject"], note["id"]);
    assert_eq!(served["interactionTarget"], uri);
    assert!(served["@context"][1].get("QuoteAuthorization").is_some());

    let quoting = world.fetched(id(&note)).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Accepted));
    assert_eq!(world.notified(NotificationType::Quote).await, 1);
    // Asking again brings the same answer.
    let mut again = request.clone();
    again["id"] = json!(format!("{}/activities/again", world.ada.id));
    world.ada_sends(&again).await;
    assert_eq!(of_type(&world.remote.received(), "Accept")[0]["result"], stamp);
    assert_eq!(world.notified(NotificationType::Quote).await, 1);

    quotes::revoke(&world.site.instance, world.ben.1.id, quoted, quoting)
        .await
        .unwrap();
    world.site.settle().await;
    let delete = of_type(&world.remote.received(), "Delete")[0].clone();
    assert_eq!(delete["object"]["id"], stamp);
    assert_eq!(delete["object"]["type"], "QuoteAuthorization");
    assert_eq!(delete["object"]["interactingObject"], note["id"]);
    assert_eq!(delete["to"], json!([PUBLIC]));
    assert_eq!(
        world.site.get(&path(&world.site, &stamp)).await.status.as_u16(),
        404
    );
    let quote = world.quote(quoting).await.unwrap();
    assert_eq!(quote.state, QuoteViewState::Revoked);
    assert!(quote.quoted.is_none());
    // What was taken back is not given again for the asking.
    again["id"] = json!(format!("{}/activities/once-more", world.ada.id));
    world.ada_sends(&again).await;
    let received = world.remote.received();
    assert_eq!(of_type(&received, "Reject").len(), 1, "{received:?}");
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Revoked));
}

/// Carl's consent to Ada's quote of his note, on his server.
fn stamp_of(world: &World, note: &Value, quoted: &Value) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{}/stamps/1", world.other.url),
        "type": "QuoteAuthorization",
        "attributedTo": world.carl.id,
        "interactingObject": note["id"],
        "interactionTarget": quoted["id"],
    })
}

/// Ada's note that quotes a note of Carl's and names a stamp.
fn quoting_note(world: &World, name: &str, quoted: &Value, stamp: &str) -> Value {
    let mut note = world.remote.note(&world.ada, name, "<p>so true</p>");
    note["quote"] = quoted["id"].clone();
    note["quoteAuthorization"] = json!(stamp);
    note["cc"] = json!([world.site.uri(&world.ben.1)]);
    world.remote.publish(&note);
    note
}

#[actix_web::test]
async fn fed_090_consent_to_a_quote_between_others_is_proved_in_every_member() {
    let mut world = World::start().await;
    let quoted = quotable(&world.other, &world.carl, "quoted");
    let elsewhere = json!("https://else.test/1");
    let mut cases: Vec<(&str, Option<Value>, QuoteViewState)> = [
        "id",
        "type",
        "attributedTo",
        "interactingObject",
        "interactionTarget",
    ]
    .into_iter()
    .map(|name| (name, Some(elsewhere.clone()), QuoteViewState::Rejected))
    .collect();
    cases.push(("", None, QuoteViewState::Rejected));
    cases.push(("", Some(Value::Null), QuoteViewState::Accepted));
    for (n, (member, value, expected)) in cases.into_iter().enumerate() {
        let address = format!("{}/stamps/1", world.other.url);
        let note = quoting_note(&world, &format!("n{n}"), &quoted, &address);
        let mut stamp = stamp_of(&world, &note, &quoted);
        match &value {
            // Nothing is there.
            None => world.other.serve_as("/stamps/1", 404, "text/plain", ""),
            Some(value) => {
                if !member.is_empty() {
                    stamp[member] = value.clone();
                }
                world.other.serve("/stamps/1", &stamp);
            }
        }
        let create = create(&world.ada, &note);
        world.ada_sends(&create).await;
        let id = world.fetched(id(&note)).await;
        assert_eq!(world.state(id).await, Some(expected), "{member} {value:?}");
    }
    // A right document on the wrong server.
    let address = format!("{}/stamps/1", world.remote.url);
    let note = quoting_note(&world, "n-own", &quoted, &address);
    let mut stamp = stamp_of(&world, &note, &quoted);
    stamp["id"] = json!(address);
    world.remote.publish(&stamp);
    let create = create(&world.ada, &note);
    world.ada_sends(&create).await;
    let stored = world.fetched(id(&note)).await;
    assert_eq!(world.state(stored).await, Some(QuoteViewState::Rejected));
}

#[actix_web::test]
async fn fed_090_a_server_that_is_away_refuses_nothing_and_its_author_may_take_consent_back() {
    let mut world = World::start().await;
    let quoted = quotable(&world.other, &world.carl, "quoted");
    let address = format!("{}/stamps/1", world.other.url);
    let note = quoting_note(&world, "n1", &quoted, &address);
    world.other.serve_as("/stamps/1", 503, "text/plain", "");
    let create = create(&world.ada, &note);
    world.ada_sends(&create).await;
    let quoting = world.fetched(id(&note)).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Pending));
    for (answer, kind) in [(200, "text/html"), (401, "text/plain"), (403, "text/plain")] {
        world
            .other
            .serve_as("/stamps/1", answer, kind, "<p>maintenance</p>");
        world.clock.advance(chrono::TimeDelta::hours(1));
        world.site.settle().await;
        assert_eq!(
            world.state(quoting).await,
            Some(QuoteViewState::Pending),
            "{answer}"
        );
    }
    world.other.publish(&stamp_of(&world, &note, &quoted));
    // The same note with another name of the stamp, and then the right one again: each is looked at.
    for (name, expected) in [("2", QuoteViewState::Rejected), ("1", QuoteViewState::Accepted)] {
        let mut changed = note.clone();
        changed["quoteAuthorization"] = json!(format!("{}/stamps/{name}", world.other.url));
        let update = world.ada.activity("Update", &format!("update-{name}"), &changed);
        world.ada_sends(&update).await;
        assert_eq!(world.state(quoting).await, Some(expected), "{name}");
    }
    // A message that it was taken back may get lost: who looks after a day finds out.
    world.clock.advance(chrono::TimeDelta::hours(25));
    world.other.serve_as("/stamps/1", 503, "text/plain", "");
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Accepted));
    world.site.settle().await;
    assert_eq!(
        world.state(quoting).await,
        Some(QuoteViewState::Accepted),
        "it is away"
    );
    world.other.publish(&stamp_of(&world, &note, &quoted));
    // Ada cannot take Carl's consent back; Carl can.
    let delete = world.ada.activity(
        "Delete",
        "d",
        &json!({ "type": "QuoteAuthorization", "id": address }),
    );
    world.ada_sends(&delete).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Accepted));
    let delete = world.carl.activity("Delete", "d", &json!(address));
    world.carl_sends(&delete).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Revoked));
}

#[actix_web::test]
async fn fed_089_a_revocation_that_got_lost_is_found_by_who_looks() {
    let mut world = World::start().await;
    let (quoting, note) = world.ben_quotes_ada().await;
    let request = of_type(&world.remote.received(), "QuoteRequest")[0].clone();
    let address = format!("{}/stamps/1", world.remote.url);
    let mut accept = world.ada.activity("Accept", "yes", &request["id"]);
    accept["result"] = json!(address);
    world.ada_sends(&accept).await;
    world.remote.publish(&json!({
        "id": address,
        "type": "QuoteAuthorization",
        "attributedTo": world.ada.id,
        "interactingObject": world.site.status_uri(quoting).await,
        "interactionTarget": note["id"],
    }));
    for (hours, there, expected) in [
        (23, false, QuoteViewState::Accepted),
        (2, true, QuoteViewState::Accepted),
        (25, false, QuoteViewState::Revoked),
    ] {
        world.clock.advance(chrono::TimeDelta::hours(hours));
        if !there {
            world.remote.remove(&address);
        }
        world.state(quoting).await;
        world.site.settle().await;
        assert_eq!(world.state(quoting).await, Some(expected), "{hours}");
        if !there {
            world.remote.publish(&json!({
                "id": address,
                "type": "QuoteAuthorization",
                "attributedTo": world.ada.id,
                "interactingObject": world.site.status_uri(quoting).await,
                "interactionTarget": note["id"],
            }));
        }
    }
    assert!(
        !of_type(&world.remote.received(), "Update").is_empty(),
        "copies lose the quote"
    );
}

#[actix_web::test]
async fn sec_R035_an_outsider_has_consent_looked_at_by_who_may_see_it() {
    for (answer, expected) in [
        (200, QuoteViewState::Accepted),
        (401, QuoteViewState::Accepted),
        (403, QuoteViewState::Accepted),
        (404, QuoteViewState::Revoked),
        (410, QuoteViewState::Revoked),
    ] {
        let mut world = World::start().await;
        let (quoting, _) = world.ben_quotes_ada().await;
        let request = of_type(&world.remote.received(), "QuoteRequest")[0].clone();
        let address = format!("{}/stamps/1", world.remote.url);
        let mut accept = world.ada.activity("Accept", "yes", &request["id"]);
        accept["result"] = json!(address);
        world.ada_sends(&accept).await;
        world
            .remote
            .serve_as("/stamps/1", answer, "text/html", "<p>no</p>");
        world.remote.asked_as();
        // Carl passes on what Ada did not say.
        let delete = world.ada.activity("Delete", "d", &json!(address));
        world.carl_sends(&delete).await;
        assert_eq!(world.state(quoting).await, Some(expected), "{answer}");
        let ben = format!("keyId=\"{}#", world.site.uri(&world.ben.1));
        let asked = world.remote.asked_as();
        let signatures: Vec<&str> = asked
            .iter()
            .filter(|(line, _)| line == "GET /stamps/1")
            .map(|(_, signature)| signature.as_str())
            .collect();
        // After 401, the other kind of signature is tried.
        assert!(!signatures.is_empty(), "{answer}: {asked:?}");
        assert!(signatures[0].contains(&ben), "in the name of who quoted");
    }
}

#[actix_web::test]
async fn fed_091_a_forged_stamp_for_a_local_status_is_not_even_asked_for() {
    let mut world = World::start().await;
    let (_, uri) = world.ben_posts(QuoteChoice::Nobody).await;
    let own = format!("{}/quote_authorizations/1", world.site.uri(&world.ben.1));
    for (name, address) in [("n1", format!("{}/stamps/1", world.remote.url)), ("n2", own)] {
        let note = quoting_note(&world, name, &json!({ "id": uri }), &address);
        world.remote.serve(
            "/stamps/1",
            &json!({
                "id": format!("{}/stamps/1", world.remote.url),
                "type": "QuoteAuthorization",
                "attributedTo": world.site.uri(&world.ben.1),
                "interactingObject": note["id"],
                "interactionTarget": uri,
            }),
        );
        world.remote.asked();
        let create = create(&world.ada, &note);
        world.ada_sends(&create).await;
        let quoting = world.fetched(id(&note)).await;
        assert_eq!(
            world.state(quoting).await,
            Some(QuoteViewState::Pending),
            "{address}"
        );
        let asked = world.remote.asked();
        assert!(!asked.iter().any(|line| line.contains("stamps")), "{asked:?}");
    }
    assert_eq!(world.notified(NotificationType::Quote).await, 0);
}

#[actix_web::test]
async fn fed_092_quotes_without_the_protocol_are_links_unless_everybody_may_quote() {
    let mut world = World::start().await;
    let open = quotable(&world.other, &world.carl, "open");
    let closed = world.other.note(&world.carl, "closed", "<p>no policy</p>");
    let (_, own) = world.ben_posts(QuoteChoice::Public).await;
    let (_, own_closed) = world.ben_posts(QuoteChoice::Nobody).await;
    for (n, (quoted, expected)) in [
        (id(&open), Some(QuoteViewState::Accepted)),
        (id(&closed), None),
        (own.as_str(), Some(QuoteViewState::Accepted)),
        (own_closed.as_str(), None),
    ]
    .into_iter()
    .enumerate()
    {
        let mut note = world.remote.note(&world.ada, &format!("n{n}"), "<p>so true</p>");
        note["_misskey_quote"] = json!(quoted);
        note["cc"] = json!([world.site.uri(&world.ben.1)]);
        world.remote.publish(&note);
        let create = create(&world.ada, &note);
        world.ada_sends(&create).await;
        let quoting = world.fetched(id(&note)).await;
        assert_eq!(world.state(quoting).await, expected, "{quoted}");
    }
}

#[actix_web::test]
async fn fed_092_what_is_quoted_and_gone_is_shown_as_deleted() {
    let mut world = World::start().await;
    let mut note = world.remote.note(&world.ada, "n1", "<p>so true</p>");
    note["quote"] = json!({ "type": "Tombstone" });
    world.remote.publish(&note);
    let stored = world.fetched(id(&note)).await;
    assert_eq!(world.state(stored).await, Some(QuoteViewState::Deleted));

    let (quoting, quoted) = world.ben_quotes_ada().await;
    let request = of_type(&world.remote.received(), "QuoteRequest")[0].clone();
    let mut accept = world.ada.activity("Accept", "yes", &request["id"]);
    accept["result"] = json!(format!("{}/stamps/1", world.remote.url));
    world.ada_sends(&accept).await;
    let delete = world.ada.activity("Delete", "gone", &quoted["id"]);
    world.ada_sends(&delete).await;
    assert_eq!(world.state(quoting).await, Some(QuoteViewState::Deleted));
}

#[actix_web::test]
async fn fed_093_quotes_of_quotes_are_fetched_two_deep() {
    let mut world = World::start().await;
    let chain: Vec<String> = (0..5)
        .map(|n| format!("{}/notes/c{n}", world.remote.url))
        .collect();
    for n in 0..4 {
        let mut note = world.remote.note(&world.ada, &format!("c{n}"), "<p>deep</p>");
        note["quote"] = json!(chain[n + 1]);
        world.remote.publish(&note);
    }
    let mut first = world.remote.note(&world.ada, "c0", "<p>deep</p>");
    first["quote"] = json!(chain[1]);
    first["cc"] = json!([world.site.uri(&world.ben.1)]);
    world.remote.asked();
    let create = create(&world.ada, &first);
    world.ada_sends(&create).await;
    for (n, uri) in chain.iter().enumerate() {
        assert_eq!(world.site.knows(uri).await, n <= 2, "{n}");
    }
    assert!(!world.remote.asked().iter().any(|line| line.ends_with("c3")));

    // Of what a quote quotes only the id is shown.
    let outer = world.fetched(&chain[0]).await;
    let quote = world.quote(outer).await.unwrap();
    assert_eq!(quote.state, QuoteViewState::Accepted, "one may quote oneself");
    let inner = quote.quoted.unwrap().quote.unwrap();
    assert!(inner.quoted.is_none());
    assert_eq!(inner.quoted_id, Some(world.fetched(&chain[2]).await));
    // What comes later is joined with what waits for it.
    let third = world.fetched(&chain[3]).await;
    world.site.settle().await;
    let second = world.fetched(&chain[2]).await;
    assert_eq!(world.quote(second).await.unwrap().quoted_id, Some(third));
}

#[actix_web::test]
async fn fed_086_two_sites_of_ours_quote_each_other() {
    let clock = clock();
    let (mut a, mut b) = (Site::start(&clock).await, Site::start(&clock).await);
    let (ada, ben) = (a.user("ada").await, b.user("ben").await);
    let new = NewStatus {
        text: "wise words".to_owned(),
        ..NewStatus::default()
    };
    let original = a.post(&ada.0, new).await;
    let uri = a.status_uri(original).await;
    let quoted = b.instance.resolver().unwrap().status_by_uri(&uri).await.unwrap();
    let new = NewStatus {
        text: "so true".to_owned(),
        quoted_status_id: Some(quoted.id),
        ..NewStatus::default()
    };
    let quoting = b.post(&ben.0, new).await;
    for _ in 0..3 {
        b.settle().await;
        a.settle().await;
    }
    let there = a.instance.resolver().unwrap();
    let there = there
        .status_by_uri(&b.status_uri(quoting).await)
        .await
        .unwrap()
        .id;
    let at_b = async |b: &Site| {
        let view = statuses::find(&b.instance, Some(ben.1.id), quoting)
            .await
            .unwrap();
        view.quote.unwrap().state
    };
    let at_a = async |a: &Site| {
        let view = statuses::find(&a.instance, Some(ada.1.id), there).await.unwrap();
        view.quote.unwrap().state
    };
    assert_eq!(at_b(&b).await, QuoteViewState::Accepted);
    assert_eq!(at_a(&a).await, QuoteViewState::Accepted);
    let shown = statuses::find(&a.instance, None, original).await.unwrap();
    assert_eq!(shown.quote_approval.count, 1);
    let listed = quotes::list(&a.instance, ada.1.id, original, Page::first(20))
        .await
        .unwrap();
    assert_eq!(listed[0].key, there.0);
    assert!(
        accounts::find_by_uri(&a.instance, &b.uri(&ben.1))
            .await
            .unwrap()
            .is_some()
    );

    quotes::revoke(&a.instance, ada.1.id, original, there)
        .await
        .unwrap();
    for _ in 0..3 {
        a.settle().await;
        b.settle().await;
    }
    assert_eq!(at_b(&b).await, QuoteViewState::Revoked);
    assert_eq!(at_a(&a).await, QuoteViewState::Revoked);
    let served = json_of(&b.get(&path(&b, &b.status_uri(quoting).await)).await);
    assert!(served.get("quoteAuthorization").is_none() && served.get("quote").is_none());
}
