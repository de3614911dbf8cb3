//! The index of words: both databases find what the matcher finds.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use pouet_model::{
    ids::{AccountId, ConversationId, StatusId},
    search::{AuthorName, Document, Expression, Property, Query, Source},
    status::{Status, Visibility},
};
use pouet_storage::{
    Conn, Result,
    accounts::{NewLocalAccount, insert_local_account},
    conversations::insert_conversation,
    search_index::{
        Found, INDEX_BELOW, Order, Range, count_documents, insert_document, list_matching,
        list_matching_among, replace_documents,
    },
    settings,
    statuses::{delete_status, insert_status},
};

use crate::on_each_store;

const ADA: AccountId = AccountId(1);

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn account(conn: &mut Conn) -> Result<()> {
    let new = NewLocalAccount {
        id: ADA,
        username: "ada".to_owned(),
        created_at: now(),
        locked: false,
        discoverable: false,
        indexable: true,
    };
    insert_local_account(conn, &new)
}

fn status(conn: &mut Conn, id: i64) -> Result<()> {
    let status = Status {
        id: StatusId(id),
        account_id: ADA,
        uri: None,
        url: None,
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: None,
        conversation_id: ConversationId(1),
        text: String::new(),
        content: String::new(),
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
        created_at: now(),
        edited_at: None,
        local_only: false,
        expires_at: None,
    };
    insert_status(conn, &status, false)
}

fn document(text: &str, properties: &[Property]) -> Document {
    Document::new(&Source {
        author: ADA,
        texts: vec![text.to_owned(), "a second part".to_owned()],
        tags: vec!["boats".to_owned()],
        language: Some("fr".to_owned()),
        properties: properties.to_vec(),
    })
}

fn expression(query: &str) -> Expression {
    Query::parse(query).expression(|name| (*name == AuthorName::Me).then_some(ADA))
}

fn find(conn: &mut Conn, query: &str, limit: i64) -> Found {
    list_matching(conn, &expression(query), everything(Order::NewestFirst), limit).unwrap()
}

fn everything(order: Order) -> Range {
    Range {
        above: i64::MIN,
        below: i64::MAX,
        order,
    }
}

/// All that fits, read part by part; and how many parts there were.
fn walk(conn: &mut Conn, query: &str, order: Order, limit: i64) -> (Vec<StatusId>, usize) {
    let (mut ids, mut parts, mut range) = (Vec::new(), 0, everything(order));
    loop {
        let found = list_matching(conn, &expression(query), range, limit).unwrap();
        let is_full = found.ids.len() as i64 == limit;
        let last = found.ids.last().filter(|_| is_full).map(|last| last.0);
        parts += 1;
        ids.extend(found.ids);
        match found.unread_after.or(last) {
            Some(after) => range = range.after(after),
            None => return (ids, parts),
        }
    }
}

/// Has PostgreSQL believe that the index is large.
fn pretend_large(conn: &mut Conn) {
    if let Conn::Postgres(conn) = conn {
        conn.batch_execute("UPDATE pg_class SET reltuples = 1e8 WHERE oid = 'status_search'::regclass")
            .unwrap();
    }
}

/// A small generator with a seed (Numerical Recipes, 7.1), so that a failure comes again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const WORDS: [&str; 22] = [
    "tiger",
    "TIGER",
    "purple",
    "don't",
    "l'été",
    "ete",
    "東京",
    "京都",
    "都",
    "日本語",
    "日",
    "กสวัสดี",
    "서울에서",
    "a",
    "b",
    "🎉",
    "Straße",
    "strasse",
    "naïve",
    "x_y",
    "…",
    "1984",
];

const OPERATORS: [&str; 12] = [
    "from:me",
    "from:nobody",
    "has:media",
    "has:image",
    "is:reply",
    "lang:fr",
    "lang:en",
    "#boats",
    "#bees",
    "before:1971",
    "in:library",
    "second",
];

