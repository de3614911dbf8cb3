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

    /// Whether a document has what the query asks for. Dates are [`covers`](Self::covers)' business.
    pub fn matches(&self, document: &Document) -> bool {
        let has = |phrase: &Phrase| document.places_of(phrase).next().is_some();
        self.all.iter().all(|group| group.iter().any(has))
            && self.none.iter().all(|group| !group.iter().all(has))
    }
}
