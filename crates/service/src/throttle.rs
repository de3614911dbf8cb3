//! Throttles of the doors that are tried by force: sign-in, sign-up, registration of apps, tokens; and of asking other servers
//! in somebody's name.
//!
//! Counted in memory and by the address of the client, which the caller takes from proxies that it trusts. The
//! request rates of the client API are counted where its requests arrive.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use pouet_model::ids::AccountId;

use crate::error::{Error, Result};

/// What is throttled by address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Bucket {
    /// Attempts to sign in, right ones too: 60 in 15 minutes from a network (/24, /56).
    SignIn,
    /// Registrations of accounts: 5 in 30 minutes.
    SignUp,
    /// Registrations of apps: 5 in 30 minutes.
    AppRegistration,
    /// Requests for tokens: 30 in 5 minutes.
    Token,
    /// Uses of set-up links: 10 in 15 minutes.
    SetUp,
}

impl Bucket {
    fn limit(self) -> (u32, TimeDelta) {
        match self {
            Self::SignIn => (60, TimeDelta::minutes(15)),
            Self::SignUp | Self::AppRegistration => (5, TimeDelta::minutes(30)),
            Self::Token => (30, TimeDelta::minutes(5)),
            Self::SetUp => (10, TimeDelta::minutes(15)),
        }
    }

    fn network(self, address: IpAddr) -> IpAddr {
        match self {
            // Who guesses passwords has many addresses of a network (R073).
            Self::SignIn => network(address, 24, 56),
            Self::SignUp | Self::AppRegistration | Self::Token | Self::SetUp => network(address, 32, 64),
        }
    }
}

/// Times that one account may have other servers asked for what it searches, in [`ASKING_PERIOD`] (rule R009).
const ASKED_BY_ONE: u32 = 30;
/// The same, by [`ASKED_BY_ONE`].
const ASKING_PERIOD: TimeDelta = TimeDelta::minutes(5);
/// Times that one server is asked for what anybody searches, in a minute (rule R009).
const ASKED_OF_ONE: u32 = 10;

/// Of whom or what something is counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Counted {
    /// Requests from a network.
    Network(Bucket, IpAddr),
    /// Searches of an account that asked another server.
    AskedBy(AccountId),
    /// Searches that asked this server.
    AskedOf(String),
}

/// The network of an address, by the length of its prefix. IPv4 addresses in IPv6 clothes count as IPv4.
pub fn network(address: IpAddr, v4_prefix: u32, v6_prefix: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - v4_prefix).unwrap_or(0);
            Ipv4Addr::from(u32::from(v4) & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - v6_prefix).unwrap_or(0);
            Ipv6Addr::from(u128::from(v6) & mask).into()
        }
    }
}

/// How much of a limit is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quota {
    /// Requests per period.
    pub limit: u32,
    /// Requests left in this one.
    pub remaining: u32,
    /// When the next one begins.
    pub reset_at: DateTime<Utc>,
}

/// Failed attempts to sign in to one account within this time count together.
const ACCOUNT_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// So many of them close the door, for twice as long each time.
const ACCOUNT_ATTEMPTS: u32 = 10;
/// The longest that the door stays closed, and how long earlier closings are remembered.
const LONGEST_LOCK: TimeDelta = TimeDelta::hours(24);
/// Entries kept in memory before old ones are dropped.
const MAX_ENTRIES: usize = 50_000;

#[derive(Debug)]
struct Window {
    ends_at: DateTime<Utc>,
    used: u32,
}

#[derive(Debug)]
struct Attempts {
    window_ends_at: DateTime<Utc>,
    used: u32,
    locked_until: DateTime<Utc>,
    locks: u32,
}

/// The throttles of an instance.
#[derive(Debug)]
pub struct Throttles {
    enabled: bool,
    windows: Mutex<HashMap<Counted, Window>>,
    accounts: Mutex<HashMap<String, Attempts>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps memory bounded: at the limit the lighter half is dropped, and at least what is as light as the middle. So a
/// flood of addresses or names that were tried once cannot wash away what is counted against somebody (R073).
fn make_room<K: std::hash::Hash + Eq, V>(entries: &mut HashMap<K, V>, weight: impl Fn(&V) -> u32) {
    if entries.len() >= MAX_ENTRIES {
        let mut weights: Vec<u32> = entries.values().map(&weight).collect();
        let (_, middle, _) = weights.select_nth_unstable(MAX_ENTRIES / 2);
        let middle = *middle;
        entries.retain(|_, entry| weight(entry) > middle);
    }
}

fn refused(until: DateTime<Utc>, now: DateTime<Utc>) -> Error {
    let milliseconds = (until - now).num_milliseconds().max(1) as u64;
    Error::LimitReached {
        retry_after: milliseconds.div_ceil(1000),
    }
}

impl Throttles {
    /// `enabled`: `rate_limits.enabled` of the configuration; without it nothing is ever refused.
    pub fn new(enabled: bool) -> Self {
        Self {
            enabled,
            windows: Mutex::default(),
            accounts: Mutex::default(),
        }
    }

