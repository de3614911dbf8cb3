//! Documents as other programs publish them.

use chrono::{DateTime, Utc};
use pouet_federation::{
    documents::{ActorDocument, KeyRef, MentionTag, NoteDocument, NoteKind, activity_audience},
    json::{self, Object},
};
use pouet_model::{
    account::ActorType,
    status::{MediaType, Size, Visibility},
};
use pouet_service::accounts::ActorData;
use serde_json::{Value, json};

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

macro_rules! fixture {
    ($name:literal) => {
        json::parse(include_bytes!(concat!("../fixtures/", $name))).unwrap()
    };
}

fn note(document: &Value) -> NoteDocument {
    NoteDocument::read(document, None, now()).unwrap()
}

fn data(document: &Value) -> ActorData {
    let actor = ActorDocument::read(document).unwrap();
    actor.into_data("name".into(), "domain.example".into(), Vec::new(), now())
}

fn visibility(note: &NoteDocument) -> Visibility {
    note.audience
        .visibility(Some(&format!("{}/followers", note.author)))
}

#[test]
fn a_mastodon_note_is_read_whole() {
    let create = fixture!("mastodon_create.json");
    let around = Object::of(&create).unwrap();
    let note = NoteDocument::read(around.first("object").unwrap(), Some(around), now()).unwrap();
    assert_eq!(note.id, "https://mastodon.example/users/alba/statuses/1001");
    assert_eq!(note.kind, NoteKind::Note);
    assert_eq!(note.author, "https://mastodon.example/users/alba");
    assert_eq!(note.url.as_deref(), Some("https://mastodon.example/@alba/1001"));
    assert_eq!(note.spoiler_text, "weather & tides");
    assert!(note.sensitive);
    assert_eq!(note.language.as_deref(), Some("en"));
    assert_eq!(
        note.in_reply_to.as_deref(),
        Some("https://pouet.test/ap/users/12/posts/34")
    );
    assert!(
        note.conversation
            .as_deref()
            .unwrap()
            .starts_with("tag:pouet.test")
    );
    assert_eq!(visibility(&note), Visibility::Public);
    assert!(note.audience.contains("https://pouet.test/ap/users/12"));
    assert_eq!(note.published.unwrap().to_rfc3339(), "2026-11-22T09:08:07+00:00");
    assert_eq!(note.updated.unwrap().to_rfc3339(), "2026-11-22T10:00:00+00:00");
    assert!(note.content.contains("calm :wave:"), "{}", note.content);
    assert_eq!(
        note.tags.mentions,
        [MentionTag {
            href: Some("https://pouet.test/ap/users/12".into()),
            name: Some("@ben@pouet.test".into()),
        }]
    );
    assert_eq!(note.tags.hashtags, [("mer".to_owned(), "Mer".to_owned())]);
    assert_eq!(note.tags.emojis[0].shortcode, "wave");
    let [picture] = note.media.as_slice() else {
        panic!("{:?}", note.media)
    };
    assert_eq!(picture.media_type, MediaType::Image);
    assert_eq!(picture.description.as_deref(), Some("a quiet sea"));
    assert_eq!(picture.focus, Some((-0.25, 0.5)));
    assert_eq!(
        picture.size,
        Some(Size {
            width: 1200,
            height: 800
        })
    );
    assert!(picture.blurhash.is_some());
    assert_eq!(note.vote, None);
}

