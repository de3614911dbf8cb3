//! What attempts leave behind: rows of deliveries and hosts, and further work, in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::ids::{AccountId, ActivityId};
use pouet_storage::{
    Conn,
    deliveries::{self as rows, FailedAttempt},
    hosts::{self, Host, Recovery},
    recipients,
};

use super::{
    SendOutcome,
    health::{self, Gate},
    host_of,
    outcome::{FollowUp, HostSign, Verdict},
    schedule,
};
use crate::{
    error::Result,
    instance::Instance,
    jobs::{Job, enqueue},
};

/// Wait after an attempt that failed for reasons of our own.
const OUR_FAULT: TimeDelta = TimeDelta::seconds(5);
/// Refused activities after which a host that took none in between counts as gone.
const REFUSALS: i64 = 20;
/// Inboxes not found within a day after which an actor is fetched again.
const MISSING: i64 = 3;

/// What a lane did with the deliveries that it was given.
#[derive(Clone, Debug)]
pub(super) struct LaneRun {
    pub(super) host: String,
    /// Attempts, in order.
    pub(super) attempts: Vec<Attempt>,
    /// Deliveries that were not attempted.
    pub(super) unsent: Vec<i64>,
}

/// One attempt at one delivery.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) id: i64,
    pub(super) activity_id: ActivityId,
    pub(super) account_id: Option<AccountId>,
    pub(super) inbox_url: String,
    pub(super) object_uri: String,
    pub(super) body: std::sync::Arc<str>,
    /// Failed attempts before this one.
    pub(super) failed_before: i64,
    pub(super) outcome: SendOutcome,
}

/// When to look at a lane again; `None`: it is empty.
pub(super) type NextLook = (String, Option<DateTime<Utc>>);

/// Records `runs`, and says when to look at each lane, and at lanes that got something new.
pub(super) fn record(
    tx: &mut Conn,
    instance: &Instance,
    runs: &[LaneRun],
    now: DateTime<Utc>,
) -> Result<Vec<NextLook>> {
    let domains: Vec<String> = runs.iter().map(|run| run.host.clone()).collect();
    let mut known: HashMap<String, Host> = hosts::load_hosts(tx, &domains)?
        .into_iter()
        .map(|host| (host.domain.clone(), host))
        .collect();
    let mut looks = Vec::with_capacity(runs.len());
    let delivered: Vec<i64> = runs
        .iter()
        .flat_map(|run| &run.attempts)
        .filter(|attempt| attempt.outcome.verdict(attempt.failed_before, now) == Verdict::Delivered)
        .map(|attempt| attempt.id)
        .collect();
    rows::delete_deliveries(tx, &delivered)?;
    for run in runs {
        let before = known.remove(&run.host);
        let host = before.clone().unwrap_or_else(|| Host::new(&run.host, now));
        let mut recorder = Recorder {
            tx: &mut *tx,
            instance,
            now,
            host,
            recovery: None,
            looks: &mut looks,
        };
        for attempt in &run.attempts {
            recorder.attempt(attempt)?;
        }
        rows::release_deliveries(recorder.tx, &run.unsent, now)?;
        recorder.finish(before)?;
    }
    Ok(looks)
}

/// Records the attempts of one lane.
struct Recorder<'a> {
    tx: &'a mut Conn,
    instance: &'a Instance,
    now: DateTime<Utc>,
    host: Host,
    /// What the host has recovered from, if it is well now.
    recovery: Option<Recovery>,
    looks: &'a mut Vec<NextLook>,
}

