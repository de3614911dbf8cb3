//! Accounts, users and what relates two accounts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    emoji::CustomEmoji,
    ids::{AccountId, RelationId, UserId},
    quote::QuoteChoice,
    status::Visibility,
};

/// What kind of actor an account is on the wire.
///
/// Source: <https://www.w3.org/TR/activitystreams-vocabulary/#actor-types>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ActorType {
    /// A human being; `Organization` is shown the same way.
    #[default]
    Person,
    /// A bot.
    Service,
    /// A group that boosts what its members write to it.
    Group,
    /// A company or association.
    Organization,
    /// A program, such as another server's instance actor.
    Application,
}

impl ActorType {
    /// The name used on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Service => "Service",
            Self::Group => "Group",
            Self::Organization => "Organization",
            Self::Application => "Application",
        }
    }

    /// Reads a wire name; `None` for anything that is not an actor type.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "Person" => Self::Person,
            "Service" => Self::Service,
            "Group" => Self::Group,
            "Organization" => Self::Organization,
            "Application" => Self::Application,
            _ => return None,
        })
    }

    /// Whether clients show the account as automated.
    pub fn is_bot(self) -> bool {
        matches!(self, Self::Service | Self::Application)
    }
}

/// A row of the table on a profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Field {
    /// Label, plain text.
    pub name: String,
    /// Value as safe HTML.
    pub value: String,
    /// What the owner of a local account typed; empty for remote accounts.
    #[serde(default)]
    pub source: String,
    /// When the linked page was seen to link back, in Unix milliseconds.
    #[serde(default)]
    pub verified_at: Option<i64>,
}

/// An avatar or header picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Picture {
    /// Stored here: the key in the media store.
    Stored(String),
    /// On another server: its address. Shown through the media proxy.
    Remote(String),
}

/// Addresses of a remote actor that deliveries and fetches need.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RemoteActor {
    /// Personal inbox.
    pub inbox: String,
    /// Inbox shared by all actors of the host, if it has one.
    pub shared_inbox: Option<String>,
    /// Outbox collection.
    pub outbox: Option<String>,
    /// Followers collection: visibility of followers-only statuses is decided by it.
    pub followers: Option<String>,
    /// Following collection.
    pub following: Option<String>,
    /// Pinned statuses.
    pub featured: Option<String>,
    /// When the actor document was last fetched or received.
    pub fetched_at: DateTime<Utc>,
}

impl RemoteActor {
    /// The inbox that one delivery for all followers on the host goes to.
    pub fn delivery_inbox(&self) -> &str {
        self.shared_inbox.as_deref().unwrap_or(&self.inbox)
    }
}

/// Any actor that this instance knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Our id.
    pub id: AccountId,
    /// Name without domain, as its owner writes it.
    pub username: String,
    /// ASCII domain of the handle (with port in development), or `None` for a local account.
    pub domain: Option<String>,
    /// ActivityPub id; `None` for a local account, whose id is computed from the instance's address.
    pub uri: Option<String>,
    /// Page for humans of a remote account.
    pub url: Option<String>,
    /// Kind of actor.
    pub actor_type: ActorType,
    /// Plain text; may be empty.
    pub display_name: String,
    /// Biography as safe HTML; may be empty.
    pub note: String,
    /// Biography as its local owner typed it.
    pub note_source: String,
    /// Profile table.
    pub fields: Vec<Field>,
    /// Avatar, or `None` for the default one.
    pub avatar: Option<Picture>,
    /// Header, or `None` for the default one.
    pub header: Option<Picture>,
    /// Alternative text of the avatar; may be empty.
    pub avatar_description: String,
    /// Alternative text of the header; may be empty.
    pub header_description: String,
    /// Custom emoji used in name, biography and fields.
    pub emojis: Vec<CustomEmoji>,
    /// Follows need approval.
    pub locked: bool,
    /// May be shown in directory and trends.
    pub discoverable: bool,
    /// Public statuses may be found by search.
    pub indexable: bool,
    /// Followers and following are not listed.
    pub hide_collections: bool,
    /// In memory of somebody.
    pub memorial: bool,
    /// Other ids of the same person, for moves.
    pub also_known_as: Vec<String>,
    /// Domains of sites that may name the account as the author of their pages.
    pub attribution_domains: Vec<String>,
    /// Where the account moved.
    pub moved_to: Option<AccountId>,
    /// Number of statuses, boosts included.
    pub statuses_count: i64,
    /// Number of followers.
    pub followers_count: i64,
    /// Number of accounts followed.
    pub following_count: i64,
    /// When the newest status was made.
    pub last_status_at: Option<DateTime<Utc>>,
    /// When the account was made (there, if remote).
    pub created_at: DateTime<Utc>,
    /// Suspended by us or by its origin.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Limited: shown only to those who follow it.
    pub silenced_at: Option<DateTime<Utc>>,
    /// Deleted for good; the row keeps the name from being used again.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Addresses, of a remote account only.
    pub remote: Option<RemoteActor>,
}

