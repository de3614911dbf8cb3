//! From text to tokens.

use std::ops::ControlFlow;

use unicode_normalization::char::is_combining_mark;

use super::fold::fold;
use crate::text::chars::is_written_without_spaces;

/// Characters of a token; what goes beyond is left out, in texts as in queries.
const MAX_TOKEN_CHARS: usize = 64;
/// Bytes of a text that are read.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// A piece of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// A word, or a symbol that stands for itself.
    Word(String),
    /// Two neighbours in a script without spaces between words.
    Pair(String),
    /// A character of such a script that has no neighbour.
    Lone(char),
}

impl Token {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Word(text) | Self::Pair(text) => text,
            Self::Lone(c) => c.to_string(),
        }
    }
}

/// Reads the tokens of a plain text, in order, until `push` breaks off.
pub(super) fn read(text: &str, mut push: impl FnMut(Token) -> ControlFlow<()>) {
    let folded = fold(&text[..text.floor_char_boundary(MAX_TEXT_BYTES)]);
    // Whoever takes them breaks off early; that is no failure here.
    let _ = pieces(&folded, &mut push);
}

/// All tokens of a short text.
pub(super) fn all(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    read(text, |token| {
        found.push(token);
        ControlFlow::Continue(())
    });
    found
}

fn pieces(folded: &str, push: &mut impl FnMut(Token) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut word = String::new();
    let mut before: Option<char> = None;
    let mut paired = false;
    for c in folded.chars().chain([' ']) {
        let class = class(c);
        if class != Class::Unspaced {
            if let Some(lone) = before.take().filter(|_| !paired) {
                push(Token::Lone(lone))?;
            }
            paired = false;
        }
        if class != Class::Letter && class != Class::Mark {
            take_word(&mut word, push)?;
        }
        match class {
            Class::Letter => word.push(c),
            // A mark continues a word; at the beginning of one it says nothing.
            Class::Mark => {
                if !word.is_empty() {
                    word.push(c);
                }
            }
            Class::Unspaced => {
                if let Some(left) = before.replace(c) {
                    push(Token::Pair([left, c].iter().collect()))?;
                    paired = true;
                }
            }
            Class::Symbol => push(Token::Word(c.to_string()))?,
            Class::Other => {}
        }
    }
    ControlFlow::Continue(())
}

fn take_word(word: &mut String, push: &mut impl FnMut(Token) -> ControlFlow<()>) -> ControlFlow<()> {
    if word.is_empty() {
        return ControlFlow::Continue(());
    }
    let end = word.char_indices().nth(MAX_TOKEN_CHARS).map(|(at, _)| at);
    if let Some(end) = end {
        word.truncate(end);
    }
    push(Token::Word(std::mem::take(word)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Mark,
    /// Of a script without spaces between words; Hangul too, whose words carry their particles with them.
    Unspaced,
    Symbol,
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() {
            Class::Letter
        } else {
            Class::Other
        };
    }
    let is_mark = is_combining_mark(c);
    if is_written_without_spaces(c) || matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}') {
        return if c.is_alphanumeric() || is_mark {
            Class::Unspaced
        } else {
            Class::Other
        };
    }
    if is_mark {
        Class::Mark
    } else if c.is_alphanumeric() {
        Class::Letter
    } else if is_symbol(c) {
        Class::Symbol
    } else {
        Class::Other
    }
}

/// Emoji and the like.
fn is_symbol(c: char) -> bool {
    matches!(c,
        '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}
