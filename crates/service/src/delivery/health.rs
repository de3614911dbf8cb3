//! How deliveries to a host went, and whether the next one may be sent: a breaker that leaves a host alone for a
//! while, and a count of days after which it is taken for gone.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_storage::hosts::{Host, Recovery};

use crate::settings::DeliverySettings;

/// Days with failures and no success after which a host is unavailable.
const UNAVAILABLE_AFTER_DAYS: usize = 7;
/// How often an unavailable host is tried all the same.
const PROBE_UNAVAILABLE_EVERY: TimeDelta = TimeDelta::hours(24);
/// How often it is noted that a host takes what we send.
const SUCCESS_NOTED_EVERY: TimeDelta = TimeDelta::hours(1);
/// How old refusals may be that count.
const REFUSALS_WITHIN: TimeDelta = TimeDelta::days(7);
/// How long a host has taken nothing before refusals count.
const REFUSALS_WITHOUT_SUCCESS: TimeDelta = TimeDelta::days(1);
/// Text of an error that is kept, in characters.
const ERROR_CHARS: usize = 200;

/// Whether a host may be sent to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// As much as there is.
    Open,
    /// One delivery, to see whether it is back.
    Probe,
    /// Nothing before this time.
    Closed(DateTime<Utc>),
}

/// Whether `host` may be sent to at `now`.
pub fn gate(host: &Host, now: DateTime<Utc>) -> Gate {
    match host.open_until {
        Some(until) if until > now => Gate::Closed(until),
        _ if host.unavailable_since.is_some() || host.probe_delay.is_some() => Gate::Probe,
        _ => Gate::Open,
    }
}

/// Whether new deliveries to `host` are worth queueing: an unavailable host gets one a day.
pub fn takes_news(host: &Host, now: DateTime<Utc>) -> bool {
    host.unavailable_since.is_none() || host.open_until.is_none_or(|until| until <= now)
}

/// Notes that `host` answered, and says what it recovered from.
pub fn succeeded(host: &mut Host, now: DateTime<Utc>) -> Option<Recovery> {
    let recovery = Recovery::of(host);
    host.failures = 0;
    host.failure_days.clear();
    host.first_failure_at = None;
    host.open_until = None;
    host.probe_delay = None;
    host.unavailable_since = None;
    if recovery.is_some() {
        host.updated_at = now;
    }
    recovery
}

/// Notes an attempt of the lane that failed. Opens the breaker when there were too many within the window, and makes
/// it wait twice as long when a probe fails.
pub fn failed(host: &mut Host, error: &str, settings: &DeliverySettings, now: DateTime<Utc>) {
    host.updated_at = now;
    host.last_error = Some(error.chars().take(ERROR_CHARS).collect());
    note_day(host, now);
    let window = TimeDelta::milliseconds(settings.breaker_window_ms);
    match host.first_failure_at {
        Some(first) if now - first <= window => host.failures += 1,
        _ if host.probe_delay.is_some() => host.failures += 1,
        _ => {
            host.failures = 1;
            host.first_failure_at = Some(now);
        }
    }
    if host.unavailable_since.is_some() {
        host.open_until = Some(now + PROBE_UNAVAILABLE_EVERY);
    } else if let Some(last) = host.probe_delay {
        let longest = TimeDelta::milliseconds(settings.breaker_max_probe_ms);
        open(host, (last * 2).min(longest), now);
    } else if host.failures >= settings.breaker_failures {
        open(
            host,
            TimeDelta::milliseconds(settings.breaker_first_probe_ms),
            now,
        );
    }
}

/// Sends nothing to `host` for `wait`, as it asked.
pub fn asked_to_wait(host: &mut Host, wait: TimeDelta, now: DateTime<Utc>) {
    let until = now + wait;
    host.open_until = Some(host.open_until.map_or(until, |open| open.max(until)));
    host.updated_at = now;
}

/// Notes that `host` took something. It is written once an hour at most: a delivery is no reason to write a row of its host.
pub fn took(host: &mut Host, now: DateTime<Utc>) {
    if host
        .last_success_at
        .is_none_or(|last| now - last >= SUCCESS_NOTED_EVERY)
    {
        host.last_success_at = Some(now);
    }
}

/// From when on refusals of `host` say that it refuses everything: since it last took something, within the last week.
/// `None` while it took something within a day: then it refuses some, as where one of its people blocks one of ours.
pub fn refuses_since(host: &Host, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let week_ago = now - REFUSALS_WITHIN;
    match host.last_success_at {
        Some(last) if now - last < REFUSALS_WITHOUT_SUCCESS => None,
        Some(last) => Some(last.max(week_ago)),
        None => Some(week_ago),
    }
}

