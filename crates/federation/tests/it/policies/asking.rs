//! What members decide about one by one: it waits, and its server is answered when they have.

use pouet_model::{
    interaction::{Asking, Choice, Interaction, Who},
    page::Page,
};
use pouet_service::{
    interactions::{self, RequestQuery, RequestView},
    statuses,
};
use serde_json::{Value, json};

use super::{PUBLIC, World};
use crate::common::json_of;

/// Everybody may ask for everything, and nobody else may do anything.
fn on_request() -> Choice {
    let everybody = Some(Who::Public);
    Choice {
        reply: Who::Mentioned,
        like: Who::Mentioned,
        announce: Who::Mentioned,
        asking: Asking {
            reply: everybody,
            like: everybody,
            announce: everybody,
        },
    }
}

async fn pending(world: &World) -> Vec<RequestView> {
    let query = RequestQuery {
        target: None,
        kinds: Interaction::ALL.to_vec(),
    };
    let member = world.ben.1.id;
    interactions::requests(&world.site.instance, member, query, Page::first(40))
        .await
        .unwrap()
}

async fn decide(world: &mut World, view: &RequestView, allow: bool) {
    let (instance, member) = (world.site.instance.clone(), world.ben.1.id);
    if allow {
        interactions::authorize(&instance, member, view.request.id)
            .await
            .unwrap();
    } else {
        interactions::reject(&instance, member, view.request.id)
            .await
            .unwrap();
    }
    world.site.settle().await;
}

#[actix_web::test]
async fn fed_094_an_answer_from_elsewhere_waits_for_the_author() {
    let mut world = World::start().await;
    let (id, uri) = world.post(on_request()).await;
    let served = json_of(&world.site.get(uri.strip_prefix(&world.site.url).unwrap()).await);
    let ben = world.site.uri(&world.ben.1);
    for rule in ["canReply", "canLike", "canAnnounce"] {
        assert_eq!(
            served["interactionPolicy"][rule],
            json!({"automaticApproval": [ben], "manualApproval": [PUBLIC]})
        );
    }
    let reply = World::reply(&world.third, &world.eve, "1", &uri);
    let create = World::create(&world.eve, &reply);
    world.send_by_eve(&create).await;
    let found = pending(&world).await;
    assert_eq!(found.len(), 1);
    let answer = found[0]
        .reply
        .clone()
        .expect("Ben sees what he decides about")
        .status;
    assert_eq!(answer.in_reply_to_id, Some(id));
    assert!(!world.shown_to_all(answer.id).await);
    assert_eq!(world.raw(id).await.unwrap().replies_count, 0);
    assert_eq!(world.notified().await, 0);
    assert_eq!(world.received(), (Vec::new(), Vec::new()));
    // What answers it is not taken in before it is decided about.
    let mut child = World::reply(&world.remote, &world.ada, "child", reply["id"].as_str().unwrap());
    child["cc"] = json!([ben]);
    child["tag"] = json!([{"type": "Mention", "href": ben, "name": "@ben"}]);
    let create_child = World::create(&world.ada, &child);
    world.send(&create_child).await;
    assert!(!world.site.knows(child["id"].as_str().unwrap()).await);

    decide(&mut world, &found[0], true).await;
    let (_, told) = world.received();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["type"], &told[0]["object"]),
        (&json!("Accept"), &reply["id"])
    );
    let approval = told[0]["result"].as_str().unwrap();
    let document = json_of(
        &world
            .site
            .get(approval.strip_prefix(&world.site.url).unwrap())
            .await,
    );
    assert_eq!(document["interactingObject"], reply["id"]);
    assert_eq!(document["interactionTarget"], uri);
    assert!(world.shown_to_all(answer.id).await);
    assert_eq!(world.raw(id).await.unwrap().replies_count, 1);
    assert_eq!(pending(&world).await.len(), 0);
    let mut again = reply.clone();
    again["replyAuthorization"] = json!(approval);
    let mut create = World::create(&world.eve, &again);
    create["id"] = json!(format!("{}#again", create["id"].as_str().unwrap()));
    world.send_by_eve(&create).await;
    assert_eq!(world.raw(id).await.unwrap().replies_count, 1, "it is the same");
    assert_eq!(pending(&world).await.len(), 0);
}

