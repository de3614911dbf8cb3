//! Whoever repeats themselves adds nothing.

use std::sync::Mutex;

use chrono::TimeDelta;
use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    status::Visibility,
    trend::{Subject, TrendKind, score},
};
use pouet_service::{
    statuses::{self, RemoteStatus},
    tags, trends,
};
use pouet_storage::{cards, trends as rows};
use proptest::{prelude::*, test_runner::TestRunner};

use super::{ALL, boost, followed, push, saying, unique};
use crate::common::{
    World, on_each_database,
    people::{note, post},
};

const TAGS: [&str; 3] = ["one", "two", "three"];
const LINKS: [&str; 2] = ["https://paper.example/one", "https://paper.example/two"];
/// Statuses that others take up.
const STATUSES: usize = 2;
/// People elsewhere, of three domains; as many are here.
const ELSEWHERE: usize = 4;
const HERE: usize = 2;
/// How often everything is done in all.
const TIMES: usize = 4;

/// Something that somebody does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Say(usize),
    Link(usize),
    /// Boosts, favourites or answers a status: whichever way, it is taken up.
    TakeUp(usize),
}

/// Who does it, and how many minutes after what was before.
type Event = (usize, Act, i64);

/// What a few people do on one day.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let act = prop_oneof![
        3 => (0..TAGS.len()).prop_map(Act::Say),
        2 => (0..LINKS.len()).prop_map(Act::Link),
        3 => (0..STATUSES).prop_map(Act::TakeUp),
    ];
    prop::collection::vec((0..ELSEWHERE + HERE, act, 0i64..40), 1..11)
}

/// The people of one run, and what they can take up.
struct Scene<'a> {
    world: &'a World,
    elsewhere: Vec<Account>,
    here: Vec<User>,
    posted: Vec<StatusId>,
}

impl<'a> Scene<'a> {
    async fn new(world: &'a World) -> Self {
        let reader = world.local("reader").await;
        let (mut elsewhere, mut here, mut posted) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..ELSEWHERE {
            let domain = format!("h{n}.d{}.example", n % 3);
            elsewhere.push(followed(world, &reader, &format!("u{n}"), &domain).await);
        }
        for n in 0..HERE {
            here.push(world.local(&format!("l{n}")).await);
        }
        for n in 0..STATUSES {
            let author = world.local(&format!("author{n}")).await;
            posted.push(post(world, &author, "hello", Visibility::Public).await);
        }
        Self {
            world,
            elsewhere,
            here,
            posted,
        }
    }

    async fn act(&self, who: usize, act: Act, time: usize) {
        match self.elsewhere.get(who) {
            Some(author) => self.act_elsewhere(author, act, time).await,
            None => self.act_here(&self.here[who - ELSEWHERE], act, time).await,
        }
    }

    async fn act_elsewhere(&self, author: &Account, act: Act, time: usize) {
        let world = self.world;
        match act {
            Act::Say(tag) => {
                push(world, saying(world, author, &[TAGS[tag]])).await;
            }
            Act::Link(link) => {
                let status = RemoteStatus {
                    content: format!("<p>read <a href=\"{}\">this</a></p>", LINKS[link]),
                    ..note(world, author, unique())
                };
                push(world, status).await;
            }
            Act::TakeUp(status) => {
                let id = self.posted[status];
                match time % 3 {
                    0 => boost(world, author, id).await,
                    1 => statuses::receive_favourite(world, author.id, None, id)
                        .await
                        .unwrap(),
                    _ => {
                        let answered = statuses::find(world, None, id).await.unwrap().status;
                        let answer = RemoteStatus {
                            in_reply_to_uri: Some(world.urls().status_uri(&answered)),
                            ..note(world, author, unique())
                        };
                        push(world, answer).await;
                    }
                }
            }
        }
    }

    async fn act_here(&self, user: &User, act: Act, time: usize) {
        let world = self.world;
        match act {
            Act::Say(tag) => {
                post(world, user, &format!("#{}", TAGS[tag]), Visibility::Public).await;
            }
            Act::Link(link) => {
                post(world, user, &format!("read {}", LINKS[link]), Visibility::Public).await;
            }
            Act::TakeUp(status) => {
                let id = self.posted[status];
                if time.is_multiple_of(2) {
                    statuses::reblog(world, user.account_id, id, None).await.unwrap();
                } else {
                    statuses::favourite(world, user.account_id, id).await.unwrap();
                }
            }
        }
    }

    /// All scores, to the sixth digit, and what trends.
    async fn outcome(&self) -> Vec<(String, i64)> {
        let (world, now) = (self.world, self.world.now());
        let mut subjects = Vec::new();
        for name in TAGS {
            if let Some(id) = tags::find(world, None, name).await.unwrap().id {
                subjects.push((name.to_owned(), Subject::new(TrendKind::Tag, id)));
            }
        }
        for link in LINKS {
            let find = move |conn: &mut pouet_storage::Conn| cards::find_card_by_url(conn, link);
            if let Some(card) = world.store().read(find).await.unwrap() {
                subjects.push((link.to_owned(), Subject::new(TrendKind::Link, card.id)));
            }
        }
        for (n, id) in self.posted.iter().enumerate() {
            subjects.push((format!("status {n}"), Subject::new(TrendKind::Status, *id)));
        }
        let mut found = Vec::new();
        for (name, subject) in subjects {
            let read = move |conn: &mut pouet_storage::Conn| rows::find_potential(conn, subject);
            let potential = world.store().read(read).await.unwrap();
            let people = potential.map_or(0.0, |potential| score(potential, now, subject.kind.half_life()));
            found.push((name, (people * 1e6).round() as i64));
        }
        trends::refresh(world).await.unwrap();
        for tag in trends::tags(world, None, ALL).await.unwrap() {
            found.push((format!("#{} trends", tag.tag.name), 0));
        }
        for view in trends::statuses(world, None, ALL).await.unwrap() {
            let place = self.posted.iter().position(|id| *id == view.status.id);
            found.push((format!("status {place:?} trends"), 0));
        }
        found
    }
}

/// What comes of it on each database, if everything is done once, or several times with some minutes between.
async fn outcomes(events: &[Event], times: usize) -> Vec<(String, i64)> {
    let found = Mutex::new(Vec::new());
    on_each_database(async |world| {
        let scene = Scene::new(&world).await;
        for (who, act, minutes) in events {
            world.clock.advance(TimeDelta::minutes(*minutes));
            for time in 0..TIMES {
                if time < times {
                    scene.act(*who, *act, time).await;
                }
                world.clock.advance(TimeDelta::minutes(7));
            }
        }
        let outcome = scene.outcome().await;
        found.lock().unwrap().extend(outcome);
    })
    .await;
    found.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_by_one_person_change_nothing() {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(12));
    let handle = tokio::runtime::Handle::current();
    let outcome = |events: &[Event], times: usize| {
        let handle = handle.clone();
        tokio::task::block_in_place(|| handle.block_on(outcomes(events, times)))
    };
    runner
        .run(&events(), |events| {
            prop_assert_eq!(outcome(&events, 1), outcome(&events, TIMES));
            Ok(())
        })
        .unwrap();
}
