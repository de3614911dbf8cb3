//! Statuses on their way to the other server: audiences, threads, edits, deletions.

use anyhow::ensure;
use pouet_tests::account::{each, id_of, list, text_of, uri_of};
use pouet_tests::http::http;
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, Pair, Reply, eventually};
use reqwest::Method;
use serde_json::{Value, json};

super::on_both_databases!(
    each_visibility_reaches_its_audience,
    mentions_and_warnings_arrive,
    a_thread_reads_the_same_on_both_sides,
    direct_messages_stay_between_two,
    an_edit_arrives,
    a_deletion_arrives,
);

async fn uris(account: &Account, path: &str) -> Vec<Value> {
    each(&list(account.client.get(path).await.ok()), "uri")
}

async fn each_visibility_reaches_its_audience(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let bea = pair.b.account("bea").await;
    let ada_there = ben.follow(&ada).await;

    let mut sent = Vec::new();
    for visibility in ["public", "unlisted", "private", "direct"] {
        let text = format!("{visibility} words for @{}", ben.handle);
        let status = ada
            .publish_with(json!({ "status": text, "visibility": visibility }))
            .await;
        assert_eq!(status["visibility"], visibility);
        let arrived = ben.await_home(&uri_of(&status)).await;
        assert_eq!(arrived["visibility"], visibility);
        sent.push((visibility, uri_of(&status), id_of(&arrived)));
    }
    for (visibility, uri, id) in &sent {
        let open = matches!(*visibility, "public" | "unlisted");
        assert_eq!(
            bea.status(id).await.is_ok(),
            open,
            "Bea follows nobody: {visibility}"
        );
        let anonymous = pair
            .b
            .client()
            .get(&format!("/api/v1/statuses/{id}"))
            .await
            .status;
        assert_eq!(
            anonymous,
            if open { 200 } else { 404 },
            "anonymous reader: {visibility}"
        );
        assert!(bea.in_home(uri).await.is_err(), "{visibility}");
    }
    let [public, unlisted, private, direct] = &sent[..] else {
        unreachable!("four were sent")
    };
    assert_eq!(uris(&bea, "/api/v1/timelines/public").await, [json!(public.1)]);
    assert_eq!(
        uris(&bea, "/api/v1/timelines/public?local=true").await,
        Vec::<Value>::new()
    );
    assert_eq!(
        uris(&bea, "/api/v1/timelines/public?remote=true").await,
        [json!(public.1)]
    );
    let statuses = format!("/api/v1/accounts/{ada_there}/statuses");
    assert_eq!(uris(&bea, &statuses).await, [json!(unlisted.1), json!(public.1)]);
    let all = [direct, private, unlisted, public].map(|status| json!(status.1));
    assert_eq!(uris(&ben, &statuses).await, all);
}

async fn mentions_and_warnings_arrive(pair: Pair) {
    let (ada, ben) = pair.people().await;
    let parameters = json!({
        "status": format!("@{} mind the <step> & the rope\nhttps://example.com/chart", ben.handle),
        "spoiler_text": "harbour rules <1>",
        "sensitive": true,
        "language": "en",
    });
    let status = ada.publish_with(parameters).await;
    let told = ben.await_notification("mention", &ada).await;

    let arrived = &told["status"];
    assert_eq!(arrived["uri"], status["uri"]);
    assert_eq!(arrived["spoiler_text"], "harbour rules <1>");
    assert_eq!(
        (&arrived["sensitive"], &arrived["language"]),
        (&json!(true), &json!("en"))
    );
    assert_eq!(
        each(arrived["mentions"].as_array().expect("a list"), "acct"),
        [json!("ben")]
    );
    assert_eq!(arrived["mentions"][0]["id"], ben.id);
    let content = text_of(arrived, "content");
    let profile = format!("href=\"{}\"", text_of(&arrived["mentions"][0], "url"));
    assert!(
        content.contains(&profile),
        "a client finds the mention by its address: {content}"
    );
    assert!(
        content.contains("mind the &lt;step&gt; &amp; the rope<br"),
        "{content}"
    );
    assert!(
        content.contains("href=\"https://example.com/chart\""),
        "{content}"
    );

    assert_eq!(
        each(status["mentions"].as_array().expect("a list"), "acct"),
        [json!(ben.handle)]
    );
    assert_eq!(
        ben.home().await.len(),
        0,
        "a mention alone does not enter the home timeline"
    );
}

async fn a_thread_reads_the_same_on_both_sides(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let root = ada.publish("who has seen my boat?").await;
    let root_there = ben.await_home(&uri_of(&root)).await;

    let parameters = json!({
        "status": format!("@{} it lies at the pier", ada.handle),
        "in_reply_to_id": id_of(&root_there),
    });
    let reply = ben.publish_with(parameters).await;
    assert_eq!(reply["in_reply_to_account_id"], root_there["account"]["id"]);
    let told = ada.await_notification("mention", &ben).await;
    assert_eq!(told["status"]["in_reply_to_id"], root["id"]);
    assert_eq!(told["status"]["in_reply_to_account_id"], ada.id);
    assert_eq!(
        ada.status(&id_of(&root)).await.expect("Ada's own")["replies_count"],
        1
    );

    let parameters = json!({
        "status": format!("@{} thank you", ben.handle),
        "in_reply_to_id": id_of(&told["status"]),
    });
    let thanks = ada.publish_with(parameters).await;
    let thanks_there = ben.await_home(&uri_of(&thanks)).await;

    let expected = [&root, &reply, &thanks].map(uri_of);
    for (reader, last) in [(&ada, id_of(&thanks)), (&ben, id_of(&thanks_there))] {
        let context = reader
            .client
            .get(&format!("/api/v1/statuses/{last}/context"))
            .await
            .ok();
        assert_eq!(
            each(&list(context["ancestors"].clone()), "uri"),
            expected[..2],
            "ancestors for {}",
            reader.handle
        );
        assert_eq!(context["descendants"], json!([]));
    }
    for (reader, first) in [(&ada, id_of(&root)), (&ben, id_of(&root_there))] {
        let context = reader
            .client
            .get(&format!("/api/v1/statuses/{first}/context"))
            .await
            .ok();
        let descendants = list(context["descendants"].clone());
        assert_eq!(
            each(&descendants, "uri"),
            expected[1..],
            "descendants for {}",
            reader.handle
        );
        assert_eq!(descendants[1]["in_reply_to_id"], descendants[0]["id"]);
    }
}

