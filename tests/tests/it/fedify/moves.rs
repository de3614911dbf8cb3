//! Accounts that move between Pouet and Fedify.

use anyhow::ensure;
use pouet_tests::account::id_of;
use pouet_tests::database::Backend;
use pouet_tests::eventually;
use pouet_tests::peer::Schemes;
use pouet_tests::wait::DELIVERED;
use serde_json::json;

use super::meet;

#[tokio::test]
async fn fed_081_fed_082_a_follower_goes_along_with_an_account_of_fedify() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let ada = server.account("ada").await;
    let (finn, mina) = (peer.person("finn").await, peer.person("mina").await);
    let finn_here = finn.gain(&ada).await;
    let mina_here = id_of(&ada.resolve(&mina.handle).await);

    // Mina has not said that she was Finn.
    finn.act("move", json!({ "to": mina.id })).await;
    mina.act(
        "profile",
        json!({ "aliases": [finn.id], "tell": [ada.actor_id().await] }),
    )
    .await;
    finn.act("move", json!({ "to": mina.id })).await;
    eventually("Ada to follow Mina instead of Finn", DELIVERED, async || {
        let (old, new) = (
            ada.relationship(&finn_here).await,
            ada.relationship(&mina_here).await,
        );
        ensure!(
            new["following"] == true && old["following"] == false,
            "{old} {new}"
        );
        Ok(())
    })
    .await;
    let ada_id = ada.actor_id().await;
    peer.await_received("Follow", |it| {
        it["actor"] == ada_id.as_str() && it["objectId"] == mina.id.as_str()
    })
    .await;
    let account = ada
        .client
        .get(&format!("/api/v1/accounts/{finn_here}"))
        .await
        .ok();
    assert_eq!(account["moved"]["id"], mina_here.as_str(), "{account}");
}

#[tokio::test]
async fn fed_081_fedify_is_told_of_an_account_that_moves_there() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let ada = server.account("ada").await;
    let (finn, mina) = (peer.person("finn").await, peer.person("mina").await);
    mina.follow(&ada).await;
    let ada_id = ada.actor_id().await;
    let verb = ["admin", "account", "move", "ada", &finn.handle, "--yes"];
    let refused = server.run(&verb, "");
    assert!(!refused.status.success(), "Finn has not said that he was Ada");
    finn.act("profile", json!({ "aliases": [ada_id] })).await;
    server.cli(&verb, "");
    let told = peer
        .await_received("Move", |it| it["actor"] == ada_id.as_str())
        .await;
    assert_eq!(
        (&told["objectId"], &told["target"]),
        (&json!(ada_id), &json!(finn.id)),
        "{told:#}"
    );
    let document = mina.act("document", json!({ "url": ada_id })).await;
    assert_eq!(document["json"]["movedTo"], finn.id.as_str(), "{document:#}");
}
