//! Notifications: made by the acts that cause them, listed singly or in groups, or held back until their owner decides.

mod groups;
mod make;
pub mod policy;
pub mod requests;
pub(crate) mod severance;

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, CollectionId, NotificationId, StatusId},
    notification::{Notification, NotificationType, Severance},
    page::Page,
    reaction::ReactionEmoji,
};
use pouet_storage::{
    Conn,
    notifications::{self as rows, NotificationFilter},
    reactions, severances,
};

use crate::{
    collections::{self, CollectionView},
    error::{Error, Result},
    instance::Instance,
    view::{StatusView, load_views},
    visibility::load_accounts,
};

pub use groups::{
    GroupedNotifications, NotificationGroup, dismiss_group, group, group_accounts, grouped,
    unread_group_count,
};
pub(crate) use make::{Message, Reception, hold, notify, notify_of_collection, reception, refuses_message};

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
    /// What its owner lost, of the type that tells this.
    pub severance: Option<Severance>,
    /// The collection concerned.
    pub collection: Option<CollectionView>,
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
    /// Those that are held back, too. Asked for by account, they always are.
    pub include_filtered: bool,
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
            include_filtered: self.include_filtered || self.account_id.is_some(),
        }
    }
}

/// Notifications with accounts and statuses, in the given order. Those whose status or collection the owner may no
/// longer see, and those of accounts that are gone, are left out.
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
    let severing: Vec<NotificationId> = found
        .iter()
        .filter(|notification| notification.kind == NotificationType::SeveredRelationships)
        .map(|notification| notification.id)
        .collect();
    let mut severed = severances::load_severances(conn, &severing)?;
    let told: Vec<CollectionId> = unique(found.iter().filter_map(|notification| notification.collection_id));
    let collections = collections::load_by_id(conn, Some(owner), &told)?;
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
        let severance = severed.remove(&notification.id);
        let collection = match notification.collection_id {
            Some(id) => Some(collections.get(&id)?.clone()),
            None => None,
        };
        Some(NotificationView {
            notification,
            from,
            status,
            reaction,
            severance,
            collection,
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
