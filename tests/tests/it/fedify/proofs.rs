//! Integrity proofs: what each side makes of those of the other.

use anyhow::ensure;
use pouet_tests::account::{id_of, list, uri_of};
use pouet_tests::database::Backend;
use pouet_tests::eventually;
use pouet_tests::peer::Schemes;
use pouet_tests::wait::DELIVERED;
use serde_json::json;

use super::meet;

#[tokio::test]
async fn fed_120_fedify_verifies_the_proofs_of_pouet() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    finn.gain(&ada).await;
    finn.follow(&ada).await;
    let parameters = json!({
        "status": format!("é, \u{1f600} and 1.5 for @{}", finn.handle),
        "poll": { "options": ["one", "two"], "expires_in": 3600 },
    });
    let status = uri_of(&ada.publish_with(parameters).await);
    peer.await_received("Create", |it| it["object"]["id"] == status.as_str())
        .await;
    let received = peer.received().await;
    for kind in ["Follow", "Accept", "Create"] {
        let found = received.iter().find(|it| it["type"] == kind);
        let found = found.unwrap_or_else(|| panic!("no {kind} in {received:#?}"));
        assert_eq!(found["proof"], true, "{found:#}");
    }
}

#[tokio::test]
async fn fed_120_pouet_believes_what_fedify_proved_and_another_sends() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let ada = server.account("ada").await;
    let (finn, mina) = (peer.person("finn").await, peer.person("mina").await);
    let published = ada.publish("whose favourite is it?").await;
    let inbox = format!("{}/ap/inbox", server.url());
    let like = |name: &str| {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}/likes/{name}", mina.id),
            "type": "Like",
            "actor": mina.id,
            "object": uri_of(&published),
        })
    };
    let favourited_by = async || {
        let path = format!("/api/v1/statuses/{}/favourited_by", id_of(&published));
        list(ada.client.get(&path).await.ok())
    };
    let spoilt = json!({ "proof": "mina", "spoil": { "from": "/likes/spoilt", "to": "/likes/stolen" } });
    assert_eq!(finn.forge(&like("spoilt"), &inbox, spoilt).await, 202);
    assert_eq!(finn.forge(&like("unproved"), &inbox, json!({})).await, 202);
    assert_eq!(
        finn.forge(&like("finns"), &inbox, json!({ "proof": "finn" }))
            .await,
        202
    );
    // What Finn says himself comes after these: they are done when it has arrived.
    let own = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{}/likes/own", finn.id),
        "type": "Like",
        "actor": finn.id,
        "object": uri_of(&published),
    });
    assert_eq!(finn.forge(&own, &inbox, json!({})).await, 202);
    eventually("Finn's own favourite", DELIVERED, async || {
        let found = favourited_by().await;
        ensure!(found.len() == 1 && found[0]["acct"] == finn.handle, "{found:?}");
        Ok(())
    })
    .await;
    assert_eq!(
        finn.forge(&like("proved"), &inbox, json!({ "proof": "mina" }))
            .await,
        202
    );
    eventually("Mina's favourite, which Finn sent", DELIVERED, async || {
        let found = favourited_by().await;
        ensure!(
            found.len() == 2 && found.iter().any(|it| it["acct"] == mina.handle),
            "{found:?}"
        );
        Ok(())
    })
    .await;
}
