//! Hashtags: what is told of them, and what following one does to home.

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    ids::{AccountId, StatusId},
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error, Instance, blocks, featured_tags,
    follows::{self, FollowOptions},
    mutes,
    statuses::{self, Arrival, RemoteStatus, StatusChange},
    tags, timelines,
    view::TagView,
};

use crate::common::{
    World, on_each_database,
    people::{note, post},
};

const PUSHED: Arrival = Arrival::Pushed { recipient: None };

async fn home(instance: &Instance, of: &User) -> Vec<StatusId> {
    timelines::home(instance, of.account_id, Page::first(40))
        .await
        .unwrap()
        .into_iter()
        .map(|view| view.status.id)
        .collect()
}

/// Uses and accounts of today, as everybody is told.
async fn today(world: &World, name: &str) -> (i64, i64) {
    let found = tags::find(world, None, name).await.unwrap();
    assert_eq!(found.history.len(), 7);
    (found.history[0].uses, found.history[0].accounts)
}

fn tagged(world: &World, author: &Account, number: u32, names: &[&str]) -> RemoteStatus {
    RemoteStatus {
        tags: names
            .iter()
            .map(|name| TagView {
                name: name.to_lowercase(),
                display_name: (*name).to_owned(),
            })
            .collect(),
        ..note(world, author, number)
    }
}

async fn follow(world: &World, follower: &User, target: AccountId) {
    follows::follow(world, follower.account_id, target, FollowOptions::default())
        .await
        .unwrap();
    follows::receive_accept(
        world,
        target,
        follows::Selector::Pair {
            follower: follower.account_id,
        },
    )
    .await
    .ok();
}

