//! <https://docs.joinmastodon.org/entities/Notification/>

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{NotificationId, RelationId},
    notification::Severance,
    reaction::ReactionEmoji,
    urls::Urls,
};
use pouet_service::notifications::NotificationView;
use serde::Serialize;

use super::{account::Account, collection::Collection, reaction, status::Status, time::Iso};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<SeveranceEvent<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collection: Option<Collection<'a>>,
    /// There only if it is held back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    filtered: bool,
    /// As Pleroma writes it, of the type that tells of an emoji.
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji_url: Option<Cow<'a, str>>,
}

/// What its owner lost: <https://docs.joinmastodon.org/entities/RelationshipSeveranceEvent/>
#[derive(Serialize)]
pub(crate) struct SeveranceEvent<'a> {
    id: RelationId,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whether what is known of the follows was removed; it is kept.
    purged: bool,
    target_name: &'a str,
    followers_count: i64,
    following_count: i64,
    created_at: Iso,
}

impl<'a> SeveranceEvent<'a> {
    /// `severance` as clients read it.
    pub(crate) fn from_model(severance: &'a Severance) -> Self {
        Self {
            id: severance.id,
            kind: severance.kind.as_str(),
            purged: false,
            target_name: &severance.target_name,
            followers_count: severance.followers_count,
            following_count: severance.following_count,
            created_at: Iso(severance.created_at),
        }
    }
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
            event: view.severance.as_ref().map(SeveranceEvent::from_model),
            collection: view
                .collection
                .as_ref()
                .map(|collection| Collection::from_view(collection, urls)),
            filtered: view.notification.filtered,
            emoji: view.reaction.as_ref().map(ReactionEmoji::content),
            emoji_url: view
                .reaction
                .as_ref()
                .and_then(|emoji| reaction::picture(emoji, urls)),
        }
    }
}
