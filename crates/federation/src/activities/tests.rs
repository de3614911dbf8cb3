//! Golden activities: to the letter what other servers get.

use pouet_model::{audience::Audience, status::Visibility};
use pouet_service::delivery::ThreadUris;

use super::*;
use crate::objects::note::{
    build,
    tests::{plain, urls},
};

const ALICE: AccountId = AccountId(1001);
const BOB: &str = "https://far.example/users/bob";
const QUESTION: &str = "https://far.example/users/bob/statuses/9";

fn note() -> Note {
    let thread = ThreadUris {
        in_reply_to: None,
        conversation: "https://s.pouet.example/ap/contexts/5".to_owned(),
        own_replies: Vec::new(),
    };
    build(&urls(), &plain(), thread, "2026-11-23T12:00:00Z".parse().unwrap())
}

fn value(activity: impl Serialize) -> Value {
    serde_json::to_value(activity).unwrap()
}

#[test]
fn fed_047_create_has_the_audience_of_its_object() {
    let create = value(create(note()));
    assert_eq!(
        create["id"],
        "https://s.pouet.example/ap/users/1001/posts/77/activity"
    );
    assert_eq!(create["type"], "Create");
    assert_eq!(create["actor"], "https://s.pouet.example/ap/users/1001");
    assert_eq!(create["published"], "2026-11-23T10:00:00.000Z");
    assert_eq!(create["object"], value(note()));
    for member in ["to", "cc"] {
        assert_eq!(create[member], create["object"][member]);
    }
}

#[test]
fn updates_of_edits_and_of_tallies_have_ids_of_their_own() {
    let edited = value(update(note(), "2026-11-23T11:00:00.250Z".parse().unwrap()));
    assert_eq!(
        edited["id"],
        "https://s.pouet.example/ap/users/1001/posts/77#updates/1795431600250"
    );
    assert_eq!(edited["type"], "Update");
    assert_eq!(edited["published"], "2026-11-23T11:00:00.250Z");
    assert_eq!(edited["to"], edited["object"]["to"]);
    assert_eq!(edited["cc"], edited["object"]["cc"]);

    let tally = value(update_tally(note(), 4));
    assert_eq!(
        tally["id"],
        "https://s.pouet.example/ap/users/1001/posts/77#updates/tally-4"
    );
    assert_eq!(tally["object"].get("updated"), None, "a tally is no edit");
}

#[test]
fn delete_leaves_a_tombstone() {
    assert_eq!(
        value(delete(&urls(), ALICE, StatusId(77))),
        json!({
            "id": "https://s.pouet.example/ap/users/1001/posts/77#delete",
            "type": "Delete",
            "actor": "https://s.pouet.example/ap/users/1001",
            "to": [PUBLIC],
            "object": { "id": "https://s.pouet.example/ap/users/1001/posts/77", "type": "Tombstone" }
        })
    );
}

#[test]
fn a_boost_and_its_undo() {
    let urls = urls();
    let boost = || Boost {
        account_id: ALICE,
        status_id: StatusId(80),
        object: QUESTION.to_owned(),
        audience: Audience::of(Visibility::Public, &urls.followers(ALICE), &[BOB.to_owned()]),
    };
    let mut announce = json!({
        "id": "https://s.pouet.example/ap/users/1001/posts/80/activity",
        "type": "Announce",
        "actor": "https://s.pouet.example/ap/users/1001",
        "published": "2026-11-23T10:00:00.000Z",
        "to": [PUBLIC],
        "cc": ["https://s.pouet.example/ap/users/1001/followers", BOB],
        "object": QUESTION
    });
    let published = "2026-11-23T10:00:00Z".parse().unwrap();
    assert_eq!(value(super::announce(&urls, boost(), published)), announce);
    announce.as_object_mut().unwrap().remove("published");
    assert_eq!(
        value(undo_announce(&urls, boost())),
        json!({
            "id": "https://s.pouet.example/ap/users/1001/posts/80/activity#undo",
            "type": "Undo",
            "actor": "https://s.pouet.example/ap/users/1001",
            "to": [PUBLIC],
            "cc": ["https://s.pouet.example/ap/users/1001/followers", BOB],
            "object": announce
        })
    );
}