#[test]
fn a_mastodon_person_is_read_whole() {
    let document = fixture!("mastodon_person.json");
    let actor = ActorDocument::read(&document).unwrap();
    let handle = actor.claimed_handle().unwrap();
    assert_eq!(
        (handle.username.as_str(), handle.domain.as_deref()),
        ("alba", Some("mastodon.example"))
    );
    assert_eq!(
        actor.keys,
        [KeyRef::Inline {
            id: "https://mastodon.example/users/alba#main-key".into(),
            text: "-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n".into(),
        }]
    );
    let actor = data(&document);
    assert_eq!(actor.display_name, "Alba :wave: & co");
    assert!(
        actor.note.contains("lighthouse") && !actor.note.contains("script"),
        "{}",
        actor.note
    );
    assert_eq!(actor.url.as_deref(), Some("https://mastodon.example/@alba"));
    assert!(actor.locked && actor.discoverable && !actor.indexable && !actor.suspended);
    assert_eq!(
        actor.remote.shared_inbox.as_deref(),
        Some("https://mastodon.example/inbox")
    );
    assert_eq!(
        actor.remote.followers.as_deref(),
        Some("https://mastodon.example/users/alba/followers")
    );
    assert_eq!(actor.also_known_as, ["https://old.example/users/alba"]);
    assert_eq!(
        actor.avatar_url.as_deref(),
        Some("https://files.mastodon.example/alba.jpg")
    );
    assert_eq!(actor.avatar_description, "a lamp");
    assert_eq!(actor.fields.len(), 2);
    assert_eq!(actor.fields[1].value, "she/her");
    assert_eq!(actor.emojis[0].domain.as_deref(), Some("domain.example"));
}

#[test]
fn fed_019_keys_as_object_array_and_address() {
    let person = fixture!("mastodon_person.json");
    let key = person["publicKey"].clone();
    let id = key["id"].as_str().unwrap().to_owned();
    let keys = |value: Value| {
        let mut person = person.clone();
        person["publicKey"] = value;
        ActorDocument::read(&person).unwrap().keys
    };
    for value in [key.clone(), json!([key])] {
        assert!(matches!(keys(value).as_slice(), [KeyRef::Inline { id: read, .. }] if *read == id));
    }
    assert_eq!(keys(json!(id)), [KeyRef::Elsewhere(id.clone())]);
    let gotosocial = ActorDocument::read(&fixture!("gotosocial_person.json")).unwrap();
    assert!(matches!(gotosocial.keys.as_slice(), [KeyRef::Inline { id, .. }] if id.ends_with("/main-key")));
}

#[test]
fn fed_020_keys_of_somebody_else_are_ignored() {
    let person = fixture!("mastodon_person.json");
    for (member, value) in [
        ("owner", json!("https://mastodon.example/users/other")),
        ("owner", json!(null)),
        ("id", json!("https://evil.example/users/alba#main-key")),
        ("publicKeyPem", json!(7)),
    ] {
        let mut person = person.clone();
        person["publicKey"][member] = value;
        let keys = ActorDocument::read(&person).unwrap().keys;
        assert_eq!(keys, [], "{}", person["publicKey"]);
    }
    // An id that could be another actor's key is looked at in its own place.
    let mut person = person;
    person["publicKey"]["id"] = json!("https://mastodon.example/users/albatross#main-key");
    assert!(matches!(
        ActorDocument::read(&person).unwrap().keys.as_slice(),
        [KeyRef::Elsewhere(_)]
    ));
}

#[test]
fn fed_021_multikeys_need_the_right_controller() {
    let id = "https://mastodon.example/users/alba";
    let method = |controller: &str, text: &str| {
        let mut person = fixture!("mastodon_person.json");
        person["publicKey"] = json!(null);
        person["assertionMethod"] = json!([{
            "id": format!("{id}#ed25519-key"), "type": "Multikey",
            "controller": controller, "publicKeyMultibase": text,
        }]);
        ActorDocument::read(&person).unwrap().keys.len()
    };
    let text = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJPt4swbTQ2";
    assert_eq!(method(id, text), 1);
    assert_eq!(method("https://mastodon.example/users/other", text), 0);
    assert_eq!(method(id, "zQmXunknownkind"), 0);
    // By its id alone it is looked at in its own place.
    let mut person = fixture!("mastodon_person.json");
    person["publicKey"] = json!(null);
    person["assertionMethod"] = json!(["https://mastodon.example/keys/1", "https://other.example/keys/1"]);
    let keys = ActorDocument::read(&person).unwrap().keys;
    assert_eq!(
        keys,
        [KeyRef::Elsewhere("https://mastodon.example/keys/1".to_owned())]
    );
}

