//! Who may answer, favourite and boost: what others ask of us, and what we ask of them.

mod asking;

use std::sync::Arc;

use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    interaction::{Choice, Who},
    page::Page,
    quote::QuoteChoice,
    status::{Status, Visibility},
    time::ManualClock,
};
use pouet_service::{
    conversations,
    notifications::{self, NotificationQuery},
    statuses::{self, NewStatus, StatusChange},
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock, json_of};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A site with Ben, a server with Ada, and another with Eve, who follows Ben.
struct World {
    site: Site,
    remote: Remote,
    third: Remote,
    ben: (User, Account),
    ada: Actor,
    eve: Actor,
    clock: Arc<ManualClock>,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let (remote, third) = (Remote::start(&clock), Remote::start(&clock));
        let site = Site::start(&clock).await;
        let ben = site.user("ben").await;
        let (ada, eve) = (remote.actor("ada"), third.actor("eve"));
        let mut world = Self {
            site,
            remote,
            third,
            ben,
            ada,
            eve,
            clock,
        };
        let follow = world
            .eve
            .activity("Follow", "follow", &json!(world.site.uri(&world.ben.1)));
        world.send_by_eve(&follow).await;
        world.received();
        world
    }

    async fn send(&mut self, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        let answer = self.remote.send(&self.ada, &inbox, activity).await;
        assert_eq!(answer, 202, "{activity}");
        self.site.settle().await;
    }

    async fn send_by_eve(&mut self, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        let answer = self.third.send(&self.eve, &inbox, activity).await;
        assert_eq!(answer, 202, "{activity}");
        self.site.settle().await;
    }

    /// What Ada's and Eve's servers got since the last call.
    fn received(&self) -> (Vec<Value>, Vec<Value>) {
        (self.remote.received(), self.third.received())
    }

    /// A status of Ada's with a policy, as Ben's site knows it.
    async fn note(&mut self, name: &str, policy: &Value) -> (Value, Status) {
        let mut note = self.remote.note(&self.ada, name, "<p>hello</p>");
        note["interactionPolicy"] = policy.clone();
        self.remote.publish(&note);
        let resolver = self.site.instance.resolver().unwrap();
        let status = resolver
            .status_by_uri(note["id"].as_str().unwrap())
            .await
            .unwrap();
        self.site.settle().await;
        self.received();
        (note, status)
    }

    async fn answer(&mut self, to: StatusId, visibility: Visibility) -> StatusId {
        self.answer_with("may I?", to, visibility).await
    }

    async fn answer_with(&mut self, text: &str, to: StatusId, visibility: Visibility) -> StatusId {
        let new = NewStatus {
            text: text.to_owned(),
            in_reply_to_id: Some(to),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let id = self.site.post(&self.ben.0, new).await;
        self.site.settle().await;
        id
    }

    /// A status of Ben's.
    async fn post(&mut self, choice: Choice) -> (StatusId, String) {
        let new = NewStatus {
            text: "hello".to_owned(),
            interactions: Some(choice),
            ..NewStatus::default()
        };
        let id = self.site.post(&self.ben.0, new).await;
        self.site.settle().await;
        self.received();
        (id, self.site.status_uri(id).await)
    }

    async fn shown_to_all(&self, id: StatusId) -> bool {
        statuses::visible_to_everybody(&self.site.instance, id)
            .await
            .unwrap()
    }

    async fn raw(&self, id: StatusId) -> Option<Status> {
        statuses::find_raw(&self.site.instance, id).await.unwrap()
    }

    async fn notified(&self) -> usize {
        // Eve's follow is one.
        self.notifications(&self.ben.1).await - 1
    }

    async fn notifications(&self, account: &Account) -> usize {
        let query = NotificationQuery::default();
        let found = notifications::list(&self.site.instance, account.id, query, Page::first(40)).await;
        found.unwrap().len()
    }

    async fn letters(&self, account: &Account) -> usize {
        let found = conversations::list(&self.site.instance, account.id, Page::first(40)).await;
        found.unwrap().len()
    }

    /// Ada approves of something of Ben's.
    async fn approve(&mut self, id: StatusId) {
        let uri = self.site.status_uri(id).await;
        let mut accept = self.ada.activity("Accept", &format!("accept-{id}"), &json!(uri));
        accept["result"] = json!(format!("{}/authorizations/{id}", self.ada.id));
        self.send(&accept).await;
    }

    /// Eve asks whether she may do something with a status of Ben's; what her server is told.
    async fn eve_asks(&mut self, kind: &str, name: &str, uri: &str, instrument: &Value) -> Vec<Value> {
        let mut question = self.eve.activity(kind, name, &json!(uri));
        question["instrument"] = instrument.clone();
        self.send_by_eve(&question).await;
        self.received().1
    }

    /// An answer of an actor's to a status of Ben's.
    fn reply(remote: &Remote, actor: &Actor, name: &str, to: &str) -> Value {
        let mut note = remote.note(actor, name, "<p>an answer</p>");
        note["inReplyTo"] = json!(to);
        remote.publish(&note);
        note
    }

    fn create(actor: &Actor, note: &Value) -> Value {
        let mut create = actor.activity("Create", "create", note);
        create["id"] = json!(format!("{}/activity", note["id"].as_str().unwrap()));
        create["to"] = note["to"].clone();
        create["cc"] = note["cc"].clone();
        create
    }
}

