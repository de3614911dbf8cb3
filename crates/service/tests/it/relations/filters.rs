//! Filters, as data.

use std::time::Duration;

use chrono::TimeDelta;
use pouet_model::{
    filter::{FilterAction, FilterContext},
    ids::{AccountId, FilterId},
    status::Visibility,
};
use pouet_service::{
    events::Event,
    filters::{self, Expiry, FilterChange, KeywordChange},
};
use pouet_storage::filters as rows;

use super::{is_invalid, is_not_found, locals, news_of, write};
use crate::common::{World, on_each_database};

fn word(keyword: &str) -> KeywordChange {
    KeywordChange {
        keyword: Some(keyword.to_owned()),
        ..KeywordChange::default()
    }
}

fn change(title: &str, keywords: Vec<KeywordChange>) -> FilterChange {
    FilterChange {
        title: Some(title.to_owned()),
        contexts: Some(vec![FilterContext::Home]),
        keywords,
        ..FilterChange::default()
    }
}

async fn words(world: &World, owner: AccountId, id: FilterId) -> Vec<(String, bool)> {
    let filter = filters::find(world, owner, id).await.unwrap();
    filter
        .keywords
        .into_iter()
        .map(|keyword| (keyword.keyword, keyword.whole_word))
        .collect()
}

#[tokio::test]
async fn a_filter_and_its_keywords_are_changed_together() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let made = filters::create(
            &world,
            ada,
            change("Spoilers", vec![word("one"), word("two"), word("three")]),
        )
        .await
        .unwrap();
        assert_eq!(made.action, FilterAction::Warn);
        assert_eq!(
            filters::all(&world, ada).await.unwrap(),
            std::slice::from_ref(&made)
        );
        let named = |at: usize, change: KeywordChange| KeywordChange {
            id: Some(made.keywords[at].id),
            ..change
        };
        let next = FilterChange {
            action: Some(FilterAction::Hide),
            contexts: Some(vec![
                FilterContext::Thread,
                FilterContext::Home,
                FilterContext::Home,
            ]),
            keywords: vec![
                named(
                    0,
                    KeywordChange {
                        destroy: true,
                        ..KeywordChange::default()
                    },
                ),
                named(
                    1,
                    KeywordChange {
                        whole_word: Some(true),
                        ..KeywordChange::default()
                    },
                ),
                word("four"),
            ],
            ..FilterChange::default()
        };
        let changed = filters::update(&world, ada, made.id, next).await.unwrap();
        assert_eq!(filters::find(&world, ada, made.id).await.unwrap(), changed);
        assert_eq!(changed.title, "Spoilers");
        assert_eq!(changed.action, FilterAction::Hide);
        assert_eq!(changed.contexts, [FilterContext::Home, FilterContext::Thread]);
        let expected =
            [("two", true), ("three", false), ("four", false)].map(|(word, whole)| (word.to_owned(), whole));
        assert_eq!(words(&world, ada, made.id).await, expected);

        filters::delete(&world, ada, made.id).await.unwrap();
        assert!(is_not_found(&filters::find(&world, ada, made.id).await));
    })
    .await;
}

#[tokio::test]
async fn keywords_and_statuses_have_ids_of_their_own() {
    on_each_database(async |world| {
        let [ada, bob] = locals(&world, ["ada", "bob"]).await;
        let filter = filters::create(&world, ada, change("Words", vec![]))
            .await
            .unwrap()
            .id;
        let keyword = filters::add_keyword(&world, ada, filter, word(" added "))
            .await
            .unwrap();
        assert_eq!(keyword.keyword, "added");
        let (of, same) = filters::find_keyword(&world, ada, keyword.id).await.unwrap();
        assert_eq!((of.id, same), (filter, keyword.clone()));
        let changed = filters::update_keyword(&world, ada, keyword.id, word("changed"))
            .await
            .unwrap();
        assert_eq!(changed.keyword, "changed");
        assert!(is_invalid(
            &filters::update_keyword(&world, ada, keyword.id, word(" ")).await,
            "keyword"
        ));
        filters::delete_keyword(&world, ada, keyword.id).await.unwrap();
        assert!(is_not_found(
            &filters::find_keyword(&world, ada, keyword.id).await
        ));
        assert_eq!(words(&world, ada, filter).await, []);

        let status = write(&world, bob, Visibility::Public, "hide me").await;
        let secret = write(&world, bob, Visibility::Direct, "not yours").await;
        let entry = filters::add_status(&world, ada, filter, status).await.unwrap();
        assert_eq!(filters::find_status(&world, ada, entry.id).await.unwrap(), entry);
        assert!(is_invalid(
            &filters::add_status(&world, ada, filter, status).await,
            "status_id"
        ));
        assert!(
            is_not_found(&filters::add_status(&world, ada, filter, secret).await),
            "invisible"
        );
        assert_eq!(
            filters::find(&world, ada, filter).await.unwrap().statuses,
            [entry]
        );
        filters::delete_status(&world, ada, entry.id).await.unwrap();
        assert!(is_not_found(&filters::delete_status(&world, ada, entry.id).await));
    })
    .await;
}

