//! How much of our own effort one foreign host can claim.
//!
//! Per target host ten fetches a second with a burst of 300, so that a whole thread
//! loads in one go; 128 fetches at once altogether, shared by hosts so that slow ones leave room for others. Deliveries
//! have a pool of their own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::NetError;
use crate::fair::Shares;

/// Time between two fetches from one host once its burst is used up.
const INTERVAL: Duration = Duration::from_millis(100);
/// Fetches one host may receive at once after a quiet time.
const BURST: u32 = 300;
/// Fetches in flight.
const FETCHES: Shares = Shares {
    all: 128,
    of_one: 32,
    kept: 32,
};
/// When a host is a slow one.
const SLOWNESS: Slowness = Slowness {
    after: Duration::from_secs(3),
    lasts: Duration::from_mins(5),
};
/// Fetches in flight to slow hosts.
const SLOW_FETCHES: Shares = Shares {
    all: 32,
    of_one: 2,
    kept: 8,
};
/// Deliveries in flight.
const POST_SLOTS: usize = 512;
/// How long a request waits for its turn before it is given up.
const MAX_WAIT: Duration = Duration::from_secs(20);
/// Hosts remembered. A bucket is full again after half a minute, so forgetting an idle host changes nothing of it.
const MAX_HOSTS: u64 = 10_000;
const FORGET_AFTER: Duration = SLOWNESS.lasts;

/// When a host is a slow one.
#[derive(Clone, Copy, Debug)]
struct Slowness {
    /// A fetch from it took as long as this.
    after: Duration,
    /// It stays one until a fetch is quicker, or for this time.
    lasts: Duration,
}

/// The state of one target host.
#[derive(Default)]
struct Host {
    bucket: Mutex<Bucket>,
    slow_until: Mutex<Option<Instant>>,
}

impl Host {
    fn is_slow(&self, now: Instant) -> bool {
        let until = self.slow_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until > now)
    }

    /// Remembers until when it is slow.
    fn note(&self, slow_until: Option<Instant>) {
        *self.slow_until.lock().unwrap_or_else(PoisonError::into_inner) = slow_until;
    }
}

/// A token bucket as one instant: the time at which the bucket will be full (generic cell rate algorithm).
#[derive(Debug, Default)]
struct Bucket {
    full_at: Option<Instant>,
}

impl Bucket {
    /// Takes one token and returns how long to wait before using it, or nothing if that is longer than `max_wait`.
    fn take(&mut self, now: Instant, max_wait: Duration) -> Option<Duration> {
        let full_at = self.full_at.map_or(now, |at| at.max(now)) + INTERVAL;
        let wait = (full_at - now).saturating_sub(INTERVAL * BURST);
        if wait > max_wait {
            return None;
        }
        self.full_at = Some(full_at);
        Some(wait)
    }
}

/// Held while a delivery is under way.
pub(super) struct Admission {
    _permit: OwnedSemaphorePermit,
}

/// The places of fetches that are under way.
#[derive(Default)]
struct Places {
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    all: usize,
    of_slow: usize,
    of_host: HashMap<String, usize>,
}

impl Places {
    /// Takes a place if there is one for `host`.
    fn take(&self, host: &str, is_slow: bool) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.of_host.get(host).copied().unwrap_or_default();
        let allowed = FETCHES.allow(own, taken.all) && (!is_slow || SLOW_FETCHES.allow(own, taken.of_slow));
        if allowed {
            taken.all += 1;
            taken.of_slow += usize::from(is_slow);
            *taken.of_host.entry(host.to_owned()).or_default() += 1;
        }
        allowed
    }

    /// Waits for a place; whether it is one of those for slow hosts. A host may become slow meanwhile.
    async fn wait(&self, name: &str, host: &Host) -> bool {
        loop {
            // Listening begins before looking, so that a place that is freed in between is not missed.
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let is_slow = host.is_slow(Instant::now());
            if self.take(name, is_slow) {
                return is_slow;
            }
            freed.await;
        }
    }

    fn free(&self, host: &str, is_slow: bool) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        taken.of_slow -= usize::from(is_slow);
        if let Some(own) = taken.of_host.get_mut(host) {
            *own -= 1;
            if *own == 0 {
                taken.of_host.remove(host);
            }
        }
        drop(taken);
        self.freed.notify_waiters();
    }
}

