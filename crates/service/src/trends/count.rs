//! Counting: what a status or an act adds to trends when it happens, and takes back when it is undone. Each costs as much as it
//! names; nothing is looked through.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId, TagId},
    status::{Status, Visibility},
    trend::{
        MAX_OF_DOMAIN, MAX_OF_HERE, MAX_STATUSES_OF_ACTOR, MAX_TAGS_OF_AUTHOR, Subject, TrendKind, day_of,
        owner_of, potential, replaced, together, weight,
    },
};
use pouet_storage::{
    Conn, accounts, cards, statuses, tags as tag_rows,
    trends::{self as rows, DayRow, MarkRow, NewMark, UseRow},
};

use crate::{error::Result, instance::Instance};

/// Statuses older than this count for nothing when they come.
const FRESH: TimeDelta = TimeDelta::hours(24);
/// Statuses older than this trend no more, whoever boosts them.
pub(super) const MAX_AGE: TimeDelta = TimeDelta::days(7);
/// People from whom a whole score is computed anew when one of them is taken back.
const WHOLE: i64 = 500;
/// The day of what people count for once, not daily.
const ONCE: i64 = 0;

/// Who uses something.
struct By<'a> {
    account: AccountId,
    domain: &'a str,
}

impl<'a> By<'a> {
    fn new(account: &'a Account) -> Self {
        Self {
            account: account.id,
            domain: account.domain.as_deref().map_or("", owner_of),
        }
    }

    fn is_local(&self) -> bool {
        self.domain.is_empty()
    }
}

/// Whether a status may count at all: everybody may see it, on other servers too, and it is not a boost.
fn is_open(status: &Status) -> bool {
    status.visibility == Visibility::Public && !status.local_only && status.reblog_of_id.is_none()
}

/// Counts a status that was published a moment ago, here or elsewhere: its hashtags, the link that it shows, and its author as
/// somebody who posts.
///
/// Of limited authors nothing is counted. Authors who do not want to be discovered, and sensitive statuses, enter the history of
/// a hashtag but no score. A second time counts nothing.
pub(crate) fn count_status(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    author: &Account,
    tags: &[TagId],
    now: DateTime<Utc>,
) -> Result<()> {
    let is_fresh = now - status.created_at <= FRESH;
    if !instance.settings.trends.enabled || !is_open(status) || !is_fresh || author.silenced_at.is_some() {
        return Ok(());
    }
    let by = By::new(author);
    let scored = is_scored(status, author);
    let total = Subject::total(TrendKind::Posts);
    let used = UseRow {
        subject: total,
        day: day_of(status.created_at),
        scored,
    };
    if !rows::insert_use(tx, status.id, used)? {
        return Ok(());
    }
    if scored {
        add_to_total(tx, total, &by, status.created_at)?;
    }
    let subjects = subjects_of(tx, status, tags)?;
    count_subjects(tx, status, &by, scored, &subjects)
}

fn is_scored(status: &Status, author: &Account) -> bool {
    author.discoverable && !status.sensitive && status.spoiler_text.is_empty()
}

fn count_subjects(
    tx: &mut Conn,
    status: &Status,
    by: &By<'_>,
    scored: bool,
    subjects: &[Subject],
) -> Result<()> {
    for subject in subjects {
        let scored = scored && may_score(tx, status, *subject, by)?;
        add_use(tx, status, *subject, by, scored)?;
    }
    Ok(())
}

/// Whether a use may still count for the score: of hashtags, only the first of a day do that an author uses.
fn may_score(tx: &mut Conn, status: &Status, subject: Subject, by: &By<'_>) -> Result<bool> {
    if subject.kind != TrendKind::Tag {
        return Ok(true);
    }
    let day = day_of(status.created_at);
    let used = rows::list_scored_on(tx, subject.kind, by.account, day, MAX_TAGS_OF_AUTHOR as i64 + 1)?;
    Ok(used.len() < MAX_TAGS_OF_AUTHOR || used.contains(&subject.id))
}

