//! How often statuses were read, and what came of them, by day. Days are counted from 1970, in UTC.

use std::{
    collections::{BTreeMap, HashSet},
    ops::AddAssign,
};

use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::BigInt,
};
use pouet_model::ids::{AccountId, StatusId};

use crate::{
    conn::{Conn, each_backend},
    error::{Result, one_row},
    ids::{among, chunks},
    schema::{favourites, status_reads, statuses, users},
};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// How often something was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Queryable, Selectable)]
#[diesel(table_name = status_reads)]
pub struct Reads {
    /// It was shown.
    pub impressions: i64,
    /// It was opened.
    pub detail_openings: i64,
    /// A file of it was opened or played.
    pub media_engagements: i64,
    /// Readers went on to the author's profile.
    pub profile_clicks: i64,
    /// A link in it was followed.
    pub link_clicks: i64,
}

impl AddAssign for Reads {
    fn add_assign(&mut self, more: Self) {
        self.impressions += more.impressions;
        self.detail_openings += more.detail_openings;
        self.media_engagements += more.media_engagements;
        self.profile_clicks += more.profile_clicks;
        self.link_clicks += more.link_clicks;
    }
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

impl AddAssign for DayRow {
    fn add_assign(&mut self, more: Self) {
        self.reads += more.reads;
        self.statuses += more.statuses;
        self.favourites += more.favourites;
        self.reblogs += more.reblogs;
        self.replies += more.replies;
    }
}

/// Adds reads to those of a day.
pub fn add_reads(conn: &mut Conn, status: StatusId, day: i64, reads: Reads) -> Result<()> {
    let values = (
        status_reads::status_id.eq(status.0),
        status_reads::day.eq(day),
        status_reads::impressions.eq(reads.impressions),
        status_reads::detail_openings.eq(reads.detail_openings),
        status_reads::media_engagements.eq(reads.media_engagements),
        status_reads::profile_clicks.eq(reads.profile_clicks),
        status_reads::link_clicks.eq(reads.link_clicks),
    );
    let added = (
        status_reads::impressions.eq(status_reads::impressions + reads.impressions),
        status_reads::detail_openings.eq(status_reads::detail_openings + reads.detail_openings),
        status_reads::media_engagements.eq(status_reads::media_engagements + reads.media_engagements),
        status_reads::profile_clicks.eq(status_reads::profile_clicks + reads.profile_clicks),
        status_reads::link_clicks.eq(status_reads::link_clicks + reads.link_clicks),
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
    Ok(status_reads::table
        .filter(status_reads::status_id.eq(status.0))
        .order(status_reads::day)
        .select((status_reads::day, Reads::as_select()))
        .load(conn)?)
}

/// What became of an account's statuses on each day of `[from, to]` on which something did.
pub fn list_days(conn: &mut Conn, author: AccountId, from: i64, to: i64) -> Result<BTreeMap<i64, DayRow>> {
    let mut days: BTreeMap<i64, DayRow> = BTreeMap::new();
    let read: Vec<(i64, Reads)> = status_reads::table
        .inner_join(statuses::table.on(statuses::id.eq(status_reads::status_id)))
        .filter(statuses::account_id.eq(author.0))
        .filter(status_reads::day.between(from, to))
        .select((status_reads::day, Reads::as_select()))
        .load(conn)?;
    for (day, reads) in read {
        days.entry(day).or_default().reads += reads;
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

/// Which of these accounts have the links in their statuses counted.
pub fn load_link_counting(conn: &mut Conn, ids: &[AccountId]) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(ids) {
        let rows: Vec<i64> = users::table
            .filter(among(users::account_id, chunk))
            .filter(users::count_link_clicks.eq(true))
            .select(users::account_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(AccountId));
    }
    Ok(found)
}

/// Has the links in the statuses of an account counted, or no longer.
///
/// # Errors
/// `RowCount` if nobody here owns the account.
pub fn update_link_counting(conn: &mut Conn, account: AccountId, counted: bool) -> Result<()> {
    let rows = diesel::update(users::table.filter(users::account_id.eq(account.0)))
        .set(users::count_link_clicks.eq(counted))
        .execute(conn)?;
    one_row("update link counting", rows)
}
