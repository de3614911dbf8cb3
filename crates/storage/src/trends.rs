//! What is counted for trends: who used what on which day, and what that makes of scores.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{
    card::CardState,
    ids::{AccountId, StatusId},
    status::Visibility,
    time::from_millis,
    trend::{Subject, TrendKind},
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::{
        accounts, preview_cards, statuses, trend_days, trend_marks, trend_reviews, trend_scores, trend_uses,
    },
};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// The potential of a subject that nothing was added to.
const NOTHING: f64 = -1e300;

/// A row of a subject.
macro_rules! of {
    ($table:ident, $subject:expr) => {
        $table::table
            .filter($table::kind.eq($subject.kind.as_str()))
            .filter($table::subject_id.eq($subject.id))
    };
}

/// A use of a subject by an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMark<'a> {
    /// What.
    pub subject: Subject,
    /// Days since 1970-01-01; 0 where people count once for good.
    pub day: i64,
    /// Who.
    pub account: AccountId,
    /// What the hosts of its owner share; empty for this instance.
    pub domain: &'a str,
    /// Whether it counts for the score.
    pub scored: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a use was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marked {
    /// The account's first of the day.
    pub first: bool,
    /// Its first of the day that counts for the score.
    pub first_scored: bool,
    /// Since when it counts on that day.
    pub at: DateTime<Utc>,
}

/// What a use was that is taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unmarked {
    /// The account's last of the day.
    pub last: bool,
    /// If it was its last that counts for the score: what counts no longer.
    pub mark: Option<MarkRow>,
}

/// Adds a use. Who has taken back all that they did with a status, and does it again, counts from when they did it first.
pub fn insert_mark(conn: &mut Conn, mark: &NewMark<'_>) -> Result<Marked> {
    let inserted = insert_new_mark(conn, mark)?;
    if inserted == 1 {
        return Ok(Marked {
            first: true,
            first_scored: mark.scored,
            at: mark.at,
        });
    }
    let row = || {
        of!(trend_marks, mark.subject)
            .filter(trend_marks::day.eq(mark.day))
            .filter(trend_marks::account_id.eq(mark.account.0))
    };
    diesel::update(row())
        .set(trend_marks::uses.eq(trend_marks::uses + 1))
        .execute(conn)?;
    let (mut first_scored, mut at) = (false, mark.at);
    if mark.scored {
        if mark.subject.kind == TrendKind::Status {
            at = from_millis(row().select(trend_marks::at).first(conn)?);
        }
        first_scored = diesel::update(row().filter(trend_marks::scored.eq(0)))
            .set((
                trend_marks::scored.eq(1),
                trend_marks::at.eq(at.timestamp_millis()),
            ))
            .execute(conn)?
            == 1;
        if !first_scored {
            diesel::update(row())
                .set(trend_marks::scored.eq(trend_marks::scored + 1))
                .execute(conn)?;
        }
    }
    Ok(Marked {
        first: false,
        first_scored,
        at,
    })
}

/// Adds an account to a total; false if it is there. Further uses are not counted.
pub fn insert_mark_once(conn: &mut Conn, mark: &NewMark<'_>) -> Result<bool> {
    Ok(insert_new_mark(conn, mark)? == 1)
}

