//! Hashtags.

use std::collections::HashMap;

use diesel::prelude::*;
use pouet_model::ids::{StatusId, TagId};

use crate::{
    conn::{Conn, each_backend},
    error::Result,
    ids::{among, chunks},
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
