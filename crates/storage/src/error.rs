//! What can go wrong in the store.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Result of every function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in the store. The absence of a row is `None`, not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique or foreign key constraint refused the change; holds the constraint's or index's name, as far
    /// as the database tells it.
    #[error("constraint {0} refuses the change")]
    Conflict(String),
    /// Somebody else holds a lock for too long, or the pool is empty: worth another try later.
    #[error("database is busy")]
    Busy,
    /// The disk, or what the database may take of it, is full.
    #[error("no space is left for the database")]
    Full,
    /// A stored value means nothing to this program.
    #[error("{table}.{column} of row {id} holds an unreadable value")]
    Inconsistent {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Primary key.
        id: i64,
    },
    /// A statement that had to change exactly one row changed another number.
    #[error("{statement} changed {rows} rows instead of one")]
    RowCount {
        /// What was attempted.
        statement: &'static str,
        /// Rows changed.
        rows: usize,
    },
    /// The database cannot be opened or migrated.
    #[error("cannot open the database: {0}")]
    Open(String),
    /// The writer is gone: the program is stopping, or a closure panicked.
    #[error("the store has stopped")]
    Stopped,
    /// Anything else that the driver reports.
    #[error("database error")]
    Driver(#[source] DieselError),
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(
                DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ForeignKeyViolation,
                info,
            ) => Self::Conflict(
                info.constraint_name()
                    .unwrap_or_else(|| info.message())
                    .to_owned(),
            ),
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy,
            DieselError::DatabaseError(_, info)
                if ["database is locked", "deadlock detected"]
                    .iter()
                    .any(|text| info.message().contains(text)) =>
            {
                Self::Busy
            }
            DieselError::DatabaseError(_, info) if tells_of_no_space(info.message()) => Self::Full,
            other => Self::Driver(other),
        }
    }
}

/// SQLite's `SQLITE_FULL`, and PostgreSQL's `disk_full` and what the operating system told it.
fn tells_of_no_space(message: &str) -> bool {
    message.contains("database or disk is full") || message.contains("No space left on device")
}

impl From<diesel::ConnectionError> for Error {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Open(error.to_string())
    }
}

/// Checks that a statement changed exactly one row.
pub(crate) fn one_row(statement: &'static str, rows: usize) -> Result<()> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Error::RowCount { statement, rows })
    }
}
