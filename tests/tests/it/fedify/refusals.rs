//! What Fedify signs and Pouet must refuse, or take and not believe: nothing that a client can see may change.

use anyhow::ensure;
use pouet_tests::account::{id_of, text_of, uri_of};
use pouet_tests::database::Backend;
use pouet_tests::peer::{Peer, Person, Schemes};
use pouet_tests::wait::DELIVERED;
use pouet_tests::{Account, chance, eventually};
use serde_json::{Value, json};

use super::{document, meet};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A public note, as the JSON of a Create.
fn create(author: &str, note: &str, actor: &str) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{actor}/forged/{}", chance::name()),
        "type": "Create",
        "actor": actor,
        "to": [PUBLIC],
        "object": {
            "id": note,
            "type": "Note",
            "attributedTo": author,
            "content": format!("<p>a note of {author}</p>"),
            "to": [PUBLIC],
        },
    })
}

/// Any other activity.
fn activity(kind: &str, actor: &str, object: &Value) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{actor}/forged/{}", chance::name()),
        "type": kind,
        "actor": actor,
        "to": [PUBLIC],
        "object": object,
    })
}

/// An address on the peer of a note that is not there.
fn unwritten(person: &Person) -> String {
    format!("{}/notes/forged-{}", person.id, chance::name())
}

struct Scene {
    ada: Account,
    finn: Person,
    mina: Person,
    /// Ids of Finn and Mina on Pouet.
    here: [String; 2],
    /// A status of Mina that Ada sees, and one of Ada.
    note: String,
    status: String,
    inbox: String,
    own: String,
}

impl Scene {
    async fn set(ada: Account, peer: &Peer) -> Self {
        let (finn, mina) = (peer.person("finn").await, peer.person("mina").await);
        let here = [finn.gain(&ada).await, mina.gain(&ada).await];
        mina.follow(&ada).await;
        let note = mina.post("<p>Mina's own words</p>", &[]).await;
        ada.await_home(&note).await;
        let status = uri_of(&ada.publish("Ada's own words").await);
        mina.act(
            "like",
            json!({ "object": status, "author": ada.actor_id().await }),
        )
        .await;
        let own = ada.actor_id().await;
        let inbox = text_of(&document(&own).await["endpoints"], "sharedInbox");
        let scene = Self {
            ada,
            finn,
            mina,
            here,
            note,
            status,
            inbox,
            own,
        };
        eventually("the like", DELIVERED, async || {
            let view = scene.view().await.to_string();
            ensure!(view.contains("\"favourites_count\":1"), "{view}");
            Ok(())
        })
        .await;
        scene
    }

    /// Everything that Ada can see, without what changes by itself.
    async fn view(&self) -> Value {
        let mut home = self.ada.home().await;
        for status in &mut home {
            *status = json!({
                "uri": status["uri"], "content": status["content"], "edited_at": status["edited_at"],
                "account": status["account"]["acct"], "visibility": status["visibility"],
                "favourites_count": status["favourites_count"], "reblogs_count": status["reblogs_count"],
                "replies_count": status["replies_count"],
            });
        }
        let mut told = self.ada.notifications().await;
        for one in &mut told {
            *one = json!([one["type"], one["account"]["acct"], one["status"]["uri"]]);
        }
        let followers = self
            .ada
            .client
            .all(&format!("/api/v1/accounts/{}/followers", self.ada.id))
            .await;
        let mut people = Vec::new();
        for id in &self.here {
            let account = self.ada.client.get(&format!("/api/v1/accounts/{id}")).await.ok();
            people.push(json!([
                account["display_name"],
                account["note"],
                self.ada.relationship(id).await
            ]));
        }
        json!({
            "home": home, "notifications": told, "people": people,
            "followers": followers.iter().map(|it| it["acct"].clone()).collect::<Vec<_>>(),
        })
    }

    /// Waits until all that was sent before has been worked on: activities of one actor are taken in turn.
    async fn settle(&self) {
        for person in [&self.finn, &self.mina] {
            let last = person.post("<p>the last word</p>", &[]).await;
            self.ada.await_home(&last).await;
            person.act("delete", json!({ "id": last })).await;
            eventually("the last word to be gone", DELIVERED, async || {
                ensure!(self.ada.in_home(&last).await.is_err(), "{last} is still there");
                Ok(())
            })
            .await;
        }
    }

    async fn forge(&self, activity: &Value, how: Value) -> u64 {
        self.finn.forge(activity, &self.inbox, how).await
    }
}

async fn scene() -> Option<(pouet_tests::Server, Peer, Scene)> {
    let (server, peer) = meet(Backend::Sqlite, Schemes::Both).await?;
    let scene = Scene::set(server.account("ada").await, &peer).await;
    Some((server, peer, scene))
}

#[tokio::test]
async fn signatures_that_do_not_hold_are_refused() {
    let Some((_server, _peer, scene)) = scene().await else {
        return;
    };
    let before = scene.view().await;
    let (finn, mina) = (&scene.finn, &scene.mina);
    for scheme in ["rfc9421", "draft-cavage"] {
        let honest = create(&finn.id, &unwritten(finn), &finn.id);
        let other = create(&finn.id, &unwritten(finn), &finn.id);
        for (what, how) in [
            ("a body that was not signed", json!({ "sent": other })),
            ("a key that nobody published", json!({ "key": "fresh" })),
            (
                "a key of somebody else under Finn's name",
                json!({ "signer": mina.name, "keyId": format!("{}#main-key", finn.id) }),
            ),
            (
                "a key id of somebody who does not exist",
                json!({ "keyId": format!("{}nobody#main-key", finn.id) }),
            ),
            ("a signature of the day before", json!({ "age": 26 * 60 * 60 })),
        ] {
            let mut how = how;
            how["scheme"] = json!(scheme);
            let status = scene.forge(&honest, how).await;
            assert_eq!(status, 401, "{scheme}: {what}");
        }
    }
    scene.settle().await;
    assert_eq!(scene.view().await, before);

    // The same words with nothing wrong about them arrive, so the refusals had the reasons that they say.
    for scheme in ["rfc9421", "draft-cavage"] {
        let note = unwritten(finn);
        let status = scene
            .forge(&create(&finn.id, &note, &finn.id), json!({ "scheme": scheme }))
            .await;
        assert_eq!(status, 202, "{scheme}");
        scene.ada.await_home(&note).await;
    }
}

