//! Statuses of other servers, as `federation` read them: sanitised and within limits.

use chrono::{DateTime, Utc};
use pouet_model::{
    emoji::CustomEmoji,
    ids::AccountId,
    interaction::Rules,
    quote::QuotePolicy,
    status::{MediaType, Mention, PollOption, Size, Timing, Visibility},
};

use crate::{quotes::RemoteQuote, view::TagView};

/// A remote status.
#[derive(Clone, Debug)]
pub struct RemoteStatus {
    /// ActivityPub id, on its author's host.
    pub uri: String,
    /// Page for humans.
    pub url: Option<String>,
    /// Its author, whom we know.
    pub account_id: AccountId,
    /// ActivityPub id of what it answers.
    pub in_reply_to_uri: Option<String>,
    /// Id that its thread has there.
    pub conversation_uri: Option<String>,
    /// Safe HTML.
    pub content: String,
    /// Content warning, plain text.
    pub spoiler_text: String,
    /// Media are hidden until asked for.
    pub sensitive: bool,
    /// Who may see it.
    pub visibility: Visibility,
    /// ISO 639 code.
    pub language: Option<String>,
    /// When it was published, as it says.
    pub published: DateTime<Utc>,
    /// When it was edited, as it says.
    pub updated: Option<DateTime<Utc>>,
    /// Accounts that we know among those named or addressed.
    pub mentions: Vec<Mention>,
    /// Hashtags.
    pub tags: Vec<TagView>,
    /// Attachments, in order.
    pub media: Vec<RemoteMedia>,
    /// Its poll.
    pub poll: Option<RemotePoll>,
    /// Custom emoji used in it.
    pub emojis: Vec<CustomEmoji>,
    /// Who may answer, favourite and boost it; `None`: everybody.
    pub rules: Option<Rules>,
    /// What it quotes.
    pub quote: Option<RemoteQuote>,
    /// Who may quote it.
    pub quote_policy: QuotePolicy,
    /// ActivityPub ids of some answers on its author's host, as it says.
    pub replies: Vec<String>,
    /// When it is to be removed here.
    pub expires_at: Option<DateTime<Utc>>,
}

/// An attachment of a remote status.
#[derive(Clone, PartialEq, Debug)]
pub struct RemoteMedia {
    /// Where the file is.
    pub remote_url: String,
    /// MIME type, as it says.
    pub content_type: String,
    /// Kind.
    pub media_type: MediaType,
    /// Alternative text.
    pub description: Option<String>,
    /// Placeholder shown while loading.
    pub blurhash: Option<String>,
    /// Point to keep visible when cropping: x, y in [-1, 1].
    pub focus: Option<(f64, f64)>,
    /// Size, as it says.
    pub size: Option<Size>,
    /// Where a picture is that stands for a sound or a video.
    pub preview_url: Option<String>,
    /// How a sound or a video goes on in time, as it says.
    pub timing: Timing,
}

/// The poll of a remote status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemotePoll {
    /// Answers with totals.
    pub options: Vec<PollOption>,
    /// Several answers may be chosen.
    pub multiple: bool,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Number of voters, where it says.
    pub voters_count: Option<i64>,
}
