//! Filters of users, with their keywords and statuses.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    filter::{Filter, FilterAction, FilterContext, FilterKeyword, FilterStatus},
    ids::{AccountId, FilterId, FilterKeywordId, FilterStatusId, StatusId},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result, one_row},
    ids::{among, chunks},
    schema::{filter_keywords, filter_statuses, filters},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = filters)]
struct FilterRow {
    id: i64,
    title: String,
    contexts: String,
    action: String,
    expires_at: Option<i64>,
}

impl TryFrom<FilterRow> for Filter {
    type Error = Error;

    fn try_from(row: FilterRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "filters",
            column,
            id: row.id,
        };
        let contexts: Option<Vec<_>> = row
            .contexts
            .split_whitespace()
            .map(FilterContext::parse)
            .collect();
        Ok(Self {
            id: FilterId(row.id),
            title: row.title,
            contexts: contexts.ok_or_else(|| unreadable("contexts"))?,
            action: FilterAction::parse(&row.action).ok_or_else(|| unreadable("action"))?,
            expires_at: row.expires_at.map(from_millis),
            keywords: Vec::new(),
            statuses: Vec::new(),
        })
    }
}

type KeywordColumns = (i64, i64, String, bool);

fn keyword_of((id, filter_id, keyword, whole_word): KeywordColumns) -> FilterKeyword {
    FilterKeyword {
        id: FilterKeywordId(id),
        filter_id: FilterId(filter_id),
        keyword,
        whole_word,
    }
}

type StatusColumns = (i64, i64, i64);

fn status_of((id, filter_id, status_id): StatusColumns) -> FilterStatus {
    FilterStatus {
        id: FilterStatusId(id),
        filter_id: FilterId(filter_id),
        status_id: StatusId(status_id),
    }
}

/// Reads the keywords and statuses of the filters, in the order they were added.
fn complete(conn: &mut Conn, rows: Vec<FilterRow>) -> Result<Vec<Filter>> {
    let mut found: Vec<Filter> = rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
    let ids: Vec<FilterId> = found.iter().map(|filter| filter.id).collect();
    let mut keywords: HashMap<FilterId, Vec<FilterKeyword>> = HashMap::new();
    let mut statuses: HashMap<FilterId, Vec<FilterStatus>> = HashMap::new();
    for chunk in chunks(&ids) {
        let rows: Vec<KeywordColumns> = filter_keywords::table
            .filter(among(filter_keywords::filter_id, chunk))
            .order(filter_keywords::id)
            .load(conn)?;
        for keyword in rows.into_iter().map(keyword_of) {
            keywords.entry(keyword.filter_id).or_default().push(keyword);
        }
        let rows: Vec<StatusColumns> = filter_statuses::table
            .filter(among(filter_statuses::filter_id, chunk))
            .order(filter_statuses::id)
            .load(conn)?;
        for status in rows.into_iter().map(status_of) {
            statuses.entry(status.filter_id).or_default().push(status);
        }
    }
    for filter in &mut found {
        filter.keywords = keywords.remove(&filter.id).unwrap_or_default();
        filter.statuses = statuses.remove(&filter.id).unwrap_or_default();
    }
    Ok(found)
}

/// All filters of an account, oldest first, those that have ended too.
pub fn list_filters(conn: &mut Conn, owner: AccountId) -> Result<Vec<Filter>> {
    let rows = filters::table
        .filter(filters::account_id.eq(owner.0))
        .order(filters::id)
        .select(FilterRow::as_select())
        .load(conn)?;
    complete(conn, rows)
}

/// The filters of an account that apply at `now`, oldest first. Three queries whatever their number.
pub fn load_active(conn: &mut Conn, owner: AccountId, now: DateTime<Utc>) -> Result<Vec<Filter>> {
    let rows = filters::table
        .filter(filters::account_id.eq(owner.0))
        .filter(
            filters::expires_at
                .is_null()
                .or(filters::expires_at.gt(now.timestamp_millis())),
        )
        .order(filters::id)
        .select(FilterRow::as_select())
        .load(conn)?;
    complete(conn, rows)
}

/// A filter of this owner.
pub fn find_filter(conn: &mut Conn, owner: AccountId, id: FilterId) -> Result<Option<Filter>> {
    let row: Option<FilterRow> = filters::table
        .find(id.0)
        .filter(filters::account_id.eq(owner.0))
        .select(FilterRow::as_select())
        .first(conn)
        .optional()?;
    Ok(complete(conn, row.into_iter().collect())?.pop())
}

/// The filter of this owner that has the keyword.
pub fn find_filter_of_keyword(
    conn: &mut Conn,
    owner: AccountId,
    id: FilterKeywordId,
) -> Result<Option<Filter>> {
    let filter: Option<i64> = filter_keywords::table
        .find(id.0)
        .select(filter_keywords::filter_id)
        .first(conn)
        .optional()?;
    match filter {
        Some(filter) => find_filter(conn, owner, FilterId(filter)),
        None => Ok(None),
    }
}

