//! Statuses by their words.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use pouet_model::{
    domain::parse_handle,
    ids::{AccountId, StatusId},
    search::{AuthorName, Expression, Query, Scope},
    status::Status,
};
use pouet_storage::{
    Conn,
    search::{self as rows, CandidateRow},
    search_index, sight, statuses,
};

use super::{SearchQuery, documents::load_documents};
use crate::{
    accounts::find_by_handle,
    error::Result,
    instance::Instance,
    view::{StatusView, load_views},
    visibility::{Sight, authors_of, load_accounts},
};

/// Statuses taken from the index at a time, first and then.
const FIRST: i64 = 100;
const THEN: i64 = 500;
/// Statuses taken from the index that are looked at for one page.
const MAX_EXAMINED: usize = 6000;
/// Statuses of the viewer's own library that are looked at for one page.
const MAX_LIBRARY: i64 = 2000;
/// Results that a page can lie behind.
const MAX_OFFSET: usize = 1000;

/// A query that knows the authors it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub(crate) expression: Expression,
    pub(crate) scope: Scope,
}

/// Ids between which is looked, both left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    pub(crate) above: i64,
    pub(crate) below: i64,
}

impl Range {
    pub(crate) fn new(above: Option<StatusId>, below: Option<StatusId>) -> Self {
        Self {
            above: above.map_or(i64::MIN, i64::from),
            below: below.map_or(i64::MAX, i64::from),
        }
    }
}

/// Looks up the authors that a query names. Those that are not known here wrote nothing: nobody is asked for them.
pub(crate) async fn prepare(instance: &Instance, viewer: AccountId, query: &Query) -> Result<Wanted> {
    let mut known: HashMap<&str, Option<AccountId>> = HashMap::new();
    for name in query.authors() {
        let AuthorName::Handle(name) = name else { continue };
        if known.contains_key(name.as_str()) {
            continue;
        }
        let found = match parse_handle(name) {
            Some(handle) => find_by_handle(instance, &handle.username, handle.domain.as_deref()).await?,
            None => None,
        };
        known.insert(name, found.map(|account| account.id));
    }
    let expression = query.expression(|name| match name {
        AuthorName::Me => Some(viewer),
        AuthorName::Handle(name) => known.get(name.as_str()).copied().flatten(),
    });
    Ok(Wanted {
        expression,
        scope: query.scope,
    })
}

/// Statuses that fit, newest first.
pub(super) async fn find(
    instance: &Instance,
    viewer: AccountId,
    query: &SearchQuery,
    parsed: &Query,
) -> Result<Vec<StatusView>> {
    let mut wanted = prepare(instance, viewer, parsed).await?;
    if let Some(author) = query.account_id {
        wanted.expression = wanted.expression.by(author);
    }
    let range = Range::new(query.min_id, query.max_id);
    let (offset, limit) = query.window();
    if offset > MAX_OFFSET || limit == 0 {
        return Ok(Vec::new());
    }
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = collect(conn, viewer, &wanted, range, offset + limit, now)?;
            let page: Vec<StatusId> = found.into_iter().skip(offset).take(limit).collect();
            load_views(conn, Some(viewer), &page, now)
        })
        .await
}

/// Ids of statuses that fit and that the viewer may and wants to see, newest first: at least `count`, if there are so many.
///
/// The work has a bound. Where words are common and next to nothing with them is for this viewer, it ends early, and what the viewer
/// had to do with is looked through by itself.
pub(crate) fn collect(
    conn: &mut Conn,
    viewer: AccountId,
    wanted: &Wanted,
    range: Range,
    count: usize,
    now: DateTime<Utc>,
) -> Result<Vec<StatusId>> {
    let Range { above, mut below } = range;
    let (mut found, mut examined, mut batch) = (Vec::new(), 0, FIRST.max(count as i64).min(THEN));
    while examined < MAX_EXAMINED {
        let matching = search_index::list_matching(conn, &wanted.expression, above, below, batch)?;
        let is_end = (matching.ids.len() as i64) < batch;
        examined += matching.ids.len();
        if let Some(last) = matching.ids.last() {
            below = last.0;
        }
        found.extend(visible(conn, viewer, wanted, &matching.ids, now)?);
        if found.len() >= count || (is_end && matching.unread_below.is_none()) {
            return Ok(found);
        }
        if let Some(unread) = matching.unread_below {
            below = unread;
            break;
        }
        batch = THEN;
    }
    if wanted.scope != Scope::Public {
        let rest = Range { above, below };
        found.extend(from_library(
            conn,
            viewer,
            wanted,
            rest,
            count - found.len(),
            now,
        )?);
    }
    Ok(found)
}

