//! Hosts that fail, ask to wait, refuse and come back.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_service::{
    delivery::{
        SendOutcome, Worker,
        outcome::Failure,
        overview::{self, HostState},
    },
    events::Event,
    hosts,
    inbox::{self, ReceivedActivity},
    metrics,
};

use super::{B, answered, enqueue, given_up, unreachable, waiting, worker};
use crate::common::on_each_database;

#[tokio::test]
async fn a_success_wakes_what_found_nobody_and_not_what_was_answered_with_an_error() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        enqueue(&world, "poison", B).await;
        peers.answer_once("b.test", answered(500));
        worker.run_due().await.unwrap();
        enqueue(&world, "refused", B).await;
        peers.answer_once("b.test", unreachable());
        worker.run_due().await.unwrap();
        enqueue(&world, "fine", B).await;
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), ["poison", "refused", "fine", "refused"]);
        assert_eq!(waiting(&world).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_repeated_on_the_table_and_then_given_up() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        enqueue(&world, "x", B).await;
        // Temporary, and nothing the breaker counts.
        peers.answer_always("b.test", answered(429));
        let mut times: Vec<DateTime<Utc>> = Vec::new();
        for _ in 0..1000 {
            worker.run_due().await.unwrap();
            let sent = peers.take().len();
            assert!(sent <= 1);
            times.extend((sent == 1).then(|| world.now()));
            if given_up(&world).await == 1 {
                break;
            }
            // Beyond the longest spread of the next wait.
            let last = times.last().copied().unwrap();
            let next = if world.now() == last { 72 } else { 1800 };
            world.clock.advance(TimeDelta::seconds(next));
        }
        assert_eq!(times.len(), 11, "the first attempt and ten repetitions");
        let total = *times.last().unwrap() - times[0];
        assert!(
            total > TimeDelta::hours(76) && total < TimeDelta::hours(122),
            "{total}"
        );
    })
    .await;
}

#[tokio::test]
async fn fed_123_a_host_that_asks_to_wait_is_left_alone() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        for body in ["1", "2", "3"] {
            enqueue(&world, body, B).await;
        }
        peers.answer_once(
            "b.test",
            SendOutcome::Answered {
                status: 429,
                retry_after: Some("600".to_owned()),
                remember_scheme: None,
            },
        );
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), ["1"]);
        world.clock.advance(TimeDelta::seconds(599));
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), [""; 0]);
        world.clock.advance(TimeDelta::seconds(1));
        worker.run_due().await.unwrap();
        let mut sent = peers.take();
        sent.sort_unstable();
        assert_eq!(sent, ["1", "2", "3"]);
    })
    .await;
}

#[tokio::test]
async fn the_breaker_opens_probes_survives_a_restart_and_closes() {
    on_each_database(async |mut world| {
        let (peers, mut worker) = worker(&world);
        for number in 0..20 {
            enqueue(&world, &format!("{number}"), B).await;
        }
        peers.answer_always("b.test", unreachable());
        worker.run_due().await.unwrap();
        assert_eq!(peers.take().len(), 5, "five failed attempts open it");
        worker.run_due().await.unwrap();
        assert_eq!(peers.take().len(), 0);

        // Another process finds it open.
        let restarted = world.another_process();
        let mut worker = Worker::new(restarted, peers.clone());
        worker.run_due().await.unwrap();
        assert_eq!(peers.take().len(), 0);
        world.clock.advance(TimeDelta::minutes(1));
        worker.run_due().await.unwrap();
        assert_eq!(peers.take().len(), 1, "one probe after a minute");
        world.clock.advance(TimeDelta::minutes(1));
        worker.run_due().await.unwrap();
        assert_eq!(peers.take().len(), 0, "the wait has doubled");
        world.clock.advance(TimeDelta::minutes(1));
        peers.answer_always("b.test", answered(202));
        worker.run_due().await.unwrap();
        assert_eq!(
            peers.take().len(),
            20,
            "what waited for its repetition is sent too"
        );
        assert_eq!(waiting(&world).await, 0);
    })
    .await;
}

