//! Documents of other servers: what they say, within limits, before anything is looked up or stored.
//!
//! Everything here is pure. The build side, documents of our own, is in [`crate::objects`].

mod actor;
mod attachment;
mod converted;
mod note;
mod policy;
mod poll;
mod quote;
mod reaction;
mod tag;

pub use actor::{ActorDocument, KeyRef};
pub use note::{NoteDocument, NoteKind, activity_audience};
pub use policy::rules_of;
pub use poll::PollDocument;
pub use quote::{QuoteDocument, QuotePolicyDocument, StampDocument};
pub use reaction::emoji_of;
pub use tag::{MentionTag, Tags};

use pouet_model::html::{strip_bidi_controls, to_plain_text};

/// The longest head of `text` with at most `max` characters.
fn truncate(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

/// A short text without markup, on one line, with at most `max` characters.
fn plain(text: &str, max: usize) -> String {
    let text = to_plain_text(text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    truncate(&strip_bidi_controls(&text), max).to_owned()
}
