//! <https://docs.joinmastodon.org/entities/Preferences/>

use pouet_model::{
    account::User,
    notification_policy::{Correspondents, Treatment},
};
use pouet_service::preferences;
use serde::Serialize;

/// What a user prefers, for clients that ask at their start.
#[derive(Serialize)]
pub(crate) struct Preferences<'a> {
    #[serde(rename = "posting:default:visibility")]
    visibility: &'static str,
    #[serde(rename = "posting:default:sensitive")]
    sensitive: bool,
    #[serde(rename = "posting:default:language")]
    language: Option<&'a str>,
    #[serde(rename = "posting:default:quote_policy")]
    quote_policy: &'static str,
    #[serde(rename = "reading:expand:media")]
    expand_media: &'static str,
    #[serde(rename = "reading:expand:spoilers")]
    expand_spoilers: bool,
    #[serde(rename = "reading:autoplay:gifs")]
    autoplay_gifs: bool,
}

/// What a user of this program prefers beyond what the client API knows.
#[derive(Serialize)]
pub(crate) struct OwnPreferences {
    /// Whose private messages are asked for.
    direct_messages: Correspondents,
    /// What becomes of those of others.
    other_direct_messages: Treatment,
    /// Whether it is counted how often links in their posts are followed.
    count_link_clicks: bool,
}

impl OwnPreferences {
    /// Those of a user.
    pub(crate) fn from_model(found: preferences::OwnPreferences) -> Self {
        Self {
            direct_messages: found.policy.direct_messages,
            other_direct_messages: found.policy.for_private_mentions,
            count_link_clicks: found.count_link_clicks,
        }
    }
}

impl<'a> Preferences<'a> {
    /// Those of `user`. How things are read is decided by clients; these are their defaults.
    pub(crate) fn of(user: &'a User) -> Self {
        Self {
            visibility: user.default_visibility.as_str(),
            sensitive: user.default_sensitive,
            language: user.default_language.as_deref(),
            quote_policy: user.default_quote_policy.as_str(),
            expand_media: "default",
            expand_spoilers: false,
            autoplay_gifs: false,
        }
    }
}
