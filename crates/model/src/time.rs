//! Time as a parameter: nothing but [`SystemClock`] asks the machine what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Where the current time comes from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The current time in UTC, to the millisecond: what is stored compares equal to what was made.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the machine's clock"
        )]
        let now = Utc::now();
        from_millis(now.timestamp_millis())
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `start`.
    pub fn new(start: DateTime<Utc>) -> Self {
        Self(AtomicI64::new(start.timestamp_millis()))
    }

    /// Moves the clock by `step` (backwards if negative).
    pub fn advance(&self, step: TimeDelta) {
        self.0.fetch_add(step.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The time at `ms` milliseconds after the Unix epoch; an unrepresentable value counts as the epoch.
pub fn from_millis(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// `2026-11-23T10:00:00.000Z`: the only form of timestamp that every client parses.
///
/// Source: <https://docs.joinmastodon.org/api/datetime-format/>
pub fn iso(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `2026-11-23`: a day in UTC.
pub fn iso_day(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d").to_string()
}
