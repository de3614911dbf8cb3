//! What a user prefers, as clients read it.
//!
//! Source: <https://docs.joinmastodon.org/methods/preferences/>

use pouet_model::{account::User, status::Visibility};

/// Preferences of a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preferences {
    /// Visibility of new statuses.
    pub visibility: Visibility,
    /// Media of new statuses are hidden.
    pub sensitive: bool,
    /// Language of new statuses (ISO 639-1).
    pub language: Option<String>,
    /// Which media are shown: `default` (not the hidden ones), `show_all` or `hide_all`.
    pub expand_media: &'static str,
    /// Content warnings are opened.
    pub expand_spoilers: bool,
}

/// The preferences of a user.
pub fn of(user: &User) -> Preferences {
    Preferences {
        visibility: user.default_visibility,
        sensitive: user.default_sensitive,
        language: user.default_language.clone(),
        expand_media: "default",
        expand_spoilers: false,
    }
}
