//! Notifications.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, CollectionId, NotificationId, StatusId},
    notification::{Notification, NotificationType},
    page::Page,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    ids::{among, chunks},
    schema::{accounts, notifications},
};

type NotificationColumns = (
    i64,
    i64,
    String,
    i64,
    Option<i64>,
    Option<String>,
    i64,
    bool,
    Option<i64>,
);

fn notification_of(row: NotificationColumns) -> Result<Notification> {
    let (id, account_id, kind, from_account_id, status_id, group_key, created_at, filtered, collection_id) =
        row;
    let kind = NotificationType::parse(&kind);
    Ok(Notification {
        id: NotificationId(id),
        account_id: AccountId(account_id),
        kind: kind.ok_or(Error::Inconsistent {
            table: "notifications",
            column: "kind",
            id,
        })?,
        from_account_id: AccountId(from_account_id),
        status_id: status_id.map(StatusId),
        group_key: group_key.unwrap_or_else(|| format!("ungrouped-{id}")),
        created_at: from_millis(created_at),
        filtered,
        collection_id: collection_id.map(CollectionId),
    })
}

/// A notification to insert.
#[derive(Clone, Debug)]
pub struct NewNotification {
    /// Whose it is.
    pub account_id: AccountId,
    /// What it tells.
    pub kind: NotificationType,
    /// Who caused it.
    pub from_account_id: AccountId,
    /// The status concerned.
    pub status_id: Option<StatusId>,
    /// Key of its group, of groupable types.
    pub group_key: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its owner's policy holds it back.
    pub filtered: bool,
    /// The collection concerned.
    pub collection_id: Option<CollectionId>,
}

/// Adds a notification; `None` if the same one is there already. What blocked domains ended is told each time.
pub fn insert_notification(conn: &mut Conn, new: &NewNotification) -> Result<Option<NotificationId>> {
    let mut same = notifications::table
        .filter(notifications::account_id.eq(new.account_id.0))
        .filter(notifications::kind.eq(new.kind.as_str()))
        .filter(notifications::from_account_id.eq(new.from_account_id.0))
        .select(notifications::id)
        .into_boxed();
    same = match new.status_id {
        Some(status) => same.filter(notifications::status_id.eq(status.0)),
        None => same.filter(notifications::status_id.is_null()),
    };
    if let Some(collection) = new.collection_id {
        same = same.filter(notifications::collection_id.eq(collection.0));
    }
    let is_repeated = new.kind != NotificationType::SeveredRelationships;
    if is_repeated && same.first::<i64>(conn).optional()?.is_some() {
        return Ok(None);
    }
    let values = (
        notifications::account_id.eq(new.account_id.0),
        notifications::kind.eq(new.kind.as_str()),
        notifications::from_account_id.eq(new.from_account_id.0),
        notifications::status_id.eq(new.status_id.map(i64::from)),
        notifications::group_key.eq(&new.group_key),
        notifications::created_at.eq(new.created_at.timestamp_millis()),
        notifications::filtered.eq(new.filtered),
        notifications::collection_id.eq(new.collection_id.map(i64::from)),
    );
    let id: i64 = each_backend!(conn, conn => diesel::insert_into(notifications::table)
        .values(values)
        .returning(notifications::id)
        .get_result(conn)?);
    Ok(Some(NotificationId(id)))
}

/// Which notifications of an account are asked for.
#[derive(Clone, Debug, Default)]
pub struct NotificationFilter {
    /// Only these types; `None`: all.
    pub types: Option<Vec<NotificationType>>,
    /// None of these types.
    pub exclude_types: Vec<NotificationType>,
    /// Only those caused by this account.
    pub from: Option<AccountId>,
    /// Only those of this group.
    pub group_key: Option<String>,
    /// Those that are held back, too.
    pub include_filtered: bool,
}

type Backend = <Conn as Connection>::Backend;

fn filtered(owner: AccountId, filter: &NotificationFilter) -> notifications::BoxedQuery<'static, Backend> {
    let names = |types: &[NotificationType]| types.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
    let mut query = notifications::table
        .filter(notifications::account_id.eq(owner.0))
        .into_boxed();
    if !filter.include_filtered {
        query = query.filter(notifications::filtered.eq(false));
    }
    if let Some(types) = &filter.types {
        query = query.filter(notifications::kind.eq_any(names(types)));
    }
    if !filter.exclude_types.is_empty() {
        query = query.filter(notifications::kind.ne_all(names(&filter.exclude_types)));
    }
    if let Some(from) = filter.from {
        query = query.filter(notifications::from_account_id.eq(from.0));
    }
    if let Some(key) = filter.group_key.clone() {
        query = query.filter(notifications::group_key.eq(key));
    }
    query
}

