//! How far a search reaches: what feeds give away, and that pages leave nothing out.

use pouet_model::{
    account::User,
    ids::{SavedSearchId, StatusId},
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error,
    jobs::{Job, JobError, JobHandler, Worker},
    profile::{self, ProfileChange},
    quotes::RemoteQuote,
    saved_searches::{self, Timeline},
    search::{self, SearchKind, SearchQuery},
    statuses::{self, Arrival, NewStatus},
};

use crate::common::{
    World, on_each_database,
    people::{new_status, note, post, run_jobs},
};

async fn save(world: &World, owner: &User, query: &str) -> SavedSearchId {
    saved_searches::create(world, owner.account_id, "zebras", query)
        .await
        .unwrap()
        .id
}

async fn timeline(world: &World, owner: &User, id: SavedSearchId, page: Page) -> Timeline {
    saved_searches::timeline(world, owner.account_id, id, page)
        .await
        .unwrap()
}

fn ids(timeline: &Timeline) -> Vec<StatusId> {
    timeline.statuses.iter().map(|view| view.status.id).collect()
}

async fn hide(world: &World, user: &User) {
    let change = ProfileChange {
        indexable: Some(false),
        ..ProfileChange::default()
    };
    profile::update(world, user, change).await.unwrap();
}

/// Puts `count` copies of a status into the database and the index.
async fn copy(world: &World, original: StatusId, count: usize) {
    let copies: Vec<String> = (0..count)
        .map(|_| {
            let id: StatusId = world.next_id();
            format!(
                "INSERT INTO statuses (id, account_id, local, conversation_id, text, content, spoiler_text, \
                 sensitive, visibility, created_at) SELECT {id}, account_id, local, conversation_id, text, content, \
                 spoiler_text, sensitive, visibility, created_at FROM statuses WHERE id = {original};"
            )
        })
        .collect();
    world.execute(&copies.join("\n")).await;
    index_all(world).await;
}

/// Has everything entered into the index again.
async fn index_all(world: &World) {
    world
        .execute("INSERT INTO settings (key, value) VALUES ('search.index_below', '9223372036854775807')")
        .await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = Worker::new(world.instance.clone(), std::sync::Arc::new(Nobody));
    let running = tokio::spawn(worker.run(stopped));
    let is_left = |conn: &mut pouet_storage::Conn| {
        let setting = pouet_storage::settings::find_setting(conn, "search.index_below")?;
        Ok::<_, Error>(setting.is_some())
    };
    while world.store().read(is_left).await.unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
}

/// Other servers, which hear nothing.
struct Nobody;

#[async_trait::async_trait]
impl JobHandler for Nobody {
    async fn run(&self, _: pouet_model::ids::JobId, _: Job) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test]