#[test]
fn fed_017_types_of_actors() {
    for (kind, expected) in [
        (json!("Person"), Some(ActorType::Person)),
        (json!(["Person", "x:Other"]), Some(ActorType::Person)),
        (json!("Group"), Some(ActorType::Group)),
        (json!("Organization"), Some(ActorType::Organization)),
        (json!("Service"), Some(ActorType::Service)),
        (json!("Application"), Some(ActorType::Application)),
        (json!("Note"), None),
        (json!("Robot"), None),
        (json!(null), None),
    ] {
        let mut person = fixture!("mastodon_person.json");
        person["type"] = kind.clone();
        let read = ActorDocument::read(&person).ok();
        assert_eq!(read.is_some(), expected.is_some(), "{kind}");
        if expected.is_some() {
            assert_eq!(Some(data(&person).actor_type), expected, "{kind}");
        }
    }
}

#[test]
fn fed_018_actors_need_an_inbox_and_a_name() {
    let person = fixture!("mastodon_person.json");
    for (absent, readable) in [
        (&["inbox"][..], false),
        (&["id"], false),
        (&["preferredUsername", "webfinger"], false),
        (&["preferredUsername"], true),
        (&["webfinger"], true),
        (
            &["outbox", "followers", "name", "summary", "url", "publicKey"],
            true,
        ),
    ] {
        let mut person = person.clone();
        for member in absent {
            person.as_object_mut().unwrap().remove(*member);
        }
        assert_eq!(ActorDocument::read(&person).is_ok(), readable, "{absent:?}");
    }
}

#[test]
fn fed_022_too_much_is_cut_and_the_actor_is_kept() {
    let mut person = fixture!("mastodon_person.json");
    person["attachment"] = (0..51)
        .map(|n| json!({"type": "PropertyValue", "name": format!("{n}"), "value": "v".repeat(3000)}))
        .collect();
    person["alsoKnownAs"] = (0..300)
        .map(|n| json!(format!("https://a.example/{n}")))
        .collect();
    person["summary"] = json!("x".repeat(30_000));
    person["name"] = json!("y".repeat(5_000));
    let actor = data(&person);
    assert_eq!(actor.fields.len(), 50);
    assert_eq!(actor.fields[0].value.len(), 2047);
    assert_eq!(actor.also_known_as.len(), 256);
    assert!(actor.note.len() <= 20_100, "{}", actor.note.len());
    assert_eq!(actor.display_name.len(), 2048);
}

#[test]
fn addresses_on_other_servers_are_not_an_actors_own() {
    let mut person = fixture!("mastodon_person.json");
    person["followers"] = json!("https://evil.example/everybody");
    person["url"] = json!("https://bank.example/alba");
    let actor = data(&person);
    assert_eq!(actor.remote.followers, None);
    assert_eq!(actor.url, None);
    person["url"] = json!("javascript:alert(1)");
    assert_eq!(data(&person).url, None);
}

#[test]
fn gotosocial_documents_are_read() {
    let actor = data(&fixture!("gotosocial_person.json"));
    assert_eq!(actor.remote.shared_inbox, None);
    assert_eq!(actor.fields[0].name, "River");
    assert_eq!(actor.avatar_description, "a heron");

    let note = note(&fixture!("gotosocial_note.json"));
    assert_eq!(visibility(&note), Visibility::Private);
    assert_eq!(note.tags.mentions.len(), 1);
    assert_eq!(note.language.as_deref(), Some("fr"));
    assert_eq!(note.media[0].description.as_deref(), Some("the long description"));
    assert_eq!(note.published.unwrap().to_rfc3339(), "2026-11-22T08:08:07+00:00");
    assert_eq!(note.spoiler_text, "");
}

