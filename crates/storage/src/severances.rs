//! What accounts lost when a domain was blocked.

use std::collections::HashMap;

use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, NotificationId, RelationId},
    notification::{Severance, SeveranceKind},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result},
    ids::{among, chunks},
    schema::severances,
};

type Columns = (i64, i64, String, String, i64, i64, i64);

macro_rules! columns {
    () => {
        (
            severances::id,
            severances::account_id,
            severances::kind,
            severances::target_name,
            severances::followers_count,
            severances::following_count,
            severances::created_at,
        )
    };
}

fn severance_of(row: Columns) -> Result<Severance> {
    let (id, account_id, kind, target_name, followers_count, following_count, created_at) = row;
    Ok(Severance {
        id: RelationId(id),
        account_id: AccountId(account_id),
        kind: SeveranceKind::parse(&kind).ok_or(Error::Inconsistent {
            table: "severances",
            column: "kind",
            id,
        })?,
        target_name,
        followers_count,
        following_count,
        created_at: from_millis(created_at),
    })
}

/// Adds what an account lost to what it was not told yet of the same domain. `severance.id` and its time are used if
/// there is
/// no such row yet.
pub fn add_to_severance(conn: &mut Conn, severance: &Severance) -> Result<()> {
    let same = severances::table
        .filter(severances::account_id.eq(severance.account_id.0))
        .filter(severances::target_name.eq(&severance.target_name))
        .filter(severances::kind.eq(severance.kind.as_str()))
        .filter(severances::notification_id.is_null());
    let rows = diesel::update(same)
        .set((
            severances::followers_count.eq(severances::followers_count + severance.followers_count),
            severances::following_count.eq(severances::following_count + severance.following_count),
        ))
        .execute(conn)?;
    if rows == 0 {
        diesel::insert_into(severances::table)
            .values((
                severances::id.eq(severance.id.0),
                severances::account_id.eq(severance.account_id.0),
                severances::kind.eq(severance.kind.as_str()),
                severances::target_name.eq(&severance.target_name),
                severances::followers_count.eq(severance.followers_count),
                severances::following_count.eq(severance.following_count),
                severances::created_at.eq(severance.created_at.timestamp_millis()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// What people were not told yet of a domain, at most `limit`.
pub fn list_untold(conn: &mut Conn, domain: &str, kind: SeveranceKind, limit: i64) -> Result<Vec<Severance>> {
    let rows: Vec<Columns> = severances::table
        .filter(severances::target_name.eq(domain))
        .filter(severances::kind.eq(kind.as_str()))
        .filter(severances::notification_id.is_null())
        .order(severances::id)
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(severance_of).collect()
}

/// Notes which notification tells of it.
pub fn update_told(conn: &mut Conn, id: RelationId, notification: NotificationId) -> Result<()> {
    diesel::update(severances::table.find(id.0))
        .set(severances::notification_id.eq(notification.0))
        .execute(conn)?;
    Ok(())
}

/// Forgets what nobody is to be told.
pub fn delete_severance(conn: &mut Conn, id: RelationId) -> Result<()> {
    diesel::delete(severances::table.find(id.0)).execute(conn)?;
    Ok(())
}

/// What these notifications tell of.
pub fn load_severances(
    conn: &mut Conn,
    ids: &[NotificationId],
) -> Result<HashMap<NotificationId, Severance>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(Option<i64>, Columns)> = severances::table
            .filter(among(severances::notification_id.assume_not_null(), chunk))
            .select((severances::notification_id, columns!()))
            .load(conn)?;
        for (notification, row) in rows {
            if let Some(id) = notification {
                found.insert(NotificationId(id), severance_of(row)?);
            }
        }
    }
    Ok(found)
}
