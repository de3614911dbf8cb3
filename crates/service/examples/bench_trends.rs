//! Measures trends: how long a look takes, and what one arriving post costs.
//!
//! ```sh
//! cargo run --release -p pouet-service --example bench_trends -- sqlite 1000000
//! cargo xtask with-postgres cargo run --release -p pouet-service --example bench_trends -- postgres 1000000
//! ```
//!
//! Makes a database with so many posts of one week, by one author for each fifty posts. Six of ten posts have a hashtag, one of
//! seven a link, one of ten is taken up by others. Hashtags, links and people are drawn as Zipf found for words (the n-th comes
//! with a probability of about 1/n), from a fixed seed. What is counted is written as the counting would have, in bulk.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program to be watched by whoever runs it"
)]

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use pouet_model::{
    account::{ActorType, RemoteActor},
    ids::{AccountId, ConversationId, StatusId, first_id_at},
    quote::QuotePolicy,
    status::{Status, Visibility},
    time::ManualClock,
    trend::{Subject, TrendKind, day_of, potential, together, weight},
    urls::Urls,
};
use pouet_service::{
    Instance, Parts,
    accounts::{self, ActorData},
    media::MediaStore,
    net::{NetClient, NetSettings, SystemResolver, Timeouts},
    settings::{
        DeliverySettings, FederationSettings, Limits, MediaCacheSettings, RegistrationMode,
        RetentionSettings, Settings, TrendSettings,
    },
    statuses::{self, Arrival, RemoteStatus},
    trends::{self, Window},
    vault::Vault,
    view::TagView,
};
use pouet_storage::{
    Conn, DatabaseUrl, Store, StoreSettings,
    accounts::{NewLocalAccount, insert_local_account},
    cards,
    conversations::insert_conversation,
    statuses::insert_status,
    tags,
};

/// Days that are filled.
const DAYS: i64 = 7;
/// Posts of one author, on average.
const POSTS_OF_AUTHOR: i64 = 50;
/// Authors of one domain, on average.
const AUTHORS_OF_DOMAIN: i64 = 12;
/// Different hashtags and links.
const TAGS: usize = 20_000;
const LINKS: usize = 5_000;
/// Rows that one statement or transaction writes.
const PART: usize = 1_000;
/// Posts that arrive to be measured.
const ARRIVING: usize = 200;

/// A generator with a seed (Numerical Recipes, 7.1).
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    /// A rank below `end`, the first the most common.
    fn rank(&mut self, end: usize) -> usize {
        ((end as f64).powf(self.unit()) - 1.0) as usize
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-23T22:00:00Z".parse().unwrap()
}

