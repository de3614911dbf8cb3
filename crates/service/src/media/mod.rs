//! Media: uploads, pictures of accounts, and cached copies of remote files.

pub(crate) mod cache;
pub(crate) mod image;
mod play;
mod remote;
mod store;

use bytes::Bytes;
use chrono::TimeDelta;
use pouet_model::{
    ids::{AccountId, MediaId},
    status::{MediaAttachment, MediaType, Timing},
};
use pouet_storage::media as rows;

pub(crate) use self::remote::fetch_card_image;
pub use self::{
    image::{PictureKind, SUPPORTED_TYPES},
    play::{Playing, Wanted, is_played, play},
    remote::{RemoteSource, Variant, remote},
    store::{MediaStore, StoredFile, content_type_of},
};
use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// How long a file may wait to be attached to a status.
const UNATTACHED_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// Largest picture of an emoji, as on Mastodon.
const MAX_EMOJI_BYTES: usize = 256 * 1024;
/// Files and rows removed at a time.
const CLEANING_BATCH: i64 = 200;
/// Files removed per run.
const MOST_CLEANED: i64 = 20_000;

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
    let original = processed.original;
    let (content_type, size) = (original.content_type.to_owned(), original.size);
    let file = cache::put(instance, "original", original.extension, original.bytes).await?;
    let small_file = cache::put(instance, "small", small.extension, small.bytes).await?;
    let media = MediaAttachment {
        id: instance.next_id(),
        account_id: owner,
        status_id: None,
        media_type: MediaType::Image,
        content_type,
        file: Some(file),
        thumbnail: Some(small_file),
        remote_url: None,
        description,
        blurhash: Some(processed.blurhash),
        focus: upload.focus.map(clamped),
        size: Some(size),
        small_size: Some(small.size),
        preview_remote_url: None,
        timing: Timing::default(),
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
            .replace(cache::put(instance, "small", small.extension, small.bytes).await?);
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
    let original = image::process(instance, bytes, image::Purpose::Picture(kind))
        .await?
        .original;
    cache::put(instance, kind.folder(), original.extension, original.bytes).await
}

/// Stores the picture of an emoji, written anew, and returns its key. Beside an animation lies its first frame; see
/// [`CustomEmoji::still`](pouet_model::emoji::CustomEmoji::still).
///
/// # Errors
/// `Invalid` if it is larger than 256 KiB or 512 pixels, no PNG, GIF or WebP, or broken.
pub(crate) async fn store_emoji(instance: &Instance, bytes: Bytes) -> Result<String> {
    if bytes.len() > MAX_EMOJI_BYTES {
        let reason = format!("File is larger than {} KiB", MAX_EMOJI_BYTES / 1024);
        return Err(Error::invalid("file", "ERR_TOO_LONG", reason));
    }
    let is_jpeg = bytes.starts_with(&[0xff, 0xd8, 0xff]);
    if is_jpeg {
        return Err(Error::invalid(
            "file",
            "ERR_INVALID",
            "File is no PNG, GIF or WebP picture",
        ));
    }
    let processed = image::process(instance, bytes, image::Purpose::Emoji).await?;
    let original = processed.original;
    let key = instance
        .media
        .put("emoji", original.extension, original.bytes)
        .await?;
    if original.extension == "gif" {
        let still = processed.small;
        instance
            .media
            .put_beside(&key, still.extension, still.bytes)
            .await?;
    }
    Ok(key)
}

/// A stored file by its key.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn open(instance: &Instance, key: &str) -> Result<StoredFile> {
    let file = instance.media.open(key).await?;
    instance.cache_use.note(key);
    Ok(file)
}

/// Removes files that no row refers to, uploads that nobody attached, and copies over the budget. What frees space comes
/// first: on a full disk nothing else may be possible.
pub(crate) async fn clean(instance: &Instance) -> Result<()> {
    empty_trash(instance).await?;
    let now = instance.now();
    instance
        .write(move |tx| {
            let forgotten = rows::list_unattached(tx, now - UNATTACHED_LIFETIME, CLEANING_BATCH)?;
            Ok(rows::delete_media(tx, &forgotten, now)?)
        })
        .await?;
    cache::shrink(instance).await?;
    empty_trash(instance).await
}

/// Removes the files that are in the trash, at most [`MOST_CLEANED`] of them.
async fn empty_trash(instance: &Instance) -> Result<()> {
    for _ in 0..MOST_CLEANED / CLEANING_BATCH {
        let files = instance
            .read(|conn| Ok(rows::list_trash(conn, CLEANING_BATCH)?))
            .await?;
        if files.is_empty() {
            break;
        }
        for file in &files {
            instance.media.remove(file).await?;
        }
        instance
            .write(move |tx| Ok(rows::delete_trash(tx, &files)?))
            .await?;
    }
    Ok(())
}
