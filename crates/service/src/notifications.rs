//! Notifications: made by the acts that cause them, listed singly or in groups.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, NotificationId, StatusId},
    notification::{Notification, NotificationType},
    page::Page,
    reaction::ReactionEmoji,
};
use pouet_storage::{
    Conn, accounts,
    notifications::{self as rows, NewNotification, NotificationFilter},
    reactions, sight,
};

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    view::{StatusView, load_views},
    visibility::load_accounts,
};

/// Hours that notifications of one group lie apart at most.
const GROUP_SPAN_HOURS: i64 = 12;
/// Accounts shown of a group.
const SAMPLE_ACCOUNTS: usize = 8;
/// Notifications read to make a page of groups: a page with fewer groups is short, never wrong.
const GROUP_SCAN: i64 = 400;
/// Notifications of a group that its own page counts and shows.
const GROUP_LIMIT: i64 = 1000;

/// A notification with what it is about.
#[derive(Clone, Debug)]
pub struct NotificationView {
    /// The notification.
    pub notification: Notification,
    /// Who caused it.
    pub from: Arc<Account>,
    /// The status concerned.
    pub status: Option<StatusView>,
    /// The emoji that was put on it, of the type that tells this.
    pub reaction: Option<ReactionEmoji>,
}

/// Which notifications are asked for.
#[derive(Clone, Debug, Default)]
pub struct NotificationQuery {
    /// Only these types; `None`: all but those that have to be named.
    pub types: Option<Vec<NotificationType>>,
    /// None of these types.
    pub exclude_types: Vec<NotificationType>,
    /// Only those caused by this account.
    pub account_id: Option<AccountId>,
}

impl NotificationQuery {
    fn filter(&self) -> NotificationFilter {
        let mut exclude_types = self.exclude_types.clone();
        if self.types.is_none() {
            exclude_types.extend(
                NotificationType::ALL
                    .into_iter()
                    .filter(|kind| kind.is_on_request()),
            );
        }
        NotificationFilter {
            types: self.types.clone(),
            exclude_types,
            from: self.account_id,
            group_key: None,
        }
    }
}

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

/// Makes a notification in the transaction of what it tells, if its owner is a local account that wants it.
pub(crate) fn notify(
    tx: &mut Conn,
    owner: AccountId,
    kind: NotificationType,
    from: AccountId,
    status_id: Option<StatusId>,
    now: DateTime<Utc>,
) -> Result<()> {
    if owner == from && kind != NotificationType::Poll {
        return Ok(());
    }
    let local = accounts::find_account(tx, owner)?.is_some_and(|account| account.is_local());
    if !local || (owner != from && sight::refuses_notifications(tx, owner, from, now)?) {
        return Ok(());
    }
    if !matches!(kind, NotificationType::FollowRequest | NotificationType::Poll)
        && is_limited_stranger(tx, owner, from)?
    {
        return Ok(());
    }
    let new = NewNotification {
        account_id: owner,
        kind,
        from_account_id: from,
        status_id,
        group_key: kind.is_groupable().then(|| group_key(kind, status_id, now)),
        created_at: now,
    };
    if let Some(notification_id) = rows::insert_notification(tx, &new)? {
        events::emit(
            tx,
            &Event::Notified {
                account_id: owner,
                notification_id,
            },
            now,
        )?;
    }
    Ok(())
}

/// Whether `from` is limited and `owner` does not follow them: then nothing they do is worth a notification but a request,
/// which the owner has to answer.
fn is_limited_stranger(tx: &mut Conn, owner: AccountId, from: AccountId) -> Result<bool> {
    let limited = accounts::find_account(tx, from)?.is_some_and(|account| account.silenced_at.is_some());
    Ok(limited && sight::load_followed(tx, owner, &[from])?.is_empty())
}

fn group_key(kind: NotificationType, status: Option<StatusId>, now: DateTime<Utc>) -> String {
    let bucket = now.timestamp() / (3600 * GROUP_SPAN_HOURS);
    match status {
        Some(status) => format!("{}-{status}-{bucket}", kind.as_str()),
        None => format!("{}-{bucket}", kind.as_str()),
    }
}

