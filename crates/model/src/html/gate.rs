//! The last gate: ammonia with our allow-list.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::link::{self, SCHEMES};

static GATE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let elements = [
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
        "rp",
    ];
    let attributes = HashMap::from([
        (
            "a",
            HashSet::from(["href", "rel", "class", "translate", "target"]),
        ),
        ("span", HashSet::from(["class", "translate"])),
        ("p", HashSet::from(["class"])),
        ("ol", HashSet::from(["start", "reversed"])),
        ("li", HashSet::from(["value"])),
    ]);
    let mut gate = Builder::empty();
    gate.tags(HashSet::from(elements))
        .clean_content_tags(HashSet::from([
            "script", "style", "iframe", "object", "svg", "math", "form", "template",
        ]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["lang"]))
        .url_schemes(HashSet::from(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(|_, attribute, value| match attribute {
            "class" => classes(value).map(Cow::Owned),
            "translate" => (value == "no").then_some(Cow::Borrowed(value)),
            "lang" => is_language(value).then_some(Cow::Borrowed(value)),
            "start" | "value" => is_number(value).then_some(Cow::Borrowed(value)),
            "reversed" => Some(Cow::Borrowed("")),
            "rel" => Some(Cow::Owned(link::rel(value))),
            _ => Some(Cow::Borrowed(value)),
        });
    gate
});

/// Most classes of one element.
const MAX_CLASSES: usize = 20;

/// Parses, filters and serialises.
pub(super) fn clean(html: &str) -> String {
    GATE.clean(html).to_string()
}

/// The classes that may stay; `None` if none does.
pub(super) fn classes(value: &str) -> Option<String> {
    let kept: Vec<&str> = value
        .split_ascii_whitespace()
        .filter(|class| is_class(class))
        .take(MAX_CLASSES)
        .collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// Microformats, and the classes that make mentions, hashtags and links what they are.
fn is_class(class: &str) -> bool {
    if matches!(
        class,
        "mention" | "hashtag" | "ellipsis" | "invisible" | "quote-inline"
    ) {
        return true;
    }
    let microformat = ["h-", "p-", "u-", "dt-", "e-"]
        .iter()
        .find_map(|prefix| class.strip_prefix(prefix));
    microformat.is_some_and(|rest| {
        (1..=40).contains(&rest.len())
            && rest
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

/// Whether a value has the shape of a language tag (BCP 47).
pub(super) fn is_language(value: &str) -> bool {
    (2..=35).contains(&value.len())
        && value
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Whether a value is a whole number that a list may start with.
pub(super) fn is_number(value: &str) -> bool {
    value.len() <= 9 && value.parse::<i32>().is_ok()
}
