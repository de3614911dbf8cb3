//! The queue on the command line and as metrics, while another server is away.

use pouet_tests::database::Backend;
use pouet_tests::http::{Reply, http};
use pouet_tests::port::Port;
use pouet_tests::wait::SOON;
use pouet_tests::{Options, Pair, Server, eventually};
use serde_json::Value;

fn admin(server: &Server, arguments: &[&str]) -> Value {
    let line = [&["admin", "--json", "federation"], arguments].concat();
    serde_json::from_str(&server.cli(&line, "")).expect("JSON")
}

#[tokio::test]
async fn fed_128_what_waits_for_a_server_that_is_away_is_shown_sent_and_purged() {
    // Long enough that nothing is sent again by itself.
    let pair = Pair::start_with(Backend::Sqlite, &[("POUET_DELIVERY__RETRY_FIRST", "1h")]).await;
    let Some(mut pair) = pair else { return };
    let (ada, ben) = pair.people().await;
    ben.follow(&ada).await;
    let away = pair.b.domain();
    pair.b.stop();
    ada.publish("is anybody there?").await;
    let waiting = eventually("it waits and an attempt has failed", SOON, async || {
        let shown = admin(&pair.a, &["status"]);
        let host = shown[0].clone();
        anyhow::ensure!(host["host"] == away && host["queued"] == 1, "{shown}");
        anyhow::ensure!(host["last_error"].is_string(), "{shown}");
        Ok(host)
    })
    .await;
    assert!(waiting["oldest_seconds"].is_u64(), "{waiting}");
    pair.b.start_again().await;
    assert_eq!(admin(&pair.a, &["retry", &away])["queued"], 1);
    eventually("it has arrived", SOON, async || {
        let shown = admin(&pair.a, &["status", &away]);
        anyhow::ensure!(shown["queued"] == 0 && shown["state"] == "ok", "{shown}");
        Ok(())
    })
    .await;
    pair.b.stop();
    ada.publish("and now?").await;
    eventually("the next one waits", SOON, async || {
        let shown = admin(&pair.a, &["status"]);
        anyhow::ensure!(shown[0]["queued"] == 1, "{shown}");
        Ok(())
    })
    .await;
    assert_eq!(admin(&pair.a, &["purge", &away])["removed"], 1);
    assert_eq!(admin(&pair.a, &["status", &away])["queued"], 0);
    assert_eq!(admin(&pair.a, &["quarantine", "list"]), serde_json::json!([]));
    let unknown = pair
        .a
        .run(&["admin", "federation", "status", "nowhere.example"], "");
    assert_eq!(unknown.status.code(), Some(4));
    let free = pair
        .a
        .run(&["admin", "federation", "quarantine", "release", &away], "");
    assert_eq!(free.status.code(), Some(4));
}

#[tokio::test]
async fn metrics_are_read_at_an_address_of_their_own() {
    let port = Port::take();
    let listen = format!("127.0.0.1:{}", port.number());
    let server = Server::start(Options::new(Backend::Sqlite).with("POUET_METRICS__LISTEN", &listen)).await;
    server.client().get("/api/v1/instance").await.expect(200);
    let read = async || {
        let request = http().get(format!("http://{listen}/metrics"));
        Reply::of(request).await.expect("an answer").expect(200)
    };
    let answer = read().await;
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = answer.text();
    for line in [
        "pouet_http_requests_total{method=\"GET\",status=\"200\"}",
        "pouet_delivery_queue_length 0",
        "pouet_inbox_unknown_types_total 0",
        "# EOF",
    ] {
        assert!(
            text.lines().any(|found| found.starts_with(line)),
            "{line} in {text}"
        );
    }
    server.client().get("/metrics").await.expect(404);
}
