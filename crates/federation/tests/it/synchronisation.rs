//! Followers synchronisation: what we say of the followers of our accounts, and what we do with what others say.

use pouet_model::{
    account::{Account, User},
    status::Visibility,
};
use pouet_service::{
    follows::{self, FollowOptions, sync::FollowersDigest},
    relationships,
    statuses::NewStatus,
};
use serde_json::{Value, json};

use crate::common::{Actor, Remote, Site, clock, json_of};

/// A site with Ben, and two servers.
struct World {
    site: Site,
    near: Remote,
    far: Remote,
    ben: (User, Account),
    ada: Actor,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        let site = Site::start(&clock).await;
        let (near, far) = (Remote::start(&clock), Remote::start_as("far.test", &clock));
        Self {
            ben: site.user("ben").await,
            ada: near.actor("ada"),
            site,
            near,
            far,
        }
    }

    /// Ben follows Ada.
    async fn following() -> Self {
        let mut world = Self::start().await;
        let ben = world.ben.1.clone();
        let follow = world.ask(&ben).await;
        let accept = world.ada.activity("Accept", "accept", &follow);
        let inbox = world.inbox();
        assert_eq!(world.near.send(&world.ada, &inbox, &accept).await, 202);
        world.site.settle().await;
        assert_eq!(world.follows(&ben).await, (true, false));
        world.near.asked();
        world
    }

    fn inbox(&self) -> String {
        format!("{}/ap/inbox", self.site.url)
    }

    /// A local account asks to follow Ada; the Follow that she gets.
    async fn ask(&mut self, who: &Account) -> Value {
        let ada = self.site.resolve("ada", &self.near.domain).await.unwrap();
        follows::follow(&self.site.instance, who.id, ada.id, FollowOptions::default())
            .await
            .unwrap();
        self.site.settle().await;
        self.near.received().pop().unwrap()
    }

    async fn follows(&self, who: &Account) -> (bool, bool) {
        let ada = self.site.account(&self.ada.id).await.unwrap();
        let found = relationships::of(&self.site.instance, who.id, &[ada.id])
            .await
            .unwrap();
        (found[0].following, found[0].requested)
    }

    /// Somebody on a server follows Ben.
    async fn fan(&mut self, name: &str, far: bool) -> Actor {
        let server = if far { &self.far } else { &self.near };
        let fan = server.actor(name);
        let follow = fan.activity("Follow", "follow", &json!(self.site.uri(&self.ben.1)));
        assert_eq!(server.send(&fan, &self.inbox(), &follow).await, 202);
        self.site.settle().await;
        server.received();
        server.headers();
        fan
    }

    async fn post(&mut self, visibility: Visibility) {
        let new = NewStatus {
            text: "for whom it is".to_owned(),
            visibility: Some(visibility),
            ..NewStatus::default()
        };
        let author = self.ben.0.clone();
        self.site.post(&author, new).await;
        self.site.settle().await;
    }

    /// What the far server is told of its followers with a followers-only status: the header and the signature beside it.
    async fn told(&mut self) -> (String, String) {
        self.far.headers();
        self.post(Visibility::Private).await;
        let headers = self.far.headers().pop().expect("a delivery");
        (
            headers
                .get("collection-synchronization")
                .cloned()
                .unwrap_or_default(),
            headers.get("signature").cloned().unwrap_or_default(),
        )
    }

    /// Ada sends something for her followers with a statement about them.
    async fn state(&mut self, name: &str, collection: &str, url: &str, digest: &str) {
        // Of a status elsewhere: it changes nothing.
        let activity = self
            .ada
            .activity("Like", name, &json!("https://elsewhere.test/1"));
        let header = format!(r#"collectionId="{collection}", url="{url}", digest="{digest}""#);
        let status = self
            .near
            .send_beside(
                &self.ada,
                &self.inbox(),
                &activity,
                ("collection-synchronization", &header),
            )
            .await;
        assert_eq!(status, 202);
        self.site.settle().await;
    }

    fn list_url(&self) -> String {
        format!("{}/sync", self.near.url)
    }

    /// Ada's server lists `items`, and she states `digest` of them.
    async fn list(&mut self, name: &str, items: &[String], digest: &str) {
        let url = self.list_url();
        let list = json!({ "id": url, "type": "OrderedCollection", "orderedItems": items });
        self.near.publish(&list);
        let followers = format!("{}/followers", self.ada.id);
        self.state(name, &followers, &url, digest).await;
    }
}

