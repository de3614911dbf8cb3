//! The one pass over a text.

use std::{collections::HashSet, ops::Range};

use super::chars::is_word;
use super::link::Links;
use super::{
    Entity, EntityKind, Hashtag, MAX_EMOJI, MAX_HASHTAGS, MAX_MENTIONS, MAX_SHORTCODE_CHARS, MentionRef,
    ParsedText,
};
use super::{code, hashtag, mention};

/// Finds the mentions, hashtags, URLs and custom emoji of a plain text.
///
/// Never fails. Entities do not overlap: nothing is looked for inside a URL, and inside code, between backticks, nothing but URLs. When a text has more distinct mentions, hashtags
/// or emoji than the limits of this module, the later ones stay text.
pub fn parse(text: &str) -> ParsedText {
    Scanner::new(text).run()
}

struct Scanner<'t> {
    text: &'t str,
    links: Links<'t>,
    /// Pieces of code that end behind the place where the scanner is, the first last.
    code: Vec<Range<usize>>,
    entities: Vec<Entity>,
    mentions: HashSet<(String, Option<String>)>,
    hashtags: HashSet<String>,
    emoji: HashSet<String>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            links: Links::new(text),
            code: code::spans(text).into_iter().rev().collect(),
            entities: Vec::new(),
            mentions: HashSet::new(),
            hashtags: HashSet::new(),
            emoji: HashSet::new(),
        }
    }

    fn run(mut self) -> ParsedText {
        let mut at = 0;
        while let Some(offset) = self.text[at..].find(['@', '#', '＃', ':', 'h', 'H']) {
            at += offset;
            if let Some(entity) = self.entity_at(at) {
                at = entity.span.end;
                self.entities.push(entity);
            } else {
                at += self.text[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        ParsedText {
            entities: self.entities,
        }
    }

    /// The entity that starts at `at`, if there is one.
    ///
    /// Each arm reads forward once and gives up at the first character that does not fit, and no arm's characters can
    /// start another entity of its own kind: that keeps the whole pass linear.
    fn entity_at(&mut self, at: usize) -> Option<Entity> {
        let before = self.text[..at].chars().next_back();
        let first = self.text[at..].chars().next()?;
        let (end, kind) = match first {
            '@' | '#' | '＃' | ':' if self.is_in_code(at) => return None,
            '@' => self.mention(at, before)?,
            '#' | '＃' => self.hashtag(at, first.len_utf8(), before)?,
            ':' => self.emoji(at, before)?,
            _ => (self.links.link_at(at, before)?, EntityKind::Url),
        };
        Some(Entity { span: at..end, kind })
    }

    /// Asked from the beginning of the text to its end.
    fn is_in_code(&mut self, at: usize) -> bool {
        while self.code.pop_if(|span| span.end <= at).is_some() {}
        self.code.last().is_some_and(|span| span.contains(&at))
    }

    fn mention(&mut self, at: usize, before: Option<char>) -> Option<(usize, EntityKind)> {
        if !mention::may_follow(&self.text[..at], before) {
            return None;
        }
        let (len, username, domain) = mention::read(&self.text[at + 1..])?;
        let mention = MentionRef { username, domain };
        let key = (mention.username.to_ascii_lowercase(), mention.domain.clone());
        admit(&mut self.mentions, key, MAX_MENTIONS).then(|| (at + 1 + len, EntityKind::Mention(mention)))
    }

    fn hashtag(&mut self, at: usize, sign: usize, before: Option<char>) -> Option<(usize, EntityKind)> {
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '=' | '/' | ')' | '&')) {
            return None;
        }
        let display = hashtag::read(&self.text[at + sign..])?;
        let name = hashtag::hashtag_name(display)?;
        let end = at + sign + display.len();
        admit(&mut self.hashtags, name.clone(), MAX_HASHTAGS).then(|| {
            (
                end,
                EntityKind::Hashtag(Hashtag {
                    display: display.to_owned(),
                    name,
                }),
            )
        })
    }

    fn emoji(&mut self, at: usize, before: Option<char>) -> Option<(usize, EntityKind)> {
        let stands_apart = |c: char| !c.is_alphanumeric() && c != ':';
        if !before.is_none_or(stands_apart) {
            return None;
        }
        let rest = &self.text[at + 1..];
        let len = rest
            .bytes()
            .position(|b| !b.is_ascii_alphanumeric() && b != b'_')?;
        let closed = rest.as_bytes()[len] == b':' && rest[len + 1..].chars().next().is_none_or(stands_apart);
        if !closed || !(2..=MAX_SHORTCODE_CHARS).contains(&len) {
            return None;
        }
        let shortcode = rest[..len].to_owned();
        admit(&mut self.emoji, shortcode.clone(), MAX_EMOJI)
            .then(|| (at + len + 2, EntityKind::Emoji(shortcode)))
    }
}

/// Whether an entity may be used: it was used before, or there is room for one more.
fn admit<K: std::hash::Hash + Eq>(seen: &mut HashSet<K>, key: K, limit: usize) -> bool {
    if seen.len() >= limit {
        return seen.contains(&key);
    }
    seen.insert(key);
    true
}

/// Whether a character before `@` shows that the `@` belongs to something else.
pub(super) fn joins_on(c: char) -> bool {
    is_word(c) || matches!(c, '=' | '/')
}
