//! How much of our own effort one foreign host can claim.
//!
//! Per target host ten fetches a second with a burst of 300, so that a whole thread
//! loads in one go; 128 fetches at once altogether. Deliveries have a pool of their own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::NetError;

/// Time between two fetches from one host once its burst is used up.
const INTERVAL: Duration = Duration::from_millis(100);
/// Fetches one host may receive at once after a quiet time.
const BURST: u32 = 300;
/// Fetches in flight, all hosts together.
const FETCH_SLOTS: usize = 128;
/// Fetches in flight to one host, so that a slow one cannot hold every slot.
const FETCH_SLOTS_PER_HOST: usize = 32;
/// Deliveries in flight.
const POST_SLOTS: usize = 512;
/// How long a request waits for its turn before it is given up.
const MAX_WAIT: Duration = Duration::from_secs(20);
/// Hosts remembered. A bucket is full again after half a minute, so forgetting an idle host changes nothing.
const MAX_HOSTS: u64 = 10_000;
const FORGET_AFTER: Duration = Duration::from_mins(1);

/// The state of one target host.
struct Host {
    bucket: Mutex<Bucket>,
    slots: Arc<Semaphore>,
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

/// Held while a request is under way.
pub(super) struct Admission {
    _permits: Vec<OwnedSemaphorePermit>,
}

/// All limits of the client.
pub(super) struct Limits {
    rate_limited: bool,
    hosts: moka::sync::Cache<String, Arc<Host>>,
    fetches: Arc<Semaphore>,
    posts: Arc<Semaphore>,
}

impl Limits {
    /// `rate_limited` false lifts the budget per host (`rate_limits.enabled`); the slots stay, they protect us.
    pub(super) fn new(rate_limited: bool) -> Self {
        Self {
            rate_limited,
            hosts: moka::sync::Cache::builder()
                .max_capacity(MAX_HOSTS)
                .time_to_idle(FORGET_AFTER)
                .build(),
            fetches: Arc::new(Semaphore::new(FETCH_SLOTS)),
            posts: Arc::new(Semaphore::new(POST_SLOTS)),
        }
    }

    /// Waits for a turn to fetch from `host`.
    pub(super) async fn admit_fetch(&self, host: &str) -> Result<Admission, NetError> {
        self.spend(host).await?;
        let of_host = Arc::clone(&self.host(host).slots);
        let permits = vec![
            slot(of_host, host).await?,
            slot(Arc::clone(&self.fetches), host).await?,
        ];
        Ok(Admission { _permits: permits })
    }

    /// Waits for a turn to deliver. Lanes per host are the business of the delivery worker.
    pub(super) async fn admit_post(&self, host: &str) -> Result<Admission, NetError> {
        let permits = vec![slot(Arc::clone(&self.posts), host).await?];
        Ok(Admission { _permits: permits })
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
        self.hosts.get_with_by_ref(host, || {
            Arc::new(Host {
                bucket: Mutex::new(Bucket::default()),
                slots: Arc::new(Semaphore::new(FETCH_SLOTS_PER_HOST)),
            })
        })
    }
}

async fn slot(slots: Arc<Semaphore>, host: &str) -> Result<OwnedSemaphorePermit, NetError> {
    match tokio::time::timeout(MAX_WAIT, slots.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(NetError::Busy(host.to_owned())),
    }
}

#[cfg(test)]
mod tests {
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

    #[tokio::test]
    async fn one_slow_host_leaves_slots_for_others() {
        let limits = Limits::new(true);
        let mut held = Vec::new();
        for _ in 0..FETCH_SLOTS_PER_HOST {
            held.push(limits.admit_fetch("slow.test").await.unwrap());
        }
        assert_eq!(
            limits.fetches.available_permits(),
            FETCH_SLOTS - FETCH_SLOTS_PER_HOST
        );
        assert_eq!(limits.host("slow.test").slots.available_permits(), 0);
        held.push(limits.admit_fetch("quick.test").await.unwrap());
        drop(held);
        assert_eq!(limits.fetches.available_permits(), FETCH_SLOTS);
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