/// Held while a fetch is under way. When it is dropped, it is remembered whether its host is slow: also if nobody waited
/// for the end.
pub(super) struct Fetching {
    places: Arc<Places>,
    host: Arc<Host>,
    name: String,
    was_slow: bool,
    slowness: Slowness,
    begun: Instant,
    /// It took long because there was much to fetch.
    is_excused: bool,
}

impl Fetching {
    /// The fetch succeeded and may have taken its time.
    pub(super) fn excuse(&mut self) {
        self.is_excused = true;
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        let now = Instant::now();
        let is_slow = now - self.begun >= self.slowness.after && !self.is_excused;
        self.host.note(is_slow.then_some(now + self.slowness.lasts));
        self.places.free(&self.name, self.was_slow);
    }
}

/// All limits of the client.
pub(super) struct Limits {
    rate_limited: bool,
    slowness: Slowness,
    hosts: moka::sync::Cache<String, Arc<Host>>,
    fetches: Arc<Places>,
    posts: Arc<Semaphore>,
}

impl Limits {
    /// `rate_limited` false lifts the budget per host (`rate_limits.enabled`); the slots stay, they protect us.
    pub(super) fn new(rate_limited: bool) -> Self {
        Self {
            rate_limited,
            slowness: SLOWNESS,
            hosts: moka::sync::Cache::builder()
                .max_capacity(MAX_HOSTS)
                .time_to_idle(FORGET_AFTER)
                .build(),
            fetches: Arc::default(),
            posts: Arc::new(Semaphore::new(POST_SLOTS)),
        }
    }

    /// Waits for a turn to fetch from `host`.
    pub(super) async fn admit_fetch(&self, host: &str) -> Result<Fetching, NetError> {
        self.spend(host).await?;
        let state = self.host(host);
        let was_slow = tokio::time::timeout(MAX_WAIT, self.fetches.wait(host, &state))
            .await
            .map_err(|_| NetError::Busy(host.to_owned()))?;
        Ok(Fetching {
            places: Arc::clone(&self.fetches),
            host: state,
            name: host.to_owned(),
            was_slow,
            slowness: self.slowness,
            begun: Instant::now(),
            is_excused: false,
        })
    }

