//! Rows that a transaction keeps for itself until its end, so that what it has read still holds when it writes.
//!
//! PostgreSQL lets transactions run side by side, each reading what was committed before its statement. On SQLite one
//! writes at a time, so that nothing is to be done. Each lock lets those be who only insert rows that refer to the
//! locked one. Who takes several takes accounts first, in one call, then the others.

use diesel::prelude::*;
use pouet_model::ids::{AccountId, AnnouncementId, ConversationId, StatusId};

use crate::{
    conn::Conn,
    error::Result,
    schema::{accounts, announcements, conversations, statuses},
};

macro_rules! lock {
    ($conn:expr, $table:ident, $id:expr) => {
        if let Conn::Postgres(c) = $conn {
            let _: Option<i64> = $table::table
                .find($id.0)
                .select($table::id)
                .for_no_key_update()
                .first(c)
                .optional()?;
        }
    };
}

/// Locks accounts, in the order of their ids. What is counted for an account, or holds between two, is checked behind
/// this.
pub fn lock_accounts(conn: &mut Conn, ids: &[AccountId]) -> Result<()> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        lock!(conn, accounts, id);
    }
    Ok(())
}

/// Locks a status.
pub fn lock_status(conn: &mut Conn, id: StatusId) -> Result<()> {
    lock!(conn, statuses, id);
    Ok(())
}

/// Locks a conversation: who enters something into direct conversations of it, or takes something out of them.
pub fn lock_conversation(conn: &mut Conn, id: ConversationId) -> Result<()> {
    lock!(conn, conversations, id);
    Ok(())
}

/// Locks an announcement.
pub fn lock_announcement(conn: &mut Conn, id: AnnouncementId) -> Result<()> {
    lock!(conn, announcements, id);
    Ok(())
}