impl Account {
    /// Whether the account lives on this instance.
    pub fn is_local(&self) -> bool {
        self.domain.is_none()
    }

    /// `user` for a local account, `user@domain` for a remote one.
    pub fn acct(&self) -> String {
        match &self.domain {
            None => self.username.clone(),
            Some(domain) => format!("{}@{domain}", self.username),
        }
    }

    /// Neither suspended nor deleted.
    pub fn is_active(&self) -> bool {
        self.suspended_at.is_none() && self.deleted_at.is_none()
    }

    /// The display name, or the username where it is empty.
    pub fn name(&self) -> &str {
        if self.display_name.is_empty() {
            &self.username
        } else {
            &self.display_name
        }
    }
}

/// What a user may do beside using their own account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Role {
    /// No privileges.
    #[default]
    User,
    /// Handles reports and accounts.
    Moderator,
    /// Changes settings as well.
    Admin,
    /// Owns the instance; cannot be removed by others.
    Owner,
}

impl Role {
    /// The name used in the database, on the command line and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads a role's name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "user" => Self::User,
            "moderator" => Self::Moderator,
            "admin" => Self::Admin,
            "owner" => Self::Owner,
            _ => return None,
        })
    }

    /// Whether tokens of this user may carry `admin:` scopes.
    pub fn is_staff(self) -> bool {
        self != Self::User
    }
}

/// A login that owns a local account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// The account that the user writes as.
    pub account_id: AccountId,
    /// E-mail address as typed.
    pub email: String,
    /// Privileges.
    pub role: Role,
    /// When the address was confirmed, or `None` while it is not.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// False while a moderator has to look at the registration.
    pub approved: bool,
    /// When the login was switched off.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Language of pages and mails (`en`, `fr`).
    pub locale: String,
    /// Visibility of new statuses where the client names none.
    pub default_visibility: Visibility,
    /// Whether media of new statuses are hidden where the client says nothing.
    pub default_sensitive: bool,
    /// Language of new statuses where the client names none (ISO 639-1).
    pub default_language: Option<String>,
    /// Who may quote new statuses where the client says nothing.
    pub default_quote_policy: QuoteChoice,
    /// When the user was made.
    pub created_at: DateTime<Utc>,
}

/// Why a user cannot use the API or the pages at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inactive {
    /// The address is not confirmed.
    Unconfirmed,
    /// The registration waits for approval.
    Pending,
    /// The login was switched off.
    Disabled,
    /// The account was suspended.
    Suspended,
}

impl User {
    /// `None` if the user may act; the account's own suspension counts too.
    pub fn inactive(&self, account: &Account) -> Option<Inactive> {
        if self.disabled_at.is_some() {
            Some(Inactive::Disabled)
        } else if !account.is_active() {
            Some(Inactive::Suspended)
        } else if self.confirmed_at.is_none() {
            Some(Inactive::Unconfirmed)
        } else if !self.approved {
            Some(Inactive::Pending)
        } else {
            None
        }
    }
}

/// A follow, or a request to follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Follow {
    /// Our id; pages of followers are keyed by it.
    pub id: RelationId,
    /// Who follows.
    pub account_id: AccountId,
    /// Who is followed.
    pub target_id: AccountId,
    /// Id of the Follow activity if it was made elsewhere.
    pub uri: Option<String>,
    /// False while the target has not accepted.
    pub accepted: bool,
    /// Boosts by the target enter the follower's home.
    pub show_reblogs: bool,
    /// New statuses of the target make notifications.
    pub notify: bool,
    /// Only statuses in these languages enter home; empty: all.
    pub languages: Vec<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// How a viewer stands to another account.
///
/// Source: <https://docs.joinmastodon.org/entities/Relationship/>
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Relationship {
    /// The other account.
    pub id: Option<AccountId>,
    /// The viewer follows it.
    pub following: bool,
    /// Its boosts are shown.
    pub showing_reblogs: bool,
    /// Its statuses make notifications.
    pub notifying: bool,
    /// Languages that the follow is limited to; empty: all.
    pub languages: Vec<String>,
    /// It follows the viewer.
    pub followed_by: bool,
    /// The viewer blocks it.
    pub blocking: bool,
    /// It blocks the viewer.
    pub blocked_by: bool,
    /// The viewer mutes it.
    pub muting: bool,
    /// The mute covers notifications.
    pub muting_notifications: bool,
    /// When the mute ends.
    pub muting_expires_at: Option<DateTime<Utc>>,
    /// The viewer has asked to follow it.
    pub requested: bool,
    /// It has asked to follow the viewer.
    pub requested_by: bool,
    /// The viewer blocks its whole domain.
    pub domain_blocking: bool,
    /// The viewer features it on their profile.
    pub endorsed: bool,
    /// The viewer's private note about it.
    pub note: String,
}
