//! How often statuses are read: counted for their authors, and for nothing else.

use std::net::IpAddr;

use chrono::TimeDelta;
use pouet_model::{account::User, ids::StatusId, page::Page, status::Visibility};
use pouet_service::{
    Error,
    analytics::{self, DayAnalytics, Reader, Reads, ToldReads},
    follows::{self, FollowOptions},
    preferences::{self, OwnChange},
    profile::{self, ProfileChange},
    statuses::{self, Arrival, NewStatus, ReceivedReblog},
    timelines,
};
use tokio::sync::watch;

use crate::common::{
    World, on_each_database, on_each_database_with,
    people::{new_status, note, post},
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

/// What is stored of a status, on all days together: more than is told of a few readers.
async fn stored(world: &World, id: StatusId) -> Reads {
    analytics::flush(world).await;
    let days = world
        .store()
        .read(move |conn| pouet_storage::analytics::list_reads(conn, id))
        .await;
    let mut sum = Reads::default();
    for (_, reads) in days.unwrap() {
        sum += reads;
    }
    sum
}

async fn reads(world: &World, id: StatusId) -> (i64, i64) {
    let found = stored(world, id).await;
    (found.impressions, found.detail_openings)
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
        assert_eq!(reads(&world, id).await, (2, 0), "the author's own do not count");
        // Visitors are told apart, and what reads for itself is none.
        show(&world, visitor(1).as_ref(), id).await;
        show(&world, visitor(2).as_ref(), id).await;
        show(&world, visitor(2).as_ref(), id).await;
        let robot = Reader::visitor(IpAddr::from([192, 0, 2, 3]), Some("examplebot/1.0"));
        show(&world, robot.as_ref(), id).await;
        assert_eq!(reads(&world, id).await, (4, 0));
        // In the next hour nobody is known any more.
        world.clock.advance(TimeDelta::hours(1));
        show(&world, by_bob.as_ref(), id).await;
        assert_eq!(reads(&world, id).await, (5, 0));
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
        assert_eq!(reads(&world, id).await, (1, 1));
        statuses::favourite(&world, bob.account_id, id).await.unwrap();
        statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        let found = analytics::of_status(&world, ada.account_id, id).await.unwrap();
        let shown = statuses::find(&world, None, id).await.unwrap().status;
        assert_eq!(
            (found.favourites, found.reblogs),
            (shown.favourites_count, shown.reblogs_count)
        );
        assert_eq!(found.reads.detail_openings, None);
        assert_eq!(found.engagements(), 2, "one reader is not told");
        let boost = timelines::home(&world, bob.account_id, Page::first(1))
            .await
            .unwrap();
        analytics::seen(&world, visitor(9).as_ref(), &boost);
        assert_eq!(reads(&world, id).await, (2, 1), "a boost shows what it boosts");
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
        for last in 1..5 {
            show(&world, visitor(last).as_ref(), id).await;
        }
        analytics::flush(&world).await;
        let found = analytics::of_account(&world, ada.account_id, today - TimeDelta::days(1), today)
            .await
            .unwrap();
        let days = found.days;
        assert_eq!(days.len(), 2);
        assert_eq!(days[0].1, DayAnalytics::default());
        let (day, row) = days[1];
        assert_eq!(day, today);
        assert_eq!(
            (row.statuses, row.reads.impressions, row.favourites),
            (1, Some(5), 1)
        );
        assert_eq!(row.engagements(), 1);
        assert_eq!(found.total, row, "nothing was the day before");
        let others = analytics::of_account(&world, bob.account_id, today, today)
            .await
            .unwrap();
        assert_eq!(others.days[0].1, DayAnalytics::default());
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
        show(&world, visitor(9).as_ref(), id).await;
        statuses::delete(&world, ada.account_id, gone, true)
            .await
            .unwrap();
        assert_eq!(reads(&world, id).await, (6, 0));
    })
    .await;
}

/// What is told of a status and of all of an account on a day: each kind of reads, and the engagements.
async fn told(world: &World, author: &User, id: StatusId) -> Vec<([Option<i64>; 5], i64)> {
    let numbers = |reads: ToldReads| {
        [
            reads.impressions,
            reads.detail_openings,
            reads.media_engagements,
            reads.profile_clicks,
            reads.link_clicks,
        ]
    };
    let today = world.now().date_naive();
    let status = analytics::of_status(world, author.account_id, id).await.unwrap();
    let account = analytics::of_account(world, author.account_id, today, today)
        .await
        .unwrap();
    let of_day = status.days.first().map(|(_, reads)| numbers(*reads));
    assert_eq!(
        of_day.unwrap_or_default(),
        numbers(status.reads),
        "of its only day"
    );
    vec![
        (numbers(status.reads), status.engagements()),
        (numbers(account.total.reads), account.total.engagements()),
        (numbers(account.days[0].1.reads), account.days[0].1.engagements()),
    ]
}

