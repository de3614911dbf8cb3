//! The index of the words of statuses: FTS5 on SQLite, a GIN index over `tsvector` on PostgreSQL.
//!
//! Both hold the tokens of a [`Document`] as they are and are asked for those of an [`Expression`], so that both
//! find the same. Tokens hold no sign that is syntax of either (see [`pouet_model::search`]).
//!
//! Reading goes from one end and is bounded. FTS5 walks its lists from either end and stops when there is enough.
//! PostgreSQL can read an index of words by itself only whole; so the first rows are read one by one, which is enough
//! for words that are common, and show how common they are. If they are rare, the index of words is asked for all the
//! rest; otherwise some more rows are read, and the reader may go on from there.
//!
//! Words of a phrase may each be in most rows while the phrase is in none, and an index of words would have all those rows
//! read. FTS5 compares the places of words within its lists. PostgreSQL gets a sign for each two short words that are
//! neighbours ([`syntax::neighbours`]), by which phrases of common words are as rare as they are.

mod syntax;

use std::collections::HashSet;

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{Array, BigInt, Text},
};
use pouet_model::{
    ids::StatusId,
    search::{Document, Expression},
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::chunks,
};
use syntax::{FTS5, TSQUERY, TSQUERY_LOOSE, TSQUERY_LOOSE_SIGNED, TSQUERY_SIGNED, vector};

/// Rows that are read one by one before the index of words is asked. Only for PostgreSQL, as what follows.
const SAMPLE: i64 = 2_000;
/// Rows with the words of a query, in any order, that the index of words may be asked for: each of them is read.
const MAX_BY_WORDS: i64 = 20_000;
/// Rows that are read one by one where there are more.
const MAX_ROWS: i64 = 100_000;
/// Rows with the words of a query that SQLite walks over for each row that is asked about, before it looks at these rows one by
/// one: a step of the walk takes a hundredth of the time.
const WALKED_PER_ROW: usize = 16;

/// Setting that holds the id below which statuses are not in the index yet, or not as they would be written now; there is
/// none when all are.
pub const INDEX_BELOW: &str = "search.index_below";

/// From which end is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Downwards.
    NewestFirst,
    /// Upwards.
    OldestFirst,
}

impl Order {
    fn sql(self) -> &'static str {
        match self {
            Self::NewestFirst => "DESC",
            Self::OldestFirst => "ASC",
        }
    }
}

/// Ids between which is looked, both left out, and from which end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// Only ids above.
    pub above: i64,
    /// Only ids below.
    pub below: i64,
    /// What comes first.
    pub order: Order,
}

impl Range {
    /// What is left of it when everything up to `id` has been looked at, `id` included.
    #[must_use]
    pub fn after(self, id: i64) -> Self {
        match self.order {
            Order::NewestFirst => Self { below: id, ..self },
            Order::OldestFirst => Self { above: id, ..self },
        }
    }
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Writes documents over what the index has of these statuses.
pub fn replace_documents(conn: &mut Conn, documents: &[(StatusId, Document)]) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            for (id, document) in documents {
                sql_query("DELETE FROM status_search WHERE rowid = ?")
                    .bind::<BigInt, _>(id.0)
                    .execute(conn)?;
                insert_in_sqlite(conn, *id, document)?;
            }
            Ok(())
        }
        Conn::Postgres(conn) => write_in_postgres(conn, documents),
    }
}

/// Adds the document of a new status.
pub fn insert_document(conn: &mut Conn, id: StatusId, document: &Document) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => insert_in_sqlite(conn, id, document),
        Conn::Postgres(conn) => write_in_postgres(conn, std::slice::from_ref(&(id, document.clone()))),
    }
}

fn insert_in_sqlite(conn: &mut SqliteConnection, id: StatusId, document: &Document) -> Result<()> {
    sql_query("INSERT INTO status_search (rowid, tokens) VALUES (?, ?)")
        .bind::<BigInt, _>(id.0)
        .bind::<Text, _>(document.text())
        .execute(conn)?;
    Ok(())
}

