//! Images with their descriptions, and polls with their votes, across servers.

use std::time::Duration;

use anyhow::ensure;
use pouet_tests::account::{id_of, text_of, uri_of};
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, Pair, eventually};
use serde_json::{Value, json};

/// New tallies are gathered for three minutes before they are sent to other servers.
const TALLIES_SENT: Duration = Duration::from_mins(4);

super::on_both_databases!(
    an_image_arrives_with_its_description,
    votes_are_counted_on_both_sides
);

async fn an_image_arrives_with_its_description(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let media = ada.upload_image("fog over <the> harbour").await;
    let status = ada
        .publish_with(json!({ "status": "this morning", "media_ids": [media] }))
        .await;
    let own = &status["media_attachments"][0];
    assert_eq!((&own["id"], &own["type"]), (&json!(media), &json!("image")));

    let arrived = ben.await_home(&uri_of(&status)).await;
    assert_eq!(
        arrived["media_attachments"].as_array().map(Vec::len),
        Some(1),
        "{arrived}"
    );
    let there = &arrived["media_attachments"][0];
    assert_eq!(there["type"], "image");
    assert_eq!(there["description"], "fog over <the> harbour");
    assert_eq!(there["blurhash"], own["blurhash"]);
    assert!(there["blurhash"].is_string(), "{there}");
    assert_eq!(there["meta"]["original"]["width"], 64);
    assert_eq!(there["meta"]["original"]["height"], 48);
    assert_eq!(there["meta"]["focus"], json!({ "x": 0.25, "y": -0.5 }));
    for property in ["url", "preview_url"] {
        let address = text_of(there, property);
        let reply = pair.b.client().get(&address).await.expect(200);
        assert!(
            reply.header("content-type").starts_with("image/"),
            "{property}: {:?}",
            reply.headers
        );
        assert!(!reply.bytes.is_empty());
    }
}

async fn poll(reader: &Account, id: &str) -> Value {
    reader.client.get(&format!("/api/v1/polls/{id}")).await.ok()
}

/// Waits until the poll shows those votes per option.
async fn await_tally(reader: &Account, id: &str, votes: [u64; 3], limit: Duration) -> Value {
    eventually(
        &format!("{} to see the votes {votes:?}", reader.handle),
        limit,
        async || {
            let poll = poll(reader, id).await;
            let seen: Vec<_> = (0..3)
                .map(|option| poll["options"][option]["votes_count"].clone())
                .collect();
            ensure!(seen == votes.map(Value::from), "{seen:?}");
            Ok(poll)
        },
    )
    .await
}

async fn votes_are_counted_on_both_sides(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let (amy, bea) = (pair.a.account("amy").await, pair.b.account("bea").await);
    ben.follow(&ada).await;
    let options = ["herring", "cod", "neither <really>"];
    let parameters = json!({ "status": "supper?", "poll": { "options": options, "expires_in": 3600 } });
    let status = ada.publish_with(parameters).await;
    let here = id_of(&status["poll"]);

    let arrived = ben.await_home(&uri_of(&status)).await;
    let seen = &arrived["poll"];
    let titles: Vec<_> = (0..3)
        .map(|option| seen["options"][option]["title"].clone())
        .collect();
    assert_eq!(titles, options);
    assert_eq!(
        (&seen["multiple"], &seen["expired"], &seen["voted"]),
        (&json!(false), &json!(false), &json!(false))
    );
    assert_eq!(seen["expires_at"], status["poll"]["expires_at"]);
    let there = id_of(seen);

    let vote = async |voter: &Account, id: &str, choice: u64| {
        voter
            .client
            .post(
                &format!("/api/v1/polls/{id}/votes"),
                &json!({ "choices": [choice] }),
            )
            .await
    };
    let voted = vote(&ben, &there, 1).await.ok();
    assert_eq!(
        (&voted["voted"], &voted["own_votes"]),
        (&json!(true), &json!([1]))
    );
    await_tally(&ada, &here, [0, 1, 0], DELIVERED).await;
    vote(&amy, &here, 0).await.ok();
    vote(&bea, &there, 1).await.ok();
    let tally = await_tally(&ada, &here, [1, 2, 0], DELIVERED).await;
    assert_eq!(
        (&tally["votes_count"], &tally["voters_count"]),
        (&json!(3), &json!(3))
    );
    await_tally(&ben, &there, [1, 2, 0], TALLIES_SENT).await;

    vote(&ben, &there, 0).await.refused(422);
    vote(&ada, &here, 0).await.refused(422);
    assert_eq!(poll(&bea, &there).await["own_votes"], json!([1]));
    assert!(
        ben.notifications().await.iter().all(|it| it["type"] != "mention"),
        "votes are no statuses"
    );
    assert!(
        ada.notifications().await.iter().all(|it| it["type"] != "mention"),
        "votes are no statuses"
    );
    assert_eq!(
        ada.status(&id_of(&status)).await.expect("Ada's own")["replies_count"],
        0
    );
}