#[tokio::test]
async fn nobody_speaks_for_another() {
    let Some((_server, peer, scene)) = scene().await else {
        return;
    };
    let locked = peer.person_with("lena", json!({ "locked": true })).await;
    let lena = id_of(&scene.ada.resolve(&locked.handle).await);
    scene.ada.relate(&lena, "follow").await;
    let asked = peer
        .await_received("Follow", |it| it["objectId"] == locked.id.as_str())
        .await;
    let before = scene.view().await;
    let (finn, mina) = (&scene.finn, &scene.mina);
    let changed = json!({
        "id": scene.note, "type": "Note", "attributedTo": mina.id, "to": [PUBLIC],
        "content": "<p>words that Mina never said</p>", "updated": "2031-01-01T00:00:00Z",
    });
    let mut claimed = changed.clone();
    claimed["attributedTo"] = json!(finn.id);
    let person = json!({
        "id": mina.id, "type": "Person", "preferredUsername": "mina", "name": "Not Mina",
        "inbox": format!("{}/inbox", mina.id), "outbox": format!("{}/outbox", mina.id),
    });
    let follow = json!({ "type": "Follow", "actor": mina.id, "object": scene.own });
    let like = json!({ "type": "Like", "actor": mina.id, "object": scene.status });

    // Finn signs, and the activity says that it is Mina's.
    let by_mina = [
        create(&mina.id, &unwritten(mina), &mina.id),
        activity("Update", &mina.id, &changed),
        activity("Delete", &mina.id, &json!(scene.note)),
        activity("Update", &mina.id, &person),
        activity("Undo", &mina.id, &follow),
        activity("Undo", &mina.id, &like),
        activity("Announce", &mina.id, &json!(scene.status)),
        activity("Block", &mina.id, &json!(scene.own)),
        activity("Delete", &mina.id, &json!(mina.id)),
        activity("Accept", &locked.id, &asked["json"]),
    ];
    // Finn signs what he says himself, of things that are not his.
    let by_finn = [
        create(&mina.id, &unwritten(mina), &finn.id),
        activity("Update", &finn.id, &changed),
        activity("Update", &finn.id, &claimed),
        activity("Delete", &finn.id, &json!(scene.note)),
        activity("Delete", &finn.id, &json!(scene.status)),
        activity("Delete", &finn.id, &json!(mina.id)),
        activity("Update", &finn.id, &person),
        activity("Undo", &finn.id, &follow),
        activity("Undo", &finn.id, &like),
        activity("Accept", &finn.id, &asked["json"]),
        activity("Accept", &finn.id, &asked["id"]),
    ];
    for (number, forged) in by_mina.iter().chain(&by_finn).enumerate() {
        let scheme = ["rfc9421", "draft-cavage"][number % 2];
        let status = scene.forge(forged, json!({ "scheme": scheme })).await;
        assert!(matches!(status, 202 | 400 | 401 | 403), "{status} for {forged}");
    }
    scene.settle().await;
    assert_eq!(scene.view().await, before);
    let relationship = scene.ada.relationship(&lena).await;
    assert_eq!(
        (&relationship["following"], &relationship["requested"]),
        (&json!(false), &json!(true)),
        "Lena has not answered"
    );
}

#[tokio::test]
async fn objects_of_another_origin_are_not_believed() {
    let Some((server, _peer, scene)) = scene().await else {
        return;
    };
    let Some(elsewhere) = Peer::start(Schemes::Both).await else {
        return;
    };
    let stranger = elsewhere.person("finn").await;
    let before = scene.view().await;
    let finn = &scene.finn;
    let forged = [
        // An id on another server, with an author here or there.
        create(&finn.id, &unwritten(&stranger), &finn.id),
        create(&stranger.id, &unwritten(&stranger), &finn.id),
        create(&stranger.id, &unwritten(finn), &finn.id),
        // An id on Pouet itself.
        create(&finn.id, &format!("{}/posts/1", scene.own), &finn.id),
        create(
            &scene.own,
            &format!("{}/ap/users/1/posts/1", server.url()),
            &finn.id,
        ),
        // An actor elsewhere, signed here.
        create(&stranger.id, &unwritten(&stranger), &stranger.id),
        activity("Like", &stranger.id, &json!(scene.status)),
        activity("Follow", &stranger.id, &json!(scene.own)),
        // An actor of Pouet's own.
        activity("Like", &scene.own, &json!(scene.status)),
        activity("Delete", &scene.own, &json!(scene.status)),
    ];
    for (number, forged) in forged.iter().enumerate() {
        let scheme = ["rfc9421", "draft-cavage"][number % 2];
        let status = scene.forge(forged, json!({ "scheme": scheme })).await;
        assert!(matches!(status, 202 | 400 | 401 | 403), "{status} for {forged}");
    }
    // A key that lives on another server than the actor who signs with it.
    let note = create(&finn.id, &unwritten(finn), &finn.id);
    let how = json!({ "keyId": format!("{}#main-key", stranger.id) });
    assert_eq!(scene.forge(&note, how).await, 401);
    scene.settle().await;
    assert_eq!(scene.view().await, before);
}