fn manual(rule: &str, author: &Actor) -> Value {
    json!({ rule: {"automaticApproval": [author.id], "manualApproval": [PUBLIC]} })
}

#[actix_web::test]
async fn fed_094_an_answer_goes_to_its_author_alone_until_it_is_approved() {
    let mut world = World::start().await;
    for (round, in_question) in [false, true].into_iter().enumerate() {
        let policy = manual("canReply", &world.ada);
        let (note, status) = world.note(&round.to_string(), &policy).await;
        let id = world.answer(status.id, Visibility::Public).await;
        let uri = world.site.status_uri(id).await;
        let (asked, told) = world.received();
        assert_eq!(told, Vec::<Value>::new());
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(asked[0]["type"], "Create");
        assert_eq!(asked[0]["object"]["inReplyTo"], note["id"]);
        assert_eq!(asked[0]["object"]["to"], json!([PUBLIC]), "as it will be");
        assert!(asked[0]["object"].get("approvedBy").is_none());
        assert!(!world.shown_to_all(id).await);
        assert_eq!(world.site.home(&world.ben.1).await.len(), round);
        let path = uri.strip_prefix(&world.site.url).unwrap();
        assert_eq!(world.site.get(path).await.status, 404);
        let child = NewStatus {
            text: "and another thing".to_owned(),
            in_reply_to_id: Some(id),
            visibility: Some(Visibility::Public),
            ..NewStatus::default()
        };
        let refused = statuses::post(&world.site.instance, &world.ben.0, child).await;
        assert!(refused.is_err(), "what waits is answered by nobody");

        let object = if in_question {
            json!({
                "id": format!("{}#question", world.ada.id),
                "type": "ReplyRequest",
                "actor": world.site.uri(&world.ben.1),
                "object": note["id"],
                "instrument": uri,
            })
        } else {
            json!(uri)
        };
        let approval = format!("{}/authorizations/{round}", world.ada.id);
        let mut accept = world.ada.activity("Accept", &format!("accept-{round}"), &object);
        accept["result"] = json!(approval);
        world.send(&accept).await;
        let (again, told) = world.received();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["object"]["id"], uri);
        for member in ["approvedBy", "replyAuthorization"] {
            assert_eq!(told[0]["object"][member], approval);
            assert_eq!(again[0]["object"][member], approval);
        }
        assert!(world.shown_to_all(id).await);
        assert_eq!(world.site.home(&world.ben.1).await.len(), round + 1);
        let served = json_of(&world.site.get(path).await);
        assert_eq!(served["approvedBy"], approval);
        accept["id"] = json!(format!("{}-again", accept["id"].as_str().unwrap()));
        world.send(&accept).await;
        assert_eq!(world.received(), (Vec::new(), Vec::new()), "once is enough");
    }
}

