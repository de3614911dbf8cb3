//! The emoji in a `Like` or `EmojiReact`.
//!
//! Source: FEP-c0e0 <https://codeberg.org/fediverse/fep/src/branch/main/fep/c0e0/fep-c0e0.md>;
//! <https://misskey-hub.net/ns#_misskey_reaction>

use pouet_model::reaction::{ReactionEmoji, unicode_emoji};

use super::Tags;
use crate::json::Object;

/// The emoji of a reaction; `None` if it has none that can be shown: nothing, words, or a shortcode without its picture.
///
/// Custom emoji are named `:blobcat:`; Pleroma leaves the colons out, Misskey writes `:blobcat@.:` for one of its own.
/// Their domain is set by who knows the actor.
pub fn emoji_of(activity: Object<'_>) -> Option<ReactionEmoji> {
    ["content", "_misskey_reaction"]
        .into_iter()
        .filter_map(|member| activity.text(member))
        .find_map(|text| emoji(activity, text.trim()))
}

fn emoji(activity: Object<'_>, text: &str) -> Option<ReactionEmoji> {
    if let Some(emoji) = unicode_emoji(text) {
        return Some(ReactionEmoji::Unicode(emoji));
    }
    let name = text.trim_matches(':').split('@').next()?;
    let tags = Tags::read(activity);
    let found = tags.emojis.into_iter().find(|emoji| emoji.shortcode == name);
    found.map(ReactionEmoji::Custom)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(activity: &Value) -> Option<ReactionEmoji> {
        emoji_of(Object::of(activity).unwrap())
    }

    #[test]
    fn fed_077_emoji_are_read_in_every_dialect() {
        let blobcat = json!([{
            "type": "Emoji",
            "name": ":blobcat:",
            "icon": {"type": "Image", "url": "https://far.example/b.png"},
        }]);
        for (activity, label) in [
            (json!({"type": "EmojiReact", "content": "🎉"}), Some("🎉")),
            (json!({"type": "EmojiReact", "content": " ❤ "}), Some("❤\u{FE0F}")),
            (json!({"type": "Like", "_misskey_reaction": "🎉"}), Some("🎉")),
            (
                json!({"type": "Like", "content": "🎉", "_misskey_reaction": "🎉"}),
                Some("🎉"),
            ),
            (json!({"type": "Like", "contentMap": {"en": "🎉"}}), Some("🎉")),
            (
                json!({"type": "Like", "content": ":blobcat:", "tag": blobcat}),
                Some("blobcat"),
            ),
            (
                json!({"type": "EmojiReact", "content": "blobcat", "tag": blobcat}),
                Some("blobcat"),
            ),
            (
                json!({"type": "Like", "content": ":blobcat@.:", "tag": blobcat}),
                Some("blobcat"),
            ),
            (
                json!({"type": "Like", "content": ":blobcat@far.example:", "tag": blobcat[0]}),
                Some("blobcat"),
            ),
            (
                json!({"type": "Like", "content": ":other:", "tag": blobcat}),
                None,
            ),
            (json!({"type": "Like", "content": ":blobcat:"}), None),
            (
                json!({"type": "Like", "content": "I like this", "tag": blobcat}),
                None,
            ),
            (json!({"type": "Like", "content": "<script>"}), None),
            (json!({"type": "Like"}), None),
        ] {
            assert_eq!(
                read(&activity).map(|emoji| emoji.label()).as_deref(),
                label,
                "{activity}"
            );
        }
    }
}
