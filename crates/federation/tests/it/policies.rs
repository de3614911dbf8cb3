//! Who may answer, favourite and boost: what others ask of us, and what we ask of them.

use std::sync::Arc;

use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    interaction::{Choice, Who},
    page::Page,
    status::{Status, Visibility},
    time::ManualClock,
};
use pouet_service::{
    notifications::{self, NotificationQuery},
    statuses::{self, NewStatus},
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
        let new = NewStatus {
            text: "may I?".to_owned(),
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
            interactions: choice,
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
        let query = NotificationQuery::default();
        let found = notifications::list(&self.site.instance, self.ben.1.id, query, Page::first(40)).await;
        // Eve's follow is one.
        found.unwrap().len() - 1
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
