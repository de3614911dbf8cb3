//! The queues as those who look after the instance see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, max, min},
    prelude::*,
};
use pouet_model::time::from_millis;

use crate::{
    conn::Conn,
    error::Result,
    ids::chunks,
    schema::{deliveries, jobs},
};

/// What waits for a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostRow {
    /// The host.
    pub host: String,
    /// Deliveries that wait or are under way.
    pub queued: i64,
    /// When the oldest of them was made.
    pub oldest: Option<DateTime<Utc>>,
}

/// What waits, host by host, those with the oldest delivery first.
pub fn list_hosts_waiting(conn: &mut Conn) -> Result<Vec<HostRow>> {
    let rows: Vec<(String, i64, Option<i64>)> = deliveries::table
        .filter(deliveries::dead_at.is_null())
        .group_by(deliveries::host)
        .order(min(deliveries::created_at))
        .select((deliveries::host, count_star(), min(deliveries::created_at)))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(host, queued, oldest)| HostRow {
            host,
            queued,
            oldest: oldest.map(from_millis),
        })
        .collect())
}

/// How many deliveries were given up and not forgotten yet, by host.
pub fn count_given_up_by_host(conn: &mut Conn) -> Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = deliveries::table
        .filter(deliveries::dead_at.is_not_null())
        .group_by(deliveries::host)
        .select((deliveries::host, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What the newest delivery that failed was answered, by host.
pub fn load_last_errors(conn: &mut Conn) -> Result<HashMap<String, String>> {
    let newest: Vec<Option<i64>> = deliveries::table
        .filter(deliveries::last_error.is_not_null())
        .group_by(deliveries::host)
        .select(max(deliveries::id))
        .load(conn)?;
    let newest: Vec<i64> = newest.into_iter().flatten().collect();
    let mut found = HashMap::with_capacity(newest.len());
    for chunk in chunks(&newest) {
        let rows: Vec<(String, Option<String>)> = deliveries::table
            .filter(deliveries::id.eq_any(chunk))
            .select((deliveries::host, deliveries::last_error))
            .load(conn)?;
        found.extend(rows.into_iter().filter_map(|(host, error)| Some((host, error?))));
    }
    Ok(found)
}

/// Makes everything that waits for a host due at once.
pub fn wake_host(conn: &mut Conn, host: &str, now: DateTime<Utc>) -> Result<usize> {
    let now = now.timestamp_millis();
    Ok(diesel::update(deliveries::table)
        .filter(deliveries::dead_at.is_null())
        .filter(deliveries::host.eq(host))
        .filter(deliveries::next_attempt_at.gt(now))
        .filter(deliveries::lease_until.is_null())
        .set(deliveries::next_attempt_at.eq(now))
        .execute(conn)?)
}

/// Forgets everything that waits for a host or was given up.
pub fn purge_host(conn: &mut Conn, host: &str) -> Result<usize> {
    Ok(diesel::delete(deliveries::table.filter(deliveries::host.eq(host))).execute(conn)?)
}

/// Jobs that wait or run, by kind.
pub fn count_jobs_by_kind(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    Ok(jobs::table
        .filter(jobs::dead_at.is_null())
        .group_by(jobs::kind)
        .order(jobs::kind)
        .select((jobs::kind, count_star()))
        .load(conn)?)
}