fn write_in_postgres(conn: &mut PgConnection, documents: &[(StatusId, Document)]) -> Result<()> {
    for chunk in chunks(documents) {
        let ids: Vec<i64> = chunk.iter().map(|(id, _)| id.0).collect();
        let vectors: Vec<String> = chunk.iter().map(|(_, document)| vector(document)).collect();
        sql_query(
            "INSERT INTO status_search (status_id, tokens) \
             SELECT id, vector::tsvector FROM unnest($1::bigint[], $2::text[]) AS new (id, vector) \
             ON CONFLICT (status_id) DO UPDATE SET tokens = EXCLUDED.tokens",
        )
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Text>, _>(vectors)
        .execute(conn)?;
    }
    Ok(())
}

/// What was found in the index.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// In the order of the range.
    pub ids: Vec<StatusId>,
    /// The id that what was not looked at lies behind, although there is room for more; `None`: all was.
    pub unread_after: Option<i64>,
}

/// The first statuses of a range that fit, at most `limit`. Dates of the expression that leave out spans in between
/// are the caller's business.
pub fn list_matching(conn: &mut Conn, expression: &Expression, range: Range, limit: i64) -> Result<Found> {
    let range = Range {
        above: range.above.max(expression.from.saturating_sub(1)),
        below: range.below.min(expression.until),
        ..range
    };
    if expression.is_impossible() || range.above >= range.below {
        return Ok(Found::default());
    }
    match conn {
        Conn::Sqlite(conn) => list_in_sqlite(conn, expression, range, limit),
        Conn::Postgres(conn) => list_in_postgres(conn, expression, range, limit),
    }
}

fn list_in_sqlite(
    conn: &mut SqliteConnection,
    expression: &Expression,
    range: Range,
    limit: i64,
) -> Result<Found> {
    let sql = format!(
        "SELECT rowid AS id FROM status_search WHERE status_search MATCH ? AND rowid > ? AND rowid < ? \
         ORDER BY rowid {} LIMIT ?",
        range.order.sql()
    );
    let rows: Vec<IdRow> = sql_query(sql)
        .bind::<Text, _>(FTS5.write(expression))
        .bind::<BigInt, _>(range.above)
        .bind::<BigInt, _>(range.below)
        .bind::<BigInt, _>(limit)
        .load(conn)?;
    Ok(Found {
        ids: ids(rows),
        unread_after: None,
    })
}

/// Of these statuses, newest first or oldest first, those that fit, in any order. Dates are the caller's business.
pub fn list_matching_among(
    conn: &mut Conn,
    expression: &Expression,
    among: &[StatusId],
) -> Result<Vec<StatusId>> {
    let bounds = among.iter().min().zip(among.iter().max());
    let Some((first, last)) = bounds.filter(|_| !expression.is_impossible()) else {
        return Ok(Vec::new());
    };
    let range = Range {
        above: first.0 - 1,
        below: last.0 + 1,
        order: Order::NewestFirst,
    };
    match conn {
        Conn::Sqlite(conn) => among_in_sqlite(conn, expression, range, among),
        Conn::Postgres(conn) => {
            // Whether to read these rows or to ask the index of words, the database knows best.
            let rows: Vec<IdRow> = sql_query(
                "SELECT status_id AS id FROM status_search WHERE status_id = ANY($1) AND tokens @@ $2::tsquery",
            )
            .bind::<Array<BigInt>, _>(among.iter().map(|id| id.0).collect::<Vec<i64>>())
            .bind::<Text, _>(TSQUERY.write(expression))
            .load(conn)?;
            Ok(ids(rows))
        }
    }
}

