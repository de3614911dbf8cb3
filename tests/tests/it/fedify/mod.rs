//! Federation with software that is not ours: the Fedify peer of `tests/peer`.
//!
//! Ada is at home on Pouet, Finn and Mina on the peer. What the peer tells of an activity is what Fedify made of it after
//! its own verification of the signature, and what is asserted of Pouet is read through its client API.

mod acts;
mod follows;
mod moves;
mod proofs;
mod quotes;
mod refusals;
mod signatures;

use anyhow::ensure;
use pouet_tests::account::text_of;
use pouet_tests::database::Backend;
use pouet_tests::http::{Reply, http};
use pouet_tests::peer::{Peer, Schemes};
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, Options, Server, eventually};
use serde_json::Value;

/// Pouet and a peer; nothing where the peer or that database is not installed.
pub(crate) async fn meet(backend: Backend, schemes: Schemes) -> Option<(Server, Peer)> {
    if !backend.is_available() {
        return None;
    }
    let peer = Peer::start(schemes).await?;
    Some((Server::start(Options::new(backend)).await, peer))
}

/// An ActivityPub document of Pouet, asked for without a signature.
pub(crate) async fn document(url: &str) -> Value {
    let request = http().get(url).header("accept", "application/activity+json");
    Reply::of(request).await.expect("the server answers").ok()
}

/// The status that somebody on Pouet sees under that URI, by a search that asks nobody else.
pub(crate) async fn known(account: &Account, uri: &str) -> Option<Value> {
    let found = account.search(uri, false).await;
    found["statuses"].get(0).cloned()
}

/// Waits until a status on Pouet is as wanted, and returns it. `wanted` tells what is wrong with it.
pub(crate) async fn await_status(
    account: &Account,
    id: &str,
    what: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Value {
    eventually(what, DELIVERED, async || {
        let status = account.status(id).await?;
        ensure!(wanted(&status), "{status}");
        Ok(status)
    })
    .await
}

/// The content of a status without its markup.
pub(crate) fn words(status: &Value) -> String {
    let content = text_of(status, "content");
    let mut words = String::new();
    let mut inside = false;
    for letter in content.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => words.push(letter),
            _ => {}
        }
    }
    words
}
