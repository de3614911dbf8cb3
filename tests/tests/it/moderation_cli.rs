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
    let bundle = json!({ "name": "Buy here" });
    let bundle = eve.client.post("/api/v1/collections", &bundle).await.ok();
    let report = json!({
        "account_id": eve.id, "status_ids": [status["id"]], "comment": "spam",
        "collection_ids": [bundle["collection"]["id"]],
    });
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
    assert_eq!(shown["collections"][0]["name"], "Buy here");
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

#[tokio::test]
async fn starter_packs_are_made_from_files() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    let (ada, ben) = (server.account("ada").await, server.account("ben").await);
    let import = [
        "admin",
        "--json",
        "collection",
        "import",
        "-",
        "--owner",
        "ada",
        "--suggest",
    ];
    let made = server.cli(&import, "name: First steps\n# newcomers\nben\n@nobody\n");
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(made["collection"]["accounts"], json!(["ben"]));
    assert_eq!(made["collection"]["owner"], "ada");
    assert_eq!(made["passed_over"][0]["handle"], "@nobody", "{made}");
    let id = made["collection"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        admin(&server, &["collection", "list"]),
        json!([made["collection"]])
    );
    let path = format!("/api/v1/collections/{id}");
    let shown = ben.client.get(&path).await.ok();
    assert_eq!(shown["accounts"][1]["username"], "ben", "{shown}");
    let suggested = ada.client.get("/api/v2/suggestions").await.ok();
    assert_eq!(suggested[0]["sources"], json!(["featured"]), "{suggested}");

    for wrong in ["ben", "name: No one\nnobody", "name: x\nwhat is this"] {
        let refused = server.run(&["admin", "collection", "import", "-", "--owner", "ada"], wrong);
        assert_eq!(refused.status.code(), REFUSED, "{wrong}");
    }
    let of_nobody = server.run(
        &["admin", "collection", "import", "-", "--owner", "nobody"],
        "name: x\nben",
    );
    assert_eq!(of_nobody.status.code(), NOT_FOUND);
    admin(&server, &["collection", "delete", &id]);
    assert_eq!(code_of(&server, &["collection", "delete", &id]), NOT_FOUND);
    assert_eq!(admin(&server, &["collection", "list"]), json!([]));
}

#[tokio::test]
async fn trends_are_looked_at_and_decided_on() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    let (ada, ben) = (server.account("ada").await, server.account("ben").await);
    for person in [&ada, &ben] {
        person.publish("down to the #Boats").await;
    }
    let looked = admin(&server, &["trends", "refresh"]);
    assert_eq!(
        (&looked[0]["kind"], &looked[0]["what"], &looked[0]["state"]),
        (&json!("tag"), &json!("#Boats"), &json!("shown")),
        "{looked}"
    );
    assert!(
        looked[0]["rank"].as_f64().is_some_and(|rank| rank >= 1.2),
        "{looked}"
    );
    let id = looked[0]["id"].as_str().expect("an id");
    assert_eq!(admin(&server, &["trends", "list", "links"]), json!([]));
    let said = admin(&server, &["trends", "reject", "tag", id]);
    assert_eq!(said["trendable"], false);
    assert_eq!(
        admin(&server, &["trends", "list", "tags"])[0]["state"],
        "rejected"
    );
    assert_eq!(ada.client.get("/api/v1/trends/tags").await.ok(), json!([]));
    admin(&server, &["trends", "approve", "tag", id]);
    let shown = admin(&server, &["trends", "list"]);
    assert_eq!(shown[0]["state"], "shown", "{shown}");
    for kind in ["tag", "status", "link", "publisher"] {
        assert_eq!(
            code_of(&server, &["trends", "approve", kind, "1"]),
            NOT_FOUND,
            "{kind}"
        );
    }
    assert_eq!(admin(&server, &["trends", "publishers"]), json!([]));
    let text = server.cli(&["admin", "trends", "list"], "");
    assert!(text.starts_with(&format!("tag\t{id}\tshown\t")), "{text}");
}
