//! Which scheme to sign with, for a peer that may know only one of them.
//!
//! A peer that answers 400 or 401 gets the request once more in the other scheme, and the scheme that worked is
//! remembered for its host. Everything here is pure but the memory.

use std::time::Duration;

use super::Scheme;

/// What is tried first on an unknown host.
const DEFAULT: Scheme = Scheme::Cavage;
/// How long a scheme that worked is remembered.
const REMEMBER: Duration = Duration::from_hours(30 * 24);
/// How many hosts are remembered. A forgotten one costs a second request.
const MAX_HOSTS: u64 = 20_000;

/// One attempt of at most two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knock {
    scheme: Scheme,
    second: bool,
}

/// What to do after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Send the request again, signed for this attempt.
    Again(Knock),
    /// The answer stands. Remember the scheme for the host, if there is one.
    Settled(Option<Scheme>),
}

impl Knock {
    /// The first attempt, with the scheme that worked last or the default.
    pub fn first(remembered: Option<Scheme>) -> Self {
        Self {
            scheme: remembered.unwrap_or(DEFAULT),
            second: false,
        }
    }

    /// The scheme to sign this attempt with.
    pub fn scheme(self) -> Scheme {
        self.scheme
    }

    /// What the status of the answer to this attempt means.
    ///
    /// Only 400 and 401 can be about the signature. When both schemes get one of them the fault lies elsewhere, and the
    /// host goes back to the default. A request without an answer says nothing: do not call this for it.
    pub fn after(self, status: u16) -> Next {
        let refused = matches!(status, 400 | 401);
        match (refused, self.second) {
            (true, false) => Next::Again(Self {
                scheme: self.scheme.other(),
                second: true,
            }),
            (true, true) => Next::Settled(Some(DEFAULT)),
            (false, true) => Next::Settled(Some(self.scheme)),
            (false, false) => Next::Settled(None),
        }
    }
}

/// Remembers which scheme worked for which host. Lost on restart, which costs one request per host.
#[derive(Debug, Clone)]
pub struct SchemeMemory {
    hosts: moka::sync::Cache<String, Scheme>,
}

impl Default for SchemeMemory {
    fn default() -> Self {
        Self {
            hosts: moka::sync::Cache::builder()
                .max_capacity(MAX_HOSTS)
                .time_to_live(REMEMBER)
                .build(),
        }
    }
}

impl SchemeMemory {
    /// The scheme that worked for `host` (with its port where it has one).
    pub fn get(&self, host: &str) -> Option<Scheme> {
        self.hosts.get(host)
    }

    /// Remembers that `scheme` worked for `host`. The default is not worth remembering.
    pub fn remember(&self, host: &str, scheme: Scheme) {
        if scheme == DEFAULT {
            self.hosts.invalidate(host);
        } else {
            self.hosts.insert(host.to_owned(), scheme);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schemes tried on a peer that answers with `statuses` in turn, and what is remembered.
    fn knock(remembered: Option<Scheme>, statuses: &[u16]) -> (Vec<Scheme>, Option<Scheme>) {
        let mut tried = Vec::new();
        let mut attempt = Knock::first(remembered);
        for status in statuses {
            tried.push(attempt.scheme());
            match attempt.after(*status) {
                Next::Again(next) => attempt = next,
                Next::Settled(remember) => return (tried, remember),
            }
        }
        panic!("more attempts than statuses");
    }

    #[test]
    fn fed_114_the_other_scheme_is_tried_once_on_400_and_401_only() {
        use Scheme::{Cavage, Rfc9421};
        for (remembered, statuses, tried, remember) in [
            (None, &[202][..], &[Cavage][..], None),
            (None, &[401, 202], &[Cavage, Rfc9421], Some(Rfc9421)),
            (None, &[400, 200], &[Cavage, Rfc9421], Some(Rfc9421)),
            (None, &[401, 401], &[Cavage, Rfc9421], Some(Cavage)),
            (None, &[401, 400], &[Cavage, Rfc9421], Some(Cavage)),
            (None, &[401, 500], &[Cavage, Rfc9421], Some(Rfc9421)),
            (None, &[403], &[Cavage], None),
            (None, &[404], &[Cavage], None),
            (None, &[410], &[Cavage], None),
            (None, &[500], &[Cavage], None),
            (None, &[302], &[Cavage], None),
            (Some(Rfc9421), &[202], &[Rfc9421], None),
            (Some(Rfc9421), &[401, 202], &[Rfc9421, Cavage], Some(Cavage)),
            (Some(Rfc9421), &[401, 401], &[Rfc9421, Cavage], Some(Cavage)),
            (Some(Rfc9421), &[403], &[Rfc9421], None),
        ] {
            let expected = (tried.to_vec(), remember);
            assert_eq!(knock(remembered, statuses), expected, "{statuses:?}");
        }
    }

    #[test]
    fn fed_114_what_worked_is_kept_per_host() {
        let memory = SchemeMemory::default();
        memory.remember("a.test", Scheme::Rfc9421);
        assert_eq!(memory.get("a.test"), Some(Scheme::Rfc9421));
        assert_eq!(memory.get("b.test"), None);
        memory.remember("a.test", Scheme::Cavage);
        assert_eq!(memory.get("a.test"), None);
    }
}