async fn direct_messages_stay_between_two(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.let_anyone_write().await;
    let (amy, bea) = (pair.a.account("amy").await, pair.b.account("bea").await);
    let parameters = json!({ "status": format!("@{} meet me at nine", ben.handle), "visibility": "direct" });
    let message = ada.publish_with(parameters).await;
    let told = ben.await_notification("mention", &ada).await;
    assert_eq!(
        (&told["status"]["uri"], &told["status"]["visibility"]),
        (&message["uri"], &json!("direct"))
    );

    let parameters = json!({
        "status": format!("@{} nine it is", ada.handle),
        "visibility": "direct",
        "in_reply_to_id": id_of(&told["status"]),
    });
    let answer = ben.publish_with(parameters).await;
    let told_back = ada.await_notification("mention", &ben).await;
    assert_eq!(told_back["status"]["uri"], answer["uri"]);
    assert_eq!(told_back["status"]["in_reply_to_id"], message["id"]);

    for id in [id_of(&message), id_of(&told_back["status"])] {
        assert!(amy.status(&id).await.is_err(), "Amy is not addressed");
        pair.a
            .client()
            .get(&format!("/api/v1/statuses/{id}"))
            .await
            .refused(404);
    }
    for id in [id_of(&told["status"]), id_of(&answer)] {
        assert!(bea.status(&id).await.is_err(), "Bea is not addressed");
        pair.b
            .client()
            .get(&format!("/api/v1/statuses/{id}"))
            .await
            .refused(404);
    }
    for reader in [&ada, &amy, &ben, &bea] {
        assert_eq!(
            uris(reader, "/api/v1/timelines/public").await,
            Vec::<Value>::new(),
            "{}",
            reader.handle
        );
    }
}

async fn an_edit_arrives(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let status = ada.publish("the ferry leaves at ten").await;
    let there = id_of(&ben.await_home(&uri_of(&status)).await);
    assert_eq!(
        ben.status(&there).await.expect("it has arrived")["edited_at"],
        Value::Null
    );

    let change = json!({ "status": "the ferry leaves at **eleven**", "spoiler_text": "correction" });
    let path = format!("/api/v1/statuses/{}", id_of(&status));
    let edited = ada.client.json(Method::PUT, &path, &change).await.ok();
    assert_eq!((&edited["id"], &edited["uri"]), (&status["id"], &status["uri"]));
    assert_ne!(edited["edited_at"], Value::Null);

    let seen = eventually("Ben to see the edit", DELIVERED, async || {
        let seen = ben.status(&there).await?;
        ensure!(seen["edited_at"] != Value::Null, "{seen}");
        Ok(seen)
    })
    .await;
    assert_eq!(seen["content"], edited["content"]);
    assert_eq!(seen["spoiler_text"], "correction");
    assert_eq!(seen["created_at"], status["created_at"]);
    assert_eq!(ben.home().await.len(), 1, "an edit is no second status");
}

async fn a_deletion_arrives(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let kept = ada.publish("this one stays").await;
    let status = ada.publish(&format!("@{} this one goes", ben.handle)).await;
    ben.await_notification("mention", &ada).await;
    let there = id_of(&ben.await_home(&uri_of(&status)).await);

    let deleted = ada
        .client
        .delete(&format!("/api/v1/statuses/{}", id_of(&status)))
        .await
        .ok();
    assert_eq!(deleted["text"], format!("@{} this one goes", ben.handle));
    assert!(ada.status(&id_of(&status)).await.is_err());
    let object = http()
        .get(uri_of(&status))
        .header("accept", "application/activity+json");
    let object = Reply::of(object)
        .await
        .expect("the server answers")
        .expect(410)
        .json();
    assert_eq!(
        (&object["type"], &object["id"]),
        (&json!("Tombstone"), &status["uri"])
    );
    eventually("the status to be gone from Ben's server", DELIVERED, async || {
        let reply = ben.client.get(&format!("/api/v1/statuses/{there}")).await;
        ensure!(reply.status == 404, "{}", reply.summary());
        Ok(())
    })
    .await;
    assert_eq!(each(&ben.home().await, "uri"), [kept["uri"].clone()]);
    assert!(
        ben.notified("mention", &ada).await.is_err(),
        "its notification goes with it"
    );

    let resolved = ben.search(&uri_of(&status), true).await;
    assert_eq!(
        resolved["statuses"],
        json!([]),
        "what is deleted cannot be fetched again"
    );
}