#[actix_web::test]
async fn fed_094_a_question_is_answered_when_the_author_has_decided() {
    let mut world = World::start().await;
    for (round, allow) in [(1, true), (2, false)] {
        let (id, uri) = world.post(on_request()).await;
        let reply = World::reply(&world.third, &world.eve, &round.to_string(), &uri);
        let name = format!("question-{round}");
        let told = world.eve_asks("ReplyRequest", &name, &uri, &reply).await;
        assert_eq!(told, Vec::<Value>::new(), "Ben has not said anything");
        let found = pending(&world).await;
        assert_eq!(found.len(), 1);
        decide(&mut world, &found[0], allow).await;
        let (_, told) = world.received();
        assert_eq!(told.len(), 1, "{told:?}");
        let kind = if allow { "Accept" } else { "Reject" };
        assert_eq!(told[0]["type"], kind);
        assert_eq!(told[0]["object"]["type"], "ReplyRequest");
        assert_eq!(told[0]["object"]["instrument"], reply["id"]);
        assert_eq!(told[0].get("result").is_some(), allow);
        let counted = world.raw(id).await.unwrap().replies_count;
        assert_eq!(counted, i64::from(allow));
        assert_eq!(world.site.knows(reply["id"].as_str().unwrap()).await, allow);

        // Asked again, the same is said at once; sent again, it changes nothing.
        let told = world
            .eve_asks("ReplyRequest", &format!("{name}-again"), &uri, &reply)
            .await;
        assert_eq!(told[0]["type"], kind);
        let mut create = World::create(&world.eve, &reply);
        create["id"] = json!(format!("{}#{round}", create["id"].as_str().unwrap()));
        world.send_by_eve(&create).await;
        assert_eq!(world.site.knows(reply["id"].as_str().unwrap()).await, allow);
        assert_eq!(pending(&world).await.len(), 0);
    }
}

#[actix_web::test]
async fn fed_094_favourites_emoji_and_boosts_from_elsewhere_wait_as_well() {
    let mut world = World::start().await;
    let (id, uri) = world.post(on_request()).await;
    let like = world.ada.activity("Like", "like", &json!(uri));
    let mut emoji = world.ada.activity("EmojiReact", "emoji", &json!(uri));
    emoji["content"] = json!("🎉");
    let mut boost = world.ada.activity("Announce", "boost", &json!(uri));
    boost["to"] = json!([PUBLIC]);
    for activity in [&like, &emoji, &boost] {
        world.send(activity).await;
    }
    let mut twice = like.clone();
    twice["id"] = json!(format!("{}-again", like["id"].as_str().unwrap()));
    world.send(&twice).await;
    let counts = async |world: &World| {
        let view = statuses::find(&world.site.instance, None, id).await.unwrap();
        let reactions = view.reactions.len();
        (view.status.favourites_count, reactions, view.status.reblogs_count)
    };
    assert_eq!(pending(&world).await.len(), 3);
    assert_eq!(counts(&world).await, (0, 0, 0));
    assert_eq!(world.notified().await, 0);

    let undo = world.ada.activity("Undo", "undo", &like);
    world.send(&undo).await;
    let found = pending(&world).await;
    assert_eq!(found.len(), 2, "what is taken back is not to be decided about");
    for view in &found {
        decide(&mut world, view, true).await;
    }
    assert_eq!(counts(&world).await, (0, 1, 1));
    let (told, _) = world.received();
    let accepted: Vec<&Value> = told.iter().map(|accept| &accept["object"]).collect();
    assert_eq!(accepted, [&boost["id"], &emoji["id"]], "{told:?}");
    assert!(
        told.iter()
            .all(|accept| accept["type"] == "Accept" && accept["result"].is_string())
    );

    let refused = world.ada.activity("Like", "like-2", &json!(uri));
    world.send(&refused).await;
    let found = pending(&world).await;
    decide(&mut world, &found[0], false).await;
    let (told, _) = world.received();
    assert_eq!(
        (&told[0]["type"], &told[0]["object"]),
        (&json!("Reject"), &refused["id"])
    );
    let again = world.ada.activity("Like", "like-3", &json!(uri));
    world.send(&again).await;
    assert_eq!(pending(&world).await.len(), 0, "no is no");
    assert_eq!(counts(&world).await, (0, 1, 1));
}

#[actix_web::test]
async fn fed_094_what_waits_goes_when_its_server_deletes_it() {
    let mut world = World::start().await;
    let (id, uri) = world.post(on_request()).await;
    let reply = World::reply(&world.third, &world.eve, "1", &uri);
    let create = World::create(&world.eve, &reply);
    world.send_by_eve(&create).await;
    let boost = world.eve.activity("Announce", "boost", &json!(uri));
    world.send_by_eve(&boost).await;
    assert_eq!(pending(&world).await.len(), 2);
    let tombstone = json!({"id": reply["id"], "type": "Tombstone"});
    let delete = world.eve.activity("Delete", "delete", &tombstone);
    world.send_by_eve(&delete).await;
    let undo = world.eve.activity("Undo", "undo", &boost);
    world.send_by_eve(&undo).await;
    assert_eq!(pending(&world).await.len(), 0);
    let status = world.raw(id).await.unwrap();
    assert_eq!((status.replies_count, status.reblogs_count), (0, 0));
}
