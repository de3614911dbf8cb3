//! Emoji on statuses, in and out.

use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    notification::NotificationType,
    page::Page,
    status::Visibility,
};
use pouet_service::{
    notifications::{self, NotificationQuery},
    statuses::{self, NewStatus},
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock};

/// A site with a status of Ben's, and a server with Ada.
struct World {
    site: Site,
    remote: Remote,
    ben: (User, Account),
    ada: Actor,
    status: StatusId,
}

impl World {
    async fn start() -> Self {
        Self::with(Visibility::Public).await
    }

    async fn with(visibility: Visibility) -> Self {
        let clock = clock();
        let (site, remote) = (Site::start(&clock).await, Remote::start(&clock));
        let ben = site.user("ben").await;
        let ada = remote.actor("ada");
        let new = NewStatus {
            text: "who has seen my boat?".to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let status = site.post(&ben.0, new).await;
        Self {
            site,
            remote,
            ben,
            ada,
            status,
        }
    }

    async fn uri(&self) -> String {
        self.site.status_uri(self.status).await
    }

    async fn send(&mut self, activity: &Value) {
        let inbox = format!("{}/ap/inbox", self.site.url);
        let answer = self.remote.send(&self.ada, &inbox, activity).await;
        assert_eq!(answer, 202, "{activity}");
        self.site.settle().await;
    }

    /// An activity of Ada's on the status, with more members.
    async fn reaction(&self, kind: &str, name: &str, members: &Value) -> Value {
        let mut activity = self.ada.activity(kind, name, &json!(self.uri().await));
        for (member, value) in members.as_object().unwrap() {
            activity[member] = value.clone();
        }
        activity
    }

    /// What is on the status: emoji and numbers.
    async fn shown(&self) -> Vec<(String, i64)> {
        let view = statuses::find(&self.site.instance, Some(self.ben.1.id), self.status)
            .await
            .unwrap();
        view.reactions
            .iter()
            .map(|reaction| (reaction.emoji.label(), reaction.count))
            .collect()
    }

    async fn favourites(&self) -> i64 {
        let status = statuses::find_raw(&self.site.instance, self.status).await;
        status.unwrap().unwrap().favourites_count
    }

    /// Types of Ben's notifications, of those asked for.
    async fn told(&self, types: Option<Vec<NotificationType>>) -> Vec<NotificationType> {
        let query = NotificationQuery {
            types,
            ..NotificationQuery::default()
        };
        let found = notifications::list(&self.site.instance, self.ben.1.id, query, Page::first(40)).await;
        let views = found.unwrap();
        views.into_iter().map(|view| view.notification.kind).collect()
    }
}

fn blobcat() -> Value {
    json!([{
        "id": null,
        "type": "Emoji",
        "name": ":blobcat:",
        "icon": {"type": "Image", "url": "https://pictures.test/b.png"},
    }])
}

#[actix_web::test]
async fn fed_077_reactions_in_every_dialect_are_kept_and_taken_back() {
    let mut world = World::start().await;
    let far = format!("blobcat@{}", world.remote.domain);
    for (kind, members, label) in [
        ("EmojiReact", json!({"content": "🎉"}), "🎉"),
        ("litepub:EmojiReact", json!({"content": "🎉"}), "🎉"),
        (
            "http://litepub.social/ns#EmojiReact",
            json!({"content": "🎉"}),
            "🎉",
        ),
        (
            "EmojiReact",
            json!({"content": ":blobcat:", "tag": blobcat()}),
            far.as_str(),
        ),
        ("Like", json!({"content": "🎉"}), "🎉"),
        ("Like", json!({"content": "🎉", "_misskey_reaction": "🎉"}), "🎉"),
        ("Like", json!({"_misskey_reaction": "🎉"}), "🎉"),
        (
            "Like",
            json!({"content": ":blobcat:", "tag": blobcat()}),
            far.as_str(),
        ),
        (
            "Like",
            json!({"_misskey_reaction": ":blobcat@.:", "tag": blobcat()[0]}),
            far.as_str(),
        ),
    ] {
        let name = format!("{kind}-{members}").replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let embedded = world.reaction(kind, &name, &members).await;
        world.send(&embedded).await;
        assert_eq!(world.shown().await, [(label.to_owned(), 1)], "{embedded}");
        assert_eq!(world.favourites().await, 0, "{embedded}");
        let undo = world.ada.activity("Undo", &format!("{name}-undo"), &embedded);
        world.send(&undo).await;
        assert_eq!(world.shown().await, [], "{undo}");

        // The same, taken back by id alone.
        let name = format!("{name}-again");
        let again = world.reaction(kind, &name, &members).await;
        world.send(&again).await;
        assert_eq!(world.shown().await.len(), 1);
        let undo = world.ada.activity("Undo", &format!("{name}-undo"), &again["id"]);
        world.send(&undo).await;
        assert_eq!(world.shown().await, [], "{undo}");
    }
}

#[actix_web::test]
async fn fed_077_an_undo_that_names_the_emoji_needs_no_known_id() {
    let mut world = World::start().await;
    for emoji in ["🎉", "🚀"] {
        let react = world
            .reaction("EmojiReact", emoji, &json!({"content": emoji}))
            .await;
        world.send(&react).await;
    }
    let like = world.reaction("Like", "star", &json!({})).await;
    world.send(&like).await;
    let mut undone = world
        .reaction("EmojiReact", "unknown", &json!({"content": "🎉"}))
        .await;
    undone.as_object_mut().unwrap().remove("id");
    world.send(&world.ada.activity("Undo", "undo", &undone)).await;
    assert_eq!(world.shown().await, [("🚀".to_owned(), 1)]);
    assert_eq!(world.favourites().await, 1, "the favourite is another thing");
}

#[actix_web::test]
async fn fed_076_an_undo_before_its_reaction_leaves_none() {
    let mut world = World::start().await;
    let react = world.reaction("EmojiReact", "1", &json!({"content": "🎉"})).await;
    world.send(&world.ada.activity("Undo", "undo", &react)).await;
    world.send(&react).await;
    assert_eq!(world.shown().await, []);

    let by_id = world.reaction("Like", "2", &json!({"content": "🎉"})).await;
    world
        .send(&world.ada.activity("Undo", "undo-2", &by_id["id"]))
        .await;
    world.send(&by_id).await;
    assert_eq!(world.shown().await, []);
    assert_eq!(world.favourites().await, 0);
}

#[actix_web::test]
async fn fed_077_the_same_emoji_counts_once_and_twenty_are_kept() {
    let mut world = World::start().await;
    for name in ["once", "twice"] {
        let react = world.reaction("EmojiReact", name, &json!({"content": "❤"})).await;
        world.send(&react).await;
    }
    let selected = world
        .reaction("EmojiReact", "selected", &json!({"content": "❤\u{FE0F}"}))
        .await;
    world.send(&selected).await;
    assert_eq!(world.shown().await, [("❤\u{FE0F}".to_owned(), 1)]);
    for n in 0..25_u32 {
        let emoji = char::from_u32(0x1F400 + n).unwrap().to_string();
        let react = world
            .reaction("EmojiReact", &n.to_string(), &json!({"content": emoji}))
            .await;
        world.send(&react).await;
    }
    assert_eq!(world.shown().await.len(), 20);
}

#[actix_web::test]
async fn fed_077_what_is_no_emoji_counts_as_a_favourite() {
    for (kind, members) in [
        ("Like", json!({"content": "I like this"})),
        ("Like", json!({"content": ":blobcat:"})),
        ("EmojiReact", json!({"content": "<script>alert(1)</script>"})),
        ("EmojiReact", json!({})),
    ] {
        let mut world = World::start().await;
        let react = world.reaction(kind, "1", &members).await;
        world.send(&react).await;
        assert_eq!(world.shown().await, [], "{react}");
        assert_eq!(world.favourites().await, 1, "{react}");
        world.send(&world.ada.activity("Undo", "undo", &react)).await;
        assert_eq!(world.favourites().await, 0, "{react}");
    }
}

#[actix_web::test]
async fn fed_076_reactions_to_what_the_actor_cannot_see_are_ignored() {
    let mut world = World::with(Visibility::Private).await;
    let react = world.reaction("EmojiReact", "1", &json!({"content": "🎉"})).await;
    world.send(&react).await;
    assert_eq!(world.shown().await, []);
    let note = world.remote.note(&world.ada, "1", "<p>hello</p>");
    world
        .send(&world.ada.activity("EmojiReact", "2", &note["id"]))
        .await;
    assert_eq!(world.told(None).await, []);
}

#[actix_web::test]
async fn fed_077_a_notification_is_for_those_who_ask_for_it() {
    let mut world = World::start().await;
    let react = world.reaction("EmojiReact", "1", &json!({"content": "🎉"})).await;
    world.send(&react).await;
    assert_eq!(world.told(None).await, []);
    let kind = NotificationType::parse("pleroma:emoji_reaction").unwrap();
    assert_eq!(world.told(Some(vec![kind])).await, [kind]);
    world.send(&world.ada.activity("Undo", "undo", &react)).await;
    assert_eq!(world.told(Some(vec![kind])).await, []);
}

#[actix_web::test]
async fn fed_077_our_reactions_go_to_the_author_and_are_taken_back() {
    let mut world = World::start().await;
    let note = world.remote.note(&world.ada, "1", "<p>at the pier</p>");
    let resolver = world.site.instance.resolver().unwrap();
    let found = resolver
        .status_by_uri(note["id"].as_str().unwrap())
        .await
        .unwrap();
    world.site.settle().await;
    world.remote.received();
    let (instance, ben) = (world.site.instance.clone(), world.ben.1.id);
    statuses::react(&instance, ben, found.id, "❤").await.unwrap();
    statuses::react(&instance, ben, found.id, "❤\u{FE0F}")
        .await
        .unwrap();
    world.site.settle().await;
    let sent = world.remote.received();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let like = &sent[0];
    assert_eq!(like["type"], "Like");
    assert_eq!(like["content"], "❤\u{FE0F}");
    assert_eq!(like["object"], note["id"]);
    assert_eq!(like["to"], json!([world.ada.id]));
    let view = statuses::find(&instance, Some(ben), found.id).await.unwrap();
    assert_eq!((view.reactions.len(), view.reactions[0].me), (1, true));

    statuses::unreact(&instance, ben, found.id, "❤").await.unwrap();
    world.site.settle().await;
    let sent = world.remote.received();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0]["type"], "Undo");
    assert_eq!(sent[0]["object"]["id"], like["id"]);
    let view = statuses::find(&instance, Some(ben), found.id).await.unwrap();
    assert_eq!(view.reactions, []);
    for text in ["no emoji", "unknown", ":unknown:", "unknown@far.test", "🎉🎉"] {
        assert!(
            statuses::react(&instance, ben, found.id, text).await.is_err(),
            "{text}"
        );
    }
}

#[actix_web::test]
async fn fed_077_people_here_join_a_custom_emoji_that_is_there() {
    let mut world = World::start().await;
    let react = world
        .reaction(
            "EmojiReact",
            "1",
            &json!({"content": ":blobcat:", "tag": blobcat()}),
        )
        .await;
    world.send(&react).await;
    let label = format!("blobcat@{}", world.remote.domain);
    let (instance, ben) = (&world.site.instance, world.ben.1.id);
    statuses::react(instance, ben, world.status, &label)
        .await
        .unwrap();
    assert_eq!(world.shown().await, [(label.clone(), 2)]);
    let found = statuses::reactors(instance, Some(ben), world.status, Some(&label))
        .await
        .unwrap();
    assert_eq!(
        (found.len(), found[0].accounts.len(), found[0].reaction.me),
        (1, 2, true)
    );
    let custom = found[0].reaction.emoji.custom().unwrap();
    assert_eq!(custom.image, "https://pictures.test/b.png");
}