#[tokio::test]
async fn of_no_kind_of_reads_fewer_than_five_are_told() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let counted = OwnChange {
            count_link_clicks: Some(true),
            ..OwnChange::default()
        };
        preferences::change_own(&world, ada.account_id, counted)
            .await
            .unwrap();
        let (link, path) = ("https://there.example/", "/media/a.png");
        let id = post(&world, &ada, &format!("see {link}"), Visibility::Public).await;
        let view = statuses::find(&world, None, id).await.unwrap();
        let mark = analytics::link_mark(link);
        for (readers, known) in [(0, None), (1, None), (4, None), (5, Some(5)), (7, Some(7))] {
            for last in 0..readers {
                let reader = visitor(last);
                let reader = reader.as_ref();
                analytics::opened(&world, reader, &view);
                let ticket = analytics::media_ticket(&world, reader, &view, path).unwrap();
                analytics::opened_media(&world, reader, &ticket, path);
                let ticket = analytics::profile_ticket(&world, reader, &view).unwrap();
                analytics::opened_profile(&world, reader, &ticket, ada.account_id);
                let ticket = analytics::link_ticket(&world, reader, &view, &mark).unwrap();
                assert!(
                    analytics::followed_link(&world, reader, &view, &mark, &ticket)
                        .await
                        .unwrap()
                );
            }
            let there = i64::from(readers);
            let reads = Reads {
                impressions: there,
                detail_openings: there,
                media_engagements: there,
                profile_clicks: there,
                link_clicks: there,
            };
            assert_eq!(stored(&world, id).await, reads);
            let sum = known.map_or(0, |known| 4 * known);
            for told in told(&world, &ada, id).await {
                assert_eq!(told, ([known; 5], sum), "{readers}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn small_numbers_cannot_be_worked_out_from_larger_ones() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (loud, quiet) = (
            post(&world, &ada, "loud", Visibility::Public).await,
            post(&world, &ada, "quiet", Visibility::Public).await,
        );
        let first = world.now().date_naive();
        // Of each day, how often the two were shown, and what is then told of `loud` and of both in all.
        let table = [
            ((6, 2), Some(6), Some(6)),
            ((3, 1), Some(6), Some(11)),
            ((3, 0), Some(11), Some(11)),
        ];
        for (day, ((of_loud, of_quiet), status, account)) in (0..).zip(table) {
            for (id, readers) in [(loud, of_loud), (quiet, of_quiet)] {
                for last in 0..readers {
                    show(&world, visitor(last).as_ref(), id).await;
                }
            }
            analytics::flush(&world).await;
            let one = analytics::of_status(&world, ada.account_id, loud).await.unwrap();
            assert_eq!(one.reads.impressions, status, "{day}");
            assert_eq!(one.days.len(), 1, "the days of which something is told");
            let last = first + TimeDelta::days(day);
            let both = analytics::of_account(&world, ada.account_id, first, last)
                .await
                .unwrap();
            assert_eq!(both.total.reads.impressions, account, "{day}");
            assert_eq!(both.days[0].1.reads.impressions, Some(6), "not eight");
            let quiet = analytics::of_status(&world, ada.account_id, quiet).await.unwrap();
            assert_eq!((quiet.reads, quiet.days), (ToldReads::default(), vec![]));
            world.clock.advance(TimeDelta::days(1));
        }
    })
    .await;
}

#[tokio::test]
async fn of_what_only_some_may_read_nothing_is_counted() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        follows::follow(&world, bob.account_id, ada.account_id, FollowOptions::default())
            .await
            .unwrap();
        let by_bob = reader(&world, &bob).await;
        for (visibility, counted) in [
            (Visibility::Public, 1),
            (Visibility::Unlisted, 1),
            (Visibility::Private, 0),
            (Visibility::Direct, 0),
        ] {
            let id = post(&world, &ada, "@bob psst", visibility).await;
            let view = statuses::find(&world, Some(bob.account_id), id).await.unwrap();
            analytics::opened(&world, by_bob.as_ref(), &view);
            analytics::seen(&world, by_bob.as_ref(), [&view]);
            let profile = analytics::profile_ticket(&world, by_bob.as_ref(), &view);
            let file = analytics::media_ticket(&world, by_bob.as_ref(), &view, "/media/a.png");
            assert_eq!((profile.is_some(), file.is_some()), (counted == 1, counted == 1));
            assert_eq!(reads(&world, id).await, (counted, counted), "{visibility:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_status_quotes_is_shown_with_it() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let quoted = post(&world, &ada, "wise words", Visibility::Public).await;
        let new = NewStatus {
            quoted_status_id: Some(quoted),
            ..new_status("so true", Visibility::Public)
        };
        let quoting = statuses::post(&world, &bob, new).await.unwrap();
        show(&world, visitor(1).as_ref(), quoting).await;
        assert_eq!(reads(&world, quoted).await, (1, 0));
        let view = statuses::find(&world, None, quoting).await.unwrap();
        analytics::opened(&world, visitor(2).as_ref(), &view);
        assert_eq!(reads(&world, quoting).await, (2, 1));
        assert_eq!(reads(&world, quoted).await, (2, 0), "opened was the other");
    })
    .await;
}

