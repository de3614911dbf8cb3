//! Rings: accounts that belong to one hand and push what they are told to push.
//!
//! What gives a ring away is that its accounts have something in common that people who happen to like the same thing have not:
//! they were created at the same time, belong to one domain that nobody here knows, or follow the very same accounts. How common
//! that is among people who post here regularly tells what is ordinary.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::ids::AccountId;
use pouet_storage::trend_lists::Supporter;

/// Fewer people than this are no ring: it would not be worth its while, and chance brings few together.
pub(super) const LEAST: usize = 10;
/// Of a domain that is not known here, fewer people than this may well be friends.
const LEAST_OF_DOMAIN: usize = 15;
/// Within this time accounts count as created together. Some servers tell the day alone.
const TOGETHER: TimeDelta = TimeDelta::hours(48);
/// Accounts that a list of follows has to hold before it is anybody's own.
const LEAST_FOLLOWED: usize = 3;
/// Regulars that have to be known before people of this instance are looked at: on a new one, everybody is new.
pub(super) const LEAST_REGULARS: usize = 10;

/// Who posts here regularly.
#[derive(Clone, Debug, Default)]
pub(super) struct Regulars {
    /// When they were created, in order.
    created: Vec<DateTime<Utc>>,
    domains: HashMap<String, usize>,
}

impl Regulars {
    pub(super) fn new(people: impl IntoIterator<Item = (DateTime<Utc>, String)>) -> Self {
        let mut regulars = Self::default();
        for (created, domain) in people {
            regulars.created.push(created);
            *regulars.domains.entry(domain).or_default() += 1;
        }
        regulars.created.sort_unstable();
        regulars
    }

    fn share_created(&self, from: DateTime<Utc>) -> f64 {
        let begin = self.created.partition_point(|created| *created < from);
        let end = self
            .created
            .partition_point(|created| *created <= from + TOGETHER);
        share(end - begin, self.created.len())
    }

    fn share_of_domain(&self, domain: &str) -> f64 {
        share(self.domains.get(domain).copied().unwrap_or(0), self.created.len())
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

/// What gave a ring away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trait {
    /// Half of those who support it, or more, were created within two days.
    Created,
    /// Six of ten, or more, belong to one domain that is rare among regulars.
    Domain,
    /// Half, or more, follow the very same accounts, and at least three.
    Follows,
}

impl Trait {
    /// The name used in the database and in addresses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Domain => "domain",
            Self::Follows => "follows",
        }
    }
}

/// A ring.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Ring {
    pub(super) by: Trait,
    pub(super) suspects: HashSet<AccountId>,
}

/// Whom somebody follows, as far as it is known here: how many, and a hash that is the same for the very same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Followed {
    count: usize,
    hash: u64,
}

impl Followed {
    /// `targets`: in order.
    pub(super) fn new(targets: &[AccountId]) -> Self {
        let mut hasher = DefaultHasher::new();
        targets.hash(&mut hasher);
        Self {
            count: targets.len(),
            hash: hasher.finish(),
        }
    }
}

/// The ring among those who support something, if there is one. `followees`: whom each follows.
pub(super) fn find(
    supporters: &[Supporter],
    followees: &HashMap<AccountId, Followed>,
    regulars: &Regulars,
) -> Option<Ring> {
    let mut seen = HashSet::new();
    let people: Vec<&Supporter> = supporters
        .iter()
        .filter(|supporter| seen.insert(supporter.account))
        .collect();
    if people.len() < LEAST {
        return None;
    }
    let looks_at_ours = regulars.created.len() >= LEAST_REGULARS;
    let suspicious: Vec<&Supporter> = people
        .iter()
        .copied()
        .filter(|one| looks_at_ours || !one.domain.is_empty())
        .collect();
    created_together(&people, &suspicious, regulars)
        .or_else(|| of_one_domain(&people, regulars))
        .or_else(|| following_the_same(&people, &suspicious, followees))
}

fn created_together(people: &[&Supporter], suspicious: &[&Supporter], regulars: &Regulars) -> Option<Ring> {
    let mut by_age = suspicious.to_vec();
    by_age.sort_unstable_by_key(|one| one.created_at);
    let mut end = 0;
    let (mut from, mut most) = (0, 0);
    for begin in 0..by_age.len() {
        let first = by_age[begin].created_at;
        while end < by_age.len() && by_age[end].created_at - first <= TOGETHER {
            end += 1;
        }
        if end - begin > most {
            (from, most) = (begin, end - begin);
        }
    }
    let here = share(most, people.len());
    let is_usual = |from: DateTime<Utc>| regulars.share_created(from) * 2.0 > here;
    (most > 0 && here >= 0.5 && !is_usual(by_age[from].created_at)).then(|| Ring {
        by: Trait::Created,
        suspects: by_age[from..from + most].iter().map(|one| one.account).collect(),
    })
}

