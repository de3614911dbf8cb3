//! Golden documents: field by field what other servers get.

use std::sync::Arc;

use pouet_model::{
    account::RemoteActor,
    audience::PUBLIC,
    ids::{AccountId, ConversationId, MediaId, PollId, RelationId, StatusId},
    status::{MediaType, PollOption, Size, Status, Timing},
};
use pouet_service::{
    interactions::InteractionsView,
    quotes::{QuoteApprovalView, QuoteView, QuoteViewState},
    view::{PollView, TagView},
};
use serde_json::json;

use super::*;
use crate::test_people::{alice, bob};

pub(crate) fn urls() -> Urls {
    Urls::new(&"https://s.pouet.example".parse().unwrap(), Some("pouet.example"))
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    time("2026-11-23T12:00:00Z")
}

/// A status of alice, public, with nothing special.
pub(crate) fn plain() -> StatusView {
    StatusView {
        status: Status {
            id: StatusId(77),
            account_id: AccountId(1001),
            uri: None,
            url: None,
            in_reply_to_id: None,
            in_reply_to_account_id: None,
            in_reply_to_uri: None,
            reblog_of_id: None,
            conversation_id: ConversationId(5),
            text: "hello".to_owned(),
            content: "<p>hello</p>".to_owned(),
            spoiler_text: String::new(),
            sensitive: false,
            visibility: Visibility::Public,
            language: None,
            poll_id: None,
            application_id: None,
            emojis: Vec::new(),
            replies_count: 0,
            reblogs_count: 0,
            favourites_count: 0,
            created_at: time("2026-11-23T10:00:00Z"),
            edited_at: None,
            local_only: false,
            expires_at: None,
        },
        author: Arc::new(alice()),
        mentions: Vec::new(),
        tags: Vec::new(),
        media: Vec::new(),
        poll: None,
        card: None,
        collections: Vec::new(),
        reblog: None,
        application: None,
        viewer: None,
        reactions: Vec::new(),
        filtered: Vec::new(),
        reply_author: None,
        quote: None,
        quote_approval: QuoteApprovalView::default(),
        interactions: InteractionsView::default(),
    }
}

fn thread() -> ThreadUris {
    ThreadUris {
        in_reply_to: None,
        conversation: "https://s.pouet.example/ap/contexts/5".to_owned(),
        own_replies: Vec::new(),
    }
}

fn note(view: &StatusView) -> Value {
    serde_json::to_value(build(&urls(), view, thread(), now())).unwrap()
}

#[test]
fn a_plain_status_has_these_members_and_no_others() {
    assert_eq!(
        note(&plain()),
        json!({
            "id": "https://s.pouet.example/ap/users/1001/posts/77",
            "type": "Note",
            "attributedTo": "https://s.pouet.example/ap/users/1001",
            "url": "https://s.pouet.example/@alice/77",
            "published": "2026-11-23T10:00:00.000Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": ["https://s.pouet.example/ap/users/1001/followers"],
            "context": "https://s.pouet.example/ap/contexts/5",
            "conversation": "https://s.pouet.example/ap/contexts/5",
            "sensitive": false,
            "content": "<p>hello</p>",
            "tag": [],
            "attachment": [],
            "replies": {
                "id": "https://s.pouet.example/ap/users/1001/posts/77/replies",
                "type": "Collection",
                "totalItems": 0,
                "first": {
                    "id": "https://s.pouet.example/ap/users/1001/posts/77/replies?page=true",
                    "type": "CollectionPage",
                    "partOf": "https://s.pouet.example/ap/users/1001/posts/77/replies",
                    "next": "https://s.pouet.example/ap/users/1001/posts/77/replies?only_other_accounts=true&page=true",
                    "items": []
                }
            },
            "likes": {
                "id": "https://s.pouet.example/ap/users/1001/posts/77/likes",
                "type": "Collection",
                "totalItems": 0
            },
            "shares": {
                "id": "https://s.pouet.example/ap/users/1001/posts/77/shares",
                "type": "Collection",
                "totalItems": 0
            },
            "interactionPolicy": {
                "canQuote": { "automaticApproval": ["https://s.pouet.example/ap/users/1001"] }
            }
        })
    );
}

