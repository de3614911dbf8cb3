//! Posts of other servers that nobody here has to do with go after a while, and nothing else goes with them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    filter::FilterContext,
    ids::{AccountId, StatusId},
    page::Page,
    quote::{Grant, QuotePolicy},
    status::{MediaType, Mention, PollOption, Status, Timing, Visibility},
};
use pouet_service::{
    announcements::{self, AnnouncementChange},
    filters::{self, FilterChange},
    follows::{self, FollowOptions, Selector},
    jobs::Job,
    polls,
    quotes::RemoteQuote,
    reports::{self, NewReport},
    retention::{self, Removed},
    settings::RetentionSettings,
    statuses::{
        self, Arrival, NewStatus, ReceivedReblog, RemoteMedia, RemotePoll, RemoteStatus, drafts, scheduled,
    },
    threads, timelines,
    view::TagView,
};
use pouet_storage::{migrate, search_index};

use crate::common::{
    World, on_each_database, on_each_database_with,
    people::{new_status, note, post, run_jobs},
};

const HALF_A_YEAR: RetentionSettings = RetentionSettings {
    days: 180,
    followed_days: 0,
};

/// What somebody here has to do with a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tie {
    Answered,
    Answers,
    Named,
    Message,
    Followed,
    BoostedByFollowed,
    Favourited,
    Reacted,
    Bookmarked,
    Boosted,
    Voted,
    Pinned,
    Muted,
    Filtered,
    Reported,
    Announced,
    Drafted,
    Scheduled,
    Quoted,
    QuotesUs,
    Opened,
    AnsweredLately,
    FetchedLately,
    AnsweredElsewhere,
    QuotedByKept,
}

const TIES: [Tie; 25] = [
    Tie::Answered,
    Tie::Answers,
    Tie::Named,
    Tie::Message,
    Tie::Followed,
    Tie::BoostedByFollowed,
    Tie::Favourited,
    Tie::Reacted,
    Tie::Bookmarked,
    Tie::Boosted,
    Tie::Voted,
    Tie::Pinned,
    Tie::Muted,
    Tie::Filtered,
    Tie::Reported,
    Tie::Announced,
    Tie::Drafted,
    Tie::Scheduled,
    Tie::Quoted,
    Tie::QuotesUs,
    Tie::Opened,
    Tie::AnsweredLately,
    Tie::FetchedLately,
    Tie::AnsweredElsewhere,
    Tie::QuotedByKept,
];

impl Tie {
    /// It is made half a year later, of what is old by then.
    fn is_late(self) -> bool {
        matches!(self, Self::Opened | Self::AnsweredLately | Self::FetchedLately)
    }
}

/// A few numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// People here and elsewhere, and how many statuses there are.
struct Town<'a> {
    world: &'a World,
    ada: User,
    /// Ada follows her.
    friend: Account,
    /// Ada followed them when they wrote, and does so no longer.
    strangers: [Account; 2],
    count: u32,
    dice: Dice,
}

/// The statuses and boosts of one thread.
struct Thread {
    ids: Vec<StatusId>,
    ties: Vec<Tie>,
}

async fn follow(world: &World, who: AccountId, whom: &Account) {
    follows::follow(world, who, whom.id, FollowOptions::default())
        .await
        .unwrap();
    follows::receive_accept(world, whom.id, Selector::Pair { follower: who })
        .await
        .unwrap();
}

async fn raw(world: &World, id: StatusId) -> Option<Status> {
    statuses::find_raw(world, id).await.unwrap()
}

impl<'a> Town<'a> {
    async fn new(world: &'a World, seed: u64) -> Self {
        let ada = world.local("ada").await;
        let friend = world.remote("friend", "far.example").await;
        let strangers = [
            world.remote("one", "far.example").await,
            world.remote("two", "other.example").await,
        ];
        follow(world, ada.account_id, &friend).await;
        for stranger in &strangers {
            follow(world, ada.account_id, stranger).await;
        }
        Self {
            world,
            ada,
            friend,
            strangers,
            count: 0,
            dice: Dice(seed),
        }
    }

