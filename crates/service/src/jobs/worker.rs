//! The worker: claims jobs, runs them side by side, records how they went.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use pouet_model::ids::JobId;
use pouet_storage::{Conn, inbox, jobs as rows};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{Job, JobError, JobHandler, own, retry_delay, turns::Turns};
use crate::{
    error::{Error, Result},
    instance::Instance,
    metrics::Attempted,
};

/// Jobs that one worker runs at a time, but for some that wait for other servers.
pub(super) const RUNNING: usize = 64;
/// Jobs that one worker holds at a time, those that wait for an earlier one of their lane among them.
pub(super) const HELD: usize = 512;
/// How long a claimed job is safe from other workers. A worker renews it while the job runs.
const LEASE: Duration = Duration::from_secs(30);
/// How long a job may run.
const TIME_LIMIT: Duration = Duration::from_mins(10);
/// How often a worker looks for jobs that another process made.
const POLL: Duration = Duration::from_millis(500);
/// Pause before looking again for due jobs that could not be claimed.
const CONTENDED: Duration = Duration::from_millis(50);

/// Runs the jobs of an instance. Several workers, in several processes, may share a PostgreSQL database.
pub struct Worker {
    instance: Instance,
    handler: Arc<dyn JobHandler>,
    running: JoinSet<Finished>,
    /// Jobs that may begin as soon as there is room.
    ready: VecDeque<Held>,
    /// Jobs behind an earlier one of the same lane; a lane without waiting jobs is an empty queue.
    lanes: HashMap<String, VecDeque<Held>>,
    /// Every claimed job.
    held: HashSet<JobId>,
    /// Which of them are of other servers.
    turns: Turns,
    /// Jobs that ended and are not recorded yet.
    finished: Vec<Finished>,
}

