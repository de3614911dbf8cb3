//! Searching by words and operators, and saved searches.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use pouet_model::{
    account::User,
    ids::{AccountId, JobId, SavedSearchId, StatusId},
    page::Page,
    status::{MediaType, PollOption, Timing, Visibility},
};
use pouet_service::{
    Error, blocks,
    events::Event,
    follows::{self, FollowOptions},
    jobs::{Job, JobError, JobHandler, Worker},
    profile::{self, ProfileChange},
    saved_searches::{self, MAX_SAVED_SEARCHES},
    search::{self, SearchKind, SearchQuery},
    statuses::{self, Arrival, NewStatus, RemoteMedia, RemotePoll, StatusChange},
};
use pouet_storage::{Conn, accounts, search_index, settings};
use tokio::sync::watch;

use crate::common::{
    World, on_each_database,
    people::{new_status, note, post},
};

async fn found(world: &World, viewer: AccountId, words: &str) -> Vec<StatusId> {
    let query = SearchQuery {
        q: words.to_owned(),
        kind: Some(SearchKind::Statuses),
        limit: 20,
        ..SearchQuery::default()
    };
    let found = search::search(world, Some(viewer), query).await.unwrap();
    found.statuses.into_iter().map(|view| view.status.id).collect()
}

/// Other servers, which hear nothing.
struct Nobody;

#[async_trait]
impl JobHandler for Nobody {
    async fn run(&self, _: JobId, _: Job) -> Result<(), JobError> {
        Ok(())
    }
}

/// A worker starts, and runs until all statuses are in the index.
async fn index_older(world: &World) {
    let (stop, stopped) = watch::channel(false);
    let worker = Worker::new(world.instance.clone(), Arc::new(Nobody));
    let running = tokio::spawn(worker.run(stopped));
    let is_left =
        |conn: &mut Conn| Ok::<_, Error>(settings::find_setting(conn, "search.index_below")?.is_some());
    while world.store().read(is_left).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn operators_narrow_a_search() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let far = world.remote("zoe", "far.example").await;
        let viewer = ada.account_id;
        let plain = post(&world, &bob, "one tiger", Visibility::Public).await;
        let answer = NewStatus {
            in_reply_to_id: Some(plain),
            language: Some("fr".to_owned()),
            spoiler_text: "warning".to_owned(),
            ..new_status("deux tiger https://tigers.example/", Visibility::Public)
        };
        let answer = statuses::post(&world, &ada, answer).await.unwrap();
        let picture = RemoteMedia {
            remote_url: "https://far.example/1.png".to_owned(),
            media_type: MediaType::Image,
            content_type: "image/png".to_owned(),
            description: Some("a striped animal".to_owned()),
            blurhash: None,
            focus: None,
            size: None,
            preview_url: None,
            timing: Timing::default(),
        };
        let mut shown = note(&world, &far, 1);
        shown.content = "<p>three tiger</p>".to_owned();
        shown.media = vec![picture];
        shown.language = Some("pt-BR".to_owned());
        let shown = statuses::receive(&world, shown, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        let mut asked = note(&world, &far, 2);
        asked.content = "<p>four tiger</p>".to_owned();
        let option = |title: &str| PollOption {
            title: title.to_owned(),
            votes_count: 0,
        };
        asked.poll = Some(RemotePoll {
            options: vec![option("stripes"), option("spots")],
            multiple: false,
            expires_at: None,
            voters_count: None,
        });
        let asked = statuses::receive(&world, asked, Arrival::Fetched)
            .await
            .unwrap()
            .unwrap();
        let mut all = vec![plain, answer, shown, asked];
        all.sort_unstable();
        all.reverse();
        let day = world.now().format("%Y-%m-%d").to_string();
        let table: [(String, Vec<StatusId>); 20] = [
            ("tiger".into(), all.clone()),
            ("tiger from:bob".into(), vec![plain]),
            ("tiger from:@zoe@far.example -has:poll".into(), vec![shown]),
            ("from:me".into(), vec![answer]),
            ("tiger -from:zoe@far.example -from:me".into(), vec![plain]),
            ("tiger from:nobody".into(), vec![]),
            ("has:image tiger".into(), vec![shown]),
            ("has:media".into(), vec![shown]),
            ("has:poll".into(), vec![asked]),
            ("has:link".into(), vec![answer]),
            ("is:reply".into(), vec![answer]),
            ("is:sensitive tiger".into(), vec![answer]),
            ("is:local -is:reply".into(), vec![plain]),
            ("lang:fr".into(), vec![answer]),
            ("language:pt".into(), vec![shown]),
            ("striped".into(), vec![shown]),
            ("spots stripes".into(), vec![asked]),
            ("warning".into(), vec![answer]),
            (format!("tiger before:{day}"), vec![]),
            (format!("tiger during:{day} -deux -three -four"), vec![plain]),
        ];
        for (query, expected) in table {
            assert_eq!(found(&world, viewer, &query).await, expected, "{query}");
        }
        assert_eq!(found(&world, viewer, "tiger in:library").await, [answer]);
        assert_eq!(found(&world, bob.account_id, "tiger in:library").await, [plain]);
        statuses::favourite(&world, viewer, asked).await.unwrap();
        let mut marked = vec![answer, asked];
        marked.sort_unstable();
        marked.reverse();
        assert_eq!(found(&world, viewer, "tiger in:library").await, marked);
        assert!(!found(&world, viewer, "tiger in:public").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn sec_R046_whoever_is_gone_limited_or_blocks_is_not_found() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let viewer = ada.account_id;
        let id = post(&world, &bob, "unique zebra", Visibility::Public).await;
        assert_eq!(
            found(&world, viewer, "zebra").await,
            [id],
            "searchable when it is stored"
        );
        let (author, now) = (bob.account_id, world.now());
        let limit = async |limited: bool| {
            let statement = format!(
                "UPDATE accounts SET silenced_at = {} WHERE id = {author}",
                if limited { "1" } else { "NULL" }
            );
            world.execute(&statement).await;
        };
        limit(true).await;
        assert_eq!(found(&world, viewer, "zebra").await, [], "limited");
        follows::follow(&world, viewer, author, FollowOptions::default())
            .await
            .unwrap();
        assert_eq!(
            found(&world, viewer, "zebra").await,
            [id],
            "limited, but followed"
        );
        limit(false).await;
        blocks::block(&world, author, viewer).await.unwrap();
        assert_eq!(found(&world, viewer, "zebra").await, [], "blocked");
        blocks::unblock(&world, author, viewer).await.unwrap();
        assert_eq!(found(&world, viewer, "zebra").await, [id]);
        world
            .store()
            .write(move |tx| accounts::update_suspended(tx, author, Some(now)))
            .await
            .unwrap();
        assert_eq!(found(&world, viewer, "zebra").await, [], "suspended");
    })
    .await;
}

