//! Notifications in groups.
//!
//! Source: <https://docs.joinmastodon.org/methods/grouped_notifications/>

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, NotificationId, StatusId},
    notification::{NotificationType, Severance},
    page::Page,
};
use pouet_storage::{
    Conn,
    notifications::{self as rows, NotificationFilter},
};

use super::{NotificationQuery, NotificationView, unique, unread, views_of};
use crate::{
    collections::CollectionView,
    error::{Error, Result},
    instance::Instance,
    view::{StatusView, load_views},
};

/// Accounts shown of a group.
const SAMPLE_ACCOUNTS: usize = 8;
/// Notifications read to make a page of groups: a page with fewer groups is short, never wrong.
const GROUP_SCAN: i64 = 400;
/// Notifications of a group that its own page counts and shows.
const GROUP_LIMIT: i64 = 1000;

/// Several notifications shown as one.
///
/// Source: <https://docs.joinmastodon.org/entities/NotificationGroup/>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotificationGroup {
    /// What they have in common.
    pub group_key: String,
    /// What they tell.
    pub kind: NotificationType,
    /// How many there are.
    pub count: i64,
    /// The newest.
    pub most_recent_id: NotificationId,
    /// The oldest on this page.
    pub page_min_id: NotificationId,
    /// The newest on this page.
    pub page_max_id: NotificationId,
    /// When the newest on this page was made.
    pub latest_page_at: DateTime<Utc>,
    /// Who caused the newest ones, newest first, at most 8.
    pub sample_account_ids: Vec<AccountId>,
    /// The status concerned.
    pub status_id: Option<StatusId>,
    /// What its owner lost, of the type that tells this.
    pub severance: Option<Severance>,
    /// The collection concerned.
    pub collection: Option<CollectionView>,
}

/// A page of groups with all that they refer to.
#[derive(Clone, Debug)]
pub struct GroupedNotifications {
    /// Groups, the one with the newest notification first.
    pub groups: Vec<NotificationGroup>,
    /// Accounts in the samples and authors.
    pub accounts: Vec<Arc<Account>>,
    /// Statuses concerned.
    pub statuses: Vec<StatusView>,
}

/// Notifications of `viewer` in groups. `grouped_types`: group only these; `None`: all that can be.
///
/// A group appears once, at its newest notification on the page. Page boundaries are notification ids.
///
/// Source: <https://docs.joinmastodon.org/methods/grouped_notifications/#get-grouped>
pub async fn grouped(
    instance: &Instance,
    viewer: AccountId,
    query: NotificationQuery,
    grouped_types: Option<Vec<NotificationType>>,
    page: Page,
) -> Result<GroupedNotifications> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let scan = Page {
                limit: GROUP_SCAN,
                ..page
            };
            let found = rows::list_notifications(conn, viewer, &query.filter(), &scan)?;
            let views = views_of(conn, viewer, found, now)?;
            let mut groups = group_views(&views, grouped_types.as_deref());
            let limit = usize::try_from(page.limit).unwrap_or(0);
            if page.is_ascending() {
                groups.drain(..groups.len().saturating_sub(limit));
            } else {
                groups.truncate(limit);
            }
            count_whole_groups(conn, viewer, &mut groups)?;
            collect(conn, viewer, groups, now)
        })
        .await
}

/// Groups of a page in order of their newest notification. The key of a notification that is not grouped names it
/// alone.
fn group_views(
    views: &[NotificationView],
    grouped_types: Option<&[NotificationType]>,
) -> Vec<NotificationGroup> {
    let mut groups: Vec<NotificationGroup> = Vec::new();
    for NotificationView {
        notification,
        from,
        severance,
        collection,
        ..
    } in views
    {
        let grouping = notification.kind.is_groupable()
            && grouped_types.is_none_or(|types| types.contains(&notification.kind));
        let key = if grouping {
            notification.group_key.clone()
        } else {
            format!("ungrouped-{}", notification.id)
        };
        if let Some(group) = groups.iter_mut().find(|group| group.group_key == key) {
            group.count += 1;
            group.page_min_id = notification.id;
            if group.sample_account_ids.len() < SAMPLE_ACCOUNTS
                && !group.sample_account_ids.contains(&from.id)
            {
                group.sample_account_ids.push(from.id);
            }
        } else {
            groups.push(NotificationGroup {
                group_key: key,
                kind: notification.kind,
                count: 1,
                most_recent_id: notification.id,
                page_min_id: notification.id,
                page_max_id: notification.id,
                latest_page_at: notification.created_at,
                sample_account_ids: vec![from.id],
                status_id: notification.status_id,
                severance: severance.clone(),
                collection: collection.clone(),
            });
        }
    }
    groups
}

