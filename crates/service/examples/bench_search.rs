//! Measures search: how soon what arrives is found, and how long queries take.
//!
//! ```sh
//! cargo run --release -p pouet-service --example bench_search -- sqlite 1000000
//! cargo xtask with-postgres cargo run --release -p pouet-service --example bench_search -- postgres 1000000
//! ```
//!
//! Makes a database with so many posts of 2,000 authors, half of whom let themselves be found. Words are drawn from
//! 50,000 as languages draw them (the n-th most common word comes with a probability of about 1/n), from a fixed
//! seed.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program to be watched by whoever runs it"
)]

use std::{sync::Arc, time::Instant};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Role, User},
    ids::{AccountId, ConversationId, StatusId, first_id_at},
    search::{Document, Property, Source},
    status::{Status, Visibility},
    time::ManualClock,
    urls::Urls,
};
use pouet_service::{
    Instance, Parts,
    media::MediaStore,
    net::{NetClient, NetSettings, SystemResolver, Timeouts},
    search::{self, SearchKind, SearchQuery},
    settings::{
        DeliverySettings, FederationSettings, Limits, MediaCacheSettings, RegistrationMode,
        RetentionSettings, Settings, TrendSettings,
    },
    statuses::{self, NewStatus},
    users::{self, NewUser},
    vault::Vault,
};
use pouet_storage::{
    Conn, DatabaseUrl, Store, StoreSettings,
    accounts::{NewLocalAccount, insert_local_account},
    conversations::insert_conversation,
    interactions, search_index,
    statuses::insert_status,
};

const AUTHORS: i64 = 2000;
const VOCABULARY: usize = 50_000;
const PART: i64 = 2000;
/// Queries of each kind.
const QUERIES: usize = 200;

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

    /// A rank, the first the most common: about as Zipf found for words.
    fn rank(&mut self) -> usize {
        ((VOCABULARY as f64).powf(self.unit()) - 1.0) as usize
    }
}

/// The word of a rank: letters, so that it looks like one.
fn word(rank: usize) -> String {
    let (mut rest, mut word) = (rank + 26, String::new());
    while rest > 0 {
        word.push(char::from(b'a' + u8::try_from(rest % 26).unwrap()));
        rest /= 26;
    }
    word
}