/// Notifications of an account by page, newest first.
pub fn list_notifications(
    conn: &mut Conn,
    owner: AccountId,
    filter: &NotificationFilter,
    page: &Page,
) -> Result<Vec<Notification>> {
    let mut query = filtered(owner, filter).limit(page.limit);
    if let Some(max) = page.max_id {
        query = query.filter(notifications::id.lt(max));
    }
    if let Some(min) = page.lower() {
        query = query.filter(notifications::id.gt(min));
    }
    query = if page.is_ascending() {
        query.order(notifications::id.asc())
    } else {
        query.order(notifications::id.desc())
    };
    let mut rows: Vec<NotificationColumns> = query.load(conn)?;
    if page.is_ascending() {
        rows.reverse();
    }
    rows.into_iter().map(notification_of).collect()
}

/// A notification of this owner.
pub fn find_notification(
    conn: &mut Conn,
    owner: AccountId,
    id: NotificationId,
) -> Result<Option<Notification>> {
    let row: Option<NotificationColumns> = notifications::table
        .find(id.0)
        .filter(notifications::account_id.eq(owner.0))
        .first(conn)
        .optional()?;
    row.map(notification_of).transpose()
}

/// Removes a notification of this owner; false if there is none.
pub fn delete_notification(conn: &mut Conn, owner: AccountId, id: NotificationId) -> Result<bool> {
    let own = notifications::table
        .find(id.0)
        .filter(notifications::account_id.eq(owner.0));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// Removes all notifications of an owner but those that are held back, which the owner has not seen.
pub fn delete_all_notifications(conn: &mut Conn, owner: AccountId) -> Result<()> {
    diesel::delete(
        notifications::table
            .filter(notifications::account_id.eq(owner.0))
            .filter(notifications::filtered.eq(false)),
    )
    .execute(conn)?;
    Ok(())
}

/// Removes a group of notifications of an owner; false if there is none.
pub fn delete_notification_group(conn: &mut Conn, owner: AccountId, key: &str) -> Result<bool> {
    let rows = diesel::delete(
        notifications::table
            .filter(notifications::account_id.eq(owner.0))
            .filter(notifications::group_key.eq(key))
            .filter(notifications::filtered.eq(false)),
    )
    .execute(conn)?;
    Ok(rows > 0)
}

/// Removes what an act caused that was undone: a favourite, a follow, a request.
pub fn delete_notifications_of(
    conn: &mut Conn,
    owner: AccountId,
    kind: NotificationType,
    from: AccountId,
    status: Option<StatusId>,
) -> Result<()> {
    let same = notifications::table
        .filter(notifications::account_id.eq(owner.0))
        .filter(notifications::kind.eq(kind.as_str()))
        .filter(notifications::from_account_id.eq(from.0));
    match status {
        Some(status) => diesel::delete(same.filter(notifications::status_id.eq(status.0))).execute(conn)?,
        None => diesel::delete(same).execute(conn)?,
    };
    Ok(())
}

/// Removes what told any of `owners` of a collection: that they are in it, or (`kind`) only how it changed.
pub fn delete_notifications_of_collection(
    conn: &mut Conn,
    collection: CollectionId,
    owners: &[AccountId],
    kind: Option<NotificationType>,
) -> Result<()> {
    for chunk in chunks(owners) {
        let of_it = notifications::table
            .filter(notifications::collection_id.eq(collection.0))
            .filter(among(notifications::account_id, chunk));
        match kind {
            Some(kind) => {
                diesel::delete(of_it.filter(notifications::kind.eq(kind.as_str()))).execute(conn)?
            }
            None => diesel::delete(of_it).execute(conn)?,
        };
    }
    Ok(())
}

/// Removes all that `from` caused for `owner`: one has blocked the other.
pub fn delete_notifications_from(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<()> {
    diesel::delete(
        notifications::table
            .filter(notifications::account_id.eq(owner.0))
            .filter(notifications::from_account_id.eq(from.0)),
    )
    .execute(conn)?;
    Ok(())
}

/// Removes all that accounts of exactly this domain caused for `owner`, who blocked it.
pub fn delete_notifications_of_domain(conn: &mut Conn, owner: AccountId, domain: &str) -> Result<()> {
    let its = accounts::table
        .filter(accounts::domain.eq(domain))
        .select(accounts::id);
    diesel::delete(
        notifications::table
            .filter(notifications::account_id.eq(owner.0))
            .filter(notifications::from_account_id.eq_any(its)),
    )
    .execute(conn)?;
    Ok(())
}

/// Removes what is held back of what `from` caused for `owner`.
pub fn delete_filtered(conn: &mut Conn, owner: AccountId, from: AccountId) -> Result<()> {
    diesel::delete(
        notifications::table
            .filter(notifications::account_id.eq(owner.0))
            .filter(notifications::from_account_id.eq(from.0))
            .filter(notifications::filtered.eq(true)),
    )
    .execute(conn)?;
    Ok(())
}

/// Lets through the oldest `limit` of what is held back of what `from` caused for `owner`. Returns them, oldest first.
pub fn release_filtered(
    conn: &mut Conn,
    owner: AccountId,
    from: AccountId,
    limit: i64,
) -> Result<Vec<Notification>> {
    let rows: Vec<NotificationColumns> = notifications::table
        .filter(notifications::account_id.eq(owner.0))
        .filter(notifications::from_account_id.eq(from.0))
        .filter(notifications::filtered.eq(true))
        .order(notifications::id)
        .limit(limit)
        .load(conn)?;
    let released: Vec<Notification> = rows.into_iter().map(notification_of).collect::<Result<_>>()?;
    let ids: Vec<NotificationId> = released.iter().map(|notification| notification.id).collect();
    for chunk in chunks(&ids) {
        diesel::update(notifications::table.filter(among(notifications::id, chunk)))
            .set(notifications::filtered.eq(false))
            .execute(conn)?;
    }
    Ok(released)
}

/// The messages of one account that are held back for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// How many.
    pub count: i64,
    /// The newest status among them.
    pub newest: Option<StatusId>,
}

/// The messages of each of `senders` that are held back for `owner`; those without any are left out.
pub fn load_held(
    conn: &mut Conn,
    owner: AccountId,
    senders: &[AccountId],
) -> Result<HashMap<AccountId, Held>> {
    let mut found = HashMap::new();
    for chunk in chunks(senders) {
        let rows: Vec<(i64, i64, Option<i64>)> = notifications::table
            .filter(notifications::account_id.eq(owner.0))
            .filter(among(notifications::from_account_id, chunk))
            .filter(notifications::filtered.eq(true))
            .filter(notifications::kind.eq_any(message_names()))
            .group_by(notifications::from_account_id)
            .select((
                notifications::from_account_id,
                diesel::dsl::count_star(),
                diesel::dsl::max(notifications::status_id),
            ))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(from, count, newest)| {
            let newest = newest.map(StatusId);
            (AccountId(from), Held { count, newest })
        }));
    }
    Ok(found)
}

/// The names of the types that carry words of somebody else.
pub(crate) fn message_names() -> Vec<&'static str> {
    NotificationType::ALL
        .into_iter()
        .filter(|kind| kind.is_message())
        .map(NotificationType::as_str)
        .collect()
}

/// Number of notifications and the newest one of each of the owner's groups with these keys.
pub fn count_groups(
    conn: &mut Conn,
    owner: AccountId,
    keys: &[String],
) -> Result<HashMap<String, (i64, NotificationId)>> {
    let mut found = HashMap::new();
    for chunk in chunks(keys) {
        let rows: Vec<(Option<String>, i64, Option<i64>)> = notifications::table
            .filter(notifications::account_id.eq(owner.0))
            .filter(notifications::group_key.eq_any(chunk))
            .filter(notifications::filtered.eq(false))
            .group_by(notifications::group_key)
            .select((
                notifications::group_key,
                diesel::dsl::count_star(),
                diesel::dsl::max(notifications::id),
            ))
            .load(conn)?;
        for (key, count, newest) in rows {
            if let (Some(key), Some(newest)) = (key, newest) {
                found.insert(key, (count, NotificationId(newest)));
            }
        }
    }
    Ok(found)
}