/// Whether `stop` is true or nobody can turn it true any more.
fn is_stopped(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

/// A claimed job.
#[derive(Clone, Debug)]
struct Held {
    id: JobId,
    job: Job,
    attempts: i64,
    lane: Option<String>,
    /// Whose activity it processes.
    host: Option<String>,
}

#[derive(Debug)]
struct Finished {
    held: Held,
    outcome: Outcome,
}

/// What to write about a job that ended.
#[derive(Debug)]
enum Outcome {
    Done,
    Retry { after: TimeDelta, error: String },
    Bury { error: String },
}

impl Outcome {
    fn attempted(&self) -> Attempted {
        match self {
            Self::Done => Attempted::Done,
            Self::Retry { .. } => Attempted::Repeated,
            Self::Bury { .. } => Attempted::GivenUp,
        }
    }
}

impl Worker {
    /// A worker that gives jobs that need other servers to `handler`.
    pub fn new(instance: Instance, handler: Arc<dyn JobHandler>) -> Self {
        Self {
            instance,
            handler,
            running: JoinSet::new(),
            ready: VecDeque::new(),
            lanes: HashMap::new(),
            held: HashSet::new(),
            turns: Turns::default(),
            finished: Vec::new(),
        }
    }

    /// Runs jobs until `stop` turns true (or its sender is dropped), then finishes those under way and gives the
    /// others back.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        self.start().await;
        let committed = self.instance.store.committed();
        let mut renewal = interval(LEASE / 3);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopping = false;
        while !stopping || !self.running.is_empty() {
            stopping = stopping || is_stopped(&stop);
            // Listening begins before looking, so that a commit in between is not slept over.
            let news = committed.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            let pause = if stopping { POLL } else { self.fill(&stop).await };
            tokio::select! {
                Some(end) = self.running.join_next(), if !self.running.is_empty() => self.ended(end),
                () = news, if !stopping && self.has_room() => {}
                () = tokio::time::sleep(pause) => {}
                _ = renewal.tick() => self.renew().await,
                changed = stop.changed(), if !stopping => stopping = changed.is_err() || *stop.borrow(),
            }
            self.settle().await;
            if !is_stopped(&stop) {
                self.start_ready();
                self.give_back().await;
            }
        }
        self.release().await;
    }

    /// Runs everything that is due now, and what that makes due, and returns how many jobs ran.
    ///
    /// # Errors
    /// If the queue cannot be read or written; jobs that fail are recorded, not returned.
    pub async fn run_due(&mut self) -> Result<usize> {
        let mut count = 0;
        loop {
            self.claim().await?;
            self.start_ready();
            let Some(end) = self.running.join_next().await else {
                return Ok(count);
            };
            self.ended(end);
            count += self.finished.len();
            self.record().await?;
        }
    }

    /// On a database of one process every lease left over belongs to a process that is gone.
    async fn start(&self) {
        let now = self.instance.now();
        if self.instance.store.is_sqlite() {
            let released = self
                .instance
                .write(move |tx| Ok(rows::release_all_jobs(tx, now)?));
            match released.await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "jobs of an earlier run are taken up again"),
                Err(error) => tracing::error!(%error, "leases of an earlier run cannot be ended"),
            }
        }
        if let Err(error) = own::schedule(&self.instance).await {
            tracing::error!(%error, "periodic jobs cannot be scheduled");
        }
        if let Err(error) = own::take_up_overdue(&self.instance).await {
            tracing::error!(%error, "overdue work cannot be taken up");
        }
    }

    /// Whether claiming is worth a transaction.
    fn has_room(&self) -> bool {
        self.held.len() <= HELD - HELD / 4
    }

    /// Claims due jobs, starts them unless it is time to stop, and says how long there is nothing more to do.
    async fn fill(&mut self, stop: &watch::Receiver<bool>) -> Duration {
        let pause = self.claim().await.unwrap_or_else(|error| {
            tracing::error!(%error, "jobs cannot be claimed");
            POLL
        });
        if !is_stopped(stop) {
            self.start_ready();
        }
        pause
    }

    async fn claim(&mut self) -> Result<Duration> {
        if !self.has_room() {
            return Ok(POLL);
        }
        let now = self.instance.now();
        // Looking is a read: claiming at every commit would make every commit two.
        let turns = self.turns.to_claim();
        let looking = turns.clone();
        let next = self
            .instance
            .read(move |conn| Ok(rows::find_next_run(conn, &looking)?))
            .await?;
        let Some(next) = next else { return Ok(POLL) };
        if next > now {
            return Ok((next - now).to_std().unwrap_or(POLL).min(POLL));
        }
        let room = HELD - self.held.len();
        for held in self.instance.write(move |tx| claim(tx, now, room, turns)).await? {
            self.held.insert(held.id);
            if let Some(host) = &held.host {
                self.turns.claimed(host);
            }
            self.line_up(held);
        }
        Ok(CONTENDED)
    }

    /// Lets a job begin, or wait for an earlier one of its lane.
    fn line_up(&mut self, held: Held) {
        if let Some(lane) = &held.lane {
            if let Some(waiting) = self.lanes.get_mut(lane) {
                waiting.push_back(held);
                return;
            }
            self.lanes.insert(lane.clone(), VecDeque::new());
        }
        self.ready.push_back(held);
    }

    fn start_ready(&mut self) {
        self.turns.find_slow();
        let mut at = 0;
        while self.running.len().saturating_sub(self.turns.set_aside()) < RUNNING && at < self.ready.len() {
            let host = self.ready[at].host.as_deref();
            if host.is_some_and(|host| !self.turns.may_begin(host)) {
                at += 1;
            } else if let Some(held) = self.ready.remove(at) {
                if let Some(host) = &held.host {
                    self.turns.begins(held.id, host);
                }
                self.spawn(held);
            }
        }
    }

    /// Gives back what was claimed and not begun of servers that keep us waiting; it is claimed again later.
    async fn give_back(&mut self) {
        let goes = |held: &Held| held.host.as_ref().is_some_and(|host| self.turns.goes_back(host));
        let waiting = self.ready.iter().chain(self.lanes.values().flatten());
        let ids: HashSet<JobId> = waiting.filter(|held| goes(held)).map(|held| held.id).collect();
        if ids.is_empty() {
            return;
        }
        let released: Vec<JobId> = ids.iter().copied().collect();
        let released = self
            .instance
            .write(move |tx| Ok(rows::release_jobs(tx, &released)?));
        if let Err(error) = released.await {
            tracing::error!(%error, "jobs cannot be given back");
            return;
        }
        let mut given = VecDeque::new();
        for queue in self.lanes.values_mut() {
            let (goes, stays) = std::mem::take(queue)
                .into_iter()
                .partition(|held| ids.contains(&held.id));
            *queue = stays;
            given.extend::<VecDeque<Held>>(goes);
        }
        let (first, stays): (VecDeque<Held>, VecDeque<Held>) = std::mem::take(&mut self.ready)
            .into_iter()
            .partition(|held| ids.contains(&held.id));
        self.ready = stays;
        for held in &first {
            self.free_lane(held.lane.as_deref());
        }
        for held in first.into_iter().chain(given) {
            self.held.remove(&held.id);
            if let Some(host) = &held.host {
                self.turns.given_back(host);
            }
        }
    }

    /// Lets the next job of a lane begin.
    fn free_lane(&mut self, lane: Option<&str>) {
        let Some(lane) = lane else { return };
        match self.lanes.get_mut(lane).and_then(VecDeque::pop_front) {
            Some(next) => self.ready.push_back(next),
            None => drop(self.lanes.remove(lane)),
        }
    }

    fn spawn(&mut self, held: Held) {
        let (instance, handler) = (self.instance.clone(), self.handler.clone());
        self.running.spawn(async move {
            let work = own::run(&instance, handler.as_ref(), held.id, held.job.clone());
            let outcome = match timeout(TIME_LIMIT, AssertUnwindSafe(work).catch_unwind()).await {
                Ok(Ok(result)) => outcome_of(&held, result),
                Ok(Err(_)) => Outcome::Bury {
                    error: "panicked".to_owned(),
                },
                Err(_) => failed(&held, "took too long".to_owned()),
            };
            Finished { held, outcome }
        });
    }

    /// Takes a job that ended, and all others that have ended too.
    fn ended(&mut self, first: Result<Finished, tokio::task::JoinError>) {
        let mut next = Some(first);
        while let Some(end) = next {
            match end {
                Ok(finished) => self.finished.push(finished),
                // Panics are caught inside the task, and nobody aborts it.
                Err(error) => tracing::error!(%error, "a job's task was lost; its lease will end"),
            }
            next = self.running.try_join_next();
        }
    }

    /// Records what ended; when that fails it is tried again at the next turn.
    async fn settle(&mut self) {
        if !self.finished.is_empty()
            && let Err(error) = self.record().await
        {
            tracing::error!(%error, "the end of jobs cannot be recorded");
        }
    }

    /// Writes the outcome of everything that ended in one transaction, and makes those ready that waited behind.
    async fn record(&mut self) -> Result<()> {
        let now = self.instance.now();
        let records: Vec<Record> = self.finished.iter().map(|end| Record::of(end, now)).collect();
        self.instance
            .write(move |tx| write_records(tx, &records, now))
            .await?;
        for Finished { held, outcome } in std::mem::take(&mut self.finished) {
            self.instance.metrics.job(held.job.kind(), outcome.attempted());
            self.held.remove(&held.id);
            self.turns.ended(held.id);
            self.free_lane(held.lane.as_deref());
        }
        Ok(())
    }

    async fn renew(&self) {
        if self.held.is_empty() {
            return;
        }
        let ids: Vec<JobId> = self.held.iter().copied().collect();
        let until = self.instance.now() + LEASE;
        let renewed = self
            .instance
            .write(move |tx| Ok(rows::update_job_leases(tx, &ids, until)?));
        if let Err(error) = renewed.await {
            tracing::error!(%error, "leases cannot be renewed");
        }
    }

    /// Gives back what was claimed and not begun.
    async fn release(&mut self) {
        let behind = self.lanes.drain().flat_map(|(_, queue)| queue);
        let waiting: Vec<JobId> = behind.chain(self.ready.drain(..)).map(|held| held.id).collect();
        if waiting.is_empty() {
            return;
        }
        let released = self
            .instance
            .write(move |tx| Ok(rows::release_jobs(tx, &waiting)?));
        if let Err(error) = released.await {
            tracing::error!(%error, "jobs cannot be given back; their leases will end");
        }
    }
}