#[tokio::test]
async fn sec_R046_what_was_marked_is_lost_with_the_right_to_see_it() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let viewer = ada.account_id;
        follows::follow(&world, viewer, bob.account_id, FollowOptions::default())
            .await
            .unwrap();
        let id = post(&world, &bob, "private zebra", Visibility::Private).await;
        assert_eq!(found(&world, viewer, "zebra").await, [], "seen, but not marked");
        statuses::bookmark(&world, viewer, id).await.unwrap();
        assert_eq!(found(&world, viewer, "zebra").await, [id]);
        follows::unfollow(&world, viewer, bob.account_id).await.unwrap();
        assert_eq!(found(&world, viewer, "zebra").await, []);
    })
    .await;
}

#[tokio::test]
async fn statuses_from_before_the_index_are_added_to_it() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let mut ids = Vec::new();
        for n in 0..600 {
            if n % 200 == 0 {
                ids.push(post(&world, &ada, "old zebra", Visibility::Public).await);
            } else {
                post(&world, &ada, "filler", Visibility::Public).await;
            }
        }
        ids.reverse();
        world
            .execute(
                "DELETE FROM status_search; \
                 INSERT INTO settings (key, value) VALUES ('search.index_below', '9223372036854775807')",
            )
            .await;
        assert_eq!(found(&world, ada.account_id, "filler").await, []);
        let new = post(&world, &ada, "new zebra", Visibility::Public).await;
        index_older(&world).await;
        let expected: Vec<StatusId> = [new].into_iter().chain(ids).collect();
        assert_eq!(found(&world, ada.account_id, "zebra").await, expected);
        let count = world.store().read(search_index::count_documents).await.unwrap();
        assert_eq!(count, 601);
    })
    .await;
}

