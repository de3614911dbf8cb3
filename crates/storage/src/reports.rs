//! Reports about accounts.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use pouet_model::{
    ids::{AccountId, ReportId, StatusId},
    report::{Report, ReportCategory},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    ids::{among, chunks},
    json,
    schema::{accounts, follows, mentions, reports},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = reports)]
struct ReportRow {
    id: i64,
    account_id: i64,
    target_id: i64,
    category: String,
    comment: String,
    status_ids: String,
    rule_ids: String,
    forwarded: bool,
    uri: Option<String>,
    created_at: i64,
    resolved_at: Option<i64>,
    collection_ids: String,
}

impl TryFrom<ReportRow> for Report {
    type Error = Error;

    fn try_from(row: ReportRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "reports",
            column,
            id: row.id,
        };
        Ok(Self {
            id: ReportId(row.id),
            account_id: AccountId(row.account_id),
            target_id: AccountId(row.target_id),
            category: ReportCategory::parse(&row.category).ok_or_else(|| unreadable("category"))?,
            comment: row.comment,
            status_ids: json::read(&row.status_ids).ok_or_else(|| unreadable("status_ids"))?,
            collection_ids: json::read(&row.collection_ids).ok_or_else(|| unreadable("collection_ids"))?,
            rule_ids: json::read(&row.rule_ids).ok_or_else(|| unreadable("rule_ids"))?,
            forwarded: row.forwarded,
            uri: row.uri,
            created_at: from_millis(row.created_at),
            resolved_at: row.resolved_at.map(from_millis),
        })
    }
}

/// Adds a report; false if the same Flag has reported this account already.
pub fn insert_report(conn: &mut Conn, report: &Report) -> Result<bool> {
    let values = (
        reports::id.eq(report.id.0),
        reports::account_id.eq(report.account_id.0),
        reports::target_id.eq(report.target_id.0),
        reports::category.eq(report.category.as_str()),
        reports::comment.eq(&report.comment),
        reports::status_ids.eq(json::write(&report.status_ids)),
        reports::collection_ids.eq(json::write(&report.collection_ids)),
        reports::rule_ids.eq(json::write(&report.rule_ids)),
        reports::forwarded.eq(report.forwarded),
        reports::uri.eq(&report.uri),
        reports::created_at.eq(report.created_at.timestamp_millis()),
        reports::resolved_at.eq(report.resolved_at.map(|at| at.timestamp_millis())),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(reports::table)
        .values(values)
        .on_conflict((reports::uri, reports::target_id))
        .do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// The report with this id.
pub fn find_report(conn: &mut Conn, id: ReportId) -> Result<Option<Report>> {
    reports::table
        .find(id.0)
        .select(ReportRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// Reports, newest first, at most `limit`; without `all` only those that nobody is done with.
pub fn list_reports(conn: &mut Conn, all: bool, limit: i64) -> Result<Vec<Report>> {
    let mut query = reports::table.into_boxed();
    if !all {
        query = query.filter(reports::resolved_at.is_null());
    }
    let rows: Vec<ReportRow> = query
        .order(reports::id.desc())
        .limit(limit)
        .select(ReportRow::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Marks a report as done with; false if it was, or is not there.
pub fn resolve_report(conn: &mut Conn, id: ReportId, now: DateTime<Utc>) -> Result<bool> {
    let rows = diesel::update(reports::table.find(id.0).filter(reports::resolved_at.is_null()))
        .set(reports::resolved_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(rows > 0)
}

/// Number of reports by accounts of a domain since `since`.
pub fn count_reports_from(conn: &mut Conn, domain: &str, since: DateTime<Utc>) -> Result<i64> {
    Ok(reports::table
        .inner_join(accounts::table.on(accounts::id.eq(reports::account_id)))
        .filter(accounts::domain.eq(domain))
        .filter(reports::created_at.ge(since.timestamp_millis()))
        .count()
        .get_result(conn)?)
}

/// Whether somebody of a domain follows `target`.
pub fn has_follower_from(conn: &mut Conn, target: AccountId, domain: &str) -> Result<bool> {
    let followers = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(follows::target_id.eq(target.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::domain.eq(domain));
    Ok(diesel::select(exists(followers)).get_result(conn)?)
}

/// Which of these statuses name somebody of a domain.
pub fn load_naming_domain(conn: &mut Conn, ids: &[StatusId], domain: &str) -> Result<HashSet<StatusId>> {
    let mut found = HashSet::new();
    for chunk in chunks(ids) {
        let rows: Vec<i64> = mentions::table
            .inner_join(accounts::table.on(accounts::id.eq(mentions::account_id)))
            .filter(among(mentions::status_id, chunk))
            .filter(accounts::domain.eq(domain))
            .select(mentions::status_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(StatusId));
    }
    Ok(found)
}
