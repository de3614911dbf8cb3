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
