//! Migrations: the same names for both databases, embedded in the binary.

use std::collections::BTreeMap;

use diesel::{QueryableByName, RunQueryDsl, sql_types::Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Which migrations a database has.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct MigrationStatus {
    /// Applied versions, oldest first.
    pub applied: Vec<String>,
    /// Versions that this program has and the database lacks, oldest first.
    pub pending: Vec<String>,
    /// Applied versions that this program does not know: a newer program was here.
    pub unknown: Vec<String>,
}

fn open_error(error: impl std::fmt::Display) -> Error {
    Error::Open(error.to_string())
}

/// Applies what is missing, each migration in a transaction.
///
/// # Errors
/// `Open` if a migration fails or the database was migrated by a newer program.
pub fn run(conn: &mut Conn) -> Result<()> {
    let status = status(conn)?;
    if !status.unknown.is_empty() {
        return Err(Error::Open(format!(
            "the database was used by a newer version (migrations {})",
            status.unknown.join(", ")
        )));
    }
    match conn {
        Conn::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map_err(open_error)?,
        Conn::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map_err(open_error)?,
    };
    Ok(())
}

/// Undoes the newest migration. For tests: a released migration is not undone.
///
/// # Errors
/// `Open` if there is none or it fails.
pub fn revert_last(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => conn.revert_last_migration(SQLITE).map_err(open_error)?,
        Conn::Postgres(conn) => conn.revert_last_migration(POSTGRES).map_err(open_error)?,
    };
    Ok(())
}

/// What has been applied and what is missing.
///
/// # Errors
/// `Open` if the database cannot be read.
pub fn status(conn: &mut Conn) -> Result<MigrationStatus> {
    let applied: Vec<String> = each_backend!(conn, inner => inner.applied_migrations().map_err(open_error)?.iter().map(ToString::to_string).collect());
    let known = match conn {
        Conn::Sqlite(_) => names::<diesel::sqlite::Sqlite>(&SQLITE)?,
        Conn::Postgres(_) => names::<diesel::pg::Pg>(&POSTGRES)?,
    };
    let mut applied = applied;
    applied.sort();
    Ok(MigrationStatus {
        pending: known
            .iter()
            .filter(|name| !applied.contains(name))
            .cloned()
            .collect(),
        unknown: applied
            .iter()
            .filter(|name| !known.contains(name))
            .cloned()
            .collect(),
        applied,
    })
}

fn names<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    use diesel::migration::MigrationSource;
    let migrations = MigrationSource::<DB>::migrations(source).map_err(open_error)?;
    Ok(migrations
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect())
}

/// `table.column` for everything in the database, sorted: what the two databases must have in common. The index of words is
/// left out, which each keeps in its own way.
///
/// # Errors
/// `Driver` if the catalogue cannot be read.
pub fn columns(conn: &mut Conn) -> Result<Vec<String>> {
    let mut names = texts(
        conn,
        "SELECT m.name || '.' || c.name AS text FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' \
         AND m.name NOT LIKE 'status_search%'",
        "SELECT table_name || '.' || column_name AS text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_%' AND table_name <> 'status_search'",
    )?;
    names.sort();
    Ok(names)
}

/// All rows of every table as sorted lines of text: what tests compare to show that nothing changed.
///
/// # Errors
/// `Driver` if a table cannot be read.
pub fn contents(conn: &mut Conn) -> Result<BTreeMap<String, Vec<String>>> {
    let mut columns_of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in columns(conn)? {
        if let Some((table, column)) = name.split_once('.') {
            columns_of
                .entry(table.to_owned())
                .or_default()
                .push(column.to_owned());
        }
    }
    let mut contents = BTreeMap::new();
    for (table, columns) in columns_of {
        let quoted = columns.iter().map(|column| format!("quote(\"{column}\")"));
        let line = quoted.collect::<Vec<_>>().join(" || ',' || ");
        let mut lines = texts(
            conn,
            &format!("SELECT {line} AS text FROM \"{table}\""),
            &format!("SELECT row_of::text AS text FROM \"{table}\" row_of"),
        )?;
        lines.sort();
        contents.insert(table, lines);
    }
    Ok(contents)
}

/// The column `text` of a query that reads the same from both databases.
fn texts(conn: &mut Conn, sqlite: &str, postgres: &str) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let rows: Vec<Row> = match conn {
        Conn::Sqlite(conn) => diesel::sql_query(sqlite).load(conn)?,
        Conn::Postgres(conn) => diesel::sql_query(postgres).load(conn)?,
    };
    Ok(rows.into_iter().map(|row| row.text).collect())
}