fn insert_new_mark(conn: &mut Conn, mark: &NewMark<'_>) -> Result<usize> {
    let values = (
        trend_marks::kind.eq(mark.subject.kind.as_str()),
        trend_marks::subject_id.eq(mark.subject.id),
        trend_marks::day.eq(mark.day),
        trend_marks::account_id.eq(mark.account.0),
        trend_marks::domain.eq(mark.domain),
        trend_marks::uses.eq(1),
        trend_marks::scored.eq(i64::from(mark.scored)),
        trend_marks::at.eq(mark.at.timestamp_millis()),
    );
    Ok(
        each_backend!(conn, conn => diesel::insert_into(trend_marks::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?),
    )
}

/// Takes a use back. `None` if there is none.
pub fn delete_mark(
    conn: &mut Conn,
    subject: Subject,
    day: i64,
    account: AccountId,
    scored: bool,
) -> Result<Option<Unmarked>> {
    let row = || {
        of!(trend_marks, subject)
            .filter(trend_marks::day.eq(day))
            .filter(trend_marks::account_id.eq(account.0))
    };
    let found: Option<(i64, i64, String, i64)> = row()
        .select((
            trend_marks::uses,
            trend_marks::scored,
            trend_marks::domain,
            trend_marks::at,
        ))
        .first(conn)
        .optional()?;
    let Some((uses, counted, domain, at)) = found.filter(|(uses, ..)| *uses > 0) else {
        return Ok(None);
    };
    let counts = scored && counted > 0;
    // A row of a status stays, so that it is known when they came first.
    if uses == 1 && subject.kind != TrendKind::Status {
        diesel::delete(row()).execute(conn)?;
    } else {
        diesel::update(row())
            .set((
                trend_marks::uses.eq(uses - 1),
                trend_marks::scored.eq(counted - i64::from(counts)),
            ))
            .execute(conn)?;
    }
    let is_out = counts && (counted == 1 || uses == 1);
    Ok(Some(Unmarked {
        last: uses == 1,
        mark: is_out.then(|| MarkRow {
            day,
            domain,
            at: from_millis(at),
        }),
    }))
}

/// Subjects of a kind that count for their score by an account on a day, `limit` at most.
pub fn list_scored_on(
    conn: &mut Conn,
    kind: TrendKind,
    account: AccountId,
    day: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    let first_at = day * DAY;
    Ok(trend_marks::table
        .filter(trend_marks::account_id.eq(account.0))
        .filter(trend_marks::kind.eq(kind.as_str()))
        .filter(trend_marks::at.ge(first_at))
        .filter(trend_marks::at.lt(first_at + DAY))
        .filter(trend_marks::scored.gt(0))
        .limit(limit)
        .select(trend_marks::subject_id)
        .load(conn)?)
}

/// How many accounts of a domain count for a subject on a day, `limit` at most.
pub fn count_of_domain(
    conn: &mut Conn,
    subject: Subject,
    day: i64,
    domain: &str,
    limit: i64,
) -> Result<usize> {
    let rows: Vec<i64> = of!(trend_marks, subject)
        .filter(trend_marks::day.eq(day))
        .filter(trend_marks::domain.eq(domain))
        .filter(trend_marks::scored.gt(0))
        .limit(limit)
        .select(trend_marks::account_id)
        .load(conn)?;
    Ok(rows.len())
}

/// Somebody who counts for a subject on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarkRow {
    /// Days since 1970-01-01; 0 where people count once for good.
    pub day: i64,
    /// What the hosts of its owner share; empty for this instance.
    pub domain: String,
    /// When it counted first on that day.
    pub at: DateTime<Utc>,
}

impl From<(i64, String, i64)> for MarkRow {
    fn from((day, domain, at): (i64, String, i64)) -> Self {
        Self {
            day,
            domain,
            at: from_millis(at),
        }
    }
}

/// Who counts for a subject, each once a day, the earliest leading, `limit` at most.
pub fn list_marks(conn: &mut Conn, subject: Subject, limit: i64) -> Result<Vec<MarkRow>> {
    let rows: Vec<(i64, String, i64)> = of!(trend_marks, subject)
        .filter(trend_marks::scored.gt(0))
        .order((trend_marks::at, trend_marks::account_id))
        .limit(limit)
        .select((trend_marks::day, trend_marks::domain, trend_marks::at))
        .load(conn)?;
    Ok(rows.into_iter().map(MarkRow::from).collect())
}

/// [`list_marks`] of one day and domain.
pub fn list_marks_of_domain(
    conn: &mut Conn,
    subject: Subject,
    day: i64,
    domain: &str,
    limit: i64,
) -> Result<Vec<MarkRow>> {
    let rows: Vec<(i64, String, i64)> = of!(trend_marks, subject)
        .filter(trend_marks::day.eq(day))
        .filter(trend_marks::domain.eq(domain))
        .filter(trend_marks::scored.gt(0))
        .order((trend_marks::at, trend_marks::account_id))
        .limit(limit)
        .select((trend_marks::day, trend_marks::domain, trend_marks::at))
        .load(conn)?;
    Ok(rows.into_iter().map(MarkRow::from).collect())
}

/// Removes all uses of a subject, and its score.
pub fn delete_subject(conn: &mut Conn, subject: Subject) -> Result<()> {
    diesel::delete(of!(trend_marks, subject)).execute(conn)?;
    diesel::delete(of!(trend_scores, subject)).execute(conn)?;
    Ok(())
}

/// Uses and accounts of a subject on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DayRow {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Uses.
    pub uses: i64,
    /// Accounts.
    pub accounts: i64,
}