#[tokio::test]
async fn a_tag_is_found_by_name_and_by_id() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        post(&world, &ada, "down to the #HarbourFest", Visibility::Public).await;
        let found = tags::find(&world, None, "harbourfest").await.unwrap();
        assert_eq!(found.tag.display_name, "HarbourFest");
        assert_eq!((found.following, found.featuring), (None, None));
        let id = found.id.unwrap().to_string();
        for name in ["HARBOURFEST", "#HarbourFest", "＃ｈarbourfest", id.as_str()] {
            let again = tags::find(&world, Some(ada.account_id), name).await.unwrap();
            assert_eq!(again.id, found.id, "{name}");
            assert_eq!((again.following, again.featuring), (Some(false), Some(false)));
        }
        let unused = tags::find(&world, None, "Unused").await.unwrap();
        assert_eq!((unused.id, unused.tag.name.as_str()), (None, "unused"));
        assert_eq!(unused.history.len(), 7);
        for name in ["", "#", "12", "two words", "!?"] {
            let refused = tags::find(&world, None, name).await;
            assert!(matches!(refused, Err(Error::NotFound)), "{name}: {refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn history_counts_public_uses_and_their_authors_by_day() {
    on_each_database(async |world| {
        let (ada, bea) = (world.local("ada").await, world.local("bea").await);
        for text in ["#tea", "#Tea and #tea", "more #tea"] {
            post(&world, &ada, text, Visibility::Public).await;
        }
        for visibility in [Visibility::Unlisted, Visibility::Private, Visibility::Direct] {
            post(&world, &bea, "#tea", visibility).await;
        }
        assert_eq!(today(&world, "tea").await, (3, 1));
        let late = post(&world, &bea, "#tea", Visibility::Public).await;
        assert_eq!(today(&world, "tea").await, (4, 2));
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(today(&world, "tea").await, (0, 0));
        let found = tags::find(&world, None, "tea").await.unwrap();
        assert_eq!((found.history[1].uses, found.history[1].accounts), (4, 2));
        assert_eq!(found.history[0].day - found.history[1].day, TimeDelta::days(1));
        assert_eq!(found.history[0].day.timestamp() % 86_400, 0);
        // Deleted a day later, it is missing on the day that it was of.
        statuses::delete(&world, bea.account_id, late, false)
            .await
            .unwrap();
        let found = tags::find(&world, None, "tea").await.unwrap();
        assert_eq!((found.history[1].uses, found.history[1].accounts), (3, 1));
    })
    .await;
}

#[tokio::test]
async fn edits_and_deletions_take_uses_back() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let one = post(&world, &ada, "#tea #milk", Visibility::Public).await;
        let two = post(&world, &ada, "#tea", Visibility::Public).await;
        let change = |text: &str| StatusChange {
            text: text.to_owned(),
            ..StatusChange::default()
        };
        statuses::edit(&world, ada.account_id, one, change("#milk #sugar"))
            .await
            .unwrap();
        assert_eq!(today(&world, "tea").await, (1, 1));
        assert_eq!(today(&world, "milk").await, (1, 1));
        assert_eq!(today(&world, "sugar").await, (1, 1));
        statuses::delete(&world, ada.account_id, one, false)
            .await
            .unwrap();
        statuses::delete(&world, ada.account_id, two, false)
            .await
            .unwrap();
        for name in ["tea", "milk", "sugar"] {
            assert_eq!(today(&world, name).await, (0, 0), "{name}");
        }

        let bob = world.remote("bob", "far.example").await;
        follow(&world, &ada, bob.id).await;
        let sent = tagged(&world, &bob, 1, &["tea", "milk"]);
        statuses::receive(&world, sent.clone(), PUSHED)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(today(&world, "tea").await, (1, 1));
        world.clock.advance(TimeDelta::minutes(1));
        let edited = RemoteStatus {
            content: "<p>no tea</p>".to_owned(),
            updated: Some(world.now()),
            ..tagged(&world, &bob, 1, &["milk"])
        };
        statuses::receive_update(&world, edited).await.unwrap();
        assert_eq!(today(&world, "tea").await, (0, 0));
        assert_eq!(today(&world, "milk").await, (1, 1));
        statuses::receive_delete(&world, bob.id, &sent.uri).await.unwrap();
        assert_eq!(today(&world, "milk").await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_followed_tag_brings_public_statuses_of_anybody_home() {
    on_each_database(async |world| {
        let (ada, bea) = (world.local("ada").await, world.local("bea").await);
        let before = post(&world, &bea, "early #tea", Visibility::Public).await;
        let quiet = post(&world, &bea, "unlisted #tea", Visibility::Unlisted).await;
        let told = tags::follow(&world, ada.account_id, "Tea").await.unwrap();
        assert_eq!(told.following, Some(true));
        assert_eq!(home(&world, &ada).await, [before], "what is there comes along");

        let after = post(&world, &bea, "#TEA #tea", Visibility::Public).await;
        for visibility in [Visibility::Unlisted, Visibility::Private, Visibility::Direct] {
            post(&world, &bea, "#tea", visibility).await;
        }
        let other = post(&world, &bea, "#coffee", Visibility::Public).await;
        let found = home(&world, &ada).await;
        assert_eq!(found, [after, before], "not {quiet} nor {other}");
        // A boost of it is no use of the tag.
        statuses::reblog(&world, bea.account_id, after, None)
            .await
            .unwrap();
        assert_eq!(home(&world, &ada).await, [after, before]);

        // Once, for both reasons.
        follow(&world, &ada, bea.account_id).await;
        let both = post(&world, &bea, "again #tea", Visibility::Public).await;
        let found = home(&world, &ada).await;
        assert_eq!(found.iter().filter(|id| **id == both).count(), 1);
        // One reason is enough to stay.
        follows::unfollow(&world, ada.account_id, bea.account_id)
            .await
            .unwrap();
        assert_eq!(home(&world, &ada).await, [both, after, before]);
        tags::follow(&world, ada.account_id, "milk").await.unwrap();
        let mixed = post(&world, &bea, "#tea #milk", Visibility::Public).await;
        let told = tags::unfollow(&world, ada.account_id, "tea").await.unwrap();
        assert_eq!(told.following, Some(false));
        assert_eq!(home(&world, &ada).await, [mixed]);
        tags::unfollow(&world, ada.account_id, "milk").await.unwrap();
        assert!(home(&world, &ada).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn followed_tags_bring_nobody_home_who_is_unwanted() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        tags::follow(&world, ada.account_id, "tea").await.unwrap();
        let [blocked, blocking, muted] = [
            world.local("bea").await,
            world.local("cyd").await,
            world.local("dot").await,
        ];
        let old = post(&world, &blocked, "#tea", Visibility::Public).await;
        assert_eq!(home(&world, &ada).await, [old]);
        blocks::block(&world, ada.account_id, blocked.account_id)
            .await
            .unwrap();
        blocks::block(&world, blocking.account_id, ada.account_id)
            .await
            .unwrap();
        mutes::mute(&world, ada.account_id, muted.account_id, true, 0)
            .await
            .unwrap();
        for author in [&blocked, &blocking, &muted] {
            post(&world, author, "#tea", Visibility::Public).await;
        }
        assert!(home(&world, &ada).await.is_empty());
        let limited = world.local("eve").await;
        world
            .execute(&format!(
                "UPDATE accounts SET silenced_at = 1 WHERE id = {}",
                limited.account_id
            ))
            .await;
        post(&world, &limited, "#tea", Visibility::Public).await;
        assert!(home(&world, &ada).await.is_empty());
        assert_eq!(
            today(&world, "tea").await,
            (4, 3),
            "a limited author is not counted"
        );
        // Following anew brings none of them either.
        tags::unfollow(&world, ada.account_id, "tea").await.unwrap();
        tags::follow(&world, ada.account_id, "tea").await.unwrap();
        assert!(home(&world, &ada).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn home_goes_on_with_followed_tags_where_its_rows_end() {
    on_each_database(async |world| {
        let (ada, bea) = (world.local("ada").await, world.local("bea").await);
        tags::follow(&world, ada.account_id, "tea").await.unwrap();
        let mut all = Vec::new();
        for _ in 0..5 {
            world.clock.advance(TimeDelta::minutes(1));
            all.insert(0, post(&world, &bea, "#tea", Visibility::Public).await);
            world.clock.advance(TimeDelta::minutes(1));
            post(&world, &bea, "no", Visibility::Public).await;
        }
        assert_eq!(home(&world, &ada).await, all);
        world
            .execute(&format!("DELETE FROM home_feed WHERE status_id < {}", all[1]))
            .await;
        assert_eq!(home(&world, &ada).await, all);
    })
    .await;
}

#[tokio::test]
async fn what_is_sent_after_a_relay_brought_it_is_told_once() {
    use pouet_service::events::Event;
    on_each_database(async |world| {
        let (ada, eve) = (world.local("ada").await, world.local("eve").await);
        let bob = world.remote("bob", "far.example").await;
        tags::follow(&world, ada.account_id, "tea").await.unwrap();
        for user in [&ada, &eve] {
            follow(&world, user, bob.id).await;
        }
        let mut hub = world.hub.subscribe();
        let relayed = tagged(&world, &bob, 1, &["tea"]);
        let id = statuses::receive(&world, relayed.clone(), Arrival::Relayed)
            .await
            .unwrap()
            .unwrap();
        for _ in 0..2 {
            let again = statuses::receive(&world, relayed.clone(), PUSHED).await.unwrap();
            assert_eq!(again, Some(id));
        }
        assert_eq!(home(&world, &ada).await, [id]);
        assert_eq!(home(&world, &eve).await, [id]);
        // A status of here comes after all that was told of the other.
        let last = post(&world, &ada, "end", Visibility::Public).await;
        let mut told = Vec::new();
        loop {
            match (*hub.recv().await.unwrap()).clone() {
                Event::StatusCreated { status_id, .. } if status_id == last => break,
                event @ (Event::StatusCreated { .. } | Event::StatusEntered { .. }) => told.push(event),
                _ => {}
            }
        }
        let expected = [
            Event::StatusCreated {
                status_id: id,
                home: vec![ada.account_id],
                lists: Vec::new(),
            },
            Event::StatusEntered {
                status_id: id,
                home: vec![eve.account_id],
                lists: Vec::new(),
            },
        ];
        assert_eq!(told, expected, "each home once, and all others once");
    })
    .await;
}

#[tokio::test]
async fn what_a_relay_brings_reaches_who_follows_its_tag() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let bob = world.remote("bob", "far.example").await;
        tags::follow(&world, ada.account_id, "tea").await.unwrap();
        let mut hub = world.hub.subscribe();
        let id = statuses::receive(&world, tagged(&world, &bob, 1, &["tea"]), Arrival::Relayed)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(home(&world, &ada).await, [id]);
        let told = loop {
            let event = hub.recv().await.unwrap();
            if matches!(*event, pouet_service::events::Event::StatusCreated { .. }) {
                break event;
            }
        };
        let expected = pouet_service::events::Event::StatusCreated {
            status_id: id,
            home: vec![ada.account_id],
            lists: Vec::new(),
        };
        assert_eq!(*told, expected, "streams hear of it");
        let other = statuses::receive(&world, tagged(&world, &bob, 2, &["milk"]), Arrival::Relayed)
            .await
            .unwrap();
        assert_eq!(home(&world, &ada).await, [id]);
        let told = loop {
            let event = hub.recv().await.unwrap();
            if matches!(*event, pouet_service::events::Event::StatusCreated { .. }) {
                break event;
            }
        };
        let expected = pouet_service::events::Event::StatusCreated {
            status_id: other.unwrap(),
            home: Vec::new(),
            lists: Vec::new(),
        };
        assert_eq!(*told, expected, "public timelines and saved searches show it");
        let found = statuses::receive(&world, tagged(&world, &bob, 3, &["tea"]), Arrival::Backfilled)
            .await
            .unwrap();
        assert!(found.is_some());
        assert_eq!(
            home(&world, &ada).await,
            [id],
            "what completes a thread is no news"
        );
    })
    .await;
}

#[tokio::test]
async fn followed_tags_are_listed_by_page() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for name in ["one", "two", "three", "Two"] {
            world.clock.advance(TimeDelta::seconds(1));
            tags::follow(&world, ada.account_id, name).await.unwrap();
        }
        let names = async |page: Page| -> (Vec<String>, Vec<i64>) {
            tags::followed(&world, ada.account_id, page)
                .await
                .unwrap()
                .into_iter()
                .map(|keyed| (keyed.item.tag.display_name, keyed.key))
                .unzip()
        };
        let (all, keys) = names(Page::first(10)).await;
        assert_eq!(all, ["three", "two", "one"]);
        let (rest, _) = names(Page {
            max_id: Some(keys[0]),
            ..Page::first(1)
        })
        .await;
        assert_eq!(rest, ["two"]);
        let (newer, _) = names(Page {
            since_id: Some(keys[2]),
            ..Page::first(10)
        })
        .await;
        assert_eq!(newer, ["three", "two"]);
    })
    .await;
}

#[tokio::test]
async fn a_list_of_tags_costs_as_many_queries_as_one() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let viewer = ada.account_id;
        let mut cost = Vec::new();
        for count in 1..=12 {
            tags::follow(&world, viewer, &format!("tag{count}"))
                .await
                .unwrap();
            if [1, 12].contains(&count) {
                let (found, statements) = world
                    .statements_of(async move |instance| {
                        tags::followed(instance, viewer, Page::first(40)).await
                    })
                    .await;
                assert_eq!(found.unwrap().len(), count);
                cost.push(statements);
            }
        }
        assert_eq!(cost[0], cost[1]);
    })
    .await;
}

