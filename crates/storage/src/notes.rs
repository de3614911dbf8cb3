//! Private notes of an account about others.

use std::collections::HashMap;

use diesel::prelude::*;
use pouet_model::ids::AccountId;

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::account_notes,
};

/// Writes the note of an account about another; an empty one removes it.
pub fn replace_note(conn: &mut Conn, account: AccountId, target: AccountId, comment: &str) -> Result<()> {
    if comment.is_empty() {
        diesel::delete(account_notes::table.find((account.0, target.0))).execute(conn)?;
        return Ok(());
    }
    let values = (
        account_notes::account_id.eq(account.0),
        account_notes::target_id.eq(target.0),
        account_notes::comment.eq(comment),
    );
    each_backend!(conn, conn => diesel::insert_into(account_notes::table)
        .values(values)
        .on_conflict((account_notes::account_id, account_notes::target_id))
        .do_update()
        .set(account_notes::comment.eq(comment))
        .execute(conn)?);
    Ok(())
}

/// The notes of an account about any of `others`.
pub fn load_notes(
    conn: &mut Conn,
    account: AccountId,
    others: &[AccountId],
) -> Result<HashMap<AccountId, String>> {
    let mut found = HashMap::new();
    for chunk in chunks(others) {
        let rows: Vec<(i64, String)> = account_notes::table
            .filter(account_notes::account_id.eq(account.0))
            .filter(among(account_notes::target_id, chunk))
            .select((account_notes::target_id, account_notes::comment))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, comment)| (AccountId(id), comment)));
    }
    Ok(found)
}
