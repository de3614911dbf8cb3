//! Hashtags that accounts show on their profiles.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, RelationId, StatusId, TagId, time_of},
    status::Visibility,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::among,
    schema::{featured_tags, status_tags, statuses, tags},
    tags::TagRow,
};

/// A hashtag on a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeaturedTagRow {
    /// Its row.
    pub id: RelationId,
    /// The hashtag.
    pub tag_id: TagId,
    /// Its name.
    pub tag: TagRow,
}

/// The hashtags that an account shows, by name.
pub fn list_featured_tags(conn: &mut Conn, account: AccountId) -> Result<Vec<FeaturedTagRow>> {
    let rows: Vec<(i64, i64, String, String)> = featured_tags::table
        .inner_join(tags::table.on(tags::id.eq(featured_tags::tag_id)))
        .filter(featured_tags::account_id.eq(account.0))
        .order(tags::name)
        .select((featured_tags::id, tags::id, tags::name, tags::display_name))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, tag, name, display_name)| FeaturedTagRow {
            id: RelationId(id),
            tag_id: TagId(tag),
            tag: TagRow { name, display_name },
        })
        .collect())
}

/// Puts a hashtag on a profile; false if it is there already.
pub fn insert_featured_tag(
    conn: &mut Conn,
    id: RelationId,
    account: AccountId,
    tag: TagId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let values = (
        featured_tags::id.eq(id.0),
        featured_tags::account_id.eq(account.0),
        featured_tags::tag_id.eq(tag.0),
        featured_tags::created_at.eq(now.timestamp_millis()),
    );
    let rows = each_backend!(conn, conn => diesel::insert_into(featured_tags::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(rows > 0)
}

/// Takes a hashtag off a profile.
pub fn delete_featured_tag(conn: &mut Conn, id: RelationId) -> Result<()> {
    diesel::delete(featured_tags::table.find(id.0)).execute(conn)?;
    Ok(())
}

/// How an account uses a hashtag.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TagUsage {
    /// Statuses for everybody to see.
    pub statuses: i64,
    /// When the newest of them was published.
    pub last_at: Option<DateTime<Utc>>,
}

/// How an account uses each of these hashtags, for everybody to see.
pub fn load_usage(conn: &mut Conn, account: AccountId, ids: &[TagId]) -> Result<HashMap<TagId, TagUsage>> {
    let open = [Visibility::Public.as_str(), Visibility::Unlisted.as_str()];
    let rows: Vec<(i64, i64, Option<i64>)> = status_tags::table
        .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
        .filter(statuses::account_id.eq(account.0))
        .filter(statuses::visibility.eq_any(open))
        .filter(among(status_tags::tag_id, ids))
        .group_by(status_tags::tag_id)
        .select((
            status_tags::tag_id,
            diesel::dsl::count_star(),
            diesel::dsl::max(statuses::id),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(tag, statuses, last)| {
            let last_at = last.map(time_of);
            (TagId(tag), TagUsage { statuses, last_at })
        })
        .collect())
}

/// The hashtags that an account used most since the id `since`, for everybody to see, and does not show yet,
/// but for those that moderators do not want to be used or suggested.
pub fn list_most_used(
    conn: &mut Conn,
    account: AccountId,
    since: StatusId,
    limit: i64,
) -> Result<Vec<TagRow>> {
    let open = [Visibility::Public.as_str(), Visibility::Unlisted.as_str()];
    let shown = featured_tags::table
        .filter(featured_tags::account_id.eq(account.0))
        .select(featured_tags::tag_id);
    let rows: Vec<(String, String, i64)> = status_tags::table
        .inner_join(statuses::table.on(statuses::id.eq(status_tags::status_id)))
        .inner_join(tags::table.on(tags::id.eq(status_tags::tag_id)))
        .filter(statuses::account_id.eq(account.0))
        .filter(statuses::visibility.eq_any(open))
        .filter(statuses::id.ge(since.0))
        .filter(status_tags::tag_id.ne_all(shown))
        .filter(tags::usable.eq(true))
        .filter(tags::listable.eq(true))
        .group_by((tags::id, tags::name, tags::display_name))
        .order((diesel::dsl::count_star().desc(), tags::name.asc()))
        .limit(limit)
        .select((tags::name, tags::display_name, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(name, display_name, _)| TagRow { name, display_name })
        .collect())
}
