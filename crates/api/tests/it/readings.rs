//! Whatever shows a post to somebody counts as shown, and what is personal leaves no trace of who asked.
//!
//! The operations come from the table of operations: a new one is tried as soon as it is listed.

#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]

use std::collections::BTreeSet;

use actix_web::{
    App,
    test::{TestRequest, init_service},
};
use chrono::TimeDelta;
use pouet_api::Api;
use pouet_model::{ids::StatusId, notification_policy::Treatment, status::Visibility};
use pouet_service::{
    follows::{self, FollowOptions},
    lists::{self, ListChange},
    notifications::policy::{self, PolicyChange},
    saved_searches,
    statuses::{self, NewStatus},
    trends,
};
use pouet_test_support::{Person, World, send};

/// What stands in the text of the post, and nowhere else.
const MARK: &str = "markedwords";

macro_rules! app {
    ($world:expr) => {{
        let api = Api::new($world.instance.clone(), Vec::new());
        init_service(App::new().configure(move |config| api.configure(config))).await
    }};
}

/// A request of somebody with a browser.
fn by(person: &Person, address: &str) -> TestRequest {
    TestRequest::with_uri(address)
        .insert_header(("authorization", format!("Bearer {}", person.token)))
        .insert_header(("user-agent", "Mozilla/5.0 Firefox/140.0"))
}

/// A post that is in every list there is, and people who read these.
struct Scene {
    world: World,
    ada: Person,
    readers: [Person; 2],
    post: StatusId,
    /// What operations are asked for: statuses, accounts, a list, a saved search.
    ids: Vec<i64>,
}

async fn follow(world: &World, actor: &Person, target: &Person) {
    let options = FollowOptions::default();
    follows::follow(world, actor.account.id, target.account.id, options)
        .await
        .unwrap();
}

async fn post(world: &World, author: &Person, new: NewStatus) -> StatusId {
    let new = NewStatus {
        visibility: Some(Visibility::Public),
        ..new
    };
    statuses::post(world, &author.user, new).await.unwrap()
}

fn text(text: &str) -> NewStatus {
    NewStatus {
        text: text.to_owned(),
        ..NewStatus::default()
    }
}

impl Scene {
    async fn new() -> Self {
        let world = World::with(|settings| settings.rate_limits_enabled = false);
        let mut people = Vec::new();
        // Ben follows the author, fay has mentions of strangers held back, the others pass things on.
        for name in ["ada", "ben", "fay", "cleo", "dan"] {
            people.push(world.person(name).await);
        }
        let [ada, ben, fay, cleo, dan]: [Person; 5] = people.try_into().unwrap();
        let change = PolicyChange {
            for_not_following: Some(Treatment::Filter),
            ..PolicyChange::default()
        };
        policy::change(&world, fay.account.id, change).await.unwrap();
        for (actor, target) in [(&ben, &ada), (&ben, &cleo), (&ben, &dan)] {
            follow(&world, actor, target).await;
        }
        let title = ListChange {
            title: Some("friends".to_owned()),
            ..ListChange::default()
        };
        let list = lists::create(&world, ben.account.id, title).await.unwrap().id;
        lists::add_accounts(&world, ben.account.id, list, &[ada.account.id])
            .await
            .unwrap();
        let search = saved_searches::create(&world, ben.account.id, "mine", "needle")
            .await
            .unwrap();
        let quoted = post(&world, &dan, text("wise words")).await;
        let marked = NewStatus {
            quoted_status_id: Some(quoted),
            ..text(&format!("a #needle for @ben and @fay, {MARK}"))
        };
        let marked = post(&world, &ada, marked).await;
        let answer = NewStatus {
            in_reply_to_id: Some(marked),
            ..text("an answer")
        };
        let answer = post(&world, &cleo, answer).await;
        for person in [&ben, &cleo, &dan] {
            statuses::favourite(&world, person.account.id, marked)
                .await
                .unwrap();
        }
        statuses::bookmark(&world, ben.account.id, marked).await.unwrap();
        statuses::pin(&world, ada.account.id, marked).await.unwrap();
        trends::refresh(&world).await.unwrap();
        world.run_jobs().await;
        Self {
            ids: vec![
                marked.0,
                answer.0,
                quoted.0,
                ada.account.id.0,
                list.0,
                search.id.0,
            ],
            world,
            ada,
            readers: [ben, fay],
            post: marked,
        }
    }

    /// The addresses of an operation for everything that it can be asked for.
    fn addresses(&self, path: &str, notifications: &[String]) -> Vec<String> {
        let list: Vec<String> = self.ids.iter().map(|id| format!("id[]={id}")).collect();
        let query = format!("q=needle&limit=40&{}", list.join("&"));
        let Some((before, rest)) = path.split_once('{') else {
            let found = format!("{path}?q=https://pouet.example/@ada/{}&resolve=true", self.post);
            return vec![format!("{path}?{query}"), found];
        };
        let (parameter, after) = rest.split_once('}').unwrap();
        let mut values: Vec<String> = match parameter {
            "hashtag" | "name" => vec!["needle".to_owned()],
            "group_key" => notifications.iter().map(|id| format!("ungrouped-{id}")).collect(),
            _ => self.ids.iter().map(ToString::to_string).collect(),
        };
        if path.contains("/notifications/") && parameter == "id" {
            values = notifications.to_vec();
        }
        values
            .into_iter()
            .flat_map(|value| {
                let address = format!("{before}{value}{after}?{query}");
                [format!("{address}&pinned=true"), address]
            })
            .collect()
    }
}

