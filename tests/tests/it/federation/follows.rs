//! Follows between servers, of open and of locked accounts.

use anyhow::ensure;
use pouet_tests::account::{each, id_of, list, uri_of};
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, Pair, eventually};
use serde_json::json;

use super::everything_delivered;

super::on_both_databases!(
    an_open_account_is_followed,
    a_locked_account_decides,
    a_locked_account_opens_up
);

async fn an_open_account_is_followed(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let ada_there = ben.follow(&ada).await;

    let told = ada.await_notification("follow", &ben).await;
    assert_eq!(told["account"]["acct"], ben.handle);
    let ben_here = id_of(&told["account"]);
    let seen = ada.relationship(&ben_here).await;
    assert_eq!(
        (&seen["followed_by"], &seen["following"]),
        (&json!(true), &json!(false))
    );
    let own = ada.client.get("/api/v1/accounts/verify_credentials").await.ok();
    assert_eq!(own["followers_count"], 1);
    let following = ben
        .client
        .all(&format!("/api/v1/accounts/{}/following", ben.id))
        .await;
    assert_eq!(each(&following, "acct"), [json!(ada.handle)]);

    let first = ada.publish("the tide is in #harbour").await;
    let arrived = ben.await_home(&uri_of(&first)).await;
    assert_eq!(arrived["account"]["id"], ada_there);
    assert_eq!(arrived["created_at"], first["created_at"]);
    assert_eq!(arrived["url"], first["url"]);
    assert_eq!(arrived["tags"][0]["name"], "harbour");
    let tagged = list(ben.client.get("/api/v1/timelines/tag/harbour").await.ok());
    assert_eq!(each(&tagged, "uri"), [first["uri"].clone()]);

    let after = ben.relate(&ada_there, "unfollow").await;
    assert_eq!(after["following"], false);
    eventually("Ada to lose her follower", DELIVERED, async || {
        let followers = ada
            .client
            .all(&format!("/api/v1/accounts/{}/followers", ada.id))
            .await;
        ensure!(followers.is_empty(), "{followers:?}");
        Ok(())
    })
    .await;
    assert_eq!(ben.home().await.len(), 0, "what came by the follow goes with it");
    let second = ada.publish("nobody listens").await;
    everything_delivered(&ada, &ben).await;
    assert!(ben.in_home(&uri_of(&second)).await.is_err());
}

async fn ask(asking: &Account, asked: &Account) -> (String, String) {
    let there = id_of(&asking.resolve(&asked.handle).await);
    let relationship = asking.relate(&there, "follow").await;
    assert_eq!(
        (&relationship["requested"], &relationship["following"]),
        (&json!(true), &json!(false))
    );
    let told = asked.await_notification("follow_request", asking).await;
    let requests = asked.client.all("/api/v1/follow_requests").await;
    assert_eq!(each(&requests, "acct"), [json!(asking.handle)]);
    (there, id_of(&told["account"]))
}

async fn a_locked_account_decides(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let bea = pair.b.account("bea").await;
    let locked = ada.update_profile(&json!({ "locked": true })).await;
    assert_eq!(locked["locked"], true);

    let (ada_there, ben_here) = ask(&ben, &ada).await;
    let accepted = ada
        .client
        .act(&format!("/api/v1/follow_requests/{ben_here}/authorize"))
        .await
        .ok();
    assert_eq!(accepted["followed_by"], true);
    eventually("Ben's request to be granted", DELIVERED, async || {
        let relationship = ben.relationship(&ada_there).await;
        ensure!(
            relationship["following"] == true && relationship["requested"] == false,
            "{relationship}"
        );
        Ok(())
    })
    .await;

    let (_, second) = ask(&bea, &ada).await;
    let rejected = ada
        .client
        .act(&format!("/api/v1/follow_requests/{second}/reject"))
        .await
        .ok();
    assert_eq!(rejected["followed_by"], false);
    eventually("Bea's request to be refused", DELIVERED, async || {
        let relationship = bea.relationship(&ada_there).await;
        ensure!(
            relationship["following"] == false && relationship["requested"] == false,
            "{relationship}"
        );
        Ok(())
    })
    .await;
    assert_eq!(
        ada.client.all("/api/v1/follow_requests").await,
        Vec::<serde_json::Value>::new()
    );

    let private = ada
        .publish_with(json!({ "status": "for my followers", "visibility": "private" }))
        .await;
    let at_ben = ben.await_home(&uri_of(&private)).await;
    assert_eq!(at_ben["visibility"], "private");
    assert!(bea.status(&id_of(&at_ben)).await.is_err(), "Bea does not follow");
    assert!(bea.in_home(&uri_of(&private)).await.is_err());
}

async fn a_locked_account_opens_up(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ada.update_profile(&json!({ "locked": true })).await;
    let (ada_there, _) = ask(&ben, &ada).await;

    let withdrawn = ben.relate(&ada_there, "unfollow").await;
    assert_eq!(withdrawn["requested"], false);
    eventually("the request to be withdrawn", DELIVERED, async || {
        let requests = ada.client.all("/api/v1/follow_requests").await;
        ensure!(requests.is_empty(), "{requests:?}");
        Ok(())
    })
    .await;

    let open = ada.update_profile(&json!({ "locked": false })).await;
    assert_eq!(open["locked"], false);
    ben.follow(&ada).await;
}
