//! Requests: accounts whose messages are held back until their recipient lets them through, or not.
//!
//! Source: <https://docs.joinmastodon.org/methods/notifications/#get-requests>

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, RelationId, StatusId},
    page::Page,
};
use pouet_storage::{
    Conn, notification_policies as policies,
    notification_requests::{self as rows, RequestRow},
    notifications, statuses,
};

use crate::{
    conversations,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
    view::{StatusView, load_views},
    visibility::load_accounts,
};

/// Notifications that one transaction lets through: others write meanwhile.
const MERGED_AT_ONCE: i64 = 100;

/// A request.
///
/// Source: <https://docs.joinmastodon.org/entities/NotificationRequest/>
#[derive(Clone, Debug)]
pub struct RequestView {
    /// Our id.
    pub id: RelationId,
    /// Whose messages are held back.
    pub from: Arc<Account>,
    /// How many.
    pub count: i64,
    /// The newest of them.
    pub last_status: Option<StatusView>,
    /// When the first came.
    pub created_at: DateTime<Utc>,
    /// When the newest came.
    pub updated_at: DateTime<Utc>,
}

/// Requests with what they refer to, in the given order. Those of accounts that are gone are left out.
fn views_of(
    conn: &mut Conn,
    owner: AccountId,
    found: Vec<RequestRow>,
    now: DateTime<Utc>,
) -> Result<Vec<RequestView>> {
    let people: Vec<AccountId> = found.iter().map(|request| request.from_account_id).collect();
    let held = notifications::load_held(conn, owner, &people)?;
    let last: Vec<StatusId> = held.values().filter_map(|held| held.newest).collect();
    let people = load_accounts(conn, &people)?;
    let statuses = load_views(conn, Some(owner), &last, now)?;
    let statuses: HashMap<StatusId, StatusView> =
        statuses.into_iter().map(|view| (view.status.id, view)).collect();
    let view = |request: RequestRow| {
        let from = people
            .get(&request.from_account_id)
            .filter(|account| account.is_active())?;
        let held = held.get(&request.from_account_id).copied().unwrap_or_default();
        Some(RequestView {
            id: request.id,
            from: from.clone(),
            count: held.count,
            last_status: held.newest.and_then(|id| statuses.get(&id).cloned()),
            created_at: request.created_at,
            updated_at: request.updated_at,
        })
    };
    Ok(found.into_iter().filter_map(view).collect())
}

/// Requests of `viewer`, last made first.
pub async fn list(instance: &Instance, viewer: AccountId, page: Page) -> Result<Vec<RequestView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::list_requests(conn, viewer, &page)?;
            views_of(conn, viewer, found, now)
        })
        .await
}

/// One request of `viewer`.
///
/// # Errors
/// `NotFound` if it is not theirs, or was answered.
pub async fn find(instance: &Instance, viewer: AccountId, id: RelationId) -> Result<RequestView> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::load_requests(conn, viewer, &[id])?;
            views_of(conn, viewer, found, now)?.pop().ok_or(Error::NotFound)
        })
        .await
}

/// Lets an account through: what was held back of it joins the viewer's notifications and conversations before long,
/// and nothing of it is held back any more.
///
/// # Errors
/// `NotFound` if the request is not the viewer's, or was answered.
pub async fn accept(instance: &Instance, viewer: AccountId, id: RelationId) -> Result<()> {
    at_least_one(accept_all(instance, viewer, vec![id]).await?)
}

/// [`accept`] for several requests, and how many there were; others than the viewer's are passed over.
pub async fn accept_all(instance: &Instance, viewer: AccountId, ids: Vec<RelationId>) -> Result<usize> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            let found = rows::load_requests(tx, viewer, &ids)?;
            for request in &found {
                let from = request.from_account_id;
                policies::insert_permission(tx, viewer, from)?;
                rows::delete_request(tx, viewer, from)?;
                let job = Job::MergeNotifications {
                    account_id: viewer,
                    from_account_id: from,
                };
                jobs::enqueue(tx, handle.next_id(), &job, now, now)?;
            }
            Ok(found.len())
        })
        .await
}

/// Drops what was held back of an account. What it writes from now on is held back again.
///
/// # Errors
/// `NotFound` if the request is not the viewer's, or was answered.
pub async fn dismiss(instance: &Instance, viewer: AccountId, id: RelationId) -> Result<()> {
    at_least_one(dismiss_all(instance, viewer, vec![id]).await?)
}

/// [`dismiss`] for several requests, and how many there were; others than the viewer's are passed over.
pub async fn dismiss_all(instance: &Instance, viewer: AccountId, ids: Vec<RelationId>) -> Result<usize> {
    instance
        .write(move |tx| {
            let found = rows::load_requests(tx, viewer, &ids)?;
            for request in &found {
                rows::delete_request(tx, viewer, request.from_account_id)?;
                notifications::delete_filtered(tx, viewer, request.from_account_id)?;
            }
            Ok(found.len())
        })
        .await
}

fn at_least_one(count: usize) -> Result<()> {
    if count == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Whether everything that `viewer` let through has joined their notifications.
pub async fn is_merged(instance: &Instance, viewer: AccountId) -> Result<bool> {
    instance
        .read(move |conn| Ok(!policies::is_merging(conn, viewer)?))
        .await
}

/// Has what was held back of `from` join the notifications and conversations of `owner`, a part at a time, and tells
/// streams when all of it has. Letting them through may have been taken back meanwhile: then nothing happens.
pub(crate) async fn merge(instance: &Instance, owner: AccountId, from: AccountId) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            if !policies::is_merging_from(tx, owner, from)? {
                return Ok(());
            }
            let released = notifications::release_filtered(tx, owner, from, MERGED_AT_ONCE)?;
            let letters: Vec<StatusId> = released
                .iter()
                .filter(|notification| notification.kind.is_message())
                .filter_map(|notification| notification.status_id)
                .collect();
            let mut letters = statuses::load_statuses(tx, &letters)?;
            letters.sort_unstable_by_key(|status| status.id);
            for status in letters {
                conversations::enter(tx, &handle, &status, &[owner], now)?;
            }
            if i64::try_from(released.len()).unwrap_or(i64::MAX) == MERGED_AT_ONCE {
                let rest = Job::MergeNotifications {
                    account_id: owner,
                    from_account_id: from,
                };
                return jobs::enqueue(tx, handle.next_id(), &rest, now, now);
            }
            policies::end_merging(tx, owner, from)?;
            rows::delete_request(tx, owner, from)?;
            events::emit(tx, &Event::NotificationsMerged { account_id: owner }, now)
        })
        .await
}

/// Applies the policy of `owner` to `from` again, and forgets what was held back: one of them ended relations with
/// the other.
pub(crate) fn forget(tx: &mut Conn, owner: AccountId, from: AccountId) -> Result<()> {
    policies::delete_permission(tx, owner, from)?;
    Ok(rows::delete_request(tx, owner, from)?)
}

/// Forgets what accounts of exactly this domain caused for `owner` and was let through or held back: they blocked it.
pub(crate) fn forget_domain(tx: &mut Conn, owner: AccountId, domain: &str) -> Result<()> {
    policies::delete_permissions_of_domain(tx, owner, domain)?;
    rows::delete_requests_of_domain(tx, owner, domain)?;
    Ok(notifications::delete_notifications_of_domain(tx, owner, domain)?)
}
