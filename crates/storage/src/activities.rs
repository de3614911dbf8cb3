//! Activities of ours as they go over the wire, kept while something is to be delivered.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::ids::{AccountId, ActivityId};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::{activities, deliveries},
};

/// An activity as it goes over the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredActivity {
    /// Our id of it, not the one on the wire.
    pub id: ActivityId,
    /// Whose key signs its deliveries; `None`: the instance actor's.
    pub account_id: Option<AccountId>,
    /// JSON.
    pub body: String,
    /// The retired key that signs its deliveries instead, while there is one.
    pub retired_key_id: Option<i64>,
}

/// Adds an activity; false if there is one with this id already.
pub fn insert_activity(conn: &mut Conn, activity: &StoredActivity, now: DateTime<Utc>) -> Result<bool> {
    let row = (
        activities::id.eq(activity.id.0),
        activities::account_id.eq(activity.account_id.map(|id| id.0)),
        activities::body.eq(&activity.body),
        activities::created_at.eq(now.timestamp_millis()),
        activities::retired_key_id.eq(activity.retired_key_id),
    );
    let inserted = each_backend!(conn, c => diesel::insert_into(activities::table)
        .values(row)
        .on_conflict(activities::id)
        .do_nothing()
        .execute(c)?);
    Ok(inserted == 1)
}

/// The activities with these ids, in no particular order.
pub fn load_activities(conn: &mut Conn, ids: &[ActivityId]) -> Result<Vec<StoredActivity>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let rows: Vec<(i64, Option<i64>, String, Option<i64>)> = activities::table
            .filter(among(activities::id, chunk))
            .select((
                activities::id,
                activities::account_id,
                activities::body,
                activities::retired_key_id,
            ))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(id, account_id, body, retired_key_id)| StoredActivity {
                    id: ActivityId(id),
                    account_id: account_id.map(AccountId),
                    body,
                    retired_key_id,
                }),
        );
    }
    Ok(found)
}

/// Whether an activity of this account still waits to be delivered somewhere.
pub fn has_waiting_activity(conn: &mut Conn, account: AccountId) -> Result<bool> {
    Ok(diesel::select(exists(
        activities::table
            .inner_join(deliveries::table.on(deliveries::activity_id.eq(activities::id)))
            .filter(activities::account_id.eq(account.0))
            .filter(deliveries::dead_at.is_null()),
    ))
    .get_result(conn)?)
}

/// Forgets activities made before `before` that nothing refers to any more.
pub fn delete_unused_activities_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    let delivery = deliveries::table.filter(deliveries::activity_id.eq(activities::id));
    Ok(diesel::delete(
        activities::table
            .filter(activities::created_at.lt(before.timestamp_millis()))
            .filter(not(exists(delivery))),
    )
    .execute(conn)?)
}
