//! Which of the documents that fit a query fit it best.
//!
//! All of them have all the words. What counts is how often the words stand in a text, measured by its length (the formula
//! of BM25), how near they stand to each other, and a little how new the status is. How rare a word is does not count: that
//! would have to be asked of the whole index, and the two databases would answer differently.
//!
//! Source: <https://en.wikipedia.org/wiki/Okapi_BM25>

use chrono::{DateTime, TimeDelta, Utc};

use super::{Document, Expression, Phrase, document::is_word};
use crate::ids::{StatusId, time_of};

/// How soon it counts no more that a word is there once again (`k1` of BM25).
const SATURATION: f64 = 1.2;
/// How much the length of a text counts (`b` of BM25).
const LENGTH_COUNTS: f64 = 0.75;
/// After this time the part of the score that age can take has halved.
const HALF_LIFE: TimeDelta = TimeDelta::days(30);
/// What is left of the score of something very old.
const OLDEST: f64 = 0.5;

/// Puts documents that fit a query into the order in which they fit best at the time `now`; those that fit alike, newest
/// first. A query without words has nothing but the time.
pub fn rank(
    expression: &Expression,
    documents: &[(StatusId, Document)],
    now: DateTime<Utc>,
) -> Vec<StatusId> {
    let words: Vec<&Phrase> = expression
        .all
        .iter()
        .flatten()
        .filter(|phrase| is_text(phrase))
        .collect();
    let lengths: Vec<f64> = documents.iter().map(|(_, document)| length(document)).collect();
    let average = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
    let mut scored: Vec<(f64, StatusId)> = documents
        .iter()
        .zip(&lengths)
        .map(|((id, document), length)| {
            let score = score(&words, document, length / average.max(1.0));
            (score * freshness(now - time_of(id.0)), *id)
        })
        .collect();
    scored.sort_by(|(left, left_id), (right, right_id)| right.total_cmp(left).then(right_id.cmp(left_id)));
    scored.into_iter().map(|(_, id)| id).collect()
}

fn is_text(phrase: &Phrase) -> bool {
    phrase.iter().all(|token| is_word(token))
}

/// Words of a text.
fn length(document: &Document) -> f64 {
    document.tokens().iter().filter(|token| is_word(token)).count() as f64
}

/// Between [`OLDEST`] and one.
fn freshness(age: TimeDelta) -> f64 {
    let half_lives = age.num_seconds().max(0) as f64 / HALF_LIFE.num_seconds() as f64;
    OLDEST + (1.0 - OLDEST) * (-half_lives).exp2()
}

/// How well the words of a document fit; `length`: of its text, as a part of the average.
fn score(words: &[&Phrase], document: &Document, length: f64) -> f64 {
    if words.is_empty() {
        return 1.0;
    }
    let weight = SATURATION * (1.0 - LENGTH_COUNTS + LENGTH_COUNTS * length);
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut often = 0.0;
    for (word, phrase) in words.iter().enumerate() {
        let before = places.len();
        places.extend(document.places_of(phrase).map(|place| (place, word)));
        let count = (places.len() - before) as f64;
        often += count * (SATURATION + 1.0) / (count + weight);
    }
    places.sort_unstable();
    often / words.len() as f64 + nearness(words, &places)
}

/// One if all words stand side by side somewhere, less the farther they are apart where they are nearest; zero if there is
/// but one. `places`: where they begin, in order, each with the number of its word.
fn nearness(words: &[&Phrase], places: &[(usize, usize)]) -> f64 {
    if words.len() < 2 {
        return 0.0;
    }
    let tokens: usize = words.iter().map(|phrase| phrase.len()).sum();
    let (mut seen, mut missing, mut first) = (vec![0_usize; words.len()], words.len(), 0);
    let mut best = 0.0_f64;
    for (place, word) in places {
        missing -= usize::from(seen[*word] == 0);
        seen[*word] += 1;
        // As long as the window holds all words, its beginning moves on.
        while missing == 0 {
            let (begin, dropped) = places[first];
            let width = (place + words[*word].len()).saturating_sub(begin).max(tokens);
            best = best.max(tokens as f64 / width as f64);
            seen[dropped] -= 1;
            missing += usize::from(seen[dropped] == 0);
            first += 1;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{AccountId, first_id_at},
        search::{Query, Source},
    };

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_795_000_000_000).expect("a time")
    }

    /// The texts, which were written so many days ago, in the order of the query.
    fn ranked<'a>(query: &str, texts: &[(&'a str, i64)]) -> Vec<&'a str> {
        let expression = Query::parse(query).expression(|_| Some(AccountId(1)));
        let id = |days: i64| StatusId(first_id_at(now() - TimeDelta::days(days)));
        let documents: Vec<(StatusId, Document)> = texts
            .iter()
            .map(|(text, days)| {
                let source = Source {
                    author: AccountId(1),
                    texts: vec![(*text).to_owned()],
                    tags: vec!["boats".to_owned()],
                    language: None,
                    properties: Vec::new(),
                };
                (id(*days), Document::new(&source))
            })
            .collect();
        rank(&expression, &documents, now())
            .into_iter()
            .filter_map(|found| texts.iter().find(|(_, days)| id(*days) == found))
            .map(|(text, _)| *text)
            .collect()
    }

    #[test]
    fn what_fits_best_comes_first() {
        for (query, best, worse) in [
            (
                "tiger",
                "tiger",
                "one tiger among very many other words of a long text that is about something else",
            ),
            ("tiger", "a tiger hunts a tiger", "a tiger hunts a lion"),
            (
                "old tiger",
                "an old tiger sleeps under a tree",
                "an old man sees a tiger",
            ),
            (
                "old tiger",
                "the tiger old as time",
                "the old and very tired tiger",
            ),
            (
                "\"old tiger\" cat",
                "cat of the old tiger",
                "cat, which is none of your old tiger",
            ),
            (
                "日本語 勉強",
                "日本語の勉強を始めた今日は",
                "勉強は楽しいけれど難しい日本語",
            ),
        ] {
            // The better one is the older one: age decides little.
            assert_eq!(ranked(query, &[(worse, 1), (best, 3)]), [best, worse], "{query}");
        }
    }

    #[test]
    fn of_two_that_fit_alike_the_newer_one_comes_first() {
        let texts = [("an old tiger", 400), ("an old cat", 2), ("an old lion", 30)];
        let newest = ["an old cat", "an old lion", "an old tiger"];
        for query in ["old", "#boats", "from:me", "-purple", "an old"] {
            assert_eq!(ranked(query, &texts), newest, "{query}");
        }
        assert_eq!(ranked("old", &[]), Vec::<&str>::new());
    }

    #[test]
    fn what_fits_much_better_comes_before_what_is_new() {
        let texts = [
            ("tiger, tiger, burning bright: a tiger", 900),
            (
                "we went to the zoo and after a long walk saw birds, snakes, fish, and at last one tiger",
                0,
            ),
        ];
        assert_eq!(ranked("tiger", &texts)[0], texts[0].0);
    }
}