fn start() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn post(id: i64, author: AccountId, chance: &mut Chance) -> (Status, Document) {
    let words: Vec<String> = (0..8 + chance.below(20)).map(|_| word(chance.rank())).collect();
    let text = words.join(" ");
    let language = ["en", "fr", "de", "pt"][chance.below(4)];
    let mut properties = Vec::new();
    if chance.below(5) == 0 {
        properties.extend([Property::Media, Property::Image]);
    }
    if chance.below(3) == 0 {
        properties.push(Property::Reply);
    }
    let visibility = if chance.below(5) == 0 {
        Visibility::Unlisted
    } else {
        Visibility::Public
    };
    let status = Status {
        id: StatusId(id),
        account_id: author,
        uri: None,
        url: None,
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: None,
        conversation_id: ConversationId(1),
        content: format!("<p>{text}</p>"),
        text: String::new(),
        spoiler_text: String::new(),
        sensitive: false,
        visibility,
        language: Some(language.to_owned()),
        poll_id: None,
        application_id: None,
        emojis: Vec::new(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at: start(),
        edited_at: None,
        local_only: false,
        expires_at: None,
    };
    let document = Document::new(&Source {
        author,
        texts: vec![text],
        tags: Vec::new(),
        language: Some(language.to_owned()),
        properties,
    });
    (status, document)
}

fn authors(conn: &mut Conn) -> pouet_storage::Result<()> {
    insert_conversation(conn, ConversationId(1), None)?;
    for n in 0..AUTHORS {
        let new = NewLocalAccount {
            id: AccountId(n + 1),
            username: format!("author{n}"),
            created_at: start(),
            locked: false,
            discoverable: true,
            indexable: n % 2 == 0,
        };
        insert_local_account(conn, &new)?;
    }
    Ok(())
}

/// Posts of two years up to now.
async fn fill(store: &Store, count: i64) {
    store.write(authors).await.unwrap();
    let (begun, newest) = (Instant::now(), first_id_at(start()));
    let step = (TimeDelta::days(730).num_milliseconds() << 16) / count;
    for part in 0..(count / PART).max(1) {
        let insert = move |conn: &mut Conn| {
            let mut chance = Chance(part as u64 + 1);
            let mut documents = Vec::new();
            for n in part * PART..((part + 1) * PART).min(count) {
                let id = newest - (count - n) * step;
                let author = AccountId(1 + chance.below(AUTHORS as usize) as i64);
                let (status, document) = post(id, author, &mut chance);
                insert_status(conn, &status, false)?;
                documents.push((StatusId(id), document));
            }
            for (id, document) in &documents {
                if let Conn::Sqlite(_) = conn {
                    search_index::insert_document(conn, *id, document)?;
                }
            }
            if let Conn::Postgres(_) = conn {
                search_index::replace_documents(conn, &documents)?;
            }
            Ok::<_, pouet_storage::Error>(())
        };
        store.write(insert).await.unwrap();
        if part % 50 == 49 {
            println!("{} posts after {:.0?}", (part + 1) * PART, begun.elapsed());
        }
    }
    println!("{count} posts in {:.0?}", begun.elapsed());
}

fn instance(store: Store) -> Instance {
    let origin = "https://pouet.example".parse().unwrap();
    let settings = Settings {
        urls: Urls::new(&origin, None),
        registrations: RegistrationMode::Open,
        limits: Limits::default(),
        delivery: DeliverySettings::default(),
        federation: FederationSettings::default(),
        federation_enabled: false,
        rate_limits_enabled: false,
        version: "0.0.0",
        media_cache: MediaCacheSettings::default(),
        retention: RetentionSettings::default(),
        trends: TrendSettings::default(),
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
        clock: Arc::new(ManualClock::new(start())),
        settings,
        media: MediaStore::in_memory(),
        vault: Vault::new([7; 32]),
        net: NetClient::new(net, Arc::new(SystemResolver)).unwrap(),
    })
}

async fn find(instance: &Instance, viewer: AccountId, q: String) -> usize {
    let query = SearchQuery {
        q,
        kind: Some(SearchKind::Statuses),
        limit: 20,
        ..SearchQuery::default()
    };
    let found = search::search(instance, Some(viewer), query).await.unwrap();
    found.statuses.len()
}

fn line(name: &str, mut times: Vec<f64>, results: usize) {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    println!(
        "{name:<34} p50 {:>7.1} ms  p95 {:>7.1} ms  max {:>7.1} ms  {:>5.1} results",
        at(0.5),
        at(0.95),
        at(1.0),
        results as f64 / times.len() as f64
    );
}

