//! Servers that stop and start: requests in flight are finished, nothing is lost, and what happened meanwhile is true.

use anyhow::ensure;
use pouet_tests::account::{each, id_of, uri_of};
use pouet_tests::database::Backend;
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, Options, Pair, Server, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Waits until the home timeline consists of exactly these statuses, newest first.
async fn await_whole_home(reader: &Account, uris: &[Value]) -> Vec<Value> {
    eventually(
        "everything to arrive, and nothing twice",
        DELIVERED * 2,
        async || {
            let home = reader.client.all("/api/v1/timelines/home?limit=40").await;
            let seen = each(&home, "uri");
            ensure!(seen == uris, "{} of {}: {seen:?}", seen.len(), uris.len());
            Ok(home)
        },
    )
    .await
}

async fn the_receiver_is_away(backend: Backend) {
    let Some(mut pair) = Pair::start(backend).await else {
        return;
    };
    let (ada, ben) = pair.people().await;
    let ada_there = ben.follow(&ada).await;
    let known = ada.publish("before the storm").await;
    let known_there = id_of(&ben.await_home(&uri_of(&known)).await);
    let doomed = ada.publish("will be deleted in the storm").await;
    ben.await_home(&uri_of(&doomed)).await;

    pair.b.stop();
    let mut sent = vec![known["uri"].clone()];
    for number in 1..=12 {
        sent.push(ada.publish(&format!("storm, hour {number}")).await["uri"].clone());
    }
    let change = json!({ "status": "before the storm, corrected" });
    let path = format!("/api/v1/statuses/{}", id_of(&known));
    let edited = ada.client.json(Method::PUT, &path, &change).await.ok();
    ada.client
        .delete(&format!("/api/v1/statuses/{}", id_of(&doomed)))
        .await
        .ok();
    let regretted = ada.publish("never mind").await;
    ada.client
        .delete(&format!("/api/v1/statuses/{}", id_of(&regretted)))
        .await
        .ok();
    ada.update_profile(&json!({ "display_name": "Ada after the storm" }))
        .await;
    // The queue must outlive the sender's process too.
    pair.a.stop();
    pair.a.start_again().await;
    sent.push(ada.publish("the last of the storm").await["uri"].clone());

    pair.b.start_again().await;
    sent.reverse();
    await_whole_home(&ben, &sent).await;
    eventually("the edit and the new name to arrive", DELIVERED, async || {
        let seen = ben.status(&known_there).await?;
        ensure!(seen["content"] == edited["content"], "{}", seen["content"]);
        let account = ben
            .client
            .get(&format!("/api/v1/accounts/{ada_there}"))
            .await
            .ok();
        ensure!(
            account["display_name"] == "Ada after the storm",
            "{}",
            account["display_name"]
        );
        Ok(())
    })
    .await;

    let answer = json!({ "status": format!("@{} all well here", ada.handle), "in_reply_to_id": known_there });
    let answer = ben.publish_with(answer).await;
    assert_eq!(
        ada.await_notification("mention", &ben).await["status"]["uri"],
        answer["uri"]
    );
}

#[tokio::test]
async fn nothing_is_lost_while_the_receiver_is_away_on_sqlite() {
    the_receiver_is_away(Backend::Sqlite).await;
}

#[tokio::test]
async fn nothing_is_lost_while_the_receiver_is_away_on_postgres() {
    the_receiver_is_away(Backend::Postgres).await;
}

#[tokio::test]
async fn acts_on_an_absent_author_s_status_arrive_later() {
    let mut pair = Pair::start(Backend::Sqlite)
        .await
        .expect("SQLite is always there");
    let (ada, ben) = pair.people().await;
    let bea = pair.b.account("bea").await;
    let ada_there = ben.follow(&ada).await;
    let parameters =
        json!({ "status": "sail or row?", "poll": { "options": ["sail", "row"], "expires_in": 3600 } });
    let status = ada.publish_with(parameters).await;
    let arrived = ben.await_home(&uri_of(&status)).await;
    let there = id_of(&arrived);

    pair.a.stop();
    ben.act_on(&there, "favourite").await;
    ben.act_on(&there, "reblog").await;
    bea.act_on(&there, "favourite").await;
    bea.act_on(&there, "unfavourite").await;
    let votes = format!("/api/v1/polls/{}/votes", id_of(&arrived["poll"]));
    ben.client.post(&votes, &json!({ "choices": [1] })).await.ok();
    bea.relate(&ada_there, "follow").await;
    let reply = json!({ "status": format!("@{} row!", ada.handle), "in_reply_to_id": there });
    let reply = ben.publish_with(reply).await;
    pair.a.start_again().await;

    eventually("Ada to learn of everything", DELIVERED * 2, async || {
        let own = ada.status(&id_of(&status)).await?;
        let counts = ["favourites_count", "reblogs_count", "replies_count"].map(|name| own[name].clone());
        ensure!(counts == [1, 1, 1].map(Value::from), "{counts:?}");
        ensure!(own["poll"]["options"][1]["votes_count"] == 1, "{}", own["poll"]);
        ensure!(ada.notified("mention", &ben).await?["status"]["uri"] == reply["uri"]);
        ada.has_follower(&bea).await
    })
    .await;
    eventually("Bea's follow to be accepted", DELIVERED, async || {
        let relationship = bea.relationship(&ada_there).await;
        ensure!(relationship["following"] == true, "{relationship}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_request_in_flight_is_finished_before_the_end() {
    let mut server = Server::start(Options::new(Backend::Sqlite)).await;
    let ada = server.account("ada").await;
    let body = json!({ "status": "just in time" }).to_string();
    let head = format!(
        "POST /api/v1/statuses HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        server.domain(),
        ada.client.token(),
        body.len(),
    );
    let (first, second) = body.split_at(body.len() / 2);
    let mut connection = TcpStream::connect(server.url().trim_start_matches("http://"))
        .await
        .expect("a connection");
    connection
        .write_all(format!("{head}{first}").as_bytes())
        .await
        .expect("the first half is sent");
    // An answered request shows that the server is done with what was sent before it, on this connection or another.
    server.client().get("/api/v2/instance").await.ok();

    server.ask_to_end();
    eventually("the server to take no new connection", DELIVERED, async || {
        let refused = TcpStream::connect(server.url().trim_start_matches("http://"))
            .await
            .is_err();
        ensure!(refused, "it still listens");
        Ok(())
    })
    .await;
    connection
        .write_all(second.as_bytes())
        .await
        .expect("the second half is sent");
    let mut answer = String::new();
    connection
        .read_to_string(&mut answer)
        .await
        .expect("the answer is read");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.await_end();

    server.start_again().await;
    let own = ada
        .client
        .get(&format!("/api/v1/accounts/{}/statuses", ada.id))
        .await
        .ok();
    assert_eq!(own.as_array().map(Vec::len), Some(1), "{own}");
}
