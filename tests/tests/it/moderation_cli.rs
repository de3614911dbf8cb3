//! Aliases, moves, reports and relays on the command line, beside a running server.

use pouet_tests::database::Backend;
use pouet_tests::wait::SOON;
use pouet_tests::{Options, Server, eventually};
use serde_json::{Value, json};

/// Runs a verb of `pouet admin` with `--json`.
fn admin(server: &Server, arguments: &[&str]) -> Value {
    let line = [&["admin", "--json"], arguments].concat();
    serde_json::from_str(&server.cli(&line, "")).expect("JSON")
}

/// The exit code of a verb that is refused.
fn code_of(server: &Server, arguments: &[&str]) -> Option<i32> {
    let line = [&["admin"], arguments].concat();
    server.run(&line, "").status.code()
}

const NOT_FOUND: Option<i32> = Some(4);
const REFUSED: Option<i32> = Some(5);

#[tokio::test]
async fn an_account_moves_with_its_follower() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    let (ada, fan) = (server.account("ada").await, server.account("fan").await);
    let bea = server.account("bea").await;
    fan.relate(&ada.id, "follow").await;
    assert_eq!(
        code_of(&server, &["account", "move", "ada", "bea", "--yes"]),
        REFUSED
    );
    let named = admin(&server, &["account", "alias", "add", "bea", "ada"]);
    assert_eq!(named["aliases"].as_array().map(Vec::len), Some(1), "{named}");
    assert_eq!(admin(&server, &["account", "alias", "list", "bea"]), named);
    let moved = admin(&server, &["account", "move", "ada", "bea", "--yes"]);
    assert_eq!(moved["moved_to"]["acct"], "bea");
    eventually("the follower follows the new account", SOON, async || {
        let relationship = fan.relationship(&bea.id).await;
        anyhow::ensure!(relationship["following"] == true, "{relationship}");
        Ok(())
    })
    .await;
    let shown = fan.client.get(&format!("/api/v1/accounts/{}", ada.id)).await.ok();
    assert_eq!(shown["moved"]["acct"], "bea", "{shown}");
    assert_eq!(
        code_of(&server, &["account", "move", "ada", "bea", "--yes"]),
        REFUSED
    );
    admin(&server, &["account", "alias", "remove", "bea", "ada"]);
    assert_eq!(
        code_of(&server, &["account", "alias", "remove", "bea", "ada"]),
        NOT_FOUND
    );
}

#[tokio::test]
async fn reports_are_read_and_resolved() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    let (ada, eve) = (server.account("ada").await, server.account("eve").await);
    let status = eve.publish("buy my boat").await;
    let report = json!({ "account_id": eve.id, "status_ids": [status["id"]], "comment": "spam" });
    let made = ada.client.post("/api/v1/reports", &report).await.ok();
    let id = made["id"].as_str().expect("an id");
    let listed = admin(&server, &["report", "list"]);
    assert_eq!(listed[0]["id"], id);
    let shown = admin(&server, &["report", "show", id]);
    assert_eq!(
        (&shown["target"], &shown["reporter"]),
        (&json!("eve"), &json!("ada"))
    );
    assert_eq!(shown["statuses"][0]["text"], "buy my boat");
    assert_eq!(admin(&server, &["report", "resolve", id])["state"], "resolved");
    assert_eq!(admin(&server, &["report", "list"]), json!([]));
    assert_eq!(
        admin(&server, &["report", "list", "--all"])
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(code_of(&server, &["report", "show", "12345"]), NOT_FOUND);
    assert_eq!(code_of(&server, &["report", "show", "first"]), NOT_FOUND);
}

#[tokio::test]
async fn relays_are_managed() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    let address = "https://relay.example/inbox";
    let added = admin(&server, &["relay", "add", address]);
    assert_eq!(
        (&added["kind"], &added["state"]),
        (&json!("mastodon"), &json!("pending"))
    );
    assert_eq!(code_of(&server, &["relay", "add", address]), REFUSED);
    assert_eq!(code_of(&server, &["relay", "add", "relay.example"]), REFUSED);
    assert_eq!(admin(&server, &["relay", "disable", address])["state"], "idle");
    let id = added["id"].as_str().expect("an id");
    assert_eq!(admin(&server, &["relay", "enable", id])["state"], "pending");
    assert_eq!(
        admin(&server, &["relay", "list"]).as_array().map(Vec::len),
        Some(1)
    );
    admin(&server, &["relay", "remove", id]);
    assert_eq!(admin(&server, &["relay", "list"]), json!([]));
    assert_eq!(code_of(&server, &["relay", "remove", id]), NOT_FOUND);
}
