//! What trends as of the last look, what moderators said of it, what was kept out, and who is behind it.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count, exists},
    prelude::*,
};
use pouet_model::{
    ids::AccountId,
    time::from_millis,
    trend::{Subject, TrendKind},
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::{
        accounts, follows, mutes, trend_exclusions, trend_lists, trend_marks, trend_reviews, trend_scores,
    },
};

/// Something that trends.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TrendRow {
    /// Its id.
    pub id: i64,
    /// Its rank at the last look: its score in people, by how new it is.
    pub score: f64,
    /// Shown to everybody, not to moderators alone.
    pub allowed: bool,
}

/// Writes what of a kind trends, best first, over what was there.
pub fn replace_trends(conn: &mut Conn, kind: TrendKind, found: &[TrendRow]) -> Result<()> {
    diesel::delete(trend_lists::table.filter(trend_lists::kind.eq(kind.as_str()))).execute(conn)?;
    for (position, row) in (0i64..).zip(found) {
        diesel::insert_into(trend_lists::table)
            .values((
                trend_lists::kind.eq(kind.as_str()),
                trend_lists::position.eq(position),
                trend_lists::subject_id.eq(row.id),
                trend_lists::score.eq(row.score),
                trend_lists::allowed.eq(row.allowed),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// What of a kind trends, best first. `all`: also what waits for a moderator.
pub fn list_trends(
    conn: &mut Conn,
    kind: TrendKind,
    all: bool,
    offset: i64,
    limit: i64,
) -> Result<Vec<TrendRow>> {
    let mut query = trend_lists::table
        .filter(trend_lists::kind.eq(kind.as_str()))
        .order(trend_lists::position)
        .offset(offset)
        .limit(limit)
        .select((trend_lists::subject_id, trend_lists::score, trend_lists::allowed))
        .into_boxed();
    if !all {
        query = query.filter(trend_lists::allowed.eq(true));
    }
    let rows: Vec<(i64, f64, bool)> = query.load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, score, allowed)| TrendRow { id, score, allowed })
        .collect())
}

/// Whether a subject trends for everybody.
pub fn is_trending(conn: &mut Conn, subject: Subject) -> Result<bool> {
    let found = trend_lists::table
        .filter(trend_lists::kind.eq(subject.kind.as_str()))
        .filter(trend_lists::subject_id.eq(subject.id))
        .filter(trend_lists::allowed.eq(true));
    Ok(diesel::select(exists(found)).get_result(conn)?)
}

/// Writes what a moderator said of a subject; it counts from now on.
pub fn upsert_review(conn: &mut Conn, subject: Subject, trendable: bool, now: DateTime<Utc>) -> Result<()> {
    let values = (
        trend_reviews::kind.eq(subject.kind.as_str()),
        trend_reviews::subject_id.eq(subject.id),
        trend_reviews::trendable.eq(trendable),
        trend_reviews::reviewed_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(trend_reviews::table)
        .values(values)
        .on_conflict((trend_reviews::kind, trend_reviews::subject_id))
        .do_update()
        .set((
            trend_reviews::trendable.eq(trendable),
            trend_reviews::reviewed_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?);
    diesel::update(
        trend_lists::table
            .filter(trend_lists::kind.eq(subject.kind.as_str()))
            .filter(trend_lists::subject_id.eq(subject.id)),
    )
    .set(trend_lists::allowed.eq(trendable))
    .execute(conn)?;
    Ok(())
}

/// What moderators said of the subjects that they looked at.
pub fn load_reviews(conn: &mut Conn, kind: TrendKind, ids: &[i64]) -> Result<HashMap<i64, bool>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, bool)> = trend_reviews::table
            .filter(trend_reviews::kind.eq(kind.as_str()))
            .filter(among(trend_reviews::subject_id, chunk))
            .select((trend_reviews::subject_id, trend_reviews::trendable))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Something that was kept out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExclusionRow {
    /// What.
    pub subject: Subject,
    /// Why: `created`, `domain` or `follows`, what the suspects have in common.
    pub reason: String,
    /// Accounts that were looked at.
    pub accounts: i64,
    /// How many of them have it in common.
    pub suspects: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Notes that a subject is kept out; false if it was before.
pub fn insert_exclusion(conn: &mut Conn, row: &ExclusionRow) -> Result<bool> {
    let values = (
        trend_exclusions::kind.eq(row.subject.kind.as_str()),
        trend_exclusions::subject_id.eq(row.subject.id),
        trend_exclusions::reason.eq(&row.reason),
        trend_exclusions::accounts.eq(row.accounts),
        trend_exclusions::suspects.eq(row.suspects),
        trend_exclusions::created_at.eq(row.created_at.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(trend_exclusions::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows == 1)
}

/// What was kept out lately, the last first.
pub fn list_exclusions(conn: &mut Conn, limit: i64) -> Result<Vec<ExclusionRow>> {
    let rows: Vec<(String, i64, String, i64, i64, i64)> = trend_exclusions::table
        .order((
            trend_exclusions::created_at.desc(),
            trend_exclusions::subject_id.desc(),
        ))
        .limit(limit)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(kind, id, reason, accounts, suspects, created_at)| {
            let kind = TrendKind::SHOWN
                .into_iter()
                .find(|shown| shown.as_str() == kind)?;
            Some(ExclusionRow {
                subject: Subject { kind, id },
                reason,
                accounts,
                suspects,
                created_at: from_millis(created_at),
            })
        })
        .collect())
}

/// Forgets what was kept out before `before`.
pub fn delete_exclusions_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<()> {
    let old = trend_exclusions::created_at.lt(before.timestamp_millis());
    diesel::delete(trend_exclusions::table.filter(old)).execute(conn)?;
    Ok(())
}

/// Somebody who counts for a subject, on one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supporter {
    /// Who.
    pub account: AccountId,
    /// What the hosts of its owner share; empty for this instance.
    pub domain: String,
    /// Days since 1970-01-01; 0 where people count once for good.
    pub day: i64,
    /// When it counted first on that day.
    pub at: DateTime<Utc>,
    /// Since when the account exists, as its server says, or is known.
    pub created_at: DateTime<Utc>,
    /// Neither limited nor suspended nor gone, and willing to be found where that is asked for.
    pub is_welcome: bool,
}

type SupporterColumns = (
    (i64, i64, String, i64, i64),
    (i64, Option<i64>, Option<i64>, Option<i64>, bool),
);

/// Those who count for a subject of a kind since a time, before they are put in order and cut.
macro_rules! supporters {
    ($kind:expr, $since:expr) => {
        trend_marks::table
            .inner_join(accounts::table.on(accounts::id.eq(trend_marks::account_id)))
            .filter(trend_marks::kind.eq($kind.as_str()))
            .filter(trend_marks::scored.gt(0))
            .filter(trend_marks::at.ge($since.timestamp_millis()))
            .select((
                (
                    trend_marks::subject_id,
                    trend_marks::account_id,
                    trend_marks::domain,
                    trend_marks::day,
                    trend_marks::at,
                ),
                (
                    accounts::created_at,
                    accounts::silenced_at,
                    accounts::suspended_at,
                    accounts::deleted_at,
                    accounts::discoverable,
                ),
            ))
    };
}

/// The subject's id, and who counts for it.
fn supporter(kind: TrendKind, row: SupporterColumns) -> (i64, Supporter) {
    let (mark, account) = row;
    let (subject, id, domain, day, at) = mark;
    let (created_at, silenced, suspended, deleted, discoverable) = account;
    // What people say counts while they want to be found; what they think of others always.
    let may_be_found = kind == TrendKind::Status || discoverable;
    let supporter = Supporter {
        account: AccountId(id),
        domain,
        day,
        at: from_millis(at),
        created_at: from_millis(created_at),
        is_welcome: silenced.is_none() && suspended.is_none() && deleted.is_none() && may_be_found,
    };
    (subject, supporter)
}

/// Those who count for a subject since a time, once for each day, the last first; none of `without`.
pub fn list_supporters(
    conn: &mut Conn,
    subject: Subject,
    since: DateTime<Utc>,
    without: &[AccountId],
    limit: i64,
) -> Result<Vec<Supporter>> {
    let without: Vec<i64> = without.iter().map(|account| account.0).collect();
    let rows: Vec<SupporterColumns> = supporters!(subject.kind, since)
        .filter(trend_marks::subject_id.eq(subject.id))
        .filter(trend_marks::account_id.ne_all(without))
        .order((trend_marks::at.desc(), trend_marks::account_id))
        .limit(limit)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| supporter(subject.kind, row).1)
        .collect())
}

