//! What could not be fetched, remembered for a while so that it is not tried all the time.

use std::time::Duration;

use moka::sync::Cache;

use crate::error::{Error, Result};

/// How long a failure is remembered, and that we were not let in: where a server could not have our key, it may later.
const FAILED: Duration = Duration::from_mins(5);
/// How long it is remembered that there is no such thing.
const ABSENT: Duration = Duration::from_hours(1);
/// How many addresses are remembered of each kind.
const CAPACITY: u64 = 20_000;

/// Addresses that gave nothing.
#[derive(Debug)]
pub(crate) struct Absences {
    failed: Cache<String, Failure>,
    absent: Cache<String, Absence>,
}

/// What a server said of what it did not give.
#[derive(Clone, Copy, Debug)]
enum Absence {
    Gone,
    Missing,
}

/// Why nothing came.
#[derive(Clone, Copy, Debug)]
enum Failure {
    Refused,
    Unauthorised,
}

impl Default for Absences {
    fn default() -> Self {
        Self {
            failed: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(FAILED)
                .build(),
            absent: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(ABSENT)
                .build(),
        }
    }
}

impl Absences {
    /// Answers for an address that gave nothing not long ago.
    ///
    /// # Errors
    /// `Gone`, `Missing` or `Unauthorised` as then; `Refused` for what we refused. None of them says how it is now.
    pub(crate) fn check(&self, uri: &str) -> Result<()> {
        match self.absent.get(uri) {
            Some(Absence::Gone) => Err(Error::Gone),
            Some(Absence::Missing) => Err(Error::Missing),
            None => match self.failed.get(uri) {
                Some(Failure::Unauthorised) => Err(Error::Unauthorised),
                Some(Failure::Refused) => Err(Error::Refused("refused not long ago")),
                None => Ok(()),
            },
        }
    }

    /// Remembers why an address gave nothing. Troubles of the network are left out: a retry is somebody's decision.
    pub(crate) fn remember(&self, uri: &str, error: &Error) {
        match error {
            Error::Gone => self.absent.insert(uri.to_owned(), Absence::Gone),
            Error::Missing => self.absent.insert(uri.to_owned(), Absence::Missing),
            Error::Unauthorised => self.failed.insert(uri.to_owned(), Failure::Unauthorised),
            Error::Refused(_) => self.failed.insert(uri.to_owned(), Failure::Refused),
            _ => {}
        }
    }

    /// Forgets an address, because its server just spoke of it.
    pub(crate) fn forget(&self, uri: &str) {
        self.absent.invalidate(uri);
        self.failed.invalidate(uri);
    }
}
