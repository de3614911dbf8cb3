//! A few who push much take no places from others, and what loses its reasons is gone at once.

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    ids::{AccountId, StatusId, TagId},
    status::Visibility,
};
use pouet_service::{
    statuses::{self, RemoteStatus},
    tags,
    trends::{self, Window},
};

use super::{ALL, boost, followed, moderator, push, saying, tag, trending_statuses, trending_tags, unique};
use crate::common::{
    World, on_each_database,
    people::{note, post},
};

/// Subjects that are pushed: more than are read at a time.
const PUSHED: usize = 160;
/// Hashtags of a day that count, of one author.
const TAGS_OF_ONE: usize = 10;

/// People of so many owners of domains, in turn.
async fn crowd(world: &World, follower: &User, name: &str, count: usize, owners: usize) -> Vec<Account> {
    let mut people = Vec::new();
    for n in 0..count {
        let domain = format!("h{n}.{name}{}.example", n % owners);
        people.push(followed(world, follower, &format!("{name}{n}"), &domain).await);
    }
    people
}

/// Has each `size` of the people say the same hashtags, ten in one status. Returns their names.
async fn push_tags(world: &World, people: &[Account], size: usize) -> Vec<String> {
    let mut all = Vec::new();
    for (group, members) in people.chunks(size).enumerate() {
        let names: Vec<String> = (0..TAGS_OF_ONE).map(|n| format!("pushed{group}x{n}")).collect();
        for member in members {
            let status = RemoteStatus {
                tags: names.iter().map(|name| tag(name)).collect(),
                ..note(world, member, unique())
            };
            push(world, status).await;
        }
        all.extend(names);
    }
    all
}

async fn set_discoverable(world: &World, people: &[AccountId], on: bool) {
    for id in people {
        let on = if on { "TRUE" } else { "FALSE" };
        world
            .execute(&format!(
                "UPDATE accounts SET discoverable = {on} WHERE id = {id}"
            ))
            .await;
    }
}

fn ids(people: &[Account]) -> Vec<AccountId> {
    people.iter().map(|one| one.id).collect()
}

#[tokio::test]
async fn pushed_hashtags_take_no_places() {
    on_each_database(async |world| {
        let staff = moderator(&world).await;
        let ada = world.local("ada").await;
        for one in crowd(&world, &ada, "fair", 2, 2).await {
            push(&world, saying(&world, &one, &["honest"])).await;
        }
        // What comes later counts for more.
        world.clock.advance(TimeDelta::hours(3));
        let groups = PUSHED / TAGS_OF_ONE;
        let mob = crowd(&world, &ada, "mob", groups * 2, 2).await;
        let names = push_tags(&world, &mob, 2).await;
        assert_eq!(names.len(), PUSHED);
        trends::refresh(&world).await.unwrap();
        let whole = Window {
            offset: 0,
            limit: 100,
        };
        let shown = trends::tags(&world, None, whole).await.unwrap();
        assert_eq!(
            shown.len(),
            3 * groups + 1,
            "three of the same people, and the honest one"
        );
        // Those behind them do not want to be found any more.
        set_discoverable(&world, &ids(&mob), false).await;
        assert_eq!(trending_tags(&world).await, ["honest"]);
        set_discoverable(&world, &ids(&mob), true).await;
        assert_ne!(trending_tags(&world).await, ["honest"]);
        for name in &names {
            let id = tag_id(&world, name).await;
            trends::review_tag(&world, trends::By::User(&staff), id, false)
                .await
                .unwrap();
        }
        assert_eq!(trending_tags(&world).await, ["honest"]);
    })
    .await;
}

async fn tag_id(world: &World, name: &str) -> TagId {
    tags::find(world, None, name).await.unwrap().id.unwrap()
}

#[tokio::test]
async fn hashtags_of_one_owner_take_no_places() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for one in crowd(&world, &ada, "fair", 2, 2).await {
            push(&world, saying(&world, &one, &["honest"])).await;
        }
        world.clock.advance(TimeDelta::hours(3));
        let mob = crowd(&world, &ada, "mob", 3 * PUSHED / TAGS_OF_ONE, 1).await;
        push_tags(&world, &mob, 3).await;
        assert_eq!(trending_tags(&world).await, ["honest"]);
    })
    .await;
}