#[tokio::test]
async fn a_library_is_looked_through_where_words_are_common() {
    on_each_database(async |world| {
        let (ada, shy) = (world.local("ada").await, world.local("shy").await);
        let change = ProfileChange {
            indexable: Some(false),
            ..ProfileChange::default()
        };
        profile::update(&world, &shy, change).await.unwrap();
        let old = post(&world, &shy, "common word", Visibility::Public).await;
        statuses::favourite(&world, ada.account_id, old).await.unwrap();
        // More than are looked at for a page.
        let shy_id = shy.account_id;
        let ids: Vec<StatusId> = (0..6200).map(|_| world.next_id()).collect();
        let copies: Vec<String> = ids
            .iter()
            .map(|id| {
                format!(
                    "INSERT INTO statuses (id, account_id, local, conversation_id, text, content, spoiler_text, \
                     sensitive, visibility, created_at) SELECT {id}, {shy_id}, local, conversation_id, text, content, \
                     spoiler_text, sensitive, visibility, created_at FROM statuses WHERE id = {old};"
                )
            })
            .collect();
        world.execute(&copies.join("\n")).await;
        world
            .execute("INSERT INTO settings (key, value) VALUES ('search.index_below', '9223372036854775807')")
            .await;
        index_older(&world).await;
        assert_eq!(found(&world, ada.account_id, "common").await, [old]);
        assert_eq!(found(&world, ada.account_id, "common in:library").await, [old]);
        assert_eq!(found(&world, ada.account_id, "common in:public").await, []);
    })
    .await;
}

async fn save(world: &World, owner: &User, name: &str, query: &str) -> SavedSearchId {
    saved_searches::create(world, owner.account_id, name, query)
        .await
        .unwrap()
        .id
}

async fn timeline(world: &World, owner: &User, id: SavedSearchId, page: Page) -> Vec<StatusId> {
    let views = saved_searches::timeline(world, owner.account_id, id, page)
        .await
        .unwrap();
    views.statuses.into_iter().map(|view| view.status.id).collect()
}

#[tokio::test]
async fn a_saved_search_is_a_timeline() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let mut posted = Vec::new();
        for n in 0..5 {
            posted.push(post(&world, &bob, &format!("Tiger {n}"), Visibility::Public).await);
            post(&world, &bob, "something else", Visibility::Public).await;
        }
        posted.reverse();
        let id = save(&world, &ada, " tigers ", "tiger -from:me").await;
        post(&world, &ada, "my tiger", Visibility::Public).await;
        assert_eq!(timeline(&world, &ada, id, Page::first(20)).await, posted);
        let older = Page {
            max_id: Some(posted[1].0),
            ..Page::first(2)
        };
        assert_eq!(timeline(&world, &ada, id, older).await, posted[2..4]);
        let newer = Page {
            min_id: Some(posted[4].0),
            ..Page::first(2)
        };
        assert_eq!(timeline(&world, &ada, id, newer).await, posted[2..4]);

        let changed = saved_searches::update(&world, ada.account_id, id, None, Some("else"))
            .await
            .unwrap();
        assert_eq!(
            (changed.name.as_str(), changed.query.as_str()),
            ("tigers", "else")
        );
        assert_eq!(timeline(&world, &ada, id, Page::first(20)).await.len(), 5);
        for result in [
            saved_searches::find(&world, bob.account_id, id).await.map(drop),
            saved_searches::delete(&world, bob.account_id, id).await,
            saved_searches::timeline(&world, bob.account_id, id, Page::first(5))
                .await
                .map(drop),
        ] {
            assert!(matches!(result, Err(Error::NotFound)), "somebody else's");
        }
        saved_searches::delete(&world, ada.account_id, id).await.unwrap();
        assert!(
            saved_searches::all(&world, ada.account_id)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn sec_R095_saved_searches_have_limits() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        for n in 0..MAX_SAVED_SEARCHES {
            save(&world, &ada, &format!("{n}"), "tiger").await;
        }
        let many = saved_searches::create(&world, ada.account_id, "one more", "tiger").await;
        assert!(matches!(many, Err(Error::Invalid { field: "base", .. })));
        let id = saved_searches::all(&world, ada.account_id).await.unwrap()[0].id;
        let long = "x".repeat(3000);
        for (name, query, wrong) in [
            (Some(" "), None, "name"),
            (Some(long.as_str()), None, "name"),
            (None, Some("!"), "query"),
            (None, Some(long.as_str()), "query"),
        ] {
            let result = saved_searches::update(&world, ada.account_id, id, name, query).await;
            assert!(matches!(result, Err(Error::Invalid { field, .. }) if field == wrong));
        }
    })
    .await;
}