#[actix_web::test]
async fn fed_094_a_rejected_answer_is_gone() {
    let mut world = World::start().await;
    let policy = manual("canReply", &world.ada);
    let (_, status) = world.note("1", &policy).await;
    let id = world.answer(status.id, Visibility::Public).await;
    let uri = world.site.status_uri(id).await;
    world.received();

    // Only the author decides, and only with an approval of their own server.
    for (kind, result) in [("Accept", "https://far.test/1"), ("Reject", "")] {
        let mut forged = world.eve.activity(kind, kind, &json!(uri));
        forged["result"] = json!(result);
        world.send_by_eve(&forged).await;
    }
    let mut foreign = world.ada.activity("Accept", "foreign", &json!(uri));
    foreign["result"] = json!(format!("{}/authorizations/1", world.eve.id));
    world.send(&foreign).await;
    assert!(world.raw(id).await.is_some());
    assert!(!world.shown_to_all(id).await);

    let reject = world.ada.activity("Reject", "reject", &json!(uri));
    world.send(&reject).await;
    assert_eq!(world.raw(id).await, None);
    let accept = world.ada.activity("Accept", "late", &json!(uri));
    world.send(&accept).await;
    assert_eq!(world.raw(id).await, None);
    assert_eq!(world.received(), (Vec::new(), Vec::new()), "nobody else had it");
}

#[actix_web::test]
async fn fed_094_a_boost_waits_as_well() {
    let mut world = World::start().await;
    let policy = manual("canAnnounce", &world.ada);
    let (note, status) = world.note("1", &policy).await;
    let (instance, ben) = (world.site.instance.clone(), world.ben.1.id);
    let boost = statuses::reblog(&instance, ben, status.id, None).await.unwrap();
    world.site.settle().await;
    let (asked, told) = world.received();
    assert_eq!((asked.len(), told.len()), (1, 0), "{asked:?} {told:?}");
    assert_eq!(
        (&asked[0]["type"], &asked[0]["object"]),
        (&json!("Announce"), &note["id"])
    );
    assert_eq!(asked[0]["to"], json!([PUBLIC]));
    assert!(!world.shown_to_all(boost).await);

    let mut accept = world.ada.activity("Accept", "accept", &asked[0]);
    let approval = format!("{}/authorizations/1", world.ada.id);
    accept["result"] = json!(approval);
    world.send(&accept).await;
    let (_, told) = world.received();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["announceAuthorization"], approval);
    assert!(world.shown_to_all(boost).await);

    let reject = world.ada.activity("Reject", "reject", &asked[0]["id"]);
    world.send(&reject).await;
    assert_eq!(world.raw(boost).await, None);
    let (_, told) = world.received();
    assert_eq!(told[0]["type"], "Undo", "who has it is told");
}

#[actix_web::test]
async fn fed_094_what_is_not_allowed_is_not_tried() {
    let mut world = World::start().await;
    let nobody = json!({"automaticApproval": [world.ada.id]});
    let policy = json!({"canReply": nobody, "canLike": nobody, "canAnnounce": nobody});
    let (_, status) = world.note("1", &policy).await;
    let (instance, ben) = (world.site.instance.clone(), world.ben.1.id);
    let new = NewStatus {
        text: "may I?".to_owned(),
        in_reply_to_id: Some(status.id),
        ..NewStatus::default()
    };
    assert!(statuses::post(&instance, &world.ben.0, new).await.is_err());
    assert!(statuses::favourite(&instance, ben, status.id).await.is_err());
    assert!(statuses::react(&instance, ben, status.id, "🎉").await.is_err());
    assert!(statuses::reblog(&instance, ben, status.id, None).await.is_err());
    world.site.settle().await;
    assert_eq!(world.received(), (Vec::new(), Vec::new()));

    let everybody = json!({"automaticApproval": [PUBLIC]});
    let policy = json!({"canReply": everybody, "canLike": everybody, "canAnnounce": everybody});
    let (_, status) = world.note("2", &policy).await;
    let id = world.answer(status.id, Visibility::Public).await;
    assert!(world.shown_to_all(id).await);
    let (_, told) = world.received();
    assert_eq!(told.len(), 1);
}

