//! What lists cost: as many statements for much as for little.

use chrono::TimeDelta;
use pouet_model::{
    account::User,
    ids::{AccountId, SavedSearchId, StatusId},
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Instance, analytics,
    announcements::{self, AnnouncementChange},
    conversations,
    discovery::{self, DirectoryFilter},
    follows::{self, FollowOptions},
    saved_searches, statuses,
    timelines::{self, AccountFilter, TagFilter},
    trends::{self, Window},
};

use crate::common::{World, on_each_database, people::post};

const ALL: Window = Window { offset: 0, limit: 40 };

/// Somebody who reads, people whom they follow, and what there is to read.
struct Scene {
    ada: User,
    /// Whom ada follows.
    friends: Vec<User>,
    /// Whom her friends follow.
    others: Vec<AccountId>,
    /// Of ada.
    status: StatusId,
    search: SavedSearchId,
    feed: String,
}

async fn follow(world: &World, actor: &User, target: &User) {
    follows::follow(
        world,
        actor.account_id,
        target.account_id,
        FollowOptions::default(),
    )
    .await
    .unwrap();
}

/// Somebody whose account was made this many weeks ago.
async fn person(world: &World, name: &str, weeks: usize) -> User {
    let user = world.local(name).await;
    let age = TimeDelta::weeks(i64::try_from(weeks).unwrap()).num_milliseconds();
    let id = user.account_id.0;
    world
        .execute(&format!(
            "UPDATE accounts SET created_at = created_at - {age} WHERE id = {id}"
        ))
        .await;
    user
}

async fn scene(world: &World) -> Scene {
    let ada = person(world, "ada", 1).await;
    let mut friends = Vec::new();
    for (weeks, name) in ["bea", "cyd", "dot"].into_iter().enumerate() {
        let friend = person(world, name, 10 + 7 * weeks).await;
        follow(world, &ada, &friend).await;
        friends.push(friend);
    }
    let search = saved_searches::create(world, ada.account_id, "tigers", "tiger")
        .await
        .unwrap();
    Scene {
        status: post(world, &ada, "hello", Visibility::Public).await,
        ada,
        friends,
        others: Vec::new(),
        search: search.id,
        feed: search.feed_token.unwrap(),
    }
}

impl Scene {
    /// One more of everything: a person, a hashtag, a link and a post that trend, a conversation, an announcement.
    async fn grow(&mut self, world: &World) {
        let n = self.others.len();
        let other = person(world, &format!("other{n}"), 3 + 5 * n).await;
        for friend in &self.friends {
            follow(world, friend, &other).await;
            let text = format!("a tiger #boats #tag{n} https://site{n}.example/");
            post(world, friend, &text, Visibility::Public).await;
        }
        follow(world, &other, &self.ada).await;
        let id = post(
            world,
            &other,
            &format!("a tiger of mine #boats #tag{n}"),
            Visibility::Public,
        )
        .await;
        for friend in &self.friends {
            statuses::favourite(world, friend.account_id, id).await.unwrap();
        }
        post(world, &other, "@ada hello", Visibility::Direct).await;
        let announcement = AnnouncementChange {
            text: Some(format!(
                "Meet @other{n} and @bea #boats https://pouet.example/@other{n}/{id}"
            )),
            published: Some(true),
            ..AnnouncementChange::default()
        };
        announcements::create(world, announcement).await.unwrap();
        let own = post(world, &self.ada, "of ada", Visibility::Public).await;
        let views = statuses::view(world, None, &[own, self.status]).await.unwrap();
        let account = world.account(other.account_id).await;
        analytics::seen(world, analytics::Reader::account_of(&account).as_ref(), &views);
        analytics::flush(world).await;
        world
            .execute(
                "UPDATE preview_cards SET state = 'ready', title = 'a page', page_host = 'host' || CAST(id AS TEXT)",
            )
            .await;
        trends::refresh(world).await.unwrap();
        self.others.push(other.account_id);
        world.clock.advance(TimeDelta::minutes(1));
    }

