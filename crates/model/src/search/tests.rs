#![expect(non_snake_case, reason = "security rules are written with a capital R")]

use proptest::prelude::*;

use super::{tokens::Token, *};
use crate::ids::{AccountId, StatusId, first_id_at};

fn document(text: &str) -> Document {
    Document::new(&Source {
        author: AccountId(7),
        texts: vec![String::new(), text.to_owned()],
        tags: vec!["harbour_bell".to_owned()],
        language: Some("pt-BR".to_owned()),
        properties: vec![Property::Media, Property::Image],
    })
}

fn expression(query: &str) -> Expression {
    Query::parse(query).expression(|name| match name {
        AuthorName::Me => Some(AccountId(7)),
        AuthorName::Handle(handle) => (handle == "bob").then_some(AccountId(8)),
    })
}

fn finds(query: &str, text: &str) -> bool {
    expression(query).matches(&document(text))
}

#[test]
fn case_diacritics_and_forms_are_folded() {
    let table = [
        ("élève", "ELEVE"),
        ("eleve", "Élève"),
        ("STRASSE", "Straße"),
        ("strasse", "straße"),
        ("Œuvre", "oeuvre"),
        ("lodz", "Łódź"),
        ("istanbul", "İSTANBUL"),
        ("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"),
        ("елка", "Ёлка"),
        ("ＦＵＬＬ", "full"),
        ("ﬁn", "fin"),
        ("شكرا", "شُكْرًا"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
    ];
    for (query, text) in table {
        assert!(finds(query, text), "{query} in {text}");
        assert!(finds(text, query), "{text} in {query}");
    }
    assert!(!finds("かき", "がき"), "voice marks make another sound");
}

#[test]
fn names_are_folded_as_words_are_and_cut() {
    for (name, folded) in [
        ("Élodie B.", "elodie b."),
        ("ELODIE", "elodie"),
        ("Łódź ＦＭ", "lodz fm"),
        ("Ödön & Søn", "odon & son"),
        ("", ""),
        ("💚 Zoë 💚", "💚 zoe 💚"),
    ] {
        assert_eq!(fold_name(name), folded, "{name}");
        assert_eq!(fold_name(folded), folded, "{folded}");
    }
    // One character that becomes eighteen.
    let long = fold_name(&"\u{fdfa}".repeat(700));
    assert!((990..=1000).contains(&long.len()), "{}", long.len());
}

#[test]
fn words_are_whole_and_stand_anywhere() {
    assert!(finds("tiger purple", "A purple, tired TIGER!"));
    assert!(!finds("tig", "a tiger"));
    assert!(finds("don't", "I DON’T know"));
    assert!(!finds("don't", "t and don"));
    assert!(finds("snake_case", "a snake case"));
    assert!(finds("example.org/path", "https://example.org/path?x"));
    assert!(finds("🎉", "done🎉🎊"));
    assert!(finds("👍", "👍🏽 yes"));
}

#[test]
fn scripts_without_spaces_are_found_by_their_parts() {
    let text = "昨日、東京都で日本語を勉強した";
    for query in [
        "東京",
        "京都",
        "日本語",
        "語",
        "勉強した",
        "都で日本",
        "東京 日本語",
        "\"東京都で\"",
    ] {
        assert!(finds(query, text), "{query}");
    }
    for query in ["本日", "東都", "京東", "犬", "大阪"] {
        assert!(!finds(query, text), "{query}");
    }
    assert!(finds("iPhoneの", "iPhoneの価格"));
    assert!(finds("สวัสดี", "กสวัสดีครับ"));
    assert!(finds("서울", "서울에서 왔다"));
    assert!(finds("犬", "犬"));
    assert!(finds("犬", "a 犬 b"));
    assert!(finds("\"a 犬 b\"", "a 犬 b"));
}

#[test]
fn phrases_keep_words_together() {
    assert!(finds("\"purple tiger\"", "the Purple tiger"));
    assert!(!finds("\"purple tiger\"", "purple old tiger"));
    assert!(finds("“purple tiger”", "purple tiger"));
    assert!(finds("«purple tiger» cat", "cat, purple tiger"));
    assert!(finds("\"unclosed tiger", "an unclosed tiger"));
    let split = Document::new(&Source {
        author: AccountId(1),
        texts: vec!["purple".to_owned(), "tiger".to_owned()],
        tags: Vec::new(),
        language: None,
        properties: Vec::new(),
    });
    assert!(!expression("\"purple tiger\"").matches(&split), "across parts");
    assert!(expression("purple tiger").matches(&split));
}

#[test]
fn a_minus_turns_terms_round() {
    assert!(finds("tiger -lion", "a tiger"));
    assert!(!finds("tiger -lion", "a tiger and a lion"));
    assert!(finds("-lion", "a tiger"));
    assert!(!finds("-tiger", "a tiger"));
    assert!(finds("-\"old tiger\"", "tiger old"));
    assert!(!finds("-\"old tiger\"", "an old tiger"));
    assert!(finds("- tiger", "a tiger"), "a sign alone says nothing");
    assert!(finds("+tiger", "a tiger"));
}

#[test]
fn operators_ask_for_what_is_known() {
    let table = [
        ("from:me", true),
        ("from:@bob", false),
        ("from:bob from:me", true),
        ("-from:me", false),
        ("-from:bob", true),
        ("from:nobody", false),
        ("-from:nobody", true),
        ("has:media", true),
        ("has:images", true),
        ("HAS:Image", true),
        ("has:video", false),
        ("-has:video tiger", true),
        ("has:embed", false),
        ("-has:embeds", true),
        ("has:quote", false),
        ("-is:quote", true),
        ("is:reply", false),
        ("-is:reply", true),
        ("lang:pt", true),
        ("language:pt-BR", true),
        ("lang:en lang:pt", true),
        ("lang:en", false),
        ("-lang:pt", false),
        ("#Harbour_Bell", true),
        ("#harbour", false),
        ("-#harbour_bell", false),
        ("harbour", false),
    ];
    for (query, expected) in table {
        assert_eq!(finds(query, "a tiger"), expected, "{query}");
        assert!(
            Query::parse(query).has_operators() || query.contains("harbour") || query.contains("Harbour")
        );
    }
    for text in [
        "foo:bar",
        "has:boats",
        "lang:",
        "before:soon",
        "from:",
        "during:2026-13",
    ] {
        assert!(!Query::parse(text).has_operators(), "{text}");
        assert!(finds(text, text), "{text}");
    }
}

#[test]
fn dates_are_spans_of_ids() {
    let at = |time: &str| StatusId(first_id_at(time.parse().unwrap()));
    let covers = |query: &str, time: &str| expression(query).covers(at(time));
    let table = [
        ("before:2026-11-23", "2026-11-22T23:59:59.999Z", true),
        ("before:2026-11-23", "2026-11-23T00:00:00Z", false),
        ("after:2026-11-23", "2026-11-23T23:59:59.999Z", false),
        ("after:2026-11-23", "2026-11-24T00:00:00Z", true),
        ("during:2026-11-23", "2026-11-23T12:00:00Z", true),
        ("during:2026-11-23", "2026-11-24T00:00:00Z", false),
        ("during:2026-11", "2026-11-30T23:00:00Z", true),
        ("during:2026-11", "2026-12-01T00:00:00Z", false),
        ("during:2026", "2026-01-01T00:00:00Z", true),
        ("-during:2026-11-23", "2026-11-23T12:00:00Z", false),
        ("-during:2026-11-23", "2026-11-22T12:00:00Z", true),
        ("-before:2026-11-23", "2026-11-22T12:00:00Z", false),
        ("-before:2026-11-23", "2026-11-23T12:00:00Z", true),
        ("after:2026-11-23T10:00:00Z", "2026-11-23T10:00:01Z", true),
        ("before:1700000000", "2023-11-14T22:13:19Z", true),
        ("before:1700000000", "2023-11-14T22:13:21Z", false),
        ("after:2026-11-20 before:2026-11-22", "2026-11-21T10:00:00Z", true),
    ];
    for (query, time, expected) in table {
        assert_eq!(covers(query, time), expected, "{query} {time}");
    }
    assert!(expression("after:2026 before:2025").is_impossible());
}

#[test]
fn what_comes_first_is_no_condition() {
    assert_eq!(Query::parse("tiger").sort, Sort::Newest);
    assert_eq!(Query::parse("tiger sort:relevance").sort, Sort::Relevance);
    assert_eq!(
        Query::parse("SORT:Relevance tiger sort:newest").sort,
        Sort::Newest
    );
    assert!(finds("sort:relevance", "anything"));
    for text in ["sort:boats", "-sort:relevance", "sort:"] {
        assert_eq!(Query::parse(text).sort, Sort::Newest, "{text}");
        assert!(!Query::parse(text).has_operators(), "{text}");
    }
}

#[test]
fn where_to_look_is_no_condition() {
    assert_eq!(Query::parse("tiger").scope, Scope::All);
    assert_eq!(Query::parse("tiger in:library").scope, Scope::Library);
    assert_eq!(Query::parse("in:public tiger").scope, Scope::Public);
    assert!(finds("in:library", "anything"));
    for nothing in ["", "  ", "!?", "-", "\"\"", "\"..."] {
        assert!(Query::parse(nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn documents_have_a_bound() {
    let long: Vec<String> = (0..50_000).map(|n| format!("w{n} 東{n}")).collect();
    let tokens = document(&long.join(" ")).tokens().len();
    assert!((2000..=MAX_DOCUMENT_TOKENS).contains(&tokens), "{tokens}");
    let same = document(&"again ".repeat(5000));
    assert_eq!(
        same.tokens().iter().filter(|token| *token == "again").count(),
        200
    );
    let word = "x".repeat(500);
    assert!(finds(&word, &word));
}

/// What a saved search costs for everything that arrives is not its author's choice.
#[test]
fn sec_R095_a_query_has_a_bound() {
    for query in [
        "a語".repeat(500),
        format!("-{}", "a語".repeat(500)),
        "a-b 語-c ".repeat(200),
        "\"a b\" ".repeat(300),
        "-x ".repeat(600),
    ] {
        let phrases = phrases_of(&expression(&query));
        // A query that only leaves out asks for the token of all documents, too.
        assert!((1..=MAX_TERMS + 1).contains(&phrases), "{phrases} of {query}");
    }
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
        let once = fold::fold(&text).into_owned();
        prop_assert_eq!(fold::fold(&once).into_owned(), once);
    }

    /// Nothing in a token is syntax of a database, or cut by one (security rule on search injection).
    #[test]
    fn tokens_hold_no_syntax(text in any::<String>(), tag in any::<String>(), lang in any::<String>()) {
        let document = Document::new(&Source {
            author: AccountId(1),
            texts: vec![text.clone()],
            tags: vec![tag],
            language: Some(lang),
            properties: Property::ALL.to_vec(),
        });
        let expression = expression(&text);
        let phrases = expression.all.iter().chain(&expression.none).flatten().flatten();
        for token in document.tokens().iter().chain(phrases) {
            prop_assert!(!token.is_empty());
            prop_assert!(
                token.chars().all(|c| !c.is_ascii() || c.is_ascii_digit() || c.is_ascii_lowercase()),
                "{token:?}"
            );
        }
        prop_assert!(phrases_of(&expression) <= 2 * MAX_TERMS + 3);
    }

    /// A text is found by itself, quoted or not, whatever the script.
    #[test]
    fn a_text_is_found_by_its_words(text in "[a-zA-ZéßñŁ東京語カ한글สก0-9 .,']{1,40}") {
        let words: Vec<Token> = tokens::all(&text);
        prop_assume!(!words.is_empty() && !text.starts_with('-'));
        let plain = text.replace(" -", " ");
        prop_assert!(finds(&plain, &plain), "{:?}", expression(&plain));
        prop_assert!(finds(&format!("\"{plain}\""), &plain), "{:?}", expression(&plain));
    }
}

fn phrases_of(expression: &Expression) -> usize {
    expression.all.iter().chain(&expression.none).map(Vec::len).sum()
}