/// What fits of what the viewer wrote and had to do with, read by itself and not by the index.
fn from_library(
    conn: &mut Conn,
    viewer: AccountId,
    wanted: &Wanted,
    range: Range,
    count: usize,
    now: DateTime<Utc>,
) -> Result<Vec<StatusId>> {
    let library = rows::list_library(conn, viewer, range.above, range.below, MAX_LIBRARY)?;
    let mut found = Vec::new();
    for part in library.chunks(THEN as usize) {
        let mut matching: Vec<StatusId> = load_documents(conn, part)?
            .into_iter()
            .filter(|(_, document)| wanted.expression.matches(document))
            .map(|(id, _)| id)
            .collect();
        matching.sort_unstable_by(|left, right| right.cmp(left));
        found.extend(visible(conn, viewer, wanted, &matching, now)?);
        if found.len() >= count {
            break;
        }
    }
    Ok(found)
}

/// Of statuses that have the words, in order, those that are in the scope and that the viewer may and wants to see.
pub(crate) fn visible(
    conn: &mut Conn,
    viewer: AccountId,
    wanted: &Wanted,
    ids: &[StatusId],
    now: DateTime<Utc>,
) -> Result<Vec<StatusId>> {
    let ids: Vec<StatusId> = ids
        .iter()
        .copied()
        .filter(|id| wanted.expression.covers(*id))
        .collect();
    let ids = in_scope(conn, viewer, wanted.scope, &ids)?;
    if ids.is_empty() {
        return Ok(ids);
    }
    let found = statuses::load_statuses(conn, &ids)?;
    let all: Vec<&Status> = found.iter().collect();
    let authors = authors_of(&all);
    let sight = Sight::load(conn, Some(viewer), &all)?;
    let hidden = sight::load_hidden(conn, viewer, &authors, now)?;
    let accounts = load_accounts(conn, &authors)?;
    let is_visible = |status: &Status| {
        let author = status.account_id;
        (author == viewer || !hidden.contains(&author))
            && accounts
                .get(&author)
                .is_some_and(|account| sight.can_see(status, account))
    };
    let mut visible: Vec<StatusId> = found
        .iter()
        .filter(|status| is_visible(status))
        .map(|status| status.id)
        .collect();
    visible.sort_unstable_by(|left, right| right.cmp(left));
    Ok(visible)
}

/// Consent and what the viewer did count at the moment of the search: the index knows of neither.
fn in_scope(conn: &mut Conn, viewer: AccountId, scope: Scope, ids: &[StatusId]) -> Result<Vec<StatusId>> {
    let candidates = rows::load_candidates(conn, ids)?;
    let limited: Vec<AccountId> = candidates
        .iter()
        .filter(|row| row.is_limited)
        .map(|row| row.author)
        .collect();
    let followed = sight::load_followed(conn, viewer, &limited)?;
    // Limited accounts are found by those who follow them.
    let is_open = |row: &CandidateRow| {
        row.is_open && (!row.is_limited || followed.contains(&row.author) || row.author == viewer)
    };
    let open_counts = scope != Scope::Library;
    let asked: Vec<StatusId> = candidates
        .iter()
        .filter(|row| scope != Scope::Public && row.author != viewer && !(open_counts && is_open(row)))
        .map(|row| row.id)
        .collect();
    let library = rows::load_library(conn, viewer, &asked)?;
    let is_in = |row: &CandidateRow| {
        (open_counts && is_open(row))
            || (scope != Scope::Public && (row.author == viewer || library.contains(&row.id)))
    };
    Ok(candidates
        .iter()
        .filter(|row| is_in(row))
        .map(|row| row.id)
        .collect())
}
