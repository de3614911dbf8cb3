//! Posts, answers, likes, boosts, edits and deletions between Pouet and Fedify.

use anyhow::ensure;
use pouet_tests::account::{id_of, text_of, uri_of};
use pouet_tests::database::Backend;
use pouet_tests::eventually;
use pouet_tests::peer::{Peer, Schemes};
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, Server};
use serde_json::json;

use super::{await_status, document, known, meet, words};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

#[tokio::test]
async fn the_life_of_a_status_of_pouet_on_sqlite() {
    if let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await {
        status_of_pouet(&server, &peer).await;
    }
}

#[tokio::test]
async fn the_life_of_a_status_of_pouet_on_postgres() {
    if let Some((server, peer)) = meet(Backend::Postgres, Schemes::Both).await {
        status_of_pouet(&server, &peer).await;
    }
}

/// Ada posts, Finn answers, likes and boosts, Ada edits and deletes.
async fn status_of_pouet(server: &Server, peer: &Peer) {
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    let ada_id = ada.actor_id().await;
    finn.follow(&ada).await;

    let post = json!({ "status": "the tide is in #harbour", "spoiler_text": "water" });
    let status = ada.publish_with(post).await;
    let (id, uri) = (id_of(&status), uri_of(&status));
    let created = peer
        .await_received("Create", |it| it["object"]["id"] == uri.as_str())
        .await;
    let note = &created["object"];
    assert_eq!(
        (&created["actor"], &note["author"]),
        (&json!(ada_id), &json!(ada_id))
    );
    assert_eq!(
        (&note["type"], &note["summary"]),
        (&json!("Note"), &json!("water"))
    );
    assert!(text_of(note, "content").contains("the tide is in"), "{note}");
    assert_eq!(note["to"], json!([PUBLIC]));
    let read = finn.act("document", json!({ "url": uri })).await;
    assert_eq!(
        (&read["found"], &read["type"]),
        (&json!(true), &json!("Note")),
        "{read}"
    );

    let answer = json!({ "content": "<p>up to the pier</p>", "replyTo": uri, "mentions": [ada_id] });
    let answer = text_of(&finn.act("post", answer).await, "id");
    let told = eventually("Ada to be told of the answer", DELIVERED, async || {
        let all = ada.notifications().await;
        let found = all.iter().find(|it| it["type"] == "mention").cloned();
        found.ok_or_else(|| anyhow::anyhow!("{all:?}"))
    })
    .await;
    assert_eq!(uri_of(&told["status"]), answer);
    assert_eq!(told["status"]["in_reply_to_id"], id);
    assert_eq!(words(&told["status"]), "up to the pier");

    let mark = json!({ "object": uri, "author": ada_id });
    let like = text_of(&finn.act("like", mark.clone()).await, "id");
    let boost = text_of(&finn.act("boost", mark).await, "id");
    await_status(&ada, &id, "the like and the boost to be counted", |it| {
        (
            &it["favourites_count"],
            &it["reblogs_count"],
            &it["replies_count"],
        ) == (&json!(1), &json!(1), &json!(1))
    })
    .await;
    for (kind, done) in [("Like", &like), ("Announce", &boost)] {
        let undo = json!({ "type": kind, "id": done, "object": uri, "author": ada_id });
        finn.act("undo", undo).await;
    }
    await_status(&ada, &id, "both to be taken back", |it| {
        (&it["favourites_count"], &it["reblogs_count"]) == (&json!(0), &json!(0))
    })
    .await;

    let path = format!("/api/v1/statuses/{id}");
    let edit = json!({ "status": "the tide is out" });
    ada.client.json(reqwest::Method::PUT, &path, &edit).await.ok();
    let updated = peer
        .await_received("Update", |it| it["object"]["id"] == uri.as_str())
        .await;
    assert!(text_of(&updated["object"], "content").contains("the tide is out"));
    assert!(updated["object"]["updated"].is_string(), "{updated}");

    ada.client.delete(&path).await.ok();
    let deleted = peer
        .await_received("Delete", |it| it["objectId"] == uri.as_str())
        .await;
    assert_eq!(deleted["object"]["type"], "Tombstone");
}

