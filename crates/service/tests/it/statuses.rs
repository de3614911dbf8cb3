//! Posting, editing, deleting, boosting and favouriting.

use pouet_model::{
    account::User,
    ids::{AccountId, StatusId},
    notification::NotificationType,
    page::Page,
    status::Visibility,
};
use pouet_service::{
    Error, Instance,
    follows::{self, FollowOptions},
    notifications::{self, NotificationQuery},
    polls,
    profile::{self, ProfileChange},
    search::{self, SearchQuery},
    statuses::{self, NewPoll, NewStatus, StatusChange},
    timelines,
};

use crate::common::{
    on_each_database,
    people::{new_status, post},
};

async fn home(instance: &Instance, viewer: AccountId) -> Vec<StatusId> {
    let views = timelines::home(instance, viewer, Page::first(40)).await.unwrap();
    views.into_iter().map(|view| view.status.id).collect()
}

async fn told(instance: &Instance, owner: AccountId) -> Vec<(NotificationType, AccountId)> {
    let views = notifications::list(instance, owner, NotificationQuery::default(), Page::first(40))
        .await
        .unwrap();
    views
        .into_iter()
        .map(|view| (view.notification.kind, view.from.id))
        .collect()
}

#[tokio::test]
async fn a_status_reaches_its_author_and_followers() {
    on_each_database(async |world| {
        let (ada, bob, eve) = (
            world.local("ada").await,
            world.local("bob").await,
            world.local("eve").await,
        );
        follows::follow(&world, bob.account_id, ada.account_id, FollowOptions::default())
            .await
            .unwrap();
        let id = post(&world, &ada, "hello #World @bob", Visibility::Public).await;
        assert_eq!(home(&world, ada.account_id).await, [id]);
        assert_eq!(home(&world, bob.account_id).await, [id]);
        assert_eq!(home(&world, eve.account_id).await, []);
        let told = told(&world, bob.account_id).await;
        assert_eq!(told, [(NotificationType::Mention, ada.account_id)]);
        let view = statuses::find(&world, None, id).await.unwrap();
        assert_eq!(view.tags[0].name, "world");
        assert_eq!(view.mentions[0].id, bob.account_id);
        assert!(view.status.content.contains("/tags/world"));
        assert_eq!(world.account(ada.account_id).await.statuses_count, 1);
    })
    .await;
}

#[tokio::test]
async fn the_same_idempotency_key_posts_once() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let new = || NewStatus {
            idempotency_key: Some("k".to_owned()),
            ..new_status("once", Visibility::Public)
        };
        let both = tokio::join!(
            statuses::post(&world, &ada, new()),
            statuses::post(&world, &ada, new())
        );
        let (first, second) = (both.0.unwrap(), both.1.unwrap());
        assert_eq!(first, second);
        assert_eq!(statuses::post(&world, &ada, new()).await.unwrap(), first);
        world.clock.advance(chrono::TimeDelta::hours(2));
        assert_ne!(statuses::post(&world, &ada, new()).await.unwrap(), first);
        let bob = world.local("bob").await;
        assert_ne!(statuses::post(&world, &bob, new()).await.unwrap(), first);
    })
    .await;
}

/// Every act on a status that `user` may not see ends like one on nothing.
async fn assert_untouchable(instance: &Instance, user: &User, id: StatusId, context: &str) {
    let actor = user.account_id;
    let reply = NewStatus {
        in_reply_to_id: Some(id),
        ..new_status("re", Visibility::Public)
    };
    for (act, result) in [
        ("favourite", statuses::favourite(instance, actor, id).await),
        ("bookmark", statuses::bookmark(instance, actor, id).await),
        (
            "reblog",
            statuses::reblog(instance, actor, id, None).await.map(|_| ()),
        ),
        ("mute", statuses::mute_conversation(instance, actor, id).await),
        ("reply", statuses::post(instance, user, reply).await.map(|_| ())),
        ("pin", statuses::pin(instance, actor, id).await),
    ] {
        assert!(
            matches!(result, Err(Error::NotFound)),
            "{context} {act}: {result:?}"
        );
    }
}

