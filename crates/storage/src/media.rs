//! Media attachments.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use pouet_model::{
    ids::{AccountId, MediaId, StatusId},
    status::{MediaAttachment, MediaType, Size, Timing},
    time::from_millis,
};

use crate::{
    conn::{Conn, each_backend},
    error::{Result, one_row},
    ids::{among, chunks},
    schema::{cached_files, draft_media, media_attachments, media_trash, scheduled_media},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = media_attachments)]
struct MediaRow {
    id: i64,
    account_id: i64,
    status_id: Option<i64>,
    media_type: String,
    content_type: String,
    file: Option<String>,
    thumbnail: Option<String>,
    remote_url: Option<String>,
    description: Option<String>,
    blurhash: Option<String>,
    focus_x: Option<f64>,
    focus_y: Option<f64>,
    width: Option<i64>,
    height: Option<i64>,
    small_width: Option<i64>,
    small_height: Option<i64>,
    created_at: i64,
    preview_remote_url: Option<String>,
    duration_ms: Option<i64>,
    frame_rate: Option<i64>,
    bitrate: Option<i64>,
}

fn size(width: Option<i64>, height: Option<i64>) -> Option<Size> {
    Some(Size {
        width: u32::try_from(width?).ok()?,
        height: u32::try_from(height?).ok()?,
    })
}

impl From<MediaRow> for MediaAttachment {
    fn from(row: MediaRow) -> Self {
        Self {
            id: MediaId(row.id),
            account_id: AccountId(row.account_id),
            status_id: row.status_id.map(StatusId),
            media_type: MediaType::parse(&row.media_type),
            content_type: row.content_type,
            file: row.file,
            thumbnail: row.thumbnail,
            remote_url: row.remote_url,
            description: row.description,
            blurhash: row.blurhash,
            focus: row.focus_x.zip(row.focus_y),
            size: size(row.width, row.height),
            small_size: size(row.small_width, row.small_height),
            preview_remote_url: row.preview_remote_url,
            timing: Timing {
                duration_ms: row.duration_ms,
                frame_rate: row.frame_rate,
                bitrate: row.bitrate,
            },
            created_at: from_millis(row.created_at),
        }
    }
}

/// Adds an attachment; `position` is its place in the status (0 first).
pub fn insert_media(conn: &mut Conn, media: &MediaAttachment, position: i64) -> Result<()> {
    let rows = diesel::insert_into(media_attachments::table)
        .values((
            (
                media_attachments::id.eq(media.id.0),
                media_attachments::account_id.eq(media.account_id.0),
                media_attachments::status_id.eq(media.status_id.map(i64::from)),
                media_attachments::position.eq(position),
                media_attachments::remote_url.eq(&media.remote_url),
                media_attachments::created_at.eq(media.created_at.timestamp_millis()),
            ),
            columns(media),
        ))
        .execute(conn)?;
    one_row("insert media", rows)
}

/// Writes file, description, focus and sizes of an attachment.
pub fn update_media(conn: &mut Conn, media: &MediaAttachment) -> Result<()> {
    let rows = diesel::update(media_attachments::table.find(media.id.0))
        .set(columns(media))
        .execute(conn)?;
    one_row("update media", rows)
}

macro_rules! eq {
    ($column:ident, $value:ty) => { diesel::dsl::Eq<media_attachments::$column, $value> };
}

