//! Events: what happened, for every process of the instance.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{conn::Conn, error::Result, schema::events};

/// Adds an event; readers see it when the transaction commits.
pub fn insert_event(conn: &mut Conn, payload: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(events::table)
        .values((
            events::payload.eq(payload),
            events::created_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Events with an id above `after`, oldest first.
///
/// On PostgreSQL ids may become visible out of order: readers go back a little and remember what they saw.
pub fn list_events_after(conn: &mut Conn, after: i64) -> Result<Vec<(i64, String)>> {
    Ok(events::table
        .filter(events::id.gt(after))
        .order(events::id)
        .select((events::id, events::payload))
        .load(conn)?)
}

/// The id of the newest event, 0 if there is none.
pub fn newest_event_id(conn: &mut Conn) -> Result<i64> {
    Ok(events::table
        .select(diesel::dsl::max(events::id))
        .first::<Option<i64>>(conn)?
        .unwrap_or(0))
}

/// Forgets events made before `before`.
pub fn delete_events_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(
        diesel::delete(events::table.filter(events::created_at.lt(before.timestamp_millis())))
            .execute(conn)?,
    )
}
