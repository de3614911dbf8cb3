//! Which statuses have a card, and when its page is read. What pages say is read by the tests of `federation`, which
//! has servers to ask.

use chrono::TimeDelta;
use pouet_model::{
    card::{CardImage, CardState, PreviewCard},
    ids::{AccountId, CardId, StatusId},
    page::Page,
    status::{Size, Visibility},
    trend::TrendKind,
};
use pouet_service::{
    Error, accounts,
    cards::CardView,
    statuses::{self, Arrival, StatusChange},
    timelines,
};
use pouet_storage::{
    cards as rows,
    trend_lists::{self, TrendRow},
};

use crate::common::{
    World, on_each_database,
    people::{actor, note, post},
};

const LINK: &str = "https://news.test/1";

/// The card of an address, if it was ever linked to.
async fn card(world: &World, url: &str) -> Option<PreviewCard> {
    let url = url.to_owned();
    world
        .store()
        .read(move |conn| rows::find_card_by_url(conn, &url))
        .await
        .unwrap()
}

async fn shown(world: &World, status: StatusId) -> Option<(CardId, String)> {
    world
        .store()
        .read(move |conn| rows::find_status_card(conn, status))
        .await
        .unwrap()
}

/// As if its page had been read.
async fn fill(world: &World, url: &str, change: impl FnOnce(&mut PreviewCard)) {
    let mut card = card(world, url).await.unwrap();
    card.state = CardState::Ready;
    "Fog".clone_into(&mut card.title);
    "news.test".clone_into(&mut card.page_host);
    card.checked_at = Some(world.now());
    change(&mut card);
    world
        .store()
        .write(move |tx| rows::update_card(tx, &card))
        .await
        .unwrap();
}

async fn seen(world: &World, viewer: Option<AccountId>, status: StatusId) -> Option<CardView> {
    statuses::find(world, viewer, status).await.unwrap().card
}

/// How many jobs wait that read pages.
async fn waiting(world: &World) -> i64 {
    let kinds = world
        .store()
        .read(pouet_storage::queue::count_jobs_by_kind)
        .await
        .unwrap();
    kinds
        .into_iter()
        .find(|(kind, _)| kind == "FetchCard")
        .map_or(0, |(_, count)| count)
}

#[tokio::test]
async fn the_first_link_of_an_open_status_has_a_card() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        world.local("ben").await;
        let linked = "see https://news.test/1?utm_source=x#top and https://news.test/2";
        for (text, visibility, url) in [
            (linked, Visibility::Public, Some("https://news.test/1")),
            (linked, Visibility::Unlisted, Some("https://news.test/1")),
            (linked, Visibility::Private, None),
            (linked, Visibility::Direct, None),
            ("@ben #tag no link", Visibility::Public, None),
            (
                "http://127.0.0.1/x then https://news.test/2",
                Visibility::Public,
                Some("https://news.test/2"),
            ),
            (
                "https://pouet.example/@ben then https://news.test/2",
                Visibility::Public,
                Some("https://news.test/2"),
            ),
        ] {
            let id = post(&world, &ada, text, visibility).await;
            let found = shown(&world, id).await.map(|(card, _)| card);
            let expected = match url {
                Some(url) => Some(card(&world, url).await.unwrap().id),
                None => None,
            };
            assert_eq!(found, expected, "{text} {visibility:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R009_a_page_is_read_once_however_many_link_to_it() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for number in 0..20 {
            post(
                &world,
                &ada,
                &format!("{LINK}?utm_campaign={number}"),
                Visibility::Public,
            )
            .await;
        }
        assert_eq!(waiting(&world).await, 1);
        world.execute("DELETE FROM jobs").await;
        // What could not be read is left alone for an hour, then two, four...
        for failures in 1..4_u32 {
            fill(&world, LINK, |card| {
                card.state = CardState::Failed;
                card.failures = i64::from(failures);
            })
            .await;
            let pause = TimeDelta::hours(1 << (failures - 1));
            world.clock.advance(pause - TimeDelta::minutes(1));
            post(&world, &ada, LINK, Visibility::Public).await;
            assert_eq!(waiting(&world).await, 0, "after {failures}");
            world.clock.advance(TimeDelta::minutes(1));
            post(&world, &ada, LINK, Visibility::Public).await;
            assert_eq!(waiting(&world).await, 1, "after {failures}");
            world.execute("DELETE FROM jobs").await;
        }
        // What could be read is believed for two weeks.
        fill(&world, LINK, |card| card.failures = 0).await;
        world.clock.advance(TimeDelta::days(13));
        post(&world, &ada, LINK, Visibility::Public).await;
        assert_eq!(waiting(&world).await, 0);
        world.clock.advance(TimeDelta::days(1));
        post(&world, &ada, LINK, Visibility::Public).await;
        assert_eq!(waiting(&world).await, 1);
    })
    .await;
}

