//! The text of a status: what is found in it lies in it, and what is rendered of it is safe as it stands.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pouet_model::html::{sanitise, to_plain_text};
use pouet_model::text::{MentionTarget, character_count, parse, render};

fuzz_target!(|text: &str| {
    let parsed = parse(text);
    let mut done = 0;
    for entity in &parsed.entities {
        assert!(entity.span.start >= done, "entities are in order and apart");
        assert!(
            !text[entity.span.clone()].is_empty(),
            "an entity has characters of its own"
        );
        done = entity.span.end;
    }
    let _ = character_count(text, "");

    let target = |name: &str| MentionTarget {
        url: "https://peer.example/@somebody".to_owned(),
        acct_username: name.to_owned(),
    };
    let html = render(
        text,
        &parsed,
        |mention| Some(target(&mention.username)),
        |tag| format!("https://peer.example/tags/{tag}"),
    );
    // Whatever a person writes, another server's sanitiser keeps its words: nothing of it is markup.
    assert_eq!(to_plain_text(&sanitise(&html)), to_plain_text(&html));
    assert!(!html.to_ascii_lowercase().contains("<script"));
});
