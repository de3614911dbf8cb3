//! Rules of this instance about other domains: blocks of all severities, and allows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{ids::RelationId, time::from_millis};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    schema::{domain_allows, domain_blocks},
};

/// A rule about a domain and the names under it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DomainRule {
    /// Our id of it; that of a rule that is replaced stays.
    pub id: RelationId,
    /// Normalised domain.
    pub domain: String,
    /// `noop`, `silence` or `suspend`.
    pub severity: String,
    /// Its media are not fetched.
    pub reject_media: bool,
    /// Its reports are dropped.
    pub reject_reports: bool,
    /// For those who look after the instance.
    pub private_comment: Option<String>,
    /// For everybody who may see the list.
    pub public_comment: Option<String>,
    /// The public list shows the domain half covered.
    pub obfuscate: bool,
    /// When the domain first got a rule.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = domain_blocks)]
struct RuleRow {
    id: i64,
    domain: String,
    severity: String,
    reject_media: bool,
    reject_reports: bool,
    private_comment: Option<String>,
    public_comment: Option<String>,
    obfuscate: bool,
    created_at: i64,
}

impl From<RuleRow> for DomainRule {
    fn from(row: RuleRow) -> Self {
        Self {
            id: RelationId(row.id),
            domain: row.domain,
            severity: row.severity,
            reject_media: row.reject_media,
            reject_reports: row.reject_reports,
            private_comment: row.private_comment,
            public_comment: row.public_comment,
            obfuscate: row.obfuscate,
            created_at: from_millis(row.created_at),
        }
    }
}

/// The rules about any of these domains, in no particular order.
pub fn load_domain_rules(conn: &mut Conn, domains: &[&str]) -> Result<Vec<DomainRule>> {
    let rows: Vec<RuleRow> = domain_blocks::table
        .filter(domain_blocks::domain.eq_any(domains.to_vec()))
        .select(RuleRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// All rules, by domain.
pub fn list_domain_rules(conn: &mut Conn) -> Result<Vec<DomainRule>> {
    let rows: Vec<RuleRow> = domain_blocks::table
        .order(domain_blocks::domain)
        .select(RuleRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes the rule about a domain, in place of the one it had.
pub fn replace_domain_rule(conn: &mut Conn, rule: &DomainRule) -> Result<()> {
    let columns = (
        domain_blocks::severity.eq(&rule.severity),
        domain_blocks::reject_media.eq(rule.reject_media),
        domain_blocks::reject_reports.eq(rule.reject_reports),
        domain_blocks::private_comment.eq(&rule.private_comment),
        domain_blocks::public_comment.eq(&rule.public_comment),
        domain_blocks::obfuscate.eq(rule.obfuscate),
    );
    let values = (
        domain_blocks::id.eq(rule.id.0),
        domain_blocks::domain.eq(&rule.domain),
        columns,
        domain_blocks::created_at.eq(rule.created_at.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(domain_blocks::table)
        .values(values)
        .on_conflict(domain_blocks::domain)
        .do_update()
        .set(columns)
        .execute(conn)?);
    Ok(())
}

/// Removes the rule about a domain; false if there is none.
pub fn delete_domain_rule(conn: &mut Conn, domain: &str) -> Result<bool> {
    let rows = diesel::delete(domain_blocks::table.filter(domain_blocks::domain.eq(domain))).execute(conn)?;
    Ok(rows > 0)
}

/// A domain that is federated with, and the names under it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DomainAllow {
    /// Our id of it.
    pub id: RelationId,
    /// Normalised domain.
    pub domain: String,
    /// For those who look after the instance.
    pub comment: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

type AllowRow = (i64, String, Option<String>, i64);

fn allow_of((id, domain, comment, created_at): AllowRow) -> DomainAllow {
    DomainAllow {
        id: RelationId(id),
        domain,
        comment,
        created_at: from_millis(created_at),
    }
}

/// The allows of any of these domains, in no particular order.
pub fn load_domain_allows(conn: &mut Conn, domains: &[&str]) -> Result<Vec<DomainAllow>> {
    let rows: Vec<AllowRow> = domain_allows::table
        .filter(domain_allows::domain.eq_any(domains.to_vec()))
        .select(domain_allows::all_columns)
        .load(conn)?;
    Ok(rows.into_iter().map(allow_of).collect())
}

/// All allows, by domain.
pub fn list_domain_allows(conn: &mut Conn) -> Result<Vec<DomainAllow>> {
    let rows: Vec<AllowRow> = domain_allows::table
        .order(domain_allows::domain)
        .select(domain_allows::all_columns)
        .load(conn)?;
    Ok(rows.into_iter().map(allow_of).collect())
}

/// Writes the allow of a domain, in place of the one it had.
pub fn replace_domain_allow(conn: &mut Conn, allow: &DomainAllow) -> Result<()> {
    let values = (
        domain_allows::id.eq(allow.id.0),
        domain_allows::domain.eq(&allow.domain),
        domain_allows::comment.eq(&allow.comment),
        domain_allows::created_at.eq(allow.created_at.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(domain_allows::table)
        .values(values)
        .on_conflict(domain_allows::domain)
        .do_update()
        .set(domain_allows::comment.eq(&allow.comment))
        .execute(conn)?);
    Ok(())
}

/// Removes the allow of a domain; false if there is none.
pub fn delete_domain_allow(conn: &mut Conn, domain: &str) -> Result<bool> {
    let rows = diesel::delete(domain_allows::table.filter(domain_allows::domain.eq(domain))).execute(conn)?;
    Ok(rows > 0)
}
