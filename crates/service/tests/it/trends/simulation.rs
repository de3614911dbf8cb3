//! A week on an instance, hour by hour, by the operations that real activities call: what people say, what they take up, and
//! what some pay for. What trends in the end is compared with the log.

mod log;
mod plan;
mod plot;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, User},
    ids::StatusId,
    status::{Mention, Visibility},
    trend::{Subject, TrendKind, score},
};
use pouet_service::{
    accounts::{self, ActorData},
    tags, trends,
};
use pouet_storage::trends as rows;

use self::{
    log::Log,
    plan::{BOUGHT, BOUGHT_LINK, Dice, HOURS, Plan, RING, RING_LINK, STALE, STALE_LINK},
};
use super::{ALL, boost, follow, push, saying, trending_statuses, trending_tags};
use crate::common::{
    World, on_each_database,
    people::{actor, post},
};

/// A simulated instance.
struct Week<'a> {
    world: &'a World,
    plan: Plan,
    dice: Dice,
    shill: User,
    people: Vec<Account>,
    ring: Vec<Account>,
    /// Two accounts of one owner that boost what one author pays for.
    paid: Vec<Account>,
    log: Log,
    /// Boosts to come: when, who, what.
    boosts: Vec<(DateTime<Utc>, usize, StatusId)>,
    scores: Vec<Vec<f64>>,
    spent: Duration,
    looks: Vec<Duration>,
}

impl<'a> Week<'a> {
    async fn new(world: &'a World, plan: Plan) -> Self {
        let mut dice = Dice::new(plan.seed);
        let (reader, shill) = (world.local("reader").await, world.local("shill").await);
        let mut people = Vec::with_capacity(plan.people);
        for n in 0..plan.people {
            let age = TimeDelta::days(40 + dice.below(2_000) as i64);
            // The first domains are the largest.
            let domain = dice.below(plan.domains).min(dice.below(plan.domains));
            let new = ActorData {
                created_at: Some(world.now() - age),
                ..actor(&format!("p{n}"), &format!("town{domain}.example"))
            };
            let account = accounts::receive_actor(world, new).await.unwrap();
            follow(world, &reader, account.id).await;
            people.push(account);
        }
        let mut ring = Vec::with_capacity(plan.ring);
        for n in 0..plan.ring {
            let age = TimeDelta::days(300) + TimeDelta::minutes(5 * n as i64);
            let new = ActorData {
                created_at: Some(world.now() - age),
                ..actor(&format!("r{n}"), &format!("hideout{n}.example"))
            };
            ring.push(accounts::receive_actor(world, new).await.unwrap());
        }
        let mut paid = Vec::with_capacity(2);
        for n in 0..2 {
            let domain = format!("h{n}.paid.example");
            paid.push(world.remote(&format!("paid{n}"), &domain).await);
        }
        Self {
            world,
            plan,
            dice,
            shill,
            people,
            ring,
            paid,
            log: Log::default(),
            boosts: Vec::new(),
            scores: Vec::new(),
            spent: Duration::ZERO,
            looks: Vec::new(),
        }
    }

    async fn run(&mut self) {
        let plotted = Plan::plotted();
        for hour in 0..HOURS {
            self.hour(hour).await;
            if hour % 3 == 2 && !plotted.is_empty() {
                let mut now = Vec::new();
                for name in &plotted {
                    now.push(tag_score(self.world, name).await);
                }
                self.scores.push(now);
            }
            if hour % 6 == 5 {
                let began = Instant::now();
                trends::refresh(self.world).await.unwrap();
                self.looks.push(began.elapsed());
            }
        }
        for who in 0..6 {
            self.say(&plan::Saying::last(who)).await;
        }
    }

