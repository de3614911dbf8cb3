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