#[actix_web::test]
async fn fed_094_a_rejected_favourite_is_taken_off() {
    let mut world = World::start().await;
    let policy = manual("canLike", &world.ada);
    let (_, status) = world.note("1", &policy).await;
    let (instance, ben) = (world.site.instance.clone(), world.ben.1.id);
    statuses::favourite(&instance, ben, status.id).await.unwrap();
    statuses::react(&instance, ben, status.id, "🎉").await.unwrap();
    world.site.settle().await;
    let (asked, _) = world.received();
    assert_eq!(asked.len(), 2, "{asked:?}");
    for (n, like) in asked.iter().enumerate() {
        let by_eve = world.eve.activity("Reject", &n.to_string(), &like["id"]);
        world.send_by_eve(&by_eve).await;
        let view = statuses::find(&instance, Some(ben), status.id).await.unwrap();
        let there = usize::from(view.viewer.unwrap().favourited) + view.reactions.len();
        assert_eq!(there, 2 - n);
        let reject = world.ada.activity("Reject", &n.to_string(), &like["id"]);
        world.send(&reject).await;
        let view = statuses::find(&instance, Some(ben), status.id).await.unwrap();
        let there = usize::from(view.viewer.unwrap().favourited) + view.reactions.len();
        assert_eq!(there, 1 - n);
    }
    assert_eq!(world.raw(status.id).await.unwrap().favourites_count, 0);
}

#[actix_web::test]
async fn fed_094_our_policies_are_published_and_kept() {
    let mut world = World::start().await;
    let choice = Choice {
        reply: Who::Followers,
        like: Who::Followers,
        announce: Who::Mentioned,
        ..Choice::default()
    };
    let (id, uri) = world.post(choice).await;
    let path = uri.strip_prefix(&world.site.url).unwrap();
    let served = json_of(&world.site.get(path).await);
    let ben = world.site.uri(&world.ben.1);
    let followers = json!([ben, format!("{ben}/followers")]);
    let policy = &served["interactionPolicy"];
    assert_eq!(policy["canReply"]["automaticApproval"], followers);
    assert_eq!(policy["canLike"]["automaticApproval"], followers);
    assert_eq!(policy["canAnnounce"]["automaticApproval"], json!([ben]));
    assert!(policy["canQuote"].is_object(), "{policy}");

    let reply = World::reply(&world.remote, &world.ada, "1", &uri);
    let create = World::create(&world.ada, &reply);
    world.send(&create).await;
    for kind in ["Like", "Announce", "EmojiReact"] {
        let mut activity = world.ada.activity(kind, kind, &json!(uri));
        activity["content"] = json!(if kind == "EmojiReact" { "🎉" } else { "" });
        world.send(&activity).await;
    }
    let status = world.raw(id).await.unwrap();
    let counts = (
        status.replies_count,
        status.favourites_count,
        status.reblogs_count,
    );
    assert_eq!(counts, (0, 0, 0), "Ada does not follow Ben");
    assert_eq!(world.notified().await, 0);

    let reply = World::reply(&world.third, &world.eve, "1", &uri);
    let create = World::create(&world.eve, &reply);
    world.send_by_eve(&create).await;
    for kind in ["Like", "Announce"] {
        let activity = world.eve.activity(kind, kind, &json!(uri));
        world.send_by_eve(&activity).await;
    }
    let status = world.raw(id).await.unwrap();
    let counts = (
        status.replies_count,
        status.favourites_count,
        status.reblogs_count,
    );
    assert_eq!(counts, (1, 1, 0), "Eve does, but boosts are for nobody");
}

#[actix_web::test]
async fn fed_094_members_of_the_same_instance_are_held_to_a_policy() {
    let mut world = World::start().await;
    let (_, other) = world.site.user("other").await;
    let choice = Choice {
        reply: Who::Mentioned,
        like: Who::Mentioned,
        announce: Who::Followers,
        ..Choice::default()
    };
    let (id, _) = world.post(choice).await;
    let instance = &world.site.instance;
    assert!(statuses::favourite(instance, other.id, id).await.is_err());
    assert!(statuses::reblog(instance, other.id, id, None).await.is_err());
    assert!(statuses::favourite(instance, world.ben.1.id, id).await.is_ok());
}

