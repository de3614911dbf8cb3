//! Quotes between Pouet and Fedify, with and without consent (FEP-044f).

use pouet_tests::account::{id_of, text_of, uri_of};
use pouet_tests::database::Backend;
use pouet_tests::peer::Schemes;
use serde_json::json;

use super::{await_status, known, meet};

#[tokio::test]
async fn fed_086_fedify_permits_a_quote() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    finn.gain(&ada).await;
    finn.follow(&ada).await;
    let note = finn.post("<p>to be quoted</p>", &[]).await;
    ada.await_home(&note).await;
    let quoted = known(&ada, &note).await.expect("it has arrived");
    let parameters = json!({ "status": "as he says", "quoted_status_id": id_of(&quoted) });
    let quoting = ada.publish_with(parameters).await;
    let uri = uri_of(&quoting);
    let asked = peer
        .await_received("QuoteRequest", |it| it["objectId"] == note.as_str())
        .await;
    assert_eq!(asked["actor"], ada.actor_id().await.as_str(), "{asked:#}");
    let status = await_status(&ada, &id_of(&quoting), "the consent", |status| {
        status["quote"]["state"] == "accepted"
    })
    .await;
    assert_eq!(
        status["quote"]["quoted_status"]["uri"],
        note.as_str(),
        "{status:#}"
    );
    let told = peer
        .await_received("Update", |it| {
            it["object"]["id"] == uri.as_str() && it["object"]["stamp"].is_string()
        })
        .await;
    assert_eq!(told["object"]["quote"], note.as_str(), "{told:#}");
    let stamp = text_of(&told["object"], "stamp");
    let document = finn.act("document", json!({ "url": stamp })).await;
    assert_eq!(document["type"], "QuoteAuthorization", "{document:#}");
}

#[tokio::test]
async fn fed_086_fedify_permits_no_quote() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let ada = server.account("ada").await;
    let finn = peer.person_with("finn", json!({ "quotable": "nobody" })).await;
    finn.gain(&ada).await;
    let note = finn.post("<p>not to be quoted</p>", &[]).await;
    ada.await_home(&note).await;
    let quoted = known(&ada, &note).await.expect("it has arrived");
    assert_eq!(quoted["quote_approval"]["current_user"], "denied", "{quoted:#}");
    let parameters = json!({ "status": "as he says", "quoted_status_id": id_of(&quoted) });
    ada.client
        .post("/api/v1/statuses", &parameters)
        .await
        .refused(404);
    assert!(
        peer.received()
            .await
            .iter()
            .all(|it| it["type"] != "QuoteRequest")
    );
}

#[tokio::test]
async fn fed_088_pouet_permits_fedify_a_quote() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    finn.gain(&ada).await;
    let parameters = json!({ "status": "quote me", "quote_approval_policy": "public" });
    let published = ada.publish_with(parameters).await;
    let ada_id = ada.actor_id().await;
    let parameters =
        json!({ "content": "<p>as she says</p>", "quoted": uri_of(&published), "author": ada_id });
    let asked = finn.act("quote", parameters).await;
    let (note, request) = (text_of(&asked, "id"), text_of(&asked, "request"));
    let accepted = peer
        .await_received("Accept", |it| it["objectId"] == request.as_str())
        .await;
    let stamp = text_of(&accepted, "result");
    finn.act("stamp", json!({ "id": note, "stamp": stamp })).await;
    ada.await_home(&note).await;
    let quoting = known(&ada, &note).await.expect("it has arrived");
    let status = await_status(&ada, &id_of(&quoting), "the quote", |status| {
        status["quote"]["state"] == "accepted"
    })
    .await;
    assert_eq!(
        status["quote"]["quoted_status"]["uri"],
        uri_of(&published).as_str(),
        "{status:#}"
    );
    // A note that claims consent which nobody gave.
    let other = ada
        .publish_with(json!({ "status": "not me", "quote_approval_policy": "nobody" }))
        .await;
    let parameters = json!({ "content": "<p>but I do</p>", "quote": uri_of(&other), "stamp": stamp });
    let stolen = text_of(&finn.act("post", parameters).await, "id");
    let seen = ada.await_home(&stolen).await;
    // The stamp is looked at before what comes later on the same way.
    let last = finn.post("<p>bye</p>", &[]).await;
    ada.await_home(&last).await;
    let status = ada.status(&id_of(&seen)).await.expect("it is there");
    assert_ne!(status["quote"]["state"], "accepted", "{status:#}");
    assert!(status["quote"]["quoted_status"].is_null(), "{status:#}");
}