#[tokio::test]
async fn many_sums_are_written_by_few_statements() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let first = post(&world, &ada, "hello", Visibility::Public).await;
        let ids: Vec<StatusId> = (0..600).map(|_| world.next_id()).collect();
        let copies: Vec<String> = ids
            .iter()
            .map(|id| {
                format!(
                    "INSERT INTO statuses (id, account_id, local, conversation_id, text, content, spoiler_text, \
                     sensitive, visibility, created_at) SELECT {id}, account_id, local, conversation_id, text, \
                     content, spoiler_text, sensitive, visibility, created_at FROM statuses WHERE id = {first};"
                )
            })
            .collect();
        world.execute(&copies.join("\n")).await;
        let views = statuses::view(&world, None, &ids).await.unwrap();
        assert_eq!(views.len(), 600);
        analytics::seen(&world, visitor(1).as_ref(), &views);
        let ((), cost) = world
            .statements_of(async |instance| analytics::flush(instance).await)
            .await;
        assert!(cost < 30, "three transactions, not {cost} statements");
        let today = world.now().date_naive();
        let found = analytics::of_account(&world, ada.account_id, today, today)
            .await
            .unwrap();
        assert_eq!(found.total.reads.impressions, Some(600), "in whole fives");
        analytics::seen(&world, visitor(2).as_ref(), &views);
        for id in [ids[0], ids[300], ids[599]] {
            assert_eq!(reads(&world, id).await, (2, 0));
        }
    })
    .await;
}

#[tokio::test]
async fn numbers_of_days_have_what_others_did_on_them() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let bobs = post(&world, &bob, "hello, too", Visibility::Public).await;
        world.clock.advance(TimeDelta::days(1));
        let today = world.now().date_naive();
        let answer = NewStatus {
            in_reply_to_id: Some(id),
            ..new_status("well said", Visibility::Public)
        };
        statuses::post(&world, &bob, answer).await.unwrap();
        statuses::favourite(&world, bob.account_id, id).await.unwrap();
        statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        let eve = world.remote("eve", "far.example").await;
        let boost = ReceivedReblog {
            actor: eve.id,
            uri: "https://far.example/boosts/1".to_owned(),
            target: id,
            visibility: Visibility::Public,
            published: world.now(),
        };
        statuses::receive_reblog(&world, boost).await.unwrap();
        statuses::receive_favourite(&world, eve.id, None, id)
            .await
            .unwrap();
        statuses::reblog(&world, ada.account_id, bobs, None)
            .await
            .unwrap();
        let found = analytics::of_account(&world, ada.account_id, today - TimeDelta::days(1), today)
            .await
            .unwrap();
        let did = |row: DayAnalytics| (row.statuses, row.favourites, row.reblogs, row.replies);
        assert_eq!(did(found.days[0].1), (1, 0, 0, 0));
        assert_eq!(did(found.days[1].1), (0, 2, 2, 1));
        assert_eq!(did(found.total), (1, 2, 2, 1));
        statuses::unfavourite(&world, bob.account_id, id).await.unwrap();
        statuses::unreblog(&world, bob.account_id, id).await.unwrap();
        let found = analytics::of_account(&world, ada.account_id, today, today)
            .await
            .unwrap();
        assert_eq!(did(found.total), (0, 1, 1, 1), "what is taken back is gone");
    })
    .await;
}

