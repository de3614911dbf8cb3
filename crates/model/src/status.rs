//! Statuses, polls, media attachments and who a status is addressed to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    emoji::CustomEmoji,
    ids::{AccountId, AppId, ConversationId, MediaId, PollId, StatusId},
};

/// Who may see a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody, and it appears in public timelines.
    #[default]
    Public,
    /// Everybody, but it stays out of public timelines.
    Unlisted,
    /// Followers and the mentioned.
    Private,
    /// Those addressed, not all of whom are named: a circle or group of friends on another server. Nothing is posted
    /// so here, and clients are told `private`, as on Mastodon.
    Limited,
    /// The mentioned only.
    Direct,
}

impl Visibility {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
            Self::Limited => "limited",
            Self::Direct => "direct",
        }
    }

    /// The name in the client API.
    pub fn client_name(self) -> &'static str {
        match self {
            Self::Limited => Self::Private.as_str(),
            other => other.as_str(),
        }
    }

    /// Reads a name of the database.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "public" => Self::Public,
            "unlisted" => Self::Unlisted,
            "private" => Self::Private,
            "limited" => Self::Limited,
            "direct" => Self::Direct,
            _ => return None,
        })
    }

    /// Reads a name of the client API: of what may be posted here.
    pub fn parse_client(name: &str) -> Option<Self> {
        Self::parse(name).filter(|visibility| *visibility != Self::Limited)
    }

    /// Whether only who is addressed by name or id may see it: no collection of followers is.
    pub fn is_for_addressees(self) -> bool {
        matches!(self, Self::Limited | Self::Direct)
    }

    /// Public or unlisted: anybody may read, boost and link to it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }
}

/// A status of a local or remote account; a boost is a status with `reblog_of_id`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Our id.
    pub id: StatusId,
    /// Author.
    pub account_id: AccountId,
    /// ActivityPub id (of a boost: of its Announce); `None` for a local status.
    pub uri: Option<String>,
    /// Page for humans of a remote status.
    pub url: Option<String>,
    /// The status answered, once we know it.
    pub in_reply_to_id: Option<StatusId>,
    /// Its author.
    pub in_reply_to_account_id: Option<AccountId>,
    /// ActivityPub id of the status answered while we do not know it.
    pub in_reply_to_uri: Option<String>,
    /// The status boosted.
    pub reblog_of_id: Option<StatusId>,
    /// The thread.
    pub conversation_id: ConversationId,
    /// What a local author typed; empty for remote statuses and boosts.
    pub text: String,
    /// Safe HTML; may be empty.
    pub content: String,
    /// Content warning, plain text; may be empty.
    pub spoiler_text: String,
    /// Media are hidden until asked for.
    pub sensitive: bool,
    /// Who may see it.
    pub visibility: Visibility,
    /// ISO 639-1 code.
    pub language: Option<String>,
    /// Its poll.
    pub poll_id: Option<PollId>,
    /// The application it was written with.
    pub application_id: Option<AppId>,
    /// Custom emoji used in it.
    pub emojis: Vec<CustomEmoji>,
    /// Number of replies that we know.
    pub replies_count: i64,
    /// Number of boosts that we know.
    pub reblogs_count: i64,
    /// Number of favourites that we know.
    pub favourites_count: i64,
    /// When it was published.
    pub created_at: DateTime<Utc>,
    /// When it was last edited.
    pub edited_at: Option<DateTime<Utc>>,
    /// It stays on this instance: nobody elsewhere is told of it or shown it.
    pub local_only: bool,
    /// When it is removed, if its author gave it an end.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Status {
    /// Whether anybody anywhere may read it.
    pub fn is_open(&self) -> bool {
        self.visibility.is_open() && !self.local_only
    }

    /// Whether it was made on this instance.
    pub fn is_local(&self) -> bool {
        self.uri.is_none()
    }
}

