//! Counts of what happens on this instance, by week.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{UserId, first_id_at},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    schema::{accounts, statuses, user_weeks, users},
};

/// Milliseconds of a week.
const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;
/// Milliseconds from the Monday before the Unix epoch to the epoch, which was a Thursday.
const OFFSET: i64 = 3 * 24 * 60 * 60 * 1000;

/// The number of the week that a time is in. Weeks begin on Monday at midnight, UTC.
pub fn week_of(time: DateTime<Utc>) -> i64 {
    (time.timestamp_millis() + OFFSET).div_euclid(WEEK)
}

/// When a week begins.
pub fn start_of(week: i64) -> DateTime<Utc> {
    from_millis(week * WEEK - OFFSET)
}

/// What happened in a week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeekNumbers {
    /// When it began.
    pub start: DateTime<Utc>,
    /// Statuses posted here, boosts not counted.
    pub statuses: i64,
    /// Users who were here.
    pub logins: i64,
    /// Users who joined.
    pub registrations: i64,
}

/// Counts what happened in a week.
pub fn count_week(conn: &mut Conn, week: i64) -> Result<WeekNumbers> {
    let start = start_of(week);
    let end = start + TimeDelta::milliseconds(WEEK);
    let statuses: i64 = statuses::table
        .filter(statuses::local.eq(true))
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::id.ge(first_id_at(start)))
        .filter(statuses::id.lt(first_id_at(end)))
        .count()
        .get_result(conn)?;
    let logins: i64 = user_weeks::table
        .filter(user_weeks::week.eq(week))
        .count()
        .get_result(conn)?;
    let registrations: i64 = users::table
        .filter(users::created_at.ge(start.timestamp_millis()))
        .filter(users::created_at.lt(end.timestamp_millis()))
        .filter(users::approved.eq(true))
        .count()
        .get_result(conn)?;
    Ok(WeekNumbers {
        start,
        statuses,
        logins,
        registrations,
    })
}

/// Notes that a user was here in the week of `now`.
pub fn insert_user_week(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let values = (user_weeks::week.eq(week_of(now)), user_weeks::user_id.eq(user.0));
    each_backend!(conn, conn => diesel::insert_into(user_weeks::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Forgets who was here before a time.
pub fn delete_user_weeks_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<()> {
    diesel::delete(user_weeks::table.filter(user_weeks::week.lt(week_of(before)))).execute(conn)?;
    Ok(())
}

/// Domains of known accounts that are not suspended, in alphabetical order.
pub fn list_peers(conn: &mut Conn) -> Result<Vec<String>> {
    let mut found: Vec<String> = accounts::table
        .filter(accounts::domain.ne(""))
        .filter(accounts::suspended_at.is_null())
        .select(accounts::domain)
        .distinct()
        .load(conn)?;
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        // 2026-11-23 is a Monday.
        let week = week_of(at("2026-11-23T00:00:00Z"));
        assert_eq!(start_of(week), at("2026-11-23T00:00:00Z"));
        assert_eq!(week_of(at("2026-11-29T23:59:59Z")), week);
        assert_eq!(week_of(at("2026-11-22T23:59:59Z")), week - 1);
        assert_eq!(week_of(at("1970-01-01T00:00:00Z")), 0);
    }
}