#[tokio::test]
async fn a_file_counts_once_an_hour_and_only_from_our_pages() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &ada, "a film", Visibility::Public).await;
        let view = statuses::find(&world, None, id).await.unwrap();
        let (by_bob, by_ada) = (reader(&world, &bob).await, reader(&world, &ada).await);
        let path = "/media/film.mp4";
        let ticket = analytics::media_ticket(&world, by_bob.as_ref(), &view, path).expect("bob is counted");
        assert_eq!(
            analytics::media_ticket(&world, by_ada.as_ref(), &view, path),
            None
        );
        assert_eq!(analytics::media_ticket(&world, None, &view, path), None);
        // A player asks for a film piece by piece.
        for _ in 0..12 {
            analytics::opened_media(&world, by_bob.as_ref(), &ticket, path);
        }
        assert_eq!(stored(&world, id).await.media_engagements, 1);
        analytics::opened_media(&world, visitor(1).as_ref(), &ticket, path);
        assert_eq!(
            stored(&world, id).await.media_engagements,
            2,
            "a page can be kept by a cache"
        );
        analytics::opened_media(&world, by_ada.as_ref(), &ticket, path);
        analytics::opened_media(&world, None, &ticket, path);
        analytics::opened_media(&world, visitor(2).as_ref(), &ticket, "/media/other.mp4");
        analytics::opened_media(&world, visitor(2).as_ref(), "invented", path);
        world.clock.advance(TimeDelta::hours(1));
        analytics::opened_media(&world, visitor(2).as_ref(), &ticket, path);
        let found = stored(&world, id).await;
        assert_eq!(found.media_engagements, 2);
        assert_eq!(found.impressions, 0);
    })
    .await;
}

#[tokio::test]
async fn a_profile_ticket_works_once_within_the_hour_for_the_author_alone() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let view = statuses::find(&world, None, id).await.unwrap();
        let clicks = async || stored(&world, id).await.profile_clicks;
        let ticket = |last| {
            let reader = visitor(last);
            let ticket = analytics::profile_ticket(&world, reader.as_ref(), &view).expect("visitors count");
            (reader, ticket)
        };
        let open = |reader: &Option<Reader>, ticket: &str, account| {
            analytics::opened_profile(&world, reader.as_ref(), ticket, account);
        };
        let (first, used) = ticket(1);
        open(&first, &used, bob.account_id);
        assert_eq!(clicks().await, 0, "it is for ada's profile");
        open(&None, &used, ada.account_id);
        open(&first, &used, ada.account_id);
        assert_eq!(clicks().await, 1, "a program did not use it up");
        open(&visitor(2), &used, ada.account_id);
        assert_eq!(clicks().await, 1, "it was used");
        let (_, again) = ticket(1);
        open(&first, &again, ada.account_id);
        assert_eq!(clicks().await, 1, "one reader counts once an hour");
        let (other, late) = ticket(3);
        world.clock.advance(TimeDelta::hours(1));
        open(&other, &late, ada.account_id);
        assert_eq!(clicks().await, 1, "it is over");
        let (other, fresh) = ticket(3);
        open(&other, &fresh, ada.account_id);
        assert_eq!(clicks().await, 2);
    })
    .await;
}

