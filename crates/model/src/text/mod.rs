//! The text of local statuses, bios and fields: parsing, counting, rendering.
//!
//! [`parse`] finds mentions, hashtags, links and custom emoji in one forward pass, without input or output, in time
//! proportional to the length of the text (rule R054). [`render()`] turns text and entities into HTML, and
//! [`character_count`] counts as Mastodon counts.

pub(crate) mod chars;
mod code;
mod count;
mod hashtag;
mod link;
mod mention;
mod render;
mod scan;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;

pub use count::{URL_CHARS, character_count, character_count_parsed};
pub use hashtag::{MAX_HASHTAG_CHARS, hashtag_name};
pub use render::{MentionTarget, Rendering, render, render_as};
pub use scan::parse;

/// Most bytes of source text that are stored for one status (rule R054). A limit in characters does not bound the
/// bytes, because one character may carry any number of combining marks: check both.
pub const MAX_SOURCE_BYTES: usize = 100_000;

/// Most distinct accounts mentioned by one text; further ones stay plain text.
pub const MAX_MENTIONS: usize = 50;

/// Most distinct hashtags of one text; further ones stay plain text.
pub const MAX_HASHTAGS: usize = 30;

/// Most distinct custom emoji of one text; further ones stay plain text.
pub const MAX_EMOJI: usize = 100;

/// Longest shortcode of a custom emoji, in characters.
pub const MAX_SHORTCODE_CHARS: usize = 100;

/// What [`parse`] found in a text, in order, without overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParsedText {
    /// The entities, by position.
    pub entities: Vec<Entity>,
}

/// One piece of a text that means something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Position in the text, in bytes; on character boundaries. Includes the `@`, `#` or colons.
    pub span: Range<usize>,
    /// What it is.
    pub kind: EntityKind,
}

/// What an [`Entity`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityKind {
    /// `@user` or `@user@host`.
    Mention(MentionRef),
    /// `#tag`.
    Hashtag(Hashtag),
    /// An `http` or `https` URL: the text of the span.
    Url,
    /// `:shortcode:` of a custom emoji that may or may not exist; without the colons.
    Emoji(String),
}

/// An account as the author of a text wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MentionRef {
    /// User name as written; compare it without case.
    pub username: String,
    /// Normalised domain ([`crate::domain::normalise`]), perhaps with a port or an IP address; `None` for this instance.
    pub domain: Option<String>,
}

/// A hashtag in its two forms.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hashtag {
    /// As written, without `#`.
    pub display: String,
    /// Its identity, see [`hashtag_name`].
    pub name: String,
}

impl ParsedText {
    /// The accounts mentioned, each once, in order of appearance; at most [`MAX_MENTIONS`].
    pub fn mentions(&self) -> Vec<&MentionRef> {
        let mut seen = HashSet::new();
        self.entities
            .iter()
            .filter_map(|entity| match &entity.kind {
                EntityKind::Mention(mention) => Some(mention),
                _ => None,
            })
            .filter(|mention| seen.insert(mention.key()))
            .collect()
    }

    /// The hashtags, each once by its name, in the spelling of its first appearance; at most [`MAX_HASHTAGS`].
    pub fn hashtags(&self) -> Vec<&Hashtag> {
        let mut seen = HashSet::new();
        self.entities
            .iter()
            .filter_map(|entity| match &entity.kind {
                EntityKind::Hashtag(hashtag) => Some(hashtag),
                _ => None,
            })
            .filter(|hashtag| seen.insert(hashtag.name.as_str()))
            .collect()
    }

    /// The shortcodes, each once, without colons; at most [`MAX_EMOJI`].
    pub fn shortcodes(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        self.entities
            .iter()
            .filter_map(|entity| match &entity.kind {
                EntityKind::Emoji(shortcode) => Some(shortcode.as_str()),
                _ => None,
            })
            .filter(|shortcode| seen.insert(*shortcode))
            .collect()
    }

    /// The URLs of the text that was parsed, each once, in order of appearance.
    pub fn urls<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut seen = HashSet::new();
        self.entities
            .iter()
            .filter(|entity| entity.kind == EntityKind::Url)
            .map(|entity| &text[entity.span.clone()])
            .filter(|url| seen.insert(*url))
            .collect()
    }
}

impl MentionRef {
    /// What makes two mentions the same account.
    fn key(&self) -> (String, Option<&str>) {
        (self.username.to_ascii_lowercase(), self.domain.as_deref())
    }
}
