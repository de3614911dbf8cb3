//! Lanes: what is sent, in which order, beside what.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use pouet_model::ids::AccountId;
use pouet_service::{
    delivery::{self, Delivery, Outgoing, SendOutcome, Sender, Worker},
    policy::{self, NewRule, Severity},
};
use pouet_storage::deliveries as rows;
use tokio::sync::{Notify, mpsc, watch};

use super::{B, answered, enqueue, given_up, outgoing, waiting, worker};
use crate::common::{on_each_database, on_each_database_with};

#[tokio::test]
async fn an_activity_reaches_every_inbox_once() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        let inboxes = [B, B, "https://c.test/inbox", "https://c.test:8443/inbox"];
        let outgoing = outgoing(&world, "{}", "o", &inboxes);
        assert_eq!(delivery::enqueue(&world, outgoing).await.unwrap(), 3);
        worker.run_due().await.unwrap();
        let mut sent: Vec<(String, String)> = peers
            .take_deliveries()
            .into_iter()
            .map(|delivery| (delivery.host, delivery.inbox_url))
            .collect();
        sent.sort_unstable();
        let expected = [
            ("b.test", B),
            ("c.test", "https://c.test/inbox"),
            ("c.test:8443", "https://c.test:8443/inbox"),
        ];
        assert_eq!(
            sent,
            expected.map(|(host, inbox)| (host.to_owned(), inbox.to_owned()))
        );
        assert_eq!((waiting(&world).await, given_up(&world).await), (0, 0));
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn what_has_no_place_to_go_is_not_queued() {
    on_each_database(async |world| {
        policy::set(
            &world,
            NewRule {
                domain: "blocked.test".to_owned(),
                severity: Severity::Suspend,
                ..NewRule::default()
            },
        )
        .await
        .unwrap();
        for inbox in [
            "not an address",
            "https://pouet.example/ap/inbox",
            "https://blocked.test/inbox",
            "https://deep.blocked.test/inbox",
        ] {
            assert_eq!(enqueue(&world, inbox, inbox).await, 0, "{inbox}");
        }
        assert_eq!(waiting(&world).await, 0);
    })
    .await;
}

#[tokio::test]
async fn fed_121_a_crash_loses_nothing_and_enqueueing_again_adds_nothing() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        let outgoing = outgoing(&world, "create", "o", &[B]);
        assert_eq!(delivery::enqueue(&world, outgoing.clone()).await.unwrap(), 1);
        assert_eq!(
            delivery::enqueue(&world, outgoing.clone()).await.unwrap(),
            0,
            "a job that is run again"
        );
        // A process claims it and dies.
        let now = world.now();
        let lease = now + TimeDelta::seconds(45);
        let claimed = world
            .store()
            .write(move |tx| rows::claim_lane(tx, "b.test", now, lease, 8))
            .await
            .unwrap();
        assert_eq!(claimed.len(), 1);
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), [""; 0], "somebody may be at it");
        world.clock.advance(TimeDelta::seconds(45));
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), ["create"]);
        assert_eq!(
            delivery::enqueue(&world, outgoing).await.unwrap(),
            0,
            "also afterwards"
        );
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn fed_125_activities_about_one_object_arrive_in_order() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        for body in ["create", "update", "delete"] {
            let outgoing = outgoing(&world, body, "status", &[B]);
            delivery::enqueue(&world, outgoing).await.unwrap();
        }
        enqueue(&world, "another", B).await;
        peers.answer_once("b.test", answered(503));
        worker.run_due().await.unwrap();
        assert_eq!(
            peers.take(),
            ["create", "another"],
            "what follows waits, other objects pass"
        );
        world.clock.advance(TimeDelta::seconds(73));
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), ["create", "update", "delete"]);
    })
    .await;
}

#[tokio::test]
async fn fed_125_a_head_that_fails_for_good_blocks_nothing() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        for body in ["create", "update"] {
            let outgoing = outgoing(&world, body, "status", &[B]);
            delivery::enqueue(&world, outgoing).await.unwrap();
        }
        peers.answer_once("b.test", answered(422));
        worker.run_due().await.unwrap();
        assert_eq!(peers.take(), ["create", "update"]);
        assert_eq!((waiting(&world).await, given_up(&world).await), (0, 1));
    })
    .await;
}

/// Hangs for one host, is quick for the others.
struct OneHangs {
    host: &'static str,
    released: Notify,
    sent: Mutex<HashMap<String, usize>>,
}

