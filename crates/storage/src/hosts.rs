//! What we know of other hosts: the signature scheme that they take, how deliveries to them went.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use pouet_model::time::from_millis;

use crate::{
    conn::{Conn, each_backend},
    error::{Error, Result},
    ids::chunks,
    json,
    schema::hosts,
};

/// What we know of a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// Host name, with the port where it is not the scheme's own.
    pub domain: String,
    /// Name of the signature scheme that worked last, and when.
    pub scheme: Option<(String, DateTime<Utc>)>,
    /// Failed attempts in a row that count for the breaker.
    pub failures: i64,
    /// Days (UTC) with a failure since the last success.
    pub failure_days: Vec<NaiveDate>,
    /// When the first of `failures` was.
    pub first_failure_at: Option<DateTime<Utc>>,
    /// Nothing is sent before this time: the breaker is open, or the host asked to wait.
    pub open_until: Option<DateTime<Utc>>,
    /// The wait after which the breaker opened last; `None` while it is closed.
    pub probe_delay: Option<TimeDelta>,
    /// Since when it counts as gone.
    pub unavailable_since: Option<DateTime<Utc>>,
    /// What the last failure was, for people.
    pub last_error: Option<String>,
    /// When this was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it last took something from us, to the hour.
    pub last_success_at: Option<DateTime<Utc>>,
}

impl Host {
    /// A host that nothing is known of.
    pub fn new(domain: &str, now: DateTime<Utc>) -> Self {
        Self {
            domain: domain.to_owned(),
            scheme: None,
            failures: 0,
            failure_days: Vec::new(),
            first_failure_at: None,
            open_until: None,
            probe_delay: None,
            unavailable_since: None,
            last_error: None,
            updated_at: now,
            last_success_at: None,
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = hosts, treat_none_as_null = true)]
struct HostRow {
    domain: String,
    signature_scheme: Option<String>,
    scheme_at: Option<i64>,
    failures: i64,
    failure_days: String,
    first_failure_at: Option<i64>,
    open_until: Option<i64>,
    probe_delay: Option<i64>,
    unavailable_since: Option<i64>,
    last_error: Option<String>,
    updated_at: i64,
    last_success_at: Option<i64>,
}

impl TryFrom<HostRow> for Host {
    type Error = Error;

