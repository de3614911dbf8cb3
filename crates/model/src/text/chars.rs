//! Classes of characters.

use unicode_normalization::char::is_combining_mark;

/// Characters that join the parts of a hashtag but stand at neither end of it.
///
/// Middle dot and katakana middle dot, ZWNJ (Persian) as in Mastodon, and ZWJ, without which Sinhala words break apart.
pub(crate) const HASHTAG_JOINERS: [char; 4] = ['\u{b7}', '\u{30fb}', '\u{200c}', '\u{200d}'];

/// Whether a character is part of a word: letters, marks, digits, and the connector punctuation of `_`'s kind.
pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    c.is_alphanumeric()
        || is_combining_mark(c)
        || matches!(
            c,
            '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{fe4d}'
                ..='\u{fe4f}' | '\u{ff3f}'
        )
}

/// Whether a character belongs to a script that puts no spaces between words.
pub(crate) fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}'         // Thai, Lao
        | '\u{1000}'..='\u{109f}'     // Burmese
        | '\u{1780}'..='\u{17ff}'     // Khmer
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'     // kana
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'     // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character only changes the direction in which its neighbours are shown (Unicode `Bidi_Control`).
pub(crate) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is a control that has no place in a text: C0 but for tab and line ends, DEL, C1.
pub(crate) fn is_unwanted_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}
