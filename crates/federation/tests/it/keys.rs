//! Whose a key is.

use pouet_service::relationships;
use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Remote, Site, clock};

#[actix_web::test]
async fn sec_R016_each_key_that_an_actor_lists_is_its_own() {
    let clock = clock();
    let (mut site, remote) = (Site::start(&clock).await, Remote::start(&clock));
    let (_, ben) = site.user("ben").await;
    let ada = remote.actor("ada");
    let second = format!("{}#second-key", ada.id);
    let unlisted = format!("{}#third-key", ada.id);
    let mut document = ada.document.clone();
    document["publicKey"] = json!([
        document["publicKey"],
        { "id": second, "owner": ada.id, "publicKeyPem": OTHER_KEY.public_key_pem },
    ]);
    remote.publish(&document);
    let inbox = format!("{}/ap/inbox", site.url);
    let follow = ada.activity("Follow", "follow", &json!(site.uri(&ben)));
    for (key_id, key, status) in [
        (&unlisted, &*OTHER_KEY, 401),
        // The right keys under each other's names.
        (&second, &*KEY, 401),
        (&ada.key_id, &*OTHER_KEY, 401),
        (&second, &*OTHER_KEY, 202),
    ] {
        assert_eq!(
            remote.send_signed(key_id, key, &inbox, &follow).await,
            status,
            "{key_id}"
        );
    }
    site.settle().await;
    let known = site.account(&ada.id).await.unwrap();
    let relation = relationships::of(&site.instance, ben.id, &[known.id])
        .await
        .unwrap();
    assert!(relation[0].followed_by);
}

#[actix_web::test]
async fn sec_R016_a_copy_of_an_actor_elsewhere_gives_it_no_key() {
    let clock = clock();
    let site = Site::start(&clock).await;
    let (honest, evil) = (Remote::start(&clock), Remote::start(&clock));
    let (_, ben) = site.user("ben").await;
    let ada = honest.actor("ada");
    let inbox = format!("{}/ap/inbox", site.url);
    let follow = ada.activity("Follow", "follow", &json!(site.uri(&ben)));
    // Served at the evil server: Ada's own id, and a key under her name or under the copy's.
    let copy = format!("{}/users/ada", evil.url);
    for key_id in [format!("{copy}#main-key"), format!("{copy}/key")] {
        let mut document = ada.document.clone();
        document["publicKey"] = json!({
            "id": key_id, "owner": ada.id, "publicKeyPem": OTHER_KEY.public_key_pem,
        });
        for path in ["/users/ada", "/users/ada/key"] {
            evil.serve(path, &document);
        }
        let status = evil.send_signed(&key_id, &OTHER_KEY, &inbox, &follow).await;
        assert_eq!(status, 401, "{key_id}");
    }
    // An evil actor that lists Ada's key as its own does not make it so.
    let mut eve = evil.actor("eve");
    eve.document["publicKey"] = json!([
        eve.document["publicKey"],
        { "id": ada.key_id, "owner": eve.id, "publicKeyPem": OTHER_KEY.public_key_pem },
    ]);
    evil.publish(&eve.document);
    site.resolve("eve", &evil.domain).await.unwrap();
    let status = evil.send_signed(&ada.key_id, &OTHER_KEY, &inbox, &follow).await;
    assert_eq!(status, 401);
    assert_eq!(
        honest.send(&ada, &inbox, &follow).await,
        202,
        "her own key is hers"
    );
}