/// Changes what is counted of a subject on a day.
pub fn adjust_day(conn: &mut Conn, subject: Subject, change: DayRow) -> Result<()> {
    let values = (
        trend_days::kind.eq(subject.kind.as_str()),
        trend_days::subject_id.eq(subject.id),
        trend_days::day.eq(change.day),
        trend_days::uses.eq(change.uses.max(0)),
        trend_days::accounts.eq(change.accounts.max(0)),
    );
    each_backend!(conn, conn => diesel::insert_into(trend_days::table)
        .values(values)
        .on_conflict((trend_days::kind, trend_days::subject_id, trend_days::day))
        .do_update()
        .set((
            trend_days::uses.eq(trend_days::uses + change.uses),
            trend_days::accounts.eq(trend_days::accounts + change.accounts),
        ))
        .execute(conn)?);
    Ok(())
}

/// What was counted of each of the subjects since a day.
pub fn load_days(
    conn: &mut Conn,
    kind: TrendKind,
    ids: &[i64],
    since: i64,
) -> Result<HashMap<i64, Vec<DayRow>>> {
    let mut found: HashMap<i64, Vec<DayRow>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64, i64, i64)> = trend_days::table
            .filter(trend_days::kind.eq(kind.as_str()))
            .filter(among(trend_days::subject_id, chunk))
            .filter(trend_days::day.ge(since))
            .select((
                trend_days::subject_id,
                trend_days::day,
                trend_days::uses,
                trend_days::accounts,
            ))
            .load(conn)?;
        for (id, day, uses, accounts) in rows {
            found.entry(id).or_default().push(DayRow { day, uses, accounts });
        }
    }
    Ok(found)
}

/// The potential of a subject. In a transaction that changes it, [`lock_potential`] is asked instead.
pub fn find_potential(conn: &mut Conn, subject: Subject) -> Result<Option<f64>> {
    Ok(of!(trend_scores, subject)
        .select(trend_scores::potential)
        .first(conn)
        .optional()?)
}

/// The potential of a subject, which nobody else changes before the end of the transaction.
pub fn lock_potential(conn: &mut Conn, subject: Subject) -> Result<f64> {
    let values = (
        trend_scores::kind.eq(subject.kind.as_str()),
        trend_scores::subject_id.eq(subject.id),
        trend_scores::potential.eq(NOTHING),
    );
    each_backend!(conn, conn => diesel::insert_into(trend_scores::table)
        .values(values)
        .on_conflict((trend_scores::kind, trend_scores::subject_id))
        .do_update()
        .set(trend_scores::potential.eq(trend_scores::potential))
        .execute(conn)?);
    Ok(find_potential(conn, subject)?.unwrap_or(NOTHING))
}

/// Writes the potential of a subject; `None`: it has none any more.
pub fn update_potential(conn: &mut Conn, subject: Subject, potential: Option<f64>) -> Result<()> {
    match potential {
        Some(potential) => diesel::update(of!(trend_scores, subject))
            .set(trend_scores::potential.eq(potential))
            .execute(conn)?,
        None => diesel::delete(of!(trend_scores, subject)).execute(conn)?,
    };
    Ok(())
}

/// Notes that a subject is not one owner's alone, if it is not: `domain` is that of somebody who has just counted for it, empty of
/// this instance.
pub fn update_broad(conn: &mut Conn, subject: Subject, domain: &str) -> Result<()> {
    let row = of!(trend_scores, subject).filter(trend_scores::broad.eq(false));
    if domain.is_empty() {
        diesel::update(row)
            .set(trend_scores::broad.eq(true))
            .execute(conn)?;
        return Ok(());
    }
    let others = of!(trend_marks, subject)
        .filter(trend_marks::scored.gt(0))
        .filter(trend_marks::domain.ne(domain));
    diesel::update(row.filter(exists(others)))
        .set(trend_scores::broad.eq(true))
        .execute(conn)?;
    Ok(())
}

