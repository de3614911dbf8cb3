//! The look at what trends, every few minutes: of the candidates, which the database keeps in order, those that many different
//! people support, best first.
//!
//! Its cost does not depend on how much the instance knows: it reads candidates in the order of their scores until the lists are
//! full, a bounded number of them and of those behind each. Only who comes regularly is counted among all who were here within
//! four days, once an hour (see `regulars`).

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    alert::{AlertAbout, AlertKind},
    ids::AccountId,
    trend::{Subject, TrendKind, day_of, novelty, owner_of, potential, score, threshold},
};
use pouet_storage::{
    Conn,
    follows::NewFollower,
    trend_lists::{self as lists, ExclusionRow, Supporter, TrendRow},
    trends as rows,
};

use super::{
    count::{MAX_AGE, sum_of},
    fit::{Entry, entries, fit},
    publishers,
    regulars::Count,
    ring::{self, Followed, LEAST, Regulars, Ring},
    words::load_words,
};
use crate::{
    alerts::{self, NewAlert},
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    tags::{DayOfUse, HISTORY_DAYS, load_history},
};

/// Time between two looks.
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(5);
/// Candidates that are read at a time, until the list is full.
const PAGE: i64 = 150;
/// Candidates that are looked at closely, at most.
const CANDIDATES: usize = 2_000;
/// Candidates whose supporters are read together, and how many these may be.
const TOGETHER: usize = 25;
const SUPPORTERS_TOGETHER: i64 = 2_000;
/// Entries of a list that are kept.
const KEPT: usize = 60;
/// Supporters of a candidate that are looked at, the last ones.
const SUPPORTERS: i64 = 400;
/// Time that supporters are looked for in: six half-lives of a hashtag.
const WINDOW: TimeDelta = TimeDelta::hours(72);
/// Times that supporters are asked for without those who look like a ring.
const ROUNDS: usize = 4;
/// How long it can be seen what was kept out.
const KEEP_EXCLUSIONS: TimeDelta = TimeDelta::days(30);
/// A score below this is none.
const NO_SCORE: f64 = 0.01;

/// What a look found.
#[derive(Clone, Debug, Default)]
struct Found {
    lists: Vec<(TrendKind, Vec<TrendRow>)>,
    excluded: Vec<ExclusionRow>,
    /// A new count of those who come regularly.
    counted: Option<Count>,
}

/// Looks at what trends now.
pub async fn refresh(instance: &Instance) -> Result<()> {
    let now = instance.now();
    let review = instance.settings.trends.review;
    let is_enabled = instance.settings.trends.enabled;
    let found = instance
        .read(move |conn| {
            if is_enabled {
                look(conn, review, now)
            } else {
                Ok(Found {
                    lists: TrendKind::SHOWN.map(|kind| (kind, Vec::new())).into(),
                    ..Found::default()
                })
            }
        })
        .await?;
    let writer = instance.clone();
    instance
        .write(move |tx| {
            if let Some(counted) = &found.counted {
                counted.save(tx)?;
            }
            for (kind, list) in &found.lists {
                if *kind == TrendKind::Link {
                    publishers::notice(tx, &writer, list, review, now)?;
                }
                let reviewed = as_reviewed(tx, *kind, list, review)?;
                lists::replace_trends(tx, *kind, &reviewed)?;
            }
            for row in &found.excluded {
                if lists::insert_exclusion(tx, row)? {
                    tracing::warn!(
                        kind = %row.subject.kind,
                        id = row.subject.id,
                        reason = row.reason,
                        accounts = row.accounts,
                        suspects = row.suspects,
                        "kept out of trends: those behind it look like a ring"
                    );
                    alerts::raise(tx, &writer, alert_of(row), now)?;
                }
            }
            Ok(())
        })
        .await
}

/// What those who look after the instance are told of something that is kept out.
fn alert_of(row: &ExclusionRow) -> NewAlert {
    NewAlert {
        kind: AlertKind::Ring,
        about: match row.subject.kind {
            TrendKind::Status => AlertAbout::Status,
            TrendKind::Link => AlertAbout::Link,
            TrendKind::Tag | TrendKind::Posts | TrendKind::Acts => AlertAbout::Tag,
        },
        subject_id: row.subject.id,
        reason: row.reason.clone(),
        people: row.accounts,
        suspects: row.suspects,
        usual: 0,
    }
}

