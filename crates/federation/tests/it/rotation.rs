//! New keys in the place of old ones, beside a running server.

use chrono::TimeDelta;
use pouet_federation::signatures::{HeaderSource, IncomingRequest, parse};
use pouet_model::account::{Account, User};
use pouet_service::{accounts, follows, keys::PublicKey, signing_keys, statuses::NewStatus};
use serde_json::Value;

use crate::common::{Remote, Request, Site, clock, json_of};

/// Ada on a site of ours, and Zoe elsewhere, who follows her.
struct World {
    site: Site,
    remote: Remote,
    ada: (User, Account),
}

/// Headers as the other server got them.
struct Got<'a>(&'a http::HeaderMap);

impl HeaderSource for Got<'_> {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        let values = self.0.get_all(name).iter();
        values.map(http::HeaderValue::as_bytes).collect()
    }
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let mut site = Site::start(&clock).await;
        let remote = Remote::start(&clock);
        let ada = site.user("ada").await;
        let zoe = remote.actor("zoe");
        let known = site.resolve("zoe", &remote.domain).await.unwrap();
        let uri = format!("{}#follows/1", zoe.id);
        follows::receive_follow(&site.instance, known.id, ada.1.id, &uri)
            .await
            .unwrap();
        site.settle().await;
        remote.received();
        remote.requests();
        Self { site, remote, ada }
    }

    async fn post(&mut self, text: &str) {
        let new = NewStatus {
            text: text.to_owned(),
            ..NewStatus::default()
        };
        self.site.post(&self.ada.0, new).await;
    }

    /// The public key that is shown at a path.
    async fn key_at(&self, path: &str) -> PublicKey {
        let actor = json_of(&self.site.get(path).await);
        PublicKey::from_pem(actor["publicKey"]["publicKeyPem"].as_str().unwrap()).unwrap()
    }

    async fn adas_key(&self) -> PublicKey {
        self.key_at(&format!("/ap/users/{}", self.ada.1.id)).await
    }

    /// Whether a request that the other server got was signed with a key.
    fn is_signed_with(&self, request: &Request, key: &PublicKey) -> bool {
        let incoming = IncomingRequest {
            method: &request.method,
            path_and_query: &request.target,
            headers: &Got(&request.headers),
            body: &request.body,
            received_at: self.site.instance.now(),
            own_hosts: std::slice::from_ref(&self.remote.domain),
            scheme: "http",
        };
        parse(&incoming).unwrap().verify(key).is_ok()
    }

    /// What was posted since the last call: types, and whether each was signed with `key`.
    fn arrived(&self, key: &PublicKey) -> Vec<(String, bool)> {
        let requests = self.remote.requests();
        let posts = requests.iter().filter(|request| request.method == "POST");
        posts
            .map(|request| {
                let activity: Value = serde_json::from_slice(&request.body).unwrap();
                let kind = activity["type"].as_str().unwrap().to_owned();
                (kind, self.is_signed_with(request, key))
            })
            .collect()
    }
}

