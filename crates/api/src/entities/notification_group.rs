//! <https://docs.joinmastodon.org/methods/grouped_notifications/#GroupedNotificationsResults>

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, NotificationId, StatusId},
    urls::Urls,
};
use pouet_service::notifications::{GroupedNotifications as View, NotificationGroup as GroupView};
use serde::Serialize;

use super::{
    account::{Account, PartialAccount},
    collection::Collection,
    notification::SeveranceEvent,
    status::Status,
    time::Iso,
};

/// Groups, and what they mention.
#[derive(Serialize)]
pub(crate) struct GroupedNotifications<'a> {
    accounts: Vec<Account<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_accounts: Option<Vec<PartialAccount<'a>>>,
    statuses: Vec<Status<'a>>,
    notification_groups: Vec<NotificationGroup<'a>>,
}

/// Notifications that are shown as one.
#[derive(Serialize)]
struct NotificationGroup<'a> {
    group_key: &'a str,
    notifications_count: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    /// A number, unlike every other id: clients decode it as one.
    most_recent_notification_id: i64,
    page_min_id: NotificationId,
    page_max_id: NotificationId,
    latest_page_notification_at: Iso,
    sample_account_ids: &'a [AccountId],
    #[serde(skip_serializing_if = "Option::is_none")]
    status_id: Option<StatusId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<SeveranceEvent<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collection: Option<Collection<'a>>,
}

impl<'a> NotificationGroup<'a> {
    fn from_view(group: &'a GroupView, urls: &Urls) -> Self {
        Self {
            group_key: &group.group_key,
            notifications_count: group.count,
            kind: group.kind.as_str(),
            most_recent_notification_id: group.most_recent_id.0,
            page_min_id: group.page_min_id,
            page_max_id: group.page_max_id,
            latest_page_notification_at: Iso(group.latest_page_at),
            sample_account_ids: &group.sample_account_ids,
            status_id: group.status_id,
            event: group.severance.as_ref().map(SeveranceEvent::from_model),
            collection: group
                .collection
                .as_ref()
                .map(|collection| Collection::from_view(collection, urls)),
        }
    }
}

impl<'a> GroupedNotifications<'a> {
    /// `view` at `now`. With `partial_avatars`, only the first account of each group is given whole.
    pub(crate) fn from_view(view: &'a View, partial_avatars: bool, now: DateTime<Utc>, urls: &Urls) -> Self {
        let first: HashSet<AccountId> = view
            .groups
            .iter()
            .filter_map(|group| group.sample_account_ids.first().copied())
            .collect();
        let is_whole = |id| !partial_avatars || first.contains(&id);
        let accounts = || view.accounts.iter().map(AsRef::as_ref);
        Self {
            accounts: Account::list(accounts().filter(|account| is_whole(account.id)), urls),
            partial_accounts: partial_avatars.then(|| {
                accounts()
                    .filter(|account| !is_whole(account.id))
                    .map(|account| PartialAccount::from_model(account, urls))
                    .collect()
            }),
            statuses: view
                .statuses
                .iter()
                .map(|status| Status::from_view(status, now, urls))
                .collect(),
            notification_groups: view
                .groups
                .iter()
                .map(|group| NotificationGroup::from_view(group, urls))
                .collect(),
        }
    }
}

/// A number of unread notifications.
#[derive(Serialize)]
pub(crate) struct UnreadCount {
    pub(crate) count: i64,
}
