//! The worker: empties lanes side by side, one request at a time in each.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use pouet_model::ids::ActivityId;
use pouet_storage::{
    Conn, activities,
    deliveries::{self as rows, ClaimedDelivery},
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    Delivery, SendOutcome, Sender,
    health::{self, Gate},
    known_hosts,
    lanes::Lanes,
    outcome::{Failure, HostSign, Verdict},
    record::{Attempt, LaneRun, record},
};
use crate::{error::Result, hosts::remembered_scheme, instance::Instance, metrics::Attempted, policy};

/// Deliveries that a lane takes at a time: what may arrive twice after a crash, against the cost of a transaction.
const LANE_BATCH: i64 = 8;
/// Lanes that are filled in one transaction.
const LANES_PER_CLAIM: usize = 64;
/// How long claimed deliveries are safe from other workers. A worker renews it while they are under way.
const LEASE: Duration = Duration::from_secs(45);
/// Longest time one attempt may take, the second knock included; the client's own limits are shorter.
const SEND_LIMIT: Duration = Duration::from_secs(90);
/// How often all lanes are looked up in the table, for what other processes left. On a database of one process, once.
const SWEEP: Duration = Duration::from_mins(1);
/// Bounds of the pause between two looks at the lanes.
const PAUSE: std::ops::RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(1);

/// Sends the deliveries of an instance. Several workers, in several processes, may share a PostgreSQL database.
pub struct Worker {
    instance: Instance,
    sender: Arc<dyn Sender>,
    lanes: Lanes,
    running: JoinSet<LaneRun>,
    /// Claimed deliveries by host.
    leased: HashMap<String, Vec<i64>>,
    /// Lanes that ended and are not recorded yet.
    finished: Vec<LaneRun>,
    /// Tells lanes to stop before their next delivery.
    stopping: Arc<AtomicBool>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("running", &self.running.len())
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker that sends by `sender`.
    pub fn new(instance: Instance, sender: Arc<dyn Sender>) -> Self {
        Self {
            instance,
            sender,
            lanes: Lanes::default(),
            running: JoinSet::new(),
            leased: HashMap::new(),
            finished: Vec::new(),
            stopping: Arc::default(),
        }
    }

