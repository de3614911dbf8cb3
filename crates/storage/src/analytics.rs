//! How often statuses were read, and what came of them, by day. Days are counted from 1970, in UTC.

use std::{
    collections::{BTreeMap, HashSet},
    ops::AddAssign,
};

use diesel::{
    PgConnection, SqliteConnection,
    dsl::{count_star, sql},
    expression::SqlLiteral,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text},
};
use pouet_model::{
    ids::{AccountId, StatusId, first_id_at},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Result, one_row},
    ids::{among, chunks},
    schema::{favourites, status_reads, statuses, users},
};

/// Of fewer reads than this, one could guess who they were.
pub const LEAST_READS: i64 = 5;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
/// A time, in milliseconds, that no id can tell: in the year 5138.
const FAR: i64 = 100_000_000_000_000;

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

/// How often several statuses were read, by what may be told of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReadSums {
    /// The sum of the numbers, each of one status on one day, that reach [`LEAST_READS`].
    pub enough: Reads,
    /// The sum of those that do not.
    pub few: Reads,
}

impl AddAssign for ReadSums {
    fn add_assign(&mut self, more: Self) {
        self.enough += more.enough;
        self.few += more.few;
    }
}

/// What became of an account's statuses on one day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DayRow {
    /// How often they were read.
    pub reads: ReadSums,
    /// How many it wrote.
    pub statuses: i64,
    /// Favourites that they got.
    pub favourites: i64,
    /// Boosts that they got.
    pub reblogs: i64,
    /// Answers of others.
    pub replies: i64,
}

/// Reads of a status on a day that are to be added to what is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewReads {
    /// The status.
    pub status: StatusId,
    /// The day.
    pub day: i64,
    /// How often it was read.
    pub reads: Reads,
}

/// Adds reads to those of their days, all by one statement; of statuses that are gone, nothing. A status and day may
/// be there once.
pub fn add_reads(conn: &mut Conn, new: &[NewReads]) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => add_in_sqlite(conn, new),
        Conn::Postgres(conn) => add_in_postgres(conn, new),
    }
}

/// What both databases do with the rows that are new.
const ADD: &str = "ON CONFLICT (status_id, day) DO UPDATE SET \
     impressions = status_reads.impressions + excluded.impressions, \
     detail_openings = status_reads.detail_openings + excluded.detail_openings, \
     media_engagements = status_reads.media_engagements + excluded.media_engagements, \
     profile_clicks = status_reads.profile_clicks + excluded.profile_clicks, \
     link_clicks = status_reads.link_clicks + excluded.link_clicks";
/// The columns that they write.
const COLUMNS: &str = "status_id, day, impressions, detail_openings, media_engagements, profile_clicks, \
     link_clicks, account_id";

/// The numbers of a row, in the order of [`COLUMNS`].
fn numbers(new: &NewReads) -> [i64; 7] {
    let reads = &new.reads;
    [
        new.status.0,
        new.day,
        reads.impressions,
        reads.detail_openings,
        reads.media_engagements,
        reads.profile_clicks,
        reads.link_clicks,
    ]
}

fn add_in_sqlite(conn: &mut SqliteConnection, new: &[NewReads]) -> Result<()> {
    let rows: Vec<_> = new.iter().map(numbers).collect();
    let column = |index| format!("json_extract(new.value, '$[{index}]')");
    let columns = [1, 2, 3, 4, 5, 6].map(column).join(", ");
    // Without a condition, SQLite would take ON CONFLICT for one of the join.
    sql_query(format!(
        "INSERT INTO status_reads ({COLUMNS}) \
         SELECT statuses.id, {columns}, statuses.account_id \
         FROM json_each(?) AS new JOIN statuses ON statuses.id = {} WHERE TRUE {ADD}",
        column(0)
    ))
    .bind::<Text, _>(serde_json::json!(rows).to_string())
    .execute(conn)?;
    Ok(())
}

