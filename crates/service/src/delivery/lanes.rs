//! Which hosts have something waiting, and when to look at each again. Kept in memory, so that finding work never
//! means going through the table.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

/// The lanes of one worker.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: HashMap<String, Lane>,
    /// Lanes that wait, by the time to look at them.
    waiting: BTreeSet<(DateTime<Utc>, String)>,
}

#[derive(Debug)]
enum Lane {
    /// Look at it then.
    Waiting(DateTime<Utc>),
    /// A request is under way; when it ends, look again at this time at the latest.
    Busy(Option<DateTime<Utc>>),
}

impl Lanes {
    /// Looks at the lane of `host` at `at` or earlier.
    pub(super) fn wake(&mut self, host: &str, at: DateTime<Utc>) {
        match self.lanes.get_mut(host) {
            Some(Lane::Busy(again)) => *again = Some(again.map_or(at, |known| known.min(at))),
            Some(Lane::Waiting(known)) if *known <= at => {}
            Some(Lane::Waiting(known)) => {
                self.waiting.remove(&(*known, host.to_owned()));
                *known = at;
                self.waiting.insert((at, host.to_owned()));
            }
            None => {
                self.lanes.insert(host.to_owned(), Lane::Waiting(at));
                self.waiting.insert((at, host.to_owned()));
            }
        }
    }

    /// Takes up to `limit` lanes whose time has come; they are busy until [`end`](Self::end) is called.
    pub(super) fn take_due(&mut self, now: DateTime<Utc>, limit: usize) -> Vec<String> {
        let mut due = Vec::new();
        while due.len() < limit
            && let Some((at, _)) = self.waiting.first()
            && *at <= now
            && let Some((_, host)) = self.waiting.pop_first()
        {
            self.lanes.insert(host.clone(), Lane::Busy(None));
            due.push(host);
        }
        due
    }

    /// A busy lane is free again; look at it at `next`, or at the time it was woken for meanwhile. With neither, the
    /// lane is empty and forgotten.
    pub(super) fn end(&mut self, host: &str, next: Option<DateTime<Utc>>) {
        let woken = match self.lanes.remove(host) {
            Some(Lane::Busy(again)) => again,
            Some(Lane::Waiting(at)) => {
                self.waiting.remove(&(at, host.to_owned()));
                Some(at)
            }
            None => None,
        };
        if let Some(at) = next.into_iter().chain(woken).min() {
            self.wake(host, at);
        }
    }

    /// When the next waiting lane is to be looked at.
    pub(super) fn next_due(&self) -> Option<DateTime<Utc>> {
        self.waiting.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pouet_model::time::from_millis as at;

    #[test]
    fn lanes_are_taken_in_the_order_of_their_times() {
        let mut lanes = Lanes::default();
        for (host, time) in [("c", 3), ("a", 1), ("b", 2), ("d", 9)] {
            lanes.wake(host, at(time));
        }
        assert_eq!(lanes.next_due(), Some(at(1)));
        assert_eq!(lanes.take_due(at(5), 2), ["a", "b"]);
        assert_eq!(lanes.take_due(at(5), 2), ["c"]);
        assert_eq!(lanes.take_due(at(5), 2), [""; 0]);
        assert_eq!(lanes.next_due(), Some(at(9)));
    }

    #[test]
    fn a_busy_lane_is_not_taken_twice_and_remembers_news() {
        let mut lanes = Lanes::default();
        lanes.wake("a", at(1));
        assert_eq!(lanes.take_due(at(1), 9), ["a"]);
        lanes.wake("a", at(1));
        assert_eq!(lanes.take_due(at(9), 9), [""; 0]);
        lanes.end("a", None);
        assert_eq!(lanes.take_due(at(9), 9), ["a"], "news came while it was busy");
        lanes.end("a", None);
        assert!(lanes.lanes.is_empty() && lanes.waiting.is_empty());
    }

    #[test]
    fn the_earliest_wish_counts() {
        let mut lanes = Lanes::default();
        lanes.wake("a", at(5));
        lanes.wake("a", at(9));
        lanes.wake("a", at(3));
        assert_eq!(lanes.next_due(), Some(at(3)));
        assert_eq!(lanes.take_due(at(3), 9), ["a"]);
        lanes.wake("a", at(7));
        lanes.end("a", Some(at(6)));
        assert_eq!(lanes.next_due(), Some(at(6)));
    }
}
