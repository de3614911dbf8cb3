//! A peer that speaks one signature scheme only, and one that speaks both.

use pouet_tests::account::uri_of;
use pouet_tests::database::Backend;
use pouet_tests::peer::{Peer, Schemes};
use serde_json::{Value, json};

use super::meet;

#[tokio::test]
async fn a_peer_that_speaks_rfc_9421_only() {
    one_scheme(Schemes::Rfc9421, "rfc9421").await;
}

#[tokio::test]
async fn a_peer_that_speaks_draft_cavage_only() {
    one_scheme(Schemes::Cavage, "draft-cavage").await;
}

/// The signed POSTs among requests that were answered as `fits` wants.
fn posts(requests: &[Value], fits: impl Fn(u64) -> bool) -> Vec<&Value> {
    requests
        .iter()
        .filter(|it| it["method"] == "POST" && it["status"].as_u64().is_some_and(&fits))
        .collect()
}

async fn refused(peer: &Peer) -> usize {
    posts(&peer.requests().await, |status| status >= 400).len()
}

async fn one_scheme(schemes: Schemes, name: &str) {
    let Some((server, peer)) = meet(Backend::Sqlite, schemes).await else {
        return;
    };
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    finn.gain(&ada).await;
    finn.follow(&ada).await;

    let note = finn.post("<p>by one scheme</p>", &[]).await;
    ada.await_home(&note).await;
    let first = uri_of(&ada.publish("the first").await);
    peer.await_received("Create", |it| it["object"]["id"] == first.as_str())
        .await;
    let knocks = refused(&peer).await;
    let second = uri_of(&ada.publish("the second").await);
    peer.await_received("Create", |it| it["object"]["id"] == second.as_str())
        .await;
    assert_eq!(
        refused(&peer).await,
        knocks,
        "what the peer takes is remembered after it was found out"
    );

    let received = peer.received().await;
    assert!(received.iter().all(|it| it["scheme"] == name), "{received:#?}");
    let sent = peer.sent().await;
    let accepted = posts(&sent, |status| status == 202);
    assert!(accepted.len() >= 3, "an Accept, a Follow and a Create: {sent:#?}");
    assert!(accepted.iter().all(|it| it["scheme"] == name), "{sent:#?}");
    assert_eq!(posts(&sent, |status| status >= 400), Vec::<&Value>::new());
}

/// Where both are understood, nobody has to knock twice.
#[tokio::test]
async fn a_peer_that_speaks_both_is_never_asked_twice() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    finn.gain(&ada).await;
    finn.follow(&ada).await;
    let status = uri_of(&ada.publish("understood at once").await);
    peer.await_received("Create", |it| it["object"]["id"] == status.as_str())
        .await;
    assert_eq!(refused(&peer).await, 0);
    let sent = peer.sent().await;
    assert_eq!(posts(&sent, |status| status >= 400), Vec::<&Value>::new());
    let fetched = finn.act("document", json!({ "url": ada.actor_id().await })).await;
    assert_eq!(fetched["type"], "Person");
}
