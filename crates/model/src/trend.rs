//! What trends: the arithmetic, without any memory of its own.
//!
//! A score is a sum of people, each weighed and halved for every half-life that has passed since. All scores of a kind decay
//! at the same rate, so their order changes with uses alone: what is stored is a [`potential`], which needs no refreshing.
//! `docs/trends.md` explains the formula with an example.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

/// What can trend, and the two totals that thresholds are measured by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TrendKind {
    /// A hashtag.
    Tag,
    /// A status.
    Status,
    /// The page behind a link.
    Link,
    /// Who posted on which day, as far as trends count them.
    Posts,
    /// Who boosted, favourited or answered public statuses on which day.
    Acts,
}

impl TrendKind {
    /// What is shown as trends.
    pub const SHOWN: [Self; 3] = [Self::Tag, Self::Status, Self::Link];

    /// The name used in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Status => "status",
            Self::Link => "link",
            Self::Posts => "posts",
            Self::Acts => "acts",
        }
    }

    /// Time in which a score halves.
    pub fn half_life(self) -> TimeDelta {
        match self {
            Self::Tag | Self::Link | Self::Posts => TimeDelta::hours(12),
            Self::Status | Self::Acts => TimeDelta::hours(8),
        }
    }

    /// The total that its threshold is measured by.
    pub fn traffic(self) -> Self {
        match self {
            Self::Tag | Self::Link | Self::Posts => Self::Posts,
            Self::Status | Self::Acts => Self::Acts,
        }
    }
}

impl fmt::Display for TrendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that can trend.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: TrendKind,
    /// Its id among those of its kind; 0 for totals.
    pub id: i64,
}