    /// Delivers until `stop` turns true (or its sender is dropped), then finishes the requests under way.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        self.start().await;
        let instance = self.instance.clone();
        let mut renewal = interval(LEASE / 3);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let shares_database = !self.instance.store.is_sqlite();
        let mut stopping = false;
        while !stopping || !self.running.is_empty() {
            let pause = if stopping { *PAUSE.end() } else { self.fill().await };
            tokio::select! {
                Some(end) = self.running.join_next(), if !self.running.is_empty() => self.ended(end),
                () = instance.delivery.news.notified(), if !stopping => {}
                () = tokio::time::sleep(pause) => {}
                _ = renewal.tick() => self.renew().await,
                _ = sweep.tick(), if shares_database && !stopping => self.sweep().await,
                changed = stop.changed(), if !stopping => {
                    stopping = changed.is_err() || *stop.borrow();
                    self.stopping.store(stopping, Ordering::SeqCst);
                }
            }
            if !self.finished.is_empty()
                && let Err(error) = self.record().await
            {
                tracing::error!(%error, "deliveries cannot be recorded");
            }
        }
    }

    /// One turn: starts what is due, waits until a lane ends (if one is under way) and records it. Returns whether a
    /// lane ended.
    ///
    /// # Errors
    /// If the queue cannot be read or written; failed deliveries are recorded, not returned.
    pub async fn step(&mut self) -> Result<bool> {
        self.start_due().await?;
        let Some(end) = self.running.join_next().await else {
            return Ok(false);
        };
        self.ended(end);
        self.record().await?;
        Ok(true)
    }

    /// Sends everything that is due now, whoever made it.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub async fn run_due(&mut self) -> Result<()> {
        self.find_lanes().await?;
        while self.step().await? {}
        Ok(())
    }

    /// On a database of one process every lease left over belongs to a process that is gone.
    async fn start(&mut self) {
        let now = self.instance.now();
        if self.instance.store.is_sqlite() {
            let released = self
                .instance
                .write(move |tx| Ok(rows::release_all_deliveries(tx, now)?));
            if let Err(error) = released.await {
                tracing::error!(%error, "leases of an earlier run cannot be ended");
            }
        }
        self.sweep().await;
    }

    async fn sweep(&mut self) {
        if let Err(error) = self.find_lanes().await {
            tracing::error!(%error, "lanes cannot be found");
        }
    }

    async fn find_lanes(&mut self) -> Result<()> {
        for (host, due) in self.instance.read(|conn| Ok(rows::list_lanes(conn)?)).await? {
            self.lanes.wake(&host, due);
        }
        Ok(())
    }

    /// Starts what is due, and says how long there is nothing more to start.
    async fn fill(&mut self) -> Duration {
        if let Err(error) = self.start_due().await {
            tracing::error!(%error, "deliveries cannot be claimed");
            return *PAUSE.end();
        }
        let wait = self.lanes.next_due().map(|due| due - self.instance.now());
        wait.map_or(*PAUSE.end(), |wait| {
            wait.to_std()
                .unwrap_or_default()
                .clamp(*PAUSE.start(), *PAUSE.end())
        })
    }

    async fn start_due(&mut self) -> Result<()> {
        let now = self.instance.now();
        for host in self.instance.delivery.take() {
            self.lanes.wake(&host, now);
        }
        loop {
            let room = self
                .instance
                .settings
                .delivery
                .concurrency
                .saturating_sub(self.running.len());
            let due = self.lanes.take_due(now, room.min(LANES_PER_CLAIM));
            if due.is_empty() {
                return Ok(());
            }
            self.claim(due, now).await?;
        }
    }

    /// Fills these lanes and starts them.
    async fn claim(&mut self, hosts: Vec<String>, now: DateTime<Utc>) -> Result<()> {
        let filled = match self.fill_lanes(hosts.clone(), now).await {
            Ok(filled) => filled,
            Err(error) => {
                for host in hosts {
                    self.lanes.end(&host, Some(now + *PAUSE.end()));
                }
                return Err(error);
            }
        };
        for lane in filled {
            if lane.deliveries.is_empty() {
                self.lanes.end(&lane.host, lane.next);
                continue;
            }
            let ids = lane.deliveries.iter().map(|(delivery, _)| delivery.id).collect();
            self.leased.insert(lane.host.clone(), ids);
            self.running
                .spawn(run_lane(self.sender.clone(), self.stopping.clone(), lane));
        }
        Ok(())
    }

    /// Claims what is due in these lanes. What waits for domains that are not federated with is cancelled: it was enqueued
    /// while that was decided.
    async fn fill_lanes(&self, hosts: Vec<String>, now: DateTime<Utc>) -> Result<Vec<FilledLane>> {
        let mut denied = Vec::new();
        for host in &hosts {
            let policy = policy::of(&self.instance, host).await?;
            if policy.suspended {
                denied.push((host.clone(), !policy.unlisted));
            }
        }
        self.instance
            .write(move |tx| {
                for (host, keep_farewells) in denied {
                    rows::cancel_lane(tx, &host, keep_farewells)?;
                }
                claim(tx, hosts, now)
            })
            .await
    }

    /// Takes a lane that ended, and all others that have ended too.
    fn ended(&mut self, first: Result<LaneRun, JoinError>) {
        let mut next = Some(first);
        while let Some(end) = next {
            match end {
                Ok(run) => self.finished.push(run),
                // Panics of the sender are caught inside the task, and nobody aborts it.
                Err(error) => tracing::error!(%error, "a lane's task was lost"),
            }
            next = self.running.try_join_next();
        }
    }

    /// Writes what happened in lanes that ended, in one transaction, and frees them. When that fails, they stay for
    /// the next turn.
    async fn record(&mut self) -> Result<()> {
        let now = self.instance.now();
        let (instance, runs) = (self.instance.clone(), self.finished.clone());
        let looks = self
            .instance
            .write(move |tx| record(tx, &instance, &runs, now))
            .await?;
        for run in std::mem::take(&mut self.finished) {
            for attempt in &run.attempts {
                let verdict = attempt.outcome.verdict(attempt.failed_before, now);
                self.instance.metrics.delivery(attempted(&verdict));
            }
            self.leased.remove(&run.host);
            self.lanes.end(&run.host, None);
        }
        for (host, next) in looks {
            if let Some(at) = next {
                self.lanes.wake(&host, at);
            }
        }
        Ok(())
    }

    async fn renew(&self) {
        let ids: Vec<i64> = self.leased.values().flatten().copied().collect();
        if ids.is_empty() {
            return;
        }
        let until = self.instance.now() + LEASE;
        let renewed = self
            .instance
            .write(move |tx| Ok(rows::update_delivery_leases(tx, &ids, until)?));
        if let Err(error) = renewed.await {
            tracing::error!(%error, "leases cannot be renewed");
        }
    }
}

/// A lane with what it is to send.
struct FilledLane {
    host: String,
    deliveries: Vec<(Delivery, ClaimedDelivery)>,
    /// When to look again if there is nothing to send.
    next: Option<DateTime<Utc>>,
}

