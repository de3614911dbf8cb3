//! Statuses by their words.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use pouet_model::{
    domain::parse_handle,
    ids::{AccountId, StatusId},
    search::{AuthorName, Expression, Query, Scope, Sort, rank},
    status::Status,
};
use pouet_storage::{
    Conn,
    search::{self as rows, CandidateRow},
    search_index::{self, Order, Range},
    sight, statuses,
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
/// Times that the index is asked for one page.
const MAX_ROUNDS: usize = 16;
/// Statuses of the viewer's own library that are listed at a time, and how often for one page.
const LIBRARY_PART: i64 = 2000;
const MAX_LIBRARY_PARTS: usize = 10;
/// Of them, those that the index is asked about at a time: first and then.
const ASKED_FIRST: usize = 100;
const ASKED_THEN: usize = 500;
/// Newest statuses that are put in order where the best come first.
const MAX_RANKED: usize = 500;
/// Results that a page can lie behind.
const MAX_OFFSET: usize = 1000;

/// A query that knows the authors it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub(crate) expression: Expression,
    pub(crate) scope: Scope,
    /// It names an author who is not known here, or not yet.
    pub(crate) names_strangers: bool,
}

/// Who is shown what is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reader {
    /// A member, who finds what they had to do with, too.
    Member(AccountId),
    /// Anybody to whom this member gave the address of a feed: only what everybody may find and see. Whom the member
    /// does not want to see is not in it.
    Anybody(AccountId),
}

impl Reader {
    /// In whose name is looked; `None`: nobody's.
    pub(crate) fn viewer(self) -> Option<AccountId> {
        match self {
            Self::Member(viewer) => Some(viewer),
            Self::Anybody(_) => None,
        }
    }

    /// Whose blocks and mutes apply.
    fn owner(self) -> AccountId {
        match self {
            Self::Member(owner) | Self::Anybody(owner) => owner,
        }
    }

    fn is_author(self, of: AccountId) -> bool {
        self.viewer() == Some(of)
    }

    /// Where is looked: the library is its owner's alone.
    fn scope(self, wanted: &Wanted) -> Scope {
        match self {
            Self::Member(_) => wanted.scope,
            Self::Anybody(_) => Scope::Public,
        }
    }
}

/// Ids of statuses that fit, or a part of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Collected {
    /// In the order of the range.
    pub(crate) ids: Vec<StatusId>,
    /// The id behind which there may be more; `None`: it is all.
    pub(crate) unread_after: Option<i64>,
}

/// A range of ids from its newest end on, both bounds left out.
pub(crate) fn range(above: Option<i64>, below: Option<i64>) -> Range {
    Range {
        above: above.unwrap_or(i64::MIN),
        below: below.unwrap_or(i64::MAX),
        order: Order::NewestFirst,
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
        names_strangers: known.values().any(Option::is_none),
    })
}

/// Statuses that fit, newest first or, of the newest [`MAX_RANKED`], those first that fit best.
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
    let range = range(query.min_id.map(i64::from), query.max_id.map(i64::from));
    let (offset, limit) = query.window();
    if offset > MAX_OFFSET || limit == 0 {
        return Ok(Vec::new());
    }
    let (now, sort) = (instance.now(), query.sort.unwrap_or(parsed.sort));
    instance
        .read(move |conn| {
            let reader = Reader::Member(viewer);
            let count = match sort {
                Sort::Newest => offset + limit,
                Sort::Relevance => MAX_RANKED,
            };
            let mut found = collect(conn, reader, &wanted, range, count, now)?;
            if let Some(last) = found.unread_after.filter(|_| found.ids.is_empty()) {
                // A page without results has nothing that the next one could be asked by: at least what the viewer had
                // to do with is shown.
                found = from_library(conn, reader, &wanted, range.after(last), count, now)?;
            }
            let ids = match sort {
                Sort::Newest => found.ids,
                Sort::Relevance => rank(&wanted.expression, &load_documents(conn, &found.ids)?, now),
            };
            let page: Vec<StatusId> = ids.into_iter().skip(offset).take(limit).collect();
            load_views(conn, Some(viewer), &page, now)
        })
        .await
}

/// Ids of statuses that fit and that the reader may and wants to see, at most `count`.
///
/// The work has a bound. Where words are common and next to nothing with them is for this reader, it ends early and
/// says where. What is looked for in the viewer's library only is looked for in the list of what is in there.
pub(crate) fn collect(
    conn: &mut Conn,
    reader: Reader,
    wanted: &Wanted,
    range: Range,
    count: usize,
    now: DateTime<Utc>,
) -> Result<Collected> {
    if reader.scope(wanted) == Scope::Library {
        return from_library(conn, reader, wanted, range, count, now);
    }
    let (mut rest, mut found, mut examined) = (range, Vec::new(), 0);
    let mut batch = FIRST.max(count as i64).min(THEN);
    for _ in 0..MAX_ROUNDS {
        let matching = search_index::list_matching(conn, &wanted.expression, rest, batch)?;
        let is_full = matching.ids.len() as i64 >= batch;
        examined += matching.ids.len();
        found.extend(visible(conn, reader, wanted, &matching.ids, now)?);
        let last = matching.ids.last().filter(|_| is_full).map(|last| last.0);
        let unread_after = matching.unread_after.or(last);
        let Some(after) = unread_after.filter(|_| found.len() < count) else {
            return Ok(cut(found, unread_after, range.order, count));
        };
        rest = rest.after(after);
        if examined >= MAX_EXAMINED {
            break;
        }
        batch = THEN;
    }
    Ok(cut(found, Some(start_of(rest)), range.order, count))
}

