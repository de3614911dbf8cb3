//! The one place that knows there are two databases.

use diesel::{
    Connection, PgConnection, SqliteConnection,
    connection::{InstrumentationEvent, SimpleConnection},
    r2d2::{ManageConnection, R2D2Connection},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::error::{Error, Result};

pub use multi::Conn;

#[allow(missing_docs, reason = "the derive makes public items that nobody documents")]
mod multi {
    use diesel::{PgConnection, SqliteConnection};

    /// A connection to either database.
    ///
    /// Ordinary queries are written once against it. What the derive lacks (`ON CONFLICT`, `RETURNING`, inserts of
    /// several rows) goes through `each_backend!`.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        /// The embedded database.
        Sqlite(SqliteConnection),
        /// A PostgreSQL server.
        Postgres(PgConnection),
    }
}

/// Runs the same body on the connection inside a [`Conn`], whichever it is.
macro_rules! each_backend {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::conn::Conn::Sqlite($inner) => $body,
            $crate::conn::Conn::Postgres($inner) => $body,
        }
    };
}
pub(crate) use each_backend;

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Conn::Sqlite",
            Self::Postgres(_) => "Conn::Postgres",
        })
    }
}

/// Which database a URL names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: the file.
    Sqlite(String),
    /// `postgres://...`, passed to libpq as it is.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` (also `sqlite://PATH`) or `postgres://...`; a typo never creates an empty file.
    ///
    /// # Errors
    /// `Open` for any other scheme.
    pub fn parse(url: &str) -> Result<Self> {
        match url.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).to_owned()))
            }
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.to_owned())),
            _ => Err(Error::Open(
                "the URL begins with neither sqlite: nor postgres:".to_owned(),
            )),
        }
    }
}

impl Conn {
    /// Opens one connection for writing, without bringing the schema up to date.
    ///
    /// # Errors
    /// `Open` if the database cannot be reached.
    pub fn open(url: &DatabaseUrl) -> Result<Self> {
        Manager {
            url: url.clone(),
            access: Access::Write,
            statements: None,
        }
        .open()
    }
}

/// What a SQLite connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    Read,
    Write,
}

/// Opens connections for a pool, and counts their statements when asked to.
#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) url: DatabaseUrl,
    pub(crate) access: Access,
    pub(crate) statements: Option<Arc<AtomicU64>>,
}

impl Manager {
    pub(crate) fn open(&self) -> Result<Conn> {
        let mut conn = match &self.url {
            DatabaseUrl::Sqlite(path) => Conn::Sqlite(open_sqlite(path, self.access)?),
            DatabaseUrl::Postgres(url) => Conn::Postgres(PgConnection::establish(url)?),
        };
        if let Some(statements) = self.statements.clone() {
            conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                    statements.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Ok(conn)
    }
}

/// The busy timeout comes first: setting the journal mode may itself have to wait for another process.
/// `synchronous=FULL` makes an answer of success mean that the data is on disk.
fn open_sqlite(path: &str, access: Access) -> Result<SqliteConnection> {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;",
    )?;
    if access == Access::Read {
        conn.batch_execute("PRAGMA query_only = ON;")?;
    }
    Ok(conn)
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        self.open()
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        conn.ping().map_err(Error::from)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        conn.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_in_the_scheme_is_an_error() {
        assert_eq!(
            DatabaseUrl::parse("sqlite:data/x.sqlite3").expect("valid"),
            DatabaseUrl::Sqlite("data/x.sqlite3".into())
        );
        assert_eq!(
            DatabaseUrl::parse("sqlite:///x").expect("valid"),
            DatabaseUrl::Sqlite("/x".into())
        );
        assert!(matches!(
            DatabaseUrl::parse("postgres://u@h/d"),
            Ok(DatabaseUrl::Postgres(_))
        ));
        for bad in ["postgre://h/d", "sqlite:", "data/x.sqlite3", "", "mysql://h/d"] {
            assert!(DatabaseUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
