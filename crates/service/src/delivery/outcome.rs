//! What an answer, or its absence, means for a delivery and for its host.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How often a request that is refused as unauthenticated is tried: the peer may be fetching our key.
const UNAUTHENTICATED_ATTEMPTS: i64 = 3;
/// Bounds of a wait that a peer asks for.
const RETRY_AFTER: std::ops::RangeInclusive<TimeDelta> = TimeDelta::seconds(30)..=TimeDelta::hours(24);

/// How an attempt went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SendOutcome {
    /// The peer answered.
    Answered {
        /// Status of the answer.
        status: u16,
        /// Its `Retry-After` header.
        retry_after: Option<String>,
        /// Name of the signature scheme to remember for the host; `Some(None)` forgets it.
        remember_scheme: Option<Option<String>>,
    },
    /// No answer came.
    Failed {
        /// Why.
        failure: Failure,
        /// Details for people.
        reason: String,
    },
}

/// Why no answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// Refused, broken or too slow: the usual sign of a server that is restarting.
    Unreachable,
    /// The name does not resolve, or TLS cannot be established: seldom mended within minutes.
    Misconfigured,
    /// We may not contact that address.
    Forbidden,
    /// We could not send for reasons of our own, such as too many requests under way.
    OurFault,
    /// There is no key to sign with any more.
    NoKey,
}

/// What to do with the delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It arrived.
    Delivered,
    /// Try again on the schedule.
    Retry,
    /// Try again on the schedule, but not soon.
    RetrySlowly,
    /// Try again after this wait, and send nothing else to the host before.
    RetryAfter(TimeDelta),
    /// Try again soon; this attempt does not count.
    NotTried,
    /// It will never arrive.
    GiveUp(FollowUp),
}

/// What else to do when a delivery will never arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FollowUp {
    /// Nothing.
    None,
    /// The recipient may have moved its inbox: fetch the actor again.
    RefreshActor,
    /// The inbox is not there. A few of these in a day: fetch the actor again.
    CountMissing,
    /// We are not welcome. Many of these: stop sending to the host.
    CountRefusals,
    /// The inbox is gone: use the personal inboxes behind a shared one, or look whether the actor is gone.
    InboxGone,
}

/// What an attempt says about the host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostSign {
    /// It is there and works, whatever it thought of the delivery.
    Reachable,
    /// It is not there, or broken.
    Failing,
    /// Nothing.
    Silent,
}

impl SendOutcome {
    /// The verdict on an attempt made at `now` that had failed `attempts` times before.
    pub fn verdict(&self, attempts: i64, now: DateTime<Utc>) -> Verdict {
        match self {
            Self::Answered {
                status, retry_after, ..
            } => of_status(*status, retry_after.as_deref(), attempts, now),
            Self::Failed { failure, .. } => match failure {
                Failure::Unreachable => Verdict::Retry,
                Failure::Misconfigured => Verdict::RetrySlowly,
                Failure::OurFault => Verdict::NotTried,
                Failure::Forbidden | Failure::NoKey => Verdict::GiveUp(FollowUp::None),
            },
        }
    }

    /// What the attempt says about the host.
    pub fn host_sign(&self) -> HostSign {
        match self {
            Self::Answered { status, .. } if *status >= 500 && *status != 501 => HostSign::Failing,
            Self::Answered { .. } => HostSign::Reachable,
            Self::Failed { failure, .. } => match failure {
                Failure::Unreachable | Failure::Misconfigured => HostSign::Failing,
                Failure::Forbidden | Failure::OurFault | Failure::NoKey => HostSign::Silent,
            },
        }
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Failed { .. } => None,
        }
    }

    /// What happened, for people.
    pub fn describe(&self) -> String {
        match self {
            Self::Answered { status, .. } => format!("answered {status}"),
            Self::Failed { reason, .. } => reason.clone(),
        }
    }
}

fn of_status(status: u16, retry_after: Option<&str>, attempts: i64, now: DateTime<Utc>) -> Verdict {
    match status {
        200..=299 => Verdict::Delivered,
        300..=399 => Verdict::GiveUp(FollowUp::RefreshActor),
        401 if attempts + 1 < UNAUTHENTICATED_ATTEMPTS => Verdict::Retry,
        403 => Verdict::GiveUp(FollowUp::CountRefusals),
        404 => Verdict::GiveUp(FollowUp::CountMissing),
        410 => Verdict::GiveUp(FollowUp::InboxGone),
        501 => Verdict::GiveUp(FollowUp::None),
        408 | 425 | 429 | 500..=599 => match retry_after.and_then(|value| parse_retry_after(value, now)) {
            Some(wait) => Verdict::RetryAfter(wait),
            None => Verdict::Retry,
        },
        _ => Verdict::GiveUp(FollowUp::None),
    }
}

