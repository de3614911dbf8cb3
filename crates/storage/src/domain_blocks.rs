//! Rules of this instance about other domains.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::ids::RelationId;

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    schema::domain_blocks,
};

/// A rule about a domain and the names under it.
#[derive(Clone, PartialEq, Eq, Debug, Queryable, Selectable)]
#[diesel(table_name = domain_blocks)]
pub struct DomainRule {
    /// Normalised domain.
    pub domain: String,
    /// `noop`, `silence` or `suspend`.
    pub severity: String,
    /// Its media are not fetched.
    pub reject_media: bool,
    /// Its reports are dropped.
    pub reject_reports: bool,
}

/// The rules about any of these domains, in no particular order.
pub fn load_domain_rules(conn: &mut Conn, domains: &[&str]) -> Result<Vec<DomainRule>> {
    Ok(domain_blocks::table
        .filter(domain_blocks::domain.eq_any(domains.to_vec()))
        .select(DomainRule::as_select())
        .load(conn)?)
}

/// Writes the rule about a domain, in place of the one it had.
pub fn replace_domain_rule(
    conn: &mut Conn,
    id: RelationId,
    rule: &DomainRule,
    now: DateTime<Utc>,
) -> Result<()> {
    let columns = (
        domain_blocks::severity.eq(&rule.severity),
        domain_blocks::reject_media.eq(rule.reject_media),
        domain_blocks::reject_reports.eq(rule.reject_reports),
    );
    let values = (
        domain_blocks::id.eq(id.0),
        domain_blocks::domain.eq(&rule.domain),
        columns,
        domain_blocks::created_at.eq(now.timestamp_millis()),
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
