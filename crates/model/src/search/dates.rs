//! Dates in queries.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};

use crate::ids::first_id_at;

/// Reads a span of time as the ids of what was written in it, first and end: a day (`2026-11-23`), a month
/// (`2026-11`), a year (`2026`), in UTC; a moment (RFC 3339, or seconds since 1970 with nine digits or more), which
/// lasts a millisecond.
pub(super) fn span(text: &str) -> Option<(i64, i64)> {
    let (first, end) = if let Some(day) = day(text) {
        let end = match text.len() {
            10 => day.checked_add_days(chrono::Days::new(1))?,
            7 => day.checked_add_months(Months::new(1))?,
            _ => day.checked_add_months(Months::new(12))?,
        };
        (midnight(day)?, midnight(end)?)
    } else {
        let at = moment(text)?;
        (at, at + TimeDelta::milliseconds(1))
    };
    Some((first_id_at(first), first_id_at(end)))
}

/// The first day of a year, month or day.
fn day(text: &str) -> Option<NaiveDate> {
    let is_shaped = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !is_shaped {
        return None;
    }
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return None,
    };
    // Beyond that, milliseconds do not fit an id.
    let day: NaiveDate = whole.parse().ok()?;
    (day.format("%Y").to_string().as_str() < "4000").then_some(day)
}

fn midnight(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    if text.len() >= 9 && text.len() <= 11 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return DateTime::from_timestamp(text.parse().ok()?, 0);
    }
    let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (at.timestamp() < 64_000_000_000).then_some(at)
}
