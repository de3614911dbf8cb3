//! <https://docs.joinmastodon.org/entities/NotificationPolicy/> and its predecessor, and requests:
//! <https://docs.joinmastodon.org/entities/NotificationRequest/>

use chrono::{DateTime, Utc};
use pouet_model::{ids::RelationId, notification_policy::Treatment, urls::Urls};
use pouet_service::notifications::{policy::PolicyView, requests::RequestView};
use serde::Serialize;

use super::{account::Account, status::Status, time::Iso};

/// What a policy holds back.
#[derive(Serialize)]
struct Summary {
    pending_requests_count: i64,
    pending_notifications_count: i64,
}

impl Summary {
    fn of(view: &PolicyView) -> Self {
        Self {
            pending_requests_count: view.pending_requests,
            pending_notifications_count: view.pending_notifications,
        }
    }
}

/// What becomes of notifications: `accept`, `filter` or `drop`.
#[derive(Serialize)]
pub(crate) struct NotificationPolicy {
    for_not_following: Treatment,
    for_not_followers: Treatment,
    for_new_accounts: Treatment,
    for_private_mentions: Treatment,
    for_limited_accounts: Treatment,
    for_bots: Treatment,
    summary: Summary,
}

impl NotificationPolicy {
    /// A policy and what it holds back.
    pub(crate) fn from_view(view: &PolicyView) -> Self {
        Self {
            for_not_following: view.policy.for_not_following,
            for_not_followers: view.policy.for_not_followers,
            for_new_accounts: view.policy.for_new_accounts,
            for_private_mentions: view.policy.for_private_mentions,
            for_limited_accounts: view.policy.for_limited_accounts,
            for_bots: view.policy.for_bots,
            summary: Summary::of(view),
        }
    }
}

/// The same as older clients know it: held back or not.
#[derive(Serialize)]
pub(crate) struct V1NotificationPolicy {
    filter_not_following: bool,
    filter_not_followers: bool,
    filter_new_accounts: bool,
    filter_private_mentions: bool,
    filter_bots: bool,
    summary: Summary,
}

impl V1NotificationPolicy {
    /// A policy and what it holds back.
    pub(crate) fn from_view(view: &PolicyView) -> Self {
        let is_filter = |treatment| treatment != Treatment::Accept;
        Self {
            filter_not_following: is_filter(view.policy.for_not_following),
            filter_not_followers: is_filter(view.policy.for_not_followers),
            filter_new_accounts: is_filter(view.policy.for_new_accounts),
            filter_private_mentions: is_filter(view.policy.for_private_mentions),
            filter_bots: is_filter(view.policy.for_bots),
            summary: Summary::of(view),
        }
    }
}

/// An account whose messages are held back. The count is a text, unlike other counts.
#[derive(Serialize)]
pub(crate) struct NotificationRequest<'a> {
    id: RelationId,
    created_at: Iso,
    updated_at: Iso,
    notifications_count: String,
    account: Account<'a>,
    last_status: Option<Status<'a>>,
}

impl<'a> NotificationRequest<'a> {
    /// `view` at `now`.
    pub(crate) fn from_view(view: &'a RequestView, now: DateTime<Utc>, urls: &Urls) -> Self {
        Self {
            id: view.id,
            created_at: Iso(view.created_at),
            updated_at: Iso(view.updated_at),
            notifications_count: view.count.to_string(),
            account: Account::from_model(&view.from, urls),
            last_status: view
                .last_status
                .as_ref()
                .map(|status| Status::from_view(status, now, urls)),
        }
    }
}

/// Whether everything that was let through is there.
#[derive(Serialize)]
pub(crate) struct Merged {
    pub(crate) merged: bool,
}
