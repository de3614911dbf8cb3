//! HTML of other servers: what comes out holds nothing that was not allowed, and stays the same the second time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pouet_model::html::{MAX_OUTPUT_BYTES, sanitise, to_plain_text};

const ELEMENTS: [&str; 19] = [
    "p",
    "br",
    "span",
    "a",
    "del",
    "s",
    "pre",
    "blockquote",
    "code",
    "b",
    "strong",
    "u",
    "i",
    "em",
    "ul",
    "ol",
    "li",
    "ruby",
    "rt",
];

fuzz_target!(|html: &str| {
    let clean = sanitise(html);
    assert!(clean.len() <= MAX_OUTPUT_BYTES);
    assert_eq!(sanitise(&clean), clean, "the second time changes nothing");
    for tag in clean.split('<').skip(1) {
        let name = tag
            .trim_start_matches('/')
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        assert!(ELEMENTS.contains(&name) || name == "rp", "<{name}> in {clean}");
        let attributes = tag.split('>').next().unwrap_or_default().to_ascii_lowercase();
        let scheme = attributes
            .split("href=\"")
            .nth(1)
            .map_or("", |value| value.trim_start());
        assert!(
            !scheme.starts_with("javascript:") && !scheme.starts_with("data:"),
            "{clean}"
        );
        assert!(
            !attributes.contains(" style=") && !attributes.contains(" on"),
            "{clean}"
        );
    }
    let _ = to_plain_text(html);
});
