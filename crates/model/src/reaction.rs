//! Emoji that people put on statuses.

use std::{fmt::Write as _, sync::LazyLock};

use regex::Regex;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::emoji::CustomEmoji;

/// Different emoji that one account may put on a status.
pub const MAX_REACTIONS: usize = 20;
/// Bytes that one emoji takes at most: a family of four with skin tones has 41.
const MAX_BYTES: usize = 64;

/// An emoji put on a status.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReactionEmoji {
    /// One of Unicode's, as [`unicode_emoji`] writes it.
    Unicode(String),
    /// A picture of an instance.
    Custom(CustomEmoji),
}

impl ReactionEmoji {
    /// The emoji, or the shortcode of a custom one.
    pub fn name(&self) -> &str {
        match self {
            Self::Unicode(emoji) => emoji,
            Self::Custom(emoji) => &emoji.shortcode,
        }
    }

    /// Where a custom emoji is from; `None` for this instance's own and for those of Unicode.
    pub fn domain(&self) -> Option<&str> {
        match self {
            Self::Unicode(_) => None,
            Self::Custom(emoji) => emoji.domain.as_deref(),
        }
    }

    /// The picture, if it is a custom one.
    pub fn custom(&self) -> Option<&CustomEmoji> {
        match self {
            Self::Unicode(_) => None,
            Self::Custom(emoji) => Some(emoji),
        }
    }

    /// What clients call it: the emoji, `blobcat`, or `blobcat@far.example`.
    pub fn label(&self) -> String {
        let mut label = self.name().to_owned();
        if let Some(domain) = self.domain() {
            // Writing to a string cannot fail.
            let _ = write!(label, "@{domain}");
        }
        label
    }

    /// What other servers are told: the emoji, or `:blobcat:` beside a tag that has the picture.
    pub fn content(&self) -> String {
        match self {
            Self::Unicode(emoji) => emoji.clone(),
            Self::Custom(emoji) => format!(":{}:", emoji.shortcode),
        }
    }
}

/// A flag, a key with a digit, or pictographs with skin tones and joiners.
static EMOJI: LazyLock<Regex> = LazyLock::new(|| {
    let part = r"\p{Extended_Pictographic}\x{FE0F}?\p{Emoji_Modifier}?\x{FE0F}?";
    let text = format!(
        r"\A(?:\p{{RI}}{{2}}|[0-9#*]\x{{FE0F}}?\x{{20E3}}|{part}[\x{{E0020}}-\x{{E007F}}]*(?:\x{{200D}}{part})*)\z"
    );
    Regex::new(&text).expect("the pattern is valid")
});
/// What is shown as a picture even without being told so.
static PRESENTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\A[\p{Emoji_Presentation}\p{Emoji_Modifier}]\z").expect("the pattern is valid")
});

/// The one emoji that `text` is, in the form that asks for a picture; `None` if it is anything else.
///
/// Servers differ in whether they write the variation selector: to count the same emoji once, it stands exactly where a
/// character would be shown as text without it.
///
/// Source: <https://www.unicode.org/reports/tr51/#Emoji_Sets>
pub fn unicode_emoji(text: &str) -> Option<String> {
    let is_one = text.len() <= MAX_BYTES && text.graphemes(true).count() == 1 && EMOJI.is_match(text);
    is_one.then(|| canonical(text))
}

fn canonical(text: &str) -> String {
    let mut plain = text.chars().filter(|c| *c != '\u{FE0F}').peekable();
    let mut written = String::with_capacity(text.len());
    while let Some(c) = plain.next() {
        written.push(c);
        let mut buffer = [0; 4];
        let is_text = !matches!(c, '\u{200D}' | '\u{20E3}' | '\u{E0020}'..='\u{E007F}')
            && !('\u{1F1E6}'..='\u{1F1FF}').contains(&c)
            && !PRESENTED.is_match(c.encode_utf8(&mut buffer));
        let toned = plain
            .peek()
            .is_some_and(|next| ('\u{1F3FB}'..='\u{1F3FF}').contains(next));
        if is_text && !toned {
            written.push('\u{FE0F}');
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fed_077_the_same_emoji_is_written_in_one_way() {
        for (text, expected) in [
            ("🎉", "🎉"),
            ("❤", "❤\u{FE0F}"),
            ("❤\u{FE0F}", "❤\u{FE0F}"),
            ("👍🏽", "👍🏽"),
            ("☝🏽", "☝🏽"),
            ("🇫🇷", "🇫🇷"),
            ("1\u{20E3}", "1\u{FE0F}\u{20E3}"),
            ("1\u{FE0F}\u{20E3}", "1\u{FE0F}\u{20E3}"),
            ("👩\u{200D}❤\u{200D}👨", "👩\u{200D}❤\u{FE0F}\u{200D}👨"),
            ("🏳\u{FE0F}\u{200D}🌈", "🏳\u{FE0F}\u{200D}🌈"),
            (
                "👨\u{200D}👩\u{200D}👧\u{200D}👦",
                "👨\u{200D}👩\u{200D}👧\u{200D}👦",
            ),
            (
                "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
                "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            ),
        ] {
            assert_eq!(unicode_emoji(text).as_deref(), Some(expected), "{text}");
            assert_eq!(unicode_emoji(expected).as_deref(), Some(expected), "{text} again");
        }
    }

    #[test]
    fn fed_077_texts_are_no_emoji() {
        let zalgo = format!("🎉{}", "\u{0301}".repeat(500));
        let chain = "👩\u{200D}".repeat(200) + "👩";
        for text in [
            "", " ", "a", "1", "#", "🎉🎉", "🎉 ", "<b>", ":x:", "\u{200D}", "\u{FE0F}", "🇫", &zalgo, &chain,
        ] {
            assert_eq!(unicode_emoji(text), None, "{text}");
        }
    }

    #[test]
    fn labels_tell_where_a_picture_is_from() {
        let custom = |domain: Option<&str>| {
            ReactionEmoji::Custom(CustomEmoji {
                shortcode: "blobcat".to_owned(),
                domain: domain.map(str::to_owned),
                image: "https://far.example/b.png".to_owned(),
                uri: None,
                updated_at: None,
            })
        };
        assert_eq!(custom(None).label(), "blobcat");
        assert_eq!(custom(Some("far.example")).label(), "blobcat@far.example");
        assert_eq!(custom(Some("far.example")).content(), ":blobcat:");
        assert_eq!(ReactionEmoji::Unicode("🎉".to_owned()).content(), "🎉");
    }
}