/// A list with what moderators have said by now; they may have spoken since it was looked at.
fn as_reviewed(tx: &mut Conn, kind: TrendKind, list: &[TrendRow], review: bool) -> Result<Vec<TrendRow>> {
    let ids: Vec<i64> = list.iter().map(|row| row.id).collect();
    let said = load_words(tx, kind, &ids)?;
    let row = |row: &TrendRow| TrendRow {
        allowed: said
            .get(&row.id)
            .and_then(|word| word.trendable())
            .unwrap_or(!review),
        ..*row
    };
    Ok(list.iter().map(row).collect())
}

/// Has what moderators just said count at once for a list that is written.
pub(crate) fn judge_anew(tx: &mut Conn, kind: TrendKind, review: bool) -> Result<()> {
    let list = lists::list_trends(tx, kind, true, 0, KEPT as i64)?;
    let reviewed = as_reviewed(tx, kind, &list, review)?;
    Ok(lists::replace_trends(tx, kind, &reviewed)?)
}

/// [`refresh`], a look at who gains followers, and again after a while.
pub(crate) async fn run(instance: &Instance) -> Result<()> {
    refresh(instance).await?;
    alerts::watch_followers(instance).await?;
    let now = instance.now();
    let id = instance.next_id();
    instance
        .write(move |tx| jobs::enqueue(tx, id, &Job::RefreshTrends, now + EVERY, now))
        .await
}

/// Removes what counts no more.
pub(crate) fn prune(tx: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    let least = TrendKind::SHOWN.map(|kind| (kind, potential(NO_SCORE, now, kind.half_life())));
    rows::prune(tx, day_of(now) - HISTORY_DAYS, now - MAX_AGE, &least)?;
    publishers::prune(tx, now)?;
    Ok(lists::delete_exclusions_before(tx, now - KEEP_EXCLUSIONS)?)
}

fn look(conn: &mut Conn, review: bool, now: DateTime<Utc>) -> Result<Found> {
    let (count, is_new) = Count::load(conn, now)?;
    let regulars = count.regulars(conn)?;
    let mut found = Found::default();
    let mut followed = HashMap::new();
    for kind in TrendKind::SHOWN {
        let mut look = Look {
            kind,
            now,
            threshold: threshold(count.traffic_of(kind) as f64),
            regulars: &regulars,
            followed: &mut followed,
            excluded: Vec::new(),
        };
        let list = look.list(conn, review)?;
        found.lists.push((kind, list));
        found.excluded.extend(look.excluded);
    }
    found.counted = is_new.then_some(count);
    Ok(found)
}

/// What gives those away who began to follow somebody, if they look like a ring: its name, and how many have it in common.
pub(crate) fn ring_among(
    conn: &mut Conn,
    followers: &[NewFollower],
    now: DateTime<Utc>,
) -> Result<Option<(&'static str, usize)>> {
    let (count, _) = Count::load(conn, now)?;
    let regulars = count.regulars(conn)?;
    let supporters: Vec<Supporter> = followers
        .iter()
        .map(|follower| Supporter {
            account: follower.account,
            domain: owner_of(&follower.domain).to_owned(),
            day: 0,
            at: follower.at,
            created_at: follower.created_at,
            is_welcome: true,
        })
        .collect();
    let ids: Vec<AccountId> = followers.iter().map(|follower| follower.account).collect();
    let mut known = lists::load_followees(conn, &ids)?;
    let of = |id: &AccountId| (*id, Followed::new(&known.remove(id).unwrap_or_default()));
    let whom: HashMap<AccountId, Followed> = ids.iter().map(of).collect();
    let ring = ring::find(&supporters, &whom, &regulars);
    Ok(ring.map(|ring| (ring.by.as_str(), ring.suspects.len())))
}

/// Something that may trend.
struct Candidate<'a> {
    subject: Subject,
    /// Its score, in people.
    plain: f64,
    /// Its use by day.
    days: &'a [DayOfUse],
    /// Whether a moderator said that it may trend.
    is_approved: bool,
    /// Those who support it, the last first, if they have been read.
    supporters: Option<Vec<Supporter>>,
}