fn digest(ids: &[String]) -> String {
    FollowersDigest::of(ids.iter().map(String::as_str)).to_string()
}

#[actix_web::test]
async fn fed_099_followers_only_statuses_carry_a_signed_digest_of_the_readers_people() {
    let mut world = World::start().await;
    let ben = world.site.uri(&world.ben.1);
    let first = world.fan("first", true).await;
    world.fan("neighbour", false).await;
    let expected = |ids: &[String]| {
        format!(
            r#"collectionId="{ben}/followers", url="{ben}/followers_synchronization", digest="{}""#,
            digest(ids)
        )
    };
    let (header, signature) = world.told().await;
    assert_eq!(header, expected(std::slice::from_ref(&first.id)));
    assert!(signature.contains("collection-synchronization"), "{signature}");

    // Each change of the followers shows at once.
    let second = world.fan("second", true).await;
    assert_eq!(
        world.told().await.0,
        expected(&[first.id.clone(), second.id.clone()])
    );
    let account = world.site.account(&first.id).await.unwrap();
    follows::remove_follower(&world.site.instance, world.ben.1.id, account.id)
        .await
        .unwrap();
    world.site.settle().await;
    assert_eq!(world.told().await.0, expected(std::slice::from_ref(&second.id)));
    let third = world.far.actor("third");
    let undo = second.activity("Undo", "undo", &second.activity("Follow", "follow", &json!(ben)));
    assert_eq!(world.far.send(&second, &world.inbox(), &undo).await, 202);
    let follow = third.activity("Follow", "follow", &json!(ben));
    assert_eq!(world.far.send(&third, &world.inbox(), &follow).await, 202);
    world.site.settle().await;
    assert_eq!(
        world.told().await.0,
        expected(std::slice::from_ref(&third.id)),
        "one went, one came"
    );

    world.far.headers();
    for visibility in [Visibility::Public, Visibility::Unlisted] {
        world.post(visibility).await;
        let headers = world.far.headers().pop().expect("a delivery");
        assert!(
            !headers.contains_key("collection-synchronization"),
            "{visibility:?}"
        );
    }
}

#[actix_web::test]
async fn fed_100_the_list_is_for_the_signers_own_server() {
    let mut world = World::start().await;
    let (far, near) = (world.fan("fan", true).await, world.fan("neighbour", false).await);
    let url = format!("{}/followers_synchronization", world.site.uri(&world.ben.1));
    let path = url.strip_prefix(&world.site.url).unwrap();
    assert_eq!(world.site.get(path).await.status, 401);
    for (server, reader) in [(&world.far, &far), (&world.near, &near)] {
        let response = server.get(reader, &url).await;
        assert_eq!(response.status, 200);
        let list = json_of(&response);
        assert_eq!(list["orderedItems"], json!([reader.id]));
        assert_eq!(list["type"], "OrderedCollection");
        assert_eq!(list["id"], json!(url));
        assert_eq!(response.headers["cache-control"], "private, no-store");
    }
    let nobody = url.replace(&world.ben.1.id.to_string(), "12345");
    assert_eq!(world.far.get(&far, &nobody).await.status, 404);
}

#[actix_web::test]
async fn fed_101_what_agrees_is_not_asked_about() {
    let mut world = World::following().await;
    let ben = world.site.uri(&world.ben.1);
    let (url, followers) = (world.list_url(), format!("{}/followers", world.ada.id));
    world
        .list(
            "same",
            std::slice::from_ref(&ben),
            &digest(std::slice::from_ref(&ben)),
        )
        .await;
    // Statements about somebody else's followers, or on another server.
    let none = digest(&[]);
    world
        .state("other", "https://elsewhere.test/followers", &url, &none)
        .await;
    let elsewhere = format!("{}/sync", world.far.url);
    world.state("elsewhere", &followers, &elsewhere, &none).await;
    assert!(!world.near.asked().contains(&"GET /sync".to_owned()));
    assert_eq!(world.far.asked(), Vec::<String>::new());
    assert_eq!(world.follows(&world.ben.1).await, (true, false));
}

