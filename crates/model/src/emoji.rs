//! Custom emoji.

use serde::{Deserialize, Serialize};

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
}
