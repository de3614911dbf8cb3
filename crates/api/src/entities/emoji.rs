//! <https://docs.joinmastodon.org/entities/CustomEmoji/>

use std::borrow::Cow;

use pouet_model::{emoji::CustomEmoji as Model, urls::Urls};
use serde::Serialize;

/// A custom emoji. Both addresses are absolute and not empty: an empty one makes clients reject the whole answer.
#[derive(Clone, Serialize)]
pub(crate) struct CustomEmoji<'a> {
    shortcode: &'a str,
    url: Cow<'a, str>,
    static_url: Cow<'a, str>,
    visible_in_picker: bool,
}

impl<'a> CustomEmoji<'a> {
    fn from_model(emoji: &'a Model, urls: &Urls) -> Self {
        let url = match emoji.domain {
            None => Cow::Owned(urls.media(&emoji.image)),
            Some(_) => Cow::Borrowed(emoji.image.as_str()),
        };
        Self {
            shortcode: &emoji.shortcode,
            static_url: url.clone(),
            url,
            visible_in_picker: emoji.domain.is_none(),
        }
    }

    /// Whether `text` uses it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.contains(&format!(":{}:", self.shortcode))
    }

    /// Those of `emojis` that have a picture.
    pub(crate) fn list(emojis: &'a [Model], urls: &Urls) -> Vec<Self> {
        emojis
            .iter()
            .filter(|emoji| !emoji.image.is_empty())
            .map(|emoji| Self::from_model(emoji, urls))
            .collect()
    }
}
