//! Quotes of statuses, and the consent of local accounts to them.

use std::collections::HashMap;

use diesel::{
    dsl::{count_star, exists},
    prelude::*,
};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    page::Page,
    quote::{Quote, QuoteState, Stamp},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    ids::{among, chunks},
    paging::relation_page,
    schema::{accounts, quote_stamps, quotes},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = quotes)]
struct QuoteRow {
    status_id: i64,
    account_id: i64,
    quoted_status_id: Option<i64>,
    quoted_account_id: Option<i64>,
    quoted_uri: Option<String>,
    state: String,
    legacy: bool,
    request_id: Option<i64>,
    stamp_uri: Option<String>,
    stamp_id: Option<i64>,
    created_at: i64,
    checked_at: i64,
}

impl TryFrom<QuoteRow> for Quote {
    type Error = Error;

    fn try_from(row: QuoteRow) -> Result<Self> {
        let unreadable = || Error::Inconsistent {
            table: "quotes",
            column: "state",
            id: row.status_id,
        };
        Ok(Self {
            status_id: StatusId(row.status_id),
            account_id: AccountId(row.account_id),
            quoted_id: row.quoted_status_id.map(StatusId),
            quoted_account_id: row.quoted_account_id.map(AccountId),
            state: QuoteState::parse(&row.state).ok_or_else(unreadable)?,
            quoted_uri: row.quoted_uri,
            legacy: row.legacy,
            request_id: row.request_id.map(RelationId),
            stamp_uri: row.stamp_uri,
            stamp_id: row.stamp_id.map(RelationId),
            created_at: from_millis(row.created_at),
            checked_at: from_millis(row.checked_at),
        })
    }
}

