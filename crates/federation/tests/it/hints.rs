//! What somebody passes on of somebody else without a proof: a hint where to look, and no more.

use pouet_model::status::Status;
use serde_json::{Value, json};

use crate::common::{Actor, Remote, World};

/// Ben's site, Ada's server, and Eve, who passes on.
struct Hints {
    world: World,
    evil: Remote,
    eve: Actor,
    sent: usize,
}

impl Hints {
    async fn start() -> Self {
        let world = World::start().await;
        let evil = Remote::start(&world.clock);
        let eve = evil.actor("eve");
        Self {
            world,
            evil,
            eve,
            sent: 0,
        }
    }

    /// Eve passes on that Ada did something with a status.
    async fn hint(&mut self, kind: &str, uri: &str) {
        self.sent += 1;
        let activity = self
            .world
            .ada
            .activity(kind, &format!("hint-{}", self.sent), &json!(uri));
        let inbox = format!("{}/ap/inbox", self.world.site.url);
        assert_eq!(self.evil.send(&self.eve, &inbox, &activity).await, 202);
        self.world.site.settle().await;
    }

    /// A note of Ada's that Ben has; for her followers only, or for everybody.
    async fn known(&mut self, name: &str, is_open: bool) -> (Value, Status) {
        let mut note = self.world.far.note(&self.world.ada, name, "<p>hello</p>");
        if !is_open {
            note["to"] = note["cc"].clone();
            note["cc"] = json!([]);
        }
        let status = self.world.publish(&note).await.expect("it is taken in");
        assert_eq!(status.visibility.is_open(), is_open);
        (note, status)
    }

    fn answers(&self, name: &str, status: u16) {
        self.world
            .far
            .serve_as(&format!("/notes/{name}"), status, "text/html", "<p>no</p>");
    }
}

fn id(note: &Value) -> &str {
    note["id"].as_str().unwrap()
}

#[actix_web::test]
async fn sec_R021_a_hint_does_not_delete_what_only_followers_see() {
    let mut hints = Hints::start().await;
    for answer in [401, 403, 404, 410] {
        let name = format!("private-{answer}");
        let (note, _) = hints.known(&name, false).await;
        hints.answers(&name, answer);
        hints.world.far.asked();
        hints.hint("Delete", id(&note)).await;
        assert!(hints.world.site.knows(id(&note)).await, "{answer}");
        let asked = hints.world.far.asked();
        assert!(
            !asked.contains(&format!("GET /notes/{name}")),
            "the instance would be told nothing: {asked:?}"
        );
    }
}

#[actix_web::test]
async fn sec_R021_a_hint_deletes_what_is_gone_from_its_own_address() {
    let mut hints = Hints::start().await;
    for (answer, is_known) in [
        (401, true),
        (403, true),
        (200, true),
        (500, true),
        (404, false),
        (410, false),
    ] {
        let name = format!("public-{answer}");
        let (note, _) = hints.known(&name, true).await;
        hints.answers(&name, answer);
        hints.hint("Delete", id(&note)).await;
        assert_eq!(hints.world.site.knows(id(&note)).await, is_known, "{answer}");
    }
    let (note, _) = hints.known("moved", true).await;
    hints.world.far.redirect("/notes/moved", "/nowhere");
    hints.hint("Delete", id(&note)).await;
    assert!(
        hints.world.site.knows(id(&note)).await,
        "something else is not there"
    );
}

#[actix_web::test]
async fn sec_R021_what_a_server_once_refused_deletes_nothing() {
    let mut hints = Hints::start().await;
    for answer in [200, 403, 404, 410] {
        let name = format!("once-{answer}");
        let (note, _) = hints.known(&name, true).await;
        hints.answers(&name, answer);
        hints.hint("Update", id(&note)).await;
        hints.world.far.publish(&note);
        hints.hint("Delete", id(&note)).await;
        assert!(hints.world.site.knows(id(&note)).await, "{answer}");
    }
}
