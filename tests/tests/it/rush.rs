//! A post that thousands read at once: rule R099.

use futures_util::stream::{self, StreamExt as _};
use pouet_tests::account::uri_of;
use pouet_tests::database::Backend;
use pouet_tests::http::http;
use pouet_tests::{Options, Reply, Server};

/// Readers of each form, and how many of them ask at a time.
const READERS: usize = 2_500;
const AT_ONCE: usize = 64;

#[tokio::test]
async fn sec_R099_a_rush_on_a_post_takes_little_memory_and_caches_may_help() {
    let lifted = Options::new(Backend::Sqlite).with("POUET_RATE_LIMITS__ENABLED", "false");
    let server = Server::start(lifted).await;
    let ada = server.account("ada").await;
    let post = ada.publish("everybody boosts this").await;
    let (uri, url) = (uri_of(&post), post["url"].as_str().expect("a page").to_owned());
    let document = async || read(&uri, "application/activity+json").await;
    let page = async || read(&url, "text/html").await;
    for reply in [document().await, page().await] {
        assert_eq!(reply.header("cache-control"), "max-age=180, public");
        assert!(reply.header("vary").contains("Accept"), "{}", reply.summary());
        assert!(
            reply.text().contains("everybody boosts this"),
            "{}",
            reply.summary()
        );
    }
    let before = server.memory();
    let readers = stream::iter(0..READERS * 2).map(async |reader| {
        let reply = if reader % 2 == 0 {
            document().await
        } else {
            page().await
        };
        reply.expect(200).bytes.len()
    });
    let sizes: Vec<usize> = readers.buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(sizes.len(), READERS * 2);
    let after = server.memory();
    let more = after.peak.saturating_sub(before.resident);
    println!("{more} MiB more at the most: {before:?}, {after:?}");
    assert!(more < 150, "{more} MiB more: {before:?}, {after:?}");
}

async fn read(address: &str, accept: &str) -> Reply {
    let request = http().get(address).header("accept", accept);
    Reply::of(request).await.expect("an answer").expect(200)
}
