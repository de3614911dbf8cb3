//! What a query asks of a document.

use super::Document;
use crate::ids::StatusId;

/// Tokens that have to stand side by side, at least one.
pub type Phrase = Vec<String>;

/// A query over tokens, with the ids that its dates stand for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expression {
    /// Of each group one phrase has to be there. There is at least one group; an empty one fits nothing.
    pub all: Vec<Vec<Phrase>>,
    /// Of each group one phrase has to be missing; no group is empty.
    pub none: Vec<Vec<Phrase>>,
    /// Smallest id.
    pub from: i64,
    /// The id before which it ends.
    pub until: i64,
    /// Spans of ids, first and end, that are left out.
    pub outside: Vec<(i64, i64)>,
}

impl Expression {
    /// Whether nothing can fit.
    pub fn is_impossible(&self) -> bool {
        self.from >= self.until || self.all.iter().any(Vec::is_empty)
    }

    /// Whether a status of this id was written when the query wants.
    pub fn covers(&self, id: StatusId) -> bool {
        (self.from..self.until).contains(&id.0)
            && !self
                .outside
                .iter()
                .any(|(first, end)| (*first..*end).contains(&id.0))
    }

    /// A wider one that asks for the same words, wherever they stand.
    #[must_use]
    pub fn loosened(&self) -> Self {
        let mut all = Vec::with_capacity(self.all.len());
        for group in &self.all {
            match group.as_slice() {
                [phrase] => all.extend(phrase.iter().map(|word| vec![vec![word.clone()]])),
                several => {
                    let first = several.iter().filter_map(|phrase| phrase.first());
                    all.push(first.map(|word| vec![word.clone()]).collect());
                }
            }
        }
        Self {
            all,
            none: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether a document has what the query asks for. Dates are [`covers`](Self::covers)' business.
    pub fn matches(&self, document: &Document) -> bool {
        let tokens = document.tokens();
        let has = |phrase: &Phrase| {
            phrase.split_first().is_some_and(|(first, rest)| {
                let mut places = document.places(first);
                places.any(|place| tokens[place + 1..].starts_with(rest))
            })
        };
        self.all.iter().all(|group| group.iter().any(has))
            && self.none.iter().all(|group| !group.iter().all(has))
    }
}
