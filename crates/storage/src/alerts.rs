//! What those who look after the instance should see.

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use pouet_model::{
    alert::{Alert, AlertAbout, AlertKind},
    ids::{AccountId, AlertId},
    time::from_millis,
};

use crate::{
    conn::Conn,
    error::{Error, Result},
    schema::{accounts, alerts},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = alerts)]
struct AlertRow {
    id: i64,
    kind: String,
    about: String,
    subject_id: i64,
    reason: String,
    people: i64,
    suspects: i64,
    usual: i64,
    created_at: i64,
    resolved_at: Option<i64>,
}

impl TryFrom<AlertRow> for Alert {
    type Error = Error;

    fn try_from(row: AlertRow) -> Result<Self> {
        let unreadable = |column| Error::Inconsistent {
            table: "alerts",
            column,
            id: row.id,
        };
        Ok(Self {
            id: AlertId(row.id),
            kind: AlertKind::parse(&row.kind).ok_or_else(|| unreadable("kind"))?,
            about: AlertAbout::parse(&row.about).ok_or_else(|| unreadable("about"))?,
            subject_id: row.subject_id,
            reason: row.reason,
            people: row.people,
            suspects: row.suspects,
            usual: row.usual,
            created_at: from_millis(row.created_at),
            resolved_at: row.resolved_at.map(from_millis),
        })
    }
}

/// Adds an alert.
pub fn insert_alert(conn: &mut Conn, alert: &Alert) -> Result<()> {
    diesel::insert_into(alerts::table)
        .values((
            alerts::id.eq(alert.id.0),
            alerts::kind.eq(alert.kind.as_str()),
            alerts::about.eq(alert.about.as_str()),
            alerts::subject_id.eq(alert.subject_id),
            alerts::reason.eq(&alert.reason),
            alerts::people.eq(alert.people),
            alerts::suspects.eq(alert.suspects),
            alerts::usual.eq(alert.usual),
            alerts::created_at.eq(alert.created_at.timestamp_millis()),
            alerts::resolved_at.eq(alert.resolved_at.map(|at| at.timestamp_millis())),
        ))
        .execute(conn)?;
    Ok(())
}

/// The last alert of a kind about a subject.
pub fn find_last_alert(
    conn: &mut Conn,
    kind: AlertKind,
    about: AlertAbout,
    subject_id: i64,
) -> Result<Option<Alert>> {
    alerts::table
        .filter(alerts::kind.eq(kind.as_str()))
        .filter(alerts::about.eq(about.as_str()))
        .filter(alerts::subject_id.eq(subject_id))
        .order((alerts::created_at.desc(), alerts::id.desc()))
        .select(AlertRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// Writes the numbers and the reason of an alert anew.
pub fn update_alert(conn: &mut Conn, alert: &Alert) -> Result<()> {
    diesel::update(alerts::table.find(alert.id.0))
        .set((
            alerts::reason.eq(&alert.reason),
            alerts::people.eq(alert.people),
            alerts::suspects.eq(alert.suspects),
            alerts::usual.eq(alert.usual),
        ))
        .execute(conn)?;
    Ok(())
}

/// The alert with this id.
pub fn find_alert(conn: &mut Conn, id: AlertId) -> Result<Option<Alert>> {
    alerts::table
        .find(id.0)
        .select(AlertRow::as_select())
        .first(conn)
        .optional()?
        .map(TryInto::try_into)
        .transpose()
}

/// Alerts, newest first, at most `limit`; without `all` only those that nobody is done with.
pub fn list_alerts(conn: &mut Conn, all: bool, limit: i64) -> Result<Vec<Alert>> {
    let mut query = alerts::table.into_boxed();
    if !all {
        query = query.filter(alerts::resolved_at.is_null());
    }
    let rows: Vec<AlertRow> = query
        .order(alerts::id.desc())
        .limit(limit)
        .select(AlertRow::as_select())
        .load(conn)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many alerts of a kind nobody is done with.
pub fn count_open_alerts(conn: &mut Conn, kind: AlertKind) -> Result<i64> {
    Ok(alerts::table
        .filter(alerts::resolved_at.is_null())
        .filter(alerts::kind.eq(kind.as_str()))
        .select(count_star())
        .first(conn)?)
}

/// Marks an alert as done with; false if it was, or is not there.
pub fn resolve_alert(conn: &mut Conn, id: AlertId, now: DateTime<Utc>) -> Result<bool> {
    let rows = diesel::update(alerts::table.find(id.0).filter(alerts::resolved_at.is_null()))
        .set(alerts::resolved_at.eq(now.timestamp_millis()))
        .execute(conn)?;
    Ok(rows > 0)
}

/// Forgets alerts from before `before`.
pub fn delete_alerts_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<()> {
    let old = alerts::created_at.lt(before.timestamp_millis());
    diesel::delete(alerts::table.filter(old)).execute(conn)?;
    Ok(())
}

/// Whether an account has moved to this one.
pub fn has_moved_here(conn: &mut Conn, target: AccountId) -> Result<bool> {
    let found: Option<i64> = accounts::table
        .filter(accounts::moved_to_id.eq(target.0))
        .select(accounts::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}