/// Finn posts, Ada answers, favourites and boosts, Finn edits and deletes.
#[tokio::test]
async fn the_life_of_a_note_of_the_peer() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, ben) = (server.account("ada").await, server.account("ben").await);
    let finn = peer.person("finn").await;
    finn.gain(&ada).await;

    let note = finn.post("<p>seven gulls on one mast</p>", &[]).await;
    let status = ada.await_home(&note).await;
    let id = id_of(&status);
    assert_eq!(words(&status), "seven gulls on one mast");
    assert_eq!(
        (&status["visibility"], &status["account"]["acct"]),
        (&json!("public"), &json!(finn.handle))
    );

    answer_and_mark(&ada, &peer, &id, &note, &finn.handle).await;

    let edited = json!({ "id": note, "content": "<p>six gulls on one mast</p>" });
    finn.act("edit", edited).await;
    let status = await_status(&ada, &id, "the edit", |it| !it["edited_at"].is_null()).await;
    assert_eq!(words(&status), "six gulls on one mast");

    let private = json!({ "content": "<p>for those who follow</p>", "visibility": "private" });
    let private = text_of(&finn.act("post", private).await, "id");
    let arrived = ada.await_home(&private).await;
    assert_eq!(arrived["visibility"], "private");
    assert!(ben.status(&id_of(&arrived)).await.is_err(), "Ben does not follow");
    ada.let_anyone_write().await;
    let direct = json!({
        "content": "<p>for Ada alone</p>",
        "visibility": "direct",
        "mentions": [ada.actor_id().await],
    });
    let direct = text_of(&finn.act("post", direct).await, "id");
    let told = eventually("the direct message", DELIVERED, async || {
        let all = ada.notifications().await;
        let found = all
            .iter()
            .find(|it| it["status"]["uri"] == direct.as_str())
            .cloned();
        found.ok_or_else(|| anyhow::anyhow!("{all:?}"))
    })
    .await;
    assert_eq!(told["status"]["visibility"], "direct");
    assert!(
        ben.status(&id_of(&told["status"])).await.is_err(),
        "Ben is not named"
    );

    finn.act("delete", json!({ "id": note })).await;
    eventually("the note to be gone", DELIVERED, async || {
        let reply = ada.client.get(&format!("/api/v1/statuses/{id}")).await;
        ensure!(reply.status == 404, "{}", reply.summary());
        Ok(())
    })
    .await;
    assert!(known(&ada, &note).await.is_none());
}

async fn answer_and_mark(ada: &Account, peer: &Peer, id: &str, note: &str, handle: &str) {
    let answer = json!({ "status": format!("@{handle} and one gull below"), "in_reply_to_id": id });
    let answer = uri_of(&ada.publish_with(answer).await);
    let created = peer
        .await_received("Create", |it| it["object"]["id"] == answer.as_str())
        .await;
    assert_eq!(created["object"]["replyTo"], note);
    assert!(document(&answer).await["tag"].to_string().contains(handle));

    ada.act_on(id, "favourite").await;
    let like = peer.await_received("Like", |_| true).await;
    assert_eq!(like["objectId"], note);
    ada.act_on(id, "reblog").await;
    let boost = peer.await_received("Announce", |_| true).await;
    assert_eq!(boost["objectId"], note);
    ada.act_on(id, "unfavourite").await;
    ada.act_on(id, "unreblog").await;
    for (kind, done) in [("Like", &like), ("Announce", &boost)] {
        let undone = peer
            .await_received("Undo", |it| {
                it["object"]["type"] == kind || it["objectId"] == done["id"]
            })
            .await;
        assert_eq!(undone["objectId"], done["id"], "{kind}");
    }
}

#[tokio::test]
async fn profiles_travel_both_ways() {
    let Some((server, peer)) = meet(Backend::Sqlite, Schemes::Both).await else {
        return;
    };
    let (ada, finn) = (server.account("ada").await, peer.person("finn").await);
    let finn_here = finn.gain(&ada).await;
    finn.follow(&ada).await;

    finn.act(
        "profile",
        json!({ "display": "Finn of the Pier", "summary": "<p>mends nets</p>" }),
    )
    .await;
    eventually("Finn's new name", DELIVERED, async || {
        let path = format!("/api/v1/accounts/{finn_here}");
        let account = ada.client.get(&path).await.ok();
        ensure!(
            account["display_name"] == "Finn of the Pier" && account["note"] == "<p>mends nets</p>",
            "{account}"
        );
        Ok(())
    })
    .await;

    ada.update_profile(&json!({ "display_name": "Ada of the Lock" }))
        .await;
    let updated = peer
        .await_received("Update", |it| it["object"]["name"] == "Ada of the Lock")
        .await;
    assert_eq!(updated["object"]["type"], "Person");
    assert_eq!(updated["object"]["id"], ada.actor_id().await);
}