fn of_one_domain(people: &[&Supporter], regulars: &Regulars) -> Option<Ring> {
    let mut domains: HashMap<&str, Vec<AccountId>> = HashMap::new();
    for one in people.iter().filter(|one| !one.domain.is_empty()) {
        domains.entry(&one.domain).or_default().push(one.account);
    }
    let (domain, members) = domains
        .into_iter()
        .max_by_key(|(domain, members)| (members.len(), *domain))?;
    let here = share(members.len(), people.len());
    let is_known = regulars.share_of_domain(domain) * 4.0 > here;
    (members.len() >= LEAST_OF_DOMAIN && here >= 0.6 && !is_known).then(|| Ring {
        by: Trait::Domain,
        suspects: members.into_iter().collect(),
    })
}

fn following_the_same(
    people: &[&Supporter],
    suspicious: &[&Supporter],
    followees: &HashMap<AccountId, Followed>,
) -> Option<Ring> {
    let mut groups: HashMap<Followed, Vec<AccountId>> = HashMap::new();
    for one in suspicious {
        let Some(followed) = followees.get(&one.account) else {
            continue;
        };
        if followed.count >= LEAST_FOLLOWED {
            groups.entry(*followed).or_default().push(one.account);
        }
    }
    let (_, members) = groups
        .into_iter()
        .max_by_key(|(followed, members)| (members.len(), *followed))?;
    (members.len() >= LEAST && share(members.len(), people.len()) >= 0.5).then(|| Ring {
        by: Trait::Follows,
        suspects: members.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(number)
    }

    fn somebody(id: i64, domain: &str, created: i64) -> Supporter {
        Supporter {
            account: AccountId(id),
            domain: domain.to_owned(),
            day: 0,
            at: day(20_000),
            created_at: day(created),
            is_welcome: true,
        }
    }

    /// Forty people of ten domains, created one after the other in as many months.
    fn regulars() -> Regulars {
        Regulars::new((0..40).map(|n| (day(10_000 + 30 * n), format!("d{}.example", n % 10))))
    }

    fn crowd(count: i64) -> Vec<Supporter> {
        (0..count)
            .map(|n| somebody(n, &format!("d{}.example", n % 10), 11_000 + 17 * n))
            .collect()
    }

    fn found(supporters: &[Supporter], regulars: &Regulars) -> Option<(Trait, usize)> {
        find(supporters, &HashMap::new(), regulars).map(|ring| (ring.by, ring.suspects.len()))
    }

    #[test]
    fn people_who_agree_are_no_ring() {
        for count in [1, 9, 10, 40, 200] {
            assert_eq!(found(&crowd(count), &regulars()), None, "{count}");
        }
    }

    #[test]
    fn accounts_created_together_are_a_ring_on_whatever_domains() {
        let mut people: Vec<Supporter> = (100..120)
            .map(|n| somebody(n, &format!("r{n}.example"), 19_000 + n % 2))
            .collect();
        people.extend(crowd(15));
        assert_eq!(found(&people, &regulars()), Some((Trait::Created, 20)));
        people.extend(crowd(60));
        assert_eq!(found(&people, &regulars()), None, "most of them are others");
    }

    #[test]
    fn where_everybody_is_as_new_nobody_is_a_ring() {
        let class: Vec<Supporter> = (0..25).map(|n| somebody(n, "", 20_000)).collect();
        assert_eq!(found(&class, &Regulars::default()), None, "a new instance");
        let same_age = Regulars::new((0..25).map(|_| (day(20_000), String::new())));
        assert_eq!(found(&class, &same_age), None);
        assert_eq!(found(&class, &regulars()), Some((Trait::Created, 25)));
    }

    #[test]
    fn a_domain_that_nobody_knows_is_a_ring() {
        let of = |domain: &str, count: i64| -> Vec<Supporter> {
            (0..count)
                .map(|n| somebody(n, domain, 10_000 + 100 * n))
                .collect()
        };
        assert_eq!(
            found(&of("ring.example", 15), &regulars()),
            Some((Trait::Domain, 15))
        );
        assert_eq!(found(&of("ring.example", 14), &regulars()), None, "friends");
        let big = Regulars::new((0..40).map(|n| {
            let domain = if n % 2 == 0 { "big.example" } else { "" };
            (day(10_000 + 30 * n), domain.to_owned())
        }));
        assert_eq!(
            found(&of("big.example", 50), &big),
            None,
            "where many are at home"
        );
    }

    #[test]
    fn accounts_that_follow_the_very_same_are_a_ring() {
        let people = crowd(20);
        let follows = |targets: i64| -> HashMap<AccountId, Followed> {
            let targets: Vec<AccountId> = (0..targets).map(|t| AccountId(900 + t)).collect();
            (0..12).map(|n| (AccountId(n), Followed::new(&targets))).collect()
        };
        let ring = find(&people, &follows(3), &regulars()).unwrap();
        assert_eq!((ring.by, ring.suspects.len()), (Trait::Follows, 12));
        assert_eq!(find(&people, &follows(2), &regulars()), None, "two are chance");
    }

    #[test]
    fn who_counts_on_several_days_is_one_person() {
        let mut people = crowd(9);
        people.extend(crowd(9));
        for one in &mut people {
            one.created_at = day(19_000);
        }
        assert_eq!(found(&people, &regulars()), None);
    }
}
