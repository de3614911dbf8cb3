//! Notifications and markers.

use chrono::{DateTime, Utc};

use crate::ids::{AccountId, NotificationId, StatusId};

/// What a notification tells.
///
/// Source: <https://docs.joinmastodon.org/entities/Notification/#type>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum NotificationType {
    /// Somebody named the account in a status.
    Mention,
    /// Somebody whose statuses the account asked to be notified of posted.
    Status,
    /// Somebody boosted one of its statuses.
    Reblog,
    /// Somebody followed it.
    Follow,
    /// Somebody asked to follow it.
    FollowRequest,
    /// Somebody favourited one of its statuses.
    Favourite,
    /// A poll that it made or voted in has ended.
    Poll,
    /// A status that it boosted was edited.
    Update,
    /// Somebody quoted one of its statuses.
    Quote,
    /// A status that it quoted was edited.
    QuotedUpdate,
    /// Somebody signed up (moderators only).
    AdminSignUp,
    /// Somebody put an emoji on one of its statuses: told only to clients that ask for it.
    ///
    /// Source: <https://docs.pleroma.social/backend/development/API/differences_in_mastoapi_responses/#emojireact-notification>
    EmojiReaction,
}

impl NotificationType {
    /// All types, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::Mention,
        Self::Status,
        Self::Reblog,
        Self::Follow,
        Self::FollowRequest,
        Self::Favourite,
        Self::Poll,
        Self::Update,
        Self::Quote,
        Self::QuotedUpdate,
        Self::AdminSignUp,
        Self::EmojiReaction,
    ];

    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Status => "status",
            Self::Reblog => "reblog",
            Self::Follow => "follow",
            Self::FollowRequest => "follow_request",
            Self::Favourite => "favourite",
            Self::Poll => "poll",
            Self::Update => "update",
            Self::Quote => "quote",
            Self::QuotedUpdate => "quoted_update",
            Self::AdminSignUp => "admin.sign_up",
            Self::EmojiReaction => "pleroma:emoji_reaction",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether clients are told of it only if they name the type: others would not know what to show.
    pub fn is_on_request(self) -> bool {
        self == Self::EmojiReaction
    }

    /// Whether several notifications of this type may be shown as one group.
    pub fn is_groupable(self) -> bool {
        matches!(
            self,
            Self::Favourite | Self::Reblog | Self::Follow | Self::AdminSignUp
        )
    }
}

/// A notification of a local account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// Our id.
    pub id: NotificationId,
    /// Whose notification it is.
    pub account_id: AccountId,
    /// What it tells.
    pub kind: NotificationType,
    /// Who caused it.
    pub from_account_id: AccountId,
    /// The status concerned.
    pub status_id: Option<StatusId>,
    /// Notifications with the same key form a group; `ungrouped-<id>` where the type is not grouped.
    pub group_key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// How far a timeline was read.
///
/// Source: <https://docs.joinmastodon.org/entities/Marker/>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marker {
    /// `home` or `notifications`.
    pub timeline: String,
    /// Id of the newest item read.
    pub last_read_id: i64,
    /// Counts updates, for optimistic locking.
    pub version: i64,
    /// When it was last moved.
    pub updated_at: DateTime<Utc>,
}
