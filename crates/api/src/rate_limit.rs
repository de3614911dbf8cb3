//! How many requests a client may make: counts per window, told in the headers of every answer.
//!
//! Source: <https://docs.joinmastodon.org/api/rate-limits/>

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::ids::{TokenId, UserId};

/// Counters kept before those whose window is over are thrown away.
const SWEEP_AT: usize = 50_000;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Bucket {
    /// Every request of a signed-in user.
    User,
    /// Every request with one token.
    Token,
    /// Every request without a token.
    Anonymous,
    /// Requests for other pages than the first.
    Paging,
    /// Uploads.
    Media,
    /// Deletions of statuses and boosts.
    Deletions,
    /// New statuses and boosts.
    Statuses,
    /// Follows of accounts and tags.
    Follows,
    /// Reports.
    Reports,
}

impl Bucket {
    /// Requests, and the seconds within which they may be made.
    fn rule(self) -> (u32, i64) {
        match self {
            Self::User => (1500, 300),
            Self::Token | Self::Anonymous => (300, 300),
            Self::Paging => (300, 900),
            Self::Media | Self::Deletions => (30, 1800),
            Self::Statuses => (300, 10_800),
            Self::Follows | Self::Reports => (400, 86_400),
        }
    }
}

/// Who is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Client {
    /// A signed-in user, with any token.
    User(UserId),
    /// A token.
    Token(TokenId),
    /// An address, or a network of them.
    Address(IpAddr),
}

/// What is left of a bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Quota {
    /// Requests in a window.
    pub(crate) limit: u32,
    /// Requests left in it.
    pub(crate) remaining: u32,
    /// When the window ends.
    pub(crate) reset_at: DateTime<Utc>,
    /// This request went beyond the limit.
    pub(crate) exceeded: bool,
}

impl Quota {
    /// Writes the three `X-RateLimit` headers.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let reset = self.reset_at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        headers.insert(
            HeaderName::from_static("x-ratelimit-limit"),
            HeaderValue::from(self.limit),
        );
        headers.insert(
            HeaderName::from_static("x-ratelimit-remaining"),
            HeaderValue::from(self.remaining),
        );
        if let Ok(reset) = HeaderValue::try_from(reset) {
            headers.insert(HeaderName::from_static("x-ratelimit-reset"), reset);
        }
    }

    /// Whole seconds until the window ends.
    pub(crate) fn seconds_left(&self, now: DateTime<Utc>) -> u64 {
        ((self.reset_at - now).num_seconds() + 1).max(1).unsigned_abs()
    }
}

/// Requests counted in the current window.
#[derive(Clone, Copy, Debug)]
struct Window {
    ends_at: DateTime<Utc>,
    count: u32,
}

/// The counters of all clients. They live in memory: a restart forgives.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    windows: Mutex<HashMap<(Bucket, Client), Window>>,
}

impl RateLimits {
    /// Counts one request in each bucket and gives the quota that is nearest to its end.
    pub(crate) fn count(&self, buckets: &[(Bucket, Client)], now: DateTime<Utc>) -> Option<Quota> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= SWEEP_AT {
            windows.retain(|_, window| window.ends_at > now);
        }
        buckets
            .iter()
            .map(|key| count_one(&mut windows, *key, now))
            .min_by_key(|quota| (!quota.exceeded, quota.remaining))
    }
}

fn count_one(
    windows: &mut HashMap<(Bucket, Client), Window>,
    key: (Bucket, Client),
    now: DateTime<Utc>,
) -> Quota {
    let (limit, period) = key.0.rule();
    let period = TimeDelta::seconds(period);
    let window = windows
        .entry(key)
        .and_modify(|window| {
            if window.ends_at <= now {
                *window = Window {
                    ends_at: now + period,
                    count: 0,
                };
            }
        })
        .or_insert(Window {
            ends_at: now + period,
            count: 0,
        });
    window.count = window.count.saturating_add(1);
    Quota {
        limit,
        remaining: limit.saturating_sub(window.count),
        reset_at: window.ends_at,
        exceeded: window.count > limit,
    }
}

#[cfg(test)]
#[expect(non_snake_case, reason = "security rules are written with a capital R")]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn sec_R094_each_bucket_ends_after_its_limit_and_begins_again() {
        for bucket in [
            Bucket::User,
            Bucket::Token,
            Bucket::Anonymous,
            Bucket::Paging,
            Bucket::Media,
            Bucket::Deletions,
            Bucket::Statuses,
            Bucket::Follows,
            Bucket::Reports,
        ] {
            let limits = RateLimits::default();
            let key = [(bucket, Client::User(UserId(1)))];
            let (limit, period) = bucket.rule();
            for n in 1..=limit {
                let quota = limits.count(&key, at(0)).unwrap();
                assert!(!quota.exceeded, "{bucket:?} {n}");
                assert_eq!(quota.remaining, limit - n);
            }
            assert!(limits.count(&key, at(period - 1)).unwrap().exceeded, "{bucket:?}");
            assert!(!limits.count(&key, at(period)).unwrap().exceeded, "{bucket:?}");
        }
    }

    #[test]
    fn sec_R094_one_client_does_not_starve_another() {
        let limits = RateLimits::default();
        let address = Client::Address("203.0.113.1".parse().unwrap());
        for _ in 0..400 {
            limits.count(&[(Bucket::Anonymous, address)], at(0));
        }
        assert!(
            limits
                .count(&[(Bucket::Anonymous, address)], at(0))
                .unwrap()
                .exceeded
        );
        let user = [(Bucket::User, Client::User(UserId(1)))];
        assert!(!limits.count(&user, at(0)).unwrap().exceeded);
    }

    #[test]
    fn the_narrowest_quota_is_told() {
        let limits = RateLimits::default();
        let buckets = [
            (Bucket::User, Client::User(UserId(1))),
            (Bucket::Media, Client::User(UserId(1))),
        ];
        let quota = limits.count(&buckets, at(0)).unwrap();
        assert_eq!((quota.limit, quota.remaining), (30, 29));
        let mut headers = HeaderMap::new();
        quota.write(&mut headers);
        assert_eq!(
            headers.get("x-ratelimit-reset").unwrap(),
            "2023-11-14T22:43:20.000000Z"
        );
    }
}