    /// One hour: as many posts as planned, evenly spread, and the boosts that fall between them.
    async fn hour(&mut self, hour: usize) {
        let mut sayings = self.plan.sayings(hour, &mut self.dice);
        if hour == self.plan.raid {
            sayings.extend((0..self.ring.len()).map(plan::Saying::raid));
        }
        if sayings.is_empty() {
            self.world.clock.advance(TimeDelta::hours(1));
        }
        let step = TimeDelta::milliseconds(3_600_000 / sayings.len().max(1) as i64);
        for saying in sayings {
            self.world.clock.advance(step);
            let began = Instant::now();
            self.boost_due().await;
            self.say(&saying).await;
            self.spent += began.elapsed();
        }
        if hour == self.plan.raid {
            self.raid().await;
        }
    }

    async fn say(&mut self, what: &plan::Saying) {
        let (world, now) = (self.world, self.world.now());
        let author = if what.by_ring {
            &self.ring[what.who]
        } else {
            &self.people[what.who]
        };
        let names: Vec<&str> = what.tag.iter().map(String::as_str).collect();
        let mut status = saying(world, author, &names);
        if what.by_ring {
            status.mentions = vec![Mention {
                account_id: self.shill.account_id,
                silent: false,
            }];
        }
        if let Some(link) = &what.link {
            status.content = format!("<p>look: <a href=\"{link}\">{link}</a></p>");
        }
        let id = push(world, status).await;
        if let Some(link) = &what.link {
            self.log.linked(link, what.who, what.by_ring, now);
        }
        if let Some(name) = &what.tag {
            self.log.said(name, what.who, what.by_ring, now);
            if name == STALE {
                self.log.stale.push(id);
            }
            if name == BOUGHT {
                for one in &self.paid {
                    boost(world, one, id).await;
                }
                self.log.bought.insert(id);
            }
        }
        if what.boosts >= 2 {
            self.log.planned.insert(id);
        }
        for _ in 0..what.boosts {
            let after = TimeDelta::minutes(2 + self.dice.below(300) as i64);
            let who = self.dice.below(self.people.len());
            self.boosts.push((now + after, who, id));
        }
        self.boosts
            .sort_unstable_by_key(|(at, ..)| std::cmp::Reverse(*at));
    }

    async fn boost_due(&mut self) {
        let now = self.world.now();
        while let Some((at, who, id)) = self.boosts.pop() {
            if at > now {
                self.boosts.push((at, who, id));
                return;
            }
            boost(self.world, &self.people[who], id).await;
            self.log.boosted(id, who, now);
        }
    }

    /// The ring boosts what it was told to.
    async fn raid(&mut self) {
        let text = format!("buy now, everybody does #{RING}");
        let target = post(self.world, &self.shill, &text, Visibility::Public).await;
        // And something old, as if people remembered it.
        let old = self.log.stale.last().copied();
        for member in &self.ring {
            for target in old.iter().chain([&target]) {
                boost(self.world, member, *target).await;
            }
        }
        self.log.bought.insert(target);
    }
}

/// The score of a hashtag now, in people.
async fn tag_score(world: &World, name: &str) -> f64 {
    let Some(id) = tags::find(world, None, name).await.unwrap().id else {
        return 0.0;
    };
    let (subject, now) = (Subject::new(TrendKind::Tag, id), world.now());
    let read = move |conn: &mut pouet_storage::Conn| rows::find_potential(conn, subject);
    let potential = world.store().read(read).await.unwrap();
    potential.map_or(0.0, |potential| score(potential, now, subject.kind.half_life()))
}

/// The links that trend as if all pages had been read, each on a site of its own, or those of one newspaper on one: no page is
/// read, where there is no network.
async fn trending_links(world: &World, of_one_site: bool) -> Vec<String> {
    let own = "'site' || id || '.example'";
    let host = if of_one_site {
        format!("CASE WHEN url LIKE 'https://news.example/%' THEN 'news.example' ELSE {own} END")
    } else {
        own.to_owned()
    };
    world
        .execute(&format!(
            "UPDATE preview_cards SET state = 'ready', title = 'a page', page_host = {host}"
        ))
        .await;
    trends::refresh(world).await.unwrap();
    let links = trends::links(world, None, ALL).await.unwrap();
    links.into_iter().map(|link| link.card.url).collect()
}