/// Has each two of the people favourite forty of the statuses.
async fn like_all(world: &World, people: &[Account], liked: &[StatusId]) {
    for (pair, part) in people.chunks(2).zip(liked.chunks(40)) {
        for one in pair {
            for id in part {
                statuses::receive_favourite(world, one.id, None, *id)
                    .await
                    .unwrap();
            }
        }
    }
}

#[tokio::test]
async fn pushed_statuses_take_no_places() {
    on_each_database(async |world| {
        let staff = moderator(&world).await;
        let (ada, star) = (world.local("ada").await, world.local("star").await);
        let honest = post(&world, &ada, "a cat", Visibility::Public).await;
        for one in crowd(&world, &ada, "fair", 2, 2).await {
            boost(&world, &one, honest).await;
        }
        world.clock.advance(TimeDelta::hours(3));
        let mut pushed = Vec::new();
        for n in 0..PUSHED {
            pushed.push(post(&world, &star, &format!("number {n}"), Visibility::Public).await);
        }
        let fans = crowd(&world, &ada, "fan", 8, 2).await;
        like_all(&world, &fans, &pushed).await;
        let trending = trending_statuses(&world).await;
        assert_eq!(trending.len(), 2, "one of each author");
        assert_eq!(trending[1], honest);
        // Their author does not want to be found, or moderators do not want them.
        set_discoverable(&world, &[star.account_id], false).await;
        assert_eq!(trending_statuses(&world).await, [honest]);
        set_discoverable(&world, &[star.account_id], true).await;
        for id in &pushed {
            trends::review_status(&world, trends::By::User(&staff), *id, false)
                .await
                .unwrap();
        }
        assert_eq!(trending_statuses(&world).await, [honest]);
    })
    .await;
}

#[tokio::test]
async fn a_few_who_like_everything_leave_room_and_count_for_fifty_statuses_a_day() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let honest = post(&world, &ada, "a cat", Visibility::Public).await;
        for one in crowd(&world, &ada, "fair", 2, 2).await {
            boost(&world, &one, honest).await;
        }
        world.clock.advance(TimeDelta::hours(3));
        let strangers = crowd(&world, &ada, "stranger", 2, 2).await;
        let mut liked = Vec::new();
        for n in 0..70 {
            let author = world.local(&format!("author{n}")).await;
            let id = post(&world, &author, "hello", Visibility::Public).await;
            for one in &strangers {
                statuses::receive_favourite(&world, one.id, None, id)
                    .await
                    .unwrap();
            }
            liked.push(id);
        }
        let trending = trending_statuses(&world).await;
        assert_eq!(
            trending.iter().position(|id| *id == honest),
            Some(3),
            "after three of theirs"
        );
        assert!(trending.contains(&liked[49]));
        for id in &liked[50..] {
            assert!(!trending.contains(id), "the fifty-first counts no more");
        }
        // On the next day they count again.
        world.clock.advance(TimeDelta::days(1));
        let late = post(&world, &ada, "a dog", Visibility::Public).await;
        for one in &strangers {
            boost(&world, one, late).await;
        }
        assert_eq!(trending_statuses(&world).await[0], late);
    })
    .await;
}

/// A public status of a remote account with a link.
async fn link_to(world: &World, author: &Account, url: &str) -> StatusId {
    let status = RemoteStatus {
        content: format!("<p>read <a href=\"{url}\">this</a></p>"),
        ..saying(world, author, &[])
    };
    push(world, status).await
}

async fn shown_links(world: &World) -> Vec<String> {
    let found = trends::links(world, None, ALL).await.unwrap();
    found.into_iter().map(|link| link.card.url).collect()
}

async fn trending_links(world: &World) -> Vec<String> {
    trends::refresh(world).await.unwrap();
    shown_links(world).await
}

const HONEST: &str = "https://paper.example/strike";

