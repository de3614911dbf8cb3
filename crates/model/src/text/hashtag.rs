//! Hashtags: where they end, and which of them are the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

use super::chars::{HASHTAG_JOINERS, is_word};

/// Longest name of a hashtag, in characters. Longer ones are no hashtags.
pub const MAX_HASHTAG_CHARS: usize = 255;

/// Reads a hashtag after its sign: the longest run of word characters and joiners that ends in a word character.
pub(super) fn read(text: &str) -> Option<&str> {
    if !text.starts_with(is_word) {
        return None;
    }
    let run = text
        .find(|c| !is_word(c) && !HASHTAG_JOINERS.contains(&c))
        .unwrap_or(text.len());
    let tag = text[..run].trim_end_matches(HASHTAG_JOINERS);
    is_tag(tag).then_some(tag)
}

/// Whether a tag says something: it has a letter, or it joins numbers (`2024_2025`).
fn is_tag(tag: &str) -> bool {
    let is_joiner = |c: char| c == '_' || HASHTAG_JOINERS.contains(&c);
    tag.contains(char::is_alphabetic)
        || (tag.trim_matches(is_joiner).contains(is_joiner) && tag.contains(char::is_numeric))
}

/// The identity of a hashtag, from its text with or without `#`; `None` if it is not a hashtag.
///
/// Compatibility forms (NFKC), letter case and the diacritics of European Latin letters are folded, and what is neither letter
/// nor digit nor joiner is dropped, so that `#Été`, `#ete` and `#ＥＴＥ` are one tag. Vowel killers and most other
/// combining signs are dropped too, because Mastodon sends tags without them; Thai ones are kept. Applying it twice changes nothing.
pub fn hashtag_name(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['#', '＃']);
    if text.is_empty() || text.chars().take(MAX_HASHTAG_CHARS + 1).count() > MAX_HASHTAG_CHARS {
        return None;
    }
    // Dropping a character can bring two together that compose, so the second round settles them.
    let name = fold(&fold(text));
    let name = name.trim_matches(HASHTAG_JOINERS);
    (is_tag(name) && name.chars().take(MAX_HASHTAG_CHARS + 1).count() <= MAX_HASHTAG_CHARS)
        .then(|| name.to_owned())
}

fn fold(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .map(to_ascii)
        .filter(|c| is_kept(*c))
        .collect()
}

fn is_kept(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '_' | '\u{b7}' | '\u{30fb}' | '\u{200c}')
        || matches!(c, '\u{e47}'..='\u{e4e}')
}

/// The ASCII letter under a letter of Latin-1 or Latin Extended-A.
///
/// Not of the later blocks: there the signs tell words apart (Vietnamese tones), and peers keep them.
fn to_ascii(c: char) -> char {
    match c {
        'ð' | 'đ' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        'ĸ' => 'k',
        'ł' => 'l',
        'ŋ' => 'n',
        'ø' => 'o',
        'ŧ' => 't',
        '\u{c0}'..='\u{17f}' => {
            let mut base = None;
            decompose_canonical(c, |part| base = base.or(Some(part)));
            base.filter(char::is_ascii).unwrap_or(c)
        }
        _ => c,
    }
}
