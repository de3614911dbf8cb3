#![expect(non_snake_case, reason = "tests of security rules carry the rule's number")]

mod count;
mod hashtags;
mod hostile;
mod links;
mod mentions;
mod rendering;

use super::*;

/// What a text holds, one word for each entity: `@user@host`, `#display=name`, the URL, `:shortcode:`.
fn found(text: &str) -> Vec<String> {
    let parsed = parse(text);
    parsed
        .entities
        .iter()
        .map(|entity| match &entity.kind {
            EntityKind::Mention(MentionRef {
                username,
                domain: Some(domain),
            }) => format!("@{username}@{domain}"),
            EntityKind::Mention(MentionRef {
                username,
                domain: None,
            }) => format!("@{username}"),
            EntityKind::Hashtag(Hashtag { display, name }) if display == name => format!("#{name}"),
            EntityKind::Hashtag(Hashtag { display, name }) => format!("#{display}={name}"),
            EntityKind::Url => text[entity.span.clone()].to_owned(),
            EntityKind::Emoji(shortcode) => format!(":{shortcode}:"),
        })
        .collect()
}

/// Checks a table of texts and what is found in them; all rows are looked at before it fails.
fn check(table: &[(&str, &[&str])]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(text, expected)| found(text) != *expected)
        .map(|(text, expected)| format!("{text:?}: found {:?}, expected {expected:?}", found(text)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}

#[test]
fn all_kinds_in_one_text() {
    let text = "@alice see https://far.example/a_(b)?c=d#e, #Été and :blob_cat: says @bob@FAR.example.";
    let parsed = parse(text);
    let spans: Vec<&str> = parsed
        .entities
        .iter()
        .map(|entity| &text[entity.span.clone()])
        .collect();
    assert_eq!(
        spans,
        [
            "@alice",
            "https://far.example/a_(b)?c=d#e",
            "#Été",
            ":blob_cat:",
            "@bob@FAR.example"
        ]
    );
    assert_eq!(parsed.urls(text), ["https://far.example/a_(b)?c=d#e"]);
    assert_eq!(parsed.shortcodes(), ["blob_cat"]);
    assert_eq!(
        parsed.hashtags(),
        [&Hashtag {
            display: "Été".into(),
            name: "ete".into()
        }]
    );
    let alice = MentionRef {
        username: "alice".into(),
        domain: None,
    };
    let bob = MentionRef {
        username: "bob".into(),
        domain: Some("far.example".into()),
    };
    assert_eq!(parsed.mentions(), [&alice, &bob]);
}

#[test]
fn each_mention_hashtag_url_and_emoji_is_listed_once() {
    let text = "@Bob @bob @bob@a.example @BOB@A.example. #Cat #cat #CAT :ab: :ab: https://a.example https://a.example";
    let parsed = parse(text);
    assert_eq!(parsed.entities.len(), 11);
    let mentions: Vec<_> = parsed
        .mentions()
        .iter()
        .map(|mention| (mention.username.as_str(), mention.domain.is_some()))
        .collect();
    assert_eq!(mentions, [("Bob", false), ("bob", true)]);
    let tags: Vec<_> = parsed.hashtags().iter().map(|tag| tag.display.as_str()).collect();
    assert_eq!(tags, ["Cat"]);
    assert_eq!((parsed.shortcodes().len(), parsed.urls(text).len()), (1, 1));
}

#[test]
fn shortcodes() {
    check(&[
        (":ab:", &[":ab:"]),
        ("hello :blob_cat: !", &[":blob_cat:"]),
        (":ab::cd:", &[]),
        (":ab: :cd:", &[":ab:", ":cd:"]),
        ("(:ab:)", &[":ab:"]),
        ("\n:ab:\n", &[":ab:"]),
        ("猫:ab:", &[]),
        ("a:ab:", &[]),
        (":ab:c", &[]),
        (":a:", &[]),
        ("::", &[]),
        (":", &[]),
        (":ab", &[]),
        (":a-b:", &[]),
        (":été:", &[]),
        ("10:30:45", &[]),
        ("at 10:30:45 :ok:", &[":ok:"]),
        ("🐱:ab:🐱", &[":ab:"]),
        (":AB_12:", &[":AB_12:"]),
        ("https://far.example/:ab:/", &["https://far.example/:ab:/"]),
    ]);
    assert_eq!(found(&format!(":{}:", "a".repeat(100))).len(), 1);
    assert_eq!(found(&format!(":{}:", "a".repeat(101))).len(), 0);
}