    fn try_from(row: HostRow) -> Result<Self> {
        Ok(Self {
            failure_days: json::read(&row.failure_days).ok_or(Error::Inconsistent {
                table: "hosts",
                column: "failure_days",
                id: row.updated_at,
            })?,
            scheme: row.signature_scheme.zip(row.scheme_at.map(from_millis)),
            domain: row.domain,
            failures: row.failures,
            first_failure_at: row.first_failure_at.map(from_millis),
            open_until: row.open_until.map(from_millis),
            probe_delay: row.probe_delay.map(TimeDelta::milliseconds),
            unavailable_since: row.unavailable_since.map(from_millis),
            last_error: row.last_error,
            updated_at: from_millis(row.updated_at),
            last_success_at: row.last_success_at.map(from_millis),
        })
    }
}

impl From<&Host> for HostRow {
    fn from(host: &Host) -> Self {
        let millis = |time: &DateTime<Utc>| time.timestamp_millis();
        Self {
            domain: host.domain.clone(),
            signature_scheme: host.scheme.as_ref().map(|(name, _)| name.clone()),
            scheme_at: host.scheme.as_ref().map(|(_, at)| millis(at)),
            failures: host.failures,
            failure_days: json::write(&host.failure_days),
            first_failure_at: host.first_failure_at.as_ref().map(millis),
            open_until: host.open_until.as_ref().map(millis),
            probe_delay: host.probe_delay.as_ref().map(TimeDelta::num_milliseconds),
            unavailable_since: host.unavailable_since.as_ref().map(millis),
            last_error: host.last_error.clone(),
            updated_at: millis(&host.updated_at),
            last_success_at: host.last_success_at.as_ref().map(millis),
        }
    }
}

/// What is known of these hosts, in no particular order; unknown ones are left out.
pub fn load_hosts(conn: &mut Conn, domains: &[String]) -> Result<Vec<Host>> {
    let mut found = Vec::new();
    for chunk in chunks(domains) {
        let rows: Vec<HostRow> = hosts::table
            .filter(hosts::domain.eq_any(chunk))
            .select(HostRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// What is known of one host.
pub fn find_host(conn: &mut Conn, domain: &str) -> Result<Option<Host>> {
    hosts::table
        .find(domain)
        .select(HostRow::as_select())
        .first(conn)
        .optional()?
        .map(Host::try_from)
        .transpose()
}

/// Stores what is known of a host, whether it was known before or not.
pub fn save_host(conn: &mut Conn, host: &Host) -> Result<()> {
    let row = HostRow::from(host);
    each_backend!(conn, c => diesel::insert_into(hosts::table)
        .values(&row)
        .on_conflict(hosts::domain)
        .do_update()
        .set(&row)
        .execute(c)?);
    Ok(())
}

/// How bad it was before a host answered again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recovery {
    /// Some attempts had failed.
    Wavered,
    /// It had failed so often that it was left alone.
    LeftAlone,
}

impl Recovery {
    /// What it means that a host in this state answers; `None` if it had not failed.
    pub fn of(host: &Host) -> Option<Self> {
        if host.probe_delay.is_some() || host.unavailable_since.is_some() {
            Some(Self::LeftAlone)
        } else if host.failures > 0 || host.open_until.is_some() || !host.failure_days.is_empty() {
            Some(Self::Wavered)
        } else {
            None
        }
    }
}

/// Forgets every failure of a host, because it is there; `None` if there was none.
pub fn reset_failing_host(conn: &mut Conn, domain: &str, now: DateTime<Utc>) -> Result<Option<Recovery>> {
    let known = find_host(conn, domain)?;
    let Some(recovery) = known.as_ref().and_then(Recovery::of) else {
        return Ok(None);
    };
    diesel::update(hosts::table.find(domain))
        .set((
            hosts::failures.eq(0),
            hosts::failure_days.eq("[]"),
            hosts::first_failure_at.eq(None::<i64>),
            hosts::open_until.eq(None::<i64>),
            hosts::probe_delay.eq(None::<i64>),
            hosts::unavailable_since.eq(None::<i64>),
            hosts::updated_at.eq(now.timestamp_millis()),
        ))
        .execute(conn)?;
    Ok(Some(recovery))
}

/// Hosts with a failure, those changed last first.
pub fn list_failing_hosts(conn: &mut Conn, limit: i64) -> Result<Vec<Host>> {
    hosts::table
        .filter(
            hosts::failure_days
                .ne("[]")
                .or(hosts::unavailable_since.is_not_null()),
        )
        .order(hosts::updated_at.desc())
        .limit(limit)
        .select(HostRow::as_select())
        .load(conn)?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
}

/// Forgets hosts that nothing was learnt of since `before`.
pub fn delete_hosts_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(hosts::table.filter(hosts::updated_at.lt(before.timestamp_millis()))).execute(conn)?)
}

/// Forgets all hosts but the `keep` of which something was learnt last.
pub fn delete_hosts_beyond(conn: &mut Conn, keep: i64) -> Result<usize> {
    let newest_dropped: Option<i64> = hosts::table
        .order(hosts::updated_at.desc())
        .offset(keep)
        .limit(1)
        .select(hosts::updated_at)
        .first(conn)
        .optional()?;
    match newest_dropped {
        // Others of the same millisecond go with it.
        Some(at) => Ok(diesel::delete(hosts::table.filter(hosts::updated_at.le(at))).execute(conn)?),
        None => Ok(0),
    }
}