/// Notifications with accounts and statuses, in the given order. Those whose status the owner may no longer see,
/// and those of accounts that are gone, are left out.
fn views_of(
    conn: &mut Conn,
    owner: AccountId,
    found: Vec<Notification>,
    now: DateTime<Utc>,
) -> Result<Vec<NotificationView>> {
    let people: HashSet<AccountId> = found
        .iter()
        .map(|notification| notification.from_account_id)
        .collect();
    let people = load_accounts(conn, &people.into_iter().collect::<Vec<_>>())?;
    let ids: Vec<StatusId> = unique(found.iter().filter_map(|notification| notification.status_id));
    let statuses = load_views(conn, Some(owner), &ids, now)?;
    let (on, by): (Vec<StatusId>, Vec<AccountId>) = found
        .iter()
        .filter(|notification| notification.kind == NotificationType::EmojiReaction)
        .filter_map(|notification| Some((notification.status_id?, notification.from_account_id)))
        .unzip();
    let reactions = reactions::load_newest(conn, &on, &by)?;
    let view = |notification: Notification| {
        let from = people
            .get(&notification.from_account_id)
            .filter(|account| account.is_active())?
            .clone();
        let status = match notification.status_id {
            Some(id) => Some(statuses.iter().find(|view| view.status.id == id)?.clone()),
            None => None,
        };
        let reaction = notification
            .status_id
            .filter(|_| notification.kind == NotificationType::EmojiReaction)
            .and_then(|status| reactions.get(&(status, from.id)).cloned());
        Some(NotificationView {
            notification,
            from,
            status,
            reaction,
        })
    };
    Ok(found.into_iter().filter_map(view).collect())
}

fn unique<T: Copy + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

/// Notifications of `viewer`, newest first.
///
/// Source: <https://docs.joinmastodon.org/methods/notifications/#get>
pub async fn list(
    instance: &Instance,
    viewer: AccountId,
    query: NotificationQuery,
    page: Page,
) -> Result<Vec<NotificationView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::list_notifications(conn, viewer, &query.filter(), &page)?;
            views_of(conn, viewer, found, now)
        })
        .await
}

/// One notification of `viewer`.
///
/// # Errors
/// `NotFound` if it is not theirs, or what it tells is gone.
pub async fn find(instance: &Instance, viewer: AccountId, id: NotificationId) -> Result<NotificationView> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::find_notification(conn, viewer, id)?.ok_or(Error::NotFound)?;
            views_of(conn, viewer, vec![found], now)?
                .pop()
                .ok_or(Error::NotFound)
        })
        .await
}

/// Removes a notification of `viewer`.
///
/// # Errors
/// `NotFound` if it is not theirs.
pub async fn dismiss(instance: &Instance, viewer: AccountId, id: NotificationId) -> Result<()> {
    let removed = instance
        .write(move |tx| Ok(rows::delete_notification(tx, viewer, id)?))
        .await?;
    if removed { Ok(()) } else { Err(Error::NotFound) }
}

/// Removes all notifications of `viewer`.
pub async fn clear(instance: &Instance, viewer: AccountId) -> Result<()> {
    instance
        .write(move |tx| Ok(rows::delete_all_notifications(tx, viewer)?))
        .await
}

/// How many notifications are newer than the viewer's marker, counted up to `limit`.
pub async fn unread_count(
    instance: &Instance,
    viewer: AccountId,
    query: NotificationQuery,
    limit: i64,
) -> Result<i64> {
    let now = instance.now();
    let found = instance
        .read(move |conn| unread(conn, viewer, &query, limit, now))
        .await?;
    Ok(i64::try_from(found.len()).unwrap_or(limit))
}

fn unread(
    conn: &mut Conn,
    viewer: AccountId,
    query: &NotificationQuery,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<NotificationView>> {
    let marker = pouet_storage::markers::load_markers(conn, viewer, &["notifications"])?;
    let read = marker.first().map(|marker| marker.last_read_id);
    let page = Page {
        since_id: read,
        ..Page::first(limit)
    };
    let found = rows::list_notifications(conn, viewer, &query.filter(), &page)?;
    views_of(conn, viewer, found, now)
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
        notification, from, ..
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