#[test]
fn a_status_with_everything_keeps_all_of_it() {
    let mut view = plain();
    view.status.spoiler_text = "cats".to_owned();
    view.status.sensitive = true;
    view.status.language = Some("fr".to_owned());
    view.status.edited_at = Some(time("2026-11-23T11:00:00.250Z"));
    (
        view.status.replies_count,
        view.status.favourites_count,
        view.status.reblogs_count,
    ) = (3, 2, 1);
    view.status.emojis = vec![CustomEmoji {
        shortcode: "kappa".to_owned(),
        domain: None,
        image: "emojis/k.png".to_owned(),
        uri: Some("https://s.pouet.example/emoji/3".to_owned()),
        updated_at: None,
    }];
    view.mentions = vec![Arc::new(bob())];
    view.tags = vec![TagView {
        name: "cafe".to_owned(),
        display_name: "Café".to_owned(),
    }];
    view.media = vec![MediaAttachment {
        id: MediaId(1),
        account_id: AccountId(1001),
        status_id: Some(StatusId(77)),
        media_type: MediaType::Image,
        content_type: "image/jpeg".to_owned(),
        file: Some("1/original.jpg".to_owned()),
        thumbnail: None,
        remote_url: None,
        description: Some("a cat".to_owned()),
        blurhash: Some("LEHV6nWB2yk8".to_owned()),
        focus: Some((0.1, -0.2)),
        size: Some(Size {
            width: 1200,
            height: 800,
        }),
        small_size: None,
        preview_remote_url: None,
        timing: Timing::default(),
        created_at: now(),
    }];
    let thread = ThreadUris {
        in_reply_to: Some("https://far.example/users/bob/statuses/9".to_owned()),
        conversation: "tag:far.example,2026:c=1".to_owned(),
        own_replies: vec!["https://s.pouet.example/ap/users/1001/posts/78".to_owned()],
    };
    let note = serde_json::to_value(build(&urls(), &view, thread, now())).unwrap();
    let expected = json!({
        "updated": "2026-11-23T11:00:00.250Z",
        "cc": ["https://s.pouet.example/ap/users/1001/followers", "https://far.example/users/bob"],
        "inReplyTo": "https://far.example/users/bob/statuses/9",
        "context": "tag:far.example,2026:c=1",
        "conversation": "tag:far.example,2026:c=1",
        "summary": "cats",
        "sensitive": true,
        "contentMap": { "fr": "<p>hello</p>" },
        "tag": [
            { "type": "Mention", "href": "https://far.example/users/bob", "name": "@bob@far.example" },
            { "type": "Hashtag", "href": "https://s.pouet.example/tags/cafe", "name": "#Café" },
            {
                "type": "Emoji",
                "id": "https://s.pouet.example/emoji/3",
                "name": ":kappa:",
                "icon": { "type": "Image", "url": "https://s.pouet.example/media/emojis/k.png" }
            }
        ],
        "attachment": [{
            "type": "Document",
            "mediaType": "image/jpeg",
            "url": "https://s.pouet.example/media/1/original.jpg",
            "name": "a cat",
            "summary": "a cat",
            "blurhash": "LEHV6nWB2yk8",
            "width": 1200,
            "height": 800,
            "focalPoint": [0.1, -0.2]
        }],
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&note[member], value, "{member}");
    }
    assert_eq!(note["replies"]["totalItems"], 3);
    assert_eq!(note["likes"]["totalItems"], 2);
    assert_eq!(note["shares"]["totalItems"], 1);
}

#[test]
fn fed_047_each_visibility_is_addressed_as_it_should_be() {
    let followers = "https://s.pouet.example/ap/users/1001/followers";
    let bob_uri = "https://far.example/users/bob";
    let table = [
        (
            Visibility::Public,
            json!([PUBLIC]),
            json!([followers, bob_uri]),
            Value::Null,
        ),
        (
            Visibility::Unlisted,
            json!([followers]),
            json!([PUBLIC, bob_uri]),
            Value::Null,
        ),
        (
            Visibility::Private,
            json!([followers]),
            json!([bob_uri]),
            json!(false),
        ),
        (Visibility::Direct, json!([bob_uri]), json!([]), json!(true)),
    ];
    for (visibility, to, cc, direct) in table {
        let mut view = plain();
        view.status.visibility = visibility;
        view.mentions = vec![Arc::new(bob())];
        let note = note(&view);
        assert_eq!(note["to"], to, "{visibility:?}");
        assert_eq!(note["cc"], cc, "{visibility:?}");
        assert_eq!(note["directMessage"], direct, "{visibility:?}");
        for never in ["bto", "bcc"] {
            assert_eq!(note.get(never), None, "{visibility:?}");
        }
    }
}

#[test]
fn followers_of_a_mentioned_group_are_addressed_unless_it_is_direct() {
    let mut group = bob();
    group.actor_type = ActorType::Group;
    group.remote = Some(RemoteActor {
        followers: Some("https://far.example/users/bob/followers".to_owned()),
        ..RemoteActor::default()
    });
    let mut view = plain();
    view.mentions = vec![Arc::new(group)];
    assert_eq!(note(&view)["cc"][2], "https://far.example/users/bob/followers");
    view.status.visibility = Visibility::Direct;
    assert_eq!(note(&view)["to"], json!(["https://far.example/users/bob"]));
}

#[test]
fn a_mentioned_neighbour_is_named_with_our_domain() {
    let mut view = plain();
    view.mentions = vec![Arc::new(alice())];
    assert_eq!(
        note(&view)["tag"][0],
        json!({
            "type": "Mention",
            "href": "https://s.pouet.example/ap/users/1001",
            "name": "@alice@pouet.example"
        })
    );
}

fn poll(multiple: bool, hide_totals: bool) -> PollView {
    let option = |title: &str, votes_count| PollOption {
        title: title.to_owned(),
        votes_count,
    };
    PollView {
        poll: Poll {
            id: PollId(9),
            status_id: StatusId(77),
            account_id: AccountId(1001),
            options: vec![option("apple", 2), option("orange", 1)],
            multiple,
            hide_totals,
            expires_at: Some(time("2026-11-24T10:00:00Z")),
            voters_count: Some(3),
        },
        expired: false,
        voted: None,
        own_votes: None,
    }
}