#[tokio::test]
async fn fed_124_a_host_that_fails_for_a_week_gets_nothing_until_it_sends() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        peers.answer_always("b.test", unreachable());
        for day in 0..7 {
            assert_eq!(enqueue(&world, &format!("{day}"), B).await, 1);
            worker.run_due().await.unwrap();
            assert!(!peers.take().is_empty(), "day {day}");
            if day < 6 {
                world.clock.advance(TimeDelta::days(1));
            }
        }
        let host = hosts::find(&world, "b.test").await.unwrap().unwrap();
        assert_eq!(host.unavailable_since, Some(world.now()));
        assert_eq!(hosts::failing(&world, 10).await.unwrap(), [host]);
        assert_eq!(enqueue(&world, "more", B).await, 0);
        world.clock.advance(TimeDelta::hours(23));
        assert_eq!(enqueue(&world, "more", B).await, 0);
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), [""; 0]);

        peers.answer_always("b.test", answered(202));
        let activity = ReceivedActivity {
            uri: "https://b.test/1".to_owned(),
            signer_uri: "https://b.test/users/bob".to_owned(),
            recipient: None,
            body: "{}".to_owned(),
        };
        inbox::accept(&world, activity).await.unwrap();
        assert_eq!(enqueue(&world, "news", B).await, 1);
        worker.run_due().await.unwrap();
        assert!(peers.take().contains(&"news".to_owned()));
        assert_eq!(waiting(&world).await, 0, "what waited went out with it");
    })
    .await;
}

#[tokio::test]
async fn an_unavailable_host_is_tried_once_a_day() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        peers.answer_always("b.test", unreachable());
        for day in 0..7 {
            enqueue(&world, &format!("{day}"), B).await;
            worker.run_due().await.unwrap();
            world.clock.advance(TimeDelta::days(1));
        }
        peers.take();
        assert_eq!(enqueue(&world, "probe", B).await, 1);
        worker.run_due().await.unwrap();
        assert_eq!(peers.take().len(), 1);
        assert_eq!(enqueue(&world, "too early", B).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_host_that_refuses_everything_is_left_alone() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        peers.answer_always("b.test", answered(403));
        for number in 0..20 {
            assert_eq!(enqueue(&world, &format!("{number}"), B).await, 1, "{number}");
            worker.run_due().await.unwrap();
        }
        assert_eq!(peers.take().len(), 20);
        assert_eq!(enqueue(&world, "more", B).await, 0);
        hosts::mark_success(&world, "b.test").await.unwrap();
        assert_eq!(enqueue(&world, "more", B).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_host_that_refuses_some_is_sent_to_all_the_same() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        let mut send = async |status: u16| {
            peers.answer_always("b.test", answered(status));
            let queued = enqueue(&world, "x", B).await;
            worker.run_due().await.unwrap();
            queued
        };
        for _ in 0..25 {
            assert_eq!((send(403).await, send(202).await), (1, 1));
        }
        // As where one of its people blocks somebody of ours, and everything of an hour is theirs.
        for _ in 0..25 {
            assert_eq!(send(403).await, 1);
        }
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(send(403).await, 1);
        assert_eq!(send(403).await, 0, "nothing was taken for a day");
    })
    .await;
}

#[tokio::test]
async fn the_scheme_that_a_host_takes_is_remembered_for_a_month() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        let remember = |scheme: Option<&str>| SendOutcome::Answered {
            status: 202,
            retry_after: None,
            remember_scheme: Some(scheme.map(str::to_owned)),
        };
        let mut send = async || {
            enqueue(&world, "x", B).await;
            worker.run_due().await.unwrap();
            peers.take_deliveries().remove(0).scheme
        };
        peers.answer_once("b.test", remember(Some("rfc9421")));
        assert_eq!(send().await, None);
        assert_eq!(send().await.as_deref(), Some("rfc9421"));
        assert_eq!(
            hosts::scheme(&world, "b.test").await.unwrap().as_deref(),
            Some("rfc9421")
        );
        world.clock.advance(TimeDelta::days(31));
        assert_eq!(send().await, None);
        hosts::remember_scheme(&world, "b.test", Some("rfc9421"))
            .await
            .unwrap();
        peers.answer_once("b.test", remember(None));
        assert_eq!(send().await.as_deref(), Some("rfc9421"));
        assert_eq!(send().await, None);
    })
    .await;
}

