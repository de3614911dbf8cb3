//! Who stands how to a viewer, for sets of accounts: what visibility and notifications are decided from.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::ids::AccountId;

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    schema::{account_domain_blocks, accounts, blocks, follows, mutes},
};

fn ids(rows: Vec<i64>) -> impl Iterator<Item = AccountId> {
    rows.into_iter().map(AccountId)
}

/// Which of `others` the viewer follows (accepted).
pub fn load_followed(conn: &mut Conn, viewer: AccountId, others: &[AccountId]) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(others) {
        let rows = follows::table
            .filter(follows::account_id.eq(viewer.0))
            .filter(follows::accepted.eq(true))
            .filter(among(follows::target_id, chunk))
            .select(follows::target_id)
            .load(conn)?;
        found.extend(ids(rows));
    }
    Ok(found)
}

/// Which of `others` follow the account (accepted).
pub fn load_followers(
    conn: &mut Conn,
    target: AccountId,
    others: &[AccountId],
) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(others) {
        let rows = follows::table
            .filter(follows::target_id.eq(target.0))
            .filter(follows::accepted.eq(true))
            .filter(among(follows::account_id, chunk))
            .select(follows::account_id)
            .load(conn)?;
        found.extend(ids(rows));
    }
    Ok(found)
}

/// Which of `others` block the viewer, by account or by domain.
pub fn load_blocking(
    conn: &mut Conn,
    viewer: AccountId,
    viewer_domain: Option<&str>,
    others: &[AccountId],
) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(others) {
        let rows = blocks::table
            .filter(blocks::target_id.eq(viewer.0))
            .filter(among(blocks::account_id, chunk))
            .select(blocks::account_id)
            .load(conn)?;
        found.extend(ids(rows));
        if let Some(domain) = viewer_domain {
            let rows = account_domain_blocks::table
                .filter(account_domain_blocks::domain.eq(domain))
                .filter(among(account_domain_blocks::account_id, chunk))
                .select(account_domain_blocks::account_id)
                .load(conn)?;
            found.extend(ids(rows));
        }
    }
    Ok(found)
}

/// Which of `authors` stay out of the viewer's timelines: blocked (either way), muted, or of a blocked domain.
pub fn load_hidden(
    conn: &mut Conn,
    viewer: AccountId,
    authors: &[AccountId],
    now: DateTime<Utc>,
) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(authors) {
        let blocked = blocks::table
            .filter(blocks::account_id.eq(viewer.0))
            .filter(among(blocks::target_id, chunk))
            .select(blocks::target_id);
        let blocking = blocks::table
            .filter(blocks::target_id.eq(viewer.0))
            .filter(among(blocks::account_id, chunk))
            .select(blocks::account_id);
        let muted = mutes::table
            .filter(mutes::account_id.eq(viewer.0))
            .filter(among(mutes::target_id, chunk))
            .filter(
                mutes::expires_at
                    .is_null()
                    .or(mutes::expires_at.gt(now.timestamp_millis())),
            )
            .select(mutes::target_id);
        let domains = account_domain_blocks::table
            .filter(account_domain_blocks::account_id.eq(viewer.0))
            .select(account_domain_blocks::domain);
        let of_domains = accounts::table
            .filter(among(accounts::id, chunk))
            .filter(accounts::domain.eq_any(domains))
            .select(accounts::id);
        let query = blocked.union_all(blocking).union_all(muted).union_all(of_domains);
        found.extend(ids(each_backend!(conn, conn => query.load(conn))?));
    }
    Ok(found)
}

/// Which of `owners` do not want to see or hear of what any of `authors` writes: blocked either way, or muted.
pub fn load_unwilling(
    conn: &mut Conn,
    owners: &[AccountId],
    authors: &[AccountId],
    now: DateTime<Utc>,
) -> Result<HashSet<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(owners) {
        let blocked = blocks::table
            .filter(among(blocks::account_id, chunk))
            .filter(among(blocks::target_id, authors))
            .select(blocks::account_id)
            .load(conn)?;
        let blocking = blocks::table
            .filter(among(blocks::target_id, chunk))
            .filter(among(blocks::account_id, authors))
            .select(blocks::target_id)
            .load(conn)?;
        let muted = mutes::table
            .filter(among(mutes::account_id, chunk))
            .filter(among(mutes::target_id, authors))
            .filter(
                mutes::expires_at
                    .is_null()
                    .or(mutes::expires_at.gt(now.timestamp_millis())),
            )
            .select(mutes::account_id)
            .load(conn)?;
        let domains = accounts::table
            .filter(among(accounts::id, authors))
            .select(accounts::domain);
        let of_domains = account_domain_blocks::table
            .filter(among(account_domain_blocks::account_id, chunk))
            .filter(account_domain_blocks::domain.eq_any(domains))
            .select(account_domain_blocks::account_id)
            .load(conn)?;
        found.extend([blocked, blocking, muted, of_domains].into_iter().flat_map(ids));
    }
    Ok(found)
}

/// Whether `owner` wants no notification of what `from` does: blocked either way, muted with notifications, or of
/// a blocked domain.
pub fn refuses_notifications(
    conn: &mut Conn,
    owner: AccountId,
    from: AccountId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let muted = mutes::table
        .filter(mutes::account_id.eq(owner.0))
        .filter(mutes::target_id.eq(from.0))
        .filter(mutes::notifications.eq(true))
        .filter(
            mutes::expires_at
                .is_null()
                .or(mutes::expires_at.gt(now.timestamp_millis())),
        );
    let domain = accounts::table.find(from.0).select(accounts::domain);
    let of_domain = account_domain_blocks::table
        .filter(account_domain_blocks::account_id.eq(owner.0))
        .filter(account_domain_blocks::domain.eq_any(domain));
    Ok(is_blocked_between(conn, owner, from)?
        || diesel::select(diesel::dsl::exists(muted)).get_result::<bool>(conn)?
        || diesel::select(diesel::dsl::exists(of_domain)).get_result::<bool>(conn)?)
}

/// Whether either of two accounts blocks the other.
pub fn is_blocked_between(conn: &mut Conn, one: AccountId, other: AccountId) -> Result<bool> {
    let either = blocks::table.filter(
        blocks::account_id
            .eq(one.0)
            .and(blocks::target_id.eq(other.0))
            .or(blocks::account_id.eq(other.0).and(blocks::target_id.eq(one.0))),
    );
    Ok(diesel::select(diesel::dsl::exists(either)).get_result(conn)?)
}