#[actix_web::test]
async fn new_keys_are_announced_with_the_old_one_and_used_from_then_on() {
    let mut world = World::start().await;
    let old = world.adas_key().await;
    let old_proof = signing_keys::proof_key(&world.site.instance, Some(world.ada.1.id))
        .await
        .unwrap()
        .unwrap();
    world.post("queued before").await;
    signing_keys::rotate(&world.site.instance, world.ada.1.id)
        .await
        .unwrap();
    let new = world.adas_key().await;
    assert_ne!(old.to_pem().unwrap(), new.to_pem().unwrap());
    let new_proof = signing_keys::proof_key(&world.site.instance, Some(world.ada.1.id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(new_proof.key_id, old_proof.key_id);
    assert_ne!(new_proof.multikey, old_proof.multikey);
    world.post("after").await;
    world.site.settle().await;
    let received = world.remote.received();
    let update = received
        .iter()
        .find(|activity| activity["type"] == "Update")
        .unwrap();
    assert_eq!(
        update["object"]["publicKey"]["publicKeyPem"],
        new.to_pem().unwrap()
    );
    assert_eq!(
        update["object"]["assertionMethod"][0]["publicKeyMultibase"],
        new_proof.multikey
    );
    assert_eq!(update.get("proof"), None, "by a key that nobody knows yet");
    let mut arrived = world.arrived(&old);
    arrived.sort();
    let expected = [("Create", false), ("Create", false), ("Update", true)];
    assert_eq!(arrived, expected.map(|(kind, old)| (kind.to_owned(), old)));
    world.post("later").await;
    world.site.settle().await;
    assert_eq!(world.arrived(&new), [("Create".to_owned(), true)]);
}

#[actix_web::test]
async fn who_knows_the_new_key_already_gets_the_announcement_with_it() {
    let mut world = World::start().await;
    let old = world.adas_key().await;
    signing_keys::rotate(&world.site.instance, world.ada.1.id)
        .await
        .unwrap();
    // What is signed with the old key is refused, in either scheme; then the new key is tried.
    world.remote.answer_posts([401, 401, 202]);
    world.site.settle().await;
    let update = |signed| ("Update".to_owned(), signed);
    assert_eq!(world.arrived(&old), [update(true), update(true), update(false)]);
    assert_eq!(world.remote.received().len(), 1);
}

#[actix_web::test]
async fn fed_130_a_deletion_is_signed_with_the_key_of_the_account_after_a_rotation_too() {
    let mut world = World::start().await;
    signing_keys::rotate(&world.site.instance, world.ada.1.id)
        .await
        .unwrap();
    world.site.settle().await;
    world.remote.requests();
    let new = world.adas_key().await;
    accounts::delete_local(&world.site.instance, world.ada.1.id)
        .await
        .unwrap();
    world.remote.answer_posts([503]);
    world.site.settle().await;
    world.remote.requests();
    world.site.clock.advance(TimeDelta::hours(1));
    world.site.settle().await;
    assert_eq!(world.arrived(&new), [("Delete".to_owned(), true)]);
    let again = signing_keys::rotate(&world.site.instance, world.ada.1.id).await;
    assert!(
        matches!(again, Err(pouet_service::Error::NotFound)),
        "who is gone gets no keys"
    );
}

#[actix_web::test]
async fn the_instance_gets_new_keys_too() {
    let mut world = World::start().await;
    let old = world.key_at("/ap/actor").await;
    signing_keys::rotate_instance(&world.site.instance).await.unwrap();
    let new = world.key_at("/ap/actor").await;
    assert_ne!(old.to_pem().unwrap(), new.to_pem().unwrap());
    world.site.settle().await;
    let received = world.remote.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0]["actor"], format!("{}/ap/actor", world.site.url));
    assert_eq!(
        received[0]["object"]["publicKey"]["publicKeyPem"],
        new.to_pem().unwrap()
    );
    assert_eq!(world.arrived(&old), [("Update".to_owned(), true)]);
    // What the instance fetches is signed with the new key.
    let other = world.remote.actor("other");
    world.site.resolve("other", &world.remote.domain).await.unwrap();
    let fetches = world.remote.requests();
    let fetch = fetches
        .iter()
        .find(|fetch| other.id.ends_with(&fetch.target))
        .unwrap();
    assert!(world.is_signed_with(fetch, &new));
}

#[actix_web::test]
async fn a_site_of_ours_learns_the_new_keys_of_another_from_the_announcement() {
    let clock = clock();
    let (mut here, mut there) = (Site::start(&clock).await, Site::start(&clock).await);
    let (ada_user, ada) = here.user("ada").await;
    let (_, ben) = there.user("ben").await;
    let known = there.resolve("ada", &here.domain).await.unwrap();
    let options = follows::FollowOptions::default();
    follows::follow(&there.instance, ben.id, known.id, options)
        .await
        .unwrap();
    for _ in 0..3 {
        there.settle().await;
        here.settle().await;
    }
    signing_keys::rotate(&here.instance, ada.id).await.unwrap();
    here.settle().await;
    there.settle().await;
    let own = signing_keys::signing_key(&here.instance, Some(ada.id))
        .await
        .unwrap();
    let learnt = signing_keys::find(&there.instance, &own.key_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(learnt.public_key.trim(), own.public_key_pem.trim());
    assert_eq!(learnt.refetched_at, None, "without asking");
    let new = NewStatus {
        text: "with the new key".to_owned(),
        ..NewStatus::default()
    };
    let id = here.post(&ada_user, new).await;
    here.settle().await;
    there.settle().await;
    assert!(there.knows(&here.status_uri(id).await).await);
}
