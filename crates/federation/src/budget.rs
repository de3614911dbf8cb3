//! How much one cause may fetch: one activity, one act of a user.
//!
//! Source: rule R008.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::error::{Error, Result};

/// Fetches that one incoming activity may cause.
const ACTIVITY: u32 = 20;
/// Fetches that one act of a user may cause.
const ACT: u32 = 100;
/// Fetches that completing one thread, profile or outbox may cause.
const THREAD: u32 = 1_000;
/// How far fetching may lead: a status, its author, whom that one names...
const MAX_DEPTH: u8 = 3;

/// What may still be fetched for one cause. Clones share the count.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: Arc<AtomicU32>,
    depth: u8,
    quote_depth: u8,
}

impl Budget {
    fn new(fetches: u32) -> Self {
        Self {
            left: Arc::new(AtomicU32::new(fetches)),
            depth: 0,
            quote_depth: 0,
        }
    }

    /// For an incoming activity.
    pub(crate) fn of_activity() -> Self {
        Self::new(ACTIVITY)
    }

    /// For an act of a user.
    pub(crate) fn of_act() -> Self {
        Self::new(ACT)
    }

    /// For completing a thread, a profile or what was missed of an outbox.
    pub(crate) fn of_thread() -> Self {
        Self::new(THREAD)
    }

    /// Takes one fetch.
    ///
    /// # Errors
    /// `Budget` if none is left.
    pub(crate) fn spend(&self) -> Result<()> {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .map(|_| ())
            .map_err(|_| Error::Budget)
    }

    /// The same budget for what the document at hand refers to.
    ///
    /// # Errors
    /// `Budget` if that would lead too far.
    pub(crate) fn deeper(&self) -> Result<Self> {
        if self.depth == MAX_DEPTH {
            return Err(Error::Budget);
        }
        Ok(Self {
            left: Arc::clone(&self.left),
            depth: self.depth + 1,
            quote_depth: self.quote_depth,
        })
    }

    /// The same budget for what is fetched because it is quoted; `depth`: how many quotes lead to it.
    pub(crate) fn quoting(self, depth: u8) -> Self {
        Self {
            quote_depth: depth,
            ..self
        }
    }

    /// How many quotes lead to what is fetched.
    pub(crate) fn quote_depth(&self) -> u8 {
        self.quote_depth
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn sec_R008_fetches_of_one_cause_have_an_end() {
        let budget = Budget::of_activity();
        let deeper = budget.deeper().unwrap();
        let spent = (0..1000)
            .filter(|n| {
                if n % 2 == 0 {
                    budget.spend()
                } else {
                    deeper.spend()
                }
                .is_ok()
            })
            .count();
        assert_eq!(spent, 20);
        let mut depth = Budget::of_act();
        for _ in 0..3 {
            depth = depth.deeper().unwrap();
        }
        assert!(depth.deeper().is_err());
    }
}