#[test]
fn misskey_pleroma_and_pixelfed_notes_are_read() {
    let misskey = note(&fixture!("misskey_note.json"));
    assert_eq!(visibility(&misskey), Visibility::Unlisted);
    assert_eq!(misskey.tags.hashtags[0].0, "cats");
    assert!(misskey.content.contains("line one<br"), "{}", misskey.content);

    let pleroma = note(&fixture!("pleroma_note.json"));
    assert_eq!(visibility(&pleroma), Visibility::Unlisted);
    assert_eq!(
        pleroma.conversation.as_deref(),
        Some("https://pleroma.example/contexts/5")
    );
    assert_eq!(pleroma.media[0].media_type, MediaType::Video);
    assert_eq!(pleroma.media[0].remote_url, "https://pleroma.example/media/1.mp4");

    let pixelfed = note(&fixture!("pixelfed_note.json"));
    assert_eq!(pixelfed.media.len(), 2);
    assert_eq!(pixelfed.media[0].blurhash, None);
    assert_eq!(visibility(&pixelfed), Visibility::Public);
}

#[test]
fn fed_039_emoji_without_id_are_taken() {
    let pleroma = note(&fixture!("pleroma_note.json"));
    let [emoji] = pleroma.tags.emojis.as_slice() else {
        panic!("{:?}", pleroma.tags)
    };
    assert_eq!((emoji.shortcode.as_str(), &emoji.uri), ("blobsail", &None));
    assert_eq!(emoji.updated_at, Some(DateTime::UNIX_EPOCH));
}

#[test]
fn fed_031_other_types_become_a_title_and_a_link() {
    let video = note(&fixture!("peertube_video.json"));
    assert_eq!(video.kind, NoteKind::Converted);
    assert!(
        video.content.contains("A storm &amp; the sea"),
        "{}",
        video.content
    );
    assert!(
        video.content.contains("https://peertube.example/w/uuid-1"),
        "{}",
        video.content
    );
    assert_eq!(video.url.as_deref(), Some("https://peertube.example/w/uuid-1"));
    assert_eq!(video.tags.hashtags[0].0, "storm");
    for kind in ["Article", "Page", "Image", "Audio", "Video", "Event"] {
        let document = json!({
            "id": "https://a.example/1", "type": kind, "attributedTo": "https://a.example/u",
            "name": "Title", "summary": "<p>a summary</p>",
        });
        let note = note(&document);
        assert!(
            note.content.contains("Title") && note.content.contains("a summary"),
            "{kind}"
        );
        assert_eq!(
            note.spoiler_text, "",
            "the summary of {kind} is no content warning"
        );
    }
    for kind in ["Tombstone", "Person", "Follow", "Hat"] {
        let document =
            json!({"id": "https://a.example/1", "type": kind, "attributedTo": "https://a.example/u"});
        assert!(NoteDocument::read(&document, None, now()).is_err(), "{kind}");
    }
}

#[test]
fn fed_032_the_first_of_several_authors_counts() {
    let video = note(&fixture!("peertube_video.json"));
    assert_eq!(video.author, "https://peertube.example/accounts/emil");
}

#[test]
fn a_lemmy_announce_names_its_page() {
    let announce = fixture!("lemmy_announce.json");
    let object = Object::of(&announce).unwrap();
    assert_eq!(
        activity_audience(object).visibility(Some("https://lemmy.example/c/boats/followers")),
        Visibility::Public
    );
    let page = note(&announce["object"]["object"]);
    assert_eq!(page.kind, NoteKind::Converted);
    assert!(page.content.contains("Which knot"), "{}", page.content);
    assert!(
        page.audience.contains("https://lemmy.example/c/boats"),
        "`audience` counts as cc"
    );
}