async fn sec_R046_a_feed_gives_away_nothing_that_not_everybody_may_find() {
    on_each_database(async |world| {
        let (ada, shy, loud) = (
            world.local("ada").await,
            world.local("shy").await,
            world.local("loud").await,
        );
        hide(&world, &shy).await;
        world
            .execute(&format!(
                "UPDATE accounts SET silenced_at = 1 WHERE id = {}",
                loud.account_id
            ))
            .await;
        let open = post(&world, &ada, "open zebra", Visibility::Public).await;
        let here = NewStatus {
            local_only: true,
            ..new_status("zebra of this place", Visibility::Public)
        };
        statuses::post(&world, &ada, here).await.unwrap();
        for (author, visibility) in [
            (&ada, Visibility::Unlisted),
            (&shy, Visibility::Public),
            (&shy, Visibility::Unlisted),
            (&loud, Visibility::Public),
        ] {
            let id = post(&world, author, "favourite zebra", visibility).await;
            statuses::favourite(&world, ada.account_id, id).await.unwrap();
        }
        // More than a feed shows, and newer than what it shows.
        for _ in 0..45 {
            post(&world, &ada, "private zebra", Visibility::Private).await;
        }
        for query in ["zebra", "zebra in:library"] {
            let id = save(&world, &ada, query).await;
            let all = timeline(&world, &ada, id, Page::first(80)).await;
            assert_eq!(all.statuses.len(), 51, "the owner finds all: {query}");
            let found = saved_searches::find(&world, ada.account_id, id).await.unwrap();
            let feed = saved_searches::feed(&world, &found.feed_token.unwrap())
                .await
                .unwrap();
            let shown: Vec<StatusId> = feed.statuses.iter().map(|view| view.status.id).collect();
            assert_eq!(shown, [open], "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R067_the_feeds_of_who_may_not_sign_in_are_closed() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let id = save(&world, &ada, "zebra").await;
        let token = saved_searches::find(&world, ada.account_id, id)
            .await
            .unwrap()
            .feed_token
            .unwrap();
        assert!(saved_searches::feed(&world, &token).await.is_ok());
        world
            .execute(&format!("UPDATE users SET disabled_at = 1 WHERE id = {}", ada.id))
            .await;
        let closed = saved_searches::feed(&world, &token).await;
        assert!(matches!(closed, Err(Error::NotFound)), "{closed:?}");
    })
    .await;
}

#[tokio::test]
async fn pages_leave_nothing_out_however_much_is_not_for_the_viewer() {
    on_each_database(async |world| {
        let (ada, bob, shy) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("shy").await,
        );
        hide(&world, &shy).await;
        let marked = post(&world, &shy, "common word", Visibility::Public).await;
        statuses::favourite(&world, ada.account_id, marked).await.unwrap();
        let open = post(&world, &bob, "common word", Visibility::Public).await;
        copy(&world, marked, 6200).await;
        let id = save(&world, &ada, "common").await;
        let (mut seen, mut pages, mut page) = (Vec::new(), 0, Page::first(20));
        loop {
            let found = timeline(&world, &ada, id, page).await;
            seen.extend(ids(&found));
            pages += 1;
            match found.older_below {
                Some(below) => page.max_id = Some(below),
                None => break,
            }
        }
        assert_eq!(seen, [open, marked]);
        assert!(pages > 1, "the work for one page has a bound");
        // What somebody has to do with is a short list, whatever else has the words.
        let library = save(&world, &ada, "common in:library").await;
        let found = timeline(&world, &ada, library, Page::first(20)).await;
        assert_eq!((ids(&found), found.older_below), (vec![marked], None));
        // Upwards, too.
        let (mut seen, mut above) = (Vec::new(), Some(0));
        while let Some(min_id) = above.filter(|_| seen.len() < 2) {
            let page = Page {
                min_id: Some(min_id),
                ..Page::first(1)
            };
            let found = timeline(&world, &ada, id, page).await;
            seen.extend(ids(&found));
            above = found.newer_above;
        }
        assert_eq!(seen, [marked, open]);
    })
    .await;
}

#[tokio::test]
async fn the_page_above_an_id_is_the_one_right_above() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let first = post(&world, &ada, "zebra", Visibility::Public).await;
        let second = post(&world, &ada, "zebra", Visibility::Public).await;
        let third = post(&world, &ada, "zebra", Visibility::Public).await;
        copy(&world, third, 450).await;
        let id = save(&world, &ada, "zebra").await;
        let page = Page {
            min_id: Some(first.0),
            ..Page::first(2)
        };
        let found = timeline(&world, &ada, id, page).await;
        assert_eq!(ids(&found), [third, second]);
        assert_eq!(found.newer_above, Some(third.0));
    })
    .await;
}

#[tokio::test]
async fn words_after_a_handle_are_looked_for() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &bob, "@bob thanks a lot", Visibility::Public).await;
        let find = async |q: &str| {
            let query = SearchQuery {
                q: q.to_owned(),
                kind: Some(SearchKind::Statuses),
                limit: 20,
                ..SearchQuery::default()
            };
            let found = search::search(&world, Some(ada.account_id), query).await.unwrap();
            let ids: Vec<StatusId> = found.statuses.iter().map(|view| view.status.id).collect();
            ids
        };
        assert_eq!(find("@bob thanks").await, [id]);
        assert_eq!(find("@bob").await, [], "somebody's name");
    })
    .await;
}

#[tokio::test]
async fn authors_who_come_to_be_known_are_found_at_once() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let search = save(&world, &ada, "from:zoe@far.example").await;
        let before = post(&world, &ada, "something", Visibility::Public).await;
        let arrived = async |id: StatusId| {
            let view = saved_searches::arrived(&world, ada.account_id, search, id)
                .await
                .unwrap();
            view.is_some()
        };
        assert!(!arrived(before).await);
        let zoe = world.remote("zoe", "far.example").await;
        let note = note(&world, &zoe, 1);
        let first = statuses::receive(&world, note, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        assert!(arrived(first).await);
        run_jobs(&world).await;
    })
    .await;
}

