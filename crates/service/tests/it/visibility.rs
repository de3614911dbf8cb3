//! Who sees what, on every surface; and that an edit or an answer opens nothing to others.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use pouet_model::{
    account::User,
    filter::FilterContext,
    ids::{AccountId, ListId, StatusId},
    page::Page,
    status::{Mention, Visibility},
};
use pouet_service::{
    Error, blocks, conversations,
    filters::{self, FilterChange},
    follows::{self, FollowOptions},
    lists::{self, ListChange},
    notifications::{self, NotificationQuery},
    polls,
    profile::{self, ProfileChange},
    search::{self, SearchQuery},
    statuses::{self, Arrival, NewPoll, NewStatus, StatusChange, scheduled},
    timelines::{self, AccountFilter, PublicFilter, TagFilter},
    view::StatusView,
};
use pouet_storage::accounts as account_rows;

use crate::common::{
    World, on_each_database,
    people::{new_status, note, post},
};

const ALL: [Visibility; 4] = [
    Visibility::Public,
    Visibility::Unlisted,
    Visibility::Private,
    Visibility::Direct,
];

async fn follow(world: &World, follower: &User, target: &User) {
    follows::follow(
        world,
        follower.account_id,
        target.account_id,
        FollowOptions::default(),
    )
    .await
    .unwrap();
}

/// An author whose every kind of status was distributed, answered, boosted, favourited and pinned, and everybody who looks.
struct Scene {
    author: User,
    viewers: Vec<(&'static str, Option<AccountId>)>,
    lists: HashMap<AccountId, ListId>,
    root: StatusId,
    /// One per visibility, answers to `root`.
    statuses: Vec<StatusId>,
    /// Open answers of the mentioned account to those.
    answers: Vec<StatusId>,
}

impl Scene {
    async fn set(world: &World) -> Self {
        let author = world.local("author").await;
        let mut people = HashMap::new();
        for name in [
            "follower",
            "requested",
            "mentioned",
            "stranger",
            "former",
            "blocked",
            "blocker",
        ] {
            people.insert(name, world.local(name).await);
        }
        let mut own_lists = HashMap::new();
        for name in ["follower", "former", "blocked", "blocker"] {
            let (user, title) = (&people[name], Some("list".to_owned()));
            follow(world, user, &author).await;
            let change = ListChange {
                title,
                ..ListChange::default()
            };
            let list = lists::create(world, user.account_id, change).await.unwrap();
            lists::add_accounts(world, user.account_id, list.id, &[author.account_id])
                .await
                .unwrap();
            own_lists.insert(user.account_id, list.id);
        }
        let locked = ProfileChange {
            locked: Some(true),
            ..ProfileChange::default()
        };
        profile::update(world, &author, locked).await.unwrap();
        follow(world, &people["requested"], &author).await;

        let mut scene = Self {
            root: post(world, &author, "the beginning", Visibility::Public).await,
            viewers: people
                .iter()
                .map(|(name, user)| (*name, Some(user.account_id)))
                .chain([("anonymous", None), ("author", Some(author.account_id))])
                .collect(),
            author,
            lists: own_lists,
            statuses: Vec::new(),
            answers: Vec::new(),
        };
        for visibility in ALL {
            scene.publish(world, visibility, &people).await;
        }
        // Access is lost after everything has reached them.
        let id = |name: &str| people[name].account_id;
        follows::unfollow(world, id("former"), scene.author.account_id)
            .await
            .unwrap();
        blocks::block(world, scene.author.account_id, id("blocked"))
            .await
            .unwrap();
        blocks::block(world, id("blocker"), scene.author.account_id)
            .await
            .unwrap();
        scene
    }

    async fn publish(&mut self, world: &World, visibility: Visibility, people: &HashMap<&str, User>) {
        let status = NewStatus {
            in_reply_to_id: Some(self.root),
            ..new_status("a needle #needle for @mentioned", visibility)
        };
        let id = statuses::post(world, &self.author, status).await.unwrap();
        for name in ["former", "blocked"] {
            let reader = people[name].account_id;
            if statuses::find(world, Some(reader), id).await.is_ok() {
                statuses::favourite(world, reader, id).await.unwrap();
                statuses::bookmark(world, reader, id).await.unwrap();
            }
        }
        if visibility != Visibility::Direct {
            statuses::pin(world, self.author.account_id, id).await.unwrap();
            statuses::reblog(world, self.author.account_id, id, None)
                .await
                .unwrap();
        }
        let answer = NewStatus {
            in_reply_to_id: Some(id),
            ..new_status("an answer", Visibility::Public)
        };
        self.answers
            .push(statuses::post(world, &people["mentioned"], answer).await.unwrap());
        self.statuses.push(id);
    }