#[tokio::test]
async fn what_arrives_is_compared_with_saved_searches() {
    on_each_database(async |world| {
        let (ada, bob, shy) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("shy").await,
        );
        let hidden = ProfileChange {
            indexable: Some(false),
            ..ProfileChange::default()
        };
        profile::update(&world, &shy, hidden).await.unwrap();
        let search = save(&world, &ada, "tigers", "\"striped tiger\" -zoo").await;
        let fits = async |id: StatusId| {
            let view = saved_searches::arrived(&world, ada.account_id, search, id)
                .await
                .unwrap();
            view.is_some()
        };
        let one = post(&world, &bob, "a Striped Tíger", Visibility::Public).await;
        assert!(fits(one).await);
        for (author, text, visibility) in [
            (&bob, "tiger, striped", Visibility::Public),
            (&bob, "striped tiger in a zoo", Visibility::Public),
            (&bob, "striped tiger", Visibility::Private),
            (&bob, "striped tiger", Visibility::Unlisted),
            (&shy, "striped tiger", Visibility::Public),
        ] {
            let id = post(&world, author, text, visibility).await;
            assert!(!fits(id).await, "{text} {visibility:?}");
        }
        let to_her = post(&world, &bob, "@ada striped tiger", Visibility::Direct).await;
        assert!(fits(to_her).await, "named in it");
        let other = saved_searches::arrived(&world, bob.account_id, search, one)
            .await
            .unwrap();
        assert!(other.is_none(), "somebody else's search");

        let mut news = world.hub.subscribe();
        let change = StatusChange {
            text: "a lion".to_owned(),
            ..StatusChange::default()
        };
        statuses::edit(&world, bob.account_id, one, change).await.unwrap();
        loop {
            let event = tokio::time::timeout(Duration::from_secs(5), news.recv())
                .await
                .unwrap()
                .unwrap();
            if *event == (Event::StatusEdited { status_id: one }) {
                break;
            }
        }
        assert!(!fits(one).await, "edited");
        saved_searches::update(&world, ada.account_id, search, None, Some("lion"))
            .await
            .unwrap();
        assert!(fits(one).await, "the search was changed");
        saved_searches::delete(&world, ada.account_id, search)
            .await
            .unwrap();
        assert!(!fits(one).await, "deleted");
    })
    .await;
}

#[tokio::test]
async fn sec_R038_a_feed_shows_what_everybody_may_see() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let open = post(&world, &ada, "open zebra", Visibility::Public).await;
        post(&world, &ada, "private zebra", Visibility::Private).await;
        let search = saved_searches::create(&world, ada.account_id, "zebras", "zebra")
            .await
            .unwrap();
        let token = search.feed_token.unwrap();
        assert_eq!(timeline(&world, &ada, search.id, Page::first(20)).await.len(), 2);
        let feed = saved_searches::feed(&world, &token).await.unwrap();
        assert_eq!((feed.name.as_str(), feed.owner.id), ("zebras", ada.account_id));
        let shown: Vec<StatusId> = feed.statuses.iter().map(|view| view.status.id).collect();
        assert_eq!(shown, [open]);
        let changed = saved_searches::reset_feed(&world, ada.account_id, search.id)
            .await
            .unwrap();
        assert_ne!(changed.feed_token.as_ref(), Some(&token));
        for wrong in [token.as_str(), "", "x"] {
            let result = saved_searches::feed(&world, wrong).await;
            assert!(matches!(result, Err(Error::NotFound)), "{wrong}");
        }
        let token = changed.feed_token.unwrap();
        assert!(saved_searches::feed(&world, &token).await.is_ok());
        let (id, now) = (ada.account_id, world.now());
        world
            .store()
            .write(move |tx| accounts::update_suspended(tx, id, Some(now)))
            .await
            .unwrap();
        let result = saved_searches::feed(&world, &token).await;
        assert!(matches!(result, Err(Error::NotFound)), "suspended");
    })
    .await;
}

#[tokio::test]
async fn a_full_page_of_results_costs_as_much_as_one() {
    on_each_database(async |mut world| {
        let ada = world.local("ada").await;
        for n in 0..60 {
            post(
                &world,
                &ada,
                &format!("tiger {n} {}", if n == 3 { "single" } else { "" }),
                Visibility::Public,
            )
            .await;
        }
        let viewer = ada.account_id;
        let mut cost = async |q: &str| {
            let query = SearchQuery {
                q: q.to_owned(),
                kind: Some(SearchKind::Statuses),
                limit: 40,
                ..SearchQuery::default()
            };
            let (result, cost) = world
                .statements_of(async |instance| search::search(instance, Some(viewer), query).await)
                .await;
            (result.unwrap().statuses.len(), cost)
        };
        let (one, forty) = (cost("single").await, cost("tiger").await);
        assert_eq!((one.0, forty.0), (1, 40));
        assert_eq!(one.1, forty.1);
    })
    .await;
}
