//! Deliveries: order, isolation of hosts, repetition, and what survives.

mod hosts;
mod recipients;
mod worker;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use pouet_model::ids::AccountId;
use pouet_service::delivery::{self, Delivery, Outgoing, SendOutcome, Sender, Worker, outcome::Failure};

use crate::common::World;

pub(super) fn answered(status: u16) -> SendOutcome {
    SendOutcome::Answered {
        status,
        retry_after: None,
        remember_scheme: None,
    }
}

pub(super) fn unreachable() -> SendOutcome {
    SendOutcome::Failed {
        failure: Failure::Unreachable,
        reason: "connection refused".to_owned(),
    }
}

/// Answers each host as it is told to, 202 otherwise, and writes down what it is sent.
#[derive(Default)]
pub(super) struct Peers {
    next: Mutex<HashMap<String, VecDeque<SendOutcome>>>,
    always: Mutex<HashMap<String, SendOutcome>>,
    sent: Mutex<Vec<Delivery>>,
}

impl Peers {
    pub(super) fn answer_once(&self, host: &str, outcome: SendOutcome) {
        let mut next = self.next.lock().unwrap();
        next.entry(host.to_owned()).or_default().push_back(outcome);
    }

    pub(super) fn answer_always(&self, host: &str, outcome: SendOutcome) {
        self.always.lock().unwrap().insert(host.to_owned(), outcome);
    }

    /// Texts of what was sent since the last call.
    pub(super) fn take(&self) -> Vec<String> {
        self.take_deliveries()
            .iter()
            .map(|delivery| delivery.body.to_string())
            .collect()
    }

    pub(super) fn take_deliveries(&self) -> Vec<Delivery> {
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

pub(super) fn worker(world: &World) -> (Arc<Peers>, Worker) {
    let peers = Arc::new(Peers::default());
    let worker = Worker::new(world.instance.clone(), peers.clone());
    (peers, worker)
}

pub(super) fn outgoing(world: &World, body: &str, object: &str, inboxes: &[&str]) -> Outgoing {
    Outgoing {
        id: world.next_id(),
        account_id: Some(AccountId(7)),
        retired_key_id: None,
        body: body.to_owned(),
        object_uri: object.to_owned(),
        inboxes: inboxes.iter().map(|inbox| (*inbox).to_owned()).collect(),
    }
}

/// Enqueues `body` about the object of the same name for `inbox`.
pub(super) async fn enqueue(world: &World, body: &str, inbox: &str) -> usize {
    let outgoing = outgoing(world, body, body, &[inbox]);
    delivery::enqueue(world, outgoing).await.unwrap()
}

pub(super) async fn waiting(world: &World) -> i64 {
    delivery::queue_counts(world).await.unwrap().waiting
}

pub(super) async fn given_up(world: &World) -> i64 {
    delivery::queue_counts(world).await.unwrap().given_up
}

pub(super) const B: &str = "https://b.test/inbox";
