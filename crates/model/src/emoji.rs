//! Custom emoji.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::text::MAX_SHORTCODE_CHARS;

/// Whether `text` can be a shortcode: 2 to 100 letters, digits and underscores of ASCII.
pub fn is_shortcode(text: &str) -> bool {
    (2..=MAX_SHORTCODE_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A small picture that a `:shortcode:` in a text stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CustomEmoji {
    /// Name between the colons.
    pub shortcode: String,
    /// Domain it comes from, or `None` for this instance's own.
    pub domain: Option<String>,
    /// Address of the picture: a media store key for our own, a URL for others.
    pub image: String,
    /// ActivityPub id, if its origin gave one.
    pub uri: Option<String>,
    /// When its picture was changed last, if its origin says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTime<Utc>>,
}

impl CustomEmoji {
    /// Key of a picture of ours in the media store that does not move: beside each of our animations lies its first
    /// frame.
    pub fn still(&self) -> String {
        match self.image.strip_suffix(".gif") {
            Some(name) if self.domain.is_none() => format!("{name}.png"),
            _ => self.image.clone(),
        }
    }

    /// Path of its picture on this instance. Those of other servers are shown through the proxy, by their name: no
    /// reader's browser or app asks the other server.
    pub fn path(&self) -> String {
        match &self.domain {
            None => format!("/media/{}", self.image),
            Some(domain) => self.proxied(domain, "original"),
        }
    }

    /// Path of its picture on this instance that does not move.
    pub fn still_path(&self) -> String {
        match &self.domain {
            None => format!("/media/{}", self.still()),
            Some(domain) => self.proxied(domain, "static"),
        }
    }

    fn proxied(&self, domain: &str, variant: &str) -> String {
        format!("/media_proxy/emojis/{domain}/{}/{variant}", self.shortcode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcodes_are_words_of_ascii() {
        for (text, valid) in [
            ("blobcat", true),
            ("ab", true),
            ("A_1", true),
            ("a", false),
            ("", false),
            ("é1", false),
            ("a-b", false),
        ] {
            assert_eq!(is_shortcode(text), valid, "{text}");
        }
        assert!(!is_shortcode(&"x".repeat(101)));
    }

    #[test]
    fn animations_of_ours_have_a_still() {
        let emoji = |domain: Option<&str>, image: &str| CustomEmoji {
            shortcode: "x".to_owned(),
            domain: domain.map(str::to_owned),
            image: image.to_owned(),
            uri: None,
            updated_at: None,
        };
        assert_eq!(emoji(None, "emoji/aa/1.gif").still(), "emoji/aa/1.png");
        assert_eq!(emoji(None, "emoji/aa/1.png").still(), "emoji/aa/1.png");
        assert_eq!(emoji(None, "emoji/aa/1.gif").path(), "/media/emoji/aa/1.gif");
        assert_eq!(
            emoji(None, "emoji/aa/1.gif").still_path(),
            "/media/emoji/aa/1.png"
        );
        let far = emoji(Some("far.test:81"), "https://far.test/1.gif");
        assert_eq!(far.path(), "/media_proxy/emojis/far.test:81/x/original");
        assert_eq!(far.still_path(), "/media_proxy/emojis/far.test:81/x/static");
    }
}
