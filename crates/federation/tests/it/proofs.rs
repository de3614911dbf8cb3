//! Integrity proofs on the wire: what is passed on by others, and what we send.

use std::sync::{Arc, LazyLock};

use chrono::TimeDelta;
use pouet_federation::{json as reader, proofs, routes::FetchAuth};
use pouet_model::{
    account::{Account, User},
    time::{Clock as _, ManualClock},
};
use pouet_service::{
    follows::{self, FollowOptions, sync::FollowersDigest},
    keys::{KeyPair, PrivateKey, PublicKey, generate_ed25519_keypair},
    relationships,
    signing_keys::ProofKey,
    statuses::{self, NewStatus},
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock, json_of};

static ED25519: LazyLock<KeyPair> = LazyLock::new(|| generate_ed25519_keypair().unwrap());
static OTHER: LazyLock<KeyPair> = LazyLock::new(|| generate_ed25519_keypair().unwrap());

fn multikey(pair: &KeyPair) -> String {
    let key = PublicKey::from_pem(&pair.public_key_pem).unwrap();
    key.to_multikey().unwrap()
}

fn key_of(pair: &KeyPair, key_id: &str) -> ProofKey {
    ProofKey {
        key_id: key_id.to_owned(),
        key: PrivateKey::from_pkcs8_pem(&pair.private_key_pem).unwrap(),
        multikey: multikey(pair),
    }
}

/// An actor that shows an Ed25519 key.
pub(crate) fn with_key(remote: &Remote, name: &str) -> Actor {
    let mut actor = remote.actor(name);
    actor.document["assertionMethod"] = json!([{
        "id": format!("{}#ed25519-key", actor.id),
        "type": "Multikey",
        "controller": actor.id,
        "publicKeyMultibase": multikey(&ED25519),
    }]);
    remote.publish(&actor.document);
    actor
}

