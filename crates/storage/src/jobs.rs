//! The job table: work that was committed together with the fact that makes it necessary.
//!
//! A worker owns a job by its lease. Claiming moves `run_at` to the end of the lease, so that the job of a
//! process that died is due again by itself, and one index answers "what is due" and "when is the next".

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Bool, Nullable},
};
use pouet_model::{ids::JobId, time::from_millis};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::jobs,
};

/// Looks at the table to find jobs of hosts that do not have their share yet: each finds at least one host that then has.
const LOOKS: usize = 8;

/// Whether `turns` allows a job, as far as that is known beforehand.
macro_rules! allowed_by {
    ($turns:expr) => {
        jobs::host.is_null().or(jobs::host
            .ne_all($turns.full())
            .and(($turns.room > 0).into_sql::<Nullable<Bool>>()))
    };
}

/// A job to insert.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    /// Its id.
    pub id: JobId,
    /// Name of its kind, for people who look at the table.
    pub kind: &'a str,
    /// The job as JSON.
    pub payload: &'a str,
    /// At most one job with this key waits at any time.
    pub dedup_key: Option<&'a str>,
    /// Whose activity it processes: hosts take turns.
    pub host: Option<&'a str>,
    /// When it is due.
    pub run_at: DateTime<Utc>,
    /// Now.
    pub created_at: DateTime<Utc>,
}

/// A job that the caller has claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimedJob {
    /// Its id.
    pub id: JobId,
    /// The job as JSON.
    pub payload: String,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    /// Whose activity it processes.
    pub host: Option<String>,
}

/// Adds a job, unless one with the same key waits already: that one then runs at the earlier of both times.
///
/// A job that has been claimed no longer holds its key, because it may have read the state before the change
/// that asks for a new one.
pub fn insert_job(conn: &mut Conn, job: &NewJob<'_>) -> Result<()> {
    let run_at = job.run_at.timestamp_millis();
    let row = (
        jobs::id.eq(job.id.0),
        jobs::kind.eq(job.kind),
        jobs::payload.eq(job.payload),
        jobs::dedup_key.eq(job.dedup_key),
        jobs::host.eq(job.host),
        jobs::run_at.eq(run_at),
        jobs::created_at.eq(job.created_at.timestamp_millis()),
    );
    let inserted = each_backend!(conn, c => diesel::insert_into(jobs::table)
        .values(row)
        .on_conflict(jobs::dedup_key)
        .do_nothing()
        .execute(c)?);
    if inserted == 0 {
        diesel::update(jobs::table)
            .filter(jobs::dedup_key.eq(job.dedup_key))
            .filter(jobs::run_at.gt(run_at))
            .set(jobs::run_at.eq(run_at))
            .execute(conn)?;
    }
    Ok(())
}

/// When the next job that `turns` allows is due, counting those whose lease has to end first.
pub fn find_next_run(conn: &mut Conn, turns: &Turns) -> Result<Option<DateTime<Utc>>> {
    Ok(jobs::table
        .filter(jobs::dead_at.is_null())
        .filter(allowed_by!(turns))
        .select(diesel::dsl::min(jobs::run_at))
        .first::<Option<i64>>(conn)?
        .map(from_millis))
}

/// Whose jobs a caller takes, so that a host that sends much does not keep the others waiting.
#[derive(Clone, Debug)]
pub struct Turns {
    /// Jobs of one host that a caller may hold.
    pub share: usize,
    /// Jobs of hosts, whichever, that it may take now.
    pub room: usize,
    /// Jobs that it holds, by host.
    pub held: HashMap<String, usize>,
}

impl Turns {
    /// Hosts that have their share.
    fn full(&self) -> Vec<&str> {
        let full = self.held.iter().filter(|(_, count)| **count >= self.share);
        full.map(|(host, _)| host.as_str()).collect()
    }
}

impl Default for Turns {
    /// Anybody's.
    fn default() -> Self {
        Self {
            share: usize::MAX,
            room: usize::MAX,
            held: HashMap::new(),
        }
    }
}

/// Takes up to `limit` due jobs for the caller until `lease_until`, oldest first, by `turns`.
pub fn claim_jobs(
    conn: &mut Conn,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    limit: usize,
    turns: Turns,
) -> Result<Vec<ClaimedJob>> {
    let lease_until = lease_until.timestamp_millis();
    let due = list_due(conn, now, limit, turns)?;
    let mut rows: Vec<(i64, String, i64, Option<String>)> = Vec::with_capacity(due.len());
    for chunk in chunks(&due) {
        rows.extend(
            each_backend!(conn, c => diesel::update(jobs::table.filter(among(jobs::id, chunk)))
            .set((
                jobs::run_at.eq(lease_until),
                jobs::lease_until.eq(lease_until),
                jobs::dedup_key.eq(None::<String>),
                jobs::attempts.eq(jobs::attempts + 1),
            ))
            .returning((jobs::id, jobs::payload, jobs::attempts, jobs::host))
            .get_results::<(i64, String, i64, Option<String>)>(c)?),
        );
    }
    rows.sort_unstable_by_key(|row| row.0);
    Ok(rows
        .into_iter()
        .map(|(id, payload, attempts, host)| ClaimedJob {
            id: JobId(id),
            payload,
            attempts,
            host,
        })
        .collect())
}