    /// A status of a stranger, with all that a status may have.
    fn draft(&mut self, parent: Option<&Status>) -> RemoteStatus {
        self.count += 1;
        let author = &self.strangers[self.dice.below(2)];
        let option = |title: &str| PollOption {
            title: title.to_owned(),
            votes_count: 3,
        };
        RemoteStatus {
            in_reply_to_uri: parent.and_then(|parent| parent.uri.clone()),
            tags: vec![TagView {
                name: "boats".to_owned(),
                display_name: "Boats".to_owned(),
            }],
            media: vec![RemoteMedia {
                remote_url: format!("https://far.example/{}.png", self.count),
                content_type: "image/png".to_owned(),
                media_type: MediaType::Image,
                description: None,
                blurhash: None,
                focus: None,
                size: None,
                preview_url: None,
                timing: Timing::default(),
            }],
            poll: Some(RemotePoll {
                options: vec![option("yes"), option("no")],
                multiple: false,
                expires_at: None,
                voters_count: Some(6),
            }),
            quote_policy: QuotePolicy {
                automatic: vec![Grant::Public],
                manual: Vec::new(),
            },
            ..note(self.world, author, self.count)
        }
    }

    async fn take(&self, status: RemoteStatus) -> Status {
        let id = statuses::receive(self.world, status, Arrival::Fetched)
            .await
            .unwrap();
        raw(self.world, id.expect("it is taken in")).await.unwrap()
    }

    async fn boost(&mut self, booster: AccountId, target: StatusId) -> StatusId {
        self.count += 1;
        let uri = format!("https://far.example/announces/{}", self.count);
        let received = ReceivedReblog {
            actor: booster,
            uri: uri.clone(),
            target,
            visibility: Visibility::Public,
            published: self.world.now(),
        };
        statuses::receive_reblog(self.world, received).await.unwrap();
        let boost = statuses::find_by_uri(self.world, &uri).await.unwrap();
        boost.expect("somebody follows them").id
    }

    /// A thread of strangers, with a boost now and then.
    async fn thread(&mut self) -> Thread {
        let mut posts: Vec<Status> = Vec::new();
        let mut boosts = Vec::new();
        for _ in 0..=self.dice.below(4) {
            let parent = match posts.len() {
                0 => None,
                length => Some(posts[self.dice.below(length)].clone()),
            };
            let draft = self.draft(parent.as_ref());
            let post = self.take(draft).await;
            if self.dice.below(3) == 0 {
                let booster = self.strangers[self.dice.below(2)].id;
                boosts.push(self.boost(booster, post.id).await);
            }
            posts.push(post);
        }
        let mut ids: Vec<StatusId> = posts.iter().map(|post| post.id).collect();
        ids.extend(boosts);
        Thread {
            ids,
            ties: Vec::new(),
        }
    }

    /// One of the statuses of a thread that everybody may do something with.
    async fn one_of(&mut self, thread: &Thread) -> Status {
        loop {
            let at = self.dice.below(thread.ids.len());
            let status = raw(self.world, thread.ids[at]).await.unwrap();
            if status.reblog_of_id.is_none() && status.uri.is_some() && status.is_open() {
                return status;
            }
        }
    }

    async fn author_of(&self, status: &Status) -> Account {
        self.world.account(status.account_id).await
    }