/// The id behind which a range begins.
fn start_of(range: Range) -> i64 {
    match range.order {
        Order::NewestFirst => range.below,
        Order::OldestFirst => range.above,
    }
}

/// The first `count` of what was found, in the order that is asked for.
fn cut(mut ids: Vec<StatusId>, unread_after: Option<i64>, order: Order, count: usize) -> Collected {
    match order {
        Order::NewestFirst => ids.sort_unstable_by(|left, right| right.cmp(left)),
        Order::OldestFirst => ids.sort_unstable(),
    }
    let is_cut = ids.len() > count;
    ids.truncate(count);
    Collected {
        unread_after: if is_cut {
            ids.last().map(|last| last.0)
        } else {
            unread_after
        },
        ids,
    }
}

/// What fits of what the viewer wrote and had to do with, in the order of the range: part by part of the list, each of which
/// the index is asked about. What is rare among everything, the index names by itself sooner than a long list is read.
fn from_library(
    conn: &mut Conn,
    reader: Reader,
    wanted: &Wanted,
    range: Range,
    count: usize,
    now: DateTime<Utc>,
) -> Result<Collected> {
    let Some(viewer) = reader.viewer().filter(|_| wanted.scope != Scope::Public) else {
        return Ok(cut(Vec::new(), None, range.order, count));
    };
    let wanted = &Wanted {
        scope: Scope::Library,
        ..wanted.clone()
    };
    let (mut rest, mut found) = (range, Vec::new());
    for part in 0..MAX_LIBRARY_PARTS {
        let listed = rows::list_library(conn, viewer, rest, LIBRARY_PART)?;
        let is_whole = (listed.len() as i64) < LIBRARY_PART;
        let (first, others) = listed.split_at(listed.len().min(ASKED_FIRST));
        for asked in std::iter::once(first).chain(others.chunks(ASKED_THEN)) {
            let matching = search_index::list_matching_among(conn, &wanted.expression, asked)?;
            found.extend(visible(conn, reader, wanted, &matching, now)?);
            rest = asked.last().map_or(rest, |last| rest.after(last.0));
            if found.len() >= count {
                let is_end = is_whole && asked.last() == listed.last();
                let unread_after = (!is_end).then(|| start_of(rest));
                return Ok(cut(found, unread_after, range.order, count));
            }
        }
        if is_whole {
            return Ok(cut(found, None, range.order, count));
        }
        if part == 0 {
            let matching = search_index::list_matching(conn, &wanted.expression, rest, THEN)?;
            if matching.unread_after.is_none() && (matching.ids.len() as i64) < THEN {
                found.extend(visible(conn, reader, wanted, &matching.ids, now)?);
                return Ok(cut(found, None, range.order, count));
            }
        }
    }
    Ok(cut(found, Some(start_of(rest)), range.order, count))
}

/// Of statuses that have the words, those that are in the scope and that the reader may and wants to see, in no
/// particular order.
pub(crate) fn visible(
    conn: &mut Conn,
    reader: Reader,
    wanted: &Wanted,
    ids: &[StatusId],
    now: DateTime<Utc>,
) -> Result<Vec<StatusId>> {
    let ids: Vec<StatusId> = ids
        .iter()
        .copied()
        .filter(|id| wanted.expression.covers(*id))
        .collect();
    let ids = in_scope(conn, reader, reader.scope(wanted), &ids)?;
    if ids.is_empty() {
        return Ok(ids);
    }
    let found = statuses::load_statuses(conn, &ids)?;
    let all: Vec<&Status> = found.iter().collect();
    let authors = authors_of(&all);
    let sight = Sight::load(conn, reader.viewer(), &all)?;
    let hidden = sight::load_hidden(conn, reader.owner(), &authors, now)?;
    let accounts = load_accounts(conn, &authors)?;
    let is_visible = |status: &Status| {
        let author = status.account_id;
        (reader.is_author(author) || !hidden.contains(&author))
            && accounts
                .get(&author)
                .is_some_and(|account| sight.can_see(status, account))
    };
    Ok(found
        .iter()
        .filter(|status| is_visible(status))
        .map(|status| status.id)
        .collect())
}

/// Consent and what the viewer did count at the moment of the search: the index knows of neither.
fn in_scope(conn: &mut Conn, reader: Reader, scope: Scope, ids: &[StatusId]) -> Result<Vec<StatusId>> {
    let candidates = rows::load_candidates(conn, ids)?;
    let limited: Vec<AccountId> = candidates
        .iter()
        .filter(|row| row.is_limited)
        .map(|row| row.author)
        .collect();
    let followed = match reader {
        Reader::Member(viewer) => sight::load_followed(conn, viewer, &limited)?,
        Reader::Anybody(_) => HashSet::new(),
    };
    // Limited accounts are found by those who follow them.
    let is_open = |row: &CandidateRow| {
        row.is_open && (!row.is_limited || followed.contains(&row.author) || reader.is_author(row.author))
    };
    let open_counts = scope != Scope::Library;
    let asked: Vec<StatusId> = candidates
        .iter()
        .filter(|row| {
            scope != Scope::Public && !reader.is_author(row.author) && !(open_counts && is_open(row))
        })
        .map(|row| row.id)
        .collect();
    let library = match reader {
        Reader::Member(viewer) => rows::load_library(conn, viewer, &asked)?,
        Reader::Anybody(_) => HashSet::new(),
    };
    let is_in = |row: &CandidateRow| {
        (open_counts && is_open(row))
            || (scope != Scope::Public && (reader.is_author(row.author) || library.contains(&row.id)))
    };
    Ok(candidates
        .iter()
        .filter(|row| is_in(row))
        .map(|row| row.id)
        .collect())
}