fn claim(tx: &mut Conn, hosts: Vec<String>, now: DateTime<Utc>) -> Result<Vec<FilledLane>> {
    let known = known_hosts(tx, hosts.clone())?;
    let mut claimed = Vec::with_capacity(hosts.len());
    for host in hosts {
        let gate = known
            .get(&host)
            .map_or(Gate::Open, |host| health::gate(host, now));
        let limit = match gate {
            Gate::Closed(until) => {
                let next = rows::find_lane_due(tx, &host)?.map(|due| due.max(until));
                claimed.push((host, Vec::new(), next));
                continue;
            }
            Gate::Probe => 1,
            Gate::Open => LANE_BATCH,
        };
        let rows = rows::claim_lane(tx, &host, now, now + LEASE, limit)?;
        let next = if rows.is_empty() {
            rows::find_next_attempt(tx, &host, now)?
        } else {
            None
        };
        claimed.push((host, rows, next));
    }
    let mut ids: Vec<ActivityId> = claimed
        .iter()
        .flat_map(|(_, rows, _)| rows.iter().map(|row| row.activity_id))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let activities: HashMap<ActivityId, (_, _, Arc<str>)> = activities::load_activities(tx, &ids)?
        .into_iter()
        .map(|activity| {
            let body = Arc::from(activity.body);
            (activity.id, (activity.account_id, activity.retired_key_id, body))
        })
        .collect();
    let filled = claimed.into_iter().map(|(host, rows, next)| {
        let scheme = known.get(&host).and_then(|host| remembered_scheme(host, now));
        let deliveries = rows.into_iter().filter_map(|row| {
            // A foreign key keeps activities as long as something refers to them.
            let (account_id, retired_key_id, body) = activities.get(&row.activity_id)?.clone();
            let delivery = Delivery {
                id: row.id,
                account_id,
                retired_key_id,
                body,
                inbox_url: row.inbox_url.clone(),
                host: host.clone(),
                attempts: row.attempts,
                scheme: scheme.clone(),
            };
            Some((delivery, row))
        });
        FilledLane {
            deliveries: deliveries.collect(),
            host,
            next,
        }
    });
    Ok(filled.collect())
}

/// Sends the deliveries of a lane one after the other, until the host fails or the worker stops.
async fn run_lane(sender: Arc<dyn Sender>, stopping: Arc<AtomicBool>, lane: FilledLane) -> LaneRun {
    let mut run = LaneRun {
        host: lane.host,
        attempts: Vec::with_capacity(lane.deliveries.len()),
        unsent: Vec::new(),
    };
    let mut goes_on = true;
    for (delivery, row) in lane.deliveries {
        if !goes_on || stopping.load(Ordering::SeqCst) {
            run.unsent.push(row.id);
            continue;
        }
        let outcome = send(sender.as_ref(), &delivery).await;
        goes_on = keeps_lane_open(&outcome);
        run.attempts.push(Attempt {
            id: row.id,
            activity_id: row.activity_id,
            account_id: delivery.account_id,
            inbox_url: row.inbox_url,
            object_uri: row.object_uri,
            body: delivery.body,
            failed_before: row.attempts,
            outcome,
        });
    }
    run
}

async fn send(sender: &dyn Sender, delivery: &Delivery) -> SendOutcome {
    let failed = |failure, reason: &str| SendOutcome::Failed {
        failure,
        reason: reason.to_owned(),
    };
    match timeout(SEND_LIMIT, AssertUnwindSafe(sender.send(delivery)).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => failed(Failure::OurFault, "sender panicked"),
        Err(_) => failed(Failure::Unreachable, "took too long"),
    }
}

fn attempted(verdict: &Verdict) -> Attempted {
    match verdict {
        Verdict::Delivered => Attempted::Done,
        Verdict::GiveUp(_) => Attempted::GivenUp,
        Verdict::Retry | Verdict::RetrySlowly | Verdict::RetryAfter(_) | Verdict::NotTried => {
            Attempted::Repeated
        }
    }
}

/// Whether the rest of a lane may follow at once.
fn keeps_lane_open(outcome: &SendOutcome) -> bool {
    let asks_to_wait = matches!(
        outcome,
        SendOutcome::Answered {
            retry_after: Some(_),
            ..
        }
    );
    let is_ours = matches!(
        outcome,
        SendOutcome::Failed {
            failure: Failure::OurFault,
            ..
        }
    );
    outcome.host_sign() != HostSign::Failing && !asks_to_wait && !is_ours
}