/// A group may reach beyond the page: its count and newest notification are those of the whole.
fn count_whole_groups(conn: &mut Conn, viewer: AccountId, groups: &mut [NotificationGroup]) -> Result<()> {
    let keys: Vec<String> = groups
        .iter()
        .map(|group| group.group_key.clone())
        .filter(|key| !key.starts_with("ungrouped-"))
        .collect();
    let totals = rows::count_groups(conn, viewer, &keys)?;
    for group in groups {
        if let Some((count, newest)) = totals.get(&group.group_key) {
            group.count = *count;
            group.most_recent_id = *newest;
        }
    }
    Ok(())
}

fn collect(
    conn: &mut Conn,
    viewer: AccountId,
    groups: Vec<NotificationGroup>,
    now: DateTime<Utc>,
) -> Result<GroupedNotifications> {
    let people = unique(
        groups
            .iter()
            .flat_map(|group| group.sample_account_ids.iter().copied()),
    );
    let ids = unique(groups.iter().filter_map(|group| group.status_id));
    Ok(GroupedNotifications {
        accounts: crate::accounts::load_in_order(conn, &people)?,
        statuses: load_views(conn, Some(viewer), &ids, now)?,
        groups,
    })
}

/// The notifications of a group of `viewer`, newest first; `NotFound` if there are none.
fn members(
    conn: &mut Conn,
    viewer: AccountId,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Vec<NotificationView>> {
    let found = if let Some(id) = key.strip_prefix("ungrouped-") {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        rows::find_notification(conn, viewer, id)?.into_iter().collect()
    } else {
        let filter = NotificationFilter {
            group_key: Some(key.to_owned()),
            ..NotificationFilter::default()
        };
        rows::list_notifications(conn, viewer, &filter, &Page::first(GROUP_LIMIT))?
    };
    let views = views_of(conn, viewer, found, now)?;
    if views.is_empty() {
        Err(Error::NotFound)
    } else {
        Ok(views)
    }
}

/// One group of `viewer`.
///
/// # Errors
/// `NotFound` if they have no such group.
pub async fn group(instance: &Instance, viewer: AccountId, key: &str) -> Result<GroupedNotifications> {
    let (key, now) = (key.to_owned(), instance.now());
    instance
        .read(move |conn| {
            let views = members(conn, viewer, &key, now)?;
            let mut groups = group_views(&views, key.starts_with("ungrouped-").then_some(&[]));
            groups.truncate(1);
            collect(conn, viewer, groups, now)
        })
        .await
}

/// Everybody who caused a notification of a group.
///
/// # Errors
/// `NotFound` if the viewer has no such group.
pub async fn group_accounts(instance: &Instance, viewer: AccountId, key: &str) -> Result<Vec<Arc<Account>>> {
    let (key, now) = (key.to_owned(), instance.now());
    let views = instance
        .read(move |conn| members(conn, viewer, &key, now))
        .await?;
    let mut seen = HashSet::new();
    Ok(views
        .into_iter()
        .map(|view| view.from)
        .filter(|account| seen.insert(account.id))
        .collect())
}

/// Removes a group of `viewer`; removing one that is not there is no error, as on Mastodon.
pub async fn dismiss_group(instance: &Instance, viewer: AccountId, key: &str) -> Result<()> {
    let key = key.to_owned();
    instance
        .write(move |tx| {
            match key.strip_prefix("ungrouped-").map(str::parse) {
                Some(Ok(id)) => rows::delete_notification(tx, viewer, id)?,
                Some(Err(_)) => false,
                None => rows::delete_notification_group(tx, viewer, &key)?,
            };
            Ok(())
        })
        .await
}

/// How many groups have notifications newer than the viewer's marker, counted over up to `limit` notifications.
pub async fn unread_group_count(
    instance: &Instance,
    viewer: AccountId,
    query: NotificationQuery,
    grouped_types: Option<Vec<NotificationType>>,
    limit: i64,
) -> Result<i64> {
    let now = instance.now();
    let views = instance
        .read(move |conn| unread(conn, viewer, &query, limit, now))
        .await?;
    Ok(i64::try_from(group_views(&views, grouped_types.as_deref()).len()).unwrap_or(limit))
}