/// What a status is a use of: its hashtags, those that members may use, and the page that its card is of. In one order, so that no two transactions wait
/// for each other.
fn subjects_of(tx: &mut Conn, status: &Status, tags: &[TagId]) -> Result<Vec<Subject>> {
    let rules = tag_rows::load_tag_rules(tx, tags)?;
    let mut subjects: Vec<Subject> = tags
        .iter()
        .filter(|tag| rules.get(*tag).is_none_or(|rules| rules.usable))
        .map(|tag| Subject::new(TrendKind::Tag, *tag))
        .collect();
    subjects.sort_unstable_by_key(|subject| subject.id);
    let card = cards::find_status_card(tx, status.id)?;
    subjects.extend(card.map(|(card, _)| Subject::new(TrendKind::Link, card)));
    Ok(subjects)
}

fn add_use(tx: &mut Conn, status: &Status, subject: Subject, by: &By<'_>, scored: bool) -> Result<()> {
    let (at, day) = (status.created_at, day_of(status.created_at));
    if !rows::insert_use(tx, status.id, UseRow { subject, day, scored })? {
        return Ok(());
    }
    let marked = rows::insert_mark(tx, &mark(subject, day, by, scored, at))?;
    let change = DayRow {
        day,
        uses: 1,
        accounts: i64::from(marked.first),
    };
    rows::adjust_day(tx, subject, change)?;
    if marked.first_scored {
        raise_by(tx, subject, day, by, marked.at)?;
    }
    Ok(())
}

fn mark<'a>(subject: Subject, day: i64, by: &By<'a>, scored: bool, at: DateTime<Utc>) -> NewMark<'a> {
    NewMark {
        subject,
        day,
        account: by.account,
        domain: by.domain,
        scored,
        at,
    }
}

/// Raises a score by somebody whose mark has just been made.
fn raise_by(tx: &mut Conn, subject: Subject, day: i64, by: &By<'_>, at: DateTime<Utc>) -> Result<()> {
    let most = if by.is_local() { MAX_OF_HERE } else { MAX_OF_DOMAIN };
    let rank = rows::count_of_domain(tx, subject, day, by.domain, most as i64 + 1)?;
    let weight = weight(rank, by.is_local());
    raise(tx, subject, weight, at)?;
    if weight > 0.0 {
        rows::update_broad(tx, subject, by.domain)?;
    }
    Ok(())
}

fn raise(tx: &mut Conn, subject: Subject, weight: f64, at: DateTime<Utc>) -> Result<()> {
    if weight <= 0.0 {
        return Ok(());
    }
    let before = rows::lock_potential(tx, subject)?;
    let added = potential(weight, at, subject.kind.half_life());
    Ok(rows::update_potential(
        tx,
        subject,
        Some(together(before, added)),
    )?)
}

/// Notes that somebody was here on a day.
fn add_to_total(tx: &mut Conn, total: Subject, by: &By<'_>, at: DateTime<Utc>) -> Result<()> {
    let day = day_of(at);
    rows::insert_mark_once(tx, &mark(total, day, by, true, at))?;
    Ok(())
}

/// Counts an edited status anew, if it was counted before: what it no longer names is taken back.
pub(crate) fn recount_status(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    author: &Account,
    tags: &[TagId],
) -> Result<()> {
    let used = rows::list_uses(tx, status.id)?;
    let total = Subject::total(TrendKind::Posts);
    if !used.iter().any(|used| used.subject == total) {
        return Ok(());
    }
    let scored = is_scored(status, author);
    let mut subjects = subjects_of(tx, status, tags)?;
    // Of authors who were limited meanwhile nothing is added.
    if !instance.settings.trends.enabled || author.silenced_at.is_some() {
        subjects.retain(|subject| used.iter().any(|used| used.subject == *subject));
    }
    // What it answers stays what it was.
    let is_kept = |used: &UseRow| match used.subject.kind {
        TrendKind::Posts | TrendKind::Status => true,
        _ => used.scored == scored && subjects.contains(&used.subject),
    };
    // In the order in which everything is counted, whichever way it goes.
    let mut changes: Vec<(Subject, Option<UseRow>)> = used
        .iter()
        .filter(|used| !is_kept(used))
        .map(|used| (used.subject, Some(*used)))
        .collect();
    changes.extend(subjects.iter().map(|subject| (*subject, None)));
    changes.sort_by_key(|(subject, used)| (subject.order(), used.is_none()));
    let by = By::new(author);
    for (subject, used) in changes {
        match used {
            Some(used) => take_back(tx, status, used)?,
            None => count_subjects(tx, status, &by, scored, &[subject])?,
        }
    }
    Ok(())
}

