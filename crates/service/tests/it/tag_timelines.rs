//! Timelines of hashtags: which statuses they hold, by page, and what they cost.

use chrono::TimeDelta;
use pouet_model::{ids::StatusId, page::Page, status::Visibility};
use pouet_service::{
    statuses::{self, Arrival, RemoteStatus},
    timelines::{self, PublicFilter, TagFilter},
    view::TagView,
};

use crate::common::{
    World, on_each_database,
    people::{note, post},
};

const HERE: PublicFilter = PublicFilter {
    local: true,
    remote: false,
    only_media: false,
};
const ELSEWHERE: PublicFilter = PublicFilter {
    local: false,
    remote: true,
    only_media: false,
};
const WITH_MEDIA: PublicFilter = PublicFilter {
    local: false,
    remote: false,
    only_media: true,
};

/// Name, any, all, none, which; and places of the statuses that are to be found, newest first.
type Row<'a> = (
    &'a str,
    &'a [&'a str],
    &'a [&'a str],
    &'a [&'a str],
    PublicFilter,
    &'a [usize],
);

fn named(name: &str) -> TagFilter {
    TagFilter {
        name: name.to_owned(),
        ..TagFilter::default()
    }
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

async fn read(world: &World, filter: TagFilter, page: Page) -> Vec<StatusId> {
    let views = timelines::tag(world, None, filter, page).await.unwrap();
    views.into_iter().map(|view| view.status.id).collect()
}

async fn show_media(world: &World, id: StatusId) {
    world
        .execute(&format!("UPDATE statuses SET has_media = TRUE WHERE id = {id}"))
        .await;
}

#[tokio::test]
async fn hashtags_are_joined_required_and_left_out() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let zoe = world.remote("zoe", "far.example").await;
        let mut ids = Vec::new();
        for text in [
            "#tea",
            "#Tea #milk",
            "#milk",
            "#tea #milk #lemon",
            "#coffee #milk",
            "#Thé #lemon",
        ] {
            world.clock.advance(TimeDelta::seconds(1));
            ids.push(post(&world, &ada, text, Visibility::Public).await);
        }
        for (number, tags) in [(1, vec!["tea", "lemon"]), (2, vec!["coffee"])] {
            world.clock.advance(TimeDelta::seconds(1));
            let tags = tags.into_iter().map(|name| TagView {
                name: name.to_owned(),
                display_name: name.to_owned(),
            });
            let status = RemoteStatus {
                tags: tags.collect(),
                ..note(&world, &zoe, number)
            };
            let id = statuses::receive(&world, status, Arrival::Fetched).await.unwrap();
            ids.push(id.unwrap());
        }
        post(&world, &ada, "#tea quietly", Visibility::Unlisted).await;
        post(&world, &ada, "#tea between us", Visibility::Private).await;
        show_media(&world, ids[1]).await;
        show_media(&world, ids[6]).await;

        let both = PublicFilter {
            local: true,
            remote: true,
            ..PublicFilter::default()
        };
        let media_here = PublicFilter {
            only_media: true,
            ..HERE
        };
        let every = PublicFilter::default();
        let table: [Row<'_>; 22] = [
            ("tea", &[], &[], &[], every, &[6, 3, 1, 0]),
            ("#TEA", &[], &[], &[], every, &[6, 3, 1, 0]),
            ("the", &[], &[], &[], every, &[5]),
            ("unknown", &[], &[], &[], every, &[]),
            ("two words", &[], &[], &[], every, &[]),
            ("tea", &["milk"], &[], &[], every, &[6, 4, 3, 2, 1, 0]),
            ("unknown", &["Coffee", "THÉ"], &[], &[], every, &[7, 5, 4]),
            ("tea", &["tea", "Tea", "#tea"], &[], &[], every, &[6, 3, 1, 0]),
            ("tea", &[], &["milk"], &[], every, &[3, 1]),
            ("tea", &[], &["milk", "lemon"], &[], every, &[3]),
            ("tea", &[], &["milk", "coffee"], &[], every, &[]),
            ("tea", &[], &["unknown"], &[], every, &[]),
            ("tea", &["thé"], &["lemon"], &[], every, &[6, 5, 3]),
            ("tea", &[], &[], &["milk"], every, &[6, 0]),
            ("tea", &[], &[], &["milk", "lemon"], every, &[0]),
            ("tea", &[], &[], &["unknown", "!"], every, &[6, 3, 1, 0]),
            ("tea", &["coffee"], &["milk"], &["lemon"], every, &[4, 1]),
            ("tea", &[], &[], &[], HERE, &[3, 1, 0]),
            ("tea", &[], &[], &[], ELSEWHERE, &[6]),
            ("tea", &[], &[], &[], both, &[6, 3, 1, 0]),
            ("tea", &[], &[], &[], WITH_MEDIA, &[6, 1]),
            ("tea", &[], &[], &[], media_here, &[1]),
        ];
        for (name, any, all, none, which, expected) in table {
            let filter = TagFilter {
                any: texts(any),
                all: texts(all),
                none: texts(none),
                which,
                ..named(name)
            };
            let expected: Vec<StatusId> = expected.iter().map(|place| ids[*place]).collect();
            let found = read(&world, filter.clone(), Page::first(40)).await;
            assert_eq!(found, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn hashtag_timelines_have_pages() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let mut ids = Vec::new();
        for n in 0..8 {
            world.clock.advance(TimeDelta::seconds(1));
            let text = if n % 2 == 0 { "#tea #even" } else { "#tea" };
            ids.push(post(&world, &ada, text, Visibility::Public).await);
            post(&world, &ada, "#milk", Visibility::Public).await;
        }
        let at = |place: usize| Some(ids[place].0);
        let first = Page::first(3);
        let table: [(Page, &[usize]); 8] = [
            (first, &[7, 6, 5]),
            (
                Page {
                    max_id: at(5),
                    ..first
                },
                &[4, 3, 2],
            ),
            (
                Page {
                    max_id: at(1),
                    ..first
                },
                &[0],
            ),
            (
                Page {
                    since_id: at(2),
                    ..first
                },
                &[7, 6, 5],
            ),
            (
                Page {
                    since_id: at(5),
                    ..first
                },
                &[7, 6],
            ),
            (
                Page {
                    min_id: at(2),
                    ..first
                },
                &[5, 4, 3],
            ),
            (
                Page {
                    min_id: at(7),
                    ..first
                },
                &[],
            ),
            (
                Page {
                    min_id: at(1),
                    max_id: at(4),
                    ..first
                },
                &[3, 2],
            ),
        ];
        for (page, expected) in table {
            let expected: Vec<StatusId> = expected.iter().map(|place| ids[*place]).collect();
            assert_eq!(read(&world, named("tea"), page).await, expected, "{page:?}");
        }
        let even = TagFilter {
            all: texts(&["even"]),
            ..named("tea")
        };
        let above = Page {
            min_id: at(0),
            ..Page::first(2)
        };
        assert_eq!(read(&world, even.clone(), above).await, [ids[4], ids[2]]);
        let odd = TagFilter {
            none: texts(&["even"]),
            ..named("tea")
        };
        let below = Page {
            max_id: at(6),
            ..Page::first(2)
        };
        assert_eq!(read(&world, odd, below).await, [ids[5], ids[3]]);
        // Pages are filled up after what is not for everybody was left out.
        world
            .execute(&format!(
                "UPDATE statuses SET local_only = TRUE WHERE id IN ({}, {})",
                ids[7], ids[6]
            ))
            .await;
        assert_eq!(read(&world, named("tea"), first).await, [ids[5], ids[4], ids[3]]);
    })
    .await;
}