#[actix_web::test]
async fn fed_094_questions_are_answered_with_an_approval() {
    let mut world = World::start().await;
    let choice = Choice {
        reply: Who::Followers,
        ..Choice::default()
    };
    let (id, uri) = world.post(choice).await;
    let reply = World::reply(&world.third, &world.eve, "1", &uri);
    let mut question = world.eve.activity("ReplyRequest", "question", &json!(uri));
    question["instrument"] = reply.clone();
    world.send_by_eve(&question).await;
    let (_, told) = world.received();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["type"], "Accept");
    assert_eq!(told[0]["object"]["id"], question["id"]);
    assert_eq!(told[0]["object"]["type"], "ReplyRequest");
    assert_eq!(told[0]["object"]["instrument"], reply["id"]);
    let approval = told[0]["result"].as_str().unwrap();
    let served = json_of(
        &world
            .site
            .get(approval.strip_prefix(&world.site.url).unwrap())
            .await,
    );
    assert_eq!(served["type"], "ReplyAuthorization");
    assert_eq!(served["id"], approval);
    assert_eq!(served["attributedTo"], world.site.uri(&world.ben.1));
    assert_eq!(served["interactingObject"], reply["id"]);
    assert_eq!(served["interactionTarget"], uri);
    assert_eq!(
        world.raw(id).await.unwrap().replies_count,
        1,
        "it came with the question"
    );

    let reply = World::reply(&world.remote, &world.ada, "2", &uri);
    let mut question = world.ada.activity("ReplyRequest", "question", &json!(uri));
    question["instrument"] = reply.clone();
    world.send(&question).await;
    let (told, _) = world.received();
    assert_eq!(
        (&told[0]["type"], told[0].get("result")),
        (&json!("Reject"), None)
    );
    assert_eq!(world.raw(id).await.unwrap().replies_count, 1);

    let like = world.ada.activity("Like", "like", &json!(uri));
    let mut question = world.ada.activity("LikeRequest", "like-question", &json!(uri));
    question["instrument"] = like;
    world.send(&question).await;
    assert_eq!(world.received().0[0]["type"], "Accept");
    assert_eq!(world.raw(id).await.unwrap().favourites_count, 1);

    // What is somebody else's, or about something else, is not taken in.
    let mut forged = world.ada.activity("ReplyRequest", "forged", &json!(uri));
    forged["instrument"] = World::reply(&world.third, &world.eve, "3", &uri);
    world.send(&forged).await;
    assert_eq!(world.received().0, Vec::<Value>::new());
    assert_eq!(world.site.get("/ap/users/1/authorizations/1").await.status, 404);
}

#[actix_web::test]
async fn fed_094_answers_of_others_need_the_approval_that_they_name() {
    let mut world = World::start().await;
    let policy = manual("canReply", &world.ada);
    let (note, status) = world.note("1", &policy).await;
    let approval = format!("{}/authorizations/1", world.ada.id);
    let mut reply = World::reply(&world.third, &world.eve, "1", note["id"].as_str().unwrap());
    let ben = world.site.uri(&world.ben.1);
    reply["cc"] = json!([ben]);
    reply["tag"] = json!([{"type": "Mention", "href": ben, "name": "@ben"}]);
    let good = json!({
        "id": approval,
        "type": "ReplyAuthorization",
        "attributedTo": world.ada.id,
        "interactingObject": reply["id"],
        "interactionTarget": note["id"],
    });
    let mut bad = good.clone();
    bad["interactingObject"] = json!(format!("{}/other", world.third.url));
    let elsewhere = format!("{}/authorizations/1", world.eve.id);
    let mut of_eve = good.clone();
    of_eve["id"] = json!(elsewhere);
    world.third.publish(&of_eve);
    for (n, (named, document, taken)) in [
        (json!(null), &good, false),
        (json!(elsewhere), &good, false),
        (json!(approval), &bad, false),
        (json!(approval), &good, true),
    ]
    .into_iter()
    .enumerate()
    {
        world.remote.publish(document);
        reply["replyAuthorization"] = named;
        let mut create = World::create(&world.eve, &reply);
        create["id"] = json!(format!("{}#{n}", world.eve.id));
        world.send_by_eve(&create).await;
        assert_eq!(
            world.site.knows(reply["id"].as_str().unwrap()).await,
            taken,
            "{create}"
        );
        world.clock.advance(chrono::TimeDelta::hours(2));
    }
    assert_eq!(world.raw(status.id).await.unwrap().replies_count, 1);
}