#[tokio::test]
async fn filters_of_others_do_not_exist() {
    on_each_database(async |world| {
        let [ada, eve] = locals(&world, ["ada", "eve"]).await;
        let filter = filters::create(&world, ada, change("Mine", vec![word("word")]))
            .await
            .unwrap();
        let keyword = filter.keywords[0].id;
        let status = write(&world, ada, Visibility::Public, "text").await;
        let entry = filters::add_status(&world, ada, filter.id, status)
            .await
            .unwrap()
            .id;
        let own = filters::create(&world, eve, change("Hers", vec![]))
            .await
            .unwrap()
            .id;
        let theft = FilterChange {
            keywords: vec![KeywordChange {
                id: Some(keyword),
                ..word("stolen")
            }],
            ..FilterChange::default()
        };
        assert!(is_not_found(&filters::find(&world, eve, filter.id).await));
        assert!(is_not_found(
            &filters::update(&world, eve, filter.id, change("Hers", vec![])).await
        ));
        assert!(is_not_found(&filters::update(&world, eve, own, theft).await));
        assert!(is_not_found(&filters::delete(&world, eve, filter.id).await));
        assert!(is_not_found(&filters::find_keyword(&world, eve, keyword).await));
        assert!(is_not_found(
            &filters::add_keyword(&world, eve, filter.id, word("x")).await
        ));
        assert!(is_not_found(
            &filters::update_keyword(&world, eve, keyword, word("x")).await
        ));
        assert!(is_not_found(&filters::delete_keyword(&world, eve, keyword).await));
        assert!(is_not_found(&filters::find_status(&world, eve, entry).await));
        assert!(is_not_found(
            &filters::add_status(&world, eve, filter.id, status).await
        ));
        assert!(is_not_found(&filters::delete_status(&world, eve, entry).await));
        assert_eq!(words(&world, ada, filter.id).await, [("word".to_owned(), false)]);
    })
    .await;
}

#[tokio::test]
async fn a_filter_ends_when_its_time_is_over() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let active = async || {
            let now = world.now();
            let read = move |conn: &mut _| rows::load_active(conn, ada, now);
            world.store().read(read).await.unwrap().len()
        };
        let short = FilterChange {
            expires_in: Some(Expiry::In(60)),
            ..change("Short", vec![word("x")])
        };
        let made = filters::create(&world, ada, short).await.unwrap();
        assert_eq!(made.expires_at, Some(world.now() + TimeDelta::minutes(1)));
        world.clock.advance(TimeDelta::seconds(59));
        assert_eq!(active().await, 1);
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(active().await, 0);
        assert_eq!(filters::all(&world, ada).await.unwrap().len(), 1, "still listed");
        let never = FilterChange {
            expires_in: Some(Expiry::Never),
            ..FilterChange::default()
        };
        filters::update(&world, ada, made.id, never).await.unwrap();
        assert_eq!(active().await, 1);
    })
    .await;
}

#[tokio::test]
async fn changes_are_told_to_the_streams_of_their_owner() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let mut news = news_of(&world, &world).await;
        let made = filters::create(&world, ada, change("Words", vec![word("x")]))
            .await
            .unwrap();
        filters::delete(&world, ada, made.id).await.unwrap();
        let mut told = 0;
        while told < 2 {
            let event = tokio::time::timeout(Duration::from_secs(10), news.recv()).await;
            let event = event.expect("an event arrives").unwrap();
            told += usize::from(*event == Event::FiltersChanged { account_id: ada });
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R095_filters_have_limits() {
    on_each_database(async |world| {
        let [ada] = locals(&world, ["ada"]).await;
        let many = |count: usize| {
            (0..count)
                .map(|number| word(&format!("w{number}")))
                .collect::<Vec<_>>()
        };
        let table = [
            ("title", change("", vec![])),
            ("title", change(&"t".repeat(201), vec![])),
            (
                "context",
                FilterChange {
                    contexts: Some(vec![]),
                    ..change("x", vec![])
                },
            ),
            (
                "context",
                FilterChange {
                    contexts: None,
                    ..change("x", vec![])
                },
            ),
            ("keyword", change("x", vec![word("  ")])),
            ("keyword", change("x", vec![KeywordChange::default()])),
            ("keyword", change("x", vec![word(&"k".repeat(201))])),
            ("keywords", change("x", many(101))),
        ];
        for (field, bad) in table {
            assert!(
                is_invalid(&filters::create(&world, ada, bad.clone()).await, field),
                "{bad:?}"
            );
        }
        let full = filters::create(&world, ada, change(&"t".repeat(200), many(100)))
            .await
            .unwrap()
            .id;
        assert!(is_invalid(
            &filters::add_keyword(&world, ada, full, word("one more")).await,
            "keywords"
        ));
        for _ in 1..200 {
            filters::create(&world, ada, change("x", vec![])).await.unwrap();
        }
        assert!(is_invalid(
            &filters::create(&world, ada, change("x", vec![])).await,
            "base"
        ));
    })
    .await;
}
