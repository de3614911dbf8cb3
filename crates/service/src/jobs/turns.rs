//! How the servers whose activities are worked on share a worker (rule R096): who sends much, or keeps us waiting,
//! does not keep others waiting.

use std::{collections::HashMap, time::Duration};

use pouet_model::ids::JobId;
use pouet_storage::jobs as rows;
use tokio::time::Instant;

use super::worker::{HELD, RUNNING};
use crate::fair::Shares;

/// Claimed jobs of one other server.
const SHARE: usize = HELD / 8;
/// Of all other servers together: what happens here has room at any time.
const OF_OTHERS: usize = HELD - HELD / 4;
/// Jobs of other servers that run: the rest is for jobs of this instance.
const RUNNING_OF_OTHERS: Shares = Shares {
    all: RUNNING - 8,
    of_one: 10,
    kept: 16,
};
/// A job of another server that has run for so long waits for somebody. It takes no place from those that work, but
/// one of those for slow jobs.
const SLOW: Duration = Duration::from_secs(3);
/// Slow jobs of one other server: while it has so many, no other of its jobs begins, and what was claimed goes back.
const SLOW_OF_ONE: usize = 4;
/// Slow jobs of all of them. More take places from those that work.
const SLOW_OF_OTHERS: usize = 192;

/// What a worker has of other servers.
#[derive(Debug)]
pub(super) struct Turns {
    hosts: HashMap<String, Share>,
    /// The jobs that run, and since when.
    begun: HashMap<JobId, Begun>,
    slow_after: Duration,
}

/// What a worker has of one other server.
#[derive(Clone, Copy, Default, Debug)]
struct Share {
    held: usize,
    /// Those that run and are not slow.
    working: usize,
    slow: usize,
}

impl Share {
    fn is_slow(self) -> bool {
        self.slow >= SLOW_OF_ONE
    }
}

#[derive(Debug)]
struct Begun {
    host: String,
    at: Instant,
    is_slow: bool,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            hosts: HashMap::new(),
            begun: HashMap::new(),
            slow_after: SLOW,
        }
    }
}

impl Turns {
    /// A job of `host` was claimed.
    pub(super) fn claimed(&mut self, host: &str) {
        self.hosts.entry(host.to_owned()).or_default().held += 1;
    }

    /// A claimed job of `host` was given back before it began.
    pub(super) fn given_back(&mut self, host: &str) {
        self.end(host, |_| {});
    }

    /// A claimed job of `host` begins.
    pub(super) fn begins(&mut self, id: JobId, host: &str) {
        self.hosts.entry(host.to_owned()).or_default().working += 1;
        let begun = Begun {
            host: host.to_owned(),
            at: Instant::now(),
            is_slow: false,
        };
        self.begun.insert(id, begun);
    }

    /// A job ended; those of this instance are not known here.
    pub(super) fn ended(&mut self, id: JobId) {
        let Some(begun) = self.begun.remove(&id) else {
            return;
        };
        self.end(&begun.host, |share| {
            let place = if begun.is_slow {
                &mut share.slow
            } else {
                &mut share.working
            };
            *place = place.saturating_sub(1);
        });
    }

    fn end(&mut self, host: &str, change: impl FnOnce(&mut Share)) {
        if let Some(share) = self.hosts.get_mut(host) {
            change(share);
            share.held = share.held.saturating_sub(1);
            if share.held == 0 {
                self.hosts.remove(host);
            }
        }
    }

    /// Tells the jobs that have become slow from those that work.
    pub(super) fn find_slow(&mut self) {
        let now = Instant::now();
        for begun in self.begun.values_mut() {
            if !begun.is_slow && now - begun.at >= self.slow_after {
                begun.is_slow = true;
                if let Some(share) = self.hosts.get_mut(&begun.host) {
                    share.working = share.working.saturating_sub(1);
                    share.slow += 1;
                }
            }
        }
    }

    /// Jobs that run and are not slow, and those that are.
    fn running(&self) -> (usize, usize) {
        let shares = self.hosts.values();
        shares.fold((0, 0), |(working, slow), share| {
            (working + share.working, slow + share.slow)
        })
    }

    /// Jobs that run without a place among those that work.
    pub(super) fn set_aside(&self) -> usize {
        self.running().1.min(SLOW_OF_OTHERS)
    }

    /// Whether another job of `host` may begin.
    pub(super) fn may_begin(&self, host: &str) -> bool {
        let share = self.hosts.get(host).copied().unwrap_or_default();
        let (working, slow) = self.running();
        let taken = working + slow.saturating_sub(SLOW_OF_OTHERS);
        !share.is_slow() && RUNNING_OF_OTHERS.allow(share.working, taken)
    }

    /// Whether what was claimed of `host` should go back: it would fill places that others could have.
    pub(super) fn goes_back(&self, host: &str) -> bool {
        self.hosts.get(host).is_some_and(|share| share.is_slow())
    }

    /// Whose jobs may be claimed now.
    pub(super) fn to_claim(&self) -> rows::Turns {
        let shares = self.hosts.iter();
        let held =
            shares.map(|(host, share)| (host.clone(), if share.is_slow() { SHARE } else { share.held }));
        let taken = self.hosts.values().map(|share| share.held).sum();
        rows::Turns {
            share: SHARE,
            room: OF_OTHERS.saturating_sub(taken),
            held: held.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    /// Claims and begins as many jobs of `host` as it may.
    fn fill(turns: &mut Turns, next: &mut i64, host: &str) -> usize {
        let mut count = 0;
        while turns.may_begin(host) {
            turns.claimed(host);
            turns.begins(JobId(*next), host);
            *next += 1;
            count += 1;
        }
        count
    }

    #[test]
    fn sec_R096_many_who_keep_us_waiting_leave_places_for_others() {
        let mut turns = Turns {
            slow_after: Duration::ZERO,
            ..Turns::default()
        };
        let mut next = 1;
        for at in 0..40 {
            let host = format!("tarpit{at}.test");
            assert!(fill(&mut turns, &mut next, &host) > 0, "{host}");
            turns.find_slow();
            if turns.goes_back(&host) {
                assert!(!turns.may_begin(&host));
                assert_eq!(turns.to_claim().held[&host], SHARE);
            }
        }
        let claim = turns.to_claim();
        assert!(claim.room > 0);
        assert!(turns.may_begin("quiet.test"));
        assert!(!claim.held.contains_key("quiet.test"));
        for id in 1..next {
            turns.ended(JobId(id));
        }
        assert!(turns.hosts.is_empty() && turns.begun.is_empty());
        assert_eq!(turns.set_aside(), 0);
    }

    #[test]
    fn who_comes_late_gets_less_but_something() {
        let mut turns = Turns::default();
        let mut next = 1;
        let counts = ["a.test", "b.test", "c.test", "d.test"].map(|host| fill(&mut turns, &mut next, host));
        assert_eq!(counts, [10, 10, 10, 5]);
    }
}