#[actix_web::test]
async fn fed_094_answers_that_came_before_what_they_answer_need_its_approval() {
    let mut world = World::start().await;
    let mut note = world.remote.note(&world.ada, "1", "<p>hello</p>");
    note["interactionPolicy"] = manual("canReply", &world.ada);
    world.remote.publish(&note);
    let parent = note["id"].as_str().unwrap().to_owned();
    let ben = world.site.uri(&world.ben.1);
    let mut replies = Vec::new();
    for name in ["1", "2"] {
        let mut reply = World::reply(&world.third, &world.eve, name, &parent);
        reply["cc"] = json!([ben]);
        reply["tag"] = json!([{"type": "Mention", "href": ben, "name": "@ben"}]);
        world.third.publish(&reply);
        replies.push(reply);
    }
    let approval = |name: &str, reply: &Value| {
        json!({
            "id": format!("{}/authorizations/{name}", world.ada.id),
            "type": "ReplyAuthorization",
            "attributedTo": world.ada.id,
            "interactingObject": reply["id"],
            "interactionTarget": parent,
        })
    };
    let approvals = [approval("1", &replies[0]), approval("2", &replies[1])];
    for approval in &approvals {
        world.remote.publish(approval);
    }
    // The second says from the beginning that it is approved.
    replies[1]["replyAuthorization"] = approvals[1]["id"].clone();
    world.third.publish(&replies[1]);
    let inbox = format!("{}/ap/inbox", world.site.url);
    for reply in &replies {
        let create = World::create(&world.eve, reply);
        assert_eq!(world.third.send(&world.eve, &inbox, &create).await, 202);
    }
    world.site.settle().await;
    let known = async |world: &World, uri: &Value| {
        let found = statuses::find_by_uri(&world.site.instance, uri.as_str().unwrap()).await;
        found.unwrap().expect("it is known")
    };
    let status = known(&world, &note["id"]).await;
    assert_eq!(status.replies_count, 1);
    assert_eq!(known(&world, &replies[0]["id"]).await.in_reply_to_id, None);
    assert_eq!(
        known(&world, &replies[1]["id"]).await.in_reply_to_id,
        Some(status.id)
    );

    // The first is approved later.
    replies[0]["replyAuthorization"] = approvals[0]["id"].clone();
    world.third.publish(&replies[0]);
    let update = world.eve.activity("Update", "approved", &replies[0]);
    world.send_by_eve(&update).await;
    assert_eq!(
        known(&world, &replies[0]["id"]).await.in_reply_to_id,
        Some(status.id)
    );
    assert_eq!(known(&world, &note["id"]).await.replies_count, 2);
}

#[actix_web::test]
async fn fed_094_questions_are_answered_about_what_the_asking_actor_did() {
    let mut world = World::start().await;
    let mallory = world.third.actor("mallory");
    for (reply, answer) in [(Who::Followers, "Accept"), (Who::Mentioned, "Reject")] {
        let choice = Choice {
            reply,
            ..Choice::default()
        };
        let (_, uri) = world.post(choice).await;
        let (_, other) = world.post(choice).await;
        let by_mallory = World::reply(&world.third, &mallory, &format!("m-{answer}"), &uri);
        let elsewhere = World::reply(&world.third, &world.eve, &format!("e-{answer}"), &other);
        let own = World::reply(&world.third, &world.eve, &format!("o-{answer}"), &uri);
        let like = world.eve.activity("Like", "like", &json!(uri));
        let missing = json!(format!("{}/notes/missing", world.third.url));
        for (n, instrument) in [&by_mallory["id"], &elsewhere["id"], &elsewhere, &missing, &like]
            .into_iter()
            .enumerate()
        {
            let name = format!("{answer}-{n}");
            let told = world.eve_asks("ReplyRequest", &name, &uri, instrument).await;
            assert_eq!(told, Vec::<Value>::new(), "{instrument}");
        }
        let told = world.eve_asks("ReplyRequest", answer, &uri, &own["id"]).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["type"], answer);
        assert_eq!(told[0]["object"]["instrument"], own["id"]);
    }
}

