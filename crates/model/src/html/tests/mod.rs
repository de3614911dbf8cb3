#![expect(non_snake_case, reason = "tests of security rules carry the rule's number")]

mod corpus;
mod limits;
mod payloads;
mod plain_text;
mod safety;
mod shape;

use super::*;

/// Checks a table of inputs and what a function makes of them; all rows are looked at before it fails.
fn check(function: impl Fn(&str) -> String, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(input, expected)| function(input) != *expected)
        .map(|(input, expected)| {
            format!(
                "{input:?}\n  gives    {:?}\n  expected {expected:?}",
                function(input)
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}

/// The start tag of a link to `href`, as the sanitiser writes it.
macro_rules! anchor {
    ($href:literal) => {
        concat!(
            "<a href=\"",
            $href,
            "\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">"
        )
    };
}
use anchor;

#[test]
fn escaping() {
    assert_eq!(
        escape("<a href=\"x\">'&'</a>"),
        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"
    );
    assert_eq!(escape("é猫🐱\u{a0}"), "é猫🐱\u{a0}");
}

#[test]
fn sec_R052_names_carry_no_bidi_controls() {
    assert_eq!(
        strip_bidi_controls("a\u{202e}b\u{202c}\u{2066}c\u{2069}\u{200f}d\u{200e}\u{61c}"),
        "abcd"
    );
    assert_eq!(strip_bidi_controls("אבג \u{200d}👩‍👩‍👧 é"), "אבג \u{200d}👩‍👩‍👧 é");
}

#[test]
fn the_value_of_a_local_field() {
    check(
        link_fields,
        &[
            ("", ""),
            ("they/them", "they/them"),
            ("<b>&", "&lt;b&gt;&amp;"),
            ("@alice #cat", "@alice #cat"),
            ("a\nb", "a b"),
            (
                "https://www.far.example/me",
                "<a href=\"https://www.far.example/me\" target=\"_blank\" rel=\"me nofollow noopener\" translate=\"no\">\
                 <span class=\"invisible\">https://www.</span><span class=\"\">far.example/me</span>\
                 <span class=\"invisible\"></span></a>",
            ),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ],
    );
}
