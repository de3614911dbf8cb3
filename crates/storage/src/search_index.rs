//! The index of the words of statuses: FTS5 on SQLite, a GIN index over `tsvector` on PostgreSQL.
//!
//! Both hold the tokens of a [`Document`] as they are and are asked for those of an [`Expression`], so that both
//! find the same. Tokens hold no sign that is syntax of either (see [`pouet_model::search`]).
//!
//! Reading is newest first and bounded. FTS5 walks its lists from the newest row on and stops when there is enough.
//! PostgreSQL can read an index of words by itself only whole; so the newest rows are read one by one, which is
//! enough for words that are common, and the index of words is asked for what is older, where the word is rare or
//! wanted from long ago.

use std::{collections::HashMap, fmt::Write as _};

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{Array, BigInt, Text},
};
use pouet_model::{
    ids::StatusId,
    search::{Document, Expression, Phrase},
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::chunks,
};

/// Rows of the index in which a query looks, from the newest on: of the first part each row is read, of the others
/// the index of words. Only for PostgreSQL.
const WINDOWS: [i64; 4] = [2_000, 100_000, 500_000, 2_000_000];

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

/// The literal of a `tsvector`: every token with its places.
///
/// Source: <https://www.postgresql.org/docs/current/datatype-textsearch.html>
fn vector(document: &Document) -> String {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, token) in (1..).zip(document.tokens()) {
        places.entry(token).or_default().push(place);
    }
    let mut text = String::new();
    for (token, places) in places {
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        // Writing to a string does not fail.
        let _ = write!(text, "'{token}':{} ", places.join(","));
    }
    text
}

/// What was found in the index.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Newest first.
    pub ids: Vec<StatusId>,
    /// Ids below were not looked at, although there is room for more; `None`: all were.
    pub unread_below: Option<i64>,
}

/// The newest statuses that fit, with ids above `above` and below `below`; at most `limit`. Dates of the expression
/// that leave out spans in between are the caller's business.
pub fn list_matching(
    conn: &mut Conn,
    expression: &Expression,
    above: i64,
    below: i64,
    limit: i64,
) -> Result<Found> {
    let above = above.max(expression.from.saturating_sub(1));
    let below = below.min(expression.until);
    if expression.is_impossible() || above >= below {
        return Ok(Found::default());
    }
    match conn {
        Conn::Sqlite(conn) => list_in_sqlite(conn, expression, above, below, limit),
        Conn::Postgres(conn) => list_in_postgres(conn, expression, above, below, limit),
    }
}

fn list_in_sqlite(
    conn: &mut SqliteConnection,
    expression: &Expression,
    above: i64,
    below: i64,
    limit: i64,
) -> Result<Found> {
    let rows: Vec<IdRow> = sql_query(
        "SELECT rowid AS id FROM status_search WHERE status_search MATCH ? AND rowid > ? AND rowid < ? \
         ORDER BY rowid DESC LIMIT ?",
    )
    .bind::<Text, _>(fts5(expression))
    .bind::<BigInt, _>(above)
    .bind::<BigInt, _>(below)
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    Ok(Found {
        ids: ids(rows),
        unread_below: None,
    })
}

fn list_in_postgres(
    conn: &mut PgConnection,
    expression: &Expression,
    above: i64,
    mut below: i64,
    limit: i64,
) -> Result<Found> {
    let query = tsquery(expression);
    let mut found = Found::default();
    for (part, rows) in (0..).zip(WINDOWS) {
        let floor = find_floor(conn, above, below, rows)?;
        let sql = if part == 0 { ROW_BY_ROW } else { BY_WORDS };
        let matching: Vec<IdRow> = sql_query(sql)
            .bind::<Text, _>(&query)
            .bind::<BigInt, _>(floor.unwrap_or(above))
            .bind::<BigInt, _>(below)
            .bind::<BigInt, _>(limit - found.ids.len() as i64)
            .load(conn)?;
        found.ids.extend(ids(matching));
        let Some(floor) = floor.filter(|_| (found.ids.len() as i64) < limit) else {
            return Ok(found);
        };
        below = floor + 1;
    }
    found.unread_below = Some(below);
    Ok(found)
}

/// The innermost part keeps the database from asking the index of words.
const ROW_BY_ROW: &str = "SELECT status_id AS id FROM (\
     SELECT status_id, tokens FROM status_search WHERE status_id > $2 AND status_id < $3 \
     ORDER BY status_id DESC OFFSET 0) AS part \
     WHERE tokens @@ $1::tsquery ORDER BY status_id DESC LIMIT $4";

/// The first part keeps the database from reading row by row in the hope of an early end.
const BY_WORDS: &str = "WITH matching AS MATERIALIZED (\
     SELECT status_id FROM status_search WHERE tokens @@ $1::tsquery AND status_id > $2 AND status_id < $3) \
     SELECT status_id AS id FROM matching ORDER BY status_id DESC LIMIT $4";

/// The id above which there are `rows` rows below `below`; `None` if there are no more than that above `above`.
fn find_floor(conn: &mut PgConnection, above: i64, below: i64, rows: i64) -> Result<Option<i64>> {
    let floor: Vec<IdRow> = sql_query(
        "SELECT status_id AS id FROM status_search WHERE status_id > $1 AND status_id < $2 \
         ORDER BY status_id DESC OFFSET $3 LIMIT 1",
    )
    .bind::<BigInt, _>(above)
    .bind::<BigInt, _>(below)
    .bind::<BigInt, _>(rows)
    .load(conn)?;
    Ok(floor.first().map(|row| row.id))
}

fn ids(rows: Vec<IdRow>) -> Vec<StatusId> {
    rows.into_iter().map(|row| StatusId(row.id)).collect()
}

/// How a database writes expressions.
struct Syntax {
    and: &'static str,
    or: &'static str,
    but_not: &'static str,
    phrase: fn(&Phrase) -> String,
}

impl Syntax {
    fn write(&self, expression: &Expression) -> String {
        let joined = |phrases: &[Phrase], with: &str| {
            let written: Vec<String> = phrases.iter().map(self.phrase).collect();
            format!("({})", written.join(with))
        };
        let all: Vec<String> = expression
            .all
            .iter()
            .map(|group| joined(group, self.or))
            .collect();
        let wanted = all.join(self.and);
        if expression.none.is_empty() {
            return wanted;
        }
        let none: Vec<String> = expression
            .none
            .iter()
            .map(|group| joined(group, self.and))
            .collect();
        format!("({wanted}){}({})", self.but_not, none.join(self.or))
    }
}

/// Source: <https://www.sqlite.org/fts5.html#full_text_query_syntax>
fn fts5(expression: &Expression) -> String {
    Syntax {
        and: " AND ",
        or: " OR ",
        but_not: " NOT ",
        phrase: |tokens| format!("\"{}\"", tokens.join(" ")),
    }
    .write(expression)
}

/// Source: <https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY>
fn tsquery(expression: &Expression) -> String {
    Syntax {
        and: " & ",
        or: " | ",
        but_not: " & !",
        phrase: |tokens| format!("('{}')", tokens.join("' <-> '")),
    }
    .write(expression)
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