    #[expect(clippy::too_many_lines, reason = "a table: one arm for each tie")]
    async fn tie(&mut self, thread: &mut Thread, tie: Tie) {
        let (world, ada) = (self.world, self.ada.clone());
        let me = ada.account_id;
        let subject = self.one_of(thread).await;
        let mentions = vec![Mention {
            account_id: me,
            silent: false,
        }];
        match tie {
            Tie::Answered => {
                let answer = NewStatus {
                    in_reply_to_id: Some(subject.id),
                    ..new_status("indeed", Visibility::Public)
                };
                thread
                    .ids
                    .push(statuses::post(world, &ada, answer).await.unwrap());
            }
            Tie::Answers => {
                let own = post(world, &ada, "who is there?", Visibility::Public).await;
                let own_uri = world.urls().status_uri(&raw(world, own).await.unwrap());
                let draft = RemoteStatus {
                    in_reply_to_uri: Some(own_uri),
                    ..self.draft(None)
                };
                let answer = self.take(draft).await;
                let below = self.draft(Some(&answer));
                let below = self.take(below).await;
                thread.ids.extend([own, answer.id, below.id]);
                // What stood there before is another thread, and goes.
                thread.ids = vec![own, answer.id, below.id];
            }
            Tie::Named => {
                let draft = RemoteStatus {
                    mentions,
                    ..self.draft(Some(&subject))
                };
                thread.ids.push(self.take(draft).await.id);
            }
            Tie::Message => {
                let draft = RemoteStatus {
                    mentions,
                    visibility: Visibility::Direct,
                    ..self.draft(Some(&subject))
                };
                thread.ids.push(self.take(draft).await.id);
            }
            Tie::Followed => {
                let draft = RemoteStatus {
                    account_id: self.friend.id,
                    ..self.draft(Some(&subject))
                };
                thread.ids.push(self.take(draft).await.id);
            }
            Tie::BoostedByFollowed => {
                let friend = self.friend.id;
                let boost = self.boost(friend, subject.id).await;
                thread.ids.push(boost);
            }
            Tie::Favourited => statuses::favourite(world, me, subject.id).await.unwrap(),
            Tie::Reacted => statuses::react(world, me, subject.id, "🎉").await.unwrap(),
            Tie::Bookmarked => statuses::bookmark(world, me, subject.id).await.unwrap(),
            Tie::Boosted => {
                let boost = statuses::reblog(world, me, subject.id, None).await.unwrap();
                thread.ids.push(boost);
            }
            Tie::Voted => {
                let poll = subject.poll_id.unwrap();
                polls::vote(world, me, poll, &[0]).await.unwrap();
            }
            Tie::Pinned => statuses::receive_pin(world, subject.account_id, subject.id)
                .await
                .unwrap(),
            Tie::Muted => statuses::mute_conversation(world, me, subject.id).await.unwrap(),
            Tie::Filtered => {
                let change = FilterChange {
                    title: Some("boats".to_owned()),
                    contexts: Some(vec![FilterContext::Home]),
                    ..FilterChange::default()
                };
                let filter = filters::create(world, me, change).await.unwrap();
                filters::add_status(world, me, filter.id, subject.id)
                    .await
                    .unwrap();
            }
            Tie::Reported => {
                let new = NewReport {
                    target: subject.account_id,
                    status_ids: vec![subject.id],
                    collection_ids: Vec::new(),
                    category: None,
                    rule_ids: Vec::new(),
                    comment: String::new(),
                    forward: false,
                };
                reports::report(world, me, new).await.unwrap();
            }
            Tie::Announced => {
                let author = self.author_of(&subject).await;
                let page = format!("{}/@{}/{}", world.urls().base(), author.acct(), subject.id);
                let change = AnnouncementChange {
                    text: Some(format!("look at {page}")),
                    published: Some(true),
                    ..AnnouncementChange::default()
                };
                let announcement = announcements::create(world, change).await.unwrap();
                assert_eq!(announcement.statuses, [subject.id]);
            }
            Tie::Drafted | Tie::Scheduled => {
                let new = NewStatus {
                    in_reply_to_id: Some(subject.id),
                    ..new_status("later", Visibility::Public)
                };
                if tie == Tie::Drafted {
                    drafts::create(world, &ada, new).await.unwrap();
                } else {
                    let at = world.now() + TimeDelta::days(300);
                    scheduled::schedule(world, &ada, new, at).await.unwrap();
                }
            }
            Tie::Quoted => {
                let new = NewStatus {
                    quoted_status_id: Some(subject.id),
                    ..new_status("so true", Visibility::Public)
                };
                thread.ids.push(statuses::post(world, &ada, new).await.unwrap());
            }
            Tie::QuotesUs => {
                let own = post(world, &ada, "quote me", Visibility::Public).await;
                let own_uri = world.urls().status_uri(&raw(world, own).await.unwrap());
                let quote = RemoteQuote {
                    quoted_uri: Some(own_uri),
                    legacy: true,
                    stamp_uri: None,
                    depth: 0,
                };
                let draft = RemoteStatus {
                    quote: Some(quote),
                    ..self.draft(Some(&subject))
                };
                thread.ids.push(self.take(draft).await.id);
            }
            Tie::Opened => {
                threads::open(world, me, subject.id)
                    .await
                    .unwrap()
                    .expect("it is fetched");
            }
            Tie::AnsweredLately => {
                let draft = self.draft(Some(&subject));
                thread.ids.push(self.take(draft).await.id);
            }
            Tie::FetchedLately => {
                let draft = RemoteStatus {
                    published: world.now() - TimeDelta::days(400),
                    ..self.draft(None)
                };
                thread.ids = vec![self.take(draft).await.id];
            }
            Tie::AnsweredElsewhere => {
                // Its server gives each status a conversation of its own.
                let draft = self.draft(None);
                let below = self.take(draft).await;
                self.tie_to(&below, &subject).await;
                statuses::bookmark(world, me, below.id).await.unwrap();
                thread.ids.push(below.id);
            }
            Tie::QuotedByKept => {
                let quote = RemoteQuote {
                    quoted_uri: subject.uri.clone(),
                    legacy: true,
                    stamp_uri: None,
                    depth: 0,
                };
                let draft = RemoteStatus {
                    quote: Some(quote),
                    ..self.draft(None)
                };
                let quoting = self.take(draft).await;
                run_jobs(world).await;
                pouet_service::quotes::resolve(world, quoting.id, subject.id)
                    .await
                    .unwrap();
                statuses::favourite(world, me, quoting.id).await.unwrap();
                thread.ids.push(quoting.id);
            }
        }
        thread.ties.push(tie);
    }