fn claim(tx: &mut Conn, now: DateTime<Utc>, room: usize, turns: rows::Turns) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    for row in rows::claim_jobs(tx, now, now + LEASE, room, turns)? {
        match serde_json::from_str::<Job>(&row.payload) {
            Ok(job) => held.push(Held {
                id: row.id,
                attempts: row.attempts,
                lane: job.lane(),
                host: row.host,
                job,
            }),
            Err(error) => {
                tracing::error!(id = %row.id, %error, "job is unreadable");
                rows::bury_job(tx, row.id, now, "unreadable")?;
            }
        }
    }
    let received: Vec<i64> = held.iter().filter_map(|held| received_id(&held.job)).collect();
    let mut signers: HashMap<i64, String> = inbox::load_signers(tx, &received)?.into_iter().collect();
    for held in &mut held {
        if let Some(id) = received_id(&held.job) {
            held.lane = signers.remove(&id);
        }
    }
    Ok(held)
}

/// Row of the activity that a job processes.
fn received_id(job: &Job) -> Option<i64> {
    match job {
        Job::ProcessInbox { id } => Some(*id),
        _ => None,
    }
}

fn outcome_of(held: &Held, result: Result<(), JobError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(JobError::Retry(error)) => failed(held, describe(&error)),
        Err(JobError::Discard(error)) => Outcome::Bury {
            error: describe(&error),
        },
    }
}

