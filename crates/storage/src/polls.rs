//! Polls and votes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, PollId, StatusId},
    status::{Poll, PollOption},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Result, one_row},
    ids::{among, chunks},
    schema::{poll_options, poll_votes, polls},
};

type PollColumns = (i64, i64, i64, bool, bool, Option<i64>, Option<i64>);

fn poll_of(row: PollColumns, options: Vec<PollOption>) -> Poll {
    let (id, status_id, account_id, multiple, hide_totals, expires_at, voters_count) = row;
    Poll {
        id: PollId(id),
        status_id: StatusId(status_id),
        account_id: AccountId(account_id),
        options,
        multiple,
        hide_totals,
        expires_at: expires_at.map(from_millis),
        voters_count,
    }
}

/// Adds a poll with its options.
pub fn insert_poll(conn: &mut Conn, poll: &Poll) -> Result<()> {
    let rows = diesel::insert_into(polls::table)
        .values((
            polls::id.eq(poll.id.0),
            polls::status_id.eq(poll.status_id.0),
            polls::account_id.eq(poll.account_id.0),
            polls::multiple.eq(poll.multiple),
            polls::hide_totals.eq(poll.hide_totals),
            polls::expires_at.eq(poll.expires_at.map(|at| at.timestamp_millis())),
            polls::voters_count.eq(poll.voters_count),
        ))
        .execute(conn)?;
    one_row("insert poll", rows)?;
    insert_options(conn, poll)
}

fn insert_options(conn: &mut Conn, poll: &Poll) -> Result<()> {
    for (position, option) in (0i64..).zip(&poll.options) {
        diesel::insert_into(poll_options::table)
            .values((
                poll_options::poll_id.eq(poll.id.0),
                poll_options::position.eq(position),
                poll_options::title.eq(&option.title),
                poll_options::votes_count.eq(option.votes_count),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Writes options, totals and end of a remote poll as its origin tells them now.
pub fn update_poll(conn: &mut Conn, poll: &Poll) -> Result<()> {
    let rows = diesel::update(polls::table.find(poll.id.0))
        .set((
            polls::multiple.eq(poll.multiple),
            polls::hide_totals.eq(poll.hide_totals),
            polls::expires_at.eq(poll.expires_at.map(|at| at.timestamp_millis())),
            polls::voters_count.eq(poll.voters_count),
        ))
        .execute(conn)?;
    one_row("update poll", rows)?;
    diesel::delete(poll_options::table.filter(poll_options::poll_id.eq(poll.id.0))).execute(conn)?;
    insert_options(conn, poll)
}

/// Notes that the totals of a remote poll are fetched now; false if that was done at `before` or later, or after its end.
pub fn begin_poll_fetch(
    conn: &mut Conn,
    id: PollId,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<bool> {
    let rests = polls::fetched_at
        .is_null()
        .or(polls::fetched_at.lt(before.timestamp_millis()).assume_not_null());
    let lives = polls::fetched_at
        .is_null()
        .or(polls::expires_at.is_null())
        .or(polls::fetched_at.lt(polls::expires_at).assume_not_null());
    let begun = diesel::update(polls::table.find(id.0))
        .filter(rests)
        .filter(lives)
        .set(polls::fetched_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(begun == 1)
}

/// Removes a poll with its votes.
pub fn delete_poll(conn: &mut Conn, id: PollId) -> Result<()> {
    one_row(
        "delete poll",
        diesel::delete(polls::table.find(id.0)).execute(conn)?,
    )
}

/// Forgets all votes of a poll whose options changed.
pub fn delete_votes(conn: &mut Conn, id: PollId) -> Result<()> {
    diesel::delete(poll_votes::table.filter(poll_votes::poll_id.eq(id.0))).execute(conn)?;
    Ok(())
}

/// The poll with this id.
pub fn find_poll(conn: &mut Conn, id: PollId) -> Result<Option<Poll>> {
    Ok(load_polls(conn, &[id])?.into_values().next())
}

/// The polls with these ids.
pub fn load_polls(conn: &mut Conn, ids: &[PollId]) -> Result<HashMap<PollId, Poll>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let mut options: HashMap<i64, Vec<PollOption>> = HashMap::new();
        let rows: Vec<(i64, String, i64)> = poll_options::table
            .filter(among(poll_options::poll_id, chunk))
            .order((poll_options::poll_id, poll_options::position))
            .select((
                poll_options::poll_id,
                poll_options::title,
                poll_options::votes_count,
            ))
            .load(conn)?;
        for (poll, title, votes_count) in rows {
            options
                .entry(poll)
                .or_default()
                .push(PollOption { title, votes_count });
        }
        let rows: Vec<PollColumns> = polls::table
            .filter(among(polls::id, chunk))
            .select((
                polls::id,
                polls::status_id,
                polls::account_id,
                polls::multiple,
                polls::hide_totals,
                polls::expires_at,
                polls::voters_count,
            ))
            .load(conn)?;
        for row in rows {
            found.insert(
                PollId(row.0),
                poll_of(row, options.remove(&row.0).unwrap_or_default()),
            );
        }
    }
    Ok(found)
}

/// What the account chose in each of the polls: positions in order.
pub fn load_own_votes(
    conn: &mut Conn,
    account: AccountId,
    ids: &[PollId],
) -> Result<HashMap<PollId, Vec<i64>>> {
    let mut found: HashMap<PollId, Vec<i64>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64)> = poll_votes::table
            .filter(poll_votes::account_id.eq(account.0))
            .filter(among(poll_votes::poll_id, chunk))
            .order((poll_votes::poll_id, poll_votes::position))
            .select((poll_votes::poll_id, poll_votes::position))
            .load(conn)?;
        for (poll, position) in rows {
            found.entry(PollId(poll)).or_default().push(position);
        }
    }
    Ok(found)
}

/// Adds a vote and counts it; false if the account chose this option before.
pub fn insert_vote(
    conn: &mut Conn,
    poll: PollId,
    account: AccountId,
    position: i64,
    uri: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        poll_votes::poll_id.eq(poll.0),
        poll_votes::account_id.eq(account.0),
        poll_votes::position.eq(position),
        poll_votes::uri.eq(uri),
        poll_votes::created_at.eq(now.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(poll_votes::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    if rows > 0 {
        diesel::update(poll_options::table.find((poll.0, position)))
            .set(poll_options::votes_count.eq(poll_options::votes_count + 1))
            .execute(conn)?;
    }
    Ok(rows > 0)
}

/// Counts one more voter, where voters are counted.
pub fn count_voter(conn: &mut Conn, poll: PollId) -> Result<()> {
    diesel::update(polls::table.find(poll.0))
        .set(polls::voters_count.eq(polls::voters_count + 1))
        .execute(conn)?;
    Ok(())
}

/// Local accounts that voted in a poll.
pub fn list_local_voters(conn: &mut Conn, poll: PollId) -> Result<Vec<AccountId>> {
    use crate::schema::accounts;
    let ids: Vec<i64> = poll_votes::table
        .inner_join(accounts::table.on(accounts::id.eq(poll_votes::account_id)))
        .filter(poll_votes::poll_id.eq(poll.0))
        .filter(accounts::domain.eq(""))
        .select(poll_votes::account_id)
        .distinct()
        .load(conn)?;
    Ok(ids.into_iter().map(AccountId).collect())
}
