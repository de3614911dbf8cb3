//! The look at what trends, every few minutes: of the candidates, which the database keeps in order, those that many different
//! people support, best first. Its cost does not depend on how much the instance knows.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, CardId, StatusId, first_id_at},
    status::{Status, Visibility},
    trend::{Subject, TrendKind, day_of, novelty, owner_of, potential, score, threshold},
};
use pouet_storage::{
    Conn, statuses,
    trend_lists::{self as lists, ExclusionRow, Supporter, TrendRow},
    trends as rows,
};

use super::{
    count::{MAX_AGE, sum_of},
    ring::{self, Followed, LEAST, LEAST_REGULARS, Regulars, Ring},
};
use crate::{
    cards::load_views as load_cards,
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    tags::{DayOfUse, HISTORY_DAYS, load_history},
    visibility::load_accounts,
};

/// Time between two looks.
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(5);
/// Candidates that are looked at closely.
const CANDIDATES: i64 = 150;
/// Entries of a list that are kept.
const KEPT: usize = 60;
/// Supporters of a candidate that are looked at, the last ones.
const SUPPORTERS: i64 = 400;
/// Time that supporters are looked for in: six half-lives of a hashtag.
const WINDOW: TimeDelta = TimeDelta::hours(72);
/// Times that supporters are asked for without those who look like a ring.
const ROUNDS: usize = 4;
/// Hashtags in the list that the very same people use.
const MAX_OF_SAME_PEOPLE: usize = 3;
/// People whose habits tell what is ordinary.
const REGULARS: usize = 2_000;
/// How long people are known who tell that, where there are enough of them: nobody makes themselves ordinary in a few days.
const LONG_KNOWN: TimeDelta = TimeDelta::days(14);
/// Regulars of one remote domain that count as traffic.
const MAX_TRAFFIC_OF_DOMAIN: usize = 100;
/// Days before today in which people have to come twice to be regulars.
const REGULAR_DAYS: i64 = 3;
/// Statuses of one remote owner in the list.
const MAX_STATUSES_OF_DOMAIN: usize = 5;
/// Links to pages of one owner in the list.
const MAX_LINKS_OF_SITE: usize = 3;
/// How long it can be seen what was kept out.
const KEEP_EXCLUSIONS: TimeDelta = TimeDelta::days(30);
/// A score below this is none.
const NO_SCORE: f64 = 0.01;

/// What a look found.
#[derive(Clone, Debug, Default)]
struct Found {
    lists: Vec<(TrendKind, Vec<TrendRow>)>,
    excluded: Vec<ExclusionRow>,
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
                    excluded: Vec::new(),
                })
            }
        })
        .await?;
    instance
        .write(move |tx| {
            for (kind, list) in &found.lists {
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
                }
            }
            Ok(())
        })
        .await
}

/// A list with what moderators have said by now; they may have spoken since it was looked at.
fn as_reviewed(tx: &mut Conn, kind: TrendKind, list: &[TrendRow], review: bool) -> Result<Vec<TrendRow>> {
    let ids: Vec<i64> = list.iter().map(|row| row.id).collect();
    let said = lists::load_reviews(tx, kind, &ids)?;
    let row = |row: &TrendRow| TrendRow {
        allowed: said.get(&row.id).copied().unwrap_or(!review),
        ..*row
    };
    Ok(list.iter().map(row).collect())
}

/// [`refresh`], and again after a while.
pub(crate) async fn run(instance: &Instance) -> Result<()> {
    refresh(instance).await?;
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
    Ok(lists::delete_exclusions_before(tx, now - KEEP_EXCLUSIONS)?)
}

fn look(conn: &mut Conn, review: bool, now: DateTime<Utc>) -> Result<Found> {
    let posting = lists::list_regulars(conn, TrendKind::Posts, day_of(now) - REGULAR_DAYS)?;
    let acting = lists::list_regulars(conn, TrendKind::Acts, day_of(now) - REGULAR_DAYS)?;
    let origins = lists::load_origins(conn, &ordinary(&posting, now))?;
    let regulars = Regulars::new(
        origins
            .into_iter()
            .map(|(created, domain)| (created, owner_of(&domain).to_owned())),
    );
    let mut found = Found::default();
    let mut followed = HashMap::new();
    for kind in TrendKind::SHOWN {
        let people = match kind.traffic() {
            TrendKind::Acts => traffic(&acting),
            _ => traffic(&posting),
        };
        let mut look = Look {
            kind,
            now,
            threshold: threshold(people as f64),
            regulars: &regulars,
            followed: &mut followed,
            excluded: Vec::new(),
        };
        let list = look.list(conn, review)?;
        found.lists.push((kind, list));
        found.excluded.extend(look.excluded);
    }
    Ok(found)
}

/// Regulars who tell what is ordinary: those who are known for long, or all where those are few, as on a new instance.
fn ordinary(regulars: &[(AccountId, String)], now: DateTime<Utc>) -> Vec<AccountId> {
    let ids: Vec<AccountId> = regulars.iter().map(|(id, _)| *id).collect();
    let before = first_id_at(now - LONG_KNOWN);
    let known = ids.partition_point(|id| id.0 < before);
    let fitting = if known >= LEAST_REGULARS { known } else { ids.len() };
    ids[..fitting.min(REGULARS)].to_vec()
}

