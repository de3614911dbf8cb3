//! HTML of other servers made safe, HTML turned into text, text turned into HTML.
//!
//! [`sanitise`] runs twice over foreign markup: `build` writes a small, balanced document from the tokens of the HTML5
//! tokenizer (headings, images, formulas, misleading links, depth and size are settled there), and ammonia then parses that
//! document and serialises what its allow-list lets through. Neither alone has to be trusted.
//!
//! Source: rules R048-R052.

mod build;
mod gate;
mod link;
mod links;
mod page;
mod plain;
mod rel_me;
mod tokens;
mod web_link;
mod write;

#[cfg(test)]
mod tests;

pub use links::{detour_links, outward_links};
pub use page::{PageHead, read_head};
pub use plain::to_plain_text;
pub use rel_me::rel_me_links;
pub use web_link::has_web_link;

use crate::text::chars::is_bidi_control;
use crate::text::{self, Rendering};

/// Most bytes of foreign HTML that are read; the rest is cut off. Inboxes take at most 1 MB.
pub const MAX_INPUT_BYTES: usize = 400_000;

/// Most bytes of sanitised HTML.
pub const MAX_OUTPUT_BYTES: usize = 150_000;

/// Makes the HTML of another server safe to store, to send to apps and to show. `sanitise(sanitise(x)) == sanitise(x)`.
///
/// - Elements: `p br span a del s pre blockquote code b strong u i em ul ol li ruby rt rp`; headings become a paragraph in bold,
///   images a link with their description, formulas their TeX source. Of other elements the text stays; scripts, styles, forms,
///   embedded documents and drawings go with their content.
/// - Links: schemes of the fediverse only, `target="_blank"`, `rel="nofollow noopener noreferrer"` (with `tag` or `me` where
///   they stood). When the text of a link looks like another host, the real one is written behind it.
/// - Classes: microformats, `mention hashtag ellipsis invisible quote-inline`.
///
/// Markup nested deeper than 100 elements, or made to exhaust a parser, becomes plain text. The result has at most
/// [`MAX_OUTPUT_BYTES`].
///
/// Source: rules R048-R052.
pub fn sanitise(html: &str) -> String {
    let html = truncate(html, MAX_INPUT_BYTES);
    let clean =
        build::build(html).unwrap_or_else(|build::TooComplex| write::paragraphs(&plain::crude_text(html)));
    gate::clean(&clean)
}

/// Escapes text for HTML, as content and inside quoted attributes.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    escape_into(text, &mut html);
    html
}

/// [`escape`], behind what `html` already holds.
pub(crate) fn escape_into(text: &str, html: &mut String) {
    let mut done = 0;
    for (at, b) in text.bytes().enumerate() {
        let entity = match b {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        html.push_str(&text[done..at]);
        html.push_str(entity);
        done = at + 1;
    }
    html.push_str(&text[done..]);
}

/// A name without the characters that change the direction of what stands around it.
///
/// For display names, field names, titles and other short texts; right-to-left scripts need none of them there.
///
/// Source: rule R052.
pub fn strip_bidi_controls(text: &str) -> String {
    text.replace(is_bidi_control, "")
}

/// The HTML of a local profile field's value: escaped, on one line, with URLs linked as `rel="me nofollow noopener"`.
///
/// For a bio, with its mentions and hashtags, see [`text::render_as`] with [`Rendering::BIO`].
///
/// Source: <https://docs.joinmastodon.org/entities/Account/#Field>.
pub fn link_fields(value: &str) -> String {
    let mut parsed = text::parse(value);
    parsed
        .entities
        .retain(|entity| entity.kind == text::EntityKind::Url);
    text::render_as(Rendering::FIELD, value, &parsed, |_| None, |_| String::new())
}

/// The longest head of a text with at most `max` bytes.
fn truncate(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
