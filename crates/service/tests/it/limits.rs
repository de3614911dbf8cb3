//! How much one user may have (rule R095), where several of their apps add at the same time.

use std::future::Future;

use futures_util::future::join_all;
use pouet_model::{filter::FilterContext, ids::AccountId, status::Visibility};
use pouet_service::{
    Error,
    collections::{self, CollectionChange},
    featured_tags::{self, MAX_FEATURED},
    filters::{self, FilterChange, KeywordChange},
    lists::{self, ListChange},
    saved_searches::{self, MAX_SAVED_SEARCHES},
    statuses,
};

use crate::common::{World, on_each_database, on_each_database_with, people::post};

/// Acts that are begun at the same time. On PostgreSQL four of them have a connection.
const AT_ONCE: usize = 6;
/// Times that it is tried.
const ROUNDS: usize = 3;

/// Does something [`AT_ONCE`] times at the same time; how often it was done.
async fn at_once<T, F: Future<Output = Result<T, Error>>>(world: &World, act: impl Fn(usize) -> F) -> Vec<T> {
    // Opens the connections.
    let warm = (0..AT_ONCE).map(|_| {
        let read = |conn: &mut pouet_storage::Conn| pouet_storage::settings::find_setting(conn, "none");
        world.store().read(read)
    });
    join_all(warm).await;
    let results = join_all((0..AT_ONCE).map(act)).await;
    let is_refused = |error: &Error| matches!(error, Error::Invalid { .. } | Error::Validation(_));
    results
        .into_iter()
        .filter_map(|result| match result {
            Ok(done) => Some(done),
            Err(error) if is_refused(&error) => None,
            Err(error) => panic!("{error}"),
        })
        .collect()
}

#[tokio::test]
async fn sec_R095_saved_searches_have_a_limit_whoever_comes_at_the_same_time() {
    on_each_database(async |world| {
        let owner = world.local("ada").await.account_id;
        for n in 1..MAX_SAVED_SEARCHES {
            saved_searches::create(&world, owner, &format!("search {n}"), "tiger")
                .await
                .unwrap();
        }
        for _ in 0..ROUNDS {
            let made = at_once(&world, |n| {
                let name = format!("more {n}");
                let world = &world;
                async move { saved_searches::create(world, owner, &name, "tiger").await }
            })
            .await;
            assert_eq!(made.len(), 1);
            saved_searches::delete(&world, owner, made[0].id).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R095_lists_have_a_limit_whoever_comes_at_the_same_time() {
    on_each_database_with(
        |settings| settings.limits.lists = 3,
        async |world| {
            let owner = world.local("ada").await.account_id;
            let titled = |title: String| ListChange {
                title: Some(title),
                ..ListChange::default()
            };
            for n in 0..2 {
                lists::create(&world, owner, titled(format!("list {n}")))
                    .await
                    .unwrap();
            }
            for _ in 0..ROUNDS {
                let made = at_once(&world, |n| {
                    lists::create(&world, owner, titled(format!("more {n}")))
                })
                .await;
                assert_eq!(made.len(), 1);
                lists::delete(&world, owner, made[0].id).await.unwrap();
            }
        },
    )
    .await;
}

#[tokio::test]
async fn sec_R095_filters_and_keywords_have_limits_whoever_comes_at_the_same_time() {
    on_each_database(async |world| {
        let owner = world.local("ada").await.account_id;
        let keyword = |text: String| KeywordChange {
            keyword: Some(text),
            ..KeywordChange::default()
        };
        let filter = |keywords: usize| FilterChange {
            title: Some("filter".to_owned()),
            contexts: Some(vec![FilterContext::Home]),
            keywords: (0..keywords).map(|n| keyword(format!("word {n}"))).collect(),
            ..FilterChange::default()
        };
        let full = filters::create(&world, owner, filter(99)).await.unwrap();
        for _ in 0..ROUNDS {
            let added = at_once(&world, |n| {
                filters::add_keyword(&world, owner, full.id, keyword(format!("more {n}")))
            })
            .await;
            assert_eq!(added.len(), 1);
            filters::delete_keyword(&world, owner, added[0].id).await.unwrap();
        }
        for _ in 2..200 {
            filters::create(&world, owner, filter(0)).await.unwrap();
        }
        for _ in 0..ROUNDS {
            let made = at_once(&world, |_| filters::create(&world, owner, filter(0))).await;
            assert_eq!(made.len(), 1);
            filters::delete(&world, owner, made[0].id).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R095_collections_have_limits_whoever_comes_at_the_same_time() {
    on_each_database(async |world| {
        let owner = world.local("ada").await.account_id;
        let mut people: Vec<AccountId> = Vec::new();
        for n in 0..24 + AT_ONCE {
            people.push(world.local(&format!("user{n}")).await.account_id);
        }
        let named = |name: String| CollectionChange {
            name: Some(name),
            discoverable: Some(true),
            ..CollectionChange::default()
        };
        let full = collections::create(&world, owner, named("full".to_owned()), &people[..24])
            .await
            .unwrap();
        let id = full.collection.id;
        for round in 0..ROUNDS {
            let more = &people[24..];
            let added = at_once(&world, |n| collections::add(&world, owner, id, more[n])).await;
            assert_eq!(added.len(), 1, "round {round}");
            collections::remove(&world, owner, id, added[0].id).await.unwrap();
        }
        for n in 1..9 {
            collections::create(&world, owner, named(format!("collection {n}")), &[])
                .await
                .unwrap();
        }
        for _ in 0..ROUNDS {
            let made = at_once(&world, |n| {
                let change = named(format!("more {n}"));
                let world = &world;
                async move { collections::create(world, owner, change, &[]).await }
            })
            .await;
            assert_eq!(made.len(), 1);
            collections::delete(&world, owner, made[0].collection.id)
                .await
                .unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R095_profiles_have_limits_whoever_comes_at_the_same_time() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let owner = ada.account_id;
        for n in 1..MAX_FEATURED {
            featured_tags::feature(&world, owner, &format!("tag{n}"))
                .await
                .unwrap();
        }
        for _ in 0..ROUNDS {
            let shown = at_once(&world, |n| {
                let name = format!("more{n}");
                let world = &world;
                async move { featured_tags::feature(world, owner, &name).await }
            })
            .await;
            assert_eq!(shown.len(), 1);
            featured_tags::unfeature(&world, owner, shown[0].id)
                .await
                .unwrap();
        }
        let most = world.limits().pinned_statuses;
        let mut posts = Vec::new();
        for n in 0..most + AT_ONCE - 1 {
            posts.push(post(&world, &ada, &format!("post {n}"), Visibility::Public).await);
        }
        for id in &posts[..most - 1] {
            statuses::pin(&world, owner, *id).await.unwrap();
        }
        let more = &posts[most - 1..];
        for _ in 0..ROUNDS {
            let pinned = at_once(&world, |n| {
                let (world, id) = (&world, more[n]);
                async move { statuses::pin(world, owner, id).await.map(|()| id) }
            })
            .await;
            assert_eq!(pinned.len(), 1);
            statuses::unpin(&world, owner, pinned[0]).await.unwrap();
        }
    })
    .await;
}
