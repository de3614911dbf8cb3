//! Hashtags that people here follow, and what that puts into their home timelines.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId, TagId},
    page::{Keyed, Page},
    status::Visibility,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    paging::relation_page,
    schema::{accounts, follows, home_feed, status_tags, statuses, tag_follows},
};

/// A month as a distance of ids, whose upper bits are milliseconds.
const MONTH: i64 = (30 * 86_400_000) << 16;

/// Follows a hashtag; false if that is so already.
pub fn insert_tag_follow(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    tag: TagId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        tag_follows::id.eq(id.0),
        tag_follows::account_id.eq(account.0),
        tag_follows::tag_id.eq(tag.0),
        tag_follows::created_at.eq(now.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(tag_follows::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Follows a hashtag no longer; false if that was not so.
pub fn delete_tag_follow(conn: &mut Conn, account: AccountId, tag: TagId) -> Result<bool> {
    let rows = diesel::delete(
        tag_follows::table
            .filter(tag_follows::account_id.eq(account.0))
            .filter(tag_follows::tag_id.eq(tag.0)),
    )
    .execute(conn)?;
    Ok(rows > 0)
}

/// The hashtags that an account follows by page, the one followed last leading, keyed by the follow.
pub fn list_tag_follows(conn: &mut Conn, account: AccountId, page: &Page) -> Result<Vec<Keyed<TagId>>> {
    let query = tag_follows::table
        .filter(tag_follows::account_id.eq(account.0))
        .select((tag_follows::id, tag_follows::tag_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = relation_page!(conn, page, query, tag_follows::id);
    let keyed = |(key, tag)| Keyed {
        key,
        item: TagId(tag),
    };
    Ok(rows.into_iter().map(keyed).collect())
}

/// All hashtags that an account follows.
pub fn list_all_tag_follows(conn: &mut Conn, account: AccountId) -> Result<Vec<TagId>> {
    let ids: Vec<i64> = tag_follows::table
        .filter(tag_follows::account_id.eq(account.0))
        .select(tag_follows::tag_id)
        .load(conn)?;
    Ok(ids.into_iter().map(TagId).collect())
}

/// Public statuses with any of the hashtags by page, newest first: none that were fetched to complete something, none by limited
/// authors.
pub fn list_tagged(conn: &mut Conn, tags: &[TagId], page: &Page) -> Result<Vec<StatusId>> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    // Whatever is used a lot fills a page within a month; whatever is not can be sorted whole.
    let near = if page.is_ascending() {
        let first = page.lower().unwrap_or(0);
        load_tagged(conn, tags, page, first, first.saturating_add(MONTH))?
    } else {
        let newest = match page.max_id {
            Some(max) => Some(max),
            None => statuses::table
                .select(diesel::dsl::max(statuses::id))
                .first(conn)?,
        };
        let Some(newest) = newest else {
            return Ok(Vec::new());
        };
        load_tagged(
            conn,
            tags,
            page,
            newest.saturating_sub(MONTH),
            newest.saturating_add(1),
        )?
    };
    if near.len() >= limit {
        return Ok(near);
    }
    load_tagged(conn, tags, page, 0, i64::MAX)
}

/// The part of a page that lies above `above` and below `below`.
fn load_tagged(
    conn: &mut Conn,
    tags: &[TagId],
    page: &Page,
    above: i64,
    below: i64,
) -> Result<Vec<StatusId>> {
    let mut found: Vec<i64> = Vec::new();
    for chunk in chunks(tags) {
        let mut query = status_tags::table
            .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
            .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
            .filter(among(status_tags::tag_id, chunk))
            .filter(statuses::visibility.eq(Visibility::Public.as_str()))
            .filter(statuses::backfilled.eq(false))
            .filter(accounts::silenced_at.is_null())
            .filter(status_tags::status_id.gt(page.lower().unwrap_or(0).max(above)))
            .filter(status_tags::status_id.lt(page.max_id.unwrap_or(i64::MAX).min(below)))
            .select(status_tags::status_id)
            .distinct()
            .limit(page.limit)
            .into_boxed();
        query = if page.is_ascending() {
            query.order(status_tags::status_id.asc())
        } else {
            query.order(status_tags::status_id.desc())
        };
        let ids: Vec<i64> = query.load(conn)?;
        found.extend(ids);
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    Ok(found.into_iter().map(StatusId).collect())
}

/// Which of the hashtags an account follows.
pub fn load_followed_tags(conn: &mut Conn, account: AccountId, tags: &[TagId]) -> Result<HashSet<TagId>> {
    let mut found = HashSet::new();
    for chunk in chunks(tags) {
        let rows: Vec<i64> = tag_follows::table
            .filter(tag_follows::account_id.eq(account.0))
            .filter(among(tag_follows::tag_id, chunk))
            .select(tag_follows::tag_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(TagId));
    }
    Ok(found)
}

/// Whether an account follows any hashtag.
pub fn follows_any(conn: &mut Conn, account: AccountId) -> Result<bool> {
    let own = tag_follows::table.filter(tag_follows::account_id.eq(account.0));
    Ok(diesel::select(exists(own)).get_result(conn)?)
}

/// Who follows any of the hashtags, as far as they are still here.
pub fn list_tag_followers(conn: &mut Conn, tags: &[TagId]) -> Result<Vec<AccountId>> {
    let mut found = HashSet::new();
    for chunk in chunks(tags) {
        let rows: Vec<i64> = tag_follows::table
            .inner_join(accounts::table.on(accounts::id.eq(tag_follows::account_id)))
            .filter(among(tag_follows::tag_id, chunk))
            .filter(accounts::suspended_at.is_null())
            .filter(accounts::deleted_at.is_null())
            .select(tag_follows::account_id)
            .load(conn)?;
        found.extend(rows.into_iter().map(AccountId));
    }
    let mut found: Vec<AccountId> = found.into_iter().collect();
    found.sort_unstable();
    Ok(found)
}

/// The newest public statuses with a hashtag, as far as they enter home timelines, with their authors: none that were fetched to
/// complete something, none by limited authors.
pub fn list_for_home(conn: &mut Conn, tag: TagId, limit: i64) -> Result<Vec<(StatusId, AccountId)>> {
    let rows: Vec<(i64, i64)> = status_tags::table
        .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(status_tags::tag_id.eq(tag.0))
        .filter(statuses::visibility.eq(Visibility::Public.as_str()))
        .filter(statuses::backfilled.eq(false))
        .filter(accounts::silenced_at.is_null())
        .order(status_tags::status_id.desc())
        .limit(limit)
        .select((statuses::id, statuses::account_id))
        .load(conn)?;
    Ok(pairs(rows))
}

/// The newest public statuses of an author with any hashtag that `owner` follows, none older than `oldest`.
pub fn list_for_home_of(
    conn: &mut Conn,
    owner: AccountId,
    author: AccountId,
    oldest: StatusId,
    limit: i64,
) -> Result<Vec<(StatusId, AccountId)>> {
    let tagged = status_tags::table
        .inner_join(tag_follows::table.on(tag_follows::tag_id.eq(status_tags::tag_id)))
        .filter(status_tags::status_id.eq(statuses::id))
        .filter(tag_follows::account_id.eq(owner.0));
    let rows: Vec<(i64, i64)> = statuses::table
        .inner_join(accounts::table.on(accounts::id.eq(statuses::account_id)))
        .filter(statuses::account_id.eq(author.0))
        .filter(statuses::id.ge(oldest.0))
        .filter(statuses::visibility.eq(Visibility::Public.as_str()))
        .filter(statuses::reblog_of_id.is_null())
        .filter(statuses::backfilled.eq(false))
        .filter(accounts::silenced_at.is_null())
        .filter(exists(tagged))
        .order(statuses::id.desc())
        .limit(limit)
        .select((statuses::id, statuses::account_id))
        .load(conn)?;
    Ok(pairs(rows))
}

fn pairs(rows: Vec<(i64, i64)>) -> Vec<(StatusId, AccountId)> {
    let typed = |(status, author)| (StatusId(status), AccountId(author));
    rows.into_iter().map(typed).collect()
}

/// Enters statuses, which are no boosts, into a home timeline. One that is there stays.
pub fn feed_add(conn: &mut Conn, owner: AccountId, found: &[(StatusId, AccountId)]) -> Result<()> {
    for (status, author) in found {
        let row = (
            home_feed::account_id.eq(owner.0),
            home_feed::status_id.eq(status.0),
            home_feed::reblog_of_id.eq(None::<i64>),
            home_feed::author_id.eq(author.0),
        );
        each_backend!(conn, conn => diesel::insert_into(home_feed::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn)?);
    }
    Ok(())
}

/// Removes from a home timeline what is there because of a hashtag alone: by others than the owner and whom they follow, and
/// without another hashtag that they follow.
pub fn feed_remove_tag(conn: &mut Conn, owner: AccountId, tag: TagId) -> Result<()> {
    let tagged = status_tags::table
        .filter(status_tags::tag_id.eq(tag.0))
        .select(status_tags::status_id);
    let followed = follows::table
        .filter(follows::account_id.eq(owner.0))
        .filter(follows::accepted.eq(true))
        .select(follows::target_id);
    let others = status_tags::table
        .inner_join(tag_follows::table.on(tag_follows::tag_id.eq(status_tags::tag_id)))
        .filter(status_tags::status_id.eq(home_feed::status_id))
        .filter(tag_follows::account_id.eq(owner.0))
        .filter(tag_follows::tag_id.ne(tag.0));
    diesel::delete(
        home_feed::table
            .filter(home_feed::account_id.eq(owner.0))
            .filter(home_feed::author_id.ne(owner.0))
            .filter(home_feed::reblog_of_id.is_null())
            .filter(home_feed::status_id.eq_any(tagged))
            .filter(home_feed::author_id.ne_all(followed))
            .filter(not(exists(others))),
    )
    .execute(conn)?;
    Ok(())
}