/// Who may see what, and that acting on what one may not see is the same as acting on nothing.
#[tokio::test]
async fn sec_R038_R041_what_cannot_be_seen_cannot_be_touched() {
    on_each_database(async |world| {
        let author = world.local("author").await;
        let follower = world.local("follower").await;
        let mentioned = world.local("mentioned").await;
        let stranger = world.local("stranger").await;
        let blocked = world.local("blocked").await;
        follows::follow(
            &world,
            follower.account_id,
            author.account_id,
            FollowOptions::default(),
        )
        .await
        .unwrap();
        follows::follow(
            &world,
            blocked.account_id,
            author.account_id,
            FollowOptions::default(),
        )
        .await
        .unwrap();
        pouet_service::blocks::block(&world, author.account_id, blocked.account_id)
            .await
            .unwrap();
        let people = [&author, &follower, &mentioned, &stranger, &blocked];
        let viewers = [
            ("anonymous", None),
            ("author", Some(author.account_id)),
            ("follower", Some(follower.account_id)),
            ("mentioned", Some(mentioned.account_id)),
            ("stranger", Some(stranger.account_id)),
            ("blocked", Some(blocked.account_id)),
        ];
        for visibility in [
            Visibility::Public,
            Visibility::Unlisted,
            Visibility::Private,
            Visibility::Direct,
        ] {
            let id = post(&world, &author, "for @mentioned", visibility).await;
            for (name, viewer) in viewers {
                let expected = match (name, visibility) {
                    ("author" | "mentioned", _) => true,
                    ("blocked", _) => false,
                    ("follower", visibility) => visibility != Visibility::Direct,
                    (_, visibility) => visibility.is_open(),
                };
                let context = format!("{name} {visibility:?}");
                assert_eq!(
                    statuses::find(&world, viewer, id).await.is_ok(),
                    expected,
                    "{context}"
                );
                assert_eq!(
                    statuses::context(&world, viewer, id).await.is_ok(),
                    expected,
                    "{context}"
                );
                assert_eq!(
                    statuses::history(&world, viewer, id).await.is_ok(),
                    expected,
                    "{context}"
                );
                if let Some(actor) = viewer.filter(|_| !expected) {
                    let user = people.iter().find(|user| user.account_id == actor).unwrap();
                    assert_untouchable(&world, user, id, &context).await;
                }
            }
            let after = statuses::find(&world, Some(author.account_id), id).await.unwrap();
            assert_eq!(
                (
                    after.status.favourites_count,
                    after.status.reblogs_count,
                    after.status.replies_count
                ),
                (0, 0, 0)
            );
        }
    })
    .await;
}

#[tokio::test]
async fn sec_R042_answers_and_boosts_do_not_widen() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        follows::follow(&world, bob.account_id, ada.account_id, FollowOptions::default())
            .await
            .unwrap();
        let private = post(&world, &ada, "among us", Visibility::Private).await;
        let reply = NewStatus {
            text: "yes".to_owned(),
            in_reply_to_id: Some(private),
            ..NewStatus::default()
        };
        let reply = statuses::post(&world, &bob, reply).await.unwrap();
        let view = statuses::find(&world, Some(bob.account_id), reply).await.unwrap();
        assert_eq!(view.status.visibility, Visibility::Private);
        let boost = statuses::reblog(&world, bob.account_id, private, None).await;
        assert!(matches!(boost, Err(Error::Forbidden(_))));
        let own = statuses::reblog(&world, ada.account_id, private, Some(Visibility::Public))
            .await
            .unwrap();
        let view = statuses::find(&world, Some(ada.account_id), own).await.unwrap();
        assert_eq!(view.status.visibility, Visibility::Private);
        assert!(matches!(
            statuses::find(&world, None, own).await,
            Err(Error::NotFound)
        ));
    })
    .await;
}

