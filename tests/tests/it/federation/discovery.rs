//! How people and statuses of another server are found.

use pouet_tests::account::{id_of, text_of, uri_of};
use pouet_tests::http::http;
use pouet_tests::{Pair, Reply, Server};
use serde_json::{Value, json};

super::on_both_databases!(
    a_handle_leads_to_an_actor,
    a_search_resolves_handles_and_addresses,
    private_statuses_do_not_resolve
);

async fn webfinger(server: &Server, resource: &str) -> Reply {
    server
        .client()
        .find("/.well-known/webfinger", &[("resource", resource)])
        .await
}

async fn document(address: &str) -> Value {
    let reply = Reply::of(http().get(address).header("accept", "application/activity+json")).await;
    let reply = reply.expect("the server answers").expect(200);
    assert!(
        reply
            .header("content-type")
            .starts_with("application/activity+json"),
        "{:?}",
        reply.headers
    );
    reply.json()
}

async fn a_handle_leads_to_an_actor(pair: Pair) {
    let (ada, _) = pair.people().await;
    let reply = webfinger(&pair.a, &format!("acct:{}", ada.handle))
        .await
        .expect(200);
    assert!(
        reply.header("content-type").starts_with("application/jrd+json"),
        "{:?}",
        reply.headers
    );
    let found = reply.json();
    assert_eq!(found["subject"], format!("acct:{}", ada.handle));
    let link = found["links"]
        .as_array()
        .and_then(|links| links.iter().find(|link| link["rel"] == "self"));
    let link = link.unwrap_or_else(|| panic!("no link to the actor: {found}"));
    assert_eq!(link["type"], "application/activity+json");

    let actor = document(&text_of(link, "href")).await;
    assert_eq!(
        (&actor["id"], &actor["preferredUsername"]),
        (&link["href"], &json!("ada"))
    );
    for collection in ["outbox", "followers", "following", "featured"] {
        let found = document(&text_of(&actor, collection)).await;
        assert_eq!(
            found["id"], actor[collection],
            "the {collection} says its own address"
        );
    }
    assert!(text_of(&actor["publicKey"], "publicKeyPem").contains("BEGIN PUBLIC KEY"));

    webfinger(&pair.a, &format!("acct:nobody@{}", pair.a.domain()))
        .await
        .expect(404);
    webfinger(&pair.a, &format!("acct:ada@{}", pair.b.domain()))
        .await
        .expect(404);
    pair.a.client().get("/.well-known/webfinger").await.expect(400);

    let nodeinfo = pair.a.client().get("/.well-known/nodeinfo").await.ok();
    for link in nodeinfo["links"].as_array().expect("links to documents") {
        let reply = pair.a.client().get(&text_of(link, "href")).await.ok();
        assert_eq!(reply["protocols"], json!(["activitypub"]), "{}", link["rel"]);
        assert_eq!(reply["usage"]["users"]["total"], 1, "{}", link["rel"]);
    }
    let host_meta = pair
        .a
        .client()
        .get("/.well-known/host-meta")
        .await
        .expect(200)
        .text();
    assert!(
        host_meta.contains(&format!(
            "{}/.well-known/webfinger?resource={{uri}}",
            pair.a.url()
        )),
        "{host_meta}"
    );
}

async fn a_search_resolves_handles_and_addresses(pair: Pair) {
    let (ada, ben) = pair.people().await;
    ada.update_profile(&json!({ "display_name": "Ada of the harbour" }))
        .await;
    let status = ada.publish("a lantern on the quay").await;

    let lookup = async || {
        ben.client
            .find("/api/v1/accounts/lookup", &[("acct", ada.handle.as_str())])
            .await
    };
    lookup().await.refused(404);
    let unresolved = ben.search(&format!("@{}", ada.handle), false).await;
    assert_eq!(
        unresolved["accounts"],
        json!([]),
        "without `resolve`, nobody is asked"
    );

    let found = ben.resolve(&ada.handle).await;
    assert_eq!(found["acct"], ada.handle);
    assert_eq!(found["username"], "ada");
    assert_eq!(found["display_name"], "Ada of the harbour");
    assert_eq!(found["url"], format!("{}/@ada", pair.a.url()));
    assert_eq!(lookup().await.ok()["id"], found["id"]);

    let by_page = ben.search(&text_of(&found, "url"), true).await;
    assert_eq!(by_page["accounts"][0]["id"], found["id"], "{by_page}");

    let by_its_page = ben.search(&text_of(&status, "url"), true).await;
    assert_eq!(by_its_page["statuses"][0]["uri"], status["uri"], "{by_its_page}");
    assert_eq!(by_its_page["statuses"][0]["account"]["id"], found["id"]);
    let by_its_id = ben.search(&uri_of(&status), true).await;
    assert_eq!(
        id_of(&by_its_id["statuses"][0]),
        id_of(&by_its_page["statuses"][0])
    );

    let nobody = ben.search(&format!("@nobody@{}", pair.a.domain()), true).await;
    assert_eq!(nobody["accounts"], json!([]));
}

async fn private_statuses_do_not_resolve(pair: Pair) {
    let (ada, ben) = pair.people().await;
    for visibility in ["private", "direct"] {
        let status = ada
            .publish_with(json!({ "status": "between us", "visibility": visibility }))
            .await;
        for address in [text_of(&status, "url"), uri_of(&status)] {
            let found = ben.search(&address, true).await;
            assert_eq!(found["statuses"], json!([]), "{visibility}: {address}");
        }
        pair.a
            .client()
            .get(&format!("/api/v1/statuses/{}", id_of(&status)))
            .await
            .refused(404);
    }
}
