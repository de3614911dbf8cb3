//! Making equal what people take for the same word.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// Bytes of a folded name: display names of other servers may be long, and an index of PostgreSQL holds no more than
/// 2,700 bytes of a row.
const MAX_NAME_BYTES: usize = 1000;

/// A name as it is compared when somebody looks for it: folded as words are, so that `elodie` finds `Élodie`, and cut
/// at 1,000 bytes.
pub fn fold_name(name: &str) -> String {
    let mut folded = fold(name).into_owned();
    folded.truncate(folded.floor_char_boundary(MAX_NAME_BYTES));
    folded
}

/// Folds letter case, compatibility forms and diacritics. Applying it twice changes nothing.
///
/// Signs that make another letter of it are spelled out as in `æ` for `ae`; marks of scripts where they are vowels
/// (Devanagari, Thai) stay, as do the voice marks of kana.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut spelled = String::with_capacity(text.len());
    let letters = text
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_dropped(*c));
    for c in letters {
        match spelling(c) {
            Some(letters) => spelled.push_str(letters),
            None => spelled.push(c),
        }
    }
    Cow::Owned(spelled.nfc().collect())
}

/// Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, and signs that only change how a character is
/// shown.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0100}'..='\u{e01ef}')
}

/// Letters that do not decompose, as they are written where they lack.
fn spelling(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ð' | 'đ' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'ŧ' => "t",
        'ŋ' => "n",
        'ĸ' => "k",
        'ς' => "σ",
        _ => return None,
    })
}