#[tokio::test]
async fn boosts_and_favourites_count_once_and_are_taken_back() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &ada, "good", Visibility::Public).await;
        let first = statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        assert_eq!(
            statuses::reblog(&world, bob.account_id, id, None).await.unwrap(),
            first
        );
        assert_eq!(
            statuses::reblog(&world, bob.account_id, first, None)
                .await
                .unwrap(),
            first,
            "the boost stands for it"
        );
        statuses::favourite(&world, bob.account_id, id).await.unwrap();
        statuses::favourite(&world, bob.account_id, first).await.unwrap();
        let view = statuses::find(&world, Some(bob.account_id), first).await.unwrap();
        let original = view.reblog.unwrap();
        assert_eq!(
            (original.status.reblogs_count, original.status.favourites_count),
            (1, 1)
        );
        let state = original.viewer.unwrap();
        assert!(state.reblogged && state.favourited);
        let mut heard = told(&world, ada.account_id).await;
        heard.sort_by_key(|(kind, _)| kind.as_str());
        assert_eq!(
            heard,
            [
                (NotificationType::Favourite, bob.account_id),
                (NotificationType::Reblog, bob.account_id)
            ]
        );
        for _ in 0..2 {
            statuses::unreblog(&world, bob.account_id, id).await.unwrap();
            statuses::unfavourite(&world, bob.account_id, id).await.unwrap();
        }
        let view = statuses::find(&world, Some(bob.account_id), id).await.unwrap();
        assert_eq!((view.status.reblogs_count, view.status.favourites_count), (0, 0));
        assert_eq!(told(&world, ada.account_id).await, []);
        assert_eq!(world.account(bob.account_id).await.statuses_count, 0);
    })
    .await;
}

#[tokio::test]
async fn an_edit_keeps_what_was_there_before() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let id = post(&world, &ada, "one #a", Visibility::Public).await;
        statuses::reblog(&world, bob.account_id, id, None).await.unwrap();
        world.clock.advance(chrono::TimeDelta::minutes(5));
        let change = |text: &str| StatusChange {
            text: text.to_owned(),
            ..StatusChange::default()
        };
        statuses::edit(&world, ada.account_id, id, change("two #b"))
            .await
            .unwrap();
        statuses::edit(&world, ada.account_id, id, change("two #b"))
            .await
            .unwrap();
        let view = statuses::find(&world, None, id).await.unwrap();
        assert_eq!(view.status.edited_at, Some(world.now()));
        assert_eq!(
            view.tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(),
            ["b"]
        );
        let (_, history) = statuses::history(&world, None, id).await.unwrap();
        let texts: Vec<bool> = history.iter().map(|edit| edit.content.contains("one")).collect();
        assert_eq!(
            texts,
            [true, false],
            "an edit that changes nothing leaves no trace"
        );
        assert!(
            told(&world, bob.account_id)
                .await
                .contains(&(NotificationType::Update, ada.account_id))
        );
        let foreign = statuses::edit(&world, bob.account_id, id, change("mine")).await;
        assert!(matches!(foreign, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn deleting_leaves_no_counts_behind() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        follows::follow(&world, bob.account_id, ada.account_id, FollowOptions::default())
            .await
            .unwrap();
        let parent = post(&world, &bob, "parent", Visibility::Public).await;
        let reply = NewStatus {
            in_reply_to_id: Some(parent),
            ..new_status("reply", Visibility::Public)
        };
        let reply = statuses::post(&world, &ada, reply).await.unwrap();
        statuses::reblog(&world, bob.account_id, reply, None)
            .await
            .unwrap();
        assert!(matches!(
            statuses::delete(&world, bob.account_id, reply, false).await,
            Err(Error::NotFound)
        ));
        let gone = statuses::delete(&world, ada.account_id, reply, false)
            .await
            .unwrap();
        assert_eq!(gone.status.text, "reply");
        assert!(matches!(
            statuses::find(&world, None, reply).await,
            Err(Error::NotFound)
        ));
        assert_eq!(
            statuses::find(&world, None, parent)
                .await
                .unwrap()
                .status
                .replies_count,
            0
        );
        assert_eq!(world.account(ada.account_id).await.statuses_count, 0);
        assert_eq!(world.account(bob.account_id).await.statuses_count, 1);
        assert_eq!(home(&world, bob.account_id).await, [parent]);
    })
    .await;
}

