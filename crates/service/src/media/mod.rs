//! Media: uploads, pictures of accounts, and cached copies of remote files.

mod image;
mod remote;
mod store;

use bytes::Bytes;
use chrono::TimeDelta;
use pouet_model::{
    ids::{AccountId, MediaId},
    status::{MediaAttachment, MediaType},
};
use pouet_storage::media as rows;

pub use self::{
    image::{PictureKind, SUPPORTED_TYPES},
    remote::{RemoteSource, Variant, remote},
    store::{MediaStore, StoredFile, content_type_of},
};
use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// How long a file may wait to be attached to a status.
const UNATTACHED_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// Files and rows removed per run.
const CLEANING_BATCH: i64 = 200;

/// A file to upload with what its owner says about it.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// The file.
    pub bytes: Bytes,
    /// Alternative text.
    pub description: Option<String>,
    /// Point to keep visible when cropping: x, y in [-1, 1].
    pub focus: Option<(f64, f64)>,
    /// Another picture to show small.
    pub thumbnail: Option<Bytes>,
}

/// Takes in a picture: decoded under limits, turned upright, written anew without metadata, with a small variant and
/// a blurhash. What the file calls itself is ignored; its first bytes decide.
///
/// # Errors
/// `Invalid` if it is too large, not a supported picture or broken.
///
/// Source: <https://docs.joinmastodon.org/methods/media/#v2>
pub async fn upload(instance: &Instance, owner: AccountId, upload: Upload) -> Result<MediaAttachment> {
    let description = checked_description(instance, upload.description)?;
    let processed = image::process(instance, upload.bytes, image::Purpose::Attachment).await?;
    let thumbnail = match upload.thumbnail {
        Some(bytes) => Some(image::process(instance, bytes, image::Purpose::Attachment).await?),
        None => None,
    };
    let small = thumbnail.map_or(processed.small, |thumbnail| thumbnail.small);
    let file = instance
        .media
        .put("original", processed.original.extension, processed.original.bytes)
        .await?;
    let small_file = instance.media.put("small", small.extension, small.bytes).await?;
    let media = MediaAttachment {
        id: instance.next_id(),
        account_id: owner,
        status_id: None,
        media_type: MediaType::Image,
        content_type: processed.original.content_type.to_owned(),
        file: Some(file),
        thumbnail: Some(small_file),
        remote_url: None,
        description,
        blurhash: Some(processed.blurhash),
        focus: upload.focus.map(clamped),
        size: Some(processed.original.size),
        small_size: Some(small.size),
        created_at: instance.now(),
    };
    let row = media.clone();
    instance
        .write(move |tx| Ok(rows::insert_media(tx, &row, 0)?))
        .await?;
    Ok(media)
}

fn clamped((x, y): (f64, f64)) -> (f64, f64) {
    (x.clamp(-1.0, 1.0), y.clamp(-1.0, 1.0))
}

fn checked_description(instance: &Instance, description: Option<String>) -> Result<Option<String>> {
    let description = description.filter(|text| !text.trim().is_empty());
    let limit = instance.limits().media_description_chars;
    if description
        .as_ref()
        .is_some_and(|text| text.chars().count() > limit)
    {
        let reason = format!("Description is too long (maximum is {limit} characters)");
        return Err(Error::invalid("description", "ERR_TOO_LONG", reason));
    }
    Ok(description)
}

/// An upload of `owner` that is not attached to a status yet.
///
/// # Errors
/// `NotFound` otherwise.
pub async fn find(instance: &Instance, owner: AccountId, id: MediaId) -> Result<MediaAttachment> {
    let found = instance.read(move |conn| Ok(rows::find_media(conn, id)?)).await?;
    found
        .filter(|media| media.account_id == owner && media.status_id.is_none())
        .ok_or(Error::NotFound)
}

/// Any attachment, for the media proxy and federation.
pub async fn find_any(instance: &Instance, id: MediaId) -> Result<Option<MediaAttachment>> {
    instance.read(move |conn| Ok(rows::find_media(conn, id)?)).await
}

/// What its owner changes about an upload; `None` leaves a value as it is.
#[derive(Clone, Debug, Default)]
pub struct MediaUpdate {
    /// Alternative text; empty: none.
    pub description: Option<String>,
    /// Point to keep visible when cropping: x, y in [-1, 1].
    pub focus: Option<(f64, f64)>,
    /// Another picture to show small.
    pub thumbnail: Option<Bytes>,
}

/// Changes an upload that is not attached yet.
///
/// # Errors
/// `NotFound` if it is not the owner's or is attached; `Invalid` for what breaks a rule.
pub async fn update(
    instance: &Instance,
    owner: AccountId,
    id: MediaId,
    update: MediaUpdate,
) -> Result<MediaAttachment> {
    let mut media = find(instance, owner, id).await?;
    if let Some(description) = update.description {
        media.description = checked_description(instance, Some(description))?;
    }
    if let Some(focus) = update.focus {
        media.focus = Some(clamped(focus));
    }
    let mut replaced = None;
    if let Some(bytes) = update.thumbnail {
        let small = image::process(instance, bytes, image::Purpose::Attachment)
            .await?
            .small;
        replaced = media
            .thumbnail
            .replace(instance.media.put("small", small.extension, small.bytes).await?);
        media.small_size = Some(small.size);
    }
    let (row, now) = (media.clone(), instance.now());
    instance
        .write(move |tx| {
            if let Some(file) = replaced {
                rows::insert_trash(tx, &file, now)?;
            }
            Ok(rows::update_media(tx, &row)?)
        })
        .await?;
    Ok(media)
}

/// Removes an upload that is not attached.
///
/// # Errors
/// `NotFound` if it is not the owner's; `Invalid` if it is in use.
pub async fn delete(instance: &Instance, owner: AccountId, id: MediaId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            let media = rows::find_media(tx, id)?.filter(|media| media.account_id == owner);
            let media = media.ok_or(Error::NotFound)?;
            if media.status_id.is_some() {
                return Err(Error::invalid(
                    "id",
                    "ERR_INVALID",
                    "Media is currently used by a status",
                ));
            }
            Ok(rows::delete_media(tx, &[media], now)?)
        })
        .await
}

/// Stores an avatar or header and returns its key.
///
/// # Errors
/// `Invalid` if it is too large, not a supported picture or broken.
pub async fn store_picture(instance: &Instance, bytes: Bytes, kind: PictureKind) -> Result<String> {
    let processed = image::process(instance, bytes, image::Purpose::Picture(kind)).await?;
    instance
        .media
        .put(
            kind.folder(),
            processed.original.extension,
            processed.original.bytes,
        )
        .await
}

/// A stored file by its key.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn open(instance: &Instance, key: &str) -> Result<StoredFile> {
    instance.media.open(key).await
}

/// Removes uploads that nobody attached and files that no row refers to.
pub(crate) async fn clean(instance: &Instance) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            let forgotten = rows::list_unattached(tx, now - UNATTACHED_LIFETIME, CLEANING_BATCH)?;
            Ok(rows::delete_media(tx, &forgotten, now)?)
        })
        .await?;
    let files = instance
        .read(|conn| Ok(rows::list_trash(conn, CLEANING_BATCH)?))
        .await?;
    for file in files {
        instance.media.remove(&file).await?;
        instance
            .write(move |tx| Ok(rows::delete_trash(tx, &file)?))
            .await?;
    }
    Ok(())
}