/// Walks over the lists of words, which is soon done where these are rare. Where they are common, what is left is asked for
/// by its ids.
fn among_in_sqlite(
    conn: &mut SqliteConnection,
    expression: &Expression,
    range: Range,
    among: &[StatusId],
) -> Result<Vec<StatusId>> {
    let limit = among.len().saturating_mul(WALKED_PER_ROW);
    let walked = list_in_sqlite(conn, expression, range, limit as i64)?.ids;
    let unread = walked.last().filter(|_| walked.len() >= limit).copied();
    let asked: HashSet<StatusId> = among.iter().copied().collect();
    let mut found: Vec<StatusId> = walked.into_iter().filter(|id| asked.contains(id)).collect();
    let left: Vec<StatusId> = among
        .iter()
        .copied()
        .filter(|id| unread.is_some_and(|unread| *id < unread))
        .collect();
    if !left.is_empty() {
        let left: Vec<String> = left.iter().map(|id| id.0.to_string()).collect();
        let rows: Vec<IdRow> = sql_query(
            "SELECT rowid AS id FROM status_search WHERE status_search MATCH ? \
             AND rowid IN (SELECT value FROM json_each(?))",
        )
        .bind::<Text, _>(FTS5.write(expression))
        .bind::<Text, _>(format!("[{}]", left.join(",")))
        .load(conn)?;
        found.extend(ids(rows));
    }
    Ok(found)
}

fn list_in_postgres(
    conn: &mut PgConnection,
    expression: &Expression,
    range: Range,
    limit: i64,
) -> Result<Found> {
    let query = TSQUERY.write(expression);
    let (sample, rest) = split(conn, range, SAMPLE)?;
    let mut found = Found {
        ids: row_by_row(conn, &query, sample, limit)?,
        unread_after: None,
    };
    let count = found.ids.len() as i64;
    let Some(rest) = rest.filter(|_| count < limit) else {
        return Ok(found);
    };
    // How many rows with these words the index would come up with, to judge by the sample.
    let mut signed = TSQUERY_SIGNED.write(expression);
    if signed != query && !has_signs(conn)? {
        signed.clone_from(&query);
    }
    let loose = if signed == query {
        TSQUERY_LOOSE
    } else {
        TSQUERY_LOOSE_SIGNED
    };
    let words = loose.write(&Expression {
        none: Vec::new(),
        ..expression.clone()
    });
    let with_words = if words == query {
        count
    } else {
        row_by_row(conn, &words, sample, SAMPLE)?.len() as i64
    };
    if with_words.saturating_mul(count_roughly(conn)?) / SAMPLE <= MAX_BY_WORDS {
        found.ids.extend(by_words(conn, &signed, rest, limit - count)?);
        return Ok(found);
    }
    let needed = (limit - count).saturating_mul(SAMPLE) / count.max(1);
    let (part, unread) = split(conn, rest, needed.clamp(SAMPLE, MAX_ROWS))?;
    found.ids.extend(row_by_row(conn, &query, part, limit - count)?);
    let is_full = found.ids.len() as i64 >= limit;
    found.unread_after = unread.filter(|_| !is_full).map(|unread| match range.order {
        Order::NewestFirst => unread.below,
        Order::OldestFirst => unread.above,
    });
    Ok(found)
}

/// The first statuses that fit, each row read. The innermost part keeps the database from asking the index of words.
fn row_by_row(conn: &mut PgConnection, query: &str, range: Range, limit: i64) -> Result<Vec<StatusId>> {
    let order = range.order.sql();
    list_by(
        conn,
        format!(
            "SELECT status_id AS id FROM (\
             SELECT status_id, tokens FROM status_search WHERE status_id > $2 AND status_id < $3 \
             ORDER BY status_id {order} OFFSET 0) AS part \
             WHERE tokens @@ $1::tsquery ORDER BY status_id {order} LIMIT $4"
        ),
        query,
        range,
        limit,
    )
}