fn add_in_postgres(conn: &mut PgConnection, new: &[NewReads]) -> Result<()> {
    let rows: Vec<_> = new.iter().map(numbers).collect();
    let column = |index: usize| -> Vec<i64> { rows.iter().map(|row| row[index]).collect() };
    sql_query(format!(
        "INSERT INTO status_reads ({COLUMNS}) \
         SELECT statuses.id, day, impressions, openings, media, profiles, links, statuses.account_id \
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
         $7::bigint[]) AS new (id, day, impressions, openings, media, profiles, links) \
         JOIN statuses ON statuses.id = new.id {ADD}"
    ))
    .bind::<Array<BigInt>, _>(column(0))
    .bind::<Array<BigInt>, _>(column(1))
    .bind::<Array<BigInt>, _>(column(2))
    .bind::<Array<BigInt>, _>(column(3))
    .bind::<Array<BigInt>, _>(column(4))
    .bind::<Array<BigInt>, _>(column(5))
    .bind::<Array<BigInt>, _>(column(6))
    .execute(conn)?;
    Ok(())
}

/// How often a status was read, by day, the first day leading.
pub fn list_reads(conn: &mut Conn, status: StatusId) -> Result<Vec<(i64, Reads)>> {
    Ok(status_reads::table
        .filter(status_reads::status_id.eq(status.0))
        .order(status_reads::day)
        .select((status_reads::day, Reads::as_select()))
        .load(conn)?)
}

/// What became of an account's statuses on each day of `[from, to]` on which something did. Costs what these days
/// have, however much else the account wrote.
pub fn list_days(conn: &mut Conn, author: AccountId, from: i64, to: i64) -> Result<BTreeMap<i64, DayRow>> {
    let mut days: BTreeMap<i64, DayRow> = BTreeMap::new();
    for (day, reads) in read(conn, author, from, to)? {
        days.entry(day).or_default().reads = reads;
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

/// The sums over a column: of the numbers that reach [`LEAST_READS`], and of the others.
fn sums(column: &str) -> (SqlLiteral<BigInt>, SqlLiteral<BigInt>) {
    let sum = |condition: &str| {
        sql(&format!(
            "CAST(SUM(CASE WHEN {column} {condition} {LEAST_READS} THEN {column} ELSE 0 END) AS BIGINT)"
        ))
    };
    (sum(">="), sum("<"))
}

fn read(conn: &mut Conn, author: AccountId, from: i64, to: i64) -> Result<Vec<(i64, ReadSums)>> {
    type Sums = (i64, i64);
    let rows: Vec<(i64, Sums, Sums, Sums, Sums, Sums)> = status_reads::table
        .filter(status_reads::account_id.eq(author.0))
        .filter(status_reads::day.between(from, to))
        .group_by(status_reads::day)
        .select((
            status_reads::day,
            sums("impressions"),
            sums("detail_openings"),
            sums("media_engagements"),
            sums("profile_clicks"),
            sums("link_clicks"),
        ))
        .load(conn)?;
    let read = |(day, shown, opened, media, profile, links): (i64, Sums, Sums, Sums, Sums, Sums)| {
        let reads = |of: fn(Sums) -> i64| Reads {
            impressions: of(shown),
            detail_openings: of(opened),
            media_engagements: of(media),
            profile_clicks: of(profile),
            link_clicks: of(links),
        };
        let sums = ReadSums {
            enough: reads(|sums| sums.0),
            few: reads(|sums| sums.1),
        };
        (day, sums)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The day of a status, as it is grouped by: an expression with a bound value would be another one each time.
macro_rules! status_day {
    () => {
        sql::<BigInt>("statuses.created_at / 86400000")
    };
}

fn posted(conn: &mut Conn, author: AccountId, span: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    // Ids tell the time, and have the index. They may be made a little before or after the time that is noted.
    let id = |time: i64| first_id_at(from_millis(time.clamp(0, FAR)));
    let (first, last) = (id(span.0 - HOUR), id(span.1 + HOUR));
    Ok(statuses::table
        .filter(statuses::account_id.eq(author.0))
        .filter(statuses::id.between(first, last))
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::created_at.between(span.0, span.1))
        .group_by(status_day!())
        .select((status_day!(), count_star()))
        .load(conn)?)
}

fn favourited(conn: &mut Conn, author: AccountId, span: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    let day = || sql::<BigInt>("favourites.created_at / 86400000");
    Ok(favourites::table
        .filter(favourites::author_id.eq(author.0))
        .filter(favourites::created_at.between(span.0, span.1))
        .group_by(day())
        .select((day(), count_star()))
        .load(conn)?)
}

fn boosted(conn: &mut Conn, author: AccountId, span: (i64, i64)) -> Result<Vec<(i64, i64)>> {
    Ok(statuses::table
        .filter(statuses::reblog_of_account_id.eq(author.0))
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
