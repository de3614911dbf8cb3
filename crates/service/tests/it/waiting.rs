//! What waits to be posted: that it is posted once, by somebody who may, and is never lost.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::User,
    ids::{JobId, ScheduledId, StatusId},
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error,
    jobs::{Job, JobError, JobHandler, Worker},
    statuses::{self, EndChange, NewPoll, NewStatus, StatusChange, drafts, scheduled},
};
use pouet_storage::{Conn, statuses as rows};
use tokio::sync::watch;

use crate::common::{
    World, on_each_database,
    people::{new_status, post, run_jobs},
};

async fn schedule(world: &World, author: &User, new: NewStatus, at: DateTime<Utc>) -> ScheduledId {
    let view = scheduled::schedule(world, author, new, at).await.unwrap();
    view.scheduled.id
}

/// Texts of what waits, and of drafts.
async fn kept(world: &World, author: &User) -> (Vec<String>, Vec<String>) {
    let (own, page) = (author.account_id, Page::first(40));
    let waiting = scheduled::list(world, own, page).await.unwrap();
    let unfinished = drafts::list(world, own, page).await.unwrap();
    (
        waiting
            .into_iter()
            .map(|view| view.scheduled.draft.text)
            .collect(),
        unfinished
            .into_iter()
            .map(|view| view.stored.draft.text)
            .collect(),
    )
}

/// Texts of what an account posted, oldest first.
async fn posted(world: &World, author: &User) -> Vec<String> {
    let own = author.account_id;
    let read = move |conn: &mut Conn| {
        let mut ids = rows::list_status_ids_of(conn, own, 100)?;
        ids.sort_unstable();
        let mut found = rows::load_statuses(conn, &ids)?;
        found.sort_by_key(|status| status.id);
        Ok::<_, pouet_storage::Error>(found)
    };
    let found = world.store().read(read).await.unwrap();
    found.into_iter().map(|status| status.text).collect()
}

/// Other servers, which hear nothing.
struct Nobody;

#[async_trait]
impl JobHandler for Nobody {
    async fn run(&self, _: JobId, _: Job) -> Result<(), JobError> {
        Ok(())
    }
}

