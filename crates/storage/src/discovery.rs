//! Finding people: the directory, accounts to suggest, followers that one knows.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, exists, not, sql},
    prelude::*,
    sql_types::Bool,
};
use pouet_model::{
    ids::{AccountId, TagId, first_id_at},
    status::Visibility,
};

use crate::{
    accounts::is_admitted,
    conn::{Conn, each_backend},
    error::Result,
    ids::among,
    schema::{
        account_domain_blocks, accounts, blocks, follows, mutes, staff_picks, status_tags, statuses,
        suggestion_dismissals, users,
    },
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
/// `viewer`: who looks, and when; whom they block (either way) or mute, and who is of a domain that they block, is
/// not counted either.
pub fn list_directory(
    conn: &mut Conn,
    filter: DirectoryFilter,
    viewer: Option<(AccountId, DateTime<Utc>)>,
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
        // Written out, so that it is known when the statement is planned: the index of local accounts can be used.
        query = query.filter(sql::<Bool>("accounts.domain = ''"));
    }
    if let Some((viewer, now)) = viewer {
        let blocked = blocks::table
            .filter(blocks::account_id.eq(viewer.0))
            .filter(blocks::target_id.eq(accounts::id));
        let blocking = blocks::table
            .filter(blocks::target_id.eq(viewer.0))
            .filter(blocks::account_id.eq(accounts::id));
        let muted = mutes::table
            .filter(mutes::account_id.eq(viewer.0))
            .filter(mutes::target_id.eq(accounts::id))
            .filter(
                mutes::expires_at
                    .is_null()
                    .or(mutes::expires_at.gt(now.timestamp_millis())),
            );
        let of_domain = account_domain_blocks::table
            .filter(account_domain_blocks::account_id.eq(viewer.0))
            .filter(account_domain_blocks::domain.eq(accounts::domain));
        query = query
            .filter(not(exists(blocked)))
            .filter(not(exists(blocking)))
            .filter(not(exists(muted)))
            .filter(not(exists(of_domain)));
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

/// Accounts that those follow whom `viewer` followed last, most followers among these `friends` first. Who hides whom
/// they follow is not asked. There are at most 500 friends.
pub fn list_friends_of_friends(
    conn: &mut Conn,
    viewer: AccountId,
    friends: i64,
    limit: i64,
) -> Result<Vec<AccountId>> {
    let friends: Vec<i64> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(follows::account_id.eq(viewer.0))
        .filter(follows::accepted.eq(true))
        .filter(accounts::hide_collections.eq(false))
        .order(follows::id.desc())
        .limit(friends)
        .select(follows::target_id)
        .load(conn)?;
    let rows: Vec<(i64, i64)> = follows::table
        .inner_join(accounts::table.on(accounts::id.eq(follows::target_id)))
        .filter(among(follows::account_id, &friends))
        .filter(follows::accepted.eq(true))
        .filter(accounts::discoverable)
        .group_by(follows::target_id)
        .order((count_star().desc(), follows::target_id.desc()))
        .limit(limit)
        .select((follows::target_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, _)| AccountId(id)).collect())
}

/// Hashtags that `author` has used since `since`, the last used first. Of their uses, the last `uses` are looked at.
pub fn list_tags_used(
    conn: &mut Conn,
    author: AccountId,
    since: DateTime<Utc>,
    uses: i64,
) -> Result<Vec<TagId>> {
    let rows: Vec<i64> = status_tags::table
        .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
        .filter(statuses::account_id.eq(author.0))
        .filter(statuses::id.ge(first_id_at(since)))
        .order((statuses::id.desc(), status_tags::tag_id))
        .limit(uses)
        .select(status_tags::tag_id)
        .load(conn)?;
    let mut seen = HashSet::new();
    Ok(rows
        .into_iter()
        .filter(|id| seen.insert(*id))
        .map(TagId)
        .collect())
}

/// Accounts that have posted in public since `since` with some of these hashtags, most such statuses first. Of the
/// uses of the hashtags, the last `uses` are looked at. There are at most 500 hashtags.
pub fn list_with_tags(
    conn: &mut Conn,
    tags: &[TagId],
    since: DateTime<Utc>,
    uses: i64,
    limit: i64,
) -> Result<Vec<AccountId>> {
    let tagged = status_tags::table
        .filter(among(status_tags::tag_id, tags))
        .filter(status_tags::status_id.ge(first_id_at(since)))
        .order(status_tags::status_id.desc())
        .limit(uses)
        .select(status_tags::status_id);
    let rows: Vec<(i64, i64)> = statuses::table
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(statuses::id.eq_any(tagged))
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