#[tokio::test]
async fn cards_follow_edits_here_and_elsewhere() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let id = post(&world, &ada, LINK, Visibility::Public).await;
        fill(&world, LINK, |_| ()).await;
        assert_eq!(seen(&world, None, id).await.unwrap().card.title, "Fog");
        let edit = async |text: &str| {
            let change = StatusChange {
                text: text.to_owned(),
                ..StatusChange::default()
            };
            statuses::edit(&world, ada.account_id, id, change).await.unwrap();
        };
        edit("now https://news.test/2").await;
        assert_eq!(seen(&world, None, id).await, None, "nothing is known of it yet");
        fill(&world, "https://news.test/2", |card| {
            "Sun".clone_into(&mut card.title);
        })
        .await;
        let view = seen(&world, None, id).await.unwrap();
        assert_eq!(
            (view.card.title.as_str(), view.url.as_str()),
            ("Sun", "https://news.test/2")
        );
        edit("no link").await;
        assert_eq!(shown(&world, id).await, None);

        let bob = accounts::receive_actor(&world, actor("bob", "far.test"))
            .await
            .unwrap();
        let mut received = note(&world, &bob, 1);
        received.content = format!("<p><a href=\"{LINK}#x\">{LINK}</a></p>");
        let id = statuses::receive(&world, received.clone(), Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        let view = seen(&world, None, id).await.unwrap();
        assert_eq!(
            (view.card.url.as_str(), view.url.as_str()),
            (LINK, "https://news.test/1#x")
        );
        received.content = "<p>nothing</p>".to_owned();
        received.updated = Some(world.now() + TimeDelta::minutes(1));
        world.clock.advance(TimeDelta::minutes(2));
        statuses::receive_update(&world, received).await.unwrap();
        assert_eq!(seen(&world, None, id).await, None);
    })
    .await;
}

#[tokio::test]
async fn authors_are_shown_where_they_say_so_themselves() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let ben = world.local("ben").await;
        let id = post(&world, &ada, LINK, Visibility::Public).await;
        fill(&world, LINK, |card| card.author_account_id = Some(ben.account_id)).await;
        let view = seen(&world, None, id).await.unwrap();
        assert_eq!((view.author, view.missing_attribution), (None, None));
        let view = seen(&world, Some(ben.account_id), id).await.unwrap();
        assert_eq!((view.author, view.missing_attribution), (None, Some(true)));
        let view = seen(&world, Some(ada.account_id), id).await.unwrap();
        assert_eq!(view.missing_attribution, Some(false));
        world
            .execute("UPDATE accounts SET attribution_domains = '[\"news.test\"]' WHERE username = 'ben'")
            .await;
        let view = seen(&world, Some(ben.account_id), id).await.unwrap();
        assert_eq!(view.author.unwrap().id, ben.account_id);
        assert_eq!(view.missing_attribution, Some(false));
    })
    .await;
}

