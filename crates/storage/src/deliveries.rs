//! Deliveries: one row for each inbox that an activity still has to reach.
//!
//! The waiting rows of one host are its lane. As with jobs, claiming moves `next_attempt_at` to the end of the
//! lease. Order is kept for each (host, object): a row is not claimed while an earlier one of the same object
//! waits for the same host, but rows about other objects pass it.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{ids::ActivityId, time::from_millis};

use crate::{conn::Conn, error::Result, hosts::Recovery, ids::chunks, schema::deliveries};

/// A delivery to insert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDelivery {
    /// Its id (snowflake): ids give the order within an object.
    pub id: i64,
    /// What is delivered.
    pub activity_id: ActivityId,
    /// Where to.
    pub inbox_url: String,
    /// The inbox's host, with its port where it is not the scheme's own.
    pub host: String,
    /// What must stay in order.
    pub object_uri: String,
    /// Sent even to a suspended domain: the Reject of its follows.
    pub farewell: bool,
}

/// A delivery that the caller has claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimedDelivery {
    /// Its id.
    pub id: i64,
    /// What is delivered.
    pub activity_id: ActivityId,
    /// Where to.
    pub inbox_url: String,
    /// What must stay in order.
    pub object_uri: String,
    /// Failed attempts so far.
    pub attempts: i64,
}

/// Rows of one statement when adding many.
const INSERT_ROWS: usize = 500;