    /// Makes a status an answer to one of another conversation.
    async fn tie_to(&self, below: &Status, above: &Status) {
        let change = format!(
            "UPDATE statuses SET in_reply_to_id = {}, in_reply_to_account_id = {} WHERE id = {};
             UPDATE statuses SET replies_count = replies_count + 1 WHERE id = {};",
            above.id, above.account_id, below.id, above.id
        );
        self.world.execute(&change).await;
    }

    async fn part_from_strangers(&self) {
        for stranger in &self.strangers {
            follows::unfollow(self.world, self.ada.account_id, stranger.id)
                .await
                .unwrap();
        }
        run_jobs(self.world).await;
    }
}

/// Everything in the database that a status has to do with.
async fn contents(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut contents = world.store().read(migrate::contents).await.unwrap();
    // Files wait to be removed; nothing else is left of what is gone.
    for table in ["media_trash", "jobs", "settings", "events", "tags"] {
        contents.remove(table);
    }
    // How the index is kept is its own business.
    contents.retain(|table, _| !table.starts_with("status_search"));
    let indexed = world.store().read(search_index::count_documents).await.unwrap();
    contents.insert("words".to_owned(), vec![indexed.to_string()]);
    contents
}

async fn statuses_of(world: &World, threads: &[Thread]) -> BTreeMap<StatusId, Option<Status>> {
    let mut found = BTreeMap::new();
    for id in threads.iter().flat_map(|thread| &thread.ids) {
        found.insert(*id, raw(world, *id).await);
    }
    found
}

/// Each account is said to have written as many statuses as there are.
async fn assert_counted(town: &Town<'_>) {
    for account in [&town.friend, &town.strangers[0], &town.strangers[1]] {
        let filter = timelines::AccountFilter::default();
        let shown = timelines::account(town.world, None, account.id, filter, Page::first(1000))
            .await
            .unwrap();
        let counted = town.world.account(account.id).await.statuses_count;
        let there = town.world.store().read({
            let id = account.id;
            move |conn| pouet_storage::statuses::list_status_ids_of(conn, id, 10_000)
        });
        assert_eq!(counted, there.await.unwrap().len() as i64, "{}", account.acct());
        assert!(shown.len() as i64 <= counted);
    }
}