async fn found(world: &World, viewer: &User, q: &str, offset: i64) -> Vec<StatusId> {
    let query = SearchQuery {
        q: q.to_owned(),
        kind: Some(SearchKind::Statuses),
        limit: 20,
        offset,
        ..SearchQuery::default()
    };
    let found = search::search(world, Some(viewer.account_id), query)
        .await
        .unwrap();
    found.statuses.iter().map(|view| view.status.id).collect()
}

#[tokio::test]
async fn what_fits_best_comes_first_where_that_is_asked_for() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let best = post(&world, &bob, "tiger, tiger, burning bright", Visibility::Public).await;
        let private = post(&world, &bob, "tiger, tiger", Visibility::Private).await;
        let mut others = Vec::new();
        for n in 0..24 {
            let text = format!("after a long walk past birds and snakes, number {n} was a tiger");
            others.push(post(&world, &bob, &text, Visibility::Public).await);
        }
        others.reverse();
        let first = found(&world, &ada, "tiger sort:relevance", 0).await;
        let second = found(&world, &ada, "tiger sort:relevance", 20).await;
        assert_eq!((first.len(), second.len()), (20, 5));
        assert_eq!(first[0], best);
        assert!(!first.contains(&private), "nobody else may see it");
        // Those that fit alike, newest first; and no page repeats another.
        assert_eq!([&first[1..], &second].concat(), others);
        assert_eq!(
            found(&world, &bob, "tiger sort:relevance", 0).await[..2],
            [private, best]
        );
        assert_eq!(found(&world, &ada, "tiger sort:newest", 0).await[0], others[0]);
        assert_eq!(
            found(&world, &ada, "tiger sort:relevance in:public", 24)
                .await
                .len(),
            1
        );
        assert_eq!(
            found(&world, &ada, "tiger sort:relevance in:library", 0).await,
            []
        );
        // A saved search is a timeline, whatever its query says.
        let id = save(&world, &ada, "tiger sort:relevance").await;
        let newest = timeline(&world, &ada, id, Page::first(40)).await;
        assert_eq!(ids(&newest)[0], others[0]);
    })
    .await;
}

#[tokio::test]
async fn the_work_for_the_best_has_a_bound() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let best = post(&world, &bob, "tiger", Visibility::Public).await;
        let original = post(&world, &bob, "a lion and a tiger", Visibility::Public).await;
        copy(&world, original, 498).await;
        assert_eq!(found(&world, &ada, "tiger sort:relevance", 0).await[0], best);
        assert_eq!(found(&world, &ada, "tiger sort:relevance", 490).await.len(), 10);
        // It is no longer among the newest 500.
        copy(&world, original, 1).await;
        assert!(
            !found(&world, &ada, "tiger sort:relevance", 0)
                .await
                .contains(&best)
        );
        assert_eq!(found(&world, &ada, "tiger sort:relevance", 490).await.len(), 10);
        assert_eq!(found(&world, &ada, "tiger sort:relevance", 500).await, []);
    })
    .await;
}

#[tokio::test]
async fn quotes_are_found_as_such() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let quoted = post(&world, &bob, "a tiger", Visibility::Public).await;
        let quote = NewStatus {
            quoted_status_id: Some(quoted),
            ..new_status("look, a tiger", Visibility::Public)
        };
        let quote = statuses::post(&world, &bob, quote).await.unwrap();
        assert_eq!(found(&world, &ada, "tiger has:quote", 0).await, [quote]);
        assert_eq!(found(&world, &ada, "tiger -is:quote", 0).await, [quoted]);
        // Of another server, which changes its mind.
        let zoe = world.remote("zoe", "far.example").await;
        let mut received = note(&world, &zoe, 1);
        received.content = "<p>a tiger from afar</p>".to_owned();
        received.quote = Some(RemoteQuote {
            quoted_uri: Some("https://far.example/notes/77".to_owned()),
            legacy: false,
            stamp_uri: None,
            depth: 0,
        });
        let far = statuses::receive(&world, received.clone(), Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        statuses::favourite(&world, ada.account_id, far).await.unwrap();
        assert!(found(&world, &ada, "tiger has:quote", 0).await.contains(&far));
        received.quote = None;
        statuses::receive_update(&world, received).await.unwrap();
        assert!(!found(&world, &ada, "tiger has:quote", 0).await.contains(&far));
        assert!(found(&world, &ada, "tiger", 0).await.contains(&far));
    })
    .await;
}