    /// Waits for a turn to deliver. Lanes per host are the business of the delivery worker.
    pub(super) async fn admit_post(&self, host: &str) -> Result<Admission, NetError> {
        let posts = Arc::clone(&self.posts);
        match tokio::time::timeout(MAX_WAIT, posts.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Admission { _permit: permit }),
            Ok(Err(_)) | Err(_) => Err(NetError::Busy(host.to_owned())),
        }
    }

    /// Waits for a token of `host`, for a further hop of a fetch that was admitted already.
    pub(super) async fn spend(&self, host: &str) -> Result<(), NetError> {
        if !self.rate_limited {
            return Ok(());
        }
        let wait = self
            .host(host)
            .bucket
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(Instant::now(), MAX_WAIT);
        match wait {
            Some(wait) if wait.is_zero() => Ok(()),
            Some(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            None => Err(NetError::Busy(host.to_owned())),
        }
    }

    fn host(&self, host: &str) -> Arc<Host> {
        self.hosts.get_with_by_ref(host, Arc::default)
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn a_host_gets_its_burst_then_ten_a_second() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        for _ in 0..BURST {
            assert_eq!(bucket.take(start, MAX_WAIT), Some(Duration::ZERO));
        }
        assert_eq!(bucket.take(start, MAX_WAIT), Some(INTERVAL));
        assert_eq!(bucket.take(start, MAX_WAIT), Some(INTERVAL * 2));
        // A second later ten more tokens are there, two of which are spoken for.
        let later = start + Duration::from_secs(1);
        for _ in 0..8 {
            assert_eq!(bucket.take(later, MAX_WAIT), Some(Duration::ZERO));
        }
        assert_eq!(bucket.take(later, MAX_WAIT), Some(INTERVAL));
    }

    #[test]
    fn waiting_is_bounded_and_refused_tokens_cost_nothing() {
        let start = Instant::now();
        let mut bucket = Bucket::default();
        let granted = (0..10_000)
            .filter(|_| bucket.take(start, MAX_WAIT).is_some())
            .count();
        assert_eq!(granted, BURST as usize + 200);
        assert_eq!(bucket.take(start + INTERVAL, MAX_WAIT), Some(MAX_WAIT));
    }

    /// Limits that find a host slow after a tenth of a second.
    fn impatient() -> Limits {
        Limits {
            slowness: Slowness {
                after: Duration::from_millis(100),
                lasts: Duration::from_secs(2),
            },
            ..Limits::new(false)
        }
    }

    #[tokio::test]
    async fn sec_R096_slow_hosts_leave_places_for_others() {
        let limits = Arc::new(impatient());
        let mut held = Vec::new();
        // Four of whom nobody knows yet that they are slow.
        let name = |at: usize| format!("slow{}.test", at % 4);
        for at in 0..400 {
            let (limits, host) = (Arc::clone(&limits), name(at));
            held.push(tokio::spawn(async move {
                let place = limits.admit_fetch(&host).await?;
                tokio::time::sleep(Duration::from_millis(400)).await;
                drop(place);
                Ok::<_, NetError>(())
            }));
        }
        let taken = || {
            let taken = limits.fetches.taken.lock().unwrap();
            (taken.all, taken.of_slow)
        };
        while taken().0 < 70 {
            tokio::task::yield_now().await;
        }
        for host in 0..20 {
            let host = format!("quick{host}.test");
            let admitted = limits.admit_fetch(&host);
            drop(
                tokio::time::timeout(Duration::from_millis(200), admitted)
                    .await
                    .unwrap(),
            );
        }
        // Later they have little, and others more than one place.
        while taken().1 < 4 || taken().0 > 40 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut quick = Vec::new();
        for _ in 0..30 {
            let admitted = limits.admit_fetch("quick.test");
            quick.push(
                tokio::time::timeout(Duration::from_millis(200), admitted)
                    .await
                    .unwrap(),
            );
        }
        drop(quick);
        for task in &held {
            task.abort();
        }
        for task in held {
            let _ = task.await;
        }
        let taken = limits.fetches.taken.lock().unwrap();
        assert_eq!((taken.all, taken.of_slow, taken.of_host.len()), (0, 0, 0));
    }

    #[tokio::test]
    async fn a_host_is_slow_until_it_is_quick_again_or_for_a_while() {
        let limits = impatient();
        let is_slow = || limits.host("a.test").is_slow(Instant::now());
        let fetch = async |millis, is_excused| {
            let mut place = limits.admit_fetch("a.test").await.unwrap();
            tokio::time::sleep(Duration::from_millis(millis)).await;
            if is_excused {
                place.excuse();
            }
        };
        fetch(0, false).await;
        assert!(!is_slow());
        fetch(110, true).await;
        assert!(!is_slow());
        fetch(110, false).await;
        assert!(is_slow());
        assert!(!limits.host("b.test").is_slow(Instant::now()));
        fetch(0, false).await;
        assert!(!is_slow());
        fetch(110, false).await;
        assert!(
            !limits
                .host("a.test")
                .is_slow(Instant::now() + limits.slowness.lasts)
        );
    }

    #[tokio::test]
    async fn an_empty_budget_refuses_instead_of_queueing_for_ever() {
        let limits = Limits::new(true);
        let host = limits.host("busy.test");
        let take = || host.bucket.lock().unwrap().take(Instant::now(), MAX_WAIT);
        while take().is_some() {}
        assert!(matches!(limits.spend("busy.test").await, Err(NetError::Busy(_))));
        assert!(limits.spend("other.test").await.is_ok());
        assert!(Limits::new(false).spend("busy.test").await.is_ok());
    }
}