#[tokio::test]
async fn sec_R098_retention_removes_what_nobody_has_to_do_with_and_nothing_else() {
    on_each_database(async |world| {
        let mut town = Town::new(&world, 47).await;
        let mut threads = Vec::new();
        // Each tie alone, several at a time, and none.
        for round in 0..3 {
            for (at, tie) in TIES.into_iter().enumerate() {
                let mut thread = town.thread().await;
                if !tie.is_late() && round < 2 {
                    town.tie(&mut thread, tie).await;
                }
                let other = TIES[town.dice.below(TIES.len())];
                let replaces = [Tie::Answers, Tie::FetchedLately];
                let is_fit = !tie.is_late() && !other.is_late() && !replaces.contains(&other);
                // The same mark cannot be made twice.
                if round == 1 && at % 2 == 0 && is_fit && other != tie {
                    town.tie(&mut thread, other).await;
                }
                threads.push((thread, (round == 0 && tie.is_late()).then_some(tie)));
            }
        }
        town.part_from_strangers().await;
        world.clock.advance(TimeDelta::days(200));
        for (thread, late) in &mut threads {
            if let Some(tie) = late {
                town.tie(thread, *tie).await;
            }
        }
        let (kept, gone): (Vec<_>, Vec<_>) = threads
            .into_iter()
            .map(|(thread, _)| thread)
            .partition(|thread| !thread.ties.is_empty());
        assert!(kept.len() >= 45 && gone.len() >= 25);
        let before = statuses_of(&world, &kept).await;
        assert!(before.values().all(Option::is_some));
        let going: i64 = gone.iter().map(|thread| thread.ids.len() as i64).sum();

        let off = RetentionSettings {
            days: 0,
            followed_days: 1,
        };
        assert_eq!(retention::prune(&world, off).await.unwrap(), Removed::default());
        let counted = retention::count(&world, HALF_A_YEAR).await.unwrap();
        assert!(counted.statuses >= going);
        assert_eq!(retention::prune(&world, HALF_A_YEAR).await.unwrap(), counted);

        let after = statuses_of(&world, &kept).await;
        for thread in &kept {
            for id in &thread.ids {
                assert_eq!(before[id], after[id], "{:?}", thread.ties);
            }
        }
        for (id, status) in statuses_of(&world, &gone).await {
            assert_eq!(status, None, "{id}");
        }
        assert_counted(&town).await;
        let again = retention::prune(&world, HALF_A_YEAR).await.unwrap();
        assert_eq!(again, Removed::default());
    })
    .await;
}

#[tokio::test]
async fn sec_R098_what_is_removed_leaves_nothing_and_comes_back_when_asked_for() {
    on_each_database(async |world| {
        let mut town = Town::new(&world, 11).await;
        town.part_from_strangers().await;
        let before = contents(&world).await;
        let mut uris = Vec::new();
        for stranger in town.strangers.clone() {
            follow(&world, town.ada.account_id, &stranger).await;
        }
        for _ in 0..12 {
            for id in town.thread().await.ids {
                uris.push(raw(&world, id).await.unwrap().uri.unwrap());
            }
        }
        town.part_from_strangers().await;
        world.clock.advance(TimeDelta::days(181));
        let removed = retention::prune(&world, HALF_A_YEAR).await.unwrap();
        assert_eq!((removed.conversations, removed.statuses), (12, uris.len() as i64));
        let mut after = contents(&world).await;
        // An account keeps the time of its last status; trends forget by themselves.
        for table in [
            "accounts",
            "trend_marks",
            "trend_days",
            "trend_scores",
            "preview_cards",
            "deliveries",
            "activities",
        ] {
            after.remove(table);
        }
        for (table, rows) in after {
            assert_eq!(rows, before[&table], "{table}");
        }
        assert_counted(&town).await;
        // It was not deleted by its author: whoever asks for it gets it.
        let mut again = town.draft(None);
        again.uri.clone_from(&uris[0]);
        again.published = world.now() - TimeDelta::days(181);
        let id = statuses::receive(&world, again, Arrival::Fetched).await.unwrap();
        assert!(id.is_some());
        // And it stays for as long as what is new.
        assert_eq!(
            retention::prune(&world, HALF_A_YEAR).await.unwrap(),
            Removed::default()
        );
        world.clock.advance(TimeDelta::days(181));
        assert_eq!(retention::prune(&world, HALF_A_YEAR).await.unwrap().statuses, 1);
    })
    .await;
}