    /// Counts a request from `address`.
    ///
    /// # Errors
    /// `LimitReached` beyond the limit of the bucket.
    pub fn check(&self, bucket: Bucket, address: IpAddr, now: DateTime<Utc>) -> Result<Quota> {
        self.count(
            Counted::Network(bucket, bucket.network(address)),
            bucket.limit(),
            now,
        )
    }

    /// Counts that a server is asked for something that an account searches, and says whether that may be.
    pub(crate) fn may_ask(&self, account: AccountId, host: &str, now: DateTime<Utc>) -> bool {
        let host = Counted::AskedOf(host.to_ascii_lowercase());
        let by_one = self.count(Counted::AskedBy(account), (ASKED_BY_ONE, ASKING_PERIOD), now);
        by_one.is_ok()
            && self
                .count(host, (ASKED_OF_ONE, TimeDelta::minutes(1)), now)
                .is_ok()
    }

    fn count(
        &self,
        counted: Counted,
        (limit, period): (u32, TimeDelta),
        now: DateTime<Utc>,
    ) -> Result<Quota> {
        if !self.enabled {
            return Ok(Quota {
                limit,
                remaining: limit,
                reset_at: now + period,
            });
        }
        let mut windows = lock(&self.windows);
        make_room(
            &mut windows,
            |window| {
                if window.ends_at > now { window.used } else { 0 }
            },
        );
        let fresh = || Window {
            ends_at: now + period,
            used: 0,
        };
        let window = windows.entry(counted).or_insert_with(fresh);
        if window.ends_at <= now {
            *window = fresh();
        }
        if window.used >= limit {
            return Err(refused(window.ends_at, now));
        }
        window.used += 1;
        Ok(Quota {
            limit,
            remaining: limit - window.used,
            reset_at: window.ends_at,
        })
    }

    /// Counts an attempt to sign in to `account`, before its password is checked, so that attempts at the same
    /// time count too. [`forgive`](Self::forgive) takes it back when the password was right.
    pub(crate) fn attempt(&self, account: &str, now: DateTime<Utc>) -> Result<()> {
        if !self.enabled {
            return Ok(());
        }
        let mut accounts = lock(&self.accounts);
        make_room(&mut accounts, |attempts| {
            if attempts.locked_until > now {
                u32::MAX
            } else if attempts.window_ends_at > now {
                attempts.used
            } else {
                0
            }
        });
        let attempts = accounts.entry(account.to_owned()).or_insert(Attempts {
            window_ends_at: now + ACCOUNT_WINDOW,
            used: 0,
            locked_until: now,
            locks: 0,
        });
        if attempts.locked_until > now {
            return Err(refused(attempts.locked_until, now));
        }
        if attempts.window_ends_at <= now {
            if now - attempts.locked_until > LONGEST_LOCK {
                attempts.locks = 0;
            }
            attempts.window_ends_at = now + ACCOUNT_WINDOW;
            attempts.used = 0;
        }
        attempts.used += 1;
        if attempts.used == ACCOUNT_ATTEMPTS {
            let length = ACCOUNT_WINDOW * (1 << attempts.locks.min(7));
            attempts.locked_until = now + length.min(LONGEST_LOCK);
            attempts.locks += 1;
            attempts.window_ends_at = attempts.locked_until;
            attempts.used = 0;
        }
        Ok(())
    }