impl Recorder<'_> {
    fn attempt(&mut self, attempt: &Attempt) -> Result<()> {
        let outcome = &attempt.outcome;
        let settings = &self.instance.settings.delivery;
        match outcome.host_sign() {
            HostSign::Reachable => {
                let recovery = health::succeeded(&mut self.host, self.now);
                self.recovery = self.recovery.or(recovery);
            }
            HostSign::Failing => {
                self.recovery = None;
                health::failed(&mut self.host, &outcome.describe(), settings, self.now);
            }
            HostSign::Silent => {}
        }
        if let SendOutcome::Answered {
            remember_scheme: Some(scheme),
            ..
        } = outcome
        {
            self.host.scheme = scheme.clone().map(|name| (name, self.now));
            self.host.updated_at = self.now;
        }
        let retry = |slowly| {
            schedule::delay(
                attempt.failed_before + 1,
                slowly,
                settings.retry_first_ms,
                attempt.id,
            )
        };
        match outcome.verdict(attempt.failed_before, self.now) {
            Verdict::Delivered => {
                health::took(&mut self.host, self.now);
                Ok(())
            }
            Verdict::Retry => self.failed(attempt, retry(false)),
            Verdict::RetrySlowly => self.failed(attempt, retry(true)),
            Verdict::RetryAfter(wait) => {
                health::asked_to_wait(&mut self.host, wait, self.now);
                self.failed(attempt, retry(false).map(|_| wait))
            }
            Verdict::NotTried => self.write(attempt, Some(OUR_FAULT), false),
            Verdict::GiveUp(follow_up) => {
                self.failed(attempt, None)?;
                self.follow_up(attempt, follow_up)
            }
        }
    }

    fn failed(&mut self, attempt: &Attempt, again: Option<TimeDelta>) -> Result<()> {
        let (host, inbox, activity) = (&self.host.domain, &attempt.inbox_url, attempt.activity_id);
        let (reason, failed) = (attempt.outcome.describe(), attempt.failed_before + 1);
        if again.is_some() {
            tracing::debug!(host, inbox, %activity, failed, reason, "delivery failed and will be repeated");
        } else {
            tracing::info!(host, inbox, %activity, failed, reason, "delivery is given up");
        }
        self.write(attempt, again, true)
    }

    fn write(&mut self, attempt: &Attempt, again: Option<TimeDelta>, counted: bool) -> Result<()> {
        let failed = FailedAttempt {
            id: attempt.id,
            next_attempt_at: again.map(|wait| self.now + wait),
            counted,
            status: attempt.outcome.status(),
            error: attempt.outcome.describe(),
        };
        Ok(rows::update_failed_delivery(self.tx, &failed, self.now)?)
    }

    fn follow_up(&mut self, attempt: &Attempt, follow_up: FollowUp) -> Result<()> {
        let inbox = &attempt.inbox_url;
        match follow_up {
            FollowUp::RefreshActor => self.refresh_owner(inbox),
            FollowUp::CountMissing if self.count(404, self.now - TimeDelta::days(1))? >= MISSING => {
                self.refresh_owner(inbox)
            }
            FollowUp::CountRefusals => {
                if let Some(since) = health::refuses_since(&self.host, self.now)
                    && self.count(403, since)? >= REFUSALS
                {
                    health::refuses(&mut self.host, self.now);
                }
                Ok(())
            }
            FollowUp::None | FollowUp::CountMissing => Ok(()),
            FollowUp::InboxGone => self.replace_inbox(attempt),
        }
    }

    fn count(&mut self, status: u16, since: DateTime<Utc>) -> Result<i64> {
        Ok(rows::count_given_up(self.tx, &self.host.domain, status, since)?)
    }

    fn refresh_owner(&mut self, inbox: &str) -> Result<()> {
        let Some(account_id) = recipients::find_inbox_owner(self.tx, inbox)? else {
            return Ok(());
        };
        let (id, job) = (self.instance.next_id(), Job::RefreshAccount { account_id });
        enqueue(self.tx, id, &job, self.now, self.now)
    }

    /// An inbox answered that it is gone for good. A shared one is not used any more, and the activity goes to the
    /// personal inboxes behind it; the owner of a personal one is looked at again.
    fn replace_inbox(&mut self, attempt: &Attempt) -> Result<()> {
        let gone = &attempt.inbox_url;
        let addressed = addressees(&attempt.body);
        let personal = recipients::list_personal_inboxes(self.tx, gone, attempt.account_id, &addressed)?;
        if recipients::clear_shared_inbox(self.tx, gone)? == 0 {
            return self.refresh_owner(gone);
        }
        let new: Vec<rows::NewDelivery> = personal
            .into_iter()
            .filter(|inbox| inbox != gone)
            .filter_map(|inbox_url| {
                Some(rows::NewDelivery {
                    id: self.instance.next_id(),
                    activity_id: attempt.activity_id,
                    host: host_of(&inbox_url)?,
                    inbox_url,
                    object_uri: attempt.object_uri.clone(),
                    farewell: false,
                })
            })
            .collect();
        rows::insert_deliveries(self.tx, &new, self.now)?;
        let others = new
            .into_iter()
            .filter(|delivery| delivery.host != self.host.domain);
        self.looks
            .extend(others.map(|delivery| (delivery.host, Some(self.now))));
        Ok(())
    }

    /// Stores what was learnt of the host, and says when to look at its lane again.
    fn finish(self, before: Option<Host>) -> Result<()> {
        let is_news = before.map_or_else(
            || self.host != Host::new(&self.host.domain, self.now),
            |before| before != self.host,
        );
        if is_news {
            hosts::save_host(self.tx, &self.host)?;
        }
        if let Some(recovery) = self.recovery {
            rows::wake_lane(self.tx, &self.host.domain, recovery, self.now)?;
        }
        let due = rows::find_lane_due(self.tx, &self.host.domain)?;
        let look = due.map(|due| match health::gate(&self.host, self.now) {
            Gate::Closed(until) => due.max(until),
            Gate::Open | Gate::Probe => due,
        });
        self.looks.push((self.host.domain, look));
        Ok(())
    }
}

/// Ids in `to` and `cc` of an activity.
fn addressees(body: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Addressed {
        #[serde(default)]
        to: serde_json::Value,
        #[serde(default)]
        cc: serde_json::Value,
    }
    let Ok(Addressed { to, cc }) = serde_json::from_str(body) else {
        return Vec::new();
    };
    [to, cc]
        .into_iter()
        .flat_map(|value| match value {
            serde_json::Value::String(id) => vec![id],
            serde_json::Value::Array(ids) => ids
                .into_iter()
                .filter_map(|id| id.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::addressees;

    #[test]
    fn addressees_are_read_in_both_forms() {
        let both = r#"{"to":"https://b.test/bob","cc":["https://c.test/eve",{"id":"x"}]}"#;
        assert_eq!(addressees(both), ["https://b.test/bob", "https://c.test/eve"]);
        assert_eq!(addressees(r#"{"to":null}"#), [""; 0]);
        assert_eq!(addressees("[]"), [""; 0]);
    }
}
