//! Ids that were deleted, or must never be accepted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::time::from_millis;

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    schema::tombstones,
};

/// The trace of something deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tombstone {
    /// Whether the fact of deletion may be told to everybody.
    pub public: bool,
    /// When it was deleted.
    pub created_at: DateTime<Utc>,
}

/// Remembers that `uri` is gone; the first time stays.
pub fn insert_tombstone(conn: &mut Conn, uri: &str, public: bool, now: DateTime<Utc>) -> Result<()> {
    let row = (
        tombstones::uri.eq(uri),
        tombstones::public.eq(public),
        tombstones::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, c => diesel::insert_into(tombstones::table)
        .values(row)
        .on_conflict(tombstones::uri)
        .do_nothing()
        .execute(c)?);
    Ok(())
}

/// The trace of `uri`, if it was deleted.
pub fn find_tombstone(conn: &mut Conn, uri: &str) -> Result<Option<Tombstone>> {
    let row: Option<(bool, i64)> = tombstones::table
        .find(uri)
        .select((tombstones::public, tombstones::created_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(public, created_at)| Tombstone {
        public,
        created_at: from_millis(created_at),
    }))
}

/// Forgets that `uri` is gone; false if it was not known.
pub fn delete_tombstone(conn: &mut Conn, uri: &str) -> Result<bool> {
    Ok(diesel::delete(tombstones::table.find(uri)).execute(conn)? == 1)
}
