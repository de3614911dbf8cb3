//! Deliveries: order, isolation of hosts, repetition, and what survives.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{ActorType, RemoteActor},
    ids::{AccountId, ActivityId},
    status::Visibility,
};
use pouet_service::{
    accounts::{self, ActorData},
    delivery::{self, Delivery, Outgoing, Recipients, SendOutcome, Sender, Worker, outcome::Failure},
    follows::{self, FollowOptions},
    hosts,
    inbox::{self, ReceivedActivity},
    policy::{self, NewRule, Severity},
    statuses::{self, NewStatus, ReceivedReblog},
};
use pouet_storage::{deliveries as rows, jobs};
use tokio::sync::{Notify, mpsc, watch};

use crate::common::{World, on_each_database, on_each_database_with};

fn answered(status: u16) -> SendOutcome {
    SendOutcome::Answered {
        status,
        retry_after: None,
        remember_scheme: None,
    }
}

fn unreachable() -> SendOutcome {
    SendOutcome::Failed {
        failure: Failure::Unreachable,
        reason: "connection refused".to_owned(),
    }
}

/// Answers each host as it is told to, 202 otherwise, and writes down what it is sent.
#[derive(Default)]
struct Peers {
    next: Mutex<HashMap<String, VecDeque<SendOutcome>>>,
    always: Mutex<HashMap<String, SendOutcome>>,
    sent: Mutex<Vec<Delivery>>,
}

impl Peers {
    fn answer_once(&self, host: &str, outcome: SendOutcome) {
        let mut next = self.next.lock().unwrap();
        next.entry(host.to_owned()).or_default().push_back(outcome);
    }

    fn answer_always(&self, host: &str, outcome: SendOutcome) {
        self.always.lock().unwrap().insert(host.to_owned(), outcome);
    }

    /// Texts of what was sent since the last call.
    fn take(&self) -> Vec<String> {
        self.take_deliveries()
            .iter()
            .map(|delivery| delivery.body.to_string())
            .collect()
    }

    fn take_deliveries(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }
}

#[async_trait]
impl Sender for Peers {
    async fn send(&self, delivery: &Delivery) -> SendOutcome {
        self.sent.lock().unwrap().push(delivery.clone());
        let host = &delivery.host;
        let mut next = self.next.lock().unwrap();
        let next = next.get_mut(host).and_then(VecDeque::pop_front);
        next.or_else(|| self.always.lock().unwrap().get(host).cloned())
            .unwrap_or_else(|| answered(202))
    }
}

fn worker(world: &World) -> (Arc<Peers>, Worker) {
    let peers = Arc::new(Peers::default());
    let worker = Worker::new(world.instance.clone(), peers.clone());
    (peers, worker)
}

fn outgoing(world: &World, body: &str, object: &str, inboxes: &[&str]) -> Outgoing {
    Outgoing {
        id: world.next_id(),
        account_id: Some(AccountId(7)),
        body: body.to_owned(),
        object_uri: object.to_owned(),
        inboxes: inboxes.iter().map(|inbox| (*inbox).to_owned()).collect(),
    }
}

/// Enqueues `body` about the object of the same name for `inbox`.
async fn enqueue(world: &World, body: &str, inbox: &str) -> usize {
    let outgoing = outgoing(world, body, body, &[inbox]);
    delivery::enqueue(world, outgoing).await.unwrap()
}

async fn waiting(world: &World) -> i64 {
    delivery::queue_counts(world).await.unwrap().waiting
}

async fn given_up(world: &World) -> i64 {
    delivery::queue_counts(world).await.unwrap().given_up
}

const B: &str = "https://b.test/inbox";

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

fn actor(name: &str, host: &str, shared: bool) -> ActorData {
    let uri = format!("https://{host}/users/{name}");
    ActorData {
        username: name.to_owned(),
        domain: host.to_owned(),
        url: None,
        actor_type: ActorType::Person,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar_url: None,
        header_url: None,
        avatar_description: String::new(),
        header_description: String::new(),
        emojis: Vec::new(),
        locked: false,
        discoverable: true,
        indexable: true,
        hide_collections: false,
        memorial: false,
        suspended: false,
        also_known_as: Vec::new(),
        moved_to_uri: None,
        remote: RemoteActor {
            inbox: format!("{uri}/inbox"),
            shared_inbox: shared.then(|| format!("https://{host}/inbox")),
            followers: Some(format!("{uri}/followers")),
            ..RemoteActor::default()
        },
        created_at: None,
        keys: Vec::new(),
        uri,
    }
}

async fn follower(world: &World, name: &str, host: &str, shared: bool, of: AccountId) -> AccountId {
    let account = accounts::receive_actor(world, actor(name, host, shared))
        .await
        .unwrap();
    let uri = format!("https://{host}/follows/{name}");
    follows::receive_follow(world, account.id, of, &uri)
        .await
        .unwrap();
    account.id
}

#[tokio::test]
async fn fed_129_followers_behind_one_shared_inbox_cost_one_delivery() {
    on_each_database(async |world| {
        let (_, alice) = world.user("alice").await;
        for number in 0..500 {
            follower(&world, &format!("f{number}"), "b.test", true, alice.id).await;
        }
        follower(&world, "lone", "c.test", false, alice.id).await;
        let bob = accounts::receive_actor(&world, actor("bob", "b.test", true))
            .await
            .unwrap();
        let recipients = Recipients {
            followers_of: vec![alice.id],
            accounts: vec![bob.id, alice.id],
            ..Recipients::default()
        };
        let inboxes = delivery::inboxes(&world, recipients).await.unwrap();
        assert_eq!(inboxes, [B, "https://c.test/users/lone/inbox"]);
        let personally = Recipients {
            personally: vec![bob.id, alice.id],
            ..Recipients::default()
        };
        let inboxes = delivery::inboxes(&world, personally).await.unwrap();
        assert_eq!(inboxes, ["https://b.test/users/bob/inbox"]);
    })
    .await;
}