#[tokio::test]
async fn a_fault_of_ours_does_not_count() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        enqueue(&world, "x", B).await;
        peers.answer_always(
            "b.test",
            SendOutcome::Failed {
                failure: Failure::OurFault,
                reason: "too many requests are waiting".to_owned(),
            },
        );
        for _ in 0..20 {
            worker.run_due().await.unwrap();
            world.clock.advance(TimeDelta::seconds(5));
        }
        let sent = peers.take_deliveries();
        assert_eq!(sent.len(), 20);
        assert!(sent.iter().all(|delivery| delivery.attempts == 0));
        assert_eq!(hosts::find(&world, "b.test").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn fed_128_the_queue_is_shown_host_by_host_and_can_be_sent_or_purged() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        peers.answer_always("b.test", unreachable());
        for at in 0..7 {
            enqueue(&world, &format!("b{at}"), B).await;
            worker.run_due().await.unwrap();
        }
        peers.answer_once("d.test", answered(404));
        enqueue(&world, "d", "https://d.test/inbox").await;
        worker.run_due().await.unwrap();
        world.clock.advance(TimeDelta::seconds(90));
        enqueue(&world, "c", "https://c.test/inbox").await;

        let found = overview::hosts(&world).await.unwrap();
        let lines: Vec<_> = found
            .iter()
            .map(|host| {
                (
                    host.host.as_str(),
                    host.state,
                    host.queued,
                    host.oldest_seconds,
                    host.given_up,
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                ("b.test", found[0].state, 7, Some(90), 0),
                ("c.test", HostState::Ok, 1, Some(0), 0),
                ("d.test", HostState::Ok, 0, None, 1),
            ]
        );
        assert!(matches!(found[0].state, HostState::Paused | HostState::Degraded));
        assert!(
            found[0]
                .last_error
                .as_ref()
                .unwrap()
                .contains("connection refused")
        );
        assert!(found[2].last_error.is_some());
        assert!(overview::host(&world, "e.test").await.is_err());
        let text = metrics::text(&world).await.unwrap();
        for line in [
            "pouet_delivery_queue_length 8",
            "pouet_delivery_queue_oldest_seconds 90",
            "pouet_deliveries_given_up 1",
            "pouet_deliveries_total{outcome=\"given_up\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }

        peers.take();
        peers.answer_always("b.test", answered(202));
        assert_eq!(overview::retry(&world, "B.test").await.unwrap(), 7);
        worker.run_due().await.unwrap();
        assert_eq!(peers.take().len(), 8, "all seven and the one of c.test");
        enqueue(&world, "e", "https://e.test/inbox").await;
        assert_eq!(overview::purge(&world, "e.test").await.unwrap(), 1);
        assert_eq!(overview::purge(&world, "d.test").await.unwrap(), 1);
        assert!(overview::hosts(&world).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn another_process_is_told_to_send() {
    on_each_database(async |mut world| {
        let cli = world.another_process();
        let (peers, mut worker) = worker(&world);
        peers.answer_once("b.test", unreachable());
        enqueue(&world, "b", B).await;
        worker.run_due().await.unwrap();
        let mut news = world.hub.subscribe();
        overview::retry(&cli, "b.test").await.unwrap();
        loop {
            let event = news.recv().await.unwrap();
            if matches!(&*event, Event::DeliveriesDue { host } if host == "b.test") {
                break;
            }
        }
        // Without looking through the table: the lane was woken.
        while worker.step().await.unwrap() {}
        assert_eq!(peers.take(), ["b", "b"]);
    })
    .await;
}
