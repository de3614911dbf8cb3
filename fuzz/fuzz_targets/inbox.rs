//! What is posted to an inbox: any bytes are read or refused, and what is read keeps the bounds that the rest relies on.
#![no_main]

use chrono::{DateTime, TimeDelta, Utc};
use libfuzzer_sys::fuzz_target;
use pouet_federation::{
    documents::{ActorDocument, NoteDocument, activity_audience},
    json::{self, Object},
};
use pouet_model::html::{MAX_OUTPUT_BYTES, sanitise};

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = json::parse(bytes) else { return };
    let Some(activity) = Object::of(&value) else { return };
    // Reading twice gives the same document: there is one meaning for one text.
    let text = serde_json::to_vec(&value).expect("a parsed document can be written");
    assert_eq!(json::parse(&text).expect("and read again"), value);

    let now: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().expect("a time");
    let _ = (activity.own_id(), activity.id("actor"), activity.types().next());
    let _ = activity_audience(activity);
    let inner = activity.get("object").unwrap_or(&value);
    for document in [&value, inner] {
        if let Ok(note) = NoteDocument::read(document, Some(activity), now) {
            check_note(&note, now);
        }
        if let Ok(actor) = ActorDocument::read(document) {
            check_actor(actor, now);
        }
    }
});

fn check_note(note: &NoteDocument, now: DateTime<Utc>) {
    assert!(!note.id.is_empty() && !note.author.is_empty());
    assert!(note.content.len() <= MAX_OUTPUT_BYTES);
    assert_eq!(sanitise(&note.content), note.content, "content is safe already");
    if let Some(published) = note.published {
        assert!(published <= now + TimeDelta::hours(24));
    }
    if let Some(poll) = &note.poll {
        assert!(poll.0.options.len() <= 500);
    }
}

fn check_actor(actor: ActorDocument, now: DateTime<Utc>) {
    assert!(actor.keys.len() <= 10);
    let _ = actor.claimed_handle();
    let data = actor.into_data("name".to_owned(), "far.example".to_owned(), Vec::new(), now);
    assert!(data.fields.len() <= 50);
    assert_eq!(sanitise(&data.note), data.note, "the profile is safe already");
}
