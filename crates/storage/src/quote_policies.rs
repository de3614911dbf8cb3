//! Who may quote which status.

use std::collections::HashMap;

use diesel::prelude::*;
use pouet_model::{ids::StatusId, quote::QuotePolicy};

use crate::{
    conn::Conn,
    error::{Error, Result},
    ids::{among, chunks},
    json,
    schema::quote_policies,
};

/// Writes the policy of a status in place of the one it had. True if it is another.
pub fn replace_policy(conn: &mut Conn, status: StatusId, policy: &QuotePolicy) -> Result<bool> {
    let before = load_policies(conn, &[status])?
        .remove(&status)
        .unwrap_or_default();
    if before == *policy {
        return Ok(false);
    }
    diesel::delete(quote_policies::table.find(status.0)).execute(conn)?;
    if !policy.is_nobody() {
        diesel::insert_into(quote_policies::table)
            .values((
                quote_policies::status_id.eq(status.0),
                quote_policies::automatic.eq(json::write(&policy.automatic)),
                quote_policies::manual.eq(json::write(&policy.manual)),
            ))
            .execute(conn)?;
    }
    Ok(true)
}

/// The policies of these statuses; those that nobody may quote are left out.
pub fn load_policies(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, QuotePolicy>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String, String)> = quote_policies::table
            .filter(among(quote_policies::status_id, chunk))
            .select((
                quote_policies::status_id,
                quote_policies::automatic,
                quote_policies::manual,
            ))
            .load(conn)?;
        for (id, automatic, manual) in rows {
            let unreadable = |column| Error::Inconsistent {
                table: "quote_policies",
                column,
                id,
            };
            let policy = QuotePolicy {
                automatic: json::read(&automatic).ok_or_else(|| unreadable("automatic"))?,
                manual: json::read(&manual).ok_or_else(|| unreadable("manual"))?,
            };
            found.insert(StatusId(id), policy);
        }
    }
    Ok(found)
}
