//! <https://docs.joinmastodon.org/entities/CustomEmoji/>

use pouet_model::{emoji::CustomEmoji as Model, urls::Urls};
use pouet_service::emojis::PickerEmoji;
use serde::Serialize;

/// A custom emoji. Both addresses are absolute and not empty: an empty one makes clients reject the whole answer.
#[derive(Clone, Serialize)]
pub(crate) struct CustomEmoji<'a> {
    shortcode: &'a str,
    url: String,
    static_url: String,
    visible_in_picker: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
}

impl<'a> CustomEmoji<'a> {
    /// A custom emoji in a text.
    pub(crate) fn from_model(emoji: &'a Model, urls: &Urls) -> Self {
        Self {
            shortcode: &emoji.shortcode,
            url: urls.path(&emoji.path()),
            static_url: urls.path(&emoji.still_path()),
            visible_in_picker: emoji.domain.is_none(),
            category: None,
        }
    }

    /// An own emoji as the picker of clients shows it.
    pub(crate) fn of_picker(picker: &'a PickerEmoji, urls: &Urls) -> Self {
        Self {
            visible_in_picker: picker.visible,
            category: picker.category.as_deref(),
            ..Self::from_model(&picker.emoji, urls)
        }
    }

    /// Address of the picture.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Address of the picture that does not move.
    pub(crate) fn static_url(&self) -> &str {
        &self.static_url
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
