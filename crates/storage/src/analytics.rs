//! How often statuses were read, and what came of them, by day. Days are counted from 1970, in UTC.

use std::collections::{BTreeMap, HashSet};

use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::BigInt,
};
use pouet_model::ids::{AccountId, StatusId};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::{favourites, status_reads, statuses},
};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// How often something was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reads {
    /// It was shown.
    pub impressions: i64,
    /// It was opened.
    pub detail_openings: i64,
}

/// What became of an account's statuses on one day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DayRow {
    /// How often they were read.
    pub reads: Reads,
    /// How many it wrote.
    pub statuses: i64,
    /// Favourites that they got.
    pub favourites: i64,
    /// Boosts that they got.
    pub reblogs: i64,
    /// Answers of others.
    pub replies: i64,
}

/// Adds reads to those of a day.
pub fn add_reads(conn: &mut Conn, status: StatusId, day: i64, reads: Reads) -> Result<()> {
    let values = (
        status_reads::status_id.eq(status.0),
        status_reads::day.eq(day),
        status_reads::impressions.eq(reads.impressions),
        status_reads::detail_openings.eq(reads.detail_openings),
    );
    let added = (
        status_reads::impressions.eq(status_reads::impressions + reads.impressions),
        status_reads::detail_openings.eq(status_reads::detail_openings + reads.detail_openings),
    );
    each_backend!(conn, conn => diesel::insert_into(status_reads::table)
        .values(values)
        .on_conflict((status_reads::status_id, status_reads::day))
        .do_update()
        .set(added)
        .execute(conn)?);
    Ok(())
}

/// Which of these statuses are still there.
pub fn load_present(conn: &mut Conn, ids: &[StatusId]) -> Result<HashSet<StatusId>> {
    let mut found = HashSet::new();
    for chunk in chunks(ids) {
        let rows: Vec<i64> = statuses::table
            .filter(among(statuses::id, chunk))
            .select(statuses::id)
            .load(conn)?;
        found.extend(rows.into_iter().map(StatusId));
    }
    Ok(found)
}

/// How often a status was read, by day, the first day leading.
pub fn list_reads(conn: &mut Conn, status: StatusId) -> Result<Vec<(i64, Reads)>> {
    let rows: Vec<(i64, i64, i64)> = status_reads::table
        .filter(status_reads::status_id.eq(status.0))
        .order(status_reads::day)
        .select((
            status_reads::day,
            status_reads::impressions,
            status_reads::detail_openings,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(day, impressions, detail_openings)| {
            let reads = Reads {
                impressions,
                detail_openings,
            };
            (day, reads)
        })
        .collect())
}

/// What became of an account's statuses on each day of `[from, to]` on which something did.
pub fn list_days(conn: &mut Conn, author: AccountId, from: i64, to: i64) -> Result<BTreeMap<i64, DayRow>> {
    let mut days: BTreeMap<i64, DayRow> = BTreeMap::new();
    let read: Vec<(i64, i64, i64)> = status_reads::table
        .inner_join(statuses::table.on(statuses::id.eq(status_reads::status_id)))
        .filter(statuses::account_id.eq(author.0))
        .filter(status_reads::day.between(from, to))
        .select((
            status_reads::day,
            status_reads::impressions,
            status_reads::detail_openings,
        ))
        .load(conn)?;
    for (day, impressions, detail_openings) in read {
        let reads = &mut days.entry(day).or_default().reads;
        reads.impressions += impressions;
        reads.detail_openings += detail_openings;
    }
    let span = (from * DAY, (to + 1) * DAY - 1);
    for (day, count) in posted(conn, author, span)? {
        days.entry(day).or_default().statuses = count;
    }
    for (day, count) in favourited(conn, author, span)? {
        days.entry(day).or_default().favourites = count;
    }
    for (day, count) in boosted(conn, author, span)? {
        days.entry(day).or_default().reblogs = count;
    }
    for (day, count) in answered(conn, author, span)? {
        days.entry(day).or_default().replies = count;
    }
    Ok(days)
}

/// The day of a status, as it is grouped by: an expression with a bound value would be another one each time.
macro_rules! status_day {
    () => {
        sql::<BigInt>("statuses.created_at / 86400000")
    };
}

fn posted(conn: &mut Conn, author: AccountId, span: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    Ok(statuses::table
        .filter(statuses::account_id.eq(author.0))
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::created_at.between(span.0, span.1))
        .group_by(status_day!())
        .select((status_day!(), count_star()))
        .load(conn)?)
}

fn favourited(conn: &mut Conn, author: AccountId, span: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    let day = || sql::<BigInt>("favourites.created_at / 86400000");
    Ok(favourites::table
        .inner_join(statuses::table.on(statuses::id.eq(favourites::status_id)))
        .filter(statuses::account_id.eq(author.0))
        .filter(favourites::created_at.between(span.0, span.1))
        .group_by(day())
        .select((day(), count_star()))
        .load(conn)?)
}

fn boosted(conn: &mut Conn, author: AccountId, span: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    let own = diesel::alias!(statuses as own_statuses);
    let own_ids = own
        .filter(own.field(statuses::account_id).eq(author.0))
        .select(own.field(statuses::id));
    Ok(statuses::table
        .filter(statuses::reblog_of_id.assume_not_null().eq_any(own_ids))
        .filter(statuses::created_at.between(span.0, span.1))
        .group_by(status_day!())
        .select((status_day!(), count_star()))
        .load(conn)?)
}

fn answered(conn: &mut Conn, author: AccountId, span: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    Ok(statuses::table
        .filter(statuses::in_reply_to_account_id.eq(author.0))
        .filter(statuses::account_id.ne(author.0))
        .filter(statuses::created_at.between(span.0, span.1))
        .group_by(status_day!())
        .select((status_day!(), count_star()))
        .load(conn)?)
}