#[tokio::test]
async fn the_timeline_of_a_link_has_the_public_statuses_that_show_it() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let page = || Page::first(20);
        let unknown = timelines::link(&world, None, LINK, page()).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
        let first = post(&world, &ada, LINK, Visibility::Public).await;
        post(&world, &ada, LINK, Visibility::Unlisted).await;
        post(&world, &ada, "https://news.test/2", Visibility::Public).await;
        let second = post(
            &world,
            &ada,
            "https://news.test/1?utm_medium=x",
            Visibility::Public,
        )
        .await;
        let waiting = timelines::link(&world, None, LINK, page()).await;
        assert!(matches!(waiting, Err(Error::NotFound)));
        fill(&world, LINK, |_| ()).await;
        let card_id = card(&world, LINK).await.unwrap().id.0;
        let trend = async |allowed| {
            let row = TrendRow {
                id: card_id,
                score: 3.0,
                allowed,
            };
            world
                .store()
                .write(move |tx| trend_lists::replace_trends(tx, TrendKind::Link, &[row]))
                .await
                .unwrap();
        };
        let quiet = timelines::link(&world, None, LINK, page()).await;
        assert!(matches!(quiet, Err(Error::NotFound)), "it does not trend");
        trend(false).await;
        let doubtful = timelines::link(&world, Some(ada.account_id), LINK, page()).await;
        assert!(matches!(doubtful, Err(Error::NotFound)), "not for everybody");
        trend(true).await;
        let shy = world.local("shy").await;
        post(&world, &shy, LINK, Visibility::Public).await;
        world
            .execute("UPDATE accounts SET discoverable = FALSE WHERE username = 'shy'")
            .await;
        for link in [LINK, "https://NEWS.test/1?utm_source=y#z"] {
            let found = timelines::link(&world, None, link, page()).await.unwrap();
            let ids: Vec<StatusId> = found.iter().map(|view| view.status.id).collect();
            assert_eq!(ids, [second, first], "{link}");
        }
        let older = Page {
            max_id: Some(second.0),
            ..page()
        };
        let found = timelines::link(&world, None, LINK, older).await.unwrap();
        assert_eq!(found.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_card_that_is_shown_again_keeps_its_picture() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for _ in 0..12 {
            let id = post(&world, &ada, LINK, Visibility::Public).await;
            fill(&world, LINK, |card| {
                card.image = Some(CardImage {
                    file: "cache/aa/x.jpg".to_owned(),
                    url: "https://news.test/x.jpg".to_owned(),
                    size: Size { width: 4, height: 2 },
                    blurhash: "x".to_owned(),
                });
            })
            .await;
            statuses::delete(&world, ada.account_id, id, false).await.unwrap();
            world.clock.advance(TimeDelta::days(2));
            let later = world.now();
            let (again, removed) = tokio::join!(
                post(&world, &ada, LINK, Visibility::Public),
                world
                    .store()
                    .write(move |tx| rows::delete_unused_cards(tx, later, 10)),
            );
            let (_, files) = removed.unwrap();
            assert!(shown(&world, again).await.is_some());
            let image = card(&world, LINK).await.unwrap().image;
            assert_eq!(image.is_some(), files.is_empty(), "{image:?}");
            statuses::delete(&world, ada.account_id, again, false)
                .await
                .unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn cards_that_nothing_shows_are_removed_with_their_pictures() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let id = post(&world, &ada, LINK, Visibility::Public).await;
        post(&world, &ada, "https://news.test/2", Visibility::Public).await;
        fill(&world, LINK, |card| {
            card.image = Some(CardImage {
                file: "cache/aa/x.jpg".to_owned(),
                url: "https://news.test/x.jpg".to_owned(),
                size: Size { width: 4, height: 2 },
                blurhash: "x".to_owned(),
            });
        })
        .await;
        statuses::delete(&world, ada.account_id, id, false).await.unwrap();
        assert!(card(&world, LINK).await.is_some());
        world.clock.advance(TimeDelta::days(2));
        let later = world.now();
        let (removed, files) = world
            .store()
            .write(move |tx| rows::delete_unused_cards(tx, later, 10))
            .await
            .unwrap();
        assert_eq!((removed, files), (1, vec!["cache/aa/x.jpg".to_owned()]));
        assert!(card(&world, LINK).await.is_none());
        assert!(card(&world, "https://news.test/2").await.is_some());
    })
    .await;
}