    /// What every list shows to a viewer, by name of the list.
    async fn listed(&self, world: &World, viewer: Option<AccountId>) -> Vec<(&'static str, Vec<StatusId>)> {
        let page = Page::first(40);
        let author = self.author.account_id;
        let tag = TagFilter {
            name: "needle".to_owned(),
            ..TagFilter::default()
        };
        let mut found = vec![
            (
                "public",
                ids(timelines::public(world, viewer, PublicFilter::default(), page)
                    .await
                    .unwrap()),
            ),
            (
                "tag",
                ids(timelines::tag(world, viewer, tag, page).await.unwrap()),
            ),
            (
                "pinned",
                ids(statuses::pinned(world, viewer, author).await.unwrap()),
            ),
        ];
        for (name, filter) in account_filters() {
            let views = timelines::account(world, viewer, author, filter, page).await;
            found.push((name, ids(views.unwrap_or_default())));
        }
        for id in self.answers.iter().chain([&self.root]) {
            let context = statuses::context(world, viewer, *id).await.unwrap_or_default();
            found.push(("ancestors", ids(context.ancestors)));
            found.push(("descendants", ids(context.descendants)));
        }
        for id in &self.statuses {
            let status = statuses::find_raw(world, *id).await.unwrap().unwrap();
            found.push((
                "address",
                searched(world, viewer, &world.urls().status_uri(&status)).await,
            ));
        }
        match viewer {
            Some(viewer) => found.extend(self.listed_to_members(world, viewer, page).await),
            None => found.extend([
                (
                    "outbox",
                    ids(statuses::open_statuses_of(world, author, None, 40).await.unwrap()),
                ),
                ("replies", {
                    let root = statuses::find_raw(world, self.root).await.unwrap().unwrap();
                    let mut replies = Vec::new();
                    for by_author in [true, false] {
                        replies.extend(
                            statuses::open_replies(world, &root, by_author, None, 40)
                                .await
                                .unwrap(),
                        );
                    }
                    replies.iter().map(|status| status.id).collect()
                }),
                ("conversation", {
                    let root = statuses::find_raw(world, self.root).await.unwrap().unwrap();
                    let found = statuses::open_conversation(world, root.conversation_id, None, 40).await;
                    let found = found.map(|found| found.statuses).unwrap_or_default();
                    found.iter().map(|status| status.id).collect()
                }),
            ]),
        }
        found
    }

