//! Timestamps as every client reads them.
//!
//! Source: <https://docs.joinmastodon.org/api/datetime-format/>

use std::fmt;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use serde::{Serialize, Serializer};

/// `2026-11-23T10:00:00.000Z`: always three digits of milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Iso(pub(crate) DateTime<Utc>);

impl fmt::Display for Iso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.0;
        write!(
            f,
            "{}T{:02}:{:02}:{:02}.{:03}Z",
            Day(time),
            time.hour(),
            time.minute(),
            time.second(),
            time.timestamp_subsec_millis().min(999),
        )
    }
}

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `2026-11-23`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Day(pub(crate) DateTime<Utc>);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The midnight (UTC) that the day of a time begins with: accounts do not tell when exactly they were made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Midnight(pub(crate) DateTime<Utc>);

impl Serialize for Midnight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}T00:00:00.000Z", Day(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_three_digits() {
        let time: DateTime<Utc> = "2026-03-04T05:06:07.08Z".parse().unwrap();
        assert_eq!(
            serde_json::to_string(&Iso(time)).unwrap(),
            r#""2026-03-04T05:06:07.080Z""#
        );
        assert_eq!(serde_json::to_string(&Day(time)).unwrap(), r#""2026-03-04""#);
        assert_eq!(
            serde_json::to_string(&Midnight(time)).unwrap(),
            r#""2026-03-04T00:00:00.000Z""#
        );
    }
}
