//! Servers killed without warning: what was acknowledged arrives exactly once.
//!
//! The moments are chosen by a generator whose seed is printed; `POUET_TEST_SEED` repeats a run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::ensure;
use pouet_tests::database::Backend;
use pouet_tests::{Account, Pair, Reply, chance, eventually};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// How often a server is killed.
const ROUNDS: usize = 20;

/// Writers at work when the server is killed, so that several requests are cut at different points.
const WRITERS: usize = 3;

/// The latest moment of a kill after the writers have begun, in milliseconds.
const LATEST_KILL_MS: u64 = 400;

/// Everything in the queue is worked off within this time after the last start; a job that the killed process had
/// taken is taken up again when its lease ends.
const SETTLED: Duration = Duration::from_mins(4);

fn seeded() -> StdRng {
    let seed = std::env::var("POUET_TEST_SEED")
        .ok()
        .map(|text| text.parse().expect("POUET_TEST_SEED is a number"));
    let seed = seed.unwrap_or_else(chance::number);
    println!("POUET_TEST_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// What the writers know of each text they have tried to publish.
#[derive(Default)]
struct Ledger {
    /// Text to id and URI, for what the server has acknowledged.
    acknowledged: BTreeMap<String, (String, String)>,
    /// Text to the key with which it was sent, for what got no answer.
    unanswered: BTreeMap<String, String>,
}

/// Sends one status under an idempotency key; `None` when the server died over it.
async fn send(writer: &Account, mention: &str, text: &str, key: &str) -> Option<Value> {
    // Every fourth mentions the reader: a notification that must come once, too.
    let words = if text.ends_with('4') {
        format!("@{mention} {text}")
    } else {
        text.to_owned()
    };
    let request = writer.client.request(Method::POST, "/api/v1/statuses");
    let request = request
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    let reply = Reply::of(request.body(json!({ "status": words }).to_string()))
        .await
        .ok()?;
    assert!(matches!(reply.status, 200 | 503), "{}", reply.summary());
    (reply.status == 200).then(|| reply.json())
}

impl Ledger {
    fn acknowledge(&mut self, text: &str, status: &Value) {
        let part = |name: &str| {
            status[name]
                .as_str()
                .expect("a status has an id and a URI")
                .to_owned()
        };
        let fact = (part("id"), part("uri"));
        let before = self.acknowledged.insert(text.to_owned(), fact.clone());
        assert!(
            before.is_none_or(|before| before == fact),
            "{text} was published twice"
        );
        self.unanswered.remove(text);
    }
}

/// Publishes numbered texts until the server is gone.
async fn write_until_killed(
    writer: Account,
    mention: String,
    counter: Arc<AtomicUsize>,
    ledger: Arc<Mutex<Ledger>>,
) {
    loop {
        let text = format!("entry number {:05}", counter.fetch_add(1, Ordering::Relaxed));
        let key = format!("key of {text}");
        ledger.lock().await.unanswered.insert(text.clone(), key.clone());
        match send(&writer, &mention, &text, &key).await {
            Some(status) => ledger.lock().await.acknowledge(&text, &status),
            None => return,
        }
    }
}

/// The texts of statuses, without markup and without the mention.
fn texts(statuses: &[Value]) -> Vec<String> {
    let text = |status: &Value| {
        let content = status["content"].as_str().expect("a status has content");
        let start = content
            .find("entry number")
            .unwrap_or_else(|| panic!("a foreign status: {content}"));
        content[start..].split('<').next().unwrap_or_default().to_owned()
    };
    let mut all: Vec<String> = statuses.iter().map(text).collect();
    all.sort();
    all
}

/// All pages of the reader's home timeline and notifications agree with what the writer has acknowledged.
async fn exactly_once(reader: &Account, ledger: &Ledger) {
    let expected: Vec<String> = ledger.acknowledged.keys().cloned().collect();
    let mentions: Vec<&String> = expected.iter().filter(|text| text.ends_with('4')).collect();
    let mut last = 0;
    let arrived = eventually("everything acknowledged to arrive", SETTLED, async || {
        let home = reader.client.all("/api/v1/timelines/home?limit=40").await;
        let seen = texts(&home);
        if seen.len() != last {
            println!("{} of {} have arrived", seen.len(), expected.len());
            last = seen.len();
        }
        let missing: Vec<_> = expected.iter().filter(|text| !seen.contains(text)).collect();
        ensure!(missing.is_empty(), "{} are missing: {missing:?}", missing.len());
        Ok(home)
    })
    .await;
    assert_eq!(texts(&arrived), expected, "each arrives once, and nothing else");
    for status in &arrived {
        let text = &texts(std::slice::from_ref(status))[0];
        assert_eq!(
            status["uri"], ledger.acknowledged[text].1,
            "{text} is the status that was acknowledged"
        );
    }
    eventually("the notifications to be there, once each", SETTLED, async || {
        let told = reader
            .client
            .all("/api/v1/notifications?limit=80&types[]=mention")
            .await;
        let statuses: Vec<Value> = told
            .iter()
            .map(|notification| notification["status"].clone())
            .collect();
        let seen = texts(&statuses);
        ensure!(
            seen.iter().eq(mentions.iter().copied()),
            "{seen:?} instead of {mentions:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_sender_loses_and_repeats_nothing() {
    let mut chance = seeded();
    let mut pair = Pair::start(Backend::Sqlite)
        .await
        .expect("SQLite is always there");
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let counter = Arc::new(AtomicUsize::new(1));

    for round in 1..=ROUNDS {
        let writers = (0..WRITERS).map(|_| {
            let (counter, ledger) = (Arc::clone(&counter), Arc::clone(&ledger));
            tokio::spawn(write_until_killed(
                ada.clone(),
                ben.handle.clone(),
                counter,
                ledger,
            ))
        });
        let writers: Vec<_> = writers.collect();
        tokio::time::sleep(Duration::from_millis(chance.random_range(1..LATEST_KILL_MS))).await;
        pair.a.kill();
        for writer in writers {
            writer.await.expect("a writer stops when its server is gone");
        }
        pair.a.start_again().await;

        // Like an app that got no answer: again, with the same key.
        let mut ledger = ledger.lock().await;
        for (text, key) in std::mem::take(&mut ledger.unanswered) {
            let status = send(&ada, &ben.handle, &text, &key)
                .await
                .expect("the server runs again");
            ledger.acknowledge(&text, &status);
        }
        println!("round {round}: {} acknowledged", ledger.acknowledged.len());
    }

    let ledger = ledger.lock().await;
    let own = ada
        .client
        .all(&format!("/api/v1/accounts/{}/statuses?limit=40", ada.id))
        .await;
    let expected: Vec<String> = ledger.acknowledged.keys().cloned().collect();
    assert_eq!(texts(&own), expected, "on the sender's own side");
    exactly_once(&ben, &ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_receiver_loses_and_repeats_nothing() {
    let mut chance = seeded();
    let mut pair = Pair::start(Backend::Sqlite)
        .await
        .expect("SQLite is always there");
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let mut ledger = Ledger::default();
    for round in 1..=ROUNDS / 2 {
        for number in 0..8 {
            let text = format!("entry number {round:03}{number}4");
            let status = send(&ada, &ben.handle, &text, &text)
                .await
                .expect("the sender runs");
            ledger.acknowledge(&text, &status);
        }
        tokio::time::sleep(Duration::from_millis(chance.random_range(1..LATEST_KILL_MS))).await;
        pair.b.kill();
        pair.b.start_again().await;
    }
    exactly_once(&ben, &ledger).await;
}
