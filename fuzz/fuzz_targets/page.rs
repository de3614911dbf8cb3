//! Pages of the web that somebody linked: any bytes are read, and what is kept of them is plain and bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pouet_federation::fuzzing::alternate_of_page;
use pouet_model::html::{has_web_link, outward_links, read_head, rel_me_links};
use pouet_service::fuzzing::page_text;

/// Longest text that a card keeps, in characters (that of a description, with the mark of what was left out).
const MAX_TEXT: usize = 501;

const CONTENT_TYPES: [Option<&str>; 4] = [
    None,
    Some("text/html; charset=utf-8"),
    Some("text/html;charset=\"Shift_JIS\""),
    Some("text/html; charset=utf-16le"),
];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    let html = page_text(bytes, CONTENT_TYPES[usize::from(choice) % CONTENT_TYPES.len()]);
    let head = read_head(&html);
    for text in [
        &head.title,
        &head.description,
        &head.site_name,
        &head.author_name,
        &head.image_description,
    ] {
        assert!(text.chars().count() <= MAX_TEXT);
        assert!(!text.contains(['\n', '\r', '\0', '\u{202e}']), "{text:?}");
    }
    assert!(outward_links(&html, 3).len() <= 3);
    let _ = (rel_me_links(&html), has_web_link(&html), alternate_of_page(&html));
});