#[actix_web::test]
async fn fed_115_an_unknown_key_costs_one_fetch_and_belongs_to_its_owner() {
    let clock = clock();
    let (mut site, remote, other) = (
        Site::start(&clock).await,
        Remote::start(&clock),
        Remote::start(&clock),
    );
    let (_, ben) = site.user("ben").await;
    let inbox = format!("{}/ap/inbox", site.url);
    let fetches = |remote: &Remote| {
        let asked = remote.asked();
        asked
            .into_iter()
            .filter(|asked| asked.starts_with("GET /"))
            .collect::<Vec<_>>()
    };

    // The key is in the actor document: one fetch, and none for what is signed with it later.
    let ada = remote.actor("ada");
    for name in ["1", "2"] {
        let follow = ada.activity("Follow", name, &json!(site.uri(&ben)));
        assert_eq!(remote.send(&ada, &inbox, &follow).await, 202);
    }
    assert_eq!(fetches(&remote), ["GET /users/ada"]);
    site.settle().await;

    // The key has a document of its own: that one, then its owner, who has to list it.
    let bob = remote.actor("bob");
    let key_id = format!("{}/keys/bob", remote.url);
    let key = json!({
        "@context": "https://w3id.org/security/v1",
        "id": key_id, "type": "Key", "owner": bob.id, "publicKeyPem": OTHER_KEY.public_key_pem,
    });
    remote.serve("/keys/bob", &key);
    let follow = bob.activity("Follow", "1", &json!(site.uri(&ben)));
    assert_eq!(
        remote.send_signed(&key_id, &OTHER_KEY, &inbox, &follow).await,
        401,
        "not listed"
    );
    let mut document = bob.document.clone();
    document["publicKey"] = json!(key_id);
    remote.publish(&document);
    clock.advance(chrono::TimeDelta::minutes(16));
    fetches(&remote);
    assert_eq!(
        remote.send_signed(&key_id, &OTHER_KEY, &inbox, &follow).await,
        202
    );
    let asked = fetches(&remote);
    assert!(
        asked.starts_with(&["GET /keys/bob".to_owned(), "GET /users/bob".to_owned()]),
        "{asked:?}"
    );
    assert!(asked.len() <= 3, "{asked:?}");

    // A key on another host than its owner is nobody's, whatever both say.
    let eve = remote.actor("eve");
    let far = format!("{}/keys/eve", other.url);
    other.serve(
        "/keys/eve",
        &json!({
            "@context": "https://w3id.org/security/v1",
            "id": far, "type": "Key", "owner": eve.id, "publicKeyPem": OTHER_KEY.public_key_pem,
        }),
    );
    let mut document = eve.document.clone();
    document["publicKey"] = json!([document["publicKey"], far]);
    remote.publish(&document);
    let follow = eve.activity("Follow", "1", &json!(site.uri(&ben)));
    assert_eq!(other.send_signed(&far, &OTHER_KEY, &inbox, &follow).await, 401);
    assert_eq!(
        site.account(&eve.id).await,
        None,
        "the owner is not even asked for"
    );
}

#[actix_web::test]
async fn fed_140_a_flood_of_bad_posts_causes_one_fetch_for_each_key() {
    let clock = clock();
    let (site, remote) = (Site::start(&clock).await, Remote::start(&clock));
    let (_, ben) = site.user("ben").await;
    let inbox = format!("{}/ap/inbox", site.url);
    let ada = remote.actor("ada");
    let missing = format!("{}/users/nobody#main-key", remote.url);
    let known = remote.actor("known");
    assert_eq!(
        remote
            .send(
                &known,
                &inbox,
                &known.activity("Follow", "0", &json!(site.uri(&ben)))
            )
            .await,
        202
    );
    remote.asked();
    let fetches = |path: &str| {
        let asked = remote.asked();
        let path = format!("GET {path}");
        asked.iter().filter(|asked| **asked == path).count()
    };
    for round in 0..2 {
        for (key_id, path, allowed) in [
            (&ada.key_id, "/users/ada", [1, 1]),
            // What is not there is not asked for again so soon.
            (&missing, "/users/nobody", [1, 1]),
            // This one was asked for a moment ago.
            (&known.key_id, "/users/known", [0, 1]),
        ] {
            let mut counted = 0;
            for number in 0..40 {
                let follow = ada.activity("Follow", &format!("{round}-{number}"), &json!(site.uri(&ben)));
                let status = remote.send_signed(key_id, &OTHER_KEY, &inbox, &follow).await;
                assert_eq!(status, 401, "{key_id}");
                let unsigned = remote.send_as(&inbox, follow.to_string(), None).await;
                assert_eq!(unsigned.status, 401);
                counted += fetches(path);
            }
            assert_eq!(counted, allowed[round], "{key_id} round {round}");
        }
        clock.advance(chrono::TimeDelta::minutes(6));
    }
}