    /// Forgets the attempts on an account whose password was right. Those of its network stay counted.
    pub(crate) fn forgive(&self, account: &str) {
        lock(&self.accounts).remove(account);
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn retry_after<T: std::fmt::Debug>(result: Result<T>) -> u64 {
        match result {
            Err(Error::LimitReached { retry_after }) => retry_after,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn sec_R009_nobody_has_others_asked_without_end() {
        let throttles = Throttles::new(true);
        let ask = |account, host: &str, now| throttles.may_ask(AccountId(account), host, now);
        for n in 0..30 {
            assert!(ask(1, &format!("host{n}.test"), start()), "{n}");
        }
        assert!(
            !ask(1, "another.test", start()),
            "the thirty-first of one account"
        );
        assert!(ask(2, "another.test", start()));
        assert!(ask(1, "another.test", start() + TimeDelta::minutes(5)));
        for account in 10..20 {
            assert!(ask(account, "Victim.test", start()), "{account}");
        }
        assert!(!ask(20, "victim.test", start()), "the eleventh of one server");
        assert!(ask(20, "victim.test", start() + TimeDelta::minutes(1)));
        let lifted = Throttles::new(false);
        assert!((0..100).all(|_| lifted.may_ask(AccountId(1), "victim.test", start())));
    }

    #[test]
    fn sec_R070_one_more_than_the_limit_is_refused_until_the_period_ends() {
        for (bucket, limit, period) in [
            (Bucket::AppRegistration, 5, 1800),
            (Bucket::SignUp, 5, 1800),
            (Bucket::Token, 30, 300),
            (Bucket::SignIn, 60, 900),
        ] {
            let throttles = Throttles::new(true);
            let here = address("192.0.2.1");
            for n in 1..=limit {
                let quota = throttles.check(bucket, here, start()).expect("within the limit");
                assert_eq!((quota.limit, quota.remaining), (limit, limit - n), "{bucket:?}");
            }
            assert_eq!(
                retry_after(throttles.check(bucket, here, start())),
                period,
                "{bucket:?}"
            );
            throttles
                .check(bucket, address("198.51.100.1"), start())
                .expect("somebody else");
            let later = start() + TimeDelta::seconds(period as i64);
            retry_after(throttles.check(bucket, here, later - TimeDelta::seconds(1)));
            throttles.check(bucket, here, later).expect("a new period");
        }
    }

    #[test]
    fn sec_R073_changing_the_address_within_a_network_does_not_help() {
        for (bucket, one, other, same) in [
            (Bucket::SignIn, "192.0.2.1", "192.0.2.77", true),
            (Bucket::SignIn, "192.0.2.1", "::ffff:192.0.2.9", true),
            (
                Bucket::SignIn,
                "2001:db8:0:100::1",
                "2001:db8:0:1ff:ffff::9",
                true,
            ),
            (Bucket::SignIn, "192.0.2.1", "192.0.3.1", false),
            (Bucket::SignIn, "2001:db8:0:100::1", "2001:db8:0:200::1", false),
            (Bucket::Token, "192.0.2.1", "192.0.2.2", false),
            (Bucket::Token, "2001:db8::1", "2001:db8::ffff:1", true),
            (Bucket::Token, "2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let shared = bucket.network(address(one)) == bucket.network(address(other));
            assert_eq!(shared, same, "{bucket:?}: {one} and {other}");
        }
    }

    #[test]
    fn sec_R073_an_account_is_closed_for_longer_each_time() {
        let throttles = Throttles::new(true);
        let mut now = start();
        for minutes in [15, 30, 60, 120, 240, 480, 960, 1440, 1440] {
            for _ in 0..10 {
                throttles.attempt("ada", now).expect("ten attempts");
            }
            assert_eq!(retry_after(throttles.attempt("ada", now)), minutes * 60);
            throttles.attempt("bob", now).expect("another account");
            throttles.forgive("bob");
            now += TimeDelta::minutes(minutes as i64);
        }
        throttles.forgive("ada");
        for _ in 0..10 {
            throttles.attempt("ada", now).expect("forgiven");
        }
        assert_eq!(
            retry_after(throttles.attempt("ada", now)),
            900,
            "from the beginning"
        );
    }

    #[test]
    fn attempts_far_apart_do_not_add_up() {
        let throttles = Throttles::new(true);
        let mut now = start();
        for _ in 0..40 {
            throttles
                .attempt("ada", now)
                .expect("nine in a quarter of an hour");
            now += TimeDelta::seconds(110);
        }
    }

    #[test]
    fn nothing_is_refused_where_limits_are_lifted() {
        let throttles = Throttles::new(false);
        for _ in 0..100 {
            let quota = throttles.check(Bucket::SignUp, address("192.0.2.1"), start());
            assert_eq!(quota.expect("lifted").remaining, 5);
            throttles.attempt("ada", start()).expect("lifted");
        }
    }

    #[test]
    fn sec_R073_a_flood_of_names_opens_no_closed_door() {
        let throttles = Throttles::new(true);
        for _ in 0..ACCOUNT_ATTEMPTS {
            throttles.attempt("ada", start()).expect("within the limit");
        }
        throttles.attempt("ada", start()).expect_err("too often");
        for n in 0..2 * MAX_ENTRIES {
            throttles
                .attempt(&format!("nobody{n}"), start())
                .expect("the first");
        }
        throttles.attempt("ada", start()).expect_err("still too often");
        assert!(lock(&throttles.accounts).len() <= MAX_ENTRIES);
    }

    #[test]
    fn memory_is_bounded() {
        let throttles = Throttles::new(true);
        for n in 0..u32::try_from(MAX_ENTRIES).unwrap() + 10 {
            let from = IpAddr::V4(Ipv4Addr::from(n));
            throttles.check(Bucket::Token, from, start()).expect("the first");
        }
        assert!(lock(&throttles.windows).len() <= MAX_ENTRIES);
    }
}
