//! Sites whose pages are linked to, and what moderators said of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{CardId, PublisherId},
    page::Page,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    paging::relation_page,
    schema::{preview_cards, publishers},
};

/// A site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Publisher {
    /// Its id.
    pub id: PublisherId,
    /// Its domain, which stands for every name under it.
    pub domain: String,
    /// Whether its links may trend; `None`: nobody has said.
    pub trendable: Option<bool>,
    /// When a moderator said so.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// When a moderator's word was first waited for.
    pub requested_at: Option<DateTime<Utc>>,
}

type Columns = (i64, String, Option<bool>, Option<i64>, Option<i64>, i64);

impl From<Columns> for Publisher {
    fn from((id, domain, trendable, reviewed_at, requested_at, _): Columns) -> Self {
        Self {
            id: PublisherId(id),
            domain,
            trendable,
            reviewed_at: reviewed_at.map(from_millis),
            requested_at: requested_at.map(from_millis),
        }
    }
}

/// All sites, a page of them, the last known first.
pub fn list_publishers(conn: &mut Conn, page: &Page) -> Result<Vec<Publisher>> {
    let rows: Vec<Columns> = relation_page!(conn, page, publishers::table.into_boxed(), publishers::id);
    Ok(rows.into_iter().map(Publisher::from).collect())
}

/// The site with this id.
pub fn find_publisher(conn: &mut Conn, id: PublisherId) -> Result<Option<Publisher>> {
    let row: Option<Columns> = publishers::table.find(id.0).first(conn).optional()?;
    Ok(row.map(Publisher::from))
}

/// Adds a site; nothing happens if its domain is known.
pub fn insert_publisher(
    conn: &mut Conn,
    id: PublisherId,
    domain: &str,
    requested_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    let values = (
        publishers::id.eq(id.0),
        publishers::domain.eq(domain),
        publishers::requested_at.eq(requested_at.map(|at| at.timestamp_millis())),
        publishers::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(publishers::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Notes that a moderator's word is waited for, where that is not noted yet.
pub fn request_reviews(conn: &mut Conn, ids: &[PublisherId], now: DateTime<Utc>) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::update(publishers::table.filter(among(publishers::id, chunk)))
            .filter(publishers::reviewed_at.is_null())
            .filter(publishers::requested_at.is_null())
            .set(publishers::requested_at.eq(now.timestamp_millis()))
            .execute(conn)?;
    }
    Ok(())
}

/// Writes what a moderator said of a site.
pub fn update_publisher(conn: &mut Conn, id: PublisherId, trendable: bool, now: DateTime<Utc>) -> Result<()> {
    diesel::update(publishers::table.find(id.0))
        .set((
            publishers::trendable.eq(trendable),
            publishers::reviewed_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets sites that were noted before `before` and of which nobody has said anything.
pub fn delete_unreviewed_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<()> {
    diesel::delete(publishers::table)
        .filter(publishers::reviewed_at.is_null())
        .filter(publishers::created_at.lt(before.timestamp_millis()))
        .execute(conn)?;
    Ok(())
}

/// The hosts of the pages that these cards are of, without ports; of cards that were not read yet, none.
pub fn load_page_hosts(conn: &mut Conn, ids: &[CardId]) -> Result<HashMap<CardId, String>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String)> = preview_cards::table
            .filter(among(preview_cards::id, chunk))
            .filter(preview_cards::page_host.ne(""))
            .select((preview_cards::id, preview_cards::page_host))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(id, host)| (CardId(id), without_port(&host))),
        );
    }
    Ok(found)
}

fn without_port(host: &str) -> String {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name.to_owned(),
        _ => host.to_owned(),
    }
}

/// A host and the names above it, the longest first.
fn names_of(host: &str) -> impl Iterator<Item = &str> {
    let above = host.match_indices('.').map(move |(dot, _)| &host[dot + 1..]);
    std::iter::once(host).chain(above)
}

/// Of each host, the site that it belongs to: the one with the longest domain.
pub fn load_publishers_of(conn: &mut Conn, hosts: &[&str]) -> Result<HashMap<String, Publisher>> {
    let mut names: Vec<&str> = hosts.iter().flat_map(|host| names_of(host)).collect();
    names.sort_unstable();
    names.dedup();
    let mut known: HashMap<String, Publisher> = HashMap::new();
    for chunk in chunks(&names) {
        let rows: Vec<Columns> = publishers::table
            .filter(publishers::domain.eq_any(chunk.iter().copied()))
            .load(conn)?;
        known.extend(
            rows.into_iter()
                .map(Publisher::from)
                .map(|site| (site.domain.clone(), site)),
        );
    }
    let site_of = |host: &&str| {
        let sites = || names_of(host).filter_map(|name| known.get(name));
        // What nobody has said anything of does not hide what was said of a name above it.
        let said = sites().find(|site| site.trendable.is_some());
        let site = said.or_else(|| sites().next())?;
        Some(((*host).to_owned(), site.clone()))
    };
    Ok(hosts.iter().filter_map(site_of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_above_a_host() {
        let names: Vec<&str> = names_of("a.news.example").collect();
        assert_eq!(names, ["a.news.example", "news.example", "example"]);
    }

    #[test]
    fn ports_are_no_part_of_a_domain() {
        for (host, expected) in [
            ("news.example", "news.example"),
            ("news.example:8443", "news.example"),
            ("127.0.0.1:80", "127.0.0.1"),
        ] {
            assert_eq!(without_port(host), expected);
        }
    }
}