/// The filter of this owner that has the entry for a status.
pub fn find_filter_of_status(
    conn: &mut Conn,
    owner: AccountId,
    id: FilterStatusId,
) -> Result<Option<Filter>> {
    let filter: Option<i64> = filter_statuses::table
        .find(id.0)
        .select(filter_statuses::filter_id)
        .first(conn)
        .optional()?;
    match filter {
        Some(filter) => find_filter(conn, owner, FilterId(filter)),
        None => Ok(None),
    }
}

/// Number of filters of an account.
pub fn count_filters(conn: &mut Conn, owner: AccountId) -> Result<i64> {
    Ok(filters::table
        .filter(filters::account_id.eq(owner.0))
        .count()
        .get_result(conn)?)
}

fn contexts_text(contexts: &[FilterContext]) -> String {
    contexts
        .iter()
        .map(|context| context.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Adds a filter with its keywords and statuses.
pub fn insert_filter(conn: &mut Conn, owner: AccountId, filter: &Filter, now: DateTime<Utc>) -> Result<()> {
    let rows = diesel::insert_into(filters::table)
        .values((
            filters::id.eq(filter.id.0),
            filters::account_id.eq(owner.0),
            filters::title.eq(&filter.title),
            filters::contexts.eq(contexts_text(&filter.contexts)),
            filters::action.eq(filter.action.as_str()),
            filters::expires_at.eq(filter.expires_at.map(|at| at.timestamp_millis())),
            filters::created_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    one_row("insert filter", rows)?;
    for keyword in &filter.keywords {
        insert_keyword(conn, keyword)?;
    }
    for status in &filter.statuses {
        insert_filter_status(conn, status)?;
    }
    Ok(())
}

/// Writes title, contexts, action and end of a filter; its keywords and statuses stay.
pub fn update_filter(conn: &mut Conn, filter: &Filter) -> Result<()> {
    let rows = diesel::update(filters::table.find(filter.id.0))
        .set((
            filters::title.eq(&filter.title),
            filters::contexts.eq(contexts_text(&filter.contexts)),
            filters::action.eq(filter.action.as_str()),
            filters::expires_at.eq(filter.expires_at.map(|at| at.timestamp_millis())),
        ))
        .execute(conn)?;
    one_row("update filter", rows)
}

/// Removes a filter with all that belongs to it; false if this owner has none such.
pub fn delete_filter(conn: &mut Conn, owner: AccountId, id: FilterId) -> Result<bool> {
    let own = filters::table.find(id.0).filter(filters::account_id.eq(owner.0));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// Adds a keyword to its filter.
pub fn insert_keyword(conn: &mut Conn, keyword: &FilterKeyword) -> Result<()> {
    let rows = diesel::insert_into(filter_keywords::table)
        .values((
            filter_keywords::id.eq(keyword.id.0),
            filter_keywords::filter_id.eq(keyword.filter_id.0),
            filter_keywords::keyword.eq(&keyword.keyword),
            filter_keywords::whole_word.eq(keyword.whole_word),
        ))
        .execute(conn)?;
    one_row("insert filter keyword", rows)
}

/// Writes text and kind of a keyword.
pub fn update_keyword(conn: &mut Conn, keyword: &FilterKeyword) -> Result<()> {
    let rows = diesel::update(filter_keywords::table.find(keyword.id.0))
        .set((
            filter_keywords::keyword.eq(&keyword.keyword),
            filter_keywords::whole_word.eq(keyword.whole_word),
        ))
        .execute(conn)?;
    one_row("update filter keyword", rows)
}

/// Removes a keyword.
pub fn delete_keyword(conn: &mut Conn, id: FilterKeywordId) -> Result<()> {
    let rows = diesel::delete(filter_keywords::table.find(id.0)).execute(conn)?;
    one_row("delete filter keyword", rows)
}

/// Adds a status to its filter.
///
/// # Errors
/// `Conflict` if the filter has it already, or the status is gone.
pub fn insert_filter_status(conn: &mut Conn, status: &FilterStatus) -> Result<()> {
    let rows = diesel::insert_into(filter_statuses::table)
        .values((
            filter_statuses::id.eq(status.id.0),
            filter_statuses::filter_id.eq(status.filter_id.0),
            filter_statuses::status_id.eq(status.status_id.0),
        ))
        .execute(conn)?;
    one_row("insert filter status", rows)
}

/// Removes the entry of a filter for a status.
pub fn delete_filter_status(conn: &mut Conn, id: FilterStatusId) -> Result<()> {
    let rows = diesel::delete(filter_statuses::table.find(id.0)).execute(conn)?;
    one_row("delete filter status", rows)
}
