//! Activities of other servers as they arrived: the raw text, until it is processed and for a while after.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::ids::AccountId;

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::chunks,
    schema::inbox_activities,
};

/// An activity as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceivedRow {
    /// Its id on the wire, or what stands for one.
    pub uri: String,
    /// The actor whose key signed the request.
    pub signer_uri: String,
    /// Owner of the personal inbox that it came to; `None`: the shared inbox.
    pub recipient_id: Option<AccountId>,
    /// JSON, byte for byte; empty once it was processed.
    pub body: String,
    /// The server of that actor, with its port where that is not the usual one.
    pub host: String,
}

/// Adds an activity; false if one with the same uri arrived before.
pub fn insert_received(conn: &mut Conn, id: i64, activity: &ReceivedRow, now: DateTime<Utc>) -> Result<bool> {
    let row = (
        inbox_activities::id.eq(id),
        inbox_activities::uri.eq(&activity.uri),
        inbox_activities::signer_uri.eq(&activity.signer_uri),
        inbox_activities::recipient_id.eq(activity.recipient_id.map(|id| id.0)),
        inbox_activities::body.eq(&activity.body),
        inbox_activities::received_at.eq(now.timestamp_millis()),
        inbox_activities::host.eq(&activity.host),
    );
    let inserted = each_backend!(conn, c => diesel::insert_into(inbox_activities::table)
        .values(row)
        .on_conflict(inbox_activities::uri)
        .do_nothing()
        .execute(c)?);
    Ok(inserted == 1)
}

/// Whether an activity with this uri arrived, and was not forgotten since.
pub fn has_received(conn: &mut Conn, uri: &str) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(
        inbox_activities::table.filter(inbox_activities::uri.eq(uri)),
    ))
    .get_result(conn)?)
}

/// The activity with this id of ours.
pub fn find_received(conn: &mut Conn, id: i64) -> Result<Option<ReceivedRow>> {
    let row: Option<(String, String, Option<i64>, String, String)> = inbox_activities::table
        .find(id)
        .select((
            inbox_activities::uri,
            inbox_activities::signer_uri,
            inbox_activities::recipient_id,
            inbox_activities::body,
            inbox_activities::host,
        ))
        .first(conn)
        .optional()?;
    Ok(
        row.map(|(uri, signer_uri, recipient_id, body, host)| ReceivedRow {
            uri,
            signer_uri,
            recipient_id: recipient_id.map(AccountId),
            body,
            host,
        }),
    )
}

/// Whether at least `count` activities of a host wait to be processed; those in quarantine are not counted.
pub fn has_waiting(conn: &mut Conn, host: &str, count: i64) -> Result<bool> {
    has_unprocessed(conn, host, false, count)
}

/// Whether at least `count` activities of a host wait: in quarantine if `held`, else to be processed.
pub(crate) fn has_unprocessed(conn: &mut Conn, host: &str, held: bool, count: i64) -> Result<bool> {
    let waiting = inbox_activities::table
        .filter(inbox_activities::processed_at.is_null())
        .filter(inbox_activities::host.eq(host))
        .offset(count - 1)
        .limit(1)
        .select(inbox_activities::id)
        .into_boxed();
    let waiting = if held {
        waiting.filter(inbox_activities::held_at.is_not_null())
    } else {
        waiting.filter(inbox_activities::held_at.is_null())
    };
    Ok(waiting.first::<i64>(conn).optional()?.is_some())
}

/// Who signed the activities with these ids.
pub fn load_signers(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        found.extend(
            inbox_activities::table
                .filter(inbox_activities::id.eq_any(chunk))
                .select((inbox_activities::id, inbox_activities::signer_uri))
                .load::<(i64, String)>(conn)?,
        );
    }
    Ok(found)
}

/// Marks activities as processed and drops their text: the uri alone tells a second arrival. Those in quarantine stay.
pub fn update_processed(conn: &mut Conn, ids: &[i64], now: DateTime<Utc>) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::update(inbox_activities::table.filter(inbox_activities::id.eq_any(chunk)))
            .filter(inbox_activities::held_at.is_null())
            .set((
                inbox_activities::processed_at.eq(now.timestamp_millis()),
                inbox_activities::body.eq(""),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Forgets activities received before `before`, processed or not.
pub fn delete_received_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(
        inbox_activities::table.filter(inbox_activities::received_at.lt(before.timestamp_millis())),
    )
    .execute(conn)?)
}