#[tokio::test]
async fn polls_take_each_voter_once_and_tell_when_they_end() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let poll = NewPoll {
            options: vec!["tea".to_owned(), "coffee".to_owned()],
            expires_in: 3600,
            multiple: false,
            hide_totals: false,
        };
        let status = NewStatus {
            poll: Some(poll),
            ..new_status("what?", Visibility::Public)
        };
        let id = statuses::post(&world, &ada, status).await.unwrap();
        let poll = statuses::find(&world, None, id)
            .await
            .unwrap()
            .poll
            .unwrap()
            .poll
            .id;
        for (voter, choices) in [
            (&ada, vec![0]),
            (&bob, vec![]),
            (&bob, vec![2]),
            (&bob, vec![0, 1]),
            (&bob, vec![-1]),
        ] {
            let refused = polls::vote(&world, voter.account_id, poll, &choices).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{choices:?}");
        }
        let view = polls::vote(&world, bob.account_id, poll, &[1]).await.unwrap();
        assert_eq!(view.own_votes, Some(vec![1]));
        assert_eq!(
            (view.poll.voters_count, view.poll.options[1].votes_count),
            (Some(1), 1)
        );
        assert!(matches!(
            polls::vote(&world, bob.account_id, poll, &[0]).await,
            Err(Error::Invalid { .. })
        ));
        world.clock.advance(chrono::TimeDelta::hours(2));
        assert!(polls::find(&world, None, poll).await.unwrap().expired);
        let eve = world.local("eve").await;
        assert!(matches!(
            polls::vote(&world, eve.account_id, poll, &[0]).await,
            Err(Error::Invalid { .. })
        ));
    })
    .await;
}

#[tokio::test]
async fn bad_statuses_are_refused_and_change_nothing() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let poll = |options: &[&str], expires_in| {
            let options = options.iter().map(|option| (*option).to_owned()).collect();
            Some(NewPoll {
                options,
                expires_in,
                multiple: false,
                hide_totals: false,
            })
        };
        let with_poll = |poll| NewStatus {
            poll,
            ..new_status("q", Visibility::Public)
        };
        for bad in [
            new_status("", Visibility::Public),
            new_status(" \n ", Visibility::Public),
            new_status(&"a".repeat(501), Visibility::Public),
            with_poll(poll(&["one"], 3600)),
            with_poll(poll(&["one", "one"], 3600)),
            with_poll(poll(&["1", "2", "3", "4", "5"], 3600)),
            with_poll(poll(&["one", "two"], 10)),
            with_poll(poll(&["one", "two"], 99_999_999)),
            with_poll(poll(&["one", &"x".repeat(51)], 3600)),
            NewStatus {
                media_ids: vec![12.into()],
                ..new_status("x", Visibility::Public)
            },
        ] {
            let text = format!("{bad:?}");
            let refused = statuses::post(&world, &ada, bad).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{text}");
        }
        let lost = NewStatus {
            in_reply_to_id: Some(StatusId(9)),
            ..new_status("x", Visibility::Public)
        };
        assert!(matches!(
            statuses::post(&world, &ada, lost).await,
            Err(Error::NotFound)
        ));
        assert_eq!(world.account(ada.account_id).await.statuses_count, 0);
        post(&world, &ada, &"a".repeat(500), Visibility::Public).await;
    })
    .await;
}