type MediaColumns<'a> = (
    eq!(media_type, &'static str),
    eq!(content_type, &'a String),
    eq!(file, &'a Option<String>),
    eq!(thumbnail, &'a Option<String>),
    eq!(description, &'a Option<String>),
    eq!(blurhash, &'a Option<String>),
    eq!(focus_x, Option<f64>),
    eq!(focus_y, Option<f64>),
    eq!(width, Option<i64>),
    eq!(height, Option<i64>),
    eq!(small_width, Option<i64>),
    eq!(small_height, Option<i64>),
    eq!(preview_remote_url, &'a Option<String>),
    eq!(duration_ms, Option<i64>),
    eq!(frame_rate, Option<i64>),
    eq!(bitrate, Option<i64>),
);

fn columns(media: &MediaAttachment) -> MediaColumns<'_> {
    (
        media_attachments::media_type.eq(media.media_type.as_str()),
        media_attachments::content_type.eq(&media.content_type),
        media_attachments::file.eq(&media.file),
        media_attachments::thumbnail.eq(&media.thumbnail),
        media_attachments::description.eq(&media.description),
        media_attachments::blurhash.eq(&media.blurhash),
        media_attachments::focus_x.eq(media.focus.map(|(x, _)| x)),
        media_attachments::focus_y.eq(media.focus.map(|(_, y)| y)),
        media_attachments::width.eq(media.size.map(|size| size.width.into())),
        media_attachments::height.eq(media.size.map(|size| size.height.into())),
        media_attachments::small_width.eq(media.small_size.map(|size| size.width.into())),
        media_attachments::small_height.eq(media.small_size.map(|size| size.height.into())),
        media_attachments::preview_remote_url.eq(&media.preview_remote_url),
        media_attachments::duration_ms.eq(media.timing.duration_ms),
        media_attachments::frame_rate.eq(media.timing.frame_rate),
        media_attachments::bitrate.eq(media.timing.bitrate),
    )
}

/// The attachment with this id.
pub fn find_media(conn: &mut Conn, id: MediaId) -> Result<Option<MediaAttachment>> {
    let row: Option<MediaRow> = media_attachments::table
        .find(id.0)
        .select(MediaRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Into::into))
}

/// The attachments with these ids, in no particular order.
pub fn load_media(conn: &mut Conn, ids: &[MediaId]) -> Result<Vec<MediaAttachment>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<MediaRow> = media_attachments::table
            .filter(among(media_attachments::id, chunk))
            .select(MediaRow::as_select())
            .load(conn)?;
        found.extend(rows.into_iter().map(MediaAttachment::from));
    }
    Ok(found)
}

/// The attachments of each of the statuses, in order.
pub fn load_media_of(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, Vec<MediaAttachment>>> {
    let mut found: HashMap<StatusId, Vec<MediaAttachment>> = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<MediaRow> = media_attachments::table
            .filter(among(media_attachments::status_id, chunk))
            .order((
                media_attachments::status_id,
                media_attachments::position,
                media_attachments::id,
            ))
            .select(MediaRow::as_select())
            .load(conn)?;
        for row in rows {
            let Some(status) = row.status_id else { continue };
            found.entry(StatusId(status)).or_default().push(row.into());
        }
    }
    Ok(found)
}

/// Attaches an uploaded file to its author's status, at `position`. False if the file is not the author's, or
/// belongs to another status already.
pub fn attach_media(
    conn: &mut Conn,
    id: MediaId,
    author: AccountId,
    status: StatusId,
    position: i64,
) -> Result<bool> {
    let rows = diesel::update(
        media_attachments::table
            .find(id.0)
            .filter(media_attachments::account_id.eq(author.0))
            .filter(
                media_attachments::status_id
                    .is_null()
                    .or(media_attachments::status_id.eq(status.0)),
            ),
    )
    .set((
        media_attachments::status_id.eq(status.0),
        media_attachments::position.eq(position),
    ))
    .execute(conn)?;
    Ok(rows == 1)
}

/// Takes attachments off their status; they stay their owner's until they are removed as unused.
pub fn detach_media(conn: &mut Conn, ids: &[MediaId]) -> Result<()> {
    for chunk in chunks(ids) {
        diesel::update(media_attachments::table.filter(among(media_attachments::id, chunk)))
            .set(media_attachments::status_id.eq(None::<i64>))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes attachments and notes their files for removal from the media store.
pub fn delete_media(conn: &mut Conn, media: &[MediaAttachment], now: DateTime<Utc>) -> Result<()> {
    for attachment in media {
        for file in [&attachment.file, &attachment.thumbnail].into_iter().flatten() {
            insert_trash(conn, file, now)?;
        }
        diesel::delete(media_attachments::table.find(attachment.id.0)).execute(conn)?;
    }
    Ok(())
}

/// Uploads made before `before` that were never attached and wait for no scheduled status, at most `limit`.
pub fn list_unattached(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<Vec<MediaAttachment>> {
    let rows: Vec<MediaRow> = media_attachments::table
        .filter(media_attachments::status_id.is_null())
        .filter(media_attachments::id.ne_all(scheduled_media::table.select(scheduled_media::media_id)))
        .filter(media_attachments::id.ne_all(draft_media::table.select(draft_media::media_id)))
        .filter(media_attachments::created_at.lt(before.timestamp_millis()))
        .limit(limit)
        .select(MediaRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Notes a file for removal from the media store. A copy is none any more from then on.
pub fn insert_trash(conn: &mut Conn, file: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::delete(cached_files::table.find(file)).execute(conn)?;
    let values = (
        media_trash::file.eq(file),
        media_trash::created_at.eq(now.timestamp_millis()),
    );
    each_backend!(conn, conn => diesel::insert_into(media_trash::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Files noted for removal, at most `limit`.
pub fn list_trash(conn: &mut Conn, limit: i64) -> Result<Vec<String>> {
    Ok(media_trash::table
        .select(media_trash::file)
        .limit(limit)
        .load(conn)?)
}

/// Forgets files that have been removed.
pub fn delete_trash(conn: &mut Conn, files: &[String]) -> Result<()> {
    for chunk in chunks(files) {
        diesel::delete(media_trash::table.filter(media_trash::file.eq_any(chunk))).execute(conn)?;
    }
    Ok(())
}
