//! Reblogs and favourites across servers, and taking them back.

use anyhow::ensure;
use pouet_tests::account::{id_of, text_of, uri_of};
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, Pair, eventually};
use serde_json::{Value, json};

super::on_both_databases!(
    favourites_and_reblogs_are_counted_and_taken_back,
    a_reblog_reaches_the_followers_of_who_did_it,
    the_author_is_told_once_however_often_it_is_done,
);

/// Waits until the author's side counts so many favourites and reblogs.
async fn await_counts(author: &Account, id: &str, favourites: u64, reblogs: u64) {
    eventually(
        &format!("{favourites} favourites and {reblogs} reblogs"),
        DELIVERED,
        async || {
            let status = author.status(id).await?;
            let counts = (&status["favourites_count"], &status["reblogs_count"]);
            ensure!(counts == (&json!(favourites), &json!(reblogs)), "{counts:?}");
            Ok(())
        },
    )
    .await;
}

async fn favourites_and_reblogs_are_counted_and_taken_back(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let status = ada.publish("seven gulls on one mast").await;
    let (here, there) = (id_of(&status), id_of(&ben.await_home(&uri_of(&status)).await));

    let favourited = ben.act_on(&there, "favourite").await;
    assert_eq!(
        (&favourited["favourited"], &favourited["favourites_count"]),
        (&json!(true), &json!(1))
    );
    let told = ada.await_notification("favourite", &ben).await;
    assert_eq!(told["status"]["id"], status["id"]);

    let reblogged = ben.act_on(&there, "reblog").await;
    assert_eq!(reblogged["reblog"]["id"], there);
    assert_eq!(
        (
            &reblogged["reblog"]["reblogged"],
            &reblogged["reblog"]["reblogs_count"]
        ),
        (&json!(true), &json!(1))
    );
    let told = ada.await_notification("reblog", &ben).await;
    assert_eq!(told["status"]["id"], status["id"]);
    await_counts(&ada, &here, 1, 1).await;

    let undone = ben.act_on(&there, "unfavourite").await;
    assert_eq!(
        (&undone["favourited"], &undone["favourites_count"]),
        (&json!(false), &json!(0))
    );
    await_counts(&ada, &here, 0, 1).await;
    let undone = ben.act_on(&there, "unreblog").await;
    assert_eq!(
        (&undone["id"], &undone["reblogged"]),
        (&json!(there), &json!(false))
    );
    await_counts(&ada, &here, 0, 0).await;

    ben.act_on(&there, "favourite").await;
    await_counts(&ada, &here, 1, 0).await;
}

async fn a_reblog_reaches_the_followers_of_who_did_it(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let bea = pair.b.account("bea").await;
    bea.follow(&ada).await;
    let status = ben.publish("ferry at seven").await;
    let found = ada.search(&uri_of(&status), true).await;
    let here = id_of(&found["statuses"][0]);
    let reblog = ada.act_on(&here, "reblog").await;

    let told = ben.await_notification("reblog", &ada).await;
    assert_eq!(told["status"]["id"], status["id"]);
    let arrived = bea.await_home(&uri_of(&reblog)).await;
    assert_eq!(arrived["account"]["acct"], ada.handle);
    assert_eq!(arrived["reblog"]["id"], status["id"]);
    assert_eq!(arrived["reblog"]["account"]["acct"], "ben");
    assert_eq!(arrived["reblog"]["reblog"], Value::Null);
    assert_eq!(
        text_of(&arrived["reblog"], "content"),
        text_of(&status, "content")
    );

    ada.act_on(&here, "unreblog").await;
    eventually("the reblog to leave Bea's home timeline", DELIVERED, async || {
        let home = bea.home().await;
        ensure!(home.is_empty(), "{home:?}");
        Ok(())
    })
    .await;
    await_counts(&ben, &id_of(&status), 0, 0).await;
    assert!(
        ben.status(&id_of(&status)).await.is_ok(),
        "the status itself stays"
    );
}

async fn the_author_is_told_once_however_often_it_is_done(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let status = ada.publish("again and again").await;
    let (here, there) = (id_of(&status), id_of(&ben.await_home(&uri_of(&status)).await));
    for _ in 0..3 {
        ben.act_on(&there, "favourite").await;
        ben.act_on(&there, "reblog").await;
    }
    await_counts(&ada, &here, 1, 1).await;
    super::everything_delivered(&ben, &ada).await;
    let all = ada.notifications().await;
    for kind in ["favourite", "reblog", "follow"] {
        assert_eq!(
            all.iter().filter(|it| it["type"] == kind).count(),
            1,
            "{kind}: {all:?}"
        );
    }
}
