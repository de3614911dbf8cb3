//! Search: any query and any text become tokens without syntax, within bounds, and a text is found by what it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pouet_model::{
    ids::AccountId,
    search::{Document, MAX_DOCUMENT_TOKENS, Query, Source},
};

fuzz_target!(|input: (&str, &str)| {
    let (query, text) = input;
    let document = Document::new(&Source {
        author: AccountId(1),
        texts: vec![text.to_owned()],
        tags: Vec::new(),
        language: None,
        properties: Vec::new(),
    });
    assert!(document.tokens().len() <= MAX_DOCUMENT_TOKENS);
    let expression = Query::parse(query).expression(|_| Some(AccountId(1)));
    let phrases = expression.all.iter().chain(&expression.none).flatten().flatten();
    for token in document.tokens().iter().chain(phrases) {
        assert!(!token.is_empty());
        assert!(token.chars().all(|c| !c.is_ascii() || c.is_ascii_digit() || c.is_ascii_lowercase()));
    }
    let _ = expression.matches(&document);
});
