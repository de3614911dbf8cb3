//! Domains that an account does not want to see or hear of. The instance's own rules are in
//! [`domain_blocks`](crate::domain_blocks).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use pouet_model::{
    ids::{AccountId, RelationId},
    page::Page,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    paging::relation_page,
    schema::{account_domain_blocks, accounts},
};

/// Blocks a domain for an account; false if it is blocked already.
pub fn insert_account_domain_block(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    domain: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        account_domain_blocks::id.eq(id.0),
        account_domain_blocks::account_id.eq(account.0),
        account_domain_blocks::domain.eq(domain),
        account_domain_blocks::created_at.eq(now.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(account_domain_blocks::table)
        .values(values)
        .on_conflict((account_domain_blocks::account_id, account_domain_blocks::domain))
        .do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Unblocks a domain for an account, if it is blocked.
pub fn delete_account_domain_block(conn: &mut Conn, account: AccountId, domain: &str) -> Result<()> {
    diesel::delete(
        account_domain_blocks::table
            .filter(account_domain_blocks::account_id.eq(account.0))
            .filter(account_domain_blocks::domain.eq(domain)),
    )
    .execute(conn)?;
    Ok(())
}

/// Whether the account blocks the domain.
pub fn is_blocking_domain(conn: &mut Conn, account: AccountId, domain: &str) -> Result<bool> {
    let block = account_domain_blocks::table
        .filter(account_domain_blocks::account_id.eq(account.0))
        .filter(account_domain_blocks::domain.eq(domain));
    Ok(diesel::select(exists(block)).get_result(conn)?)
}

/// Domains that the account blocks, by page: keys and names.
pub fn list_account_domain_blocks(
    conn: &mut Conn,
    owner: AccountId,
    page: &Page,
) -> Result<Vec<(i64, String)>> {
    let query = account_domain_blocks::table
        .filter(account_domain_blocks::account_id.eq(owner.0))
        .select((account_domain_blocks::id, account_domain_blocks::domain))
        .into_boxed();
    Ok(relation_page!(conn, page, query, account_domain_blocks::id))
}

/// Which of `others` are of a domain that the account blocks.
pub fn load_of_blocked_domains(
    conn: &mut Conn,
    account: AccountId,
    others: &[AccountId],
) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(others) {
        let domains = account_domain_blocks::table
            .filter(account_domain_blocks::account_id.eq(account.0))
            .select(account_domain_blocks::domain);
        let rows: Vec<i64> = accounts::table
            .filter(among(accounts::id, chunk))
            .filter(accounts::domain.eq_any(domains))
            .select(accounts::id)
            .load(conn)?;
        found.extend(rows.into_iter().map(AccountId));
    }
    Ok(found)
}