#[async_trait]
impl Sender for OneHangs {
    async fn send(&self, delivery: &Delivery) -> SendOutcome {
        if delivery.host == self.host {
            self.released.notified().await;
        }
        *self
            .sent
            .lock()
            .unwrap()
            .entry(delivery.host.clone())
            .or_default() += 1;
        answered(202)
    }
}

#[tokio::test]
async fn fed_126_one_host_that_hangs_holds_up_none_of_a_thousand_others() {
    const HOSTS: usize = 1000;
    on_each_database(async |world| {
        let sender = Arc::new(OneHangs {
            host: "h500.test",
            released: Notify::new(),
            sent: Mutex::default(),
        });
        let mut worker = Worker::new(world.instance.clone(), sender.clone());
        let inboxes: Vec<String> = (0..HOSTS)
            .map(|host| format!("https://h{host}.test/inbox"))
            .collect();
        for round in 0..2 {
            let outgoing = Outgoing {
                inboxes: inboxes.clone(),
                ..outgoing(&world, "{}", &format!("o{round}"), &[])
            };
            assert_eq!(delivery::enqueue(&world, outgoing).await.unwrap(), HOSTS);
        }
        let delivered = || sender.sent.lock().unwrap().values().sum::<usize>();
        while delivered() < 2 * (HOSTS - 1) {
            assert!(worker.step().await.unwrap());
        }
        assert_eq!(sender.sent.lock().unwrap().get("h500.test"), None);
        assert!(waiting(&world).await <= 2 + 1000);
        sender.released.notify_one();
        while delivered() < 2 * HOSTS {
            sender.released.notify_one();
            assert!(worker.step().await.unwrap());
        }
        while worker.step().await.unwrap() {}
        assert_eq!(waiting(&world).await, 0);
        assert!(sender.sent.lock().unwrap().values().all(|count| *count == 2));
    })
    .await;
}

#[tokio::test]
async fn fed_130_what_waits_for_a_key_is_known() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        enqueue(&world, "x", B).await;
        let waits = async || delivery::is_waiting_for(&world, AccountId(7)).await.unwrap();
        assert!(waits().await);
        assert!(!delivery::is_waiting_for(&world, AccountId(8)).await.unwrap());
        peers.answer_once("b.test", answered(503));
        worker.run_due().await.unwrap();
        assert!(waits().await);
        world.clock.advance(TimeDelta::minutes(2));
        worker.run_due().await.unwrap();
        assert!(!waits().await);
    })
    .await;
}

#[tokio::test]
async fn fed_128_depth_and_age_of_the_queue_are_known() {
    on_each_database(async |world| {
        let first = world.now();
        enqueue(&world, "1", B).await;
        world.clock.advance(TimeDelta::minutes(5));
        enqueue(&world, "2", B).await;
        let counts = delivery::queue_counts(&world).await.unwrap();
        assert_eq!((counts.waiting, counts.given_up), (2, 0));
        assert_eq!(counts.oldest, Some(first));
    })
    .await;
}

/// Says what it is sent.
struct Telling(mpsc::UnboundedSender<i64>, Notify);

#[async_trait]
impl Sender for Telling {
    async fn send(&self, delivery: &Delivery) -> SendOutcome {
        self.0.send(delivery.id).unwrap();
        self.1.notified().await;
        answered(202)
    }
}

#[tokio::test]
async fn a_worker_wakes_for_deliveries_and_stops_between_them() {
    on_each_database(async |world| {
        let (tell, mut told) = mpsc::unbounded_channel();
        let sender = Arc::new(Telling(tell, Notify::new()));
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(Worker::new(world.instance.clone(), sender.clone()).run(stopped));
        for body in ["1", "2", "3"] {
            enqueue(&world, body, B).await;
        }
        assert!(told.recv().await.is_some());
        stop.send(true).unwrap();
        // The request under way ends; whether the worker has seen the sign by then or not, no more than what
        // the lane holds is sent.
        sender.1.notify_one();
        while !running.is_finished() {
            sender.1.notify_one();
            tokio::task::yield_now().await;
        }
        let (peers, mut next) = worker(&world);
        next.run_due().await.unwrap();
        let mut sent = peers.take().len() + 1;
        while told.try_recv().is_ok() {
            sent += 1;
        }
        assert_eq!(sent, 3, "nothing is lost and nothing sent twice");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_where_federation_is_off() {
    on_each_database_with(
        |settings| settings.federation_enabled = false,
        async |world| {
            assert_eq!(enqueue(&world, "x", B).await, 0);
            assert_eq!(waiting(&world).await, 0);
        },
    )
    .await;
}