fn random_query(chance: &mut Chance) -> String {
    let mut terms = Vec::new();
    for _ in 0..=chance.below(3) {
        let sign = chance.one_of(&["", "", "", "-"]);
        let term = match chance.below(5) {
            0 => chance.one_of(&OPERATORS).to_owned(),
            1 => format!("\"{} {}\"", chance.one_of(&WORDS), chance.one_of(&WORDS)),
            2 => format!("{}{}", chance.one_of(&WORDS), chance.one_of(&WORDS)),
            _ => chance.one_of(&WORDS).to_owned(),
        };
        terms.push(format!("{sign}{term}"));
    }
    terms.join(" ")
}

#[tokio::test]
async fn matcher_and_index_agree() {
    on_each_store(async |store| {
        store
            .write(|conn| {
                let mut chance = Chance(47);
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                let mut documents = Vec::new();
                for id in 1..=150 {
                    let words: Vec<&str> = (0..=chance.below(6)).map(|_| chance.one_of(&WORDS)).collect();
                    let properties: &[Property] = match chance.below(3) {
                        0 => &[Property::Media, Property::Image],
                        1 => &[Property::Reply],
                        _ => &[],
                    };
                    status(conn, id)?;
                    documents.push((StatusId(id), document(&words.join(" "), properties)));
                }
                replace_documents(conn, &documents)?;
                let mut found_some = 0;
                for _ in 0..600 {
                    let query = random_query(&mut chance);
                    let wanted = expression(&query);
                    let mut expected: Vec<StatusId> = documents
                        .iter()
                        .filter(|(id, document)| wanted.covers(*id) && wanted.matches(document))
                        .map(|(id, _)| *id)
                        .collect();
                    expected.reverse();
                    let mut found = find(conn, &query, 1000);
                    assert_eq!(found.unread_after, None);
                    found.ids.retain(|id| wanted.covers(*id));
                    assert_eq!(found.ids, expected, "{query:?}");
                    found_some += usize::from(!expected.is_empty());
                }
                assert!(found_some > 150, "{found_some} queries found something");
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

/// What would mean something to a database, means nothing there.
#[tokio::test]
async fn sec_R095_queries_are_never_syntax() {
    const HOSTILE: [&str; 45] = [
        "\"",
        "\"\"\"",
        "'",
        "''",
        "' | '",
        "tiger' & 'x",
        "tiger OR lion",
        "NEAR(tiger lion, 5)",
        "tiger AND",
        "NOT",
        "AND NOT",
        "tokens:tiger",
        "{tokens} : tiger",
        "-tokens:x",
        "^tiger",
        "tiger*",
        "tig*",
        "tiger:*",
        "tiger:A",
        "!tiger",
        "(tiger",
        ")",
        "tiger <-> lion",
        "tiger <2> lion",
        "tiger & ",
        "|",
        "\\",
        "\\'",
        "tiger\\",
        "%",
        "_",
        "tiger; DROP TABLE statuses",
        "\u{0}",
        "tiger\u{0}lion",
        "\u{ff07}\u{ff02}",
        "＝media",
        "＠1",
        "＃boats",
        "·",
        "＝any",
        "$1",
        "?1",
        "rank MATCH 'x'",
        "\u{1f9d1}\u{200d}\u{1f4bb}",
        "a\u{300}\u{300}\u{300}",
    ];
    on_each_store(async |store| {
        store
            .write(|conn| {
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                status(conn, 5)?;
                insert_document(conn, StatusId(5), &document("one tiger", &[Property::Media]))?;
                for query in HOSTILE {
                    let wanted = expression(query);
                    let expected = wanted.matches(&document("one tiger", &[Property::Media]));
                    for query in [query.to_owned(), format!("-{query}"), format!("\"{query}\"")] {
                        list_matching(conn, &expression(&query), everything(Order::NewestFirst), 10)
                            .unwrap_or_else(|error| panic!("{query:?}: {error}"));
                    }
                    assert_eq!(
                        find(conn, query, 10).ids.len(),
                        usize::from(expected),
                        "{query:?}"
                    );
                }
                assert_eq!(find(conn, "tiger", 10).ids, [StatusId(5)]);
                for query in ["tig*", "＝media", "＠1", "＝any", "＃boats x"] {
                    assert!(find(conn, query, 10).ids.is_empty(), "{query}");
                }
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn words_go_with_their_status() {
    on_each_store(async |store| {
        store
            .write(|conn| {
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                for id in 1..=3 {
                    status(conn, id)?;
                    insert_document(conn, StatusId(id), &document("tiger", &[]))?;
                }
                replace_documents(conn, &[(StatusId(2), document("lion", &[]))])?;
                assert_eq!(find(conn, "tiger", 10).ids, [StatusId(3), StatusId(1)]);
                assert_eq!(find(conn, "lion", 10).ids, [StatusId(2)]);
                delete_status(conn, StatusId(3))?;
                assert_eq!(find(conn, "tiger", 10).ids, [StatusId(1)]);
                assert_eq!(count_documents(conn)?, 2);
                // However it goes: here with its author.
                conn.batch_execute("DELETE FROM accounts")?;
                assert_eq!(count_documents(conn)?, 0);
                assert_eq!(find(conn, "lion", 10).ids, []);
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_newest_are_found_first_however_common_a_word_is() {
    on_each_store(async |store| {
        store
            .write(|conn| {
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                let mut documents = Vec::new();
                for id in 1..=2300 {
                    status(conn, id)?;
                    let text = if id % 100 == 7 { "common rare" } else { "common" };
                    documents.push((StatusId(id), document(text, &[])));
                }
                replace_documents(conn, &documents)?;
                let newest = find(conn, "common", 3);
                assert_eq!(newest.ids, [StatusId(2300), StatusId(2299), StatusId(2298)]);
                let all = find(conn, "common", 5000).ids;
                let expected: Vec<StatusId> = (1..=2300).rev().map(StatusId).collect();
                assert_eq!(all, expected);
                let rare = find(conn, "rare", 50).ids;
                let expected: Vec<StatusId> = (0..23).rev().map(|n| StatusId(n * 100 + 7)).collect();
                assert_eq!(rare, expected);
                let mut range = Range {
                    above: 107,
                    below: 407,
                    order: Order::NewestFirst,
                };
                let between = list_matching(conn, &expression("rare"), range, 50)?;
                assert_eq!(between.ids, [StatusId(307), StatusId(207)]);
                range.order = Order::OldestFirst;
                let upwards = list_matching(conn, &expression("rare"), range, 1)?;
                assert_eq!(upwards.ids, [StatusId(207)]);
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

/// PostgreSQL reads the first rows one by one and asks its index of words for the others; both find the same.
#[tokio::test]
async fn matcher_and_index_agree_on_older_statuses() {
    on_each_store(async |store| {
        store
            .write(|conn| {
                let mut chance = Chance(11);
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                let mut documents = Vec::new();
                for id in 1..=2500 {
                    status(conn, id)?;
                    let words: Vec<&str> = (0..=chance.below(6)).map(|_| chance.one_of(&WORDS)).collect();
                    // Few are among the newest, and few of those that are not.
                    let text = if id % 20 == 0 {
                        words.join(" ")
                    } else {
                        "filler".to_owned()
                    };
                    documents.push((StatusId(id), document(&text, &[])));
                }
                replace_documents(conn, &documents)?;
                for large in [false, true] {
                    if large {
                        pretend_large(conn);
                    }
                    for _ in 0..120 {
                        let query = random_query(&mut chance);
                        let wanted = expression(&query);
                        let mut expected: Vec<StatusId> = documents
                            .iter()
                            .filter(|(id, document)| wanted.covers(*id) && wanted.matches(document))
                            .map(|(id, _)| *id)
                            .collect();
                        let (mut upwards, _) = walk(conn, &query, Order::OldestFirst, 3000);
                        upwards.retain(|id| wanted.covers(*id));
                        assert_eq!(upwards, expected, "{query:?}");
                        expected.reverse();
                        let (mut downwards, _) = walk(conn, &query, Order::NewestFirst, 70);
                        downwards.retain(|id| wanted.covers(*id));
                        assert_eq!(downwards, expected, "{query:?}");
                    }
                }
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

/// A phrase may be rare although each of its words is in most statuses: it is found at once on either database.
#[tokio::test]
async fn a_rare_phrase_of_common_words_is_found_at_once() {
    on_each_store(async |store| {
        store
            .write(|conn| {
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                let mut documents = Vec::new();
                for id in 1..=4500 {
                    status(conn, id)?;
                    let text = match id {
                        100 => "of the sea",
                        200 => "it is what it is",
                        300 => "仕事中に日本語",
                        _ => "the end of it is what is it of 日本へ 中に",
                    };
                    documents.push((StatusId(id), document(text, &[])));
                }
                replace_documents(conn, &documents)?;
                pretend_large(conn);
                for (query, id) in [
                    ("\"of the\"", 100),
                    ("\"of the\" has:media", 0),
                    ("\"of the\" -\"it is\"", 100),
                    ("\"it is what it\"", 200),
                    ("\"what it\"", 200),
                    ("事中に日本", 300),
                    // What nobody wrote.
                    ("\"of submarines\"", 0),
                    ("\"the it\"", 0),
                ] {
                    let expected: Vec<StatusId> = (id > 0).then_some(StatusId(id)).into_iter().collect();
                    let found = find(conn, query, 50);
                    assert_eq!((found.ids, found.unread_after), (expected, None), "{query}");
                }
                // Not all documents say yet which words are neighbours: it takes longer.
                settings::upsert_setting(conn, INDEX_BELOW, "4400")?;
                let (found, _) = walk(conn, "\"of the\"", Order::NewestFirst, 1);
                assert_eq!(found, [StatusId(100)]);
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

/// What is left out of what is common is no reason to read everything at once.
#[tokio::test]
async fn what_lacks_a_common_word_is_looked_for_in_parts() {
    on_each_store(async |store| {
        store
            .write(|conn| {
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                let mut documents = Vec::new();
                for id in 1..=4500 {
                    status(conn, id)?;
                    let text = if id == 100 { "the sea" } else { "the end of it" };
                    documents.push((StatusId(id), document(text, &[])));
                }
                replace_documents(conn, &documents)?;
                pretend_large(conn);
                let (found, parts) = walk(conn, "the -end", Order::NewestFirst, 1);
                assert_eq!(found, [StatusId(100)]);
                if matches!(conn, Conn::Postgres(_)) {
                    assert!(parts > 2, "in {parts} parts");
                }
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}

/// Of a few statuses those that fit, however many others do.
#[tokio::test]
async fn the_index_answers_for_given_statuses() {
    on_each_store(async |store| {
        store
            .write(|conn| {
                let mut chance = Chance(5);
                account(conn)?;
                insert_conversation(conn, ConversationId(1), None)?;
                let mut documents = Vec::new();
                for id in 1..=1500 {
                    let words: Vec<&str> = (0..=chance.below(4)).map(|_| chance.one_of(&WORDS)).collect();
                    status(conn, id)?;
                    documents.push((StatusId(id), document(&words.join(" "), &[Property::Media])));
                }
                replace_documents(conn, &documents)?;
                let mut found_some = 0;
                for _ in 0..150 {
                    let query = random_query(&mut chance);
                    let wanted = expression(&query);
                    let every = 1 + chance.below(90);
                    let asked: Vec<StatusId> = (1..=1500).rev().step_by(every).map(StatusId).collect();
                    let fits = |id: &StatusId, document: &Document| {
                        asked.contains(id) && wanted.covers(*id) && wanted.matches(document)
                    };
                    let expected: Vec<StatusId> = documents
                        .iter()
                        .filter(|(id, document)| fits(id, document))
                        .map(|(id, _)| *id)
                        .collect();
                    let mut found = list_matching_among(conn, &wanted, &asked)?;
                    found.retain(|id| wanted.covers(*id));
                    found.sort_unstable();
                    assert_eq!(found, expected, "{query:?}");
                    found_some += usize::from(!expected.is_empty());
                }
                assert!(found_some > 40, "{found_some} queries found something");
                assert_eq!(list_matching_among(conn, &expression("tiger"), &[])?, []);
                Ok::<_, pouet_storage::Error>(())
            })
            .await
            .unwrap();
    })
    .await;
}