#[tokio::test]
async fn links_are_counted_where_the_author_asked_for_it() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let text = "see https://there.example/a?b=1&c=2 and https://there.example/d by @bob #boats";
        let id = post(&world, &ada, text, Visibility::Public).await;
        let view = statuses::find(&world, None, id).await.unwrap();
        let by_bob = reader(&world, &bob).await;
        let address = "https://there.example/a?b=1&c=2";
        let mark = analytics::link_mark(address);
        assert_eq!(
            analytics::find_link(&view, &mark).map(String::from).as_deref(),
            Some(address)
        );
        let bobs = analytics::link_mark(&world.urls().account_url(&world.account(bob.account_id).await));
        for wrong in [
            "",
            "x",
            &mark[1..],
            &analytics::link_mark("https://evil.example/"),
            &bobs,
        ] {
            assert_eq!(analytics::find_link(&view, wrong), None, "{wrong}");
        }
        let by_ada = reader(&world, &ada).await;
        let of = |view| analytics::link_ticket(&world, by_bob.as_ref(), view, &mark).expect("bob is counted");
        let ticket = of(&view);
        for nobody in [&by_ada, &None] {
            let made = analytics::link_ticket(&world, nobody.as_ref(), &view, &mark);
            assert_eq!(made, None);
        }
        let follow_by = async |reader: &Option<Reader>, ticket: &str| {
            analytics::followed_link(&world, reader.as_ref(), &view, &mark, ticket)
                .await
                .unwrap()
        };
        let follow = async |reader: &Option<Reader>| follow_by(reader, &ticket).await;
        assert!(!follow(&by_bob).await, "at first nothing is counted");
        assert_eq!(stored(&world, id).await.link_clicks, 0);
        let change = OwnChange {
            count_link_clicks: Some(true),
            ..OwnChange::default()
        };
        let changed = preferences::change_own(&world, ada.account_id, change)
            .await
            .unwrap();
        assert!(changed.count_link_clicks);
        assert!(
            !preferences::own(&world, bob.account_id)
                .await
                .unwrap()
                .count_link_clicks
        );
        for reader in [&by_bob, &by_bob, &by_ada, &None, &visitor(1)] {
            assert!(follow(reader).await);
        }
        assert_eq!(stored(&world, id).await.link_clicks, 2, "bob and a visitor");
        // Tickets are for one link of one status, and for an hour.
        let same = post(&world, &ada, text, Visibility::Public).await;
        let same = statuses::find(&world, None, same).await.unwrap();
        let other = analytics::link_mark("https://there.example/d");
        let other = analytics::link_ticket(&world, by_bob.as_ref(), &view, &other).expect("bob is counted");
        let profile = analytics::profile_ticket(&world, by_bob.as_ref(), &view).expect("bob is counted");
        for wrong in ["", "invented", &of(&same), &other, &profile] {
            assert!(!follow_by(&visitor(2), wrong).await, "{wrong}");
        }
        world.clock.advance(TimeDelta::hours(1));
        assert!(!follow(&visitor(2)).await, "it is over");
        assert_eq!(stored(&world, id).await.link_clicks, 2);
        let found = analytics::of_status(&world, ada.account_id, id).await.unwrap();
        assert_eq!((found.reads.link_clicks, found.engagements()), (None, 0));
        let same = OwnChange::default();
        assert_eq!(
            preferences::change_own(&world, ada.account_id, same)
                .await
                .unwrap(),
            changed
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_is_the_same_whoever_reads() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let readers = [
            reader(&world, &bob).await,
            visitor(1),
            Reader::visitor(
                IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]),
                Some("Mozilla/5.0 Other/1.0"),
            ),
        ];
        let mut rows = Vec::new();
        for reader in &readers {
            let id = post(&world, &ada, "hello", Visibility::Public).await;
            let view = statuses::find(&world, None, id).await.unwrap();
            analytics::opened(&world, reader.as_ref(), &view);
            let ticket = analytics::media_ticket(&world, reader.as_ref(), &view, "/media/a.png").unwrap();
            analytics::opened_media(&world, reader.as_ref(), &ticket, "/media/a.png");
            let ticket = analytics::profile_ticket(&world, reader.as_ref(), &view).unwrap();
            analytics::opened_profile(&world, reader.as_ref(), &ticket, ada.account_id);
            rows.push(stored(&world, id).await);
        }
        assert_eq!(rows[0].profile_clicks, 1);
        assert!(rows.iter().all(|row| *row == rows[0]), "{rows:?}");
    })
    .await;
}

#[tokio::test]
async fn sums_are_written_every_minute_and_when_the_server_stops() {
    assert_eq!(analytics::FLUSH_EVERY.as_secs(), 60);
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let id = post(&world, &ada, "hello", Visibility::Public).await;
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(analytics::run(world.instance.clone(), stopping));
        show(&world, visitor(1).as_ref(), id).await;
        let written = async || {
            let rows = world
                .store()
                .read(move |conn| pouet_storage::analytics::list_reads(conn, id))
                .await;
            rows.unwrap().len()
        };
        assert_eq!(written().await, 0, "until then it is in memory");
        stop.send(true).unwrap();
        running.await.unwrap();
        assert_eq!(written().await, 1);
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
            let view = statuses::find(&world, None, id).await.unwrap();
            let reader = visitor(1);
            analytics::opened(&world, reader.as_ref(), &view);
            assert_eq!(
                analytics::media_ticket(&world, reader.as_ref(), &view, "/media/a.png"),
                None
            );
            assert_eq!(analytics::profile_ticket(&world, reader.as_ref(), &view), None);
            let change = OwnChange {
                count_link_clicks: Some(true),
                ..OwnChange::default()
            };
            preferences::change_own(&world, ada.account_id, change)
                .await
                .unwrap();
            let mark = analytics::link_mark("https://there.example/");
            let made = analytics::link_ticket(&world, reader.as_ref(), &view, &mark);
            assert_eq!(made, None);
            analytics::flush(&world).await;
            let counted = world
                .store()
                .read(move |conn| pouet_storage::analytics::list_reads(conn, id))
                .await;
            assert!(counted.unwrap().is_empty());
            let asked = analytics::of_status(&world, ada.account_id, id).await;
            assert!(matches!(asked, Err(Error::Forbidden(_))));
            let today = world.now().date_naive();
            let asked = analytics::of_account(&world, ada.account_id, today, today).await;
            assert!(matches!(asked, Err(Error::Forbidden(_))));
        },
    )
    .await;
}
