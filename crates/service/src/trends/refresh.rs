//! The look at what trends, every few minutes: of the candidates, which the database keeps in order, those that many different
//! people support, best first. Its cost does not depend on how much the instance knows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, CardId, StatusId},
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
    ring::{self, LEAST, Regulars, Ring},
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
/// People whose habits tell what is ordinary.
const REGULARS: usize = 2_000;
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
                lists::replace_trends(tx, *kind, list)?;
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
    let origins = lists::load_origins(conn, &posting[..posting.len().min(REGULARS)])?;
    let regulars = Regulars::new(
        origins
            .into_iter()
            .map(|(created, domain)| (created, owner_of(&domain).to_owned())),
    );
    let mut found = Found::default();
    for kind in TrendKind::SHOWN {
        let traffic = match kind.traffic() {
            TrendKind::Acts => acting.len(),
            _ => posting.len(),
        };
        let mut look = Look {
            kind,
            now,
            threshold: threshold(traffic as f64),
            regulars: &regulars,
            excluded: Vec::new(),
        };
        let list = look.list(conn, review)?;
        found.lists.push((kind, list));
        found.excluded.extend(look.excluded);
    }
    Ok(found)
}

/// The look at one kind.
struct Look<'a> {
    kind: TrendKind,
    now: DateTime<Utc>,
    threshold: f64,
    regulars: &'a Regulars,
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
            let Some(score) = self.judge(conn, id, plain, days, is_approved)? else {
                continue;
            };
            list.push(TrendRow {
                id,
                score,
                allowed: is_approved || !review,
            });
        }
        list.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.id.cmp(&a.id)));
        list = match self.kind {
            TrendKind::Status => fit_statuses(conn, list)?,
            TrendKind::Link => fit_links(conn, list)?,
            _ => list,
        };
        list.truncate(KEPT);
        Ok(list)
    }

    /// The rank of a candidate, its score by how new it is; `None` if it does not trend.
    fn judge(
        &mut self,
        conn: &mut Conn,
        id: i64,
        plain: f64,
        days: &[DayOfUse],
        is_approved: bool,
    ) -> Result<Option<f64>> {
        let subject = Subject { kind: self.kind, id };
        let all = lists::list_supporters(conn, subject, self.now - WINDOW, SUPPORTERS)?;
        let mut counted: Vec<&Supporter> = all.iter().filter(|one| one.is_welcome).collect();
        let ring = if is_approved {
            None
        } else {
            self.find_ring(conn, &all)?
        };
        if let Some(ring) = &ring {
            counted.retain(|one| !ring.suspects.contains(&one.account));
        }
        let is_whole = counted.len() == all.len();
        let score = if is_whole { plain } else { self.sum(&counted) };
        let trends = score >= self.threshold && is_broad(&counted);
        if let Some(ring) = ring.filter(|_| !trends) {
            let people: HashSet<AccountId> = all.iter().map(|one| one.account).collect();
            self.excluded.push(ExclusionRow {
                subject,
                reason: ring.by.as_str().to_owned(),
                accounts: people.len() as i64,
                suspects: ring.suspects.len() as i64,
                created_at: self.now,
            });
        }
        Ok(trends.then(|| score * self.novelty(&counted, days)))
    }

    fn find_ring(&self, conn: &mut Conn, supporters: &[Supporter]) -> Result<Option<Ring>> {
        if supporters.len() < LEAST {
            return Ok(None);
        }
        let people: HashSet<AccountId> = supporters.iter().map(|one| one.account).collect();
        let people: Vec<AccountId> = people.into_iter().collect();
        let followees = lists::load_followees(conn, &people)?;
        Ok(ring::find(supporters, &followees, self.regulars))
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
        && !status.sensitive
        && status.spoiler_text.is_empty()
        && author.discoverable
        && author.is_active()
        && author.silenced_at.is_none()
}