#[test]
fn fed_033_languages_of_content_maps() {
    for (members, content, language) in [
        (
            json!({"content": "a", "contentMap": {"en": "b", "fr": "a"}}),
            "a",
            Some("fr"),
        ),
        (json!({"contentMap": {"pt-BR": "a"}}), "a", Some("pt")),
        (
            json!({"content": "a", "contentMap": {"de": "b"}}),
            "a",
            Some("de"),
        ),
        (
            json!({"content": "a", "contentMap": {"de": "b", "fr": "c"}}),
            "a",
            None,
        ),
        (json!({"content": "a", "contentMap": {"und": "a"}}), "a", None),
        (
            json!({"content": "a", "contentMap": {"x'><script>": "a"}}),
            "a",
            None,
        ),
        (json!({"content": "a"}), "a", None),
    ] {
        let mut document = members.clone();
        document["type"] = json!("Note");
        document["id"] = json!("https://a.example/1");
        document["attributedTo"] = json!("https://a.example/u");
        let note = note(&document);
        assert!(note.content.contains(content), "{members}");
        assert_eq!(note.language.as_deref(), language, "{members}");
    }
}

#[test]
fn fed_043_a_status_from_the_far_future_is_from_now() {
    let published = |text: &str| {
        let document = json!({
            "id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u", "published": text,
        });
        note(&document).published
    };
    assert_eq!(published("2026-11-26T10:00:00Z"), Some(now()));
    assert_eq!(
        published("2026-11-23T20:00:00Z").unwrap().to_rfc3339(),
        "2026-11-23T20:00:00+00:00"
    );
    assert_eq!(published("12026-11-26T10:00:00Z"), None);
}

#[test]
fn polls_are_read() {
    let question = fixture!("mastodon_question.json");
    let poll = note(&question).poll.unwrap().0;
    assert!(!poll.multiple);
    assert_eq!(poll.voters_count, Some(3));
    let options: Vec<(&str, i64)> = poll
        .options
        .iter()
        .map(|option| (option.title.as_str(), option.votes_count))
        .collect();
    assert_eq!(options, [("green", 2), ("black & strong", 1)]);
    assert_eq!(poll.expires_at.unwrap().to_rfc3339(), "2026-11-24T09:08:07+00:00");

    for (member, value, end) in [
        (
            "closed",
            json!("2026-11-22T12:00:00Z"),
            Some("2026-11-22T12:00:00+00:00"),
        ),
        ("closed", json!(true), Some("2026-11-23T10:00:00+00:00")),
        ("closed", json!(false), Some("2026-11-24T09:08:07+00:00")),
        ("endTime", json!(null), None),
    ] {
        let mut question = question.clone();
        question[member] = value.clone();
        let poll = note(&question).poll.unwrap().0;
        assert_eq!(
            poll.expires_at.map(|end| end.to_rfc3339()).as_deref(),
            end,
            "{member}: {value}"
        );
    }
}

#[test]
fn fed_084_a_vote_is_a_name_without_content() {
    let vote = |members: Value| {
        let mut document = json!({
            "id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u",
            "inReplyTo": "https://pouet.test/ap/users/1/posts/2",
        });
        document
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        note(&document).vote
    };
    assert_eq!(vote(json!({"name": "tea & cake"})).as_deref(), Some("tea & cake"));
    assert_eq!(
        vote(json!({"name": "tea", "content": ""})).as_deref(),
        Some("tea")
    );
    assert_eq!(vote(json!({"name": "tea", "content": "I say tea"})), None);
    assert_eq!(vote(json!({"content": "tea"})), None);
    assert_eq!(vote(json!({"name": "tea", "inReplyTo": null})), None);
}

#[test]
fn fed_038_hashtags_that_say_nothing_are_dropped() {
    let document = json!({
        "id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u",
        "tag": [
            {"type": "Hashtag", "name": "#Été"}, {"type": "Hashtag", "name": "ete"}, {"type": "Hashtag", "name": "#123"},
            {"type": "Hashtag", "name": "#foo_bar"}, {"type": "Hashtag"}, {"type": "Hashtag", "name": 7},
        ],
    });
    let names: Vec<String> = note(&document)
        .tags
        .hashtags
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["ete", "foo_bar"]);
}
