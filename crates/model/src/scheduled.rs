//! Statuses that wait for their time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, AppId, DraftId, MediaId, ScheduledId, StatusId},
    interaction::Choice,
    quote::QuoteChoice,
    status::Visibility,
};

/// What is to be posted, as it was asked for.
///
/// Source: <https://docs.joinmastodon.org/entities/ScheduledStatus/#params>
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// Text as typed.
    pub text: String,
    /// Content warning; empty: none.
    pub spoiler_text: String,
    /// Hide media; `None`: as the author prefers.
    pub sensitive: Option<bool>,
    /// Who may see it.
    pub visibility: Visibility,
    /// ISO 639 code.
    pub language: Option<String>,
    /// What it answers.
    pub in_reply_to_id: Option<StatusId>,
    /// Uploaded files, in order.
    pub media_ids: Vec<MediaId>,
    /// A poll.
    pub poll: Option<DraftPoll>,
    /// What it was written with.
    pub application_id: Option<AppId>,
    /// Who may do what with it; `None`: as the author prefers then.
    #[serde(default)]
    pub interactions: Option<Choice>,
    /// Key of the request that made it.
    pub idempotency_key: Option<String>,
    /// What it quotes.
    #[serde(default)]
    pub quoted_status_id: Option<StatusId>,
    /// Who may quote it; `None`: as the author prefers then.
    #[serde(default)]
    pub quote_policy: Option<QuoteChoice>,
    /// It stays on this instance.
    #[serde(default)]
    pub local_only: bool,
    /// Seconds from publication until it is removed.
    #[serde(default)]
    pub expires_in: Option<i64>,
    /// When it is removed, if that is not said in seconds.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// What an author has not finished.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredDraft {
    /// Our id.
    pub id: DraftId,
    /// Its author.
    pub account_id: AccountId,
    /// What is to be posted.
    pub draft: Draft,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A poll to be posted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DraftPoll {
    /// Plain texts, in order.
    pub options: Vec<String>,
    /// Seconds from publication until it ends.
    pub expires_in: i64,
    /// Several answers may be chosen.
    pub multiple: bool,
    /// Totals stay hidden until the end.
    pub hide_totals: bool,
}

/// A status that waits for its time.
///
/// Source: <https://docs.joinmastodon.org/entities/ScheduledStatus/>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduledStatus {
    /// Our id; the status posted gets another.
    pub id: ScheduledId,
    /// Its author.
    pub account_id: AccountId,
    /// What is to be posted.
    pub draft: Draft,
    /// When it is to be posted.
    pub scheduled_at: DateTime<Utc>,
}