/// As if all pages had been read: no page is, where there is no network.
async fn read_pages(world: &World) {
    world
        .execute(&format!(
            "UPDATE preview_cards SET state = 'ready', title = 'a page', \
             page_host = CASE WHEN url = '{HONEST}' THEN 'paper.example' ELSE 'shop.example' END"
        ))
        .await;
}

#[tokio::test]
async fn pushed_links_take_no_places() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for one in crowd(&world, &ada, "fair", 2, 2).await {
            link_to(&world, &one, HONEST).await;
        }
        world.clock.advance(TimeDelta::hours(3));
        for one in crowd(&world, &ada, "mob", 2, 2).await {
            for n in 0..PUSHED {
                link_to(&world, &one, &format!("https://shop.example/{n}")).await;
            }
        }
        read_pages(&world).await;
        let trending = trending_links(&world).await;
        assert_eq!(trending.len(), 4, "a site has three: {trending:?}");
        assert_eq!(trending[3], HONEST);
        // Pages that say nothing, and those that moderators do not want.
        let silent = format!("UPDATE preview_cards SET state = 'empty' WHERE url <> '{HONEST}'");
        world.execute(&silent).await;
        assert_eq!(trending_links(&world).await, [HONEST]);
        read_pages(&world).await;
        assert_eq!(trending_links(&world).await.len(), 4);
        let rejected = format!(
            "INSERT INTO trend_reviews (kind, subject_id, trendable, reviewed_at) \
             SELECT 'link', id, FALSE, 0 FROM preview_cards WHERE url <> '{HONEST}'"
        );
        world.execute(&rejected).await;
        assert_eq!(trending_links(&world).await, [HONEST]);
    })
    .await;
}

async fn shown_tags(world: &World) -> Vec<String> {
    let found = trends::tags(world, None, ALL).await.unwrap();
    found.into_iter().map(|one| one.tag.name).collect()
}

#[tokio::test]
async fn what_loses_its_last_reason_is_gone_at_once() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let people = crowd(&world, &ada, "p", 3, 3).await;
        let mut sent = Vec::new();
        for one in &people[..2] {
            let status = RemoteStatus {
                content: format!("<p>read <a href=\"{HONEST}\">this</a></p>"),
                ..saying(&world, one, &["boats"])
            };
            sent.push(status.uri.clone());
            push(&world, status).await;
        }
        for one in &people {
            push(&world, saying(&world, one, &["ships"])).await;
        }
        read_pages(&world).await;
        trends::refresh(&world).await.unwrap();
        assert_eq!(shown_tags(&world).await, ["ships", "boats"]);
        assert_eq!(shown_links(&world).await, [HONEST]);
        // One voice is no trend.
        statuses::receive_delete(&world, people[0].id, &sent[0])
            .await
            .unwrap();
        assert_eq!(shown_tags(&world).await, ["ships"]);
        assert!(shown_links(&world).await.is_empty());
        // Without another look, those who are left are reason enough, until the last of them hides.
        set_discoverable(&world, &ids(&people[..2]), false).await;
        assert_eq!(shown_tags(&world).await, ["ships"]);
        set_discoverable(&world, &ids(&people[2..]), false).await;
        assert!(shown_tags(&world).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn who_comes_regularly_is_counted_once_an_hour() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let people = crowd(&world, &ada, "p", 30, 30).await;
        for day in 0..2 {
            for (n, one) in people.iter().enumerate() {
                push(&world, saying(&world, one, &[&format!("own{n}d{day}")])).await;
            }
            world.clock.advance(TimeDelta::days(1));
        }
        let look = async |instance: &pouet_service::Instance| trends::refresh(instance).await.unwrap();
        let mut costs = Vec::new();
        for minutes in [0, 5, 10, 50] {
            world.clock.advance(TimeDelta::minutes(minutes));
            costs.push(world.statements_of(look).await.1);
        }
        assert_eq!(costs[1], costs[2]);
        assert!(costs[0] > costs[1], "{costs:?}");
        assert_eq!(costs[0], costs[3], "an hour later they are counted anew");
    })
    .await;
}
