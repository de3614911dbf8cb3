//! <https://docs.joinmastodon.org/entities/Poll/>

use chrono::{DateTime, Utc};
use pouet_model::{emoji::CustomEmoji as ModelEmoji, ids::PollId, urls::Urls};
use pouet_service::view::PollView;
use serde::Serialize;

use super::{emoji::CustomEmoji, time::Iso};

/// A poll. `voted` and `own_votes` are there for signed-in viewers only.
#[derive(Serialize)]
pub(crate) struct Poll<'a> {
    id: PollId,
    expires_at: Option<Iso>,
    expired: bool,
    multiple: bool,
    votes_count: i64,
    voters_count: Option<i64>,
    options: Vec<PollOption<'a>>,
    emojis: Vec<CustomEmoji<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_votes: Option<&'a [i64]>,
}

/// One answer; its votes are null while they are hidden.
#[derive(Serialize)]
struct PollOption<'a> {
    title: &'a str,
    votes_count: Option<i64>,
}

impl<'a> Poll<'a> {
    /// A poll at `now`; `emojis` are those of its status.
    pub(crate) fn from_view(
        view: &'a PollView,
        emojis: &'a [ModelEmoji],
        now: DateTime<Utc>,
        urls: &Urls,
    ) -> Self {
        let poll = &view.poll;
        let expired = poll.is_expired(now);
        let hidden = poll.hide_totals && !expired;
        let mut emojis = CustomEmoji::list(emojis, urls);
        emojis.retain(|emoji| poll.options.iter().any(|option| emoji.is_in(&option.title)));
        Self {
            id: poll.id,
            expires_at: poll.expires_at.map(Iso),
            expired,
            multiple: poll.multiple,
            votes_count: poll.votes_count(),
            voters_count: poll.voters_count,
            options: poll
                .options
                .iter()
                .map(|option| PollOption {
                    title: &option.title,
                    votes_count: (!hidden).then_some(option.votes_count),
                })
                .collect(),
            emojis,
            voted: view.voted,
            own_votes: view.own_votes.as_deref(),
        }
    }
}
