//! How long a status is.

use unicode_segmentation::UnicodeSegmentation;

use super::{EntityKind, ParsedText, parse};

/// What every URL counts for, in characters (`characters_reserved_per_url`).
pub const URL_CHARS: usize = 23;

/// The length of a status with its content warning, in characters as people see them (grapheme clusters).
///
/// A URL counts [`URL_CHARS`] and a mention of a remote account only its `@user`; the warning counts as it is.
///
/// Source: <https://docs.joinmastodon.org/user/posting/#text>.
pub fn character_count(text: &str, content_warning: &str) -> usize {
    character_count_parsed(text, &parse(text), content_warning)
}

/// [`character_count`] for a text that was parsed already.
pub fn character_count_parsed(text: &str, parsed: &ParsedText, content_warning: &str) -> usize {
    let mut counted = String::with_capacity(text.len());
    let mut done = 0;
    for entity in &parsed.entities {
        let span = entity.span.clone();
        match &entity.kind {
            EntityKind::Url => {
                counted.push_str(&text[done..span.start]);
                counted.extend(std::iter::repeat_n('x', URL_CHARS));
            }
            EntityKind::Mention(mention) if mention.domain.is_some() => {
                counted.push_str(&text[done..span.start]);
                counted.push('@');
                counted.push_str(&mention.username);
            }
            _ => continue,
        }
        done = span.end;
    }
    counted.push_str(&text[done..]);
    counted.graphemes(true).count() + content_warning.graphemes(true).count()
}