/// How often a job was claimed; 0 if it is gone.
pub fn count_attempts(conn: &mut Conn, id: JobId) -> Result<i64> {
    let attempts: Option<i64> = jobs::table
        .find(id.0)
        .select(jobs::attempts)
        .first(conn)
        .optional()?;
    Ok(attempts.unwrap_or_default())
}

/// Jobs to claim. Each further look leaves out the hosts that have their share, and begins where the last one ended.
fn list_due(conn: &mut Conn, now: DateTime<Utc>, limit: usize, mut turns: Turns) -> Result<Vec<JobId>> {
    let mut due = Vec::new();
    let mut last = (i64::MIN, i64::MIN);
    for _ in 0..LOOKS {
        let wanted = limit - due.len();
        let found = list_due_after(conn, now, last, &turns, wanted)?;
        let is_last = found.len() < wanted;
        for (id, run_at, host) in found {
            last = (run_at, id);
            if let Some(host) = host {
                let count = turns.held.entry(host).or_default();
                if *count >= turns.share || turns.room == 0 {
                    continue;
                }
                *count += 1;
                turns.room -= 1;
            }
            due.push(JobId(id));
        }
        if is_last || due.len() == limit {
            break;
        }
    }
    Ok(due)
}

/// Due jobs behind `last` (`run_at` and id) that `turns` allows; those that another process takes are left to it.
fn list_due_after(
    conn: &mut Conn,
    now: DateTime<Utc>,
    last: (i64, i64),
    turns: &Turns,
    limit: usize,
) -> Result<Vec<(i64, i64, Option<String>)>> {
    let due = jobs::table
        .filter(jobs::dead_at.is_null())
        .filter(jobs::run_at.le(now.timestamp_millis()))
        .filter(jobs::run_at.ge(last.0))
        .filter(jobs::run_at.gt(last.0).or(jobs::id.gt(last.1)))
        .filter(allowed_by!(turns))
        .order((jobs::run_at, jobs::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((jobs::id, jobs::run_at, jobs::host));
    Ok(match conn {
        Conn::Sqlite(c) => due.load(c)?,
        Conn::Postgres(c) => due.for_update().skip_locked().load(c)?,
    })
}

/// Keeps claimed jobs until `lease_until`.
pub fn update_job_leases(conn: &mut Conn, ids: &[JobId], lease_until: DateTime<Utc>) -> Result<()> {
    let lease_until = lease_until.timestamp_millis();
    for chunk in chunks(ids) {
        diesel::update(jobs::table.filter(among(jobs::id, chunk)))
            .filter(jobs::lease_until.is_not_null())
            .set((jobs::run_at.eq(lease_until), jobs::lease_until.eq(lease_until)))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes jobs that are done.
pub fn delete_jobs(conn: &mut Conn, ids: &[JobId]) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::delete(jobs::table.filter(among(jobs::id, chunk))).execute(conn)?;
    }
    Ok(())
}

/// Gives a claimed job back, to be run again at `run_at`.
pub fn retry_job(conn: &mut Conn, id: JobId, run_at: DateTime<Utc>, error: &str) -> Result<()> {
    diesel::update(jobs::table.find(id.0))
        .set((
            jobs::run_at.eq(run_at.timestamp_millis()),
            jobs::lease_until.eq(None::<i64>),
            jobs::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}

/// Gives a job up; the row stays for a while so that somebody can look at it.
pub fn bury_job(conn: &mut Conn, id: JobId, now: DateTime<Utc>, error: &str) -> Result<()> {
    diesel::update(jobs::table.find(id.0))
        .set((
            jobs::dead_at.eq(now.timestamp_millis()),
            jobs::lease_until.eq(None::<i64>),
            jobs::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}

/// Gives claimed jobs back that were not begun: they are due as they were, before what came later of their lane, and the
/// claim does not count.
pub fn release_jobs(conn: &mut Conn, ids: &[JobId]) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::update(jobs::table.filter(among(jobs::id, chunk)))
            .filter(jobs::lease_until.is_not_null())
            .set((
                jobs::run_at.eq(jobs::created_at),
                jobs::lease_until.eq(None::<i64>),
                jobs::attempts.eq(jobs::attempts - 1),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Ends every lease. Only for the one process that works on the database, when it starts.
pub fn release_all_jobs(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::update(jobs::table)
        .filter(jobs::dead_at.is_null())
        .filter(jobs::lease_until.is_not_null())
        .set((
            jobs::run_at.eq(now.timestamp_millis()),
            jobs::lease_until.eq(None::<i64>),
        ))
        .execute(conn)?)
}

/// Forgets jobs that were given up before `before`.
pub fn delete_dead_jobs_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(jobs::table.filter(jobs::dead_at.lt(before.timestamp_millis()))).execute(conn)?)
}

/// How many jobs wait or run, and how many were given up.
pub fn count_jobs(conn: &mut Conn) -> Result<(i64, i64)> {
    let waiting = jobs::table
        .filter(jobs::dead_at.is_null())
        .count()
        .get_result(conn)?;
    let dead = jobs::table
        .filter(jobs::dead_at.is_not_null())
        .count()
        .get_result(conn)?;
    Ok((waiting, dead))
}
