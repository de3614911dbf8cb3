//! <https://docs.joinmastodon.org/entities/ScheduledStatus/>

use pouet_model::{
    ids::{DraftId, MediaId, ScheduledId, StatusId},
    quote::QuoteChoice,
    scheduled::Draft,
    urls::Urls,
};
use pouet_service::statuses::{drafts::DraftView, scheduled::ScheduledView};
use serde::Serialize;

use super::{media::MediaAttachment, time::Iso};

/// A status that waits for its time.
#[derive(Serialize)]
pub(crate) struct ScheduledStatus<'a> {
    id: ScheduledId,
    scheduled_at: Iso,
    params: Params<'a>,
    media_attachments: Vec<MediaAttachment<'a>>,
}

/// The request that made it. Unlike elsewhere, the ids of the status answered and of the application are numbers.
#[derive(Serialize)]
struct Params<'a> {
    text: &'a str,
    spoiler_text: Option<&'a str>,
    visibility: &'static str,
    sensitive: Option<bool>,
    language: Option<&'a str>,
    in_reply_to_id: Option<i64>,
    media_ids: Option<&'a [MediaId]>,
    poll: Option<Poll<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_id: Option<i64>,
    idempotency: Option<&'a str>,
    scheduled_at: Option<Iso>,
    quoted_status_id: Option<StatusId>,
    quote_approval_policy: Option<&'static str>,
    with_rate_limit: bool,
    /// Of this program: it stays on this instance.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    local_only: bool,
    /// Of this program: seconds from publication until it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    /// Of this program: when it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Iso>,
}

#[derive(Serialize)]
struct Poll<'a> {
    options: &'a [String],
    expires_in: String,
    multiple: bool,
    hide_totals: bool,
}

impl<'a> Params<'a> {
    fn of(draft: &'a Draft) -> Self {
        Self {
            text: &draft.text,
            spoiler_text: Some(draft.spoiler_text.as_str()).filter(|text| !text.is_empty()),
            visibility: draft.visibility.as_str(),
            sensitive: draft.sensitive,
            language: draft.language.as_deref(),
            in_reply_to_id: draft.in_reply_to_id.map(i64::from),
            media_ids: Some(draft.media_ids.as_slice()).filter(|ids| !ids.is_empty()),
            poll: draft.poll.as_ref().map(|poll| Poll {
                options: &poll.options,
                expires_in: poll.expires_in.to_string(),
                multiple: poll.multiple,
                hide_totals: poll.hide_totals,
            }),
            application_id: draft.application_id.map(i64::from),
            idempotency: draft.idempotency_key.as_deref(),
            scheduled_at: None,
            quoted_status_id: draft.quoted_status_id,
            quote_approval_policy: draft.quote_policy.map(QuoteChoice::as_str),
            with_rate_limit: false,
            local_only: draft.local_only,
            expires_in: draft.expires_in,
            expires_at: draft.expires_at.map(Iso),
        }
    }
}

/// What an author has not finished, of this program alone.
#[derive(Serialize)]
pub(crate) struct DraftStatus<'a> {
    id: DraftId,
    params: Params<'a>,
    media_attachments: Vec<MediaAttachment<'a>>,
    created_at: Iso,
    updated_at: Iso,
}

impl<'a> DraftStatus<'a> {
    /// `view` with its files.
    pub(crate) fn from_view(view: &'a DraftView, urls: &Urls) -> Self {
        Self {
            id: view.stored.id,
            params: Params::of(&view.stored.draft),
            media_attachments: MediaAttachment::list(&view.media, urls),
            created_at: Iso(view.stored.created_at),
            updated_at: Iso(view.stored.updated_at),
        }
    }
}

impl<'a> ScheduledStatus<'a> {
    /// `view` with its files.
    pub(crate) fn from_view(view: &'a ScheduledView, urls: &Urls) -> Self {
        Self {
            id: view.scheduled.id,
            scheduled_at: Iso(view.scheduled.scheduled_at),
            params: Params::of(&view.scheduled.draft),
            media_attachments: MediaAttachment::list(&view.media, urls),
        }
    }
}