fn answers(apples: i64, oranges: i64) -> Value {
    json!([
        { "type": "Note", "name": "apple", "replies": { "type": "Collection", "totalItems": apples } },
        { "type": "Note", "name": "orange", "replies": { "type": "Collection", "totalItems": oranges } }
    ])
}

#[test]
fn a_poll_is_a_question() {
    let mut view = plain();
    view.poll = Some(poll(false, false));
    let note = note(&view);
    assert_eq!(note["type"], "Question");
    assert_eq!(note["oneOf"], answers(2, 1));
    assert_eq!(note.get("anyOf"), None);
    assert_eq!(note["endTime"], "2026-11-24T10:00:00.000Z");
    assert_eq!(note.get("closed"), None);
    assert_eq!(note["votersCount"], 3);

    view.poll = Some(poll(true, false));
    let note = self::note(&view);
    assert_eq!(note["anyOf"], answers(2, 1));
    assert_eq!(note.get("oneOf"), None);
}

#[test]
fn hidden_totals_are_told_at_the_end() {
    let mut view = plain();
    view.poll = Some(poll(false, true));
    assert_eq!(note(&view)["oneOf"], answers(0, 0));
    let end = time("2026-11-24T10:00:00Z");
    let ended = serde_json::to_value(build(&urls(), &view, thread(), end)).unwrap();
    assert_eq!(ended["oneOf"], answers(2, 1));
    assert_eq!(ended["closed"], "2026-11-24T10:00:00.000Z");
}

#[test]
fn every_term_that_is_used_is_in_the_context() {
    let mut view = plain();
    view.status.visibility = Visibility::Direct;
    view.poll = Some(poll(false, false));
    let document = serde_json::to_value(build(&urls(), &view, thread(), now()).document()).unwrap();
    let terms = &document["@context"][1];
    for term in [
        "sensitive",
        "conversation",
        "directMessage",
        "votersCount",
        "interactionPolicy",
    ] {
        assert!(document.get(term).is_some(), "{term} is used");
        assert!(terms.get(term).is_some(), "{term} is explained");
    }
    for term in [
        "Hashtag",
        "Emoji",
        "blurhash",
        "focalPoint",
        "canQuote",
        "automaticApproval",
    ] {
        assert!(terms.get(term).is_some(), "{term} is explained");
    }
}

/// alice quotes bob, who was asked.
fn quoting(state: QuoteState) -> StatusView {
    let mut view = plain();
    view.quote = Some(QuoteView {
        quote: QuoteRow {
            status_id: StatusId(77),
            account_id: AccountId(1001),
            quoted_id: Some(StatusId(9)),
            quoted_account_id: Some(bob().id),
            quoted_uri: Some("https://far.example/users/bob/statuses/9".to_owned()),
            state,
            legacy: false,
            request_id: Some(RelationId(8)),
            stamp_uri: Some("https://far.example/stamps/1".to_owned()),
            stamp_id: None,
            created_at: now(),
            checked_at: now(),
        },
        state: QuoteViewState::Pending,
        quoted_id: None,
        quoted: None,
    });
    view
}

#[test]
fn fed_086_consent_is_shown_once_there_is_one_and_nothing_once_it_is_refused() {
    let names = ["quote", "quoteUri", "_misskey_quote"];
    for (state, told, proved) in [
        (QuoteState::Pending, true, false),
        (QuoteState::Accepted, true, true),
        (QuoteState::Rejected, false, false),
        (QuoteState::Revoked, false, false),
        (QuoteState::Deleted, false, false),
    ] {
        let document = note(&quoting(state));
        for name in names {
            let id = document.get(name).and_then(Value::as_str);
            assert_eq!(
                id,
                told.then_some("https://far.example/users/bob/statuses/9"),
                "{state:?} {name}"
            );
        }
        let proof = document.get("quoteAuthorization").and_then(Value::as_str);
        assert_eq!(
            proof,
            proved.then_some("https://far.example/stamps/1"),
            "{state:?}"
        );
    }
    let terms = serde_json::to_value(build(&urls(), &plain(), thread(), now()).document()).unwrap();
    for term in names
        .iter()
        .chain(&["quoteAuthorization", "QuoteRequest", "interactionTarget"])
    {
        assert!(terms["@context"][1].get(term).is_some(), "{term} is explained");
    }
}

#[test]
fn fed_088_the_policy_is_told_by_what_it_covers() {
    let alice = "https://s.pouet.example/ap/users/1001";
    for (grants, expected) in [
        (vec![], alice.to_owned()),
        (vec![Grant::Public], PUBLIC.to_owned()),
        (vec![Grant::Followers], format!("{alice}/followers")),
        (vec![Grant::Following], format!("{alice}/following")),
    ] {
        let mut view = plain();
        view.quote_approval.policy.automatic = grants;
        let policy = &note(&view)["interactionPolicy"]["canQuote"];
        assert_eq!(policy["automaticApproval"], json!([expected]));
    }
}