/// Reads a `Retry-After` header, seconds or an HTTP date, and brings it between 30 seconds and a day. `None` if it is
/// neither.
///
/// Source: RFC 9110 section 10.2.3.
pub fn parse_retry_after(value: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => TimeDelta::from_std(Duration::from_secs(seconds.min(1 << 32))).ok()?,
        Err(_) => DateTime::parse_from_rfc2822(value).ok()?.to_utc() - now,
    };
    Some(wait.clamp(*RETRY_AFTER.start(), *RETRY_AFTER.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    fn answered(status: u16, retry_after: Option<&str>) -> SendOutcome {
        SendOutcome::Answered {
            status,
            retry_after: retry_after.map(str::to_owned),
            remember_scheme: None,
        }
    }

    #[test]
    fn fed_122_each_answer_has_its_verdict() {
        use FollowUp::{CountMissing, CountRefusals, InboxGone, None as Nothing, RefreshActor};
        use HostSign::{Failing, Reachable};
        use Verdict::{Delivered, GiveUp, Retry};
        let table = [
            (200, Delivered, Reachable),
            (202, Delivered, Reachable),
            (204, Delivered, Reachable),
            (301, GiveUp(RefreshActor), Reachable),
            (307, GiveUp(RefreshActor), Reachable),
            (400, GiveUp(Nothing), Reachable),
            (401, Retry, Reachable),
            (403, GiveUp(CountRefusals), Reachable),
            (404, GiveUp(CountMissing), Reachable),
            (405, GiveUp(Nothing), Reachable),
            (406, GiveUp(Nothing), Reachable),
            (408, Retry, Reachable),
            (410, GiveUp(InboxGone), Reachable),
            (413, GiveUp(Nothing), Reachable),
            (415, GiveUp(Nothing), Reachable),
            (418, GiveUp(Nothing), Reachable),
            (422, GiveUp(Nothing), Reachable),
            (425, Retry, Reachable),
            (429, Retry, Reachable),
            (500, Retry, Failing),
            (501, GiveUp(Nothing), Reachable),
            (502, Retry, Failing),
            (503, Retry, Failing),
            (999, GiveUp(Nothing), Failing),
        ];
        for (status, verdict, sign) in table {
            let outcome = answered(status, None);
            assert_eq!(outcome.verdict(0, now()), verdict, "{status}");
            assert_eq!(outcome.host_sign(), sign, "{status}");
        }
    }

    #[test]
    fn fed_122_a_request_refused_as_unauthenticated_is_tried_three_times() {
        let verdicts: Vec<Verdict> = (0..4)
            .map(|attempts| answered(401, None).verdict(attempts, now()))
            .collect();
        let gone = Verdict::GiveUp(FollowUp::None);
        assert_eq!(verdicts, [Verdict::Retry, Verdict::Retry, gone, gone]);
    }

    #[test]
    fn fed_122_each_failure_has_its_verdict() {
        let table = [
            (Failure::Unreachable, Verdict::Retry, HostSign::Failing),
            (Failure::Misconfigured, Verdict::RetrySlowly, HostSign::Failing),
            (
                Failure::Forbidden,
                Verdict::GiveUp(FollowUp::None),
                HostSign::Silent,
            ),
            (Failure::NoKey, Verdict::GiveUp(FollowUp::None), HostSign::Silent),
            (Failure::OurFault, Verdict::NotTried, HostSign::Silent),
        ];
        for (failure, verdict, sign) in table {
            let outcome = SendOutcome::Failed {
                failure,
                reason: "connection refused".to_owned(),
            };
            assert_eq!(outcome.verdict(0, now()), verdict, "{failure:?}");
            assert_eq!(outcome.host_sign(), sign, "{failure:?}");
            assert_eq!(outcome.status(), None);
            assert_eq!(outcome.describe(), "connection refused");
        }
    }

    #[test]
    fn fed_123_retry_after_is_read_in_both_forms_and_clamped() {
        let table = [
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("0", Some(30)),
            ("99999999", Some(86_400)),
            ("18446744073709551615", Some(86_400)),
            ("Mon, 23 Nov 2026 10:05:00 GMT", Some(300)),
            ("Mon, 23 Nov 2026 09:00:00 GMT", Some(30)),
            ("Wed, 23 Nov 2089 10:05:00 GMT", Some(86_400)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ];
        for (value, seconds) in table {
            assert_eq!(
                parse_retry_after(value, now()),
                seconds.map(TimeDelta::seconds),
                "{value}"
            );
        }
        let asked = answered(503, Some("120")).verdict(0, now());
        assert_eq!(asked, Verdict::RetryAfter(TimeDelta::seconds(120)));
        let garbled = answered(429, Some("soon")).verdict(0, now());
        assert_eq!(garbled, Verdict::Retry);
        let final_answer = answered(403, Some("120")).verdict(0, now());
        assert_eq!(final_answer, Verdict::GiveUp(FollowUp::CountRefusals));
    }
}
