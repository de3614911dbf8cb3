//! Statuses by their words.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use pouet_model::{
    html::to_plain_text,
    ids::{AccountId, StatusId},
    status::Status,
};
use pouet_storage::{
    Conn,
    search::{self as rows, TextRange, TextRow, TextSource},
    sight, statuses,
};

use super::SearchQuery;
use crate::{
    error::Result,
    instance::Instance,
    view::{StatusView, load_views},
    visibility::{Sight, authors_of, load_accounts},
};

/// Statuses of each kind that are looked through for one page.
const WINDOW: i64 = 500;
/// Statuses with all the words that are looked at more closely.
const MAX_MATCHES: usize = 500;
/// Words of a query that count.
const MAX_WORDS: usize = 16;

/// Statuses that contain every word, newest first.
pub(super) async fn find(
    instance: &Instance,
    viewer: AccountId,
    query: &SearchQuery,
    q: &str,
) -> Result<Vec<StatusView>> {
    let words: Vec<String> = q
        .split_whitespace()
        .take(MAX_WORDS)
        .map(str::to_lowercase)
        .collect();
    let range = TextRange {
        max_id: query.max_id,
        min_id: query.min_id,
        author: query.account_id,
        limit: WINDOW,
    };
    let (offset, limit) = query.window();
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = matching(conn, viewer, &range, &words)?;
            let visible = visible(conn, viewer, found, now)?;
            let page: Vec<StatusId> = visible.into_iter().skip(offset).take(limit).collect();
            load_views(conn, Some(viewer), &page, now)
        })
        .await
}

/// Those of the statuses that the viewer may and wants to see, newest first: paging counts these.
fn visible(
    conn: &mut Conn,
    viewer: AccountId,
    found: BTreeSet<StatusId>,
    now: DateTime<Utc>,
) -> Result<Vec<StatusId>> {
    let ids: Vec<StatusId> = found.into_iter().rev().take(MAX_MATCHES).collect();
    let mut statuses = statuses::load_statuses(conn, &ids)?;
    statuses.sort_unstable_by_key(|status| std::cmp::Reverse(status.id));
    let all: Vec<&Status> = statuses.iter().collect();
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
    Ok(statuses
        .iter()
        .filter(|status| is_visible(status))
        .map(|status| status.id)
        .collect())
}

/// The statuses that contain every word.
fn matching(
    conn: &mut Conn,
    viewer: AccountId,
    range: &TextRange,
    words: &[String],
) -> Result<BTreeSet<StatusId>> {
    let sources = [
        TextSource::By(viewer),
        TextSource::FavouritedBy(viewer),
        TextSource::BookmarkedBy(viewer),
        TextSource::Mentioning(viewer),
        TextSource::Indexable,
    ];
    let mut found = BTreeSet::new();
    for source in sources {
        for row in rows::list_texts(conn, source, range)? {
            if !found.contains(&row.id) && contains_all(&row, words) {
                found.insert(row.id);
            }
        }
    }
    Ok(found)
}

fn contains_all(row: &TextRow, words: &[String]) -> bool {
    let text = format!("{}\n{}", row.spoiler_text, to_plain_text(&row.content)).to_lowercase();
    words.iter().all(|word| text.contains(word))
}