#[tokio::test]
async fn sec_R095_a_thousand_hashtags_cost_as_much_as_one() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let id = post(&world, &ada, "#t0 #t1 #t2 #t3 #t4", Visibility::Public).await;
        let other = post(&world, &ada, "#t1 #t5", Visibility::Public).await;
        let many: Vec<String> = (1..=1000).map(|n| format!("t{n}")).collect();
        let one = TagFilter {
            any: texts(&["t1"]),
            all: texts(&["t1"]),
            none: texts(&["unknown"]),
            ..named("t0")
        };
        let repeated = TagFilter {
            all: vec!["T1".to_owned(); 1000],
            ..one.clone()
        };
        let distinct = TagFilter {
            any: many.clone(),
            all: many.clone(),
            none: many.iter().map(|name| format!("no{name}")).collect(),
            ..named("t0")
        };
        let last = TagFilter {
            none: texts(&["a", "b", "c", "d", "t1"]),
            ..named("t0")
        };
        let mut costs = Vec::new();
        for (filter, expected) in [
            (one, vec![other, id]),
            (repeated, vec![other, id]),
            (distinct, vec![id]),
            (last, vec![id]),
        ] {
            let (views, cost) = world
                .statements_of(async |instance| {
                    timelines::tag(instance, None, filter.clone(), Page::first(20)).await
                })
                .await;
            let found: Vec<StatusId> = views.unwrap().into_iter().map(|view| view.status.id).collect();
            assert_eq!(found, expected, "{} names", filter.all.len());
            costs.push(cost);
        }
        assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    })
    .await;
}