/// Adds deliveries; those of an (activity, inbox) that exists already are left as they are.
pub fn insert_deliveries(conn: &mut Conn, new: &[NewDelivery], now: DateTime<Utc>) -> Result<()> {
    let now = now.timestamp_millis();
    let row = |delivery: &NewDelivery| {
        (
            deliveries::id.eq(delivery.id),
            deliveries::activity_id.eq(delivery.activity_id.0),
            deliveries::inbox_url.eq(delivery.inbox_url.clone()),
            deliveries::host.eq(delivery.host.clone()),
            deliveries::object_uri.eq(delivery.object_uri.clone()),
            deliveries::next_attempt_at.eq(now),
            deliveries::created_at.eq(now),
            deliveries::farewell.eq(delivery.farewell),
        )
    };
    match conn {
        // A statement costs no round trip here, and batches with ON CONFLICT are not supported.
        Conn::Sqlite(c) => {
            for delivery in new {
                diesel::insert_into(deliveries::table)
                    .values(row(delivery))
                    .on_conflict((deliveries::activity_id, deliveries::inbox_url))
                    .do_nothing()
                    .execute(c)?;
            }
        }
        Conn::Postgres(c) => {
            for chunk in new.chunks(INSERT_ROWS) {
                diesel::insert_into(deliveries::table)
                    .values(chunk.iter().map(row).collect::<Vec<_>>())
                    .on_conflict((deliveries::activity_id, deliveries::inbox_url))
                    .do_nothing()
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

/// Takes up to `limit` due deliveries of one host for the caller until `lease_until`, longest due first; none
/// of them about the same object as another, or as one that waits and was made before.
pub fn claim_lane(
    conn: &mut Conn,
    host: &str,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ClaimedDelivery>> {
    let lease_until = lease_until.timestamp_millis();
    let (due, earlier) = diesel::alias!(deliveries as due, deliveries as earlier);
    let predecessor = earlier
        .filter(earlier.field(deliveries::host).eq(due.field(deliveries::host)))
        .filter(
            earlier
                .field(deliveries::object_uri)
                .eq(due.field(deliveries::object_uri)),
        )
        .filter(earlier.field(deliveries::id).lt(due.field(deliveries::id)))
        .filter(earlier.field(deliveries::dead_at).is_null());
    let ready = due
        .filter(due.field(deliveries::dead_at).is_null())
        .filter(due.field(deliveries::host).eq(host))
        .filter(due.field(deliveries::next_attempt_at).le(now.timestamp_millis()))
        .filter(not(exists(predecessor)))
        .order((due.field(deliveries::next_attempt_at), due.field(deliveries::id)))
        .limit(limit)
        .select(due.field(deliveries::id));
    let claim = (
        deliveries::next_attempt_at.eq(lease_until),
        deliveries::lease_until.eq(lease_until),
    );
    let columns = (
        deliveries::id,
        deliveries::activity_id,
        deliveries::inbox_url,
        deliveries::object_uri,
        deliveries::attempts,
    );
    let mut rows: Vec<(i64, i64, String, String, i64)> = match conn {
        Conn::Sqlite(c) => diesel::update(deliveries::table.filter(deliveries::id.eq_any(ready)))
            .set(claim)
            .returning(columns)
            .get_results(c)?,
        Conn::Postgres(c) => {
            let ready = ready.for_update().skip_locked();
            diesel::update(deliveries::table.filter(deliveries::id.eq_any(ready)))
                .set(claim)
                .returning(columns)
                .get_results(c)?
        }
    };
    rows.sort_unstable_by_key(|row| row.0);
    Ok(rows
        .into_iter()
        .map(
            |(id, activity_id, inbox_url, object_uri, attempts)| ClaimedDelivery {
                id,
                activity_id: ActivityId(activity_id),
                inbox_url,
                object_uri,
                attempts,
            },
        )
        .collect())
}

/// When something of this host's lane may become sendable: the next due time after `now`.
pub fn find_next_attempt(conn: &mut Conn, host: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    Ok(deliveries::table
        .filter(deliveries::dead_at.is_null())
        .filter(deliveries::host.eq(host))
        .filter(deliveries::next_attempt_at.gt(now.timestamp_millis()))
        .select(diesel::dsl::min(deliveries::next_attempt_at))
        .first::<Option<i64>>(conn)?
        .map(from_millis))
}

/// When something of this host's lane was or will be due first, claimed deliveries included; `None`: it is empty.
pub fn find_lane_due(conn: &mut Conn, host: &str) -> Result<Option<DateTime<Utc>>> {
    Ok(deliveries::table
        .filter(deliveries::dead_at.is_null())
        .filter(deliveries::host.eq(host))
        .select(diesel::dsl::min(deliveries::next_attempt_at))
        .first::<Option<i64>>(conn)?
        .map(from_millis))
}

/// Every host with a lane, and when its first delivery is due. Reads an index from end to end.
pub fn list_lanes(conn: &mut Conn) -> Result<Vec<(String, DateTime<Utc>)>> {
    let rows: Vec<(String, Option<i64>)> = deliveries::table
        .filter(deliveries::dead_at.is_null())
        .group_by(deliveries::host)
        .select((deliveries::host, diesel::dsl::min(deliveries::next_attempt_at)))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(host, at)| (host, from_millis(at.unwrap_or_default())))
        .collect())
}

/// Cancels what waits for a host: everything, or all but farewells.
pub fn cancel_lane(conn: &mut Conn, host: &str, keep_farewells: bool) -> Result<usize> {
    let waiting = deliveries::table
        .filter(deliveries::dead_at.is_null())
        .filter(deliveries::host.eq(host));
    Ok(if keep_farewells {
        diesel::delete(waiting.filter(deliveries::farewell.eq(false))).execute(conn)?
    } else {
        diesel::delete(waiting).execute(conn)?
    })
}

/// Keeps claimed deliveries until `lease_until`.
pub fn update_delivery_leases(conn: &mut Conn, ids: &[i64], lease_until: DateTime<Utc>) -> Result<()> {
    let lease_until = lease_until.timestamp_millis();
    for chunk in chunks(ids) {
        diesel::update(deliveries::table.filter(deliveries::id.eq_any(chunk)))
            .filter(deliveries::lease_until.is_not_null())
            .set((
                deliveries::next_attempt_at.eq(lease_until),
                deliveries::lease_until.eq(lease_until),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes deliveries that arrived.
pub fn delete_deliveries(conn: &mut Conn, ids: &[i64]) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::delete(deliveries::table.filter(deliveries::id.eq_any(chunk))).execute(conn)?;
    }
    Ok(())
}

/// What an attempt that failed leaves behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedAttempt {
    /// The delivery.
    pub id: i64,
    /// When it is tried again, or `None` if it is given up.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Whether the attempt counts.
    pub counted: bool,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// What happened, for people.
    pub error: String,
}

/// Records a failed attempt and gives the delivery back, or gives it up for good.
pub fn update_failed_delivery(conn: &mut Conn, attempt: &FailedAttempt, now: DateTime<Utc>) -> Result<()> {
    let row = diesel::update(deliveries::table.find(attempt.id));
    let common = (
        deliveries::attempts.eq(deliveries::attempts + i64::from(attempt.counted)),
        deliveries::lease_until.eq(None::<i64>),
        deliveries::last_status.eq(attempt.status.map(i64::from)),
        deliveries::last_error.eq(&attempt.error),
    );
    match attempt.next_attempt_at {
        Some(at) => row
            .set((common, deliveries::next_attempt_at.eq(at.timestamp_millis())))
            .execute(conn)?,
        None => row
            .set((common, deliveries::dead_at.eq(now.timestamp_millis())))
            .execute(conn)?,
    };
    Ok(())
}

/// Gives claimed deliveries back that were not attempted: they are due at once.
pub fn release_deliveries(conn: &mut Conn, ids: &[i64], now: DateTime<Utc>) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::update(deliveries::table.filter(deliveries::id.eq_any(chunk)))
            .filter(deliveries::lease_until.is_not_null())
            .set((
                deliveries::next_attempt_at.eq(now.timestamp_millis()),
                deliveries::lease_until.eq(None::<i64>),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Ends every lease. Only for the one process that works on the database, when it starts.
pub fn release_all_deliveries(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::update(deliveries::table)
        .filter(deliveries::dead_at.is_null())
        .filter(deliveries::lease_until.is_not_null())
        .set((
            deliveries::next_attempt_at.eq(now.timestamp_millis()),
            deliveries::lease_until.eq(None::<i64>),
        ))
        .execute(conn)?)
}

/// Makes what waits for `host` due at once, because it answers again.
///
/// While it merely wavered, what it answered with an error keeps its time: a delivery that always makes it fail
/// would otherwise be repeated after each one that does not.
pub fn wake_lane(conn: &mut Conn, host: &str, recovery: Recovery, now: DateTime<Utc>) -> Result<usize> {
    let now = now.timestamp_millis();
    let asleep = diesel::update(deliveries::table)
        .filter(deliveries::dead_at.is_null())
        .filter(deliveries::host.eq(host))
        .filter(deliveries::next_attempt_at.gt(now))
        .filter(deliveries::lease_until.is_null());
    let due = deliveries::next_attempt_at.eq(now);
    Ok(match recovery {
        Recovery::LeftAlone => asleep.set(due).execute(conn)?,
        Recovery::Wavered => asleep
            .filter(deliveries::last_status.is_null())
            .set(due)
            .execute(conn)?,
    })
}

/// How many deliveries to `host` were given up with this status since `since`.
pub fn count_given_up(conn: &mut Conn, host: &str, status: u16, since: DateTime<Utc>) -> Result<i64> {
    Ok(deliveries::table
        .filter(deliveries::dead_at.ge(since.timestamp_millis()))
        .filter(deliveries::host.eq(host))
        .filter(deliveries::last_status.eq(i64::from(status)))
        .count()
        .get_result(conn)?)
}

/// Gives up what was made before `before` and still waits.
pub fn expire_deliveries_before(conn: &mut Conn, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::update(deliveries::table)
        .filter(deliveries::dead_at.is_null())
        .filter(deliveries::created_at.lt(before.timestamp_millis()))
        .set((
            deliveries::dead_at.eq(now.timestamp_millis()),
            deliveries::lease_until.eq(None::<i64>),
            deliveries::last_error.eq("too old"),
        ))
        .execute(conn)?)
}

/// Forgets deliveries that were given up before `before`.
pub fn delete_dead_deliveries_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(
        diesel::delete(deliveries::table.filter(deliveries::dead_at.lt(before.timestamp_millis())))
            .execute(conn)?,
    )
}

/// The state of the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueCounts {
    /// Deliveries that wait or are under way.
    pub waiting: i64,
    /// Deliveries that were given up and not forgotten yet.
    pub given_up: i64,
    /// When the oldest waiting delivery was made.
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts what is in the queue.
pub fn count_deliveries(conn: &mut Conn) -> Result<QueueCounts> {
    let (waiting, oldest): (i64, Option<i64>) = deliveries::table
        .filter(deliveries::dead_at.is_null())
        .select((
            diesel::dsl::count_star(),
            diesel::dsl::min(deliveries::created_at),
        ))
        .first(conn)?;
    let given_up = deliveries::table
        .filter(deliveries::dead_at.is_not_null())
        .count()
        .get_result(conn)?;
    Ok(QueueCounts {
        waiting,
        given_up,
        oldest: oldest.map(from_millis),
    })
}