#[tokio::test]
async fn fed_127_a_shared_inbox_that_is_gone_gives_way_to_personal_ones_once() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        let (_, alice) = world.user("alice").await;
        follower(&world, "bob", "b.test", true, alice.id).await;
        accounts::receive_actor(&world, actor("eve", "b.test", true))
            .await
            .unwrap();
        accounts::receive_actor(&world, actor("mentioned", "b.test", true))
            .await
            .unwrap();
        let outgoing = Outgoing {
            account_id: Some(alice.id),
            ..outgoing(
                &world,
                r#"{"to":"https://b.test/users/mentioned","cc":["https://pouet.example/f"]}"#,
                "o",
                &[B],
            )
        };
        delivery::enqueue(&world, outgoing).await.unwrap();
        peers.answer_always("b.test", answered(410));
        worker.run_due().await.unwrap();
        let mut sent: Vec<String> = peers
            .take_deliveries()
            .into_iter()
            .map(|delivery| delivery.inbox_url)
            .collect();
        sent.sort_unstable();
        assert_eq!(
            sent,
            [
                B,
                "https://b.test/users/bob/inbox",
                "https://b.test/users/mentioned/inbox"
            ]
        );
        assert_eq!((waiting(&world).await, given_up(&world).await), (0, 3));
        let recipients = Recipients {
            followers_of: vec![alice.id],
            ..Recipients::default()
        };
        let inboxes = delivery::inboxes(&world, recipients).await.unwrap();
        assert_eq!(inboxes, ["https://b.test/users/bob/inbox"]);
    })
    .await;
}

async fn refreshes(world: &World) -> usize {
    let now = world.now();
    let claimed = world
        .store()
        .write(move |tx| jobs::claim_jobs(tx, now, now + TimeDelta::seconds(1), 1000))
        .await
        .unwrap();
    claimed
        .iter()
        .filter(|job| job.payload.contains("RefreshAccount"))
        .count()
}

#[tokio::test]
async fn fed_122_actors_whose_inbox_went_are_fetched_again() {
    on_each_database(async |world| {
        let (peers, mut worker) = worker(&world);
        accounts::receive_actor(&world, actor("bob", "b.test", false))
            .await
            .unwrap();
        let inbox = "https://b.test/users/bob/inbox";
        for (statuses, expected) in [
            (&[301][..], 1),
            (&[410], 1),
            (&[404, 404], 0),
            (&[404], 1),
            (&[422], 0),
        ] {
            for status in statuses {
                peers.answer_once("b.test", answered(*status));
                enqueue(&world, "x", inbox).await;
            }
            worker.run_due().await.unwrap();
            assert_eq!(refreshes(&world).await, expected, "{statuses:?}");
        }
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

/// Says what it is sent.
struct Telling(mpsc::UnboundedSender<ActivityId>, Notify);

#[async_trait]
impl Sender for Telling {
    async fn send(&self, delivery: &Delivery) -> SendOutcome {
        self.0.send(ActivityId(delivery.id)).unwrap();
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

#[tokio::test]
async fn changes_reach_those_who_have_a_copy_or_met_the_author() {
    on_each_database(async |world| {
        let (ada, ada_account) = world.user("ada").await;
        let mut remote = Vec::new();
        for name in ["fan", "booster", "named", "wanted", "stranger"] {
            let host = format!("{name}.test");
            let account = accounts::receive_actor(&world, actor(name, &host, false))
                .await
                .unwrap();
            remote.push(account.id);
        }
        let [fan, booster, _, wanted, _] = remote[..] else {
            panic!("five accounts");
        };
        let new = NewStatus {
            text: "hello @named@named.test".to_owned(),
            ..NewStatus::default()
        };
        let status = statuses::post(&world, &ada, new).await.unwrap();
        statuses::receive_favourite(&world, fan, None, status)
            .await
            .unwrap();
        let boost = ReceivedReblog {
            actor: booster,
            uri: "https://booster.test/1".to_owned(),
            target: status,
            visibility: Visibility::Public,
            published: world.now(),
        };
        statuses::receive_reblog(&world, boost).await.unwrap();
        follows::follow(&world, ada_account.id, wanted, FollowOptions::default())
            .await
            .unwrap();

        let inboxes = async |recipients| {
            let found = delivery::inboxes(&world, recipients).await.unwrap();
            let hosts = found
                .iter()
                .map(|inbox| inbox.split('/').nth(2).unwrap().to_owned());
            hosts.collect::<Vec<_>>()
        };
        let interested = Recipients {
            interested_in: Some(status),
            ..Recipients::default()
        };
        assert_eq!(inboxes(interested).await, ["booster.test", "fan.test"]);
        let acquaintances = || Recipients {
            acquaintances_of: Some(ada_account.id),
            ..Recipients::default()
        };
        assert_eq!(inboxes(acquaintances()).await, ["named.test", "wanted.test"]);
        world.clock.advance(TimeDelta::days(3));
        assert_eq!(
            inboxes(acquaintances()).await,
            ["wanted.test"],
            "it still waits for an answer"
        );
        let everybody = Recipients {
            all_hosts: true,
            ..Recipients::default()
        };
        assert_eq!(inboxes(everybody).await.len(), 5);
    })
    .await;
}
