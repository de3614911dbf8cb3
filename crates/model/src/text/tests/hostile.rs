use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::rendering::html;
use super::*;
use crate::html::{sanitise, to_plain_text};

/// Texts made to hurt a scanner that looks back or looks twice, each of about `bytes` bytes.
fn hostile_texts(bytes: usize) -> Vec<String> {
    let units = [
        "@",
        "#",
        ":",
        "@a",
        "@a@",
        "@a@a",
        "@a.",
        "@a-",
        "@a@a.",
        "@a@a-a.",
        "#a",
        "#1",
        "#·",
        "#a·",
        "#_",
        ":a",
        ":a:",
        "::a",
        "http://",
        "https://a",
        "http://a.b/(",
        "http://a.b/((",
        "http://a.b/)",
        "http://a.b/(http://",
        "http://a.b/[(",
        "http://a.b.",
        "http://a_",
        "http://a.b/.",
        "http://a.b/?",
        "http://a.b@",
        "http://a.b:1",
        "h",
        "ht",
        "(",
        ")",
        "([",
        "([)]",
        "「",
        "a\u{301}",
        "\u{301}",
        "\u{202e}",
        "\u{200d}",
        "🏳️‍🌈",
        "🇫",
        "👩‍",
        "ﷺ",
        "\r",
        "\n",
        "\n\n",
        "&",
        "<",
        "<a>",
        "@a@xn--",
        "é",
        "猫",
        "@猫",
        "#猫",
    ];
    let mut texts: Vec<String> = units.iter().map(|unit| unit.repeat(bytes / unit.len())).collect();
    texts.push(format!(
        "http://a.b/{}{}",
        "(".repeat(bytes / 2),
        ")".repeat(bytes / 2)
    ));
    texts.push(format!("@{}", "a.".repeat(bytes / 2)));
    texts.push(format!("@a@{}", "a.".repeat(bytes / 2)));
    texts.push(format!("#{}", "1".repeat(bytes)));
    texts.push(format!("http://{}", "a.".repeat(bytes / 2)));
    texts
}

/// The bound is a hundred times what a linear pass takes unoptimised; a quadratic one takes minutes.
#[test]
fn sec_R054_hostile_text_takes_linear_time() {
    for text in hostile_texts(100_000) {
        let start = Instant::now();
        let parsed = parse(&text);
        character_count_parsed(&text, &parsed, "");
        render(&text, &parsed, |_| None, |_| String::new());
        let taken = start.elapsed();
        assert!(
            taken < Duration::from_secs(5),
            "{:?} took {taken:?}",
            &text[..text.floor_char_boundary(20)]
        );
    }
}

/// Text made of the pieces that mean something to the scanner, rather than of random characters.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("@".to_owned()),
        Just("#".to_owned()),
        Just(":".to_owned()),
        Just("@bob@far.example".to_owned()),
        Just("@alice".to_owned()),
        Just("#cat".to_owned()),
        Just(":ok:".to_owned()),
        Just("https://far.example".to_owned()),
        Just("/a_(b)".to_owned()),
        Just("http://www.far.example/".to_owned()),
        Just("https://аpple.example/".to_owned()),
        "[ \n\r.,()\\[\\]<>&\"'/?=]{1,4}",
        "[a-zé猫яא1_·]{1,6}",
        "\\PC{0,4}",
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

fn check_spans(text: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    for entity in parse(text).entities {
        let span = entity.span;
        prop_assert!(span.start >= end && span.end > span.start && span.end <= text.len());
        prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
        prop_assert!(!text[span.clone()].contains(['\n', '\r', ' ', '<', '>', '"']));
        end = span.end;
        if entity.kind == EntityKind::Url {
            let url = url::Url::parse(&text[span]);
            prop_assert!(
                url.as_ref()
                    .is_ok_and(|url| url.username().is_empty() && url.has_host()),
                "{:?}",
                url
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn spans_are_in_order_and_on_character_boundaries(text in pieces()) {
        check_spans(&text)?;
    }

    #[test]
    fn spans_of_random_text(text in any::<String>()) {
        check_spans(&text)?;
    }

    #[test]
    fn what_is_rendered_reads_as_it_was_written(text in pieces()) {
        // Without look-alike hosts, which are shown otherwise than written.
        let text = text.replace('а', "a").replace('＃', "#");
        let parsed = parse(&text);
        // Nor other foreign host names, which mentions and links show in ASCII.
        prop_assume!(parsed.entities.iter().all(|entity| match entity.kind {
            EntityKind::Url => text[entity.span.clone()].split(['/', '?', '#']).nth(2).is_some_and(str::is_ascii),
            EntityKind::Mention(_) => text[entity.span.clone()].is_ascii(),
            _ => true,
        }));
        let in_full = |mention: &MentionRef| Some(MentionTarget {
            url: "https://far.example/".into(),
            acct_username: match &mention.domain {
                Some(domain) => format!("{}@{domain}", mention.username),
                None => mention.username.clone(),
            },
        });
        let plain = to_plain_text(&render(&text, &parsed, in_full, |_| "https://far.example/".into()));
        let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_ascii_lowercase).collect() };
        prop_assert_eq!(words(&plain), words(&text.replace(chars::is_unwanted_control, "")));
    }

    #[test]
    fn what_is_rendered_passes_the_sanitiser_unchanged_but_for_rel_and_target(text in pieces()) {
        let rendered = html(&text);
        let clean = sanitise(&rendered);
        prop_assert_eq!(to_plain_text(&clean), to_plain_text(&rendered));
        for element in ["<p>", "<br", "<a ", "<span"] {
            prop_assert_eq!(clean.matches(element).count(), rendered.matches(element).count(), "{}", element);
        }
        prop_assert_eq!(clean.matches("class=\"").count(), rendered.matches("class=\"").count() - rendered.matches("class=\"\"").count());
    }

    #[test]
    fn counting_never_counts_more_than_there_is(text in "\\PC{0,60}") {
        let graphemes = unicode_segmentation::UnicodeSegmentation::graphemes(text.as_str(), true).count();
        prop_assert!(character_count(&text, "") <= graphemes + URL_CHARS * parse(&text).entities.len());
    }
}