/// Takes back what a status was counted for, before it is removed.
pub(crate) fn forget_status(tx: &mut Conn, status: &Status) -> Result<()> {
    if !is_open(status) {
        return Ok(());
    }
    forget_uses(tx, status)?;
    Ok(rows::delete_subject(
        tx,
        Subject::new(TrendKind::Status, status.id),
    )?)
}

/// Takes back what a status or boost was counted for, before it is removed. Nothing is noted of those that were not
/// counted, nor of those from whom nothing is left: the mark of a person goes no later than the note of what made it.
pub(crate) fn forget_uses(tx: &mut Conn, status: &Status) -> Result<()> {
    for used in rows::list_uses(tx, status.id)? {
        take_back(tx, status, used)?;
    }
    Ok(())
}

fn take_back(tx: &mut Conn, status: &Status, used: UseRow) -> Result<()> {
    rows::delete_use(tx, status.id, used.subject)?;
    let (subject, author) = (used.subject, status.account_id);
    match subject.kind {
        // Who posted and deleted was here all the same.
        TrendKind::Posts => return Ok(()),
        TrendKind::Status => return forget_act(tx, StatusId(subject.id), author),
        _ => {}
    }
    let Some(gone) = rows::delete_mark(tx, subject, used.day, author, used.scored)? else {
        return Ok(());
    };
    let change = DayRow {
        day: used.day,
        uses: -1,
        accounts: -i64::from(gone.last),
    };
    rows::adjust_day(tx, subject, change)?;
    match gone.mark {
        Some(mark) => lower(tx, subject, &mark),
        None => Ok(()),
    }
}

/// Lowers a score by somebody whose mark has just been removed: it is computed from those who are left. Of a subject of very many
/// people, only what those of the same domain and day add is computed anew.
fn lower(tx: &mut Conn, subject: Subject, gone: &MarkRow) -> Result<()> {
    let before = rows::lock_potential(tx, subject)?;
    let marks = rows::list_marks(tx, subject, WHOLE + 1)?;
    if i64::try_from(marks.len()).unwrap_or(i64::MAX) <= WHOLE {
        let sum = sum_of_marks(subject.kind, &marks);
        return Ok(rows::update_potential(tx, subject, sum)?);
    }
    let left = rows::list_marks_of_domain(tx, subject, gone.day, &gone.domain, MAX_OF_HERE as i64)?;
    let mut all = left.clone();
    all.push(gone.clone());
    all.sort_by_key(|mark| mark.at);
    let (old, new) = (
        sum_of_marks(subject.kind, &all),
        sum_of_marks(subject.kind, &left),
    );
    let sum = replaced(before, old, new);
    Ok(rows::update_potential(tx, subject, Some(sum))?)
}

fn sum_of_marks(kind: TrendKind, marks: &[MarkRow]) -> Option<f64> {
    let parts = marks.iter().map(|mark| (mark.day, mark.domain.as_str(), mark.at));
    sum_of(kind, parts)
}

/// The potential that marks make together: day, domain and time of each, the earliest leading. `None` of none.
pub(super) fn sum_of<'a>(
    kind: TrendKind,
    marks: impl Iterator<Item = (i64, &'a str, DateTime<Utc>)>,
) -> Option<f64> {
    let mut ranks: HashMap<(i64, &str), usize> = HashMap::new();
    let mut sum = None;
    for (day, domain, at) in marks {
        let rank = ranks.entry((day, domain)).or_default();
        *rank += 1;
        let added = potential(weight(*rank, domain.is_empty()), at, kind.half_life());
        sum = Some(sum.map_or(added, |sum| together(sum, added)));
    }
    sum
}