fn read_all(rows: Vec<QuoteRow>) -> Result<Vec<Quote>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Adds a quote; false if the status quotes something already, which stays as it is.
pub fn insert_quote(conn: &mut Conn, quote: &Quote) -> Result<bool> {
    let values = (
        quotes::status_id.eq(quote.status_id.0),
        quotes::account_id.eq(quote.account_id.0),
        quotes::quoted_status_id.eq(quote.quoted_id.map(i64::from)),
        quotes::quoted_account_id.eq(quote.quoted_account_id.map(i64::from)),
        quotes::quoted_uri.eq(&quote.quoted_uri),
        quotes::state.eq(quote.state.as_str()),
        quotes::legacy.eq(quote.legacy),
        quotes::request_id.eq(quote.request_id.map(i64::from)),
        quotes::stamp_uri.eq(&quote.stamp_uri),
        quotes::stamp_id.eq(quote.stamp_id.map(i64::from)),
        quotes::created_at.eq(quote.created_at.timestamp_millis()),
        quotes::checked_at.eq(quote.checked_at.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(quotes::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Writes what changes of a quote; one that is gone is left alone.
pub fn update_quote(conn: &mut Conn, quote: &Quote) -> Result<()> {
    diesel::update(quotes::table.find(quote.status_id.0))
        .set((
            quotes::quoted_status_id.eq(quote.quoted_id.map(i64::from)),
            quotes::quoted_account_id.eq(quote.quoted_account_id.map(i64::from)),
            quotes::quoted_uri.eq(&quote.quoted_uri),
            quotes::state.eq(quote.state.as_str()),
            quotes::legacy.eq(quote.legacy),
            quotes::request_id.eq(quote.request_id.map(i64::from)),
            quotes::stamp_uri.eq(&quote.stamp_uri),
            quotes::stamp_id.eq(quote.stamp_id.map(i64::from)),
            quotes::checked_at.eq(quote.checked_at.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes what a status quotes.
pub fn delete_quote(conn: &mut Conn, status: StatusId) -> Result<()> {
    diesel::delete(quotes::table.find(status.0)).execute(conn)?;
    Ok(())
}

/// What a status quotes.
pub fn find_quote(conn: &mut Conn, status: StatusId) -> Result<Option<Quote>> {
    quotes::table
        .find(status.0)
        .select(QuoteRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// What a status quotes, by the number of our request.
pub fn find_quote_by_request(conn: &mut Conn, request: RelationId) -> Result<Option<Quote>> {
    quotes::table
        .filter(quotes::request_id.eq(request.0))
        .select(QuoteRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// What each of these statuses quotes.
pub fn load_quotes(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, Quote>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<QuoteRow> = quotes::table
            .filter(among(quotes::status_id, chunk))
            .select(QuoteRow::as_select())
            .load(conn)?;
        found.extend(read_all(rows)?.into_iter().map(|quote| (quote.status_id, quote)));
    }
    Ok(found)
}

/// How many accepted quotes each of these statuses has; those without any are left out.
pub fn load_quote_counts(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, i64>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(Option<i64>, i64)> = quotes::table
            .filter(among(quotes::quoted_status_id, chunk))
            .filter(quotes::state.eq(QuoteState::Accepted.as_str()))
            .group_by(quotes::quoted_status_id)
            .select((quotes::quoted_status_id, count_star()))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .filter_map(|(id, count)| Some((StatusId(id?), count))),
        );
    }
    Ok(found)
}

/// Quotes of what has this id on the wire that were waiting to learn of it.
pub fn list_waiting_quotes(conn: &mut Conn, uri: &str, limit: i64) -> Result<Vec<Quote>> {
    let rows: Vec<QuoteRow> = quotes::table
        .filter(quotes::quoted_uri.eq(uri))
        .filter(quotes::quoted_status_id.is_null())
        .filter(quotes::state.eq(QuoteState::Pending.as_str()))
        .order(quotes::status_id.desc())
        .limit(limit)
        .select(QuoteRow::as_select())
        .load(conn)?;
    read_all(rows)
}

/// Quotes of statuses of an account that rest on its consent of this id.
pub fn list_quotes_by_stamp(conn: &mut Conn, stamp_uri: &str, quoted: AccountId) -> Result<Vec<Quote>> {
    let rows: Vec<QuoteRow> = quotes::table
        .filter(quotes::stamp_uri.eq(stamp_uri))
        .filter(quotes::quoted_account_id.eq(quoted.0))
        .select(QuoteRow::as_select())
        .load(conn)?;
    read_all(rows)
}

/// Statuses whose accepted quotes rest on the consent of this id, whoever's it is.
pub fn list_accepted_by_stamp(conn: &mut Conn, stamp_uri: &str, limit: i64) -> Result<Vec<StatusId>> {
    let rows: Vec<i64> = quotes::table
        .filter(quotes::stamp_uri.eq(stamp_uri))
        .filter(quotes::state.eq(QuoteState::Accepted.as_str()))
        .order(quotes::status_id.desc())
        .limit(limit)
        .select(quotes::status_id)
        .load(conn)?;
    Ok(rows.into_iter().map(StatusId).collect())
}

/// Ids of the statuses that quote a status with its author's consent, by page, newest first.
pub fn list_quoting(conn: &mut Conn, quoted: StatusId, page: &Page) -> Result<Vec<StatusId>> {
    let query = quotes::table
        .filter(quotes::quoted_status_id.eq(quoted.0))
        .filter(quotes::state.eq(QuoteState::Accepted.as_str()))
        .select(quotes::status_id)
        .into_boxed();
    let rows: Vec<i64> = relation_page!(conn, page, query, quotes::status_id);
    Ok(rows.into_iter().map(StatusId).collect())
}

/// Accepted quotes by one account of what another wrote, at most `limit`.
pub fn list_accepted_between(
    conn: &mut Conn,
    quoting: AccountId,
    quoted: AccountId,
    limit: i64,
) -> Result<Vec<Quote>> {
    let rows: Vec<QuoteRow> = quotes::table
        .filter(quotes::account_id.eq(quoting.0))
        .filter(quotes::quoted_account_id.eq(quoted.0))
        .filter(quotes::state.eq(QuoteState::Accepted.as_str()))
        .limit(limit)
        .select(QuoteRow::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Accepted quotes of a status by local accounts, newest first.
pub fn list_local_quotes(conn: &mut Conn, quoted: StatusId, limit: i64) -> Result<Vec<Quote>> {
    let local = accounts::table
        .filter(accounts::id.eq(quotes::account_id))
        .filter(accounts::domain.eq(""));
    let rows: Vec<QuoteRow> = quotes::table
        .filter(quotes::quoted_status_id.eq(quoted.0))
        .filter(quotes::state.eq(QuoteState::Accepted.as_str()))
        .filter(exists(local))
        .order(quotes::status_id.desc())
        .limit(limit)
        .select(QuoteRow::as_select())
        .load(conn)?;
    read_all(rows)
}

/// Notes that what is quoted is gone, before its row goes.
pub fn update_quotes_deleted(conn: &mut Conn, quoted: StatusId) -> Result<()> {
    diesel::update(quotes::table.filter(quotes::quoted_status_id.eq(quoted.0)))
        .filter(quotes::state.eq_any([QuoteState::Pending.as_str(), QuoteState::Accepted.as_str()]))
        .set(quotes::state.eq(QuoteState::Deleted.as_str()))
        .execute(conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = quote_stamps)]
struct StampRow {
    id: i64,
    account_id: i64,
    status_id: i64,
    quoting_uri: String,
    created_at: i64,
}

impl From<StampRow> for Stamp {
    fn from(row: StampRow) -> Self {
        Self {
            id: RelationId(row.id),
            account_id: AccountId(row.account_id),
            status_id: StatusId(row.status_id),
            quoting_uri: row.quoting_uri,
            created_at: from_millis(row.created_at),
        }
    }
}

/// Writes the consent of a local account down.
///
/// # Errors
/// `Conflict` if there is one for this quote.
pub fn insert_stamp(conn: &mut Conn, stamp: &Stamp) -> Result<()> {
    diesel::insert_into(quote_stamps::table)
        .values((
            quote_stamps::id.eq(stamp.id.0),
            quote_stamps::account_id.eq(stamp.account_id.0),
            quote_stamps::status_id.eq(stamp.status_id.0),
            quote_stamps::quoting_uri.eq(&stamp.quoting_uri),
            quote_stamps::created_at.eq(stamp.created_at.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The consent with this id.
pub fn find_stamp(conn: &mut Conn, id: RelationId) -> Result<Option<Stamp>> {
    let row: Option<StampRow> = quote_stamps::table
        .find(id.0)
        .select(StampRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Into::into))
}

/// The consent to the quote of a status by the one with this id on the wire.
pub fn find_stamp_for(conn: &mut Conn, quoted: StatusId, quoting_uri: &str) -> Result<Option<Stamp>> {
    let row: Option<StampRow> = quote_stamps::table
        .filter(quote_stamps::status_id.eq(quoted.0))
        .filter(quote_stamps::quoting_uri.eq(quoting_uri))
        .select(StampRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Into::into))
}

/// Removes a consent.
pub fn delete_stamp(conn: &mut Conn, id: RelationId) -> Result<()> {
    diesel::delete(quote_stamps::table.find(id.0)).execute(conn)?;
    Ok(())
}