/// The program starts and runs until `is_done`.
async fn start_until(world: &World, is_done: impl AsyncFn() -> bool) {
    let (stop, stopped) = watch::channel(false);
    let worker = Worker::new(world.instance.clone(), Arc::new(Nobody));
    let running = tokio::spawn(worker.run(stopped));
    for _ in 0..500 {
        if is_done().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn sec_R067_nothing_is_posted_for_who_may_not_post() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let at = world.now() + TimeDelta::minutes(10);
        for author in [&ada, &bob] {
            schedule(&world, author, new_status("later", Visibility::Public), at).await;
        }
        world
            .execute(&format!(
                "UPDATE users SET disabled_at = 1 WHERE id = {}; \
                 UPDATE accounts SET suspended_at = 1 WHERE id = {}",
                ada.id, bob.account_id
            ))
            .await;
        world.clock.advance(TimeDelta::minutes(11));
        run_jobs(&world).await;
        for author in [&ada, &bob] {
            assert!(posted(&world, author).await.is_empty());
            assert_eq!(kept(&world, author).await.0, ["later"], "it waits");
        }
        let now = world.now();
        let overdue = move |conn: &mut Conn| pouet_storage::scheduled::list_overdue(conn, now, 9);
        let taken_up = world.store().read(overdue).await.unwrap();
        assert_eq!(taken_up, [], "it keeps nothing else from being taken up");
        world
            .execute(&format!(
                "UPDATE users SET disabled_at = NULL WHERE id = {}",
                ada.id
            ))
            .await;
        world.clock.advance(TimeDelta::hours(1));
        start_until(&world, async || !posted(&world, &ada).await.is_empty()).await;
        assert_eq!(posted(&world, &ada).await, ["later"]);
        assert!(kept(&world, &ada).await.0.is_empty());
        assert!(posted(&world, &bob).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_status_cannot_be_moved_behind_its_end() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (now, own) = (world.now(), ada.account_id);
        let new = NewStatus {
            expires_at: Some(now + TimeDelta::hours(2)),
            ..new_status("for a while", Visibility::Public)
        };
        let id = schedule(&world, &ada, new, now + TimeDelta::hours(1)).await;
        for late in [TimeDelta::hours(3), TimeDelta::minutes(116)] {
            let refused = scheduled::reschedule(&world, own, id, now + late).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        let at = now + TimeDelta::minutes(90);
        let moved = scheduled::reschedule(&world, own, id, at).await.unwrap();
        assert_eq!(moved.scheduled.scheduled_at, at);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_posted_any_more_becomes_a_draft() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let question = post(&world, &bob, "what?", Visibility::Public).await;
        let answer = NewStatus {
            in_reply_to_id: Some(question),
            ..new_status("that", Visibility::Public)
        };
        schedule(&world, &ada, answer, world.now() + TimeDelta::minutes(10)).await;
        statuses::delete(&world, bob.account_id, question, true)
            .await
            .unwrap();
        world.clock.advance(TimeDelta::minutes(11));
        run_jobs(&world).await;
        assert!(posted(&world, &ada).await.is_empty());
        assert_eq!(kept(&world, &ada).await, (vec![], vec!["that".to_owned()]));
    })
    .await;
}

/// Has the program believe that it posted `status` with this key a moment ago, and was cut off then.
async fn leave_key(world: &World, author: &User, key: &str, status: StatusId) {
    let (own, now) = (author.account_id, world.now().timestamp_millis());
    world
        .execute(&format!(
            "INSERT INTO idempotency_keys (account_id, key, status_id, created_at) \
             VALUES ({own}, '{key}', {status}, {now})"
        ))
        .await;
}

#[tokio::test]
async fn whatever_was_posted_before_a_draft_is_posted_as_it_is() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let made = drafts::create(&world, &ada, new_status("one", Visibility::Public))
            .await
            .unwrap();
        let id = made.stored.id;
        let earlier = post(&world, &ada, "zero", Visibility::Public).await;
        leave_key(&world, &ada, &format!("draft:{id}"), earlier).await;
        drafts::update(&world, &ada, id, new_status("two", Visibility::Public))
            .await
            .unwrap();
        drafts::publish(&world, &ada, id).await.unwrap();
        assert_eq!(posted(&world, &ada).await, ["zero", "two"]);
        assert!(kept(&world, &ada).await.1.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_posted_cannot_be_given_up_and_what_is_given_up_is_not_posted() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let own = ada.account_id;
        for _ in 0..12 {
            let draft = drafts::create(&world, &ada, new_status("draft", Visibility::Public))
                .await
                .unwrap();
            let id = draft.stored.id;
            let before = posted(&world, &ada).await.len();
            let (published, deleted) =
                tokio::join!(drafts::publish(&world, &ada, id), drafts::delete(&world, own, id));
            let after = posted(&world, &ada).await.len();
            assert_eq!(
                (published.is_ok(), after - before),
                (deleted.is_err(), usize::from(deleted.is_err()))
            );

            let at = world.now() + TimeDelta::minutes(6);
            let id = schedule(&world, &ada, new_status("planned", Visibility::Public), at).await;
            world.clock.advance(TimeDelta::minutes(7));
            let before = posted(&world, &ada).await.len();
            let (_, cancelled) = tokio::join!(run_jobs(&world), scheduled::cancel(&world, own, id));
            let after = posted(&world, &ada).await.len();
            assert_eq!(after - before, usize::from(cancelled.is_err()));
            assert!(kept(&world, &ada).await.0.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn whatever_became_of_its_job_what_is_due_is_done() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let later = |minutes| world.now() + TimeDelta::minutes(minutes);
        let ending = NewStatus {
            expires_in: Some(600),
            ..new_status("for a while", Visibility::Public)
        };
        statuses::post(&world, &ada, ending.clone()).await.unwrap();
        schedule(&world, &ada, new_status("planned", Visibility::Public), later(10)).await;
        world.execute("DELETE FROM jobs").await;
        world.clock.advance(TimeDelta::minutes(20));
        // When the program starts.
        start_until(&world, async || posted(&world, &ada).await == ["planned"]).await;
        assert_eq!(posted(&world, &ada).await, ["planned"]);
        // And while it runs, within the hour.
        statuses::post(&world, &ada, ending).await.unwrap();
        schedule(
            &world,
            &ada,
            new_status("more", Visibility::Public),
            world.now() + TimeDelta::minutes(10),
        )
        .await;
        world
            .execute("DELETE FROM jobs WHERE kind IN ('PublishScheduled', 'ExpireStatus')")
            .await;
        world.clock.advance(TimeDelta::minutes(61));
        run_jobs(&world).await;
        assert_eq!(posted(&world, &ada).await, ["planned", "more"]);
        assert!(kept(&world, &ada).await.0.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_status_that_was_moved_is_posted_at_its_new_time() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (now, own) = (world.now(), ada.account_id);
        let id = schedule(
            &world,
            &ada,
            new_status("planned", Visibility::Public),
            now + TimeDelta::hours(1),
        )
        .await;
        for at in [TimeDelta::hours(3), TimeDelta::hours(2)] {
            scheduled::reschedule(&world, own, id, now + at).await.unwrap();
        }
        for expected in [0, 1, 1] {
            world.clock.advance(TimeDelta::minutes(61));
            run_jobs(&world).await;
            assert_eq!(posted(&world, &ada).await.len(), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn equal_requests_at_once_schedule_one_status() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for number in 0..8 {
            let at = world.now() + TimeDelta::hours(30 * number + 1);
            let new = NewStatus {
                idempotency_key: Some(format!("key {number}")),
                ..new_status("later", Visibility::Public)
            };
            let (one, two, three) = tokio::join!(
                scheduled::schedule(&world, &ada, new.clone(), at),
                scheduled::schedule(&world, &ada, new.clone(), at),
                scheduled::schedule(&world, &ada, new.clone(), at),
            );
            let ids = [one, two, three].map(|view| view.unwrap().scheduled.id);
            assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
            assert_eq!(kept(&world, &ada).await.0.len() as i64, number + 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_day_takes_no_more_by_moving_either() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let own = ada.account_id;
        let full: DateTime<Utc> = "2026-12-01T12:00:00Z".parse().unwrap();
        let new = || new_status("later", Visibility::Public);
        let mut last = schedule(&world, &ada, new(), full).await;
        for _ in 1..25 {
            last = schedule(&world, &ada, new(), full).await;
        }
        let other = schedule(&world, &ada, new(), full + TimeDelta::days(1)).await;
        let refused = scheduled::reschedule(&world, own, other, full).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let within = full + TimeDelta::hours(1);
        let moved = scheduled::reschedule(&world, own, last, within).await.unwrap();
        assert_eq!(moved.scheduled.scheduled_at, within, "it is there already");
        scheduled::reschedule(&world, own, last, full + TimeDelta::days(1))
            .await
            .unwrap();
        scheduled::reschedule(&world, own, other, full).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_is_no_larger_than_what_can_be_posted() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let poll = |options: Vec<String>| NewStatus {
            language: Some("x".repeat(1000)),
            poll: Some(NewPoll {
                options,
                expires_in: 3600,
                multiple: false,
                hide_totals: false,
            }),
            ..new_status("what?", Visibility::Public)
        };
        for large in [
            vec!["x".repeat(100_000), "y".to_owned()],
            (0..1000).map(|number| number.to_string()).collect(),
        ] {
            let refused = drafts::create(&world, &ada, poll(large)).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        let blanks = || {
            let mut options = vec![" ".repeat(1000); 1000];
            options.extend(["this ".to_owned(), "that".to_owned()]);
            options
        };
        let kept = drafts::create(&world, &ada, poll(blanks()))
            .await
            .unwrap()
            .stored
            .draft;
        let at = world.now() + TimeDelta::hours(1);
        let planned = scheduled::schedule(&world, &ada, poll(blanks()), at)
            .await
            .unwrap();
        for draft in [kept, planned.scheduled.draft] {
            assert_eq!(draft.poll.unwrap().options, ["this", "that"]);
            assert_eq!(draft.language, None);
        }
    })
    .await;
}

#[tokio::test]
async fn a_status_that_is_given_more_time_at_its_end_stays_whole_or_goes_whole() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for _ in 0..10 {
            let ending = NewStatus {
                expires_in: Some(600),
                ..new_status("for a while", Visibility::Public)
            };
            let id = statuses::post(&world, &ada, ending).await.unwrap();
            world.clock.advance(TimeDelta::minutes(10));
            let change = StatusChange {
                text: "for a while".to_owned(),
                end: EndChange::At(world.now() + TimeDelta::hours(1)),
                ..StatusChange::default()
            };
            let (_, edited) = tokio::join!(
                run_jobs(&world),
                statuses::edit(&world, ada.account_id, id, change)
            );
            run_jobs(&world).await;
            let left = posted(&world, &ada).await.len();
            assert_eq!(left, usize::from(edited.is_ok()), "{edited:?}");
            if edited.is_ok() {
                statuses::delete(&world, ada.account_id, id, true).await.unwrap();
            } else {
                assert!(matches!(edited, Err(Error::NotFound)), "{edited:?}");
            }
        }
    })
    .await;
}