/// How many regulars there are, of each remote domain only so many that none of them sets the threshold.
fn traffic(regulars: &[(AccountId, String)]) -> usize {
    let mut of_domain: HashMap<&str, usize> = HashMap::new();
    for (_, domain) in regulars {
        *of_domain.entry(domain).or_default() += 1;
    }
    let counted = |(domain, count): (&str, usize)| match domain {
        "" => count,
        _ => count.min(MAX_TRAFFIC_OF_DOMAIN),
    };
    of_domain.into_iter().map(counted).sum()
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
    fn list(&mut self, conn: &mut Conn, review: bool) -> Result<Vec<TrendRow>> {
        let least = potential(self.threshold, self.now, self.kind.half_life());
        let candidates = rows::list_candidates(conn, self.kind, least, CANDIDATES)?;
        let ids: Vec<i64> = candidates.iter().map(|(id, _)| *id).collect();
        let reviews = lists::load_reviews(conn, self.kind, &ids)?;
        let history = match self.kind {
            TrendKind::Status => HashMap::new(),
            _ => load_history(conn, self.kind, &ids, self.now)?,
        };
        let mut list = Vec::new();
        for (id, potential) in candidates {
            if reviews.get(&id) == Some(&false) {
                continue;
            }
            let is_approved = reviews.get(&id) == Some(&true);
            let plain = score(potential, self.now, self.kind.half_life());
            let days = history.get(&id).map(Vec::as_slice).unwrap_or_default();
            let Some((score, people)) = self.judge(conn, id, plain, days, is_approved)? else {
                continue;
            };
            let row = TrendRow {
                id,
                score,
                allowed: is_approved || !review,
            };
            list.push((row, people));
        }
        list.sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score).then(b.id.cmp(&a.id)));
        let mut list = match self.kind {
            TrendKind::Status => fit_statuses(conn, rows_of(list))?,
            TrendKind::Link => fit_links(conn, rows_of(list))?,
            _ => fit_tags(list),
        };
        list.truncate(KEPT);
        Ok(list)
    }

    /// The rank of a candidate, its score by how new it is, and those who support it; `None` if it does not trend.
    fn judge(
        &mut self,
        conn: &mut Conn,
        id: i64,
        plain: f64,
        days: &[DayOfUse],
        is_approved: bool,
    ) -> Result<Option<(f64, Vec<AccountId>)>> {
        let subject = Subject { kind: self.kind, id };
        let mut ring: Option<Ring> = None;
        let mut all = Vec::new();
        // A ring that is larger than what is looked at must not hide the others.
        for _ in 0..ROUNDS {
            let known: Vec<AccountId> = ring.iter().flat_map(|ring| &ring.suspects).copied().collect();
            all = lists::list_supporters(conn, subject, self.now - WINDOW, &known, SUPPORTERS)?;
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

/// What trends, each with those who support it.
type Supported = Vec<(TrendRow, Vec<AccountId>)>;

fn rows_of(list: Supported) -> Vec<TrendRow> {
    list.into_iter().map(|(row, _)| row).collect()
}

/// Leaves out all but a few of the hashtags that the very same people use: they are one thing.
fn fit_tags(list: Supported) -> Vec<TrendRow> {
    let mut of_people: HashMap<Vec<AccountId>, usize> = HashMap::new();
    list.into_iter()
        .filter_map(|(row, people)| {
            let count = of_people.entry(people).or_default();
            *count += 1;
            (*count <= MAX_OF_SAME_PEOPLE).then_some(row)
        })
        .collect()
}

/// Leaves out the statuses that cannot be shown to everybody, all but the best of each author, and all but a few of each owner of
/// domains.
fn fit_statuses(conn: &mut Conn, list: Vec<TrendRow>) -> Result<Vec<TrendRow>> {
    let ids: Vec<StatusId> = list.iter().map(|row| StatusId(row.id)).collect();
    let found: HashMap<i64, Status> = statuses::load_statuses(conn, &ids)?
        .into_iter()
        .map(|status| (status.id.0, status))
        .collect();
    let authors: Vec<AccountId> = found.values().map(|status| status.account_id).collect();
    let authors = load_accounts(conn, &authors)?;
    let mut of_author = HashSet::new();
    let mut of_owner: HashMap<String, usize> = HashMap::new();
    let mut fitting = Vec::new();
    for row in list {
        let Some(status) = found.get(&row.id) else {
            continue;
        };
        let Some(author) = authors.get(&status.account_id) else {
            continue;
        };
        if !may_trend(status, author) || !of_author.insert(author.id) {
            continue;
        }
        if let Some(domain) = &author.domain {
            let count = of_owner.entry(owner_of(domain).to_owned()).or_default();
            *count += 1;
            if *count > MAX_STATUSES_OF_DOMAIN {
                continue;
            }
        }
        fitting.push(row);
    }
    Ok(fitting)
}

/// Leaves out the links whose pages say nothing of themselves, or have not been read yet, and all but a few of each site.
fn fit_links(conn: &mut Conn, list: Vec<TrendRow>) -> Result<Vec<TrendRow>> {
    let ids: Vec<CardId> = list.iter().map(|row| CardId(row.id)).collect();
    let cards = load_cards(conn, None, &ids)?;
    let mut of_site: HashMap<String, usize> = HashMap::new();
    let mut fitting = Vec::new();
    for row in list {
        let Some(view) = cards.get(&CardId(row.id)) else {
            continue;
        };
        let count = of_site
            .entry(owner_of(&view.card.page_host).to_owned())
            .or_default();
        *count += 1;
        if *count <= MAX_LINKS_OF_SITE {
            fitting.push(row);
        }
    }
    Ok(fitting)
}

/// Whether a status may be shown as a trend, as it and its author are now.
pub(super) fn may_trend(status: &Status, author: &Account) -> bool {
    status.visibility == Visibility::Public
        && !status.local_only
        && !status.sensitive
        && status.spoiler_text.is_empty()
        && author.discoverable
        && author.is_active()
        && author.silenced_at.is_none()
}