#[tokio::test]
async fn tags_are_put_on_profiles_by_name() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let told = tags::feature(&world, ada.account_id, "Tea").await.unwrap();
        assert_eq!(told.featuring, Some(true));
        let id = told.id.unwrap().to_string();
        tags::feature(&world, ada.account_id, &id)
            .await
            .expect("again changes nothing");
        let shown = featured_tags::list(&world, ada.account_id).await.unwrap();
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].tag.display_name, "Tea");
        for (suspended, shown) in [("1", 0), ("NULL", 1)] {
            let statement = format!("UPDATE accounts SET suspended_at = {suspended}");
            world.execute(&statement).await;
            let found = featured_tags::list(&world, ada.account_id).await.unwrap();
            assert_eq!(found.len(), shown, "suspended at {suspended}");
        }
        let told = tags::unfeature(&world, ada.account_id, &id).await.unwrap();
        assert_eq!(told.featuring, Some(false));
        tags::unfeature(&world, ada.account_id, "tea")
            .await
            .expect("nothing to take off");
        assert!(
            featured_tags::list(&world, ada.account_id)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn uses_of_tags_on_profiles_are_counted_when_something_was_published() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let author = ada.account_id;
        featured_tags::feature(&world, author, "tea").await.unwrap();
        let first = post(&world, &ada, "#tea", Visibility::Public).await;
        let look = async |world: &mut World| {
            let (shown, cost) = world
                .statements_of(async |instance| featured_tags::list(instance, author).await)
                .await;
            let counts: Vec<i64> = shown.unwrap().iter().map(|tag| tag.statuses_count).collect();
            (counts, cost)
        };
        let counted = look(&mut world).await;
        let known = look(&mut world).await;
        assert_eq!((counted.0, counted.1 - 1), (vec![1], known.1));
        assert_eq!(known.0, [1]);
        post(&world, &ada, "more #tea, no #milk", Visibility::Public).await;
        assert_eq!(look(&mut world).await.0, [2]);
        featured_tags::feature(&world, author, "milk").await.unwrap();
        assert_eq!(look(&mut world).await.0, [1, 2]);
        statuses::delete(&world, author, first, true).await.unwrap();
        assert_eq!(look(&mut world).await.0, [1, 1]);
    })
    .await;
}

#[tokio::test]
async fn suggested_are_the_tags_of_the_last_ninety_days() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for text in ["#old", "#old", "#both"] {
            post(&world, &ada, text, Visibility::Public).await;
        }
        world.clock.advance(TimeDelta::days(91));
        for text in ["#both", "#new", "#new", "#shown", "#shown", "#shown"] {
            post(&world, &ada, text, Visibility::Public).await;
        }
        tags::feature(&world, ada.account_id, "shown").await.unwrap();
        let found = featured_tags::suggestions(&world, ada.account_id).await.unwrap();
        let names: Vec<&str> = found.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["new", "both"]);
    })
    .await;
}