/// Whether acts on a status count: of a public one that begins a thread or goes on with the author's own, and is not old.
fn takes_acts(status: &Status, now: DateTime<Utc>) -> bool {
    is_open(status)
        && status
            .in_reply_to_account_id
            .is_none_or(|answered| answered == status.account_id)
        && now - status.created_at <= MAX_AGE
}

/// Whether what somebody does with a status counts.
fn may_act(instance: &Instance, status: &Status, actor: &Account, now: DateTime<Utc>) -> bool {
    let is_welcome = actor.is_active() && actor.silenced_at.is_none() && actor.id != status.account_id;
    instance.settings.trends.enabled && takes_acts(status, now) && is_welcome
}

/// Counts that somebody boosted, favourited or answered a status. Whatever else they do with it counts no more, and what its
/// author does counts not at all. Of all the statuses that they take up on a day, the first [`MAX_STATUSES_OF_ACTOR`] count.
pub(crate) fn count_act(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    actor: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    if !may_act(instance, status, actor, now) {
        return Ok(());
    }
    let by = By::new(actor);
    add_to_total(tx, Subject::total(TrendKind::Acts), &by, now)?;
    let subject = Subject::new(TrendKind::Status, status.id);
    // Somebody who likes everything does not decide what all of it is worth.
    let day = day_of(now);
    let used = rows::list_scored_on(
        tx,
        subject.kind,
        by.account,
        day,
        MAX_STATUSES_OF_ACTOR as i64 + 1,
    )?;
    let scored = used.len() < MAX_STATUSES_OF_ACTOR || used.contains(&subject.id);
    let marked = rows::insert_mark(tx, &mark(subject, ONCE, &by, scored, now))?;
    if marked.first_scored {
        raise_by(tx, subject, ONCE, &by, marked.at)?;
    }
    Ok(())
}

/// [`count_act`] for somebody whose account is not at hand.
pub(crate) fn count_act_by(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    actor: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    if !takes_acts(status, now) {
        return Ok(());
    }
    match accounts::find_account(tx, actor)? {
        Some(actor) => count_act(tx, instance, status, &actor, now),
        None => Ok(()),
    }
}

/// Counts a new boost or answer as what it is to the status that it is about. A second time counts nothing.
pub(crate) fn count_reference(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    author: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    let about = match status.reblog_of_id {
        Some(original) if status.visibility.is_open() => Some(original),
        Some(_) => None,
        None => status.in_reply_to_id.filter(|_| is_open(status)),
    };
    let Some(about) = about else { return Ok(()) };
    let Some(about) = statuses::find_status(tx, about)? else {
        return Ok(());
    };
    if !may_act(instance, &about, author, now) {
        return Ok(());
    }
    // By the day of the counting: the row stays as long as what it counted.
    let used = UseRow {
        subject: Subject::new(TrendKind::Status, about.id),
        day: day_of(now),
        scored: true,
    };
    if rows::insert_use(tx, status.id, used)? {
        count_act(tx, instance, &about, author, now)?;
    }
    Ok(())
}

/// Counts an answer that came before what it answers, if it was counted as a status.
pub(crate) fn count_late_answer(
    tx: &mut Conn,
    instance: &Instance,
    answer: &Status,
    now: DateTime<Utc>,
) -> Result<()> {
    if rows::list_uses(tx, answer.id)?.is_empty() {
        return Ok(());
    }
    match accounts::find_account(tx, answer.account_id)? {
        Some(author) => count_reference(tx, instance, answer, &author, now),
        None => Ok(()),
    }
}

/// Takes back one boost, favourite or answer of somebody; they count until the last of theirs is gone.
pub(crate) fn forget_act(tx: &mut Conn, status: StatusId, actor: AccountId) -> Result<()> {
    let subject = Subject::new(TrendKind::Status, status);
    match rows::delete_mark(tx, subject, ONCE, actor, true)?.and_then(|gone| gone.mark) {
        Some(mark) => lower(tx, subject, &mark),
        None => Ok(()),
    }
}
