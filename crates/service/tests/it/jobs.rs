//! The job queue: what runs when, how often, in which order, and what survives.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::ids::{AccountId, JobId, StatusId};
use pouet_service::{
    Error,
    inbox::{self, Accepted, ReceivedActivity},
    jobs::{Job, JobError, JobHandler, MAX_ATTEMPTS, Worker},
};
use pouet_storage::{inbox as inbox_rows, jobs as rows};
use tokio::sync::{Notify, mpsc, watch};

use crate::common::{World, on_each_database};

/// Runs jobs by writing them down.
#[derive(Default)]
struct Log {
    ran: Mutex<Vec<Job>>,
}

impl Log {
    fn ran(&self) -> Vec<Job> {
        self.ran.lock().unwrap().clone()
    }
}

#[async_trait]
impl JobHandler for Log {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        self.ran.lock().unwrap().push(job);
        Ok(())
    }
}

/// Fails every job the same way.
struct Failing {
    runs: AtomicUsize,
    error: fn() -> JobError,
}

impl Failing {
    fn new(error: fn() -> JobError) -> Arc<Self> {
        Arc::new(Self {
            runs: AtomicUsize::new(0),
            error,
        })
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl JobHandler for Failing {
    async fn run(&self, _: JobId, _: Job) -> Result<(), JobError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        Err((self.error)())
    }
}

async fn enqueue_at(world: &World, job: Job, run_at: DateTime<Utc>) -> JobId {
    let id: JobId = world.next_id();
    let now = world.now();
    world
        .store()
        .write(move |tx| {
            rows::insert_job(
                tx,
                &rows::NewJob {
                    id,
                    kind: job.kind(),
                    payload: &serde_json::to_string(&job).unwrap(),
                    dedup_key: job.dedup_key().as_deref(),
                    host: None,
                    run_at,
                    created_at: now,
                },
            )
        })
        .await
        .unwrap();
    id
}

async fn enqueue(world: &World, job: Job) -> JobId {
    enqueue_at(world, job, world.now()).await
}

async fn counts(world: &World) -> (i64, i64) {
    world.store().read(rows::count_jobs).await.unwrap()
}

fn publish(id: i64) -> Job {
    Job::Publish {
        status_id: StatusId(id),
    }
}

fn profile(id: i64) -> Job {
    Job::SendProfile {
        account_id: AccountId(id),
    }
}

#[tokio::test]
async fn a_job_runs_once_when_it_is_due() {
    on_each_database(async |world| {
        let log = Arc::new(Log::default());
        let mut worker = Worker::new(world.instance.clone(), log.clone());
        enqueue(&world, publish(1)).await;
        enqueue_at(&world, publish(2), world.now() + TimeDelta::minutes(3)).await;
        assert_eq!(worker.run_due().await.unwrap(), 1);
        assert_eq!(worker.run_due().await.unwrap(), 0);
        world.clock.advance(TimeDelta::minutes(3));
        assert_eq!(worker.run_due().await.unwrap(), 1);
        assert_eq!(log.ran(), [publish(1), publish(2)]);
        assert_eq!(counts(&world).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_may_succeed_later_is_run_again_until_it_is_given_up() {
    on_each_database(async |world| {
        let failing = Failing::new(|| JobError::Retry(Error::RemoteUnavailable));
        let mut worker = Worker::new(world.instance.clone(), failing.clone());
        enqueue(&world, publish(1)).await;
        worker.run_due().await.unwrap();
        worker.run_due().await.unwrap();
        assert_eq!(failing.runs(), 1, "it waits before it runs again");
        world.clock.advance(TimeDelta::seconds(13));
        worker.run_due().await.unwrap();
        assert_eq!(failing.runs(), 2, "the first wait is about ten seconds");
        for _ in 0..20 {
            world.clock.advance(TimeDelta::days(1));
            worker.run_due().await.unwrap();
        }
        assert_eq!(failing.runs() as i64, MAX_ATTEMPTS);
        assert_eq!(counts(&world).await, (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_cannot_succeed_is_given_up_at_once() {
    on_each_database(async |world| {
        let failing = Failing::new(|| JobError::Discard(Error::NotFound));
        let mut worker = Worker::new(world.instance.clone(), failing.clone());
        enqueue(&world, publish(1)).await;
        worker.run_due().await.unwrap();
        world.clock.advance(TimeDelta::days(1));
        worker.run_due().await.unwrap();
        assert_eq!(failing.runs(), 1);
        assert_eq!(counts(&world).await, (0, 1));
    })
    .await;
}

#[test]
fn errors_that_pass_are_retried() {
    for (error, again) in [
        (Error::Busy, true),
        (Error::RemoteUnavailable, true),
        (Error::internal("disk"), true),
        (Error::Conflict("duplicate record"), true),
        (Error::NotFound, false),
        (Error::Gone, false),
    ] {
        let text = error.to_string();
        assert_eq!(
            matches!(JobError::from(error), JobError::Retry(_)),
            again,
            "{text}"
        );
    }
}

/// Panics in the first job.
#[derive(Default)]
struct Panicking {
    log: Log,
    panicked: AtomicBool,
}

#[async_trait]
impl JobHandler for Panicking {
    async fn run(&self, id: JobId, job: Job) -> Result<(), JobError> {
        assert!(self.panicked.swap(true, Ordering::SeqCst), "as the test wants");
        self.log.run(id, job).await
    }
}

#[tokio::test]
async fn a_job_that_panics_harms_no_other() {
    on_each_database(async |world| {
        let handler = Arc::new(Panicking::default());
        let mut worker = Worker::new(world.instance.clone(), handler.clone());
        enqueue(&world, publish(1)).await;
        enqueue(&world, publish(2)).await;
        assert_eq!(worker.run_due().await.unwrap(), 2);
        assert_eq!(handler.log.ran().len(), 1);
        assert_eq!(counts(&world).await, (0, 1));
    })
    .await;
}

#[tokio::test]
async fn jobs_of_a_killed_process_are_taken_up_after_their_lease() {
    on_each_database(async |world| {
        enqueue(&world, publish(1)).await;
        let now = world.now();
        let lease = now + TimeDelta::seconds(30);
        let claimed = world
            .store()
            .write(move |tx| rows::claim_jobs(tx, now, lease, 10, rows::Turns::default()))
            .await
            .unwrap();
        assert_eq!(claimed.len(), 1);

        let log = Arc::new(Log::default());
        let mut worker = Worker::new(world.instance.clone(), log.clone());
        world.clock.advance(TimeDelta::seconds(29));
        assert_eq!(worker.run_due().await.unwrap(), 0, "somebody may be at it");
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(worker.run_due().await.unwrap(), 1);
        assert_eq!(log.ran(), [publish(1)]);
    })
    .await;
}

#[tokio::test]
async fn equal_jobs_wait_once_and_the_earlier_time_counts() {
    on_each_database(async |world| {
        let log = Arc::new(Log::default());
        let mut worker = Worker::new(world.instance.clone(), log.clone());
        let tally = || Job::SendPollTally {
            status_id: StatusId(1),
        };
        let minutes = |count| world.now() + TimeDelta::minutes(count);
        enqueue_at(&world, tally(), minutes(3)).await;
        enqueue_at(&world, tally(), minutes(5)).await;
        enqueue_at(&world, tally(), minutes(1)).await;
        assert_eq!(counts(&world).await, (1, 0));
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(worker.run_due().await.unwrap(), 1);

        // What is not the same is not left out.
        enqueue(&world, publish(1)).await;
        enqueue(&world, publish(2)).await;
        enqueue(&world, profile(1)).await;
        assert_eq!(worker.run_due().await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_job_asked_for_while_its_like_runs_runs_afterwards() {
    on_each_database(async |world| {
        enqueue(&world, profile(1)).await;
        let now = world.now();
        world
            .store()
            .write(move |tx| {
                rows::claim_jobs(tx, now, now + TimeDelta::seconds(30), 10, rows::Turns::default())
            })
            .await
            .unwrap();
        enqueue(&world, profile(1)).await;
        assert_eq!(
            counts(&world).await,
            (2, 0),
            "the first may have read the old profile"
        );
    })
    .await;
}

/// Takes its time over each job, and writes down beginnings and ends.
#[derive(Default)]
struct Slow {
    log: Mutex<Vec<(&'static str, Job)>>,
}

#[async_trait]
impl JobHandler for Slow {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        self.log.lock().unwrap().push(("begin", job.clone()));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        self.log.lock().unwrap().push(("end", job));
        Ok(())
    }
}

#[tokio::test]
async fn jobs_of_one_lane_run_in_order_and_others_beside_them() {
    on_each_database(async |world| {
        let slow = Arc::new(Slow::default());
        let mut worker = Worker::new(world.instance.clone(), slow.clone());
        let edit = Job::PublishEdit {
            status_id: StatusId(1),
        };
        for job in [publish(1), edit.clone(), publish(2)] {
            enqueue(&world, job).await;
        }
        worker.run_due().await.unwrap();
        let log = slow.log.lock().unwrap().clone();
        let at = |what, job: &Job| {
            log.iter()
                .position(|entry| *entry == (what, job.clone()))
                .unwrap()
        };
        assert!(at("end", &publish(1)) < at("begin", &edit), "{log:?}");
        assert!(at("begin", &publish(2)) < at("end", &publish(1)), "{log:?}");
    })
    .await;
}

#[tokio::test]
async fn two_processes_share_the_jobs_and_run_each_once() {
    on_each_database(async |mut world| {
        let other = world.another_process();
        for id in 0..300 {
            enqueue(&world, publish(id)).await;
        }
        let log = Arc::new(Log::default());
        let mut one = Worker::new(world.instance.clone(), log.clone());
        let mut two = Worker::new(other, log.clone());
        let (first, second) = tokio::join!(one.run_due(), two.run_due());
        assert_eq!(first.unwrap() + second.unwrap(), 300);
        let mut ran: Vec<i64> = log
            .ran()
            .iter()
            .map(|job| match job {
                Job::Publish { status_id } => status_id.0,
                other => panic!("{other:?}"),
            })
            .collect();
        ran.sort_unstable();
        assert_eq!(ran, (0..300).collect::<Vec<_>>());
    })
    .await;
}

/// Says when it begins, and ends when it is told to.
struct Held {
    begun: mpsc::UnboundedSender<Job>,
    go: Arc<Notify>,
}

#[async_trait]
impl JobHandler for Held {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        self.begun.send(job).unwrap();
        self.go.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn a_worker_wakes_for_new_jobs_and_stops_between_jobs() {
    on_each_database(async |world| {
        let (begun, mut beginnings) = mpsc::unbounded_channel();
        let go = Arc::new(Notify::new());
        let handler = Held {
            begun,
            go: go.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let worker = Worker::new(world.instance.clone(), Arc::new(handler));
        let running = tokio::spawn(worker.run(stopped));

        enqueue(&world, publish(1)).await;
        assert_eq!(beginnings.recv().await, Some(publish(1)));
        let edit = Job::PublishEdit {
            status_id: StatusId(1),
        };
        stop.send(true).unwrap();
        enqueue(&world, edit).await;
        go.notify_one();
        running.await.unwrap();
        assert_eq!(beginnings.try_recv().ok(), None, "the second was not begun");

        // What was not begun waits for the next start; the periodic jobs are not due yet.
        let log = Arc::new(Log::default());
        let mut next = Worker::new(world.instance.clone(), log.clone());
        assert_eq!(next.run_due().await.unwrap(), 1);
        assert!(matches!(log.ran()[..], [Job::PublishEdit { .. }]));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_means_nothing_is_given_up() {
    on_each_database(async |world| {
        let (id, now) = (world.next_id(), world.now());
        world
            .store()
            .write(move |tx| {
                rows::insert_job(
                    tx,
                    &rows::NewJob {
                        id,
                        kind: "Retired",
                        payload: r#"{"Retired":{}}"#,
                        dedup_key: None,
                        host: None,
                        run_at: now,
                        created_at: now,
                    },
                )
            })
            .await
            .unwrap();
        enqueue(&world, publish(1)).await;
        let log = Arc::new(Log::default());
        let mut worker = Worker::new(world.instance.clone(), log.clone());
        worker.run_due().await.unwrap();
        assert_eq!(log.ran(), [publish(1)]);
        assert_eq!(counts(&world).await, (0, 1));
    })
    .await;
}

fn received(uri: &str) -> ReceivedActivity {
    received_of("https://b.test/users/bob", uri)
}

fn received_of(signer: &str, uri: &str) -> ReceivedActivity {
    ReceivedActivity {
        uri: uri.to_owned(),
        signer_uri: signer.to_owned(),
        recipient: None,
        body: format!(r#"{{"id":"{uri}"}}"#),
    }
}

#[tokio::test]
async fn an_activity_is_accepted_once_and_processed_once() {
    on_each_database(async |world| {
        let slow = Arc::new(Slow::default());
        let mut worker = Worker::new(world.instance.clone(), slow.clone());
        let (first, second) = (received("https://b.test/1"), received("https://b.test/2"));
        for (activity, accepted) in [
            (&first, Accepted::New),
            (&first, Accepted::Duplicate),
            (&second, Accepted::New),
        ] {
            assert_eq!(inbox::accept(&world, activity.clone()).await.unwrap(), accepted);
        }
        let ids = {
            worker.run_due().await.unwrap();
            let log = slow.log.lock().unwrap().clone();
            let steps: Vec<&str> = log.iter().map(|(step, _)| *step).collect();
            assert_eq!(
                steps,
                ["begin", "end", "begin", "end"],
                "one after the other for one signer"
            );
            [0, 2].map(|index: usize| match log[index].1 {
                Job::ProcessInbox { id } => id,
                ref other => panic!("{other:?}"),
            })
        };
        assert!(ids[0] < ids[1], "in the order of arrival");
        for id in ids {
            assert_eq!(inbox::load(&world, id).await.unwrap(), None, "processed");
        }
        assert!(inbox::is_known(&world, "https://b.test/1").await.unwrap());
        let again = inbox::accept(&world, first).await.unwrap();
        assert_eq!(again, Accepted::Duplicate, "also after it was processed");
        assert_eq!(worker.run_due().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_activity_whose_processing_failed_is_kept_for_the_next_try() {
    on_each_database(async |world| {
        let failing = Failing::new(|| JobError::Retry(Error::RemoteUnavailable));
        let mut worker = Worker::new(world.instance.clone(), failing.clone());
        inbox::accept(&world, received("https://b.test/1")).await.unwrap();
        worker.run_due().await.unwrap();
        let log = Arc::new(Log::default());
        let mut healthy = Worker::new(world.instance.clone(), log.clone());
        world.clock.advance(TimeDelta::minutes(1));
        healthy.run_due().await.unwrap();
        assert!(matches!(log.ran()[..], [Job::ProcessInbox { .. }]));
    })
    .await;
}

#[tokio::test]
async fn sec_R096_who_sends_much_does_not_keep_others_waiting() {
    on_each_database(async |world| {
        for at in 0..400 {
            let signer = format!("https://busy.test/users/{}", at % 50);
            let activity = received_of(&signer, &format!("https://busy.test/{at}"));
            assert_eq!(inbox::accept(&world, activity).await.unwrap(), Accepted::New);
        }
        let mut quiet = Vec::new();
        for at in 0..20 {
            let host = format!("https://quiet{at}.test");
            let activity = received_of(&format!("{host}/users/bob"), &format!("{host}/1"));
            assert_eq!(inbox::accept(&world, activity).await.unwrap(), Accepted::New);
            quiet.push(format!("{host}/1"));
        }
        let log = Arc::new(Reading::new(&world));
        let mut worker = Worker::new(world.instance.clone(), log.clone());
        assert_eq!(worker.run_due().await.unwrap(), 420);
        let ran = log.uris.lock().unwrap().clone();
        assert_eq!(ran.len(), 420, "each once");
        let last = ran.iter().rposition(|uri| quiet.contains(uri)).unwrap();
        assert!(last < 200, "the last of the quiet ones was number {last}");
        let of_one: Vec<&String> = ran.iter().filter(|uri| is_of_first_signer(uri)).collect();
        let in_order = (0..400).step_by(50).map(|at| format!("https://busy.test/{at}"));
        assert!(
            of_one.into_iter().eq(&in_order.collect::<Vec<_>>()),
            "each signer in order"
        );
    })
    .await;
}

fn is_of_first_signer(uri: &str) -> bool {
    uri.strip_prefix("https://busy.test/")
        .is_some_and(|at| at.parse::<usize>().unwrap() % 50 == 0)
}

/// Writes down which activities are processed.
struct Reading {
    instance: pouet_service::Instance,
    uris: Mutex<Vec<String>>,
}

impl Reading {
    fn new(world: &World) -> Self {
        Self {
            instance: world.instance.clone(),
            uris: Mutex::default(),
        }
    }
}

#[async_trait]
impl JobHandler for Reading {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        let Job::ProcessInbox { id } = job else {
            panic!("{job:?}")
        };
        let activity = inbox::load(&self.instance, id).await.unwrap().unwrap();
        self.uris.lock().unwrap().push(activity.uri);
        Ok(())
    }
}

#[tokio::test]
async fn sec_R096_a_server_of_which_too_much_waits_is_told_to_come_back() {
    on_each_database(async |world| {
        let now = world.now();
        let first: i64 = world.next_id();
        let fill = move |tx: &mut pouet_storage::Conn| {
            for at in 0..5_000 {
                let row = inbox_rows::ReceivedRow {
                    uri: format!("https://b.test/waiting/{at}"),
                    signer_uri: "https://b.test/users/bob".to_owned(),
                    recipient_id: None,
                    body: "{}".to_owned(),
                    host: "b.test".to_owned(),
                };
                inbox_rows::insert_received(tx, first - at, &row, now)?;
            }
            Ok::<_, pouet_storage::Error>(())
        };
        world.store().write(fill).await.unwrap();
        let again = received("https://b.test/1");
        assert_eq!(
            inbox::accept(&world, again.clone()).await.unwrap(),
            Accepted::Full
        );
        let other = received_of("https://c.test/users/cyd", "https://c.test/1");
        assert_eq!(inbox::accept(&world, other).await.unwrap(), Accepted::New);
        let processed = move |tx: &mut pouet_storage::Conn| inbox_rows::update_processed(tx, &[first], now);
        world.store().write(processed).await.unwrap();
        assert_eq!(inbox::accept(&world, again).await.unwrap(), Accepted::New);
    })
    .await;
}

/// Keeps jobs of one host until it is told to go on.
struct Tarpit {
    instance: pouet_service::Instance,
    open: watch::Receiver<bool>,
    kept: AtomicUsize,
    others: AtomicUsize,
}

#[async_trait]
impl JobHandler for Tarpit {
    async fn run(&self, _: JobId, job: Job) -> Result<(), JobError> {
        let Job::ProcessInbox { id } = job else {
            self.others.fetch_add(1, Ordering::SeqCst);
            return Ok(());
        };
        let activity = inbox::load(&self.instance, id).await.unwrap().unwrap();
        if activity.uri.starts_with("https://busy") {
            self.open.clone().wait_for(|open| *open).await.unwrap();
            self.kept.fetch_add(1, Ordering::SeqCst);
        } else {
            self.others.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

#[tokio::test]
async fn sec_R096_who_keeps_us_waiting_keeps_nobody_else_waiting() {
    on_each_database(async |world| {
        for at in 0..400 {
            let host = format!("https://busy{}.test", at % 2);
            let activity = received_of(&format!("{host}/users/{at}"), &format!("{host}/{at}"));
            assert_eq!(inbox::accept(&world, activity).await.unwrap(), Accepted::New);
        }
        let (open, opened) = watch::channel(false);
        let tarpit = Arc::new(Tarpit {
            instance: world.instance.clone(),
            open: opened,
            kept: AtomicUsize::new(0),
            others: AtomicUsize::new(0),
        });
        let (stop, stopped) = watch::channel(false);
        let worker = Worker::new(world.instance.clone(), tarpit.clone());
        let running = tokio::spawn(worker.run(stopped));
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let quiet = received_of("https://quiet.test/users/bob", "https://quiet.test/1");
        assert_eq!(inbox::accept(&world, quiet).await.unwrap(), Accepted::New);
        enqueue(&world, publish(1)).await;
        let both = async {
            while tarpit.others.load(Ordering::SeqCst) < 2 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let limit = std::time::Duration::from_secs(20);
        tokio::time::timeout(limit, both)
            .await
            .expect("there is a place for others");
        // Nothing that could be claimed is left: the worker looks now and then, and writes nothing.
        let before = world.store().statement_count();
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let asked = world.store().statement_count() - before;
        assert!(asked < 20, "{asked} statements while nothing happened");
        open.send_replace(true);
        let all = async {
            while tarpit.kept.load(Ordering::SeqCst) < 400 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(limit, all)
            .await
            .expect("all are processed in the end");
        stop.send_replace(true);
        running.await.unwrap();
    })
    .await;
}
