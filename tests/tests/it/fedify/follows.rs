//! Follows between Pouet and Fedify: made, answered, taken back.

use anyhow::ensure;
use pouet_tests::account::{each, id_of, text_of};
use pouet_tests::database::Backend;
use pouet_tests::eventually;
use pouet_tests::peer::Schemes;
use pouet_tests::wait::DELIVERED;
use serde_json::json;

use super::meet;

#[tokio::test]
async fn people_follow_each_other_and_stop() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    let ada_id = ada.actor_id().await;

    let finn_here = finn.gain(&ada).await;
    let asked = peer
        .await_received("Follow", |it| it["actor"] == ada_id.as_str())
        .await;
    assert_eq!(asked["objectId"], finn.id);
    let follow = finn.follow(&ada).await;
    ada.notifications().await;
    let answered = peer.await_received("Accept", |_| true).await;
    assert_eq!(
        (&answered["actor"], &answered["objectId"]),
        (&json!(ada_id), &json!(follow)),
        "the Follow comes back under its own id"
    );
    let relationship = ada.relationship(&finn_here).await;
    assert_eq!(
        (&relationship["following"], &relationship["followed_by"]),
        (&json!(true), &json!(true))
    );

    ada.relate(&finn_here, "unfollow").await;
    let undone = peer
        .await_received("Undo", |it| it["actor"] == ada_id.as_str())
        .await;
    assert_eq!(undone["object"]["type"], "Follow");
    assert_eq!(undone["objectId"], asked["id"]);
    finn.act("unfollow", json!({ "actor": ada_id, "follow": follow }))
        .await;
    eventually("Ada to lose her follower", DELIVERED, async || {
        let relationship = ada.relationship(&finn_here).await;
        ensure!(relationship["followed_by"] == false, "{relationship}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_locked_account_on_either_side_answers_when_its_owner_does() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, mina) = (
        server.account("ada").await,
        peer.person_with("mina", json!({ "locked": true })).await,
    );
    let finn = peer.person("finn").await;
    let ada_id = ada.actor_id().await;
    ada.update_profile(&json!({ "locked": true })).await;

    let mina_here = id_of(&ada.resolve(&mina.handle).await);
    let relationship = ada.relate(&mina_here, "follow").await;
    assert_eq!(
        (&relationship["requested"], &relationship["following"]),
        (&json!(true), &json!(false))
    );
    peer.await_received("Follow", |it| it["objectId"] == mina.id.as_str())
        .await;
    assert_eq!(ada.relationship(&mina_here).await["following"], false);

    for (person, verb, answer) in [(&finn, "authorize", "Accept"), (&mina, "reject", "Reject")] {
        let follow = text_of(&person.act("follow", json!({ "actor": ada_id })).await, "id");
        let told = eventually("Ada to be asked", DELIVERED, async || {
            let requests = ada.client.all("/api/v1/follow_requests").await;
            ensure!(each(&requests, "acct") == [json!(person.handle)], "{requests:?}");
            Ok(requests[0].clone())
        })
        .await;
        let path = format!("/api/v1/follow_requests/{}/{verb}", id_of(&told));
        ada.client.act(&path).await.ok();
        let answered = peer
            .await_received(answer, |it| it["objectId"] == follow.as_str())
            .await;
        assert_eq!(answered["actor"], ada_id);
    }
    let followers = ada
        .client
        .all(&format!("/api/v1/accounts/{}/followers", ada.id))
        .await;
    assert_eq!(each(&followers, "acct"), [json!(finn.handle)]);
}