#[tokio::test]
async fn a_thread_is_read_from_its_beginning_depth_first() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let mut ids = vec![post(&world, &ada, "0", Visibility::Public).await];
        // 0 <- 1 <- 2, 0 <- 3, 1 <- 4
        for parent in [0, 1, 0, 1] {
            let reply = NewStatus {
                in_reply_to_id: Some(ids[parent]),
                ..new_status("r", Visibility::Public)
            };
            ids.push(statuses::post(&world, &ada, reply).await.unwrap());
        }
        let order = |views: Vec<pouet_service::view::StatusView>| {
            views
                .iter()
                .map(|view| ids.iter().position(|id| *id == view.status.id).unwrap())
                .collect::<Vec<_>>()
        };
        let top = statuses::context(&world, None, ids[0]).await.unwrap();
        assert_eq!(
            (order(top.ancestors), order(top.descendants)),
            (vec![], vec![1, 2, 4, 3])
        );
        let middle = statuses::context(&world, None, ids[1]).await.unwrap();
        assert_eq!(
            (order(middle.ancestors), order(middle.descendants)),
            (vec![0], vec![2, 4])
        );
        let leaf = statuses::context(&world, None, ids[2]).await.unwrap();
        assert_eq!(
            (order(leaf.ancestors), order(leaf.descendants)),
            (vec![0, 1], vec![])
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_of_forty_costs_as_many_queries_as_a_page_of_one() {
    on_each_database(async |mut world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        follows::follow(&world, bob.account_id, ada.account_id, FollowOptions::default())
            .await
            .unwrap();
        for n in 0..40 {
            let poll = NewPoll {
                options: vec!["a".to_owned(), "b".to_owned()],
                expires_in: 3600,
                multiple: false,
                hide_totals: false,
            };
            let status = NewStatus {
                poll: Some(poll),
                ..new_status(&format!("{n} #tag @bob"), Visibility::Public)
            };
            let id = statuses::post(&world, &ada, status).await.unwrap();
            statuses::favourite(&world, bob.account_id, id).await.unwrap();
        }
        let viewer = bob.account_id;
        // The first read may open a connection, which costs statements of its own.
        home(&world, viewer).await;
        let mut home_of = async |limit| {
            world
                .statements_of(async |instance| timelines::home(instance, viewer, Page::first(limit)).await)
                .await
        };
        let ((one, cost_of_one), (forty, cost_of_forty)) = (home_of(1).await, home_of(40).await);
        assert_eq!((one.unwrap().len(), forty.unwrap().len()), (1, 40));
        assert_eq!(cost_of_one, cost_of_forty);
        let mut told = async |limit| {
            let query = NotificationQuery::default();
            world
                .statements_of(async move |instance| {
                    notifications::list(instance, viewer, query.clone(), Page::first(limit)).await
                })
                .await
        };
        let ((one, cost_of_one), (forty, cost_of_forty)) = (told(1).await, told(40).await);
        assert_eq!((one.unwrap().len(), forty.unwrap().len()), (1, 40));
        assert_eq!(cost_of_one, cost_of_forty);
    })
    .await;
}

#[tokio::test]
async fn sec_R046_what_was_edited_out_deleted_or_is_not_for_searchers_is_not_found() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let found = async |viewer: &User, words: &str| {
            let query = SearchQuery {
                q: words.to_owned(),
                limit: 20,
                ..SearchQuery::default()
            };
            let found = search::search(&world, Some(viewer.account_id), query).await;
            let ids = found.unwrap().statuses.into_iter().map(|view| view.status.id);
            ids.collect::<Vec<_>>()
        };
        let change = ProfileChange {
            indexable: Some(true),
            ..ProfileChange::default()
        };
        profile::update(&world, &ada, change).await.unwrap();
        let open = post(&world, &ada, "purple tiger", Visibility::Public).await;
        let gone = post(&world, &ada, "purple lion", Visibility::Public).await;
        post(&world, &ada, "purple bear", Visibility::Private).await;
        assert_eq!(found(&bob, "purple").await, [gone, open]);
        let change = StatusChange {
            text: "green tiger".to_owned(),
            ..StatusChange::default()
        };
        statuses::edit(&world, ada.account_id, open, change)
            .await
            .unwrap();
        statuses::delete(&world, ada.account_id, gone, false)
            .await
            .unwrap();
        assert_eq!(found(&bob, "purple").await, []);
        assert_eq!(found(&bob, "green").await, [open]);
        let change = ProfileChange {
            indexable: Some(false),
            ..ProfileChange::default()
        };
        profile::update(&world, &ada, change).await.unwrap();
        assert_eq!(found(&bob, "green").await, []);
        assert_eq!(found(&ada, "green").await, [open], "one's own");
    })
    .await;
}
