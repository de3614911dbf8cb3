//! Notifications and markers.

use chrono::{DateTime, Utc};

use crate::ids::{AccountId, CollectionId, NotificationId, RelationId, StatusId};

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
    /// Follows of the account ended because a domain was blocked.
    SeveredRelationships,
    /// Somebody put the account into a collection.
    AddedToCollection,
    /// A collection that the account is in is called or described otherwise.
    CollectionUpdate,
    /// Somebody signed up (moderators only).
    AdminSignUp,
    /// Somebody put an emoji on one of its statuses: told only to clients that ask for it.
    ///
    /// Source: <https://docs.pleroma.social/backend/development/API/differences_in_mastoapi_responses/#emojireact-notification>
    EmojiReaction,
}

impl NotificationType {
    /// All types, in the order of the documentation.
    pub const ALL: [Self; 15] = [
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
        Self::SeveredRelationships,
        Self::AddedToCollection,
        Self::CollectionUpdate,
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
            Self::SeveredRelationships => "severed_relationships",
            Self::AddedToCollection => "added_to_collection",
            Self::CollectionUpdate => "collection_update",
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

    /// Whether the owner's policy may hold it back, as on Mastodon. What somebody asked to be told it may not. A
    /// request to follow that is held back is still among the requests to follow.
    pub fn is_filterable(self) -> bool {
        matches!(
            self,
            Self::Mention
                | Self::Reblog
                | Self::Follow
                | Self::FollowRequest
                | Self::Favourite
                | Self::Quote
                | Self::AddedToCollection
                | Self::EmojiReaction
        )
    }

    /// Whether it carries words of somebody else: what is held back of it waits for its owner's decision.
    pub fn is_message(self) -> bool {
        matches!(self, Self::Mention | Self::Quote)
    }

    /// Whether an account causes it itself.
    pub fn is_from_oneself(self) -> bool {
        matches!(self, Self::Poll | Self::SeveredRelationships)
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
    /// Its owner's policy holds it back.
    pub filtered: bool,
    /// The collection concerned.
    pub collection_id: Option<CollectionId>,
}

/// Why follows of an account ended at once.
///
/// Source: <https://docs.joinmastodon.org/entities/RelationshipSeveranceEvent/#type>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SeveranceKind {
    /// The operators suspended a domain.
    DomainBlock,
    /// The account blocked a domain itself.
    UserDomainBlock,
}

impl SeveranceKind {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DomainBlock => "domain_block",
            Self::UserDomainBlock => "user_domain_block",
        }
    }

    /// Reads a name of the database.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::DomainBlock, Self::UserDomainBlock]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// What an account lost when a domain was blocked.
///
/// Source: <https://docs.joinmastodon.org/entities/RelationshipSeveranceEvent/>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Severance {
    /// Our id.
    pub id: RelationId,
    /// Whose follows ended.
    pub account_id: AccountId,
    /// Why.
    pub kind: SeveranceKind,
    /// The domain.
    pub target_name: String,
    /// How many followers it lost.
    pub followers_count: i64,
    /// How many it followed.
    pub following_count: i64,
    /// When the first of them ended.
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
