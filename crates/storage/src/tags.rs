//! Hashtags.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{StatusId, TagId},
    page::Page,
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
    paging::relation_page,
    schema::{status_tags, tags},
};

/// A hashtag: folded name and the way it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagRow {
    /// Folded, without `#`.
    pub name: String,
    /// As first written here.
    pub display_name: String,
}

/// The id of a hashtag, which is added (with `id`) if it is new.
pub fn find_or_insert_tag(conn: &mut Conn, id: TagId, tag: &TagRow) -> Result<TagId> {
    let values = (
        tags::id.eq(id.0),
        tags::name.eq(&tag.name),
        tags::display_name.eq(&tag.display_name),
    );
    each_backend!(conn, conn => diesel::insert_into(tags::table)
        .values(values)
        .on_conflict(tags::name)
        .do_nothing()
        .execute(conn)?);
    Ok(TagId(
        tags::table
            .filter(tags::name.eq(&tag.name))
            .select(tags::id)
            .first(conn)?,
    ))
}

/// The id and the usual way of writing of the hashtag with this folded name.
pub fn find_tag(conn: &mut Conn, name: &str) -> Result<Option<(TagId, TagRow)>> {
    let row: Option<(i64, String, String)> = tags::table
        .filter(tags::name.eq(name))
        .select((tags::id, tags::name, tags::display_name))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, name, display_name)| (TagId(id), TagRow { name, display_name })))
}

/// The hashtags with these ids.
pub fn load_tags_by_id(conn: &mut Conn, ids: &[TagId]) -> Result<HashMap<TagId, TagRow>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String, String)> = tags::table
            .filter(among(tags::id, chunk))
            .select((tags::id, tags::name, tags::display_name))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|(id, name, display_name)| (TagId(id), TagRow { name, display_name })),
        );
    }
    Ok(found)
}

/// The ids of the hashtags with these folded names.
pub fn load_tag_ids(conn: &mut Conn, names: &[&str]) -> Result<HashMap<String, TagId>> {
    let mut found = HashMap::new();
    for chunk in chunks(names) {
        let rows: Vec<(i64, String)> = tags::table
            .filter(tags::name.eq_any(chunk.iter().copied()))
            .select((tags::id, tags::name))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, name)| (name, TagId(id))));
    }
    Ok(found)
}

/// What moderators said of a hashtag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TagRules {
    /// Members may write it.
    pub usable: bool,
    /// Searches and suggestions name it.
    pub listable: bool,
    /// When they said anything of it last; `None`: never.
    pub reviewed_at: Option<DateTime<Utc>>,
}

/// What moderators said of the hashtags with these ids.
pub fn load_tag_rules(conn: &mut Conn, ids: &[TagId]) -> Result<HashMap<TagId, TagRules>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, bool, bool, Option<i64>)> = tags::table
            .filter(among(tags::id, chunk))
            .select((tags::id, tags::usable, tags::listable, tags::reviewed_at))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, usable, listable, reviewed_at)| {
            let rules = TagRules {
                usable,
                listable,
                reviewed_at: reviewed_at.map(from_millis),
            };
            (TagId(id), rules)
        }));
    }
    Ok(found)
}

/// Writes how a hashtag is shown, and what moderators said of it.
pub fn update_tag(conn: &mut Conn, id: TagId, display_name: &str, rules: &TagRules) -> Result<()> {
    diesel::update(tags::table.find(id.0))
        .set((
            tags::display_name.eq(display_name),
            tags::usable.eq(rules.usable),
            tags::listable.eq(rules.listable),
            tags::reviewed_at.eq(rules.reviewed_at.map(|at| at.timestamp_millis())),
        ))
        .execute(conn)?;
    Ok(())
}

/// Which of these folded names members may not write.
pub fn load_unusable(conn: &mut Conn, names: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for chunk in chunks(names) {
        let rows: Vec<String> = tags::table
            .filter(tags::name.eq_any(chunk.iter().copied()))
            .filter(tags::usable.eq(false))
            .order(tags::name)
            .select(tags::name)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The ids of all hashtags, a page of them, the last known first.
pub fn list_tag_ids(conn: &mut Conn, page: &Page) -> Result<Vec<TagId>> {
    let ids: Vec<i64> = relation_page!(conn, page, tags::table.select(tags::id).into_boxed(), tags::id);
    Ok(ids.into_iter().map(TagId).collect())
}

/// The ids of the hashtags of one status.
pub fn list_tag_ids_of(conn: &mut Conn, status: StatusId) -> Result<Vec<TagId>> {
    let ids: Vec<i64> = status_tags::table
        .filter(status_tags::status_id.eq(status.0))
        .order(status_tags::tag_id)
        .select(status_tags::tag_id)
        .load(conn)?;
    Ok(ids.into_iter().map(TagId).collect())
}

/// Puts hashtags on a status in place of those it had.
pub fn replace_status_tags(conn: &mut Conn, status: StatusId, ids: &[TagId]) -> Result<()> {
    diesel::delete(status_tags::table.filter(status_tags::status_id.eq(status.0))).execute(conn)?;
    for id in ids {
        diesel::insert_into(status_tags::table)
            .values((status_tags::tag_id.eq(id.0), status_tags::status_id.eq(status.0)))
            .execute(conn)?;
    }
    Ok(())
}

/// The hashtags of each of the statuses.
pub fn load_tags(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, Vec<TagRow>>> {
    let mut found: HashMap<StatusId, Vec<TagRow>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(i64, String, String)> = status_tags::table
            .inner_join(tags::table.on(tags::id.eq(status_tags::tag_id)))
            .filter(among(status_tags::status_id, chunk))
            .order((status_tags::status_id, tags::id))
            .select((status_tags::status_id, tags::name, tags::display_name))
            .load(conn)?;
        for (status, name, display_name) in rows {
            found
                .entry(StatusId(status))
                .or_default()
                .push(TagRow { name, display_name });
        }
    }
    Ok(found)
}