/// Operations that show a post without being a list of posts or the post itself.
const NOT_COUNTED: [&str; 1] = ["/api/v1/statuses/{id}/history"];

#[actix_web::test]
async fn every_operation_that_shows_a_post_counts_it_as_shown() {
    let scene = Scene::new().await;
    let app = app!(scene.world);
    let mut showing: BTreeSet<&str> = BTreeSet::new();
    let mut shown = scene.world.reads_of(scene.post).await.impressions;
    assert_eq!(shown, 0);
    for reader in &scene.readers {
        let mut notifications = Vec::new();
        for path in ["/api/v1/notifications?limit=40", "/api/v1/notifications/requests"] {
            let found = send(&app, by(reader, path)).await.json();
            for one in found.as_array().unwrap() {
                notifications.push(one["id"].as_str().unwrap().to_owned());
            }
        }
        shown = scene.world.reads_of(scene.post).await.impressions;
        // A reader counts once an hour: each answer that shows something gets an hour of its own.
        let mut step = TimeDelta::hours(1);
        scene.world.clock.advance(step);
        for operation in pouet_api::operations().filter(|one| one.methods.contains(&"GET")) {
            if NOT_COUNTED.contains(&operation.path) {
                continue;
            }
            for address in scene.addresses(operation.path, &notifications) {
                let answer = send(&app, by(reader, &address)).await;
                assert!(answer.status.as_u16() < 500, "{address}: {answer:?}");
                // Who asks for what surrounds the post has it open.
                let is_opened = address.starts_with(&format!("/api/v1/statuses/{}/context", scene.post));
                let is_shown = is_opened || answer.text.contains(MARK);
                let now = scene.world.reads_of(scene.post).await.impressions;
                assert_eq!(now - shown, i64::from(is_shown), "{address}: {}", answer.text);
                if is_shown {
                    showing.insert(operation.path);
                    step = -step;
                    scene.world.clock.advance(step);
                }
                shown = now;
            }
        }
    }
    let expected = [
        "/api/pouet/v1/saved_searches/{id}/timeline",
        "/api/pouet/v1/trends/followed/statuses",
        "/api/v1/accounts/{id}/statuses",
        "/api/v1/bookmarks",
        "/api/v1/favourites",
        "/api/v1/notifications",
        "/api/v1/notifications/requests",
        "/api/v1/notifications/requests/{id}",
        "/api/v1/notifications/{id}",
        "/api/v1/statuses",
        "/api/v1/statuses/{id}",
        "/api/v1/statuses/{id}/context",
        "/api/v1/statuses/{id}/quotes",
        "/api/v1/timelines/home",
        "/api/v1/timelines/list/{list_id}",
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/{hashtag}",
        "/api/v1/trends/statuses",
        "/api/v2/notifications",
        "/api/v2/notifications/{group_key}",
        "/api/v2/search",
    ];
    for path in expected {
        assert!(showing.contains(path), "{path} shows nothing: {showing:?}");
    }
    // Of one's own post nothing is counted, whatever shows it.
    for operation in pouet_api::operations().filter(|one| showing.contains(one.path)) {
        for address in scene.addresses(operation.path, &[]) {
            send(&app, by(&scene.ada, &address)).await;
        }
    }
    assert_eq!(scene.world.reads_of(scene.post).await.impressions, shown);
}

#[actix_web::test]
async fn personal_trends_store_nothing_about_the_reader() {
    let scene = Scene::new().await;
    let app = app!(scene.world);
    let [ben, fay] = &scene.readers;
    // That they were here this week is noted beforehand.
    for reader in [ben, fay] {
        send(&app, by(reader, "/api/v1/accounts/verify_credentials")).await;
    }
    let before = scene.world.contents().await;
    let paths = ["tags", "statuses", "links"].map(|kind| format!("/api/pouet/v1/trends/followed/{kind}"));
    for path in &paths {
        let answer = send(&app, by(ben, path)).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}");
        assert_eq!(answer.text.contains(MARK), path.ends_with("statuses"), "{path}");
    }
    assert_eq!(scene.world.contents().await, before);
    // The sums that are written later do not tell who it was.
    scene.world.reads_of(scene.post).await;
    let mut after = scene.world.contents().await;
    let sums = after.remove("status_reads");
    assert_eq!(
        sums.as_ref().map(Vec::len),
        Some(2),
        "of the post and of what it quotes"
    );
    let rest: Vec<_> = before
        .iter()
        .filter(|(table, _)| *table != "status_reads")
        .collect();
    assert_eq!(after.iter().collect::<Vec<_>>(), rest);
}