    async fn listed_to_members(
        &self,
        world: &World,
        viewer: AccountId,
        page: Page,
    ) -> Vec<(&'static str, Vec<StatusId>)> {
        let told = NotificationQuery::default();
        let notified = notifications::list(world, viewer, told.clone(), page)
            .await
            .unwrap();
        let grouped = notifications::grouped(world, viewer, told, None, page)
            .await
            .unwrap();
        let conversations = conversations::list(world, viewer, page).await.unwrap();
        let last = conversations
            .into_iter()
            .filter_map(|keyed| keyed.item.last_status);
        let favourites = timelines::favourites(world, viewer, page).await.unwrap();
        let bookmarks = timelines::bookmarks(world, viewer, page).await.unwrap();
        let mut found = vec![
            ("home", ids(timelines::home(world, viewer, page).await.unwrap())),
            ("favourites", ids(favourites.into_iter().map(|keyed| keyed.item))),
            ("bookmarks", ids(bookmarks.into_iter().map(|keyed| keyed.item))),
            (
                "notifications",
                ids(notified.into_iter().filter_map(|view| view.status)),
            ),
            ("groups", ids(grouped.statuses)),
            ("conversations", ids(last)),
            ("search", searched(world, Some(viewer), "needle").await),
        ];
        if let Some(list) = self.lists.get(&viewer) {
            let views = timelines::list(world, viewer, *list, page).await.unwrap();
            found.push(("list", ids(views)));
        }
        found
    }
}

fn account_filters() -> [(&'static str, AccountFilter); 3] {
    [
        ("account", AccountFilter::default()),
        (
            "account, pinned",
            AccountFilter {
                pinned: true,
                ..AccountFilter::default()
            },
        ),
        (
            "account, tagged",
            AccountFilter {
                tagged: Some("needle".to_owned()),
                ..AccountFilter::default()
            },
        ),
    ]
}

/// Statuses and what they boost.
fn ids(views: impl IntoIterator<Item = StatusView>) -> Vec<StatusId> {
    views
        .into_iter()
        .flat_map(|view| [view.status.id, view.content().status.id])
        .collect()
}

async fn searched(world: &World, viewer: Option<AccountId>, q: &str) -> Vec<StatusId> {
    let query = SearchQuery {
        q: q.to_owned(),
        limit: 20,
        ..SearchQuery::default()
    };
    ids(search::search(world, viewer, query).await.unwrap().statuses)
}

#[tokio::test]
async fn sec_R038_no_list_shows_what_may_not_be_seen() {
    on_each_database(async |world| {
        let scene = Scene::set(&world).await;
        let (mut all, mut used) = (BTreeSet::new(), BTreeSet::new());
        for (name, viewer) in &scene.viewers {
            for (surface, found) in scene.listed(&world, *viewer).await {
                all.insert(surface);
                for id in found {
                    used.insert(surface);
                    assert!(
                        statuses::find(&world, *viewer, id).await.is_ok(),
                        "{surface} shows {id} to {name}"
                    );
                }
            }
        }
        assert_eq!(used, all, "every list shows something to somebody");
        assert!(all.len() >= 17, "{all:?}");
    })
    .await;
}

#[tokio::test]
async fn sec_R038_the_suspended_see_what_everybody_sees() {
    on_each_database(async |world| {
        let author = world.local("author").await;
        let reader = world.remote("reader", "far.example").await;
        let uri = "https://far.example/follows/1";
        follows::receive_follow(&world, reader.id, author.account_id, uri)
            .await
            .unwrap();
        let open = post(&world, &author, "for all", Visibility::Public).await;
        let closed = post(&world, &author, "for followers", Visibility::Private).await;
        let sees = async |id| statuses::find(&world, Some(reader.id), id).await.is_ok();
        assert!(sees(open).await && sees(closed).await);
        let (id, now) = (reader.id, world.now());
        world
            .store()
            .write(move |tx| account_rows::update_suspended(tx, id, Some(now)))
            .await
            .unwrap();
        assert!(sees(open).await && !sees(closed).await);
    })
    .await;
}

#[tokio::test]
async fn sec_R041_nothing_around_a_hidden_status_answers() {
    on_each_database(async |world| {
        let (author, stranger) = (world.local("author").await, world.local("stranger").await);
        let question = NewStatus {
            poll: Some(NewPoll {
                options: vec!["yes".to_owned(), "no".to_owned()],
                expires_in: 3600,
                multiple: false,
                hide_totals: false,
            }),
            ..new_status("among followers?", Visibility::Private)
        };
        let id = statuses::post(&world, &author, question).await.unwrap();
        let seen = async || {
            let view = statuses::find(&world, Some(author.account_id), id).await.unwrap();
            format!("{view:?}")
        };
        let before = seen().await;
        let poll = statuses::find(&world, Some(author.account_id), id)
            .await
            .unwrap()
            .poll
            .unwrap()
            .poll
            .id;
        let filter = FilterChange {
            title: Some("mine".to_owned()),
            contexts: Some(vec![FilterContext::Home]),
            ..FilterChange::default()
        };
        let actor = stranger.account_id;
        let filter = filters::create(&world, actor, filter).await.unwrap();
        let reply = NewStatus {
            in_reply_to_id: Some(id),
            ..new_status("later", Visibility::Public)
        };
        let mine = StatusChange {
            text: "mine".to_owned(),
            ..StatusChange::default()
        };
        let later = world.now() + TimeDelta::hours(1);
        let page = Page::first(40);
        for (act, result) in [
            ("vote", polls::vote(&world, actor, poll, &[0]).await.map(drop)),
            ("poll", polls::find(&world, Some(actor), poll).await.map(drop)),
            ("anonymous poll", polls::find(&world, None, poll).await.map(drop)),
            (
                "filter",
                filters::add_status(&world, actor, filter.id, id).await.map(drop),
            ),
            (
                "schedule an answer",
                scheduled::schedule(&world, &stranger, reply, later)
                    .await
                    .map(drop),
            ),
            ("unfavourite", statuses::unfavourite(&world, actor, id).await),
            ("unreblog", statuses::unreblog(&world, actor, id).await),
            ("unbookmark", statuses::unbookmark(&world, actor, id).await),
            ("unmute", statuses::unmute_conversation(&world, actor, id).await),
            ("unpin", statuses::unpin(&world, actor, id).await),
            ("source", statuses::source(&world, actor, id).await.map(drop)),
            (
                "delete",
                statuses::delete(&world, actor, id, false).await.map(drop),
            ),
            ("edit", statuses::edit(&world, actor, id, mine.clone()).await),
            (
                "favourited_by",
                statuses::favourited_by(&world, Some(actor), id, page)
                    .await
                    .map(drop),
            ),
            (
                "reblogged_by",
                statuses::reblogged_by(&world, Some(actor), id, page)
                    .await
                    .map(drop),
            ),
        ] {
            assert!(matches!(result, Err(Error::NotFound)), "{act}: {result:?}");
        }
        assert_eq!(seen().await, before);
        let told = notifications::list(&world, author.account_id, NotificationQuery::default(), page).await;
        assert!(told.unwrap().is_empty());
        assert!(scheduled::list(&world, actor, page).await.unwrap().is_empty());
    })
    .await;
}

/// The texts of the versions that a viewer sees.
async fn versions(world: &World, viewer: &User, id: StatusId) -> Vec<String> {
    let (_, versions) = statuses::history(world, Some(viewer.account_id), id)
        .await
        .unwrap();
    let first_word = |html: &str| {
        html.trim_start_matches("<p>")
            .split(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    versions
        .iter()
        .map(|version| first_word(&version.content))
        .collect()
}

#[tokio::test]
async fn sec_R042_newcomers_see_what_a_status_became_not_what_it_was() {
    on_each_database(async |world| {
        let ada = world.local("ada").await;
        let (bob, eve) = (world.local("bob").await, world.local("eve").await);
        let change = async |id, text: &str| {
            world.clock.advance(TimeDelta::minutes(1));
            let change = StatusChange {
                text: text.to_owned(),
                ..StatusChange::default()
            };
            statuses::edit(&world, ada.account_id, id, change).await.unwrap();
        };
        let id = post(&world, &ada, "one for @bob", Visibility::Direct).await;
        change(id, "two for @bob").await;
        let refused = statuses::history(&world, Some(eve.account_id), id).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        change(id, "three for @bob and @eve").await;
        assert_eq!(versions(&world, &eve, id).await, ["three"]);
        change(id, "four for @eve").await;
        assert_eq!(versions(&world, &eve, id).await, ["three", "four"]);
        for reader in [&ada, &bob] {
            assert_eq!(
                versions(&world, reader, id).await,
                ["one", "two", "three", "four"]
            );
        }
        let view = statuses::find(&world, Some(ada.account_id), id).await.unwrap();
        assert_eq!(
            view.status.visibility,
            Visibility::Direct,
            "an edit changes no audience"
        );

        // Who may see it anyway is no newcomer.
        follow(&world, &eve, &ada).await;
        let id = post(&world, &ada, "one among followers", Visibility::Private).await;
        change(id, "two for @bob and @eve").await;
        assert_eq!(versions(&world, &eve, id).await, ["one", "two"]);
        assert_eq!(versions(&world, &bob, id).await, ["two"]);
        let id = post(&world, &ada, "one for all", Visibility::Public).await;
        change(id, "two for @bob").await;
        assert_eq!(versions(&world, &bob, id).await, ["one", "two"]);
    })
    .await;
}

#[tokio::test]
async fn sec_R042_newcomers_to_a_remote_status_see_what_it_became() {
    on_each_database(async |world| {
        let (bob, eve) = (world.local("bob").await, world.local("eve").await);
        let zoe = world.remote("zoe", "far.example").await;
        let named = |user: &User| Mention {
            account_id: user.account_id,
            silent: false,
        };
        let mut status = note(&world, &zoe, 1);
        status.visibility = Visibility::Direct;
        status.content = "<p>one for bob</p>".to_owned();
        status.mentions = vec![named(&bob)];
        let arrival = Arrival::Pushed { recipient: None };
        let id = statuses::receive(&world, status.clone(), arrival)
            .await
            .unwrap()
            .unwrap();
        world.clock.advance(TimeDelta::minutes(5));
        status.content = "<p>two for both</p>".to_owned();
        status.updated = Some(world.now());
        status.mentions.push(named(&eve));
        statuses::receive_update(&world, status).await.unwrap();
        assert_eq!(versions(&world, &bob, id).await, ["one", "two"]);
        assert_eq!(versions(&world, &eve, id).await, ["two"]);
    })
    .await;
}

#[tokio::test]
async fn sec_R042_answers_posted_later_do_not_widen() {
    on_each_database(async |world| {
        let (ada, bob) = (world.local("ada").await, world.local("bob").await);
        let parent = post(&world, &ada, "between us, @bob", Visibility::Direct).await;
        let later = world.now() + TimeDelta::hours(1);
        for (wished, expected) in [
            (None, Visibility::Direct),
            (Some(Visibility::Unlisted), Visibility::Unlisted),
        ] {
            let answer = NewStatus {
                text: "yes".to_owned(),
                in_reply_to_id: Some(parent),
                visibility: wished,
                ..NewStatus::default()
            };
            let view = scheduled::schedule(&world, &bob, answer, later).await.unwrap();
            assert_eq!(view.scheduled.draft.visibility, expected);
        }
    })
    .await;
}