#[actix_web::test]
async fn fed_101_a_list_that_is_not_what_was_stated_removes_nobody() {
    let mut world = World::following().await;
    let somebody = format!("{}/ap/users/1", world.site.url);
    world.list("wrong", &[], &digest(&[somebody])).await;
    assert!(
        world.near.asked().contains(&"GET /sync".to_owned()),
        "it was asked for"
    );
    assert_eq!(world.follows(&world.ben.1).await, (true, false));
}

#[actix_web::test]
async fn fed_101_what_is_no_list_removes_nobody() {
    let mut world = World::following().await;
    let followers = format!("{}/followers", world.ada.id);
    let (url, none) = (world.ada.id.clone(), digest(&[]));
    world.near.asked();
    world.state("actor", &followers, &url, &none).await;
    assert!(
        world.near.asked().contains(&"GET /users/ada".to_owned()),
        "it was asked for"
    );
    assert_eq!(world.follows(&world.ben.1).await, (true, false));
}

#[actix_web::test]
async fn fed_101_whoever_is_not_on_the_right_list_follows_no_longer() {
    let mut world = World::following().await;
    world.list("right", &[], &digest(&[])).await;
    assert_eq!(world.follows(&world.ben.1).await, (false, false));
    let ada = world.site.account(&world.ada.id).await.unwrap();
    assert_eq!(ada.followers_count, 0);
}

#[actix_web::test]
async fn fed_101_unknown_follows_are_taken_back_and_requests_accepted() {
    let mut world = World::following().await;
    let (_, cleo) = world.site.user("cleo").await;
    let (_, dan) = world.site.user("dan").await;
    world.ask(&dan).await;
    let listed = [
        world.site.uri(&world.ben.1),
        world.site.uri(&cleo),
        world.site.uri(&dan),
        "https://elsewhere.test/users/1".to_owned(),
        format!("{}/ap/users/404", world.site.url),
    ];
    let stated = digest(&listed);
    world.list("more", &listed, &stated).await;
    assert_eq!(world.follows(&world.ben.1).await, (true, false));
    assert_eq!(world.follows(&dan).await, (true, false));
    assert_eq!(world.follows(&cleo).await, (false, false));
    let sent = world.near.received();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0]["type"], "Undo");
    assert_eq!(sent[0]["actor"], json!(world.site.uri(&cleo)));
    assert_eq!(sent[0]["object"]["type"], "Follow");
    assert_eq!(sent[0]["object"]["object"], json!(world.ada.id));
}

#[actix_web::test]
async fn fed_101_pages_elsewhere_are_not_read() {
    for first in [true, false] {
        let mut world = World::following().await;
        let url = world.list_url();
        let next = format!("{}/sync", world.far.url);
        world
            .far
            .publish(&json!({ "id": next, "type": "OrderedCollectionPage", "orderedItems": [] }));
        let member = if first { "first" } else { "next" };
        let mut list = json!({ "id": url, "type": "OrderedCollection", "orderedItems": [] });
        list[member] = json!(next);
        world.near.publish(&list);
        let followers = format!("{}/followers", world.ada.id);
        world.state("off", &followers, &url, &digest(&[])).await;
        assert_eq!(world.far.asked(), Vec::<String>::new());
        assert_eq!(world.follows(&world.ben.1).await, (true, false));
    }
}

#[actix_web::test]
async fn fed_101_a_list_without_end_removes_nobody() {
    let mut world = World::following().await;
    for page in 0..30 {
        let id = format!("{}/sync/{page}", world.near.url);
        let next = format!("{}/sync/{}", world.near.url, page + 1);
        world
            .near
            .publish(&json!({ "id": id, "type": "OrderedCollectionPage", "orderedItems": [], "next": next }));
    }
    let followers = format!("{}/followers", world.ada.id);
    let url = format!("{}/sync/0", world.near.url);
    world.state("endless", &followers, &url, &digest(&[])).await;
    let asked = world.near.asked();
    let pages = asked
        .iter()
        .filter(|request| request.starts_with("GET /sync"))
        .count();
    assert!((1..=11).contains(&pages), "{asked:?}");
    assert_eq!(world.follows(&world.ben.1).await, (true, false));
}