#[tokio::test]
async fn the_library_is_found_part_by_part_from_either_end() {
    on_each_database(async |world| {
        let (ada, bob, shy) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("shy").await,
        );
        hide(&world, &shy).await;
        let marked = post(&world, &shy, "common word", Visibility::Public).await;
        statuses::favourite(&world, ada.account_id, marked).await.unwrap();
        let boosted = post(&world, &bob, "common and rare", Visibility::Public).await;
        statuses::reblog(&world, ada.account_id, boosted, None)
            .await
            .unwrap();
        let own = post(&world, &ada, "something else", Visibility::Public).await;
        // More of her own than is listed at a time, and other people's beside.
        copy(&world, own, 4100).await;
        let theirs = post(&world, &bob, "common word of no concern", Visibility::Public).await;
        copy(&world, theirs, 300).await;
        assert_eq!(
            found(&world, &ada, "common in:library", 0).await,
            [boosted, marked]
        );
        assert_eq!(found(&world, &ada, "rare in:library", 0).await, [boosted]);
        assert_eq!(found(&world, &ada, "common -rare in:library", 0).await, [marked]);
        assert_eq!(found(&world, &ada, "unheard in:library", 0).await, []);
        let id = save(&world, &ada, "common in:library").await;
        let (mut seen, mut page) = (Vec::new(), Page::first(1));
        loop {
            let found = timeline(&world, &ada, id, page).await;
            seen.extend(ids(&found));
            match found.older_below {
                Some(below) => page.max_id = Some(below),
                None => break,
            }
        }
        assert_eq!(seen, [boosted, marked]);
        let page = Page {
            min_id: Some(0),
            ..Page::first(1)
        };
        let found = timeline(&world, &ada, id, page).await;
        assert_eq!((ids(&found), found.newer_above), (vec![marked], Some(marked.0)));
        let page = Page {
            min_id: found.newer_above,
            ..Page::first(1)
        };
        assert_eq!(ids(&timeline(&world, &ada, id, page).await), [boosted]);
    })
    .await;
}

#[tokio::test]
async fn searches_that_name_strangers_are_kept_ready() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        let viewer = ada.account_id;
        let search = save(&world, &ada, "from:zoe@far.example from:me").await;
        let id = post(&world, &ada, "tiger", Visibility::Public).await;
        let arrived = async |world: &mut World, id: StatusId| {
            let (view, cost) = world
                .statements_of(async |instance| saved_searches::arrived(instance, viewer, search, id).await)
                .await;
            (view.unwrap().is_some(), cost)
        };
        // An account that is as new as the search might be the stranger.
        let (first, second) = (arrived(&mut world, id).await, arrived(&mut world, id).await);
        assert!(second.1 > 0 && first.1 > second.1, "{first:?} {second:?}");
        world.clock.advance(chrono::TimeDelta::minutes(2));
        let looked = arrived(&mut world, id).await;
        let ready = arrived(&mut world, id).await;
        assert!(ready.0 && ready.1 < looked.1, "{looked:?} {ready:?}");
        let zoe = world.remote("zoe", "far.example").await;
        let note = note(&world, &zoe, 1);
        let theirs = statuses::receive(&world, note, Arrival::Fetched).await.unwrap();
        assert!(arrived(&mut world, theirs.unwrap()).await.0, "known by now");
    })
    .await;
}

#[tokio::test]
async fn pages_by_offset_end_where_the_looking_ends() {
    on_each_database(async |world| {
        let (ada, bob, shy) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("shy").await,
        );
        hide(&world, &shy).await;
        let old = post(&world, &bob, "common word", Visibility::Public).await;
        let between = post(&world, &shy, "common word", Visibility::Public).await;
        // More than are looked at for a page.
        copy(&world, between, 6200).await;
        let new = post(&world, &bob, "common word", Visibility::Public).await;
        let find = async |offset: i64, max_id: Option<StatusId>| -> Vec<StatusId> {
            let query = SearchQuery {
                q: "common".to_owned(),
                kind: Some(SearchKind::Statuses),
                limit: 20,
                offset,
                max_id,
                ..SearchQuery::default()
            };
            let found = search::search(&world, Some(ada.account_id), query).await.unwrap();
            found.statuses.iter().map(|view| view.status.id).collect()
        };
        assert_eq!(find(0, None).await, [new]);
        assert_eq!(find(1, None).await, [], "the end, by offset");
        assert_eq!(find(0, Some(between)).await, [old], "not by ids");
        assert_eq!(find(1001, None).await, []);
    })
    .await;
}
