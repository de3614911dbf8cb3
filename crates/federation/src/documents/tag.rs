//! The `tag` of an object: mentions, hashtags, custom emoji.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#Mention>

use std::collections::HashSet;

use pouet_model::{emoji::CustomEmoji, text::hashtag_name};

use crate::{json::Object, origin::domain_of};

/// Mentions that are looked up.
const MAX_MENTIONS: usize = 50;
/// Hashtags of one status.
const MAX_HASHTAGS: usize = 30;
/// Custom emoji of one status or profile.
const MAX_EMOJIS: usize = 100;
/// Bytes of an emoji's shortcode.
const MAX_SHORTCODE: usize = 100;

/// Somebody named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MentionTag {
    /// Actor id, or the page of the actor.
    pub href: Option<String>,
    /// Handle, such as `@bob@far.example`.
    pub name: Option<String>,
}

/// What the tags of an object say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tags {
    /// People named, in order, each once.
    pub mentions: Vec<MentionTag>,
    /// Hashtags: folded name and the form to show, each name once.
    pub hashtags: Vec<(String, String)>,
    /// Custom emoji; their domain is set by who knows the author.
    pub emojis: Vec<CustomEmoji>,
}

impl Tags {
    /// Reads the tags of an object.
    pub fn read(object: Object<'_>) -> Self {
        let mut tags = Self::default();
        let mut names = HashSet::new();
        for tag in object.objects("tag") {
            if tag.is("Mention") {
                tags.push_mention(tag);
            } else if tag.is("Hashtag") {
                let Some(text) = tag.text("name") else { continue };
                if let Some(name) = hashtag_name(text)
                    && tags.hashtags.len() < MAX_HASHTAGS
                    && names.insert(name.clone())
                {
                    tags.hashtags.push((name, display_form(text)));
                }
            } else if tag.is("Emoji") || tag.is("http://joinmastodon.org/ns#Emoji") || tag.is("toot:Emoji") {
                tags.push_emoji(tag);
            }
        }
        tags
    }

    fn push_mention(&mut self, tag: Object<'_>) {
        let mention = MentionTag {
            href: tag.href("href").map(str::to_owned),
            name: tag.text("name").map(str::to_owned),
        };
        let empty = mention.href.is_none() && mention.name.is_none();
        if !empty && self.mentions.len() < MAX_MENTIONS && !self.mentions.contains(&mention) {
            self.mentions.push(mention);
        }
    }

    fn push_emoji(&mut self, tag: Object<'_>) {
        let Some(shortcode) = tag.text("name").map(|name| name.trim_matches(':')) else {
            return;
        };
        let image = tag
            .object("icon")
            .and_then(|icon| icon.href("url"))
            .or_else(|| tag.href("icon"))
            .filter(|url| domain_of(url).is_some());
        let Some(image) = image else { return };
        let known = self.emojis.iter().any(|emoji| emoji.shortcode == shortcode);
        if is_shortcode(shortcode) && !known && self.emojis.len() < MAX_EMOJIS {
            self.emojis.push(CustomEmoji {
                shortcode: shortcode.to_owned(),
                domain: None,
                image: image.to_owned(),
                uri: tag.own_id().map(str::to_owned),
                updated_at: tag.time("updated"),
            });
        }
    }
}

/// A hashtag as its author wrote it, without the sign.
fn display_form(text: &str) -> String {
    text.trim().trim_start_matches(['#', '＃']).to_owned()
}

fn is_shortcode(name: &str) -> bool {
    (2..=MAX_SHORTCODE).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