/// An activity with the proof of an actor made by [`with_key`].
pub(crate) fn proved_by(actor: &Actor, activity: &Value, clock: &ManualClock) -> Value {
    let key = key_of(&ED25519, &format!("{}#ed25519-key", actor.id));
    let text = proofs::write(&activity.to_string(), &key, clock.now()).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Our site with Ben, Ada's server, and Eve's, who passes on.
struct World {
    site: Site,
    honest: Remote,
    evil: Remote,
    ben: (User, Account),
    ada: Actor,
    eve: Actor,
    clock: Arc<ManualClock>,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let site = Site::start(&clock).await;
        let (honest, evil) = (Remote::start(&clock), Remote::start(&clock));
        let ben = site.user("ben").await;
        let (ada, eve) = (with_key(&honest, "ada"), with_key(&evil, "eve"));
        Self {
            site,
            honest,
            evil,
            ben,
            ada,
            eve,
            clock,
        }
    }

    /// An activity of Ada's with her proof.
    fn proved(&self, activity: &Value) -> Value {
        proved_by(&self.ada, activity, &self.clock)
    }

    fn proved_with(&self, activity: &Value, pair: &KeyPair, key_id: &str) -> Value {
        let key = key_of(pair, key_id);
        let text = proofs::write(&activity.to_string(), &key, self.clock.now()).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Eve passes something on.
    async fn passed_on(&mut self, activity: &Value) -> u16 {
        let inbox = format!("{}/ap/inbox", self.site.url);
        let status = self.evil.send(&self.eve, &inbox, activity).await;
        self.site.settle().await;
        status
    }

    fn follow(&self, name: &str) -> Value {
        self.ada
            .activity("Follow", name, &json!(self.site.uri(&self.ben.1)))
    }

    async fn follows_ben(&self, actor: &Actor) -> bool {
        let Some(account) = self.site.account(&actor.id).await else {
            return false;
        };
        let found = relationships::of(&self.site.instance, self.ben.1.id, &[account.id])
            .await
            .unwrap();
        found[0].followed_by
    }
}

#[actix_web::test]
async fn sec_R021_fed_120_what_its_actor_proved_is_executed_whoever_sends_it() {
    let mut world = World::start().await;
    let follow = world.proved(&world.follow("1"));
    assert_eq!(world.passed_on(&follow).await, 202);
    assert!(world.follows_ben(&world.ada).await);
    assert!(!world.follows_ben(&world.eve).await, "in nobody else's name");
    let undo = world.proved(&world.ada.activity("Undo", "2", &world.follow("1")));
    assert_eq!(world.passed_on(&undo).await, 202);
    assert!(!world.follows_ben(&world.ada).await);

    // The same a second time is known: a proof that somebody kept follows nobody again.
    assert_eq!(world.passed_on(&follow).await, 202);
    assert!(!world.follows_ben(&world.ada).await);
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(world.honest.send(&world.ada, &inbox, &follow).await, 202);
    world.site.settle().await;
    assert!(!world.follows_ben(&world.ada).await, "nor directly");
}

#[actix_web::test]
async fn fed_120_a_note_arrives_through_others_and_not_for_their_inbox() {
    let mut world = World::start().await;
    world.proved(&world.follow("1"));
    let note = world.honest.note(&world.ada, "1", "<p>hello</p>");
    world.honest.remove(note["id"].as_str().unwrap());
    let mut mentioning = note.clone();
    let ben = world.site.uri(&world.ben.1);
    mentioning["to"] = json!([ben]);
    mentioning["cc"] = json!([]);
    mentioning["tag"] = json!([{ "type": "Mention", "href": ben, "name": "@ben" }]);
    let mut create = world.ada.activity("Create", "1", &mentioning);
    create["to"] = mentioning["to"].clone();
    assert_eq!(world.passed_on(&world.proved(&create)).await, 202);
    assert!(world.site.knows(note["id"].as_str().unwrap()).await);

    // A note for somebody else does not become Ben's because it was thrown into his inbox.
    let mut other = note.clone();
    other["id"] = json!(format!("{}/notes/2", world.honest.url));
    other["to"] = json!([format!("{}/users/zoe", world.honest.url)]);
    other["cc"] = json!([]);
    let mut create = world.ada.activity("Create", "2", &other);
    create["to"] = other["to"].clone();
    let create = world.proved(&create);
    let inbox = format!("{ben}/inbox");
    assert_eq!(world.evil.send(&world.eve, &inbox, &create).await, 202);
    world.site.settle().await;
    assert!(!world.site.knows(other["id"].as_str().unwrap()).await);
}

#[actix_web::test]
async fn sec_R021_fed_101_who_passes_on_says_nothing_of_the_actors_followers() {
    let mut world = World::start().await;
    let ada = world.site.resolve("ada", &world.honest.domain).await.unwrap();
    let ben = world.ben.1.clone();
    follows::follow(&world.site.instance, ben.id, ada.id, FollowOptions::default())
        .await
        .unwrap();
    world.site.settle().await;
    let follow = world.honest.received().pop().unwrap();
    let inbox = format!("{}/ap/inbox", world.site.url);
    let accept = world.ada.activity("Accept", "accept", &follow);
    assert_eq!(world.honest.send(&world.ada, &inbox, &accept).await, 202);
    world.site.settle().await;
    let url = format!("{}/sync", world.honest.url);
    world
        .honest
        .publish(&json!({ "id": url, "type": "OrderedCollection", "orderedItems": [] }));
    world.honest.asked();

    let note = world.honest.note(&world.ada, "1", "<p>hello</p>");
    let create = world.proved(&world.ada.activity("Create", "1", &note));
    let none = FollowersDigest::of([]).to_string();
    let header = format!(
        r#"collectionId="{}/followers", url="{url}", digest="{none}""#,
        world.ada.id
    );
    let header = ("collection-synchronization", header.as_str());
    let status = world.evil.send_beside(&world.eve, &inbox, &create, header).await;
    assert_eq!(status, 202);
    world.site.settle().await;
    assert!(
        world.site.knows(note["id"].as_str().unwrap()).await,
        "it is Ada's"
    );
    assert!(!world.honest.asked().contains(&"GET /sync".to_owned()));
    let found = relationships::of(&world.site.instance, ben.id, &[ada.id])
        .await
        .unwrap();
    assert!(found[0].following);
}

#[actix_web::test]
async fn sec_R021_fed_120_other_proofs_are_ignored() {
    let mut world = World::start().await;
    let own_key = format!("{}#ed25519-key", world.ada.id);
    let eves_key = format!("{}#ed25519-key", world.eve.id);
    let mallory = with_key(&world.honest, "mallory");
    let cases = [
        ("an altered byte", {
            let mut follow = world.proved(&world.follow("altered"));
            follow["published"] = json!("2026-11-23T09:59:01Z");
            follow
        }),
        (
            "by another actor",
            world.proved_with(&world.follow("eve"), &ED25519, &eves_key),
        ),
        (
            "by a neighbour",
            world.proved_with(
                &world.follow("mallory"),
                &ED25519,
                &format!("{}#ed25519-key", mallory.id),
            ),
        ),
        (
            "by another key",
            world.proved_with(&world.follow("other"), &OTHER, &own_key),
        ),
        (
            "by a key that is not listed",
            world.proved_with(&world.follow("unlisted"), &OTHER, &format!("{own_key}-2")),
        ),
        (
            "by the key of requests",
            world.proved_with(&world.follow("rsa"), &ED25519, &world.ada.key_id),
        ),
        ("too old", {
            world.clock.advance(TimeDelta::days(-8));
            let follow = world.proved(&world.follow("old"));
            world.clock.advance(TimeDelta::days(8));
            follow
        }),
        ("without an id", {
            let mut follow = world.follow("unnamed");
            follow.as_object_mut().unwrap().remove("id");
            world.proved(&follow)
        }),
        ("with an id of Eve's", {
            let mut follow = world.follow("eve");
            follow["id"] = json!(format!("{}/1", world.evil.url));
            world.proved(&follow)
        }),
        ("with more for other readers", {
            let mut follow = world.follow("graph");
            follow["@graph"] = json!([]);
            world.proved(&follow)
        }),
    ];
    for (what, activity) in cases {
        assert_eq!(world.passed_on(&activity).await, 202, "{what}");
        assert!(!world.follows_ben(&world.ada).await, "{what}");
        assert!(!world.follows_ben(&world.eve).await, "{what}");
    }
    // In one's own name a proof decides nothing: the request is signed.
    let mut follow = world.follow("direct");
    follow["proof"] = json!({ "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022" });
    let inbox = format!("{}/ap/inbox", world.site.url);
    assert_eq!(world.honest.send(&world.ada, &inbox, &follow).await, 202);
    world.site.settle().await;
    assert!(world.follows_ben(&world.ada).await);
}

#[actix_web::test]
async fn fed_119_a_linked_data_signature_changes_nothing() {
    let mut world = World::start().await;
    let signature = json!({
        "type": "RsaSignature2017",
        "creator": world.ada.key_id,
        "created": "2026-11-23T10:00:00Z",
        "signatureValue": "c2lnbmF0dXJl",
    });
    let mut follow = world.follow("1");
    follow["signature"] = signature.clone();
    assert_eq!(world.passed_on(&follow).await, 202);
    assert!(
        !world.follows_ben(&world.ada).await,
        "passed on, it proves nothing"
    );
    // Sent by its actor it is taken, whatever the signature says.
    for (name, signature) in [
        ("2", signature),
        ("3", json!({ "creator": world.eve.key_id })),
        ("4", json!("garbage")),
    ] {
        let mut follow = world.follow(name);
        follow["signature"] = signature;
        let inbox = format!("{}/ap/inbox", world.site.url);
        assert_eq!(world.honest.send(&world.ada, &inbox, &follow).await, 202);
        world.site.settle().await;
        assert!(world.follows_ben(&world.ada).await);
        let undo = world
            .ada
            .activity("Undo", &format!("undo-{name}"), &world.follow(name));
        world.honest.send(&world.ada, &inbox, &undo).await;
        world.site.settle().await;
        assert!(!world.follows_ben(&world.ada).await);
    }
}

/// Ada on a site of ours with a follower elsewhere; the activities that her post causes there.
async fn sent(change: impl FnOnce(&mut pouet_service::settings::Settings)) -> (Site, Account, Vec<Value>) {
    let clock = clock();
    let mut site = Site::start_as(&clock, FetchAuth::Off, change).await;
    let remote = Remote::start(&clock);
    let (user, ada) = site.user("ada").await;
    let zoe = remote.actor("zoe");
    let known = site.resolve("zoe", &remote.domain).await.unwrap();
    follows::receive_follow(&site.instance, known.id, ada.id, &format!("{}#follows/1", zoe.id))
        .await
        .unwrap();
    let new = NewStatus {
        text: format!("hello @zoe@{}", remote.domain),
        ..NewStatus::default()
    };
    let id = site.post(&user, new).await;
    site.settle().await;
    statuses::delete(&site.instance, ada.id, id, false).await.unwrap();
    site.settle().await;
    (site, ada, remote.received())
}

#[actix_web::test]
async fn fed_120_what_we_send_carries_a_proof_by_the_key_that_we_show() {
    let (site, ada, received) = sent(|_| {}).await;
    let actor = json_of(&site.get(&format!("/ap/users/{}", ada.id)).await);
    let method = &actor["assertionMethod"][0];
    assert_eq!(method["type"], "Multikey");
    assert_eq!(method["controller"], actor["id"]);
    assert_eq!(method["id"], format!("{}#ed25519-key", site.uri(&ada)));
    assert!(
        actor["publicKey"]["publicKeyPem"].is_string(),
        "beside the RSA key"
    );
    for term in ["assertionMethod", "Multikey", "controller", "publicKeyMultibase"] {
        assert!(
            actor["@context"][3][term].is_string() || actor["@context"][3][term].is_object(),
            "{term}"
        );
    }
    let key = PublicKey::from_multikey(method["publicKeyMultibase"].as_str().unwrap()).unwrap();
    let mut kinds: Vec<&str> = received
        .iter()
        .filter_map(|activity| activity["type"].as_str())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["Accept", "Create", "Delete"]);
    for activity in &received {
        // Read as we read others.
        let activity = reader::parse(activity.to_string().as_bytes()).unwrap();
        let proof = proofs::parse(&activity, site.instance.now()).unwrap();
        assert_eq!(proof.key_id(), method["id"]);
        assert!(proof.verify(&key), "{activity}");
        let contexts = activity["@context"].as_array().unwrap();
        assert!(contexts.contains(&json!("https://w3id.org/security/data-integrity/v1")));
    }
    // The instance itself has both keys too.
    let actor = json_of(&site.get("/ap/actor").await);
    let method = &actor["assertionMethod"][0];
    assert_eq!(
        method["id"],
        format!("{}#ed25519-key", actor["id"].as_str().unwrap())
    );
    assert!(PublicKey::from_multikey(method["publicKeyMultibase"].as_str().unwrap()).is_ok());
}