#[tokio::test]
async fn what_followed_accounts_wrote_may_be_kept_for_longer() {
    on_each_database(async |world| {
        let mut town = Town::new(&world, 5).await;
        let draft = RemoteStatus {
            account_id: town.friend.id,
            ..town.draft(None)
        };
        town.take(draft).await;
        let prune = async |days, followed_days| {
            let settings = RetentionSettings { days, followed_days };
            retention::prune(&world, settings).await.unwrap().statuses
        };
        world.clock.advance(TimeDelta::days(100));
        assert_eq!(prune(30, 0).await, 0);
        assert_eq!(prune(30, 101).await, 0);
        assert_eq!(prune(101, 30).await, 0, "not for less time than others");
        assert_eq!(prune(30, 99).await, 1);
    })
    .await;
}

#[tokio::test]
async fn tied_conversations_go_together() {
    on_each_database(async |world| {
        let mut town = Town::new(&world, 3).await;
        let mut last: Option<Status> = None;
        for _ in 0..5 {
            let draft = town.draft(None);
            let status = town.take(draft).await;
            if let Some(above) = &last {
                town.tie_to(&status, above).await;
            }
            last = Some(status);
        }
        town.part_from_strangers().await;
        world.clock.advance(TimeDelta::days(200));
        let last = last.unwrap();
        statuses::bookmark(&world, town.ada.account_id, last.id)
            .await
            .unwrap();
        assert_eq!(
            retention::count(&world, HALF_A_YEAR).await.unwrap(),
            Removed::default()
        );
        assert_eq!(
            retention::prune(&world, HALF_A_YEAR).await.unwrap(),
            Removed::default()
        );
        statuses::unbookmark(&world, town.ada.account_id, last.id)
            .await
            .unwrap();
        let all = Removed {
            conversations: 5,
            statuses: 5,
        };
        assert_eq!(retention::count(&world, HALF_A_YEAR).await.unwrap(), all);
        assert_eq!(retention::prune(&world, HALF_A_YEAR).await.unwrap(), all);
    })
    .await;
}

#[tokio::test]
async fn old_posts_are_removed_once_a_day() {
    on_each_database_with(
        |settings| settings.retention = HALF_A_YEAR,
        async |world| {
            let mut town = Town::new(&world, 8).await;
            // More than one transaction takes.
            let root = town.draft(None);
            let root = town.take(root).await;
            for _ in 0..150 {
                let draft = town.draft(Some(&root));
                town.take(draft).await;
            }
            town.part_from_strangers().await;
            world.execute("DELETE FROM jobs").await;
            world.clock.advance(TimeDelta::days(200));
            // Like a worker when it starts.
            let prune = serde_json::to_string(&Job::Prune).unwrap();
            let now = world.now().timestamp_millis();
            let insert = format!(
                "INSERT INTO jobs (id, kind, payload, run_at, attempts, created_at)
                 VALUES (1, 'Prune', '{prune}', {now}, 0, {now})"
            );
            world.execute(&insert).await;
            run_jobs(&world).await;
            assert!(raw(&world, root.id).await.is_some(), "it waits for its day");
            world.clock.advance(TimeDelta::days(1));
            run_jobs(&world).await;
            assert!(raw(&world, root.id).await.is_none());
            assert_eq!(world.account(town.strangers[0].id).await.statuses_count, 0);
            // The next day there is another look.
            let draft = town.draft(None);
            let other = town.take(draft).await;
            world.clock.advance(TimeDelta::days(181));
            run_jobs(&world).await;
            assert!(raw(&world, other.id).await.is_none());
        },
    )
    .await;
}
