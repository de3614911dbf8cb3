//! Profiles that change, and accounts that end.

use anyhow::ensure;
use pouet_tests::account::{id_of, list, text_of, uri_of};
use pouet_tests::http::{Part, Reply};
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Pair, eventually, png};
use reqwest::Method;
use serde_json::json;

super::on_both_databases!(
    a_changed_profile_arrives,
    a_deleted_account_disappears,
    a_block_ends_the_follow,
    new_keys_are_believed_while_both_servers_run
);

async fn a_changed_profile_arrives(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let there = ben.follow(&ada).await;
    let before = ben.client.get(&format!("/api/v1/accounts/{there}")).await.ok();

    let avatar = png::gradient(40, 40);
    let parts = [
        Part {
            name: "display_name",
            file: None,
            bytes: b"Ada & the sea",
        },
        Part {
            name: "note",
            file: None,
            bytes: b"keeper of #lights",
        },
        Part {
            name: "bot",
            file: None,
            bytes: b"true",
        },
        Part {
            name: "fields_attributes[0][name]",
            file: None,
            bytes: b"boat",
        },
        Part {
            name: "fields_attributes[0][value]",
            file: None,
            bytes: b"the Heron",
        },
        Part {
            name: "avatar",
            file: Some(("me.png", "image/png")),
            bytes: &avatar,
        },
    ];
    let own = ada
        .client
        .parts(Method::PATCH, "/api/v1/accounts/update_credentials", &parts)
        .await
        .ok();
    assert_eq!(own["display_name"], "Ada & the sea");

    let seen = eventually("Ben to see the new profile", DELIVERED, async || {
        let seen = ben.client.get(&format!("/api/v1/accounts/{there}")).await.ok();
        ensure!(seen["display_name"] == "Ada & the sea", "{seen}");
        Ok(seen)
    })
    .await;
    assert!(text_of(&seen, "note").contains("keeper of"), "{seen}");
    assert_eq!(seen["bot"], true);
    assert_eq!(seen["fields"][0]["name"], "boat");
    assert_eq!(seen["fields"][0]["value"], "the Heron");
    assert_ne!(seen["avatar"], before["avatar"]);
    let picture = pair.b.client().get(&text_of(&seen, "avatar")).await.expect(200);
    assert!(
        picture.header("content-type").starts_with("image/"),
        "{:?}",
        picture.headers
    );
}

async fn a_deleted_account_disappears(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let there = ben.follow(&ada).await;
    let status = ada.publish("my last words").await;
    let status_there = id_of(&ben.await_home(&uri_of(&status)).await);
    ben.act_on(&status_there, "favourite").await;
    ada.await_notification("favourite", &ben).await;

    pair.a.cli(&["admin", "account", "delete", "ada", "--yes"], "");
    ada.client
        .get("/api/v1/accounts/verify_credentials")
        .await
        .expect(401);
    let resource = format!("acct:{}", ada.handle);
    let gone = pair
        .a
        .client()
        .find("/.well-known/webfinger", &[("resource", &resource)])
        .await
        .status;
    assert_eq!(gone, 410, "WebFinger of a deleted account");

    eventually(
        "the account to be gone from Ben's server",
        DELIVERED,
        async || {
            let account = ben.client.get(&format!("/api/v1/accounts/{there}")).await;
            let status = ben.client.get(&format!("/api/v1/statuses/{status_there}")).await;
            ensure!(
                matches!(account.status, 404 | 410) && status.status == 404,
                "{}, {}",
                account.summary(),
                status.summary()
            );
            Ok(())
        },
    )
    .await;
    assert_eq!(ben.home().await.len(), 0);
    let following = ben
        .client
        .get(&format!("/api/v1/accounts/{}/following", ben.id))
        .await
        .ok();
    assert_eq!(following, json!([]));
    assert!(list(ben.client.get("/api/v1/favourites").await.ok()).is_empty());
}

async fn a_block_ends_the_follow(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let ben_here = id_of(&ada.await_notification("follow", &ben).await["account"]);
    let blocked = ada.relate(&ben_here, "block").await;
    assert_eq!(
        (&blocked["blocking"], &blocked["followed_by"]),
        (&json!(true), &json!(false))
    );
    let ada_there = id_of(&ben.resolve(&ada.handle).await);
    eventually("Ben's follow to end", DELIVERED, async || {
        let relationship = ben.relationship(&ada_there).await;
        ensure!(relationship["following"] == false, "{relationship}");
        Ok(())
    })
    .await;
    let amy = pair.a.account("amy").await;
    ben.publish(&format!("@{} why?", ada.handle)).await;
    super::everything_delivered(&ben, &amy).await;
    assert!(
        ada.notified("mention", &ben).await.is_err(),
        "who is blocked is not heard"
    );
}

async fn new_keys_are_believed_while_both_servers_run(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let first = ada.publish("signed with the first key").await;
    ben.await_home(&uri_of(&first)).await;
    let address = ada.actor_id().await;
    let keys = async || {
        let request = ada
            .client
            .request(Method::GET, &address)
            .header("accept", "application/activity+json");
        let actor = Reply::of(request).await.expect("an answer").ok();
        let method = &actor["assertionMethod"][0];
        [
            text_of(&actor["publicKey"], "publicKeyPem"),
            text_of(method, "publicKeyMultibase"),
        ]
    };
    let old = keys().await;
    pair.a.cli(&["admin", "account", "rotate-keys", "ada"], "");
    pair.a.cli(&["admin", "instance", "rotate-keys"], "");
    eventually("the running server to show the new keys", DELIVERED, async || {
        let new = keys().await;
        ensure!(old.iter().all(|key| !new.contains(key)), "{new:?}");
        Ok(())
    })
    .await;
    let second = ada.publish("signed with the second key").await;
    let there = ben.await_home(&uri_of(&second)).await;
    // And back: what Ben does reaches the account with the new keys, which is still the same.
    ben.act_on(&id_of(&there), "favourite").await;
    ada.await_notification("favourite", &ben).await;
}
