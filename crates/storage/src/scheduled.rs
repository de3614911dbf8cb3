//! Statuses that wait for their time.

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use pouet_model::{
    ids::{AccountId, ScheduledId},
    page::Page,
    scheduled::ScheduledStatus,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    paging::relation_page,
    schema::{accounts, scheduled_media, scheduled_statuses as rows, users},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = rows)]
struct ScheduledRow {
    id: i64,
    account_id: i64,
    draft: String,
    scheduled_at: i64,
}

impl TryFrom<ScheduledRow> for ScheduledStatus {
    type Error = Error;
    fn try_from(row: ScheduledRow) -> Result<Self> {
        let ScheduledRow {
            id,
            account_id,
            draft,
            scheduled_at,
        } = row;
        Ok(Self {
            id: ScheduledId(id),
            account_id: AccountId(account_id),
            draft: serde_json::from_str(&draft).map_err(|_| Error::Inconsistent {
                table: "scheduled_statuses",
                column: "draft",
                id,
            })?,
            scheduled_at: from_millis(scheduled_at),
        })
    }
}

/// Adds a status that waits, and keeps its files for it.
///
/// # Errors
/// `Conflict` if another one waits for one of the files.
pub fn insert_scheduled(conn: &mut Conn, scheduled: &ScheduledStatus, now: DateTime<Utc>) -> Result<()> {
    let draft = serde_json::to_string(&scheduled.draft).map_err(|_| Error::Inconsistent {
        table: "scheduled_statuses",
        column: "draft",
        id: scheduled.id.0,
    })?;
    diesel::insert_into(rows::table)
        .values((
            rows::id.eq(scheduled.id.0),
            rows::account_id.eq(scheduled.account_id.0),
            rows::draft.eq(draft),
            rows::idempotency_key.eq(scheduled.draft.idempotency_key.as_deref()),
            rows::scheduled_at.eq(scheduled.scheduled_at.timestamp_millis()),
            rows::created_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    for media in &scheduled.draft.media_ids {
        diesel::insert_into(scheduled_media::table)
            .values((
                scheduled_media::media_id.eq(media.0),
                scheduled_media::scheduled_id.eq(scheduled.id.0),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The waiting status with this id, whoever wrote it.
pub fn find_scheduled(conn: &mut Conn, id: ScheduledId) -> Result<Option<ScheduledStatus>> {
    let row: Option<ScheduledRow> = rows::table
        .find(id.0)
        .select(ScheduledRow::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// What the account scheduled with this Idempotency-Key at or after `since`.
pub fn find_scheduled_by_key(
    conn: &mut Conn,
    owner: AccountId,
    key: &str,
    since: DateTime<Utc>,
) -> Result<Option<ScheduledStatus>> {
    let row: Option<ScheduledRow> = rows::table
        .filter(rows::account_id.eq(owner.0))
        .filter(rows::idempotency_key.eq(key))
        .filter(rows::created_at.ge(since.timestamp_millis()))
        .select(ScheduledRow::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Waiting statuses of an account, last made first.
pub fn list_scheduled(conn: &mut Conn, owner: AccountId, page: &Page) -> Result<Vec<ScheduledStatus>> {
    let query = rows::table
        .filter(rows::account_id.eq(owner.0))
        .select(ScheduledRow::as_select())
        .into_boxed();
    let found: Vec<ScheduledRow> = relation_page!(conn, page, query, rows::id);
    found.into_iter().map(TryInto::try_into).collect()
}

/// How many statuses of an account other than `but` wait for a time in `[from, to)`.
pub fn count_scheduled(
    conn: &mut Conn,
    owner: AccountId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    but: ScheduledId,
) -> Result<i64> {
    Ok(rows::table
        .filter(rows::account_id.eq(owner.0))
        .filter(rows::scheduled_at.ge(from.timestamp_millis()))
        .filter(rows::scheduled_at.lt(to.timestamp_millis()))
        .filter(rows::id.ne(but.0))
        .count()
        .get_result(conn)?)
}

/// Moves a waiting status to another time; false if there is none such.
pub fn update_scheduled_at(conn: &mut Conn, id: ScheduledId, at: DateTime<Utc>) -> Result<bool> {
    let moved = diesel::update(rows::table.find(id.0))
        .set(rows::scheduled_at.eq(at.timestamp_millis()))
        .execute(conn)?;
    Ok(moved > 0)
}

/// Waiting statuses whose time came before `before`, at most `limit`. Those of accounts that may not post are left out:
/// however many they are, they keep no others from being found.
pub fn list_overdue(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<Vec<ScheduledId>> {
    let able = users::table
        .inner_join(accounts::table.on(accounts::id.eq(users::account_id)))
        .filter(users::account_id.eq(rows::account_id))
        .filter(users::disabled_at.is_null())
        .filter(accounts::suspended_at.is_null());
    let ids: Vec<i64> = rows::table
        .filter(rows::scheduled_at.lt(before.timestamp_millis()))
        .filter(exists(able))
        .order(rows::scheduled_at)
        .limit(limit)
        .select(rows::id)
        .load(conn)?;
    Ok(ids.into_iter().map(ScheduledId).collect())
}

/// Removes a waiting status; false if there is none. Its files stay their owner's.
pub fn delete_scheduled(conn: &mut Conn, id: ScheduledId) -> Result<bool> {
    Ok(diesel::delete(rows::table.find(id.0)).execute(conn)? > 0)
}

/// Removes a waiting status and returns what it was at that moment, whatever was read of it before.
pub fn take_scheduled(conn: &mut Conn, id: ScheduledId) -> Result<Option<ScheduledStatus>> {
    let row: Option<ScheduledRow> = each_backend!(conn, c => diesel::delete(rows::table.find(id.0))
        .returning(ScheduledRow::as_returning())
        .get_result(c)
        .optional())?;
    row.map(TryInto::try_into).transpose()
}
