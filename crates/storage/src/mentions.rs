//! Who is mentioned in statuses.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, StatusId},
    status::Mention,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::mentions,
};

/// Adds mentions to a status; one that is there already is kept, and stops being silent if named now. `since`: when an edit
/// named them; `None`: they were named from the beginning.
pub fn insert_mentions(
    conn: &mut Conn,
    status: StatusId,
    named: &[Mention],
    since: Option<DateTime<Utc>>,
) -> Result<()> {
    for mention in named {
        let values = (
            mentions::status_id.eq(status.0),
            mentions::account_id.eq(mention.account_id.0),
            mentions::silent.eq(mention.silent),
            mentions::since.eq(since.map_or(0, |since| since.timestamp_millis())),
        );
        each_backend!(conn, conn => {
            let insert = diesel::insert_into(mentions::table).values(values);
            let target = (mentions::status_id, mentions::account_id);
            if mention.silent {
                insert.on_conflict(target).do_nothing().execute(conn)?
            } else {
                insert.on_conflict(target).do_update().set(mentions::silent.eq(false)).execute(conn)?
            }
        });
    }
    Ok(())
}

/// Who is mentioned in each of the statuses, in the order in which accounts came to be known.
pub fn load_mentions(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, Vec<Mention>>> {
    let mut found: HashMap<StatusId, Vec<Mention>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, i64, bool)> = mentions::table
            .filter(among(mentions::status_id, chunk))
            .order((mentions::status_id, mentions::account_id))
            .select((mentions::status_id, mentions::account_id, mentions::silent))
            .load(conn)?;
        for (status, account, silent) in rows {
            let mention = Mention {
                account_id: AccountId(account),
                silent,
            };
            found.entry(StatusId(status)).or_default().push(mention);
        }
    }
    Ok(found)
}

/// Whether the status mentions the account, named or silently.
pub fn is_mentioned(conn: &mut Conn, status: StatusId, account: AccountId) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(mentions::table.find((status.0, account.0)))).get_result(conn)?)
}

/// When an edit named the account in the status; `None`: it was named from the beginning, or is not named.
pub fn find_mentioned_since(
    conn: &mut Conn,
    status: StatusId,
    account: AccountId,
) -> Result<Option<DateTime<Utc>>> {
    let since: Option<i64> = mentions::table
        .find((status.0, account.0))
        .select(mentions::since)
        .first(conn)
        .optional()?;
    Ok(since.filter(|since| *since > 0).map(from_millis))
}

/// Which of `ids` mention the account, named or silently.
pub fn load_mentioning(conn: &mut Conn, account: AccountId, ids: &[StatusId]) -> Result<Vec<StatusId>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<i64> = mentions::table
            .filter(mentions::account_id.eq(account.0))
            .filter(among(mentions::status_id, chunk))
            .select(mentions::status_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(StatusId));
    }
    Ok(found)
}