#[actix_web::test]
async fn sec_R040_approvals_about_private_statuses_are_for_those_who_see_them() {
    let mut world = World::start().await;
    let new = NewStatus {
        text: "for followers".to_owned(),
        visibility: Some(Visibility::Private),
        ..NewStatus::default()
    };
    let id = world.site.post(&world.ben.0, new).await;
    world.site.settle().await;
    world.received();
    let uri = world.site.status_uri(id).await;
    let reply = World::reply(&world.third, &world.eve, "1", &uri);
    let told = world.eve_asks("ReplyRequest", "question", &uri, &reply).await;
    let approval = told[0]["result"].as_str().expect("it is allowed").to_owned();
    let path = approval.strip_prefix(&world.site.url).unwrap();
    let (hidden, absent) = (
        world.site.get(path).await,
        world.site.get(&format!("{path}1")).await,
    );
    assert_eq!((hidden.status.as_u16(), absent.status.as_u16()), (404, 404));
    assert_eq!(hidden.body, absent.body);
    assert_eq!(world.remote.get(&world.ada, &approval).await.status, 404);
    let served = world.third.get(&world.eve, &approval).await;
    assert_eq!(served.status, 200);
    assert_eq!(json_of(&served)["interactionTarget"], uri);
    assert_eq!(served.headers["cache-control"], "private, no-store");
}

#[actix_web::test]
async fn fed_094_a_letter_that_waited_is_a_conversation_then() {
    let mut world = World::start().await;
    let (_, other) = world.site.user("other").await;
    world.site.lets_anyone_write_to(&other).await;
    let policy = manual("canReply", &world.ada);
    let (_, status) = world.note("1", &policy).await;
    let id = world
        .answer_with("@other look", status.id, Visibility::Direct)
        .await;
    for account in [&world.ben.1, &other] {
        assert_eq!(world.letters(account).await, 0);
    }
    world.approve(id).await;
    for account in [&world.ben.1, &other] {
        assert_eq!(world.letters(account).await, 1);
    }
    assert_eq!(world.notifications(&other).await, 1);
}

#[actix_web::test]
async fn fed_094_what_waits_is_edited_as_what_it_will_be() {
    let mut world = World::start().await;
    let (_, other) = world.site.user("other").await;
    let policy = manual("canReply", &world.ada);
    let (_, status) = world.note("1", &policy).await;
    let id = world.answer(status.id, Visibility::Public).await;
    let change = StatusChange {
        text: "may I, @other?".to_owned(),
        quote_policy: Some(QuoteChoice::Public),
        ..StatusChange::default()
    };
    let instance = world.site.instance.clone();
    statuses::edit(&instance, world.ben.1.id, id, change)
        .await
        .unwrap();
    world.site.settle().await;
    assert_eq!(world.notifications(&other).await, 0, "it is not out yet");
    world.approve(id).await;
    assert_eq!(world.notifications(&other).await, 1);
    let view = statuses::find(&instance, None, id).await.unwrap();
    assert!(view.quote_approval.policy.is_public());
}

#[actix_web::test]
async fn fed_094_the_end_of_what_waited_is_told_to_who_was_asked() {
    let mut world = World::start().await;
    let policy = manual("canReply", &world.ada);
    let (_, status) = world.note("1", &policy).await;
    world.site.resolve("eve", &world.third.domain).await.unwrap();
    let text = format!("what do you say, @eve@{}?", world.third.domain);
    let id = world.answer_with(&text, status.id, Visibility::Public).await;
    world.received();
    statuses::delete(&world.site.instance, world.ben.1.id, id, true)
        .await
        .unwrap();
    world.site.settle().await;
    let (asked, told) = world.received();
    assert_eq!(told, Vec::<Value>::new());
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0]["type"], "Delete");
}
