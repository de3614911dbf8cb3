//! How often statuses are read: counted for their authors, and for nothing else.

use std::net::IpAddr;

use chrono::TimeDelta;
use pouet_model::{account::User, ids::StatusId, page::Page, status::Visibility};
use pouet_service::{
    Error,
    analytics::{self, Reader},
    profile::{self, ProfileChange},
    statuses::{self, Arrival},
    timelines,
};

use crate::common::{
    World, on_each_database, on_each_database_with,
    people::{note, post},
};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn reader(world: &World, user: &User) -> Option<Reader> {
    Reader::account_of(&world.account(user.account_id).await)
}

fn visitor(last: u8) -> Option<Reader> {
    Reader::visitor(IpAddr::from([192, 0, 2, last]), Some(BROWSER))
}

/// Shows a status in a list.
async fn show(world: &World, reader: Option<&Reader>, id: StatusId) {
    let views = statuses::view(world, None, &[id]).await.unwrap();
    analytics::seen(world, reader, &views);
}

async fn reads(world: &World, author: &User, id: StatusId) -> (i64, i64) {
    analytics::flush(world).await;
    let found = analytics::of_status(world, author.account_id, id).await.unwrap();
    (found.reads.impressions, found.reads.detail_openings)
}

#[tokio::test]
async fn ten_reads_by_two_people_in_a_minute_are_two() {
    on_each_database(async |world| {
        let (ada, bob, eve) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("eve").await,
        );
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let (by_bob, by_eve, by_ada) = (
            reader(&world, &bob).await,
            reader(&world, &eve).await,
            reader(&world, &ada).await,
        );
        for _ in 0..5 {
            show(&world, by_bob.as_ref(), id).await;
            show(&world, by_eve.as_ref(), id).await;
            show(&world, by_ada.as_ref(), id).await;
        }
        assert_eq!(
            reads(&world, &ada, id).await,
            (2, 0),
            "the author's own do not count"
        );
        // Visitors are told apart, and what reads for itself is none.
        show(&world, visitor(1).as_ref(), id).await;
        show(&world, visitor(2).as_ref(), id).await;
        show(&world, visitor(2).as_ref(), id).await;
        let robot = Reader::visitor(IpAddr::from([192, 0, 2, 3]), Some("examplebot/1.0"));
        show(&world, robot.as_ref(), id).await;
        assert_eq!(reads(&world, &ada, id).await, (4, 0));
        // In the next hour nobody is known any more.
        world.clock.advance(TimeDelta::hours(1));
        show(&world, by_bob.as_ref(), id).await;
        assert_eq!(reads(&world, &ada, id).await, (5, 0));
    })
    .await;
}

#[tokio::test]
async fn opening_a_status_counts_once_an_hour_and_is_an_engagement() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let by_bob = reader(&world, &bob).await;
        let view = statuses::find(&world, None, id).await.unwrap();
        for _ in 0..3 {
            analytics::opened(&world, by_bob.as_ref(), &view);
        }
        assert_eq!(reads(&world, &ada, id).await, (1, 1));
        statuses::favourite(&world, bob.account_id, id).await.unwrap();
        statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        let found = analytics::of_status(&world, ada.account_id, id).await.unwrap();
        let shown = statuses::find(&world, None, id).await.unwrap().status;
        assert_eq!(
            (found.favourites, found.reblogs),
            (shown.favourites_count, shown.reblogs_count)
        );
        assert_eq!(
            found.engagements(),
            found.reads.detail_openings + found.favourites + found.reblogs + found.replies
        );
        assert_eq!(found.engagements(), 3);
        let boost = timelines::home(&world, bob.account_id, Page::first(1))
            .await
            .unwrap();
        analytics::seen(&world, visitor(9).as_ref(), &boost);
        assert_eq!(
            reads(&world, &ada, id).await,
            (2, 1),
            "a boost shows what it boosts"
        );
    })
    .await;
}

#[tokio::test]
async fn automated_accounts_and_foreign_statuses_are_not_counted() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let bot = ProfileChange {
            bot: Some(true),
            ..ProfileChange::default()
        };
        profile::update(&world, &bob, bot).await.unwrap();
        assert_eq!(reader(&world, &bob).await, None);
        let eve = world.remote("eve", "far.example").await;
        let foreign = statuses::receive(&world, note(&world, &eve, 1), Arrival::Fetched).await;
        let foreign = foreign.unwrap().unwrap();
        show(&world, reader(&world, &ada).await.as_ref(), foreign).await;
        analytics::flush(&world).await;
        let counted = world
            .store()
            .read(move |conn| pouet_storage::analytics::list_reads(conn, foreign))
            .await;
        assert!(counted.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn nobody_sees_the_numbers_of_somebody_else() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let by_bob = analytics::of_status(&world, bob.account_id, id).await;
        assert!(matches!(by_bob, Err(Error::NotFound)));
        show(&world, reader(&world, &bob).await.as_ref(), id).await;
        statuses::favourite(&world, bob.account_id, id).await.unwrap();
        analytics::flush(&world).await;
        let today = world.now().date_naive();
        let days = analytics::of_account(&world, ada.account_id, today - TimeDelta::days(1), today)
            .await
            .unwrap();
        assert_eq!(days.len(), 2);
        assert_eq!(days[0].1, analytics::DayRow::default());
        let (day, row) = days[1];
        assert_eq!(day, today);
        assert_eq!((row.statuses, row.reads.impressions, row.favourites), (1, 1, 1));
        let others = analytics::of_account(&world, bob.account_id, today, today)
            .await
            .unwrap();
        assert_eq!(others[0].1, analytics::DayRow::default());
        for (from, to) in [
            (today, today - TimeDelta::days(1)),
            (today - TimeDelta::days(366), today),
        ] {
            let refused = analytics::of_account(&world, ada.account_id, from, to).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{from} {to}");
        }
        // What was deleted meanwhile is no obstacle to the rest.
        let gone = post(&world, &ada, "soon gone", Visibility::Public).await;
        show(&world, visitor(1).as_ref(), gone).await;
        show(&world, visitor(1).as_ref(), id).await;
        statuses::delete(&world, ada.account_id, gone, true)
            .await
            .unwrap();
        assert_eq!(reads(&world, &ada, id).await, (2, 0));
    })
    .await;
}

#[tokio::test]
async fn a_server_may_count_nothing() {
    on_each_database_with(
        |settings| settings.analytics_enabled = false,
        async |world| {
            let ada = world.local("ada").await;
            let id = post(&world, &ada, "hello", Visibility::Public).await;
            show(&world, visitor(1).as_ref(), id).await;
            analytics::flush(&world).await;
            let counted = world
                .store()
                .read(move |conn| pouet_storage::analytics::list_reads(conn, id))
                .await;
            assert!(counted.unwrap().is_empty());
            let asked = analytics::of_status(&world, ada.account_id, id).await;
            assert!(matches!(asked, Err(Error::Forbidden(_))));
        },
    )
    .await;
}