/// Takes `host` for gone, because it refuses everything.
pub fn refuses(host: &mut Host, now: DateTime<Utc>) {
    host.unavailable_since.get_or_insert(now);
    host.open_until = Some(now + PROBE_UNAVAILABLE_EVERY);
    host.last_error = Some("refuses everything".to_owned());
    host.updated_at = now;
}

fn open(host: &mut Host, wait: TimeDelta, now: DateTime<Utc>) {
    host.probe_delay = Some(wait);
    host.open_until = Some(now + wait);
}

fn note_day(host: &mut Host, now: DateTime<Utc>) {
    let today = now.date_naive();
    if !host.failure_days.contains(&today) {
        host.failure_days.push(today);
    }
    if host.failure_days.len() >= UNAVAILABLE_AFTER_DAYS && host.unavailable_since.is_none() {
        host.unavailable_since = Some(now);
        tracing::info!(host = host.domain, "host is unavailable");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        start + TimeDelta::minutes(minutes)
    }

    fn fail(host: &mut Host, minutes: i64) {
        failed(
            host,
            "connection refused",
            &DeliverySettings::default(),
            at(minutes),
        );
    }

    fn host() -> Host {
        Host::new("b.test", at(0))
    }

    #[test]
    fn five_failures_within_ten_minutes_open_the_breaker() {
        let mut host = host();
        for minute in 0..4 {
            fail(&mut host, minute);
            assert_eq!(gate(&host, at(minute)), Gate::Open);
        }
        fail(&mut host, 4);
        assert_eq!(gate(&host, at(4)), Gate::Closed(at(5)));
        assert_eq!(gate(&host, at(5)), Gate::Probe);
    }

    #[test]
    fn failures_far_apart_leave_it_closed() {
        let mut host = host();
        for step in 0..20 {
            fail(&mut host, step * 3);
            // Four failures fall within ten minutes of the first one; then the count begins anew.
            assert_eq!(gate(&host, at(step * 3)), Gate::Open, "failure {step}");
        }
    }

    #[test]
    fn failed_probes_double_the_wait_up_to_half_an_hour() {
        let mut host = host();
        for _ in 0..5 {
            fail(&mut host, 0);
        }
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..8 {
            let Gate::Closed(until) = gate(&host, at(now)) else {
                panic!("open at {now}");
            };
            waits.push((until - at(now)).num_minutes());
            now += waits.last().unwrap();
            assert_eq!(gate(&host, at(now)), Gate::Probe);
            fail(&mut host, now);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(succeeded(&mut host, at(now)), Some(Recovery::LeftAlone));
        assert_eq!(gate(&host, at(now)), Gate::Open);
        assert_eq!(succeeded(&mut host, at(now)), None, "nothing left to forgive");
    }

    #[test]
    fn fed_124_seven_days_with_failures_make_a_host_unavailable() {
        const DAY: i64 = 24 * 60;
        let mut host = host();
        for day in 0..6 {
            fail(&mut host, day * DAY);
            fail(&mut host, day * DAY + 5);
            assert_eq!(host.unavailable_since, None);
            assert!(takes_news(&host, at(day * DAY + 5)));
        }
        fail(&mut host, 6 * DAY);
        assert_eq!(host.unavailable_since, Some(at(6 * DAY)));
        assert!(!takes_news(&host, at(6 * DAY)));
        assert!(!takes_news(&host, at(7 * DAY - 1)));
        assert!(takes_news(&host, at(7 * DAY)), "once a day it is tried");
        assert_eq!(gate(&host, at(7 * DAY)), Gate::Probe);
        fail(&mut host, 7 * DAY);
        assert!(!takes_news(&host, at(7 * DAY)));
        assert_eq!(succeeded(&mut host, at(7 * DAY)), Some(Recovery::LeftAlone));
        assert!(takes_news(&host, at(7 * DAY)));
        assert_eq!(host.failure_days, []);
    }

    #[test]
    fn a_success_between_failures_starts_the_days_anew() {
        const DAY: i64 = 24 * 60;
        let mut host = host();
        for day in 0..6 {
            fail(&mut host, day * DAY);
        }
        assert_eq!(succeeded(&mut host, at(6 * DAY)), Some(Recovery::Wavered));
        fail(&mut host, 7 * DAY);
        assert_eq!(host.failure_days.len(), 1);
        assert_eq!(host.unavailable_since, None);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept() {
        let mut host = host();
        asked_to_wait(&mut host, TimeDelta::minutes(10), at(0));
        asked_to_wait(&mut host, TimeDelta::minutes(3), at(1));
        assert_eq!(gate(&host, at(9)), Gate::Closed(at(10)));
        assert_eq!(gate(&host, at(10)), Gate::Open);
    }

    #[test]
    fn errors_are_kept_short() {
        let mut host = host();
        failed(&mut host, &"é".repeat(1000), &DeliverySettings::default(), at(0));
        assert_eq!(host.last_error.unwrap().chars().count(), ERROR_CHARS);
    }
}
