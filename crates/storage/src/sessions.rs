//! Browser sessions. Rows hold the SHA-256 of the cookie's value, never the value.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{ids::UserId, time::from_millis};

use crate::{
    conn::Conn,
    error::{Result, one_row},
    schema::sessions,
};

/// A browser session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Whose it is.
    pub user_id: UserId,
    /// What forms carry to prove that they are ours.
    pub csrf_secret: String,
    /// When it was last seen, to the hour.
    pub last_used_at: DateTime<Utc>,
}

/// Adds a session.
pub fn insert_session(
    conn: &mut Conn,
    token_hash: &str,
    user: UserId,
    csrf_secret: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let rows = diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token_hash),
            sessions::user_id.eq(user.0),
            sessions::csrf_secret.eq(csrf_secret),
            sessions::created_at.eq(now.timestamp_millis()),
            sessions::last_used_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert session", rows)
}

/// The session with this hash.
pub fn find_session(conn: &mut Conn, token_hash: &str) -> Result<Option<SessionRow>> {
    let row: Option<(i64, String, i64)> = sessions::table
        .find(token_hash)
        .select((sessions::user_id, sessions::csrf_secret, sessions::last_used_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(user_id, csrf_secret, last_used_at)| SessionRow {
        user_id: UserId(user_id),
        csrf_secret,
        last_used_at: from_millis(last_used_at),
    }))
}

/// Notes that a session was seen.
pub fn update_session_used(conn: &mut Conn, token_hash: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(sessions::table.find(token_hash))
        .set(sessions::last_used_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(())
}

/// Ends a session; nothing happens if there is none.
pub fn delete_session(conn: &mut Conn, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.find(token_hash)).execute(conn)?;
    Ok(())
}

/// Ends all sessions of a user.
pub fn delete_sessions_of(conn: &mut Conn, user: UserId) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user.0))).execute(conn)?;
    Ok(())
}

/// Removes sessions that were last seen before `before`.
pub fn delete_sessions_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(
        diesel::delete(sessions::table.filter(sessions::last_used_at.lt(before.timestamp_millis())))
            .execute(conn)?,
    )
}