/// Somebody's first use of a subject on a day: kind and id of the subject, day, who.
type MarkKey = (&'static str, i64, i64, i64);

/// What the posts add up to.
#[derive(Default)]
struct Counted {
    /// When each mark was made, and how often it was repeated.
    marks: BTreeMap<MarkKey, (i64, i64)>,
}

impl Counted {
    fn add(&mut self, subject: Subject, day: i64, who: i64, at: DateTime<Utc>) {
        let key = (subject.kind.as_str(), subject.id, day, who);
        let mark = self.marks.entry(key).or_insert((at.timestamp_millis(), 0));
        mark.1 += 1;
    }
}

fn domain_of(author: i64) -> String {
    format!("d{}.example", author % (author / AUTHORS_OF_DOMAIN + 1))
}

fn post(id: i64, author: i64, at: DateTime<Utc>) -> Status {
    Status {
        id: StatusId(id),
        account_id: AccountId(author),
        uri: None,
        url: None,
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: None,
        conversation_id: ConversationId(1),
        content: "<p>a few words</p>".to_owned(),
        text: String::new(),
        spoiler_text: String::new(),
        sensitive: false,
        visibility: Visibility::Public,
        language: None,
        poll_id: None,
        application_id: None,
        emojis: Vec::new(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at: at,
        edited_at: None,
        local_only: false,
        expires_at: None,
    }
}

/// Writes rows in statements of many.
fn insert_all(conn: &mut Conn, table: &str, rows: &[String]) -> pouet_storage::Result<()> {
    for part in rows.chunks(PART) {
        let mut statement = format!("INSERT INTO {table} VALUES ");
        for (n, row) in part.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(statement, "{comma}({row})").unwrap();
        }
        conn.batch_execute(&statement)?;
    }
    Ok(())
}

/// Authors, hashtags and links. Returns the ids of hashtags and links.
async fn people_and_subjects(instance: &Instance, store: &Store, authors: i64) -> (Vec<i64>, Vec<i64>) {
    store
        .write(move |conn| {
            insert_conversation(conn, ConversationId(1), None)?;
            for n in 1..=authors {
                let new = NewLocalAccount {
                    id: AccountId(n),
                    username: format!("author{n}"),
                    // As many of each age.
                    created_at: now() - TimeDelta::hours(n),
                    locked: false,
                    discoverable: true,
                    indexable: true,
                };
                insert_local_account(conn, &new)?;
            }
            Ok::<_, pouet_storage::Error>(())
        })
        .await
        .unwrap();
    let maker = instance.clone();
    store
        .write(move |conn| {
            let (mut tag_ids, mut link_ids) = (Vec::new(), Vec::new());
            for n in 0..TAGS {
                let name = format!("tag{n}");
                let tag = tags::TagRow {
                    display_name: name.clone(),
                    name,
                };
                tag_ids.push(tags::find_or_insert_tag(conn, maker.next_id(), &tag)?.0);
            }
            for n in 0..LINKS {
                let url = format!("https://site{}.example/{n}", n % 1_500);
                let card = cards::find_or_insert_card(conn, maker.next_id(), &url, now())?;
                link_ids.push(card.id.0);
            }
            conn.batch_execute(
                "UPDATE preview_cards SET state = 'ready', title = 'a page', \
                 page_host = 'site' || (id % 1500) || '.example'",
            )?;
            Ok::<_, pouet_storage::Error>((tag_ids, link_ids))
        })
        .await
        .unwrap()
}

/// Posts of a week up to now, and what is counted of them.
async fn fill(instance: &Instance, store: &Store, count: i64) {
    let authors = (count / POSTS_OF_AUTHOR).max(100);
    let begun = Instant::now();
    let (tags, links) = people_and_subjects(instance, store, authors).await;
    println!("{authors} authors in {:.0?}", begun.elapsed());
    let (mut chance, mut counted) = (Chance(1), Counted::default());
    let mut posts = Vec::with_capacity(PART);
    let step = TimeDelta::days(DAYS).num_milliseconds() / count;
    for n in 0..count {
        let at = now() - TimeDelta::milliseconds((count - n) * step.max(1));
        let author = 1 + chance.rank(usize::try_from(authors).unwrap()) as i64;
        let (id, day) = (first_id_at(at) + n % 60_000, day_of(at));
        counted.add(Subject::total(TrendKind::Posts), day, author, at);
        if chance.below(10) < 6 {
            let tag = tags[chance.rank(TAGS)];
            counted.add(
                Subject {
                    kind: TrendKind::Tag,
                    id: tag,
                },
                day,
                author,
                at,
            );
        }
        if chance.below(7) == 0 {
            let link = links[chance.rank(LINKS)];
            counted.add(
                Subject {
                    kind: TrendKind::Link,
                    id: link,
                },
                day,
                author,
                at,
            );
        }
        if chance.below(10) == 0 {
            for _ in 0..=chance.rank(40) {
                let who = 1 + chance.below(usize::try_from(authors).unwrap()) as i64;
                let later = (at + TimeDelta::minutes(chance.below(300) as i64)).min(now());
                counted.add(Subject::total(TrendKind::Acts), day_of(later), who, later);
                counted.add(
                    Subject {
                        kind: TrendKind::Status,
                        id,
                    },
                    0,
                    who,
                    later,
                );
            }
        }
        posts.push(post(id, author, at));
        if posts.len() == PART || n + 1 == count {
            let part = std::mem::take(&mut posts);
            let insert = move |conn: &mut Conn| {
                part.iter()
                    .try_for_each(|status| insert_status(conn, status, false))
            };
            store.write(insert).await.unwrap();
        }
        if n % 100_000 == 99_999 {
            println!("{} posts after {:.0?}", n + 1, begun.elapsed());
        }
    }
    write_counted(store, counted).await;
    println!("{count} posts in {:.0?}", begun.elapsed());
}

/// Marks, days and scores.
async fn write_counted(store: &Store, counted: Counted) {
    /// When, the day, who, and how many uses.
    type Marks = Vec<(i64, i64, i64, i64)>;
    let mut by_subject: BTreeMap<(&str, i64), Marks> = BTreeMap::new();
    for ((kind, id, day, who), (at, uses)) in counted.marks {
        by_subject
            .entry((kind, id))
            .or_default()
            .push((at, day, who, uses));
    }
    let (mut marks, mut days, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for ((kind, id), mut of_subject) in by_subject {
        of_subject.sort_unstable();
        let shown = TrendKind::SHOWN.into_iter().find(|shown| shown.as_str() == kind);
        let mut ranks: BTreeMap<(i64, String), usize> = BTreeMap::new();
        let mut by_day: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        let mut sum = f64::NEG_INFINITY;
        for (at, day, who, uses) in &of_subject {
            let domain = domain_of(*who);
            marks.push(format!("'{kind}',{id},{day},{who},'{domain}',{uses},{uses},{at}"));
            let used = by_day.entry(*day).or_default();
            *used = (used.0 + uses, used.1 + 1);
            let rank = ranks.entry((*day, domain)).or_default();
            *rank += 1;
            if let Some(shown) = shown {
                let at = DateTime::from_timestamp_millis(*at).unwrap();
                sum = together(sum, potential(weight(*rank, false), at, shown.half_life()));
            }
        }
        let Some(shown) = shown else { continue };
        if shown != TrendKind::Status {
            let row =
                |(day, (uses, accounts)): (i64, (i64, i64))| format!("'{kind}',{id},{day},{uses},{accounts}");
            days.extend(by_day.into_iter().map(row));
        }
        let owners: HashSet<&String> = ranks.keys().map(|(_, domain)| domain).collect();
        let broad = if owners.len() > 1 { "TRUE" } else { "FALSE" };
        scores.push(format!("'{kind}',{id},{sum},{broad}"));
    }
    println!(
        "{} marks, {} days, {} scores",
        marks.len(),
        days.len(),
        scores.len()
    );
    store
        .write(move |conn| {
            insert_all(conn, "trend_marks", &marks)?;
            insert_all(conn, "trend_days", &days)?;
            insert_all(conn, "trend_scores", &scores)?;
            // What the servers' own upkeep does in the course of a week.
            conn.batch_execute("ANALYZE")?;
            Ok::<_, pouet_storage::Error>(())
        })
        .await
        .unwrap();
}

fn instance(store: Store) -> Instance {
    let origin = "https://pouet.example".parse().unwrap();
    let settings = Settings {
        urls: Urls::new(&origin, None),
        registrations: RegistrationMode::Open,
        limits: Limits::default(),
        delivery: DeliverySettings::default(),
        federation: FederationSettings::default(),
        federation_enabled: true,
        rate_limits_enabled: false,
        version: "0.0.0",
        media_cache: MediaCacheSettings::default(),
        retention: RetentionSettings::default(),
        trends: TrendSettings {
            relays: true,
            ..TrendSettings::default()
        },
        analytics_enabled: true,
    };
    let net = NetSettings {
        allow_networks: Vec::new(),
        allow_http: false,
        user_agent: "pouet".to_owned(),
        own_hosts: Vec::new(),
        timeouts: Timeouts::default(),
        rate_limited: false,
    };
    Instance::new(Parts {
        store,
        clock: Arc::new(ManualClock::new(now())),
        settings,
        media: MediaStore::in_memory(),
        vault: Vault::new([7; 32]),
        net: NetClient::new(net, Arc::new(SystemResolver)).unwrap(),
    })
}

fn line(name: &str, mut times: Vec<Duration>, statements: u64) {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
    println!(
        "{name:<44} p50 {:>8.1} ms  p95 {:>8.1} ms  max {:>8.1} ms  {:>7.1} statements",
        at(0.5),
        at(0.95),
        at(1.0),
        statements as f64 / times.len() as f64
    );
}

async fn looks(instance: &Instance, store: &Store) {
    for (name, count) in [("the first look, which counts regulars", 1), ("a look", 10)] {
        let (before, mut times) = (store.statement_count(), Vec::new());
        for _ in 0..count {
            let begun = Instant::now();
            trends::refresh(instance).await.unwrap();
            times.push(begun.elapsed());
        }
        line(name, times, store.statement_count() - before);
    }
    let all = Window { offset: 0, limit: 40 };
    let (before, mut times) = (store.statement_count(), Vec::new());
    for _ in 0..50 {
        let begun = Instant::now();
        trends::tags(instance, None, all).await.unwrap();
        times.push(begun.elapsed());
    }
    line(
        "reading the list of hashtags",
        times,
        store.statement_count() - before,
    );
    println!(
        "{} hashtags, {} statuses, {} links trend (of 40 at most)",
        trends::tags(instance, None, all).await.unwrap().len(),
        trends::statuses(instance, None, all).await.unwrap().len(),
        trends::links(instance, None, all).await.unwrap().len(),
    );
}

fn stranger() -> ActorData {
    let uri = "https://far.example/users/stranger".to_owned();
    ActorData {
        username: "stranger".to_owned(),
        domain: "far.example".to_owned(),
        url: None,
        actor_type: ActorType::Person,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar_url: None,
        header_url: None,
        avatar_description: String::new(),
        header_description: String::new(),
        emojis: Vec::new(),
        locked: false,
        discoverable: true,
        indexable: true,
        hide_collections: false,
        memorial: false,
        suspended: false,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        moved_to_uri: None,
        remote: RemoteActor {
            inbox: format!("{uri}/inbox"),
            ..RemoteActor::default()
        },
        featured_tags: None,
        created_at: None,
        keys: Vec::new(),
        uri,
    }
}

/// Posts that arrive, without anything to count and with two hashtags and a link.
async fn arrivals(instance: &Instance, store: &Store) {
    let author = accounts::receive_actor(instance, stranger()).await.unwrap();
    let mut chance = Chance(7);
    for (name, counts) in [
        ("an arriving post with nothing in it", false),
        ("an arriving post with two hashtags and a link", true),
    ] {
        let (before, mut times) = (store.statement_count(), Vec::new());
        for n in 0..ARRIVING {
            let tag = |chance: &mut Chance| {
                let name = format!("tag{}", chance.rank(TAGS));
                TagView {
                    display_name: name.clone(),
                    name,
                }
            };
            let link = chance.rank(LINKS);
            let link = format!("https://site{}.example/{link}", link % 1_500);
            let (tags, content) = if counts {
                (
                    vec![tag(&mut chance), tag(&mut chance)],
                    format!("<p>read <a href=\"{link}\">this</a></p>"),
                )
            } else {
                (Vec::new(), "<p>a few words</p>".to_owned())
            };
            let status = RemoteStatus {
                uri: format!("https://far.example/statuses/{counts}{n}"),
                url: None,
                account_id: author.id,
                in_reply_to_uri: None,
                conversation_uri: None,
                content,
                spoiler_text: String::new(),
                sensitive: false,
                visibility: Visibility::Public,
                language: None,
                published: instance.now(),
                updated: None,
                mentions: Vec::new(),
                tags,
                media: Vec::new(),
                poll: None,
                emojis: Vec::new(),
                rules: None,
                quote: None,
                quote_policy: QuotePolicy::default(),
                replies: Vec::new(),
                expires_at: None,
            };
            let begun = Instant::now();
            statuses::receive(instance, status, Arrival::Relayed)
                .await
                .unwrap();
            times.push(begun.elapsed());
        }
        line(name, times, store.statement_count() - before);
    }
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let count: i64 = args.get(2).and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().unwrap();
    let url = match args.get(1).map(String::as_str) {
        Some("postgres") => DatabaseUrl::Postgres(std::env::var("POUET_TEST_POSTGRES_URL").unwrap()),
        _ => DatabaseUrl::Sqlite(folder.path().join("bench.sqlite3").to_str().unwrap().to_owned()),
    };
    let store = Store::open(&StoreSettings {
        url,
        pool_size: 4,
        count_statements: true,
    })
    .unwrap();
    let instance = instance(store.clone());
    fill(&instance, &store, count).await;
    looks(&instance, &store).await;
    arrivals(&instance, &store).await;
    looks(&instance, &store).await;
}
