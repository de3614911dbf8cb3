//! Finding people: the directory, accounts to suggest, followers that one knows.

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use pouet_model::{
    ids::{AccountId, first_id_at},
    status::Visibility,
};

use crate::{
    accounts::is_admitted,
    conn::{Conn, each_backend},
    error::Result,
    ids::among,
    schema::{accounts, follows, staff_picks, status_tags, statuses, suggestion_dismissals, users},
};

fn account_ids(rows: Vec<i64>) -> Vec<AccountId> {
    rows.into_iter().map(AccountId).collect()
}

/// Which accounts the directory shows, and in which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DirectoryFilter {
    /// Local ones only.
    pub local: bool,
    /// Those that came last first, and not those that posted last.
    pub newest: bool,
}

/// Accounts that want to be found, as the directory lists them: not limited, suspended, gone, moved or waiting.
pub fn list_directory(
    conn: &mut Conn,
    filter: DirectoryFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<AccountId>> {
    let mut query = accounts::table
        .filter(accounts::discoverable)
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::silenced_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .filter(accounts::moved_to_id.is_null())
        .filter(is_admitted())
        .select(accounts::id)
        .limit(limit)
        .offset(offset)
        .into_boxed();
    if filter.local {
        query = query.filter(accounts::domain.eq(""));
    }
    query = if filter.newest {
        query.order(accounts::id.desc())
    } else {
        query
            .filter(accounts::last_status_at.is_not_null())
            .order((accounts::last_status_at.desc(), accounts::id.desc()))
    };
    Ok(account_ids(query.load(conn)?))
}

/// Accounts that those whom `viewer` follows follow, most followers among them first. Who hides whom they follow is not
/// asked.
pub fn list_friends_of_friends(conn: &mut Conn, viewer: AccountId, limit: i64) -> Result<Vec<AccountId>> {
    let (own, friends) = diesel::alias!(follows as own_follows, accounts as friends);
    let friends = own
        .inner_join(friends.on(friends.field(accounts::id).eq(own.field(follows::target_id))))
        .filter(own.field(follows::account_id).eq(viewer.0))
        .filter(own.field(follows::accepted).eq(true))
        .filter(friends.field(accounts::hide_collections).eq(false))
        .select(own.field(follows::target_id));
    let rows: Vec<(i64, i64)> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(follows::account_id.eq_any(friends))
        .filter(follows::accepted.eq(true))
        .filter(accounts::discoverable)
        .group_by(follows::target_id)
        .order((count_star().desc(), follows::target_id.desc()))
        .limit(limit)
        .select((follows::target_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, _)| AccountId(id)).collect())
}

/// Accounts that have posted in public since `since` with hashtags that `viewer` uses, most such statuses first.
pub fn list_with_same_tags(
    conn: &mut Conn,
    viewer: AccountId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<AccountId>> {
    let first = first_id_at(since);
    let (tagged, written) = diesel::alias!(status_tags as own_tags, statuses as own_statuses);
    let own = tagged
        .inner_join(
            written.on(written
                .field(statuses::id)
                .eq(tagged.field(status_tags::status_id))),
        )
        .filter(written.field(statuses::account_id).eq(viewer.0))
        .filter(written.field(statuses::id).ge(first))
        .select(tagged.field(status_tags::tag_id));
    let rows: Vec<(i64, i64)> = status_tags::table
        .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(status_tags::tag_id.eq_any(own))
        .filter(statuses::id.ge(first))
        .filter(statuses::visibility.eq(Visibility::Public.as_str()))
        .filter(accounts::discoverable)
        .group_by(statuses::account_id)
        .order((count_star().desc(), statuses::account_id.desc()))
        .limit(limit)
        .select((statuses::account_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, _)| AccountId(id)).collect())
}

/// Accounts that most local accounts follow.
pub fn list_most_followed(conn: &mut Conn, limit: i64) -> Result<Vec<AccountId>> {
    let rows: Vec<(i64, i64)> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .inner_join(users::table.on(users::account_id.eq(follows::account_id)))
        .filter(follows::accepted.eq(true))
        .filter(accounts::discoverable)
        .group_by(follows::target_id)
        .order((count_star().desc(), follows::target_id.desc()))
        .limit(limit)
        .select((follows::target_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, _)| AccountId(id)).collect())
}

/// Accounts that those who run the instance suggest, the newest suggestion first.
pub fn list_staff_picks(conn: &mut Conn) -> Result<Vec<AccountId>> {
    let rows = staff_picks::table
        .order((staff_picks::created_at.desc(), staff_picks::account_id.desc()))
        .select(staff_picks::account_id)
        .load(conn)?;
    Ok(account_ids(rows))
}

/// Has an account suggested to everybody; nothing happens if it is already.
pub fn insert_staff_pick(conn: &mut Conn, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    let values = (
        staff_picks::account_id.eq(account.0),
        staff_picks::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(staff_picks::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Ends that an account is suggested to everybody; false if it was not.
pub fn delete_staff_pick(conn: &mut Conn, account: AccountId) -> Result<bool> {
    let rows = diesel::delete(staff_picks::table.find(account.0)).execute(conn)?;
    Ok(rows > 0)
}

/// Notes that an account is not to be suggested to `viewer` again.
pub fn insert_dismissal(conn: &mut Conn, viewer: AccountId, target: AccountId) -> Result<()> {
    let values = (
        suggestion_dismissals::account_id.eq(viewer.0),
        suggestion_dismissals::target_id.eq(target.0),
    );
    each_backend!(conn, conn => diesel::insert_into(suggestion_dismissals::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Which of `others` are not to be suggested to `viewer`. There are at most 500 of them.
pub fn load_dismissed(conn: &mut Conn, viewer: AccountId, others: &[AccountId]) -> Result<Vec<AccountId>> {
    let rows = suggestion_dismissals::table
        .filter(suggestion_dismissals::account_id.eq(viewer.0))
        .filter(among(suggestion_dismissals::target_id, others))
        .select(suggestion_dismissals::target_id)
        .load(conn)?;
    Ok(account_ids(rows))
}

/// Pairs of one of `targets` and an account that follows it and that `viewer` follows, at most `limit`. Who hides whom
/// they follow is left out. There are at most 500 targets.
pub fn list_familiar_followers(
    conn: &mut Conn,
    viewer: AccountId,
    targets: &[AccountId],
    limit: i64,
) -> Result<Vec<(AccountId, AccountId)>> {
    let own = diesel::alias!(follows as own_follows);
    let friends = own
        .filter(own.field(follows::account_id).eq(viewer.0))
        .filter(own.field(follows::accepted).eq(true))
        .select(own.field(follows::target_id));
    let rows: Vec<(i64, i64)> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::account_id)))
        .filter(among(follows::target_id, targets))
        .filter(follows::accepted.eq(true))
        .filter(follows::account_id.eq_any(friends))
        .filter(accounts::hide_collections.eq(false))
        .filter(accounts::suspended_at.is_null())
        .filter(accounts::deleted_at.is_null())
        .order(follows::id.desc())
        .limit(limit)
        .select((follows::target_id, follows::account_id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(target, follower)| (AccountId(target), AccountId(follower)))
        .collect())
}