/// Somebody named in a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mention {
    /// The account named.
    pub account_id: AccountId,
    /// Addressed without being named in the text: sees the status, is not shown, is not notified.
    pub silent: bool,
}

/// A hashtag as used in one status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusTag {
    /// Folded name, without `#`.
    pub name: String,
}

/// Kind of a media attachment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MediaType {
    /// A picture.
    Image,
    /// A silent looping video.
    Gifv,
    /// A video.
    Video,
    /// A sound.
    Audio,
    /// Something that we only link to.
    #[default]
    Unknown,
}

impl MediaType {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Gifv => "gifv",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a name of the client API; anything else is `Unknown`.
    pub fn parse(name: &str) -> Self {
        match name {
            "image" => Self::Image,
            "gifv" => Self::Gifv,
            "video" => Self::Video,
            "audio" => Self::Audio,
            _ => Self::Unknown,
        }
    }
}

/// Width and height in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// How a sound or a video goes on in time, as its server says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timing {
    /// Milliseconds.
    pub duration_ms: Option<i64>,
    /// Pictures in a second.
    pub frame_rate: Option<i64>,
    /// Bits in a second.
    pub bitrate: Option<i64>,
}

/// A file attached to a status, or waiting to be.
#[derive(Clone, PartialEq, Debug)]
pub struct MediaAttachment {
    /// Our id.
    pub id: MediaId,
    /// Who uploaded it, or the author of the remote status.
    pub account_id: AccountId,
    /// The status it belongs to, once posted.
    pub status_id: Option<StatusId>,
    /// Kind.
    pub media_type: MediaType,
    /// MIME type of the original.
    pub content_type: String,
    /// Key of the original in the media store; `None` for a remote file that is not cached.
    pub file: Option<String>,
    /// Key of the small variant in the media store.
    pub thumbnail: Option<String>,
    /// Address on the other server.
    pub remote_url: Option<String>,
    /// Alternative text.
    pub description: Option<String>,
    /// Placeholder shown while loading.
    pub blurhash: Option<String>,
    /// Point to keep visible when cropping: x, y in [-1, 1].
    pub focus: Option<(f64, f64)>,
    /// Size of the original.
    pub size: Option<Size>,
    /// Size of the small variant.
    pub small_size: Option<Size>,
    /// Address on the other server of a picture that stands for a sound or a video.
    pub preview_remote_url: Option<String>,
    /// How a sound or a video goes on in time.
    pub timing: Timing,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

/// One answer of a poll.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PollOption {
    /// Plain text.
    pub title: String,
    /// Votes that we know.
    pub votes_count: i64,
}

/// A poll attached to a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Poll {
    /// Our id.
    pub id: PollId,
    /// The status it belongs to.
    pub status_id: StatusId,
    /// Its author.
    pub account_id: AccountId,
    /// Answers, in order.
    pub options: Vec<PollOption>,
    /// Several answers may be chosen.
    pub multiple: bool,
    /// Totals stay hidden until the end.
    pub hide_totals: bool,
    /// When it ends, or `None` if it never does.
    pub expires_at: Option<DateTime<Utc>>,
    /// Number of voters, where known.
    pub voters_count: Option<i64>,
}

impl Poll {
    /// Whether votes are no longer taken at `now`.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Sum of votes over all options.
    pub fn votes_count(&self) -> i64 {
        self.options.iter().map(|option| option.votes_count).sum()
    }
}

/// An earlier or the current version of a status.
///
/// Source: <https://docs.joinmastodon.org/entities/StatusEdit/>
#[derive(Clone, PartialEq, Debug)]
pub struct StatusEdit {
    /// Safe HTML.
    pub content: String,
    /// Content warning.
    pub spoiler_text: String,
    /// Media were hidden.
    pub sensitive: bool,
    /// Titles of the poll's options, if it had one.
    pub poll_options: Option<Vec<String>>,
    /// Media of that version.
    pub media: Vec<MediaAttachment>,
    /// When this version was published.
    pub created_at: DateTime<Utc>,
}