/// Another try, as long as there are some left.
fn failed(held: &Held, error: String) -> Outcome {
    match retry_delay(held.attempts, held.id.0) {
        Some(after) => Outcome::Retry { after, error },
        None => Outcome::Bury { error },
    }
}

/// An error with its causes, for the log and the table.
fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// What is written about one job.
struct Record {
    id: JobId,
    /// Row of the activity that was processed.
    received: Option<i64>,
    change: Change,
}

enum Change {
    Delete,
    Retry { run_at: DateTime<Utc>, error: String },
    Bury { error: String },
}

impl Record {
    fn of(finished: &Finished, now: DateTime<Utc>) -> Self {
        let Finished { held, outcome } = finished;
        let kind = held.job.kind();
        let (id, attempts) = (held.id, held.attempts);
        let change = match outcome {
            Outcome::Done => Change::Delete,
            Outcome::Retry { after, error } => {
                tracing::info!(%id, kind, attempts, %error, "job failed and will be run again");
                Change::Retry {
                    run_at: now + *after,
                    error: error.clone(),
                }
            }
            Outcome::Bury { error } => {
                tracing::warn!(%id, kind, attempts, %error, "job failed for good");
                Change::Bury { error: error.clone() }
            }
        };
        let received = match change {
            // What is given up waits no longer either.
            Change::Delete | Change::Bury { .. } => received_id(&held.job),
            Change::Retry { .. } => None,
        };
        Self { id, received, change }
    }
}

fn write_records(tx: &mut Conn, records: &[Record], now: DateTime<Utc>) -> Result<()> {
    let mut done = Vec::new();
    for record in records {
        match &record.change {
            Change::Delete => done.push(record.id),
            Change::Retry { run_at, error } => rows::retry_job(tx, record.id, *run_at, error)?,
            Change::Bury { error } => rows::bury_job(tx, record.id, now, error)?,
        }
    }
    let received: Vec<i64> = records.iter().filter_map(|record| record.received).collect();
    inbox::update_processed(tx, &received, now)?;
    rows::delete_jobs(tx, &done)?;
    Ok(())
}