/// [`list_supporters`] of several subjects, all of them if they are fewer than `most` together; otherwise `None`.
pub fn load_supporters(
    conn: &mut Conn,
    kind: TrendKind,
    ids: &[i64],
    since: DateTime<Utc>,
    most: i64,
) -> Result<Option<HashMap<i64, Vec<Supporter>>>> {
    let rows: Vec<SupporterColumns> = supporters!(kind, since)
        .filter(among(trend_marks::subject_id, ids))
        .limit(most)
        .load(conn)?;
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) >= most {
        return Ok(None);
    }
    let mut found: HashMap<i64, Vec<Supporter>> = HashMap::new();
    for row in rows {
        let (subject, supporter) = supporter(kind, row);
        found.entry(subject).or_default().push(supporter);
    }
    for supporters in found.values_mut() {
        supporters.sort_unstable_by_key(|one| (Reverse(one.at), one.account));
    }
    Ok(Some(found))
}

/// Those of the subjects that have a reason to be shown still: a potential not below `least`, and somebody behind them who is
/// neither limited nor suspended nor gone, and wants to be found.
pub fn load_supported(conn: &mut Conn, kind: TrendKind, ids: &[i64], least: f64) -> Result<HashSet<i64>> {
    let mut found = HashSet::new();
    for chunk in chunks(ids) {
        let behind = trend_marks::table
            .inner_join(accounts::table.on(accounts::id.eq(trend_marks::account_id)))
            .filter(trend_marks::kind.eq(kind.as_str()))
            .filter(trend_marks::subject_id.eq(trend_scores::subject_id))
            .filter(trend_marks::scored.gt(0))
            .filter(accounts::discoverable.eq(true))
            .filter(accounts::silenced_at.is_null())
            .filter(accounts::suspended_at.is_null())
            .filter(accounts::deleted_at.is_null());
        let rows: Vec<i64> = trend_scores::table
            .filter(trend_scores::kind.eq(kind.as_str()))
            .filter(among(trend_scores::subject_id, chunk))
            .filter(trend_scores::potential.ge(least))
            .filter(exists(behind))
            .select(trend_scores::subject_id)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Accounts that are in a total on at least two days since `first_day`, with their owners' domains as in [`Supporter`], those known
/// for longest first. None that are limited, suspended or gone.
pub fn list_regulars(conn: &mut Conn, total: TrendKind, first_day: i64) -> Result<Vec<(AccountId, String)>> {
    let welcome = accounts::table
        .filter(accounts::id.eq(trend_marks::account_id))
        .filter(accounts::silenced_at.is_null())
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null());
    let rows: Vec<(i64, String)> = trend_marks::table
        .filter(trend_marks::kind.eq(total.as_str()))
        .filter(trend_marks::subject_id.eq(0))
        .filter(trend_marks::day.ge(first_day))
        .filter(exists(welcome))
        .group_by((trend_marks::account_id, trend_marks::domain))
        .having(count(trend_marks::day).ge(2))
        .order(trend_marks::account_id)
        .select((trend_marks::account_id, trend_marks::domain))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, domain)| (AccountId(id), domain))
        .collect())
}