/// The look at one kind.
struct Look<'a> {
    kind: TrendKind,
    now: DateTime<Utc>,
    threshold: f64,
    regulars: &'a Regulars,
    /// Whom supporters follow, as far as it was looked up.
    followed: &'a mut HashMap<AccountId, Followed>,
    excluded: Vec<ExclusionRow>,
}

impl Look<'_> {
    /// Reads candidates until the list is full: those that do not trend, or not beside others, do not take its places.
    fn list(&mut self, conn: &mut Conn, review: bool) -> Result<Vec<TrendRow>> {
        let least = potential(self.threshold, self.now, self.kind.half_life());
        let (mut after, mut seen) = (None, 0);
        let mut found: Vec<Entry> = Vec::new();
        loop {
            let page = rows::list_candidates(conn, self.kind, least, after, PAGE)?;
            after = page.last().map(|(id, potential)| (*potential, *id));
            seen += page.len();
            let is_last = i64::try_from(page.len()).unwrap_or(PAGE) < PAGE || seen >= CANDIDATES;
            let trending = self.trending(conn, &page, review)?;
            found.extend(entries(conn, self.kind, trending)?);
            found.sort_by(|a, b| {
                let (a, b) = (a.row, b.row);
                b.score.total_cmp(&a.score).then(b.id.cmp(&a.id))
            });
            let fitted = fit(self.kind, &found);
            if is_last || fitted.first.len() >= KEPT {
                let mut list = fitted.first;
                list.extend(fitted.rest);
                list.truncate(KEPT);
                return Ok(list);
            }
        }
    }

    /// What of the candidates trends, with those who support it.
    fn trending(
        &mut self,
        conn: &mut Conn,
        candidates: &[(i64, f64)],
        review: bool,
    ) -> Result<Vec<(TrendRow, Vec<AccountId>)>> {
        let ids: Vec<i64> = candidates.iter().map(|(id, _)| *id).collect();
        let words = load_words(conn, self.kind, &ids)?;
        let history = match self.kind {
            TrendKind::Status => HashMap::new(),
            _ => load_history(conn, self.kind, &ids, self.now)?,
        };
        let mut trending = Vec::new();
        for together in candidates.chunks(TOGETHER) {
            let ids: Vec<i64> = together.iter().map(|(id, _)| *id).collect();
            let since = self.now - WINDOW;
            let mut known = lists::load_supporters(conn, self.kind, &ids, since, SUPPORTERS_TOGETHER)?;
            for (id, potential) in together {
                let word = words.get(id).copied().unwrap_or_default();
                if word.trendable() == Some(false) {
                    continue;
                }
                let candidate = Candidate {
                    subject: Subject {
                        kind: self.kind,
                        id: *id,
                    },
                    plain: score(*potential, self.now, self.kind.half_life()),
                    days: history.get(id).map(Vec::as_slice).unwrap_or_default(),
                    is_approved: word.is_vouched_for(),
                    supporters: known.as_mut().map(|known| known.remove(id).unwrap_or_default()),
                };
                if let Some((score, people)) = self.judge(conn, candidate)? {
                    let row = TrendRow {
                        id: *id,
                        score,
                        allowed: word.trendable().unwrap_or(!review),
                    };
                    trending.push((row, people));
                }
            }
        }
        Ok(trending)
    }

    /// The rank of a candidate, its score by how new it is, and those who support it; `None` if it does not trend.
    fn judge(&mut self, conn: &mut Conn, candidate: Candidate<'_>) -> Result<Option<(f64, Vec<AccountId>)>> {
        let Candidate {
            subject,
            plain,
            days,
            is_approved,
            mut supporters,
        } = candidate;
        let mut ring: Option<Ring> = None;
        let mut all = Vec::new();
        // A ring that is larger than what is looked at must not hide the others.
        for _ in 0..ROUNDS {
            let known: Vec<AccountId> = ring.iter().flat_map(|ring| &ring.suspects).copied().collect();
            all = match supporters.take() {
                Some(mut supporters) => {
                    supporters.truncate(usize::try_from(SUPPORTERS).unwrap_or(usize::MAX));
                    supporters
                }
                None => lists::list_supporters(conn, subject, self.now - WINDOW, &known, SUPPORTERS)?,
            };
            let next = if is_approved {
                None
            } else {
                self.find_ring(conn, &all)?
            };
            let Some(next) = next else { break };
            let suspects = next.suspects.clone();
            ring.get_or_insert(next).suspects.extend(suspects);
            if !is_cut(&all) {
                break;
            }
        }
        let is_suspect = |one: &Supporter| {
            ring.as_ref()
                .is_some_and(|ring| ring.suspects.contains(&one.account))
        };
        let counted: Vec<&Supporter> = all
            .iter()
            .filter(|one| one.is_welcome && !is_suspect(one))
            .collect();
        let score = if ring.is_none() && counted.len() == all.len() {
            plain
        } else if ring.is_none() && is_cut(&all) {
            // Those who are not looked at are taken to be like the others.
            plain * counted.len() as f64 / all.len() as f64
        } else {
            self.sum(&counted)
        };
        let people: BTreeSet<AccountId> = counted.iter().map(|one| one.account).collect();
        let trends = score >= self.threshold && is_broad(&counted);
        if let Some(ring) = ring.filter(|_| !trends) {
            let suspects = ring.suspects.len();
            self.excluded.push(ExclusionRow {
                subject,
                reason: ring.by.as_str().to_owned(),
                accounts: (people.len() + suspects) as i64,
                suspects: suspects as i64,
                created_at: self.now,
            });
        }
        Ok(trends.then(|| (score * self.novelty(&counted, days), people.into_iter().collect())))
    }

    fn find_ring(&mut self, conn: &mut Conn, supporters: &[Supporter]) -> Result<Option<Ring>> {
        if supporters.len() < LEAST {
            return Ok(None);
        }
        let unknown: BTreeSet<AccountId> = supporters
            .iter()
            .map(|one| one.account)
            .filter(|account| !self.followed.contains_key(account))
            .collect();
        let unknown: Vec<AccountId> = unknown.into_iter().collect();
        let mut followees = lists::load_followees(conn, &unknown)?;
        for account in unknown {
            let targets = followees.remove(&account).unwrap_or_default();
            self.followed.insert(account, Followed::new(&targets));
        }
        Ok(ring::find(supporters, self.followed, self.regulars))
    }

    /// The score that some of the supporters make together.
    fn sum(&self, counted: &[&Supporter]) -> f64 {
        let mut marks: Vec<_> = counted
            .iter()
            .map(|one| (one.day, one.domain.as_str(), one.at))
            .collect();
        marks.sort_by_key(|(_, _, at)| *at);
        sum_of(self.kind, marks.into_iter()).map_or(0.0, |sum| score(sum, self.now, self.kind.half_life()))
    }

    /// How unusual it is that so many use it as in the last 24 hours. Statuses have no usual days.
    fn novelty(&self, counted: &[&Supporter], days: &[DayOfUse]) -> f64 {
        if days.is_empty() {
            return 1.0;
        }
        let lately: HashSet<AccountId> = counted
            .iter()
            .filter(|one| self.now - one.at <= TimeDelta::hours(24))
            .map(|one| one.account)
            .collect();
        let before = &days[1..];
        let usual = before.iter().map(|day| day.accounts).sum::<i64>() as f64 / before.len().max(1) as f64;
        novelty(lately.len() as f64, usual)
    }
}

/// Whether more than one hand may be behind it: two people at least, of two owners or of this instance.
fn is_broad(counted: &[&Supporter]) -> bool {
    let people: HashSet<AccountId> = counted.iter().map(|one| one.account).collect();
    let owners: HashSet<&str> = counted.iter().map(|one| one.domain.as_str()).collect();
    people.len() >= 2 && (owners.len() >= 2 || owners.contains(""))
}

/// Whether there may be more supporters than these.
fn is_cut(supporters: &[Supporter]) -> bool {
    i64::try_from(supporters.len()).unwrap_or(i64::MAX) >= SUPPORTERS
}
