//! New servers that named many strangers here, and what waits of theirs.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, exists, min},
    prelude::*,
};
use pouet_model::{
    ids::{AccountId, first_id_at},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::chunks,
    schema::{accounts, follows, inbox_activities, mentions, quarantined_hosts, statuses},
};

/// A server in quarantine, or that was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuarantinedHost {
    /// It.
    pub host: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many strangers it had named then.
    pub strangers: i64,
    /// When it was let in for good.
    pub released_at: Option<DateTime<Utc>>,
}

/// What of a host waits.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Held {
    /// Activities.
    pub count: i64,
    /// When the oldest of them came.
    pub oldest: Option<DateTime<Utc>>,
}

type HostRow = (String, i64, i64, Option<i64>);

fn host_of((host, since, strangers, released_at): HostRow) -> QuarantinedHost {
    QuarantinedHost {
        host,
        since: from_millis(since),
        strangers,
        released_at: released_at.map(from_millis),
    }
}

/// What is known of a host's quarantine.
pub fn find_quarantined(conn: &mut Conn, host: &str) -> Result<Option<QuarantinedHost>> {
    let row: Option<HostRow> = quarantined_hosts::table.find(host).first(conn).optional()?;
    Ok(row.map(host_of))
}

/// Puts a host into quarantine; false if it was there before.
pub fn insert_quarantined(conn: &mut Conn, host: &str, strangers: i64, now: DateTime<Utc>) -> Result<bool> {
    let row = (
        quarantined_hosts::host.eq(host),
        quarantined_hosts::since.eq(now.timestamp_millis()),
        quarantined_hosts::strangers.eq(strangers),
    );
    let inserted = each_backend!(conn, c => diesel::insert_into(quarantined_hosts::table)
        .values(row)
        .on_conflict(quarantined_hosts::host)
        .do_nothing()
        .execute(c)?);
    Ok(inserted == 1)
}

/// Lets a host in for good; false if it is not in quarantine.
pub fn update_released(conn: &mut Conn, host: &str, now: DateTime<Utc>) -> Result<bool> {
    let rows = diesel::update(
        quarantined_hosts::table
            .find(host)
            .filter(quarantined_hosts::released_at.is_null()),
    )
    .set(quarantined_hosts::released_at.eq(now.timestamp_millis()))
    .execute(conn)?;
    Ok(rows > 0)
}

/// Hosts in quarantine, the longest there first, with what of theirs waits.
pub fn list_quarantined(conn: &mut Conn) -> Result<Vec<(QuarantinedHost, Held)>> {
    let hosts: Vec<HostRow> = quarantined_hosts::table
        .filter(quarantined_hosts::released_at.is_null())
        .order((quarantined_hosts::since, quarantined_hosts::host))
        .load(conn)?;
    let held: Vec<(String, i64, Option<i64>)> = inbox_activities::table
        .filter(inbox_activities::processed_at.is_null())
        .filter(inbox_activities::held_at.is_not_null())
        .group_by(inbox_activities::host)
        .select((
            inbox_activities::host,
            count_star(),
            min(inbox_activities::received_at),
        ))
        .load(conn)?;
    Ok(hosts
        .into_iter()
        .map(|row| {
            let waiting = held.iter().find(|(host, ..)| *host == row.0);
            let waiting = waiting.map(|(_, count, oldest)| Held {
                count: *count,
                oldest: oldest.map(from_millis),
            });
            (host_of(row), waiting.unwrap_or_default())
        })
        .collect())
}

/// Lets an activity wait in quarantine; false if its host is not there (any more).
pub fn update_held(conn: &mut Conn, id: i64, host: &str, now: DateTime<Utc>) -> Result<bool> {
    let row = quarantined_hosts::table
        .find(host)
        .filter(quarantined_hosts::released_at.is_null())
        .select(quarantined_hosts::host);
    let found: Option<String> = match conn {
        Conn::Sqlite(c) => row.first(c).optional()?,
        // Whoever lets the host in takes what is held until then along.
        Conn::Postgres(c) => row.for_update().first(c).optional()?,
    };
    if found.is_none() {
        return Ok(false);
    }
    diesel::update(inbox_activities::table.find(id))
        .set(inbox_activities::held_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(true)
}

/// Whether at least `count` activities of a host wait in quarantine.
pub fn has_held(conn: &mut Conn, host: &str, count: i64) -> Result<bool> {
    crate::inbox::has_unprocessed(conn, host, true, count)
}

/// Activities of a host that wait in quarantine, in the order in which they came.
pub fn list_held(conn: &mut Conn, host: &str) -> Result<Vec<i64>> {
    Ok(inbox_activities::table
        .filter(inbox_activities::processed_at.is_null())
        .filter(inbox_activities::held_at.is_not_null())
        .filter(inbox_activities::host.eq(host))
        .order(inbox_activities::id)
        .select(inbox_activities::id)
        .load(conn)?)
}

/// Takes activities out of quarantine.
pub fn update_freed(conn: &mut Conn, ids: &[i64]) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::update(inbox_activities::table.filter(inbox_activities::id.eq_any(chunk)))
            .set(inbox_activities::held_at.eq(None::<i64>))
            .execute(conn)?;
    }
    Ok(())
}

/// Whether an account of a domain was met before `before`.
pub fn is_domain_known_since(conn: &mut Conn, domain: &str, before: DateTime<Utc>) -> Result<bool> {
    let older = accounts::table
        .filter(accounts::domain.eq(domain))
        .filter(accounts::id.lt(first_id_at(before)));
    Ok(diesel::select(exists(older)).get_result(conn)?)
}

/// Local accounts that statuses of a domain have named.
pub fn list_named_by_domain(conn: &mut Conn, domain: &str, limit: i64) -> Result<Vec<AccountId>> {
    let authors = diesel::alias!(accounts as authors);
    let rows: Vec<i64> = mentions::table
        .inner_join(statuses::table.on(statuses::id.eq(mentions::status_id)))
        .inner_join(authors.on(authors.field(accounts::id).eq(statuses::account_id)))
        .inner_join(accounts::table.on(accounts::id.eq(mentions::account_id)))
        .filter(authors.field(accounts::domain).eq(domain))
        .filter(accounts::domain.eq(""))
        .select(mentions::account_id)
        .distinct()
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(AccountId).collect())
}

/// Which of these local accounts know somebody of a domain: they follow or asked to follow them, or named them first.
pub fn load_acquainted(conn: &mut Conn, locals: &[AccountId], domain: &str) -> Result<Vec<AccountId>> {
    let ids: Vec<i64> = locals.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for chunk in chunks(&ids) {
        let following: Vec<i64> = follows::table
            .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
            .filter(follows::account_id.eq_any(chunk))
            .filter(accounts::domain.eq(domain))
            .select(follows::account_id)
            .distinct()
            .load(conn)?;
        let naming: Vec<i64> = mentions::table
            .inner_join(statuses::table.on(statuses::id.eq(mentions::status_id)))
            .inner_join(accounts::table.on(accounts::id.eq(mentions::account_id)))
            .filter(statuses::account_id.eq_any(chunk))
            .filter(accounts::domain.eq(domain))
            .select(statuses::account_id)
            .distinct()
            .load(conn)?;
        found.extend(following.into_iter().chain(naming).map(AccountId));
    }
    Ok(found)
}
