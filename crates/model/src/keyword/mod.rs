//! Keywords of content filters.
//!
//! Source: <https://docs.joinmastodon.org/methods/filters/>. Words are literal, never patterns
//! (rule R054): one Aho-Corasick automaton reads the text once.

#[cfg(test)]
mod tests;

use aho_corasick::AhoCorasick;
use unicode_normalization::UnicodeNormalization;

use crate::text::chars::{is_word, is_written_without_spaces};

/// The keywords of one or several filters, ready to be looked for.
///
/// Build it once for each viewer and reuse it: building costs time proportional to the length of all keywords.
#[derive(Debug, Clone)]
pub struct KeywordMatcher {
    keywords: Vec<Keyword>,
    automaton: Option<AhoCorasick>,
}

#[derive(Debug, Clone)]
struct Keyword {
    written: String,
    /// The match must not go on with a word character on this side.
    bounded_before: bool,
    bounded_after: bool,
}

impl KeywordMatcher {
    /// Prepares `(keyword, whole_word)` pairs. Keywords that are empty or only white space match nothing.
    ///
    /// `whole_word` asks for a word boundary at each edge of the keyword that is itself a word character, as Mastodon does.
    /// Scripts written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) have no such boundaries, so none is asked for there.
    pub fn new<K: AsRef<str>>(keywords: &[(K, bool)]) -> Self {
        let mut kept = Vec::new();
        let mut patterns = Vec::new();
        for (written, whole_word) in keywords {
            let written = written.as_ref().trim();
            let pattern = fold(written);
            if pattern.is_empty() {
                continue;
            }
            let needs_boundary = |edge: Option<char>| *whole_word && edge.is_some_and(has_boundary);
            kept.push(Keyword {
                written: written.to_owned(),
                bounded_before: needs_boundary(pattern.chars().next()),
                bounded_after: needs_boundary(pattern.chars().next_back()),
            });
            patterns.push(pattern);
        }
        let automaton = if patterns.is_empty() {
            None
        } else {
            AhoCorasick::new(&patterns).ok()
        };
        Self {
            keywords: kept,
            automaton,
        }
    }

    /// The keywords found in a plain text, as their owner wrote them, each once and in the order given to [`Self::new`].
    ///
    /// Upper and lower case are equal, and so are the compatibility forms of a character (full-width, mathematical letters).
    pub fn matches(&self, text: &str) -> Vec<String> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let text = fold(text);
        let mut found = vec![false; self.keywords.len()];
        let mut missing = found.len();
        for hit in automaton.find_overlapping_iter(&text) {
            let index = hit.pattern().as_usize();
            if !found[index] && self.keywords[index].fits(&text, hit.start(), hit.end()) {
                found[index] = true;
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
        }
        let keywords = self.keywords.iter().zip(found);
        keywords
            .filter(|(_, found)| *found)
            .map(|(keyword, _)| keyword.written.clone())
            .collect()
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.keywords.is_empty()
    }
}

impl Keyword {
    fn fits(&self, text: &str, start: usize, end: usize) -> bool {
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        !(self.bounded_before && before.is_some_and(has_boundary)
            || self.bounded_after && after.is_some_and(has_boundary))
    }
}

/// Whether a character belongs to words that are set apart from their neighbours.
fn has_boundary(c: char) -> bool {
    is_word(c) && !is_written_without_spaces(c)
}

/// Folds case and compatibility forms, so that folded strings are equal when people would call the words equal.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfkc().flat_map(char::to_lowercase);
    // The final sigma is a matter of position, not another letter; `ß` is written `SS` in capitals.
    let mut folded = String::with_capacity(text.len());
    for c in lower {
        match c {
            'ς' => folded.push('σ'),
            'ß' => folded.push_str("ss"),
            c => folded.push(c),
        }
    }
    folded.nfc().collect()
}