#[test]
fn a_follow_and_its_undo() {
    let follow = json!({
        "id": "https://s.pouet.example/ap/users/1001#follows/3",
        "type": "Follow",
        "actor": "https://s.pouet.example/ap/users/1001",
        "object": BOB
    });
    assert_eq!(value(super::follow(&urls(), RelationId(3), ALICE, BOB)), follow);
    assert_eq!(
        value(undo_follow(&urls(), RelationId(3), ALICE, BOB)),
        json!({
            "id": "https://s.pouet.example/ap/users/1001#follows/3/undo",
            "type": "Undo",
            "actor": "https://s.pouet.example/ap/users/1001",
            "object": follow
        })
    );
}

#[test]
fn fed_055_answers_embed_the_follow_with_its_own_id() {
    for (answer, kind, path) in [
        (Answer::Accept, "Accept", "accepts"),
        (Answer::Reject, "Reject", "rejects"),
    ] {
        let id = "https://far.example/follows/12";
        assert_eq!(
            value(answer_follow(&urls(), answer, ALICE, BOB, id, 7)),
            json!({
                "id": format!("https://s.pouet.example/ap/users/1001#{path}/follows/7"),
                "type": kind,
                "actor": "https://s.pouet.example/ap/users/1001",
                "object": {
                    "id": id,
                    "type": "Follow",
                    "actor": BOB,
                    "object": "https://s.pouet.example/ap/users/1001"
                }
            })
        );
    }
}

#[test]
fn a_like_and_its_undo() {
    let like = json!({
        "id": "https://s.pouet.example/ap/users/1001#likes/6",
        "type": "Like",
        "actor": "https://s.pouet.example/ap/users/1001",
        "object": QUESTION
    });
    assert_eq!(value(super::like(&urls(), RelationId(6), ALICE, QUESTION)), like);
    assert_eq!(
        value(undo_like(&urls(), RelationId(6), ALICE, QUESTION)),
        json!({
            "id": "https://s.pouet.example/ap/users/1001#likes/6/undo",
            "type": "Undo",
            "actor": "https://s.pouet.example/ap/users/1001",
            "object": like
        })
    );
}

#[test]
fn a_vote_is_a_note_with_a_name_for_the_author_alone() {
    let choice = Choice {
        poll_id: PollId(9),
        position: 1,
        title: "orange",
        question: QUESTION,
        author: BOB,
    };
    assert_eq!(
        value(vote(&urls(), ALICE, choice)),
        json!({
            "id": "https://s.pouet.example/ap/users/1001#votes/9/1/activity",
            "type": "Create",
            "actor": "https://s.pouet.example/ap/users/1001",
            "to": [BOB],
            "object": {
                "id": "https://s.pouet.example/ap/users/1001#votes/9/1",
                "type": "Note",
                "name": "orange",
                "attributedTo": "https://s.pouet.example/ap/users/1001",
                "inReplyTo": QUESTION,
                "to": BOB
            }
        })
    );
}

#[test]
fn updates_of_actors_carry_the_context_of_the_actor() {
    let document =
        json!({ "@context": ["x"], "id": "https://s.pouet.example/ap/users/1001", "type": "Person" });
    let text = update_actor(&urls(), ALICE, document, 8).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({
            "@context": ["x"],
            "id": "https://s.pouet.example/ap/users/1001#updates/8",
            "type": "Update",
            "actor": "https://s.pouet.example/ap/users/1001",
            "to": [PUBLIC],
            "object": { "id": "https://s.pouet.example/ap/users/1001", "type": "Person" }
        })
    );
}

#[test]
fn an_actor_deletes_itself() {
    let text = delete_actor(&urls(), ALICE).into_plain_text().unwrap();
    assert_eq!(
        text,
        r#"{"@context":"https://www.w3.org/ns/activitystreams","id":"https://s.pouet.example/ap/users/1001#delete","type":"Delete","actor":"https://s.pouet.example/ap/users/1001","to":["https://www.w3.org/ns/activitystreams#Public"],"object":"https://s.pouet.example/ap/users/1001"}"#
    );
}