#[actix_web::test]
async fn keys_and_proofs_are_left_out_when_the_configuration_says_so() {
    for (ed25519_keys, integrity_proofs) in [(true, false), (false, true)] {
        let (site, ada, received) = sent(|settings| {
            settings.federation.ed25519_keys = ed25519_keys;
            settings.federation.integrity_proofs = integrity_proofs;
        })
        .await;
        assert_eq!(received.len(), 3);
        assert!(received.iter().all(|activity| activity.get("proof").is_none()));
        for path in [format!("/ap/users/{}", ada.id), "/ap/actor".to_owned()] {
            let actor = json_of(&site.get(&path).await);
            assert_eq!(actor.get("assertionMethod").is_some(), ed25519_keys, "{path}");
        }
    }
}

#[actix_web::test]
async fn fed_120_two_sites_of_ours_believe_each_other_through_a_third() {
    let clock = clock();
    let (mut from, mut to) = (Site::start(&clock).await, Site::start(&clock).await);
    let (user, ada) = from.user("ada").await;
    let (_, ben) = to.user("ben").await;
    let remote = Remote::start(&clock);
    let zoe = remote.actor("zoe");
    let known = from.resolve("zoe", &remote.domain).await.unwrap();
    follows::receive_follow(&from.instance, known.id, ada.id, &format!("{}#follows/1", zoe.id))
        .await
        .unwrap();
    let new = NewStatus {
        text: format!("hello @ben@{}", to.domain),
        ..NewStatus::default()
    };
    let id = from.post(&user, new).await;
    from.settle().await;
    let received = remote.received();
    assert!(received.iter().any(|activity| activity["type"] == "Create"));
    let uri = from.status_uri(id).await;
    // The post reached Ben too; the Delete reaches Zoe only, who passes it on.
    to.settle().await;
    assert!(to.knows(&uri).await);
    let delete = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{uri}#delete"),
        "type": "Delete",
        "actor": from.uri(&ada),
        "object": uri,
    });
    let key = pouet_service::signing_keys::proof_key(&from.instance, Some(ada.id))
        .await
        .unwrap()
        .unwrap();
    let text = proofs::write(&delete.to_string(), &key, clock.now()).unwrap();
    let proved: Value = serde_json::from_str(&text).unwrap();
    let inbox = format!("{}/ap/inbox", to.url);
    assert_eq!(remote.send(&zoe, &inbox, &delete).await, 202);
    to.settle().await;
    assert!(
        to.knows(&uri).await,
        "without a proof the origin decides, where it still is"
    );
    assert_eq!(remote.send(&zoe, &inbox, &proved).await, 202);
    to.settle().await;
    assert!(!to.knows(&uri).await);
    assert!(to.account(&to.uri(&ben)).await.is_some());
}