/// When accounts were created, and their domains; of local ones empty.
pub fn load_origins(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<(DateTime<Utc>, String)>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String)> = accounts::table
            .filter(among(accounts::id, chunk))
            .select((accounts::created_at, accounts::domain))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(created_at, domain)| (from_millis(created_at), domain)),
        );
    }
    Ok(found)
}

/// Whom each of the accounts follows, as far as it is known here.
pub fn load_followees(conn: &mut Conn, ids: &[AccountId]) -> Result<HashMap<AccountId, Vec<AccountId>>> {
    let mut found: HashMap<AccountId, Vec<AccountId>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64)> = follows::table
            .filter(among(follows::account_id, chunk))
            .filter(follows::accepted.eq(true))
            .order((follows::account_id, follows::target_id))
            .select((follows::account_id, follows::target_id))
            .load(conn)?;
        for (account, target) in rows {
            found
                .entry(AccountId(account))
                .or_default()
                .push(AccountId(target));
        }
    }
    Ok(found)
}

/// How many people have used each of the subjects since a time.
pub fn count_people(
    conn: &mut Conn,
    kind: TrendKind,
    ids: &[i64],
    since: DateTime<Utc>,
) -> Result<HashMap<i64, i64>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64)> = trend_marks::table
            .filter(trend_marks::kind.eq(kind.as_str()))
            .filter(among(trend_marks::subject_id, chunk))
            .filter(trend_marks::uses.gt(0))
            .filter(trend_marks::at.ge(since.timestamp_millis()))
            .group_by(trend_marks::subject_id)
            .select((
                trend_marks::subject_id,
                count(trend_marks::account_id).aggregate_distinct(),
            ))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What those whom `viewer` follows and has not muted have used since a time, with how many of them, the most first; only what
/// `least` of them used.
pub fn list_used_by_followed(
    conn: &mut Conn,
    viewer: AccountId,
    kind: TrendKind,
    since: DateTime<Utc>,
    least: i64,
    limit: i64,
) -> Result<Vec<(i64, i64)>> {
    let muted = mutes::table
        .filter(mutes::account_id.eq(viewer.0))
        .select(mutes::target_id);
    let people = || count(trend_marks::account_id).aggregate_distinct();
    Ok(trend_marks::table
        .inner_join(follows::table.on(follows::target_id.eq(trend_marks::account_id)))
        .filter(follows::account_id.eq(viewer.0))
        .filter(follows::accepted.eq(true))
        .filter(trend_marks::account_id.ne_all(muted))
        .filter(trend_marks::kind.eq(kind.as_str()))
        .filter(trend_marks::scored.gt(0))
        .filter(trend_marks::at.ge(since.timestamp_millis()))
        .group_by(trend_marks::subject_id)
        .having(people().ge(least))
        .order((people().desc(), trend_marks::subject_id.desc()))
        .limit(limit)
        .select((trend_marks::subject_id, people()))
        .load(conn)?)
}
