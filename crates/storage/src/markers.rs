//! How far each account has read its timelines.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{ids::AccountId, notification::Marker, time::from_millis};

use crate::{conn::Conn, error::Result, schema::markers};

/// The markers of an account for these timelines; those never set are left out.
pub fn load_markers(conn: &mut Conn, owner: AccountId, timelines: &[&str]) -> Result<Vec<Marker>> {
    let rows: Vec<(String, i64, i64, i64)> = markers::table
        .filter(markers::account_id.eq(owner.0))
        .filter(markers::timeline.eq_any(timelines.to_vec()))
        .order(markers::timeline)
        .select((
            markers::timeline,
            markers::last_read_id,
            markers::version,
            markers::updated_at,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(timeline, last_read_id, version, updated_at)| Marker {
            timeline,
            last_read_id,
            version,
            updated_at: from_millis(updated_at),
        })
        .collect())
}

/// Adds the first marker of an account for a timeline, with version 0.
///
/// # Errors
/// `Conflict` if somebody was faster.
pub fn insert_marker(
    conn: &mut Conn,
    owner: AccountId,
    timeline: &str,
    last_read_id: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(markers::table)
        .values((
            markers::account_id.eq(owner.0),
            markers::timeline.eq(timeline),
            markers::last_read_id.eq(last_read_id),
            markers::version.eq(0),
            markers::updated_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Moves a marker whose version is still `version`; false if somebody was faster.
pub fn update_marker(
    conn: &mut Conn,
    owner: AccountId,
    timeline: &str,
    version: i64,
    last_read_id: i64,
    now: DateTime<Utc>,
) -> Result<bool> {
    let rows = diesel::update(
        markers::table
            .find((owner.0, timeline))
            .filter(markers::version.eq(version)),
    )
    .set((
        markers::last_read_id.eq(last_read_id),
        markers::version.eq(version + 1),
        markers::updated_at.eq(now.timestamp_millis()),
    ))
    .execute(conn)?;
    Ok(rows > 0)
}