/// The first statuses that fit, by the index of words: sums instead of ids, and a part by itself, keep the database
/// from reading row by row in the hope of an early end.
fn by_words(conn: &mut PgConnection, query: &str, range: Range, limit: i64) -> Result<Vec<StatusId>> {
    let order = range.order.sql();
    list_by(
        conn,
        format!(
            "WITH matching AS MATERIALIZED (\
             SELECT status_id FROM status_search \
             WHERE tokens @@ $1::tsquery AND status_id + 0 > $2 AND status_id + 0 < $3) \
             SELECT status_id AS id FROM matching ORDER BY status_id {order} LIMIT $4"
        ),
        query,
        range,
        limit,
    )
}

fn list_by(
    conn: &mut PgConnection,
    sql: String,
    query: &str,
    range: Range,
    limit: i64,
) -> Result<Vec<StatusId>> {
    let rows: Vec<IdRow> = sql_query(sql)
        .bind::<Text, _>(query)
        .bind::<BigInt, _>(range.above)
        .bind::<BigInt, _>(range.below)
        .bind::<BigInt, _>(limit)
        .load(conn)?;
    Ok(ids(rows))
}

/// The first `rows` rows of a range, and what is left of it; `None` if it has no more than that.
fn split(conn: &mut PgConnection, range: Range, rows: i64) -> Result<(Range, Option<Range>)> {
    let next: Vec<IdRow> = sql_query(format!(
        "SELECT status_id AS id FROM status_search WHERE status_id > $1 AND status_id < $2 \
         ORDER BY status_id {} OFFSET $3 LIMIT 1",
        range.order.sql()
    ))
    .bind::<BigInt, _>(range.above)
    .bind::<BigInt, _>(range.below)
    .bind::<BigInt, _>(rows)
    .load(conn)?;
    let Some(next) = next.first().map(|row| row.id) else {
        return Ok((range, None));
    };
    Ok(match range.order {
        Order::NewestFirst => (Range { above: next, ..range }, Some(range.after(next + 1))),
        Order::OldestFirst => (Range { below: next, ..range }, Some(range.after(next - 1))),
    })
}

/// How many rows the index has, as the database remembers it; where it never counted, rather too many.
fn count_roughly(conn: &mut PgConnection) -> Result<i64> {
    let rows: Vec<IdRow> = sql_query(
        "SELECT CASE WHEN reltuples < 0 THEN pg_relation_size(oid) / 128 ELSE reltuples::bigint END AS id \
         FROM pg_class WHERE oid = 'status_search'::regclass",
    )
    .load(conn)?;
    Ok(rows.first().map_or(0, |row| row.id))
}

/// Whether all documents have the signs of [`syntax::neighbours`]: those from before there were any are being written anew.
fn has_signs(conn: &mut PgConnection) -> Result<bool> {
    let rows: Vec<IdRow> = sql_query("SELECT count(*) AS id FROM settings WHERE key = $1")
        .bind::<Text, _>(INDEX_BELOW)
        .load(conn)?;
    Ok(rows.first().is_none_or(|row| row.id == 0))
}

fn ids(rows: Vec<IdRow>) -> Vec<StatusId> {
    rows.into_iter().map(|row| StatusId(row.id)).collect()
}

/// How many statuses the index has, for tests and measurements.
pub fn count_documents(conn: &mut Conn) -> Result<i64> {
    let rows: Vec<IdRow> = match conn {
        Conn::Sqlite(conn) => sql_query("SELECT count(*) AS id FROM status_search_docsize").load(conn)?,
        Conn::Postgres(conn) => sql_query("SELECT count(*) AS id FROM status_search").load(conn)?,
    };
    Ok(rows.first().map_or(0, |row| row.id))
}

/// Statuses that are no boosts below an id, newest first, at most `limit`: what is to be indexed afterwards.
pub fn list_statuses_below(conn: &mut Conn, below: i64, limit: i64) -> Result<Vec<StatusId>> {
    use crate::schema::statuses;
    use diesel::prelude::*;
    let rows: Vec<i64> = each_backend!(conn, conn => statuses::table
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::id.lt(below))
        .order(statuses::id.desc())
        .limit(limit)
        .select(statuses::id)
        .load(conn)?);
    Ok(rows.into_iter().map(StatusId).collect())
}