/// Hours in which people must have taken something up.
const LATELY: usize = 36;

/// What a reader of the log would say of what trends.
async fn check(week: &Week<'_>) {
    let world = week.world;
    let now = world.now();
    let tags = trending_tags(world).await;
    println!("tags: {tags:?}");
    assert!(tags.len() >= 5, "{tags:?}");
    let since = now - TimeDelta::hours(LATELY as i64);
    let honest = week.plan.honest_tags(LATELY);
    for name in &tags {
        let people = week.log.people_saying(name, since);
        assert!(people >= 2, "#{name} is said by {people} people");
        assert!(honest.contains(&name.as_str()), "nobody planned #{name}");
    }
    for unwanted in [RING, BOUGHT, STALE] {
        assert!(!tags.iter().any(|name| name == unwanted), "{unwanted}: {tags:?}");
    }
    for name in week.log.on_all_lips(now - TimeDelta::hours(12), week.plan.many) {
        assert!(
            tags[..20.min(tags.len())].contains(&name),
            "{name} is missing: {tags:?}"
        );
    }

    let links = trending_links(world, false).await;
    println!("links: {links:?}");
    assert!(links.len() > 3, "{links:?}");
    let honest = week.plan.honest_links(LATELY);
    for link in &links {
        let people = week.log.people_linking(link, since);
        assert!(people >= 2, "{link} is posted by {people} people");
        assert!(honest.contains(link), "nobody planned {link}");
        assert!(
            ![RING_LINK, BOUGHT_LINK, STALE_LINK].contains(&link.as_str()),
            "{links:?}"
        );
    }
    let of_site = trending_links(world, true).await;
    assert_eq!(of_site[..], links[..3], "a site has three places, for its best");

    let statuses = trending_statuses(world).await;
    println!("statuses: {}", statuses.len());
    assert!(statuses.len() >= 5, "{statuses:?}");
    for id in &statuses {
        assert!(!week.log.bought.contains(id), "paid for");
        assert!(!week.log.stale.contains(id), "old");
        assert!(week.log.planned.contains(id), "nobody planned {id}");
        let people = week.log.people_boosting(*id, since);
        assert!(people >= 2, "{id} is boosted by {people} people");
    }
}

#[tokio::test]
async fn a_week_on_a_small_instance() {
    on_each_database(async |world| {
        let mut week = Week::new(&world, Plan::small()).await;
        week.run().await;
        check(&week).await;
        let drawing = plot::draw(&Plan::plotted(), &week.scores);
        plot::compare(&drawing);
    })
    .await;
}

/// The same on an instance that hears of 100,000 posts a day, for one hour in seven and the whole last day: `cargo nextest run
/// --release --run-ignored only -E 'test(a_week_on_a_large_instance)' --no-capture`. It prints what things cost.
/// `POUET_SIMULATED_POSTS`: posts of a day.
#[tokio::test]
#[ignore = "a measurement of many minutes"]
async fn a_week_on_a_large_instance() {
    let daily = std::env::var("POUET_SIMULATED_POSTS").ok();
    let daily = daily.and_then(|text| text.parse().ok()).unwrap_or(100_000);
    on_each_database(async |world| {
        let mut week = Week::new(&world, Plan::large(daily)).await;
        week.run().await;
        let counted = |conn: &mut pouet_storage::Conn| {
            let all = pouet_storage::migrate::contents(conn)?;
            let of = |name: &str| all.get(name).map_or(0, Vec::len);
            Ok::<_, pouet_storage::Error>((of("statuses"), of("trend_marks"), of("trend_scores")))
        };
        let (statuses, marks, scores) = world.store().read(counted).await.unwrap();
        let slowest = week.looks.iter().max().unwrap();
        println!(
            "{statuses} statuses, {marks} marks, {scores} scores; a status or boost {:?}, the slowest look {slowest:?}",
            week.spent / statuses as u32,
        );
        assert!(*slowest < Duration::from_secs(5), "{slowest:?}");
        check(&week).await;
    })
    .await;
}