/// Subjects of a kind with the highest potentials that are not below `least`, the highest first, those behind `after`: potential
/// and id of one. None that moderators rejected, that one owner of a domain pushes alone, or that could not be shown now:
/// statuses that are not for everybody or whose authors do not want to be found, and links whose pages say nothing.
pub fn list_candidates(
    conn: &mut Conn,
    kind: TrendKind,
    least: f64,
    after: Option<(f64, i64)>,
    limit: i64,
) -> Result<Vec<(i64, f64)>> {
    let rejected = trend_reviews::table
        .filter(trend_reviews::kind.eq(kind.as_str()))
        .filter(trend_reviews::subject_id.eq(trend_scores::subject_id))
        .filter(trend_reviews::trendable.eq(false));
    let mut query = trend_scores::table
        .filter(trend_scores::kind.eq(kind.as_str()))
        .filter(trend_scores::broad.eq(true))
        .filter(trend_scores::potential.ge(least))
        .filter(not(exists(rejected)))
        .order((trend_scores::potential.desc(), trend_scores::subject_id.desc()))
        .limit(limit)
        .select((trend_scores::subject_id, trend_scores::potential))
        .into_boxed();
    if let Some((potential, id)) = after {
        let behind = trend_scores::potential
            .eq(potential)
            .and(trend_scores::subject_id.lt(id));
        query = query
            .filter(trend_scores::potential.le(potential))
            .filter(trend_scores::potential.lt(potential).or(behind));
    }
    match kind {
        TrendKind::Status => {
            let shown = statuses::table
                .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
                .filter(statuses::id.eq(trend_scores::subject_id))
                .filter(statuses::visibility.eq(Visibility::Public.as_str()))
                .filter(statuses::local_only.eq(false))
                .filter(statuses::sensitive.eq(false))
                .filter(statuses::spoiler_text.eq(""))
                .filter(accounts::discoverable.eq(true))
                .filter(accounts::silenced_at.is_null())
                .filter(accounts::suspended_at.is_null())
                .filter(accounts::deleted_at.is_null());
            query = query.filter(exists(shown));
        }
        TrendKind::Link => {
            let shown = preview_cards::table
                .filter(preview_cards::id.eq(trend_scores::subject_id))
                .filter(preview_cards::state.eq(CardState::Ready.as_str()));
            query = query.filter(exists(shown));
        }
        TrendKind::Tag | TrendKind::Posts | TrendKind::Acts => {}
    }
    Ok(query.load(conn)?)
}

/// Something that a status was counted for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UseRow {
    /// What: a tag, a link, the total of posts, or the status that a boost or an answer is an act on.
    pub subject: Subject,
    /// On which day; of acts, when they were counted.
    pub day: i64,
    /// Whether it counted for the score.
    pub scored: bool,
}

const USED: [TrendKind; 4] = [
    TrendKind::Tag,
    TrendKind::Link,
    TrendKind::Posts,
    TrendKind::Status,
];

/// Notes what a status was counted for; false if that was noted before.
pub fn insert_use(conn: &mut Conn, status: StatusId, used: UseRow) -> Result<bool> {
    let values = (
        trend_uses::status_id.eq(status.0),
        trend_uses::kind.eq(used.subject.kind.as_str()),
        trend_uses::subject_id.eq(used.subject.id),
        trend_uses::day.eq(used.day),
        trend_uses::scored.eq(used.scored),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(trend_uses::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows == 1)
}

/// What a status was counted for, in the order of [`Subject::order`].
pub fn list_uses(conn: &mut Conn, status: StatusId) -> Result<Vec<UseRow>> {
    let rows: Vec<(String, i64, i64, bool)> = trend_uses::table
        .filter(trend_uses::status_id.eq(status.0))
        .select((
            trend_uses::kind,
            trend_uses::subject_id,
            trend_uses::day,
            trend_uses::scored,
        ))
        .load(conn)?;
    let typed = |(kind, id, day, scored): (String, i64, i64, bool)| {
        let kind = USED.into_iter().find(|used| used.as_str() == kind)?;
        Some(UseRow {
            subject: Subject { kind, id },
            day,
            scored,
        })
    };
    let mut found: Vec<UseRow> = rows.into_iter().filter_map(typed).collect();
    found.sort_unstable_by_key(|used| used.subject.order());
    Ok(found)
}

/// Forgets that a status was counted for a subject.
pub fn delete_use(conn: &mut Conn, status: StatusId, subject: Subject) -> Result<()> {
    diesel::delete(of!(trend_uses, subject).filter(trend_uses::status_id.eq(status.0))).execute(conn)?;
    Ok(())
}

/// Removes what lies before a day, and scores that have decayed to nothing: potentials below `least` of each kind.
pub fn prune(
    conn: &mut Conn,
    first_day: i64,
    first_at: DateTime<Utc>,
    least: &[(TrendKind, f64)],
) -> Result<()> {
    diesel::delete(trend_uses::table.filter(trend_uses::day.lt(first_day))).execute(conn)?;
    diesel::delete(trend_days::table.filter(trend_days::day.lt(first_day))).execute(conn)?;
    diesel::delete(trend_marks::table.filter(trend_marks::at.lt(first_at.timestamp_millis())))
        .execute(conn)?;
    for (kind, least) in least {
        // The index has them in two parts.
        for broad in [false, true] {
            diesel::delete(
                trend_scores::table
                    .filter(trend_scores::kind.eq(kind.as_str()))
                    .filter(trend_scores::broad.eq(broad))
                    .filter(trend_scores::potential.lt(*least)),
            )
            .execute(conn)?;
        }
    }
    Ok(())
}
