//! <https://docs.joinmastodon.org/entities/Notification/>

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use pouet_model::{ids::NotificationId, reaction::ReactionEmoji, urls::Urls};
use pouet_service::notifications::NotificationView;
use serde::Serialize;

use super::{account::Account, reaction, status::Status, time::Iso};

/// Something that happened to the viewer.
#[derive(Serialize)]
pub(crate) struct Notification<'a> {
    id: NotificationId,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: Iso,
    group_key: &'a str,
    account: Account<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    /// As Pleroma writes it, of the type that tells of an emoji.
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji_url: Option<Cow<'a, str>>,
}

impl<'a> Notification<'a> {
    /// `view` at `now`.
    pub(crate) fn from_view(view: &'a NotificationView, now: DateTime<Utc>, urls: &Urls) -> Self {
        Self {
            id: view.notification.id,
            kind: view.notification.kind.as_str(),
            created_at: Iso(view.notification.created_at),
            group_key: &view.notification.group_key,
            account: Account::from_model(&view.from, urls),
            status: view
                .status
                .as_ref()
                .map(|status| Status::from_view(status, now, urls)),
            emoji: view.reaction.as_ref().map(ReactionEmoji::content),
            emoji_url: view
                .reaction
                .as_ref()
                .and_then(|emoji| reaction::picture(emoji, urls)),
        }
    }
}