impl Subject {
    /// The subject of a kind with an id.
    pub fn new(kind: TrendKind, id: impl Into<i64>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Where its turn is when several are counted in one transaction: no two transactions wait for each other then.
    pub fn order(self) -> (u8, i64) {
        let kind = match self.kind {
            TrendKind::Posts => 0,
            TrendKind::Acts => 1,
            TrendKind::Tag => 2,
            TrendKind::Link => 3,
            TrendKind::Status => 4,
        };
        (kind, self.id)
    }

    /// A total.
    pub fn total(kind: TrendKind) -> Self {
        Self { kind, id: 0 }
    }
}

/// People of one remote domain that count for a subject on a day.
pub const MAX_OF_DOMAIN: usize = 20;
/// People of this instance that count for a subject on a day.
pub const MAX_OF_HERE: usize = 100;
/// Hashtags that count for the score of all that an author uses on a day: the first ones.
pub const MAX_TAGS_OF_AUTHOR: usize = 10;
/// Statuses that count for their scores of all that somebody boosts, favourites or answers on a day: the first ones.
pub const MAX_STATUSES_OF_ACTOR: usize = 50;
/// The least score that trends, in people.
pub const FLOOR: f64 = 1.2;
/// How the threshold grows: this many people for the square root of one person of traffic.
pub const GROWTH: f64 = 0.12;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Days since 1970-01-01 (UTC) at `at`.
pub fn day_of(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(DAY)
}

/// What the n-th person of one domain adds to a score; `rank` begins with 1. The first counts whole, the second half, the
/// third a third: many of one place weigh like few of many. Beyond the most that count, nothing.
pub fn weight(rank: usize, is_local: bool) -> f64 {
    let most = if is_local { MAX_OF_HERE } else { MAX_OF_DOMAIN };
    if rank == 0 || rank > most {
        return 0.0;
    }
    1.0 / rank as f64
}

/// A weight at a time, as the binary logarithm of what it would have been at the epoch. Minus infinity for no weight.
pub fn potential(weight: f64, at: DateTime<Utc>, half_life: TimeDelta) -> f64 {
    weight.log2() + half_lives(at, half_life)
}

/// The potential of two scores together.
pub fn together(one: f64, other: f64) -> f64 {
    let (more, less) = if one >= other { (one, other) } else { (other, one) };
    if less == f64::NEG_INFINITY {
        return more;
    }
    more + (less - more).exp2().ln_1p() / std::f64::consts::LN_2
}

/// A potential of which a part was replaced; `None` for a part of nothing.
pub fn replaced(whole: f64, old: Option<f64>, new: Option<f64>) -> f64 {
    let part = |part: Option<f64>| part.map_or(0.0, |part| (part - whole).exp2());
    let rest = (1.0 - part(old)).max(0.0) + part(new);
    whole + rest.log2()
}

/// The score that a potential means at `now`, in people.
pub fn score(potential: f64, now: DateTime<Utc>, half_life: TimeDelta) -> f64 {
    (potential - half_lives(now, half_life)).exp2()
}

fn half_lives(at: DateTime<Utc>, half_life: TimeDelta) -> f64 {
    at.timestamp_millis() as f64 / half_life.num_milliseconds() as f64
}

/// The least score that trends where `traffic` people are active: it grows with the square root, as chance meetings do.
pub fn threshold(traffic: f64) -> f64 {
    (GROWTH * traffic.max(0.0).sqrt()).max(FLOOR)
}

/// How much more than usual: people of a day over people of an ordinary day, each with one added so that nothing is divided
/// by nothing, and between a half and one. What is as common as ever is ranked half as high.
pub fn novelty(today: f64, usual: f64) -> f64 {
    ((today + 1.0) / (2.0 * (usual + 1.0))).clamp(0.5, 1.0)
}

/// Second-level names under which countries register, as in `co.uk`.
const SHARED: [&str; 14] = [
    "ac", "co", "com", "edu", "go", "gob", "gov", "ltd", "me", "ne", "net", "nom", "or", "org",
];

/// The name that hosts of one owner share, as far as the name tells: its last two labels, or three under names such as
/// `co.uk`. Whoever has a domain can make any number of hosts under it.
///
/// No list of public suffixes is asked, so communities that a provider hosts under one name share theirs.
pub fn owner_of(host: &str) -> &str {
    let host = host.split(':').next().unwrap_or(host);
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host;
    }
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else {
        return host;
    };
    let is_country = host.len() - last - 1 == 2;
    if !(is_country && SHARED.contains(&&host[second + 1..last])) {
        return &host[second + 1..];
    }
    dots.next().map_or(host, |third| &host[third + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HALF: TimeDelta = TimeDelta::hours(12);

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::hours(hours)
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() <= 1e-6 * one.abs().max(other.abs()).max(1.0)
    }

    #[test]
    fn a_score_halves_in_every_half_life() {
        let one = potential(1.0, at(0), HALF);
        for (hours, expected) in [(0, 1.0), (12, 0.5), (24, 0.25), (36, 0.125)] {
            assert!(near(score(one, at(hours), HALF), expected), "{hours}");
        }
        let both = together(one, potential(1.0, at(12), HALF));
        assert!(near(score(both, at(12), HALF), 1.5));
        assert!(near(score(both, at(24), HALF), 0.75));
    }

    #[test]
    fn no_weight_is_no_score() {
        let none = potential(0.0, at(0), HALF);
        assert!(near(together(none, 5.0), 5.0) && near(together(5.0, none), 5.0));
        assert!(together(none, none) == f64::NEG_INFINITY);
        assert!(score(none, at(0), HALF) == 0.0);
    }

    #[test]
    fn many_of_one_domain_weigh_like_few_of_many() {
        let sum = |most: usize, local| (1..=most).map(|rank| weight(rank, local)).sum::<f64>();
        assert!(near(sum(3, false), 11.0 / 6.0));
        assert!(sum(10_000, false) < 3.6);
        assert!(sum(10_000, true) < 5.2);
        assert!(weight(0, false) == 0.0);
    }

    #[test]
    fn thresholds_scale_with_traffic() {
        assert!(near(threshold(0.0), FLOOR));
        assert!(near(threshold(30.0), FLOOR), "a small instance has the least");
        assert!(near(threshold(10_000.0), 12.0));
    }

    #[test]
    fn what_is_as_usual_is_ranked_half_as_high() {
        assert!(near(novelty(10.0, 10.0), 0.5));
        assert!(near(novelty(0.0, 50.0), 0.5));
        assert!(near(novelty(10.0, 0.0), 1.0));
        assert!(near(novelty(5.0, 3.0), 0.75));
    }

    #[test]
    fn hosts_have_owners() {
        let table = [
            ("far.example", "far.example"),
            ("a.far.example", "far.example"),
            ("x.y.far.example", "far.example"),
            ("far.example:8080", "far.example"),
            ("a.far.co.uk", "far.co.uk"),
            ("a.x.pl", "x.pl"),
            ("far.co.uk", "far.co.uk"),
            ("x.a.far.com.br", "far.com.br"),
            ("localhost", "localhost"),
            ("127.0.0.1:8081", "127.0.0.1"),
            ("", ""),
        ];
        for (host, owner) in table {
            assert_eq!(owner_of(host), owner, "{host}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_uses_does_not_matter(mut uses in prop::collection::vec((0i64..200, 1usize..30), 1..40)) {
            let sum = |uses: &[(i64, usize)]| uses.iter().fold(f64::NEG_INFINITY, |sum, (hours, rank)| {
                together(sum, potential(weight(*rank, true), at(*hours), HALF))
            });
            let forth = sum(&uses);
            uses.reverse();
            prop_assert!(near(forth, sum(&uses)));
            let plain: f64 = uses.iter().map(|(hours, rank)| weight(*rank, true) * (-(200.0 - *hours as f64) / 12.0).exp2()).sum();
            prop_assert!((score(forth, at(200), HALF) / plain - 1.0).abs() < 1e-6);
        }

        #[test]
        fn nobody_counts_less_than_nothing(rank in 0usize..10_000, local: bool, traffic in 0f64..1e9) {
            prop_assert!((0.0..=1.0).contains(&weight(rank, local)));
            prop_assert!(threshold(traffic) >= FLOOR);
        }
    }
}
