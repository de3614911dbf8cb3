//! Writing text and attributes as the serialiser of HTML5 does.

use html5ever::tokenizer::Tag;

use super::tokens::attribute;
use super::{MAX_OUTPUT_BYTES, gate, truncate};

/// Longest paragraph made of a text that could not be read as markup, in characters.
const PARAGRAPH_CHARS: usize = 5000;

/// Longest text made into paragraphs, in bytes: escaped, each takes up to six.
const MAX_TEXT_BYTES: usize = MAX_OUTPUT_BYTES / 8;

/// Plain text, which has no line ends, as paragraphs of the same kind.
pub(super) fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    let chars: Vec<char> = truncate(text, MAX_TEXT_BYTES).chars().collect();
    for paragraph in chars.chunks(PARAGRAPH_CHARS) {
        html.push_str("<p>");
        for c in paragraph {
            escape_char(*c, &mut html);
        }
        html.push_str("</p>");
    }
    html
}

/// The attributes of an element that may stay, written out; the address of a link is not among them.
pub(super) fn attributes(tag: &Tag) -> String {
    let name = &*tag.name;
    let mut html = String::new();
    let mut write = |attribute: &str, value: &str| {
        html.push(' ');
        html.push_str(attribute);
        html.push_str("=\"");
        escape_attribute(value, &mut html);
        html.push('"');
    };
    if matches!(name, "a" | "span" | "p")
        && let Some(class) = attribute(tag, "class").and_then(gate::classes)
    {
        write("class", &class);
    }
    if matches!(name, "a" | "span") && attribute(tag, "translate") == Some("no") {
        write("translate", "no");
    }
    if let Some(lang) = attribute(tag, "lang").filter(|lang| gate::is_language(lang)) {
        write("lang", lang);
    }
    if name == "ol" {
        if let Some(start) = attribute(tag, "start").filter(|start| gate::is_number(start)) {
            write("start", start);
        }
        if attribute(tag, "reversed").is_some() {
            write("reversed", "");
        }
    }
    if name == "li"
        && let Some(value) = attribute(tag, "value").filter(|value| gate::is_number(value))
    {
        write("value", value);
    }
    html
}

/// The head of a text that fills `room` bytes when it is escaped; all of it if it is shorter.
pub(super) fn fitting(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        if used >= room {
            return &text[..at];
        }
        used += match c {
            '&' => 5,
            '<' | '>' => 4,
            '\u{a0}' => 6,
            c => c.len_utf8(),
        };
    }
    text
}

/// Escapes as the serialiser of HTML5 does, so that the gate changes nothing more.
pub(super) fn escape_char(c: char, html: &mut String) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '\u{a0}' => html.push_str("&nbsp;"),
        c => html.push(c),
    }
}

pub(super) fn escape_attribute(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '"' => html.push_str("&quot;"),
            c => escape_char(c, html),
        }
    }
}