    /// For each list: its name, how much is in it, and how many statements it costs.
    async fn costs(&self, world: &mut World) -> Vec<(&'static str, usize, u64)> {
        let (me, others) = (self.ada.account_id, &self.others[..]);
        let friend = self.friends[0].account_id;
        let today = world.now().date_naive();
        let since = today - TimeDelta::days(27);
        let (search, feed) = (self.search, self.feed.as_str());
        let mut found = Vec::new();
        macro_rules! cost {
            ($name:literal, $act:expr) => {{
                let (count, cost) = world.statements_of($act).await;
                found.push(($name, count, cost));
            }};
        }
        cost!("author's days", async |i: &Instance| {
            let found = analytics::of_account(i, me, since, today).await.unwrap();
            usize::try_from(found.total.statuses).unwrap()
        });
        cost!("trending tags", async |i: &Instance| {
            trends::tags(i, Some(me), ALL).await.unwrap().len()
        });
        cost!("trending statuses", async |i: &Instance| {
            trends::statuses(i, Some(me), ALL).await.unwrap().len()
        });
        cost!("trending links", async |i: &Instance| {
            trends::links(i, Some(me), ALL).await.unwrap().len()
        });
        cost!("followed tags", async |i: &Instance| {
            trends::tags_among_followed(i, me, ALL).await.unwrap().len()
        });
        cost!("followed statuses", async |i: &Instance| {
            trends::statuses_among_followed(i, me, ALL).await.unwrap().len()
        });
        cost!("followed links", async |i: &Instance| {
            trends::links_among_followed(i, me, ALL).await.unwrap().len()
        });
        cost!("suggestions", async |i: &Instance| {
            discovery::suggestions(i, me, 40).await.unwrap().len()
        });
        cost!("directory", async |i: &Instance| {
            let filter = DirectoryFilter::default();
            discovery::directory(i, Some(me), filter, 40, 0)
                .await
                .unwrap()
                .len()
        });
        cost!("familiar followers", async |i: &Instance| {
            let found = discovery::familiar_followers(i, me, others).await.unwrap();
            found.iter().map(|(_, followers)| followers.len()).sum()
        });
        cost!("announcements", async |i: &Instance| {
            announcements::list(i, me).await.unwrap().len()
        });
        cost!("conversations", async |i: &Instance| {
            conversations::list(i, me, Page::first(40)).await.unwrap().len()
        });
        cost!("saved search", async |i: &Instance| {
            let found = saved_searches::timeline(i, me, search, Page::first(40))
                .await
                .unwrap();
            found.statuses.len()
        });
        cost!("feed of a saved search", async |i: &Instance| {
            saved_searches::feed(i, feed).await.unwrap().statuses.len()
        });
        cost!("feed of a profile", async |i: &Instance| {
            let filter = AccountFilter {
                exclude_replies: true,
                exclude_reblogs: true,
                ..AccountFilter::default()
            };
            timelines::account(i, None, friend, filter, Page::first(40))
                .await
                .unwrap()
                .len()
        });
        for (name, viewer) in [("hashtag", Some(me)), ("feed of a hashtag", None)] {
            let filter = TagFilter {
                name: "boats".to_owned(),
                ..TagFilter::default()
            };
            let (count, cost) = world
                .statements_of(async |i: &Instance| {
                    timelines::tag(i, viewer, filter, Page::first(40))
                        .await
                        .unwrap()
                        .len()
                })
                .await;
            found.push((name, count, cost));
        }
        found
    }
}

#[tokio::test]
async fn every_list_costs_as_many_statements_for_much_as_for_little() {
    on_each_database(async |mut world| {
        let mut scene = scene(&world).await;
        scene.grow(&world).await;
        // The first reads may open connections, which costs statements of its own.
        scene.costs(&mut world).await;
        let little = scene.costs(&mut world).await;
        for _ in 0..6 {
            scene.grow(&world).await;
        }
        let much = scene.costs(&mut world).await;
        for ((name, few, cost), (_, many, cost_of_many)) in little.into_iter().zip(much) {
            assert!(few > 0 && many >= few + 3, "{name}: {few}, then {many}");
            assert_eq!(cost, cost_of_many, "{name}, {few} and {many}");
        }
    })
    .await;
}
