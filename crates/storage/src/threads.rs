//! What is fetched of other servers' threads and profiles, and when that was last done.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, ConversationId, StatusId},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    schema::{accounts, follows, outbox_reads, statuses, thread_fetches, users},
};

/// The last time that the missing parts of a thread were fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThreadFetch {
    /// The status that was opened.
    pub status_id: StatusId,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; `None` while it goes on.
    pub finished_at: Option<DateTime<Utc>>,
    /// Statuses that were new.
    pub result_count: i64,
}

/// The last fetch of the thread around a status.
pub fn find_thread_fetch(conn: &mut Conn, status: StatusId) -> Result<Option<ThreadFetch>> {
    let row: Option<(i64, i64, Option<i64>, i64)> =
        thread_fetches::table.find(status.0).first(conn).optional()?;
    Ok(
        row.map(|(status_id, started_at, finished_at, result_count)| ThreadFetch {
            status_id: StatusId(status_id),
            started_at: from_millis(started_at),
            finished_at: finished_at.map(from_millis),
            result_count,
        }),
    )
}

/// Notes that the thread around a status begins to be fetched; false if that began at `before` or later.
pub fn begin_thread_fetch(
    conn: &mut Conn,
    status: StatusId,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        thread_fetches::status_id.eq(status.0),
        thread_fetches::started_at.eq(now.timestamp_millis()),
        thread_fetches::finished_at.eq(None::<i64>),
        thread_fetches::result_count.eq(0),
    );
    let inserted = each_backend!(conn, c => diesel::insert_into(thread_fetches::table)
        .values(values)
        .on_conflict(thread_fetches::status_id)
        .do_nothing()
        .execute(c)?);
    if inserted == 1 {
        return Ok(true);
    }
    let begun = diesel::update(thread_fetches::table.find(status.0))
        .filter(thread_fetches::started_at.lt(before.timestamp_millis()))
        .set((
            thread_fetches::started_at.eq(now.timestamp_millis()),
            thread_fetches::finished_at.eq(None::<i64>),
            thread_fetches::result_count.eq(0),
        ))
        .execute(conn)?;
    Ok(begun == 1)
}

/// Notes how many statuses a fetch has found, and whether it is over.
pub fn update_thread_fetch(
    conn: &mut Conn,
    status: StatusId,
    result_count: i64,
    finished_at: Option<DateTime<Utc>>,
) -> Result<()> {
    diesel::update(thread_fetches::table.find(status.0))
        .set((
            thread_fetches::result_count.eq(result_count),
            thread_fetches::finished_at.eq(finished_at.map(|at| at.timestamp_millis())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets fetches that began before `before`.
pub fn delete_thread_fetches_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    let old = thread_fetches::table.filter(thread_fetches::started_at.lt(before.timestamp_millis()));
    Ok(diesel::delete(old).execute(conn)?)
}

/// Whether a conversation has a status of another server in it.
pub fn has_remote_status(conn: &mut Conn, conversation: ConversationId) -> Result<bool> {
    let found: Option<i64> = statuses::table
        .filter(statuses::conversation_id.eq(conversation.0))
        .filter(statuses::local.eq(false))
        .select(statuses::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Marks a status as one that was fetched to complete a thread or a profile.
pub fn mark_backfilled(conn: &mut Conn, status: StatusId) -> Result<()> {
    diesel::update(statuses::table.find(status.0))
        .set(statuses::backfilled.eq(true))
        .execute(conn)?;
    Ok(())
}

/// Marks a status as one that is here, but in no timeline, because nobody has sent it yet.
pub fn mark_quiet(conn: &mut Conn, status: StatusId) -> Result<()> {
    diesel::update(statuses::table.find(status.0))
        .set(statuses::quiet.eq(true))
        .execute(conn)?;
    Ok(())
}

/// Takes the marks of [`mark_quiet`] and [`mark_backfilled`] off a status; false if it does not have the first.
pub fn unmark_quiet(conn: &mut Conn, status: StatusId) -> Result<bool> {
    let rows = diesel::update(statuses::table.find(status.0))
        .filter(statuses::quiet.eq(true))
        .set((statuses::quiet.eq(false), statuses::backfilled.eq(false)))
        .execute(conn)?;
    Ok(rows > 0)
}

/// Marks a status as one that streams were told of before anybody had sent it: a relay brought it.
pub fn mark_told(conn: &mut Conn, status: StatusId) -> Result<()> {
    diesel::update(statuses::table.find(status.0))
        .set(statuses::told.eq(true))
        .execute(conn)?;
    Ok(())
}

/// Whether a status has the mark of [`mark_told`].
pub fn is_told(conn: &mut Conn, status: StatusId) -> Result<bool> {
    let told: Option<bool> = statuses::table
        .find(status.0)
        .select(statuses::told)
        .first(conn)
        .optional()?;
    Ok(told.unwrap_or(false))
}

/// When the outbox of an account was last asked for.
pub fn find_outbox_read(conn: &mut Conn, account: AccountId) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = outbox_reads::table
        .find(account.0)
        .select(outbox_reads::read_at)
        .first(conn)
        .optional()?;
    Ok(at.map(from_millis))
}

/// Notes that the outbox of an account is asked for; false if that was done at `before` or later.
pub fn begin_outbox_read(
    conn: &mut Conn,
    account: AccountId,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        outbox_reads::account_id.eq(account.0),
        outbox_reads::read_at.eq(now.timestamp_millis()),
    );
    let inserted = each_backend!(conn, c => diesel::insert_into(outbox_reads::table)
        .values(values)
        .on_conflict(outbox_reads::account_id)
        .do_nothing()
        .execute(c)?);
    if inserted == 1 {
        return Ok(true);
    }
    let begun = diesel::update(outbox_reads::table.find(account.0))
        .filter(outbox_reads::read_at.lt(before.timestamp_millis()))
        .set(outbox_reads::read_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(begun == 1)
}

/// Remote accounts with an outbox that somebody here follows, with their domains, above `after` by id.
pub fn list_followed_remote(
    conn: &mut Conn,
    after: AccountId,
    limit: i64,
) -> Result<Vec<(AccountId, String)>> {
    let followed = follows::table
        .inner_join(users::table.on(users::account_id.eq(follows::account_id)))
        .filter(follows::target_id.eq(accounts::id))
        .filter(follows::accepted.eq(true))
        .select(follows::id);
    let rows: Vec<(i64, String)> = accounts::table
        .filter(accounts::id.gt(after.0))
        .filter(accounts::domain.ne(""))
        .filter(accounts::outbox_url.is_not_null())
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .filter(diesel::dsl::exists(followed))
        .order(accounts::id)
        .limit(limit)
        .select((accounts::id, accounts::domain))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, domain)| (AccountId(id), domain))
        .collect())
}