async fn latency(instance: &Instance, viewer: AccountId) {
    let mut chance = Chance(99);
    // Words of posts as people write them, and words from anywhere in the vocabulary, most of which are rare.
    let drawn = |chance: &mut Chance, count: usize, rare: bool| -> String {
        let rank = |chance: &mut Chance| {
            if rare {
                chance.below(VOCABULARY)
            } else {
                chance.rank()
            }
        };
        (0..count)
            .map(|_| word(rank(chance)))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let filters = [
        "",
        "has:image",
        "lang:fr -is:reply",
        "from:author6",
        "before:2026-03-01",
        "in:library",
        "sort:relevance",
    ];
    for count in 1..=3 {
        for rare in [false, true] {
            for filter in filters {
                let (mut times, mut results) = (Vec::new(), 0);
                for _ in 0..QUERIES {
                    let query = format!("{} {filter}", drawn(&mut chance, count, rare));
                    let begun = Instant::now();
                    results += find(instance, viewer, query).await;
                    times.push(begun.elapsed().as_secs_f64() * 1000.0);
                }
                let kind = if rare { "any" } else { "usual" };
                line(&format!("{count} {kind} word(s) {filter}"), times, results);
            }
        }
    }
    for query in [
        word(0),
        format!("{} {} {}", word(0), word(1), word(2)),
        format!("\"{} {}\"", word(0), word(1)),
        format!("\"{} {} {} {}\"", word(0), word(1), word(2), word(3)),
        "has:image lang:fr".to_owned(),
        format!("-{} lang:de", word(0)),
        format!("{} in:library", word(0)),
        format!("{} sort:relevance", word(0)),
    ] {
        let (mut times, mut results) = (Vec::new(), 0);
        for _ in 0..10 {
            let begun = Instant::now();
            results += find(instance, viewer, query.clone()).await;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        line(&query, times, results);
    }
}

/// From the moment a post is sent until it is found by somebody else.
async fn freshness(instance: &Instance, author: &User, viewer: AccountId) {
    let (mut times, mut stored) = (Vec::new(), Vec::new());
    for n in 0..100 {
        let begun = Instant::now();
        let new = NewStatus {
            text: format!("unseenword{n} and a few more words"),
            visibility: Some(Visibility::Public),
            ..NewStatus::default()
        };
        statuses::post(instance, author, new).await.unwrap();
        stored.push(begun.elapsed().as_secs_f64() * 1000.0);
        while find(instance, viewer, format!("unseenword{n}")).await == 0 {}
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let count = times.len();
    line("posting", stored, 0);
    line("posting until found", times, count);
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let count: i64 = args
        .get(2)
        .and_then(|count| count.parse().ok())
        .unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let url = match args.get(1).map(String::as_str) {
        Some("postgres") => DatabaseUrl::Postgres(std::env::var("POUET_TEST_POSTGRES_URL").unwrap()),
        _ => DatabaseUrl::Sqlite(folder.path().join("bench.sqlite3").to_str().unwrap().to_owned()),
    };
    let store = Store::open(&StoreSettings {
        url,
        pool_size: 4,
        count_statements: false,
    })
    .unwrap();
    fill(&store, count).await;
    let instance = instance(store.clone());
    let user = |username: &str| NewUser {
        username: username.to_owned(),
        email: format!("{username}@mail.example"),
        password: None,
        role: Role::User,
        confirmed: true,
        approved: true,
        locale: "en".to_owned(),
        reason: None,
    };
    let (ada, _) = users::create(&instance, user("ada")).await.unwrap();
    let (bob, _) = users::create(&instance, user("bob")).await.unwrap();
    let viewer = bob.account_id;
    let indexable = pouet_service::profile::ProfileChange {
        indexable: Some(true),
        ..Default::default()
    };
    pouet_service::profile::update(&instance, &ada, indexable)
        .await
        .unwrap();
    // A library: every 500th post is a favourite.
    let (newest, step) = (
        first_id_at(start()),
        (TimeDelta::days(730).num_milliseconds() << 16) / count,
    );
    let (marks, now) = (instance.clone(), instance.now());
    store
        .write(move |conn| {
            for n in (0..count).step_by(500) {
                let id = StatusId(newest - (count - n) * step);
                interactions::insert_favourite(conn, marks.next_id(), viewer, id, None, now)?;
            }
            Ok::<_, pouet_storage::Error>(())
        })
        .await
        .unwrap();
    if let DatabaseUrl::Sqlite(path) =
        &DatabaseUrl::Sqlite(folder.path().join("bench.sqlite3").display().to_string())
        && let Ok(about) = std::fs::metadata(path)
    {
        println!("{} MB with everything", about.len() / 1_000_000);
    }
    freshness(&instance, &ada, viewer).await;
    latency(&instance, viewer).await;
}
