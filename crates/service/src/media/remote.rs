//! Remote media: fetched on first view, never on arrival, and kept.

use pouet_model::{
    account::{Account, Picture},
    card::CardImage,
    emoji::CustomEmoji,
    ids::{AccountId, CardId, MediaId},
    status::{MediaAttachment, MediaType},
};
use pouet_storage::{accounts, cached_files, emojis, media as rows};

use super::{
    PictureKind,
    cache::{self, CachedFile, CopyOf},
    image,
    store::StoredFile,
};
use crate::{
    delivery::host_of,
    error::{Error, Result},
    instance::Instance,
    net::{GetRequest, Purpose},
    policy,
};

/// Which size of an attachment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Variant {
    /// As published, within our limits.
    Original,
    /// Small.
    Small,
}

/// A remote file that may be shown. Named by what we know, never by an address: the proxy fetches nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RemoteSource {
    /// An attachment of a status.
    Attachment(MediaId, Variant),
    /// A picture of an account.
    Picture(AccountId, PictureKind),
    /// The picture of a custom emoji.
    Emoji {
        /// Domain that it is from.
        domain: String,
        /// Name between the colons.
        shortcode: String,
        /// Its first frame.
        still: bool,
    },
}

/// Largest picture of an emoji of another server that is fetched, in bytes.
const MAX_EMOJI_BYTES: usize = 2 * 1024 * 1024;

/// A remote file, fetched and stored if this is the first view.
///
/// # Errors
/// `NotFound` if we know no such file, it is not a picture that we show, its owner is gone or suspended, or the media of
/// their domain are refused; `RemoteUnavailable` if its server does not
/// answer as it should.
pub async fn remote(instance: &Instance, source: RemoteSource) -> Result<StoredFile> {
    match source {
        RemoteSource::Attachment(id, variant) => attachment(instance, id, variant).await,
        RemoteSource::Picture(id, kind) => picture(instance, id, kind).await,
        RemoteSource::Emoji {
            domain,
            shortcode,
            still,
        } => emoji(instance, domain, shortcode, still).await,
    }
}

async fn attachment(instance: &Instance, id: MediaId, variant: Variant) -> Result<StoredFile> {
    let media = instance
        .read(move |conn| Ok(rows::find_media(conn, id)?))
        .await?
        .ok_or(Error::NotFound)?;
    check_owner(instance, media.account_id).await?;
    let stored = |media: &MediaAttachment| match variant {
        Variant::Original => media.file.clone(),
        Variant::Small => media.thumbnail.clone().or_else(|| media.file.clone()),
    };
    if let Some(key) = stored(&media) {
        match super::open(instance, &key).await {
            // It had to make room: it is fetched again.
            Err(Error::NotFound) if media.remote_url.is_some() => {}
            found => return found,
        }
    }
    if media.media_type != MediaType::Image {
        return match variant {
            Variant::Original => Err(Error::NotFound),
            Variant::Small => preview(instance, media).await,
        };
    }
    let url = media.remote_url.clone().ok_or(Error::NotFound)?;
    let processed = fetch(instance, &url, image::Purpose::Attachment).await?;
    let (original, small, of) = (processed.original, processed.small, CopyOf::Media(id));
    let mut media = media;
    media.content_type = original.content_type.to_owned();
    media.size = Some(original.size);
    media.small_size = Some(small.size);
    media.blurhash = media.blurhash.or(Some(processed.blurhash));
    let first = cache::store(instance, of, original.extension, original.bytes).await?;
    let second = match cache::store(instance, of, small.extension, small.bytes).await {
        Ok(second) => second,
        Err(error) => {
            cache::discard(instance, &[first]).await;
            return Err(error);
        }
    };
    let copies = [first, second];
    let before = [
        media.file.replace(copies[0].file.clone()),
        media.thumbnail.replace(copies[1].file.clone()),
    ];
    let (row, now, written) = (media.clone(), instance.now(), copies.clone());
    let result = instance
        .write(move |tx| {
            for file in before.iter().flatten() {
                rows::insert_trash(tx, file, now)?;
            }
            for copy in &written {
                cached_files::insert_cached(tx, copy)?;
            }
            Ok(rows::update_media(tx, &row)?)
        })
        .await;
    if let Err(error) = result {
        cache::discard(instance, &copies).await;
        return Err(error);
    }
    instance.media.open(&stored(&media).ok_or(Error::NotFound)?).await
}

/// The picture that stands for a sound or a video, fetched and stored.
async fn preview(instance: &Instance, media: MediaAttachment) -> Result<StoredFile> {
    let url = media.preview_remote_url.clone().ok_or(Error::NotFound)?;
    let processed = fetch(instance, &url, image::Purpose::Attachment).await?;
    let (small, of) = (processed.small, CopyOf::Media(media.id));
    let copy = cache::store(instance, of, small.extension, small.bytes).await?;
    let mut media = media;
    media.small_size = Some(small.size);
    media.blurhash = media.blurhash.or(Some(processed.blurhash));
    let before = media.thumbnail.replace(copy.file.clone());
    let (now, written) = (instance.now(), copy.clone());
    let result = instance
        .write(move |tx| {
            if let Some(file) = before {
                rows::insert_trash(tx, &file, now)?;
            }
            cached_files::insert_cached(tx, &written)?;
            Ok(rows::update_media(tx, &media)?)
        })
        .await;
    if let Err(error) = result {
        cache::discard(instance, &[copy]).await;
        return Err(error);
    }
    instance.media.open(&copy.file).await
}

/// The owner of a file that may be shown.
pub(super) async fn check_owner(instance: &Instance, id: AccountId) -> Result<Account> {
    let account = instance
        .read(move |conn| Ok(accounts::find_account(conn, id)?))
        .await?;
    let account = account.filter(Account::is_active).ok_or(Error::NotFound)?;
    let mut domains: Vec<String> = account.domain.iter().cloned().collect();
    // A handle may be on another domain than the server itself.
    domains.extend(account.uri.as_deref().and_then(host_of));
    check_domains(instance, domains).await?;
    Ok(account)
}

/// Whether the media of all of these domains are shown.
async fn check_domains(instance: &Instance, domains: Vec<String>) -> Result<()> {
    for domain in domains {
        if policy::of(instance, &domain).await?.reject_media {
            return Err(Error::NotFound);
        }
    }
    Ok(())
}

async fn emoji(instance: &Instance, domain: String, shortcode: String, still: bool) -> Result<StoredFile> {
    // Those of this instance lie under `/media`.
    if domain.is_empty() {
        return Err(Error::NotFound);
    }
    let found = instance
        .read(move |conn| Ok(emojis::load_remote_emojis(conn, &domain, &[shortcode])?))
        .await?;
    let known = found.into_iter().next().ok_or(Error::NotFound)?;
    check_domains(instance, domains_of(&known.emoji)).await?;
    let stored = if still { &known.still_file } else { &known.file };
    if let Some(key) = stored {
        match super::open(instance, key).await {
            // It had to make room: it is fetched again.
            Err(Error::NotFound) => {}
            found => return found,
        }
    }
    let url = known.emoji.image.clone();
    let processed = fetch_at_most(instance, &url, image::Purpose::RemoteEmoji, MAX_EMOJI_BYTES).await?;
    let (original, small, of) = (processed.original, processed.small, CopyOf::Emoji(known.id));
    let mut copies = vec![cache::store(instance, of, original.extension, original.bytes).await?];
    if original.extension == "gif" {
        match cache::store(instance, of, small.extension, small.bytes).await {
            Ok(second) => copies.push(second),
            Err(error) => {
                cache::discard(instance, &copies).await;
                return Err(error);
            }
        }
    }
    let moving = copies[0].file.clone();
    let first_frame = copies[copies.len() - 1].file.clone();
    let shown = if still {
        first_frame.clone()
    } else {
        moving.clone()
    };
    let (written, now) = (copies.clone(), instance.now());
    let result = instance
        .write(move |tx| {
            // The picture may have changed while it was fetched: then these copies are of no use.
            if !emojis::cache_emoji(tx, &known, &moving, &first_frame)? {
                for copy in &written {
                    rows::insert_trash(tx, &copy.file, now)?;
                }
                return Ok(());
            }
            for file in [&known.file, &known.still_file].into_iter().flatten() {
                rows::insert_trash(tx, file, now)?;
            }
            for copy in &written {
                cached_files::insert_cached(tx, copy)?;
            }
            Ok(())
        })
        .await;
    if let Err(error) = result {
        cache::discard(instance, &copies).await;
        return Err(error);
    }
    instance.media.open(&shown).await
}

/// The domains that have to do with an emoji: a handle may be on another domain than the server itself, and the picture
/// on a third one.
fn domains_of(emoji: &CustomEmoji) -> Vec<String> {
    let mut domains: Vec<String> = emoji.domain.iter().cloned().collect();
    domains.extend(emoji.uri.as_deref().and_then(host_of));
    domains.extend(host_of(&emoji.image));
    domains
}

async fn picture(instance: &Instance, id: AccountId, kind: PictureKind) -> Result<StoredFile> {
    let account = check_owner(instance, id).await?;
    let current = match kind {
        PictureKind::Avatar => account.avatar,
        PictureKind::Header => account.header,
    };
    let url = match current.ok_or(Error::NotFound)? {
        Picture::Stored(key) => match super::open(instance, &key).await {
            // It had to make room. A picture of somebody here is nowhere else.
            Err(Error::NotFound) if account.domain.is_some() => {
                forget_picture(instance, id, kind, key).await?
            }
            found => return found,
        },
        Picture::Remote(url) => url,
    };
    let original = fetch(instance, &url, image::Purpose::Picture(kind))
        .await?
        .original;
    let copy = cache::store(instance, CopyOf::Picture(id), original.extension, original.bytes).await?;
    let (written, now) = (copy.clone(), instance.now());
    let result = instance
        .write(move |tx| {
            // The picture may have changed while it was fetched: then this copy is of no use.
            if accounts::cache_picture(tx, id, kind == PictureKind::Avatar, &url, &written.file)? {
                Ok(cached_files::insert_cached(tx, &written)?)
            } else {
                Ok(rows::insert_trash(tx, &written.file, now)?)
            }
        })
        .await;
    if let Err(error) = result {
        cache::discard(instance, &[copy]).await;
        return Err(error);
    }
    instance.media.open(&copy.file).await
}

/// Where a picture can be fetched whose copy had to make room.
async fn forget_picture(
    instance: &Instance,
    id: AccountId,
    kind: PictureKind,
    file: String,
) -> Result<String> {
    let now = instance.now();
    let account = instance
        .write(move |tx| {
            let copy = CachedFile {
                file,
                of: CopyOf::Picture(id),
                bytes: 0,
                used_at: now,
            };
            cached_files::release_cached(tx, &copy, now)?;
            Ok(accounts::find_account(tx, id)?)
        })
        .await?;
    let picture = account.and_then(|account| match kind {
        PictureKind::Avatar => account.avatar,
        PictureKind::Header => account.header,
    });
    match picture {
        Some(Picture::Remote(url)) => Ok(url),
        _ => Err(Error::NotFound),
    }
}

/// Fetches and keeps the picture of a preview card, small: nobody sees it large.
///
/// # Errors
/// As of [`remote`].
pub(crate) async fn fetch_card_image(
    instance: &Instance,
    card: CardId,
    url: &str,
) -> Result<(CardImage, CachedFile)> {
    let processed = fetch(instance, url, image::Purpose::Attachment).await?;
    let small = processed.small;
    let copy = cache::store(instance, CopyOf::Card(card), small.extension, small.bytes).await?;
    let image = CardImage {
        file: copy.file.clone(),
        url: url.to_owned(),
        size: small.size,
        blurhash: processed.blurhash,
    };
    Ok((image, copy))
}

async fn fetch(instance: &Instance, url: &str, purpose: image::Purpose) -> Result<image::Processed> {
    fetch_at_most(instance, url, purpose, instance.limits().image_bytes).await
}

async fn fetch_at_most(
    instance: &Instance,
    url: &str,
    purpose: image::Purpose,
    max_bytes: usize,
) -> Result<image::Processed> {
    let request = GetRequest {
        url,
        accept: "image/*",
        max_bytes: max_bytes.min(instance.limits().image_bytes),
        purpose: Purpose::Media,
        headers: http::HeaderMap::new(),
    };
    let response = instance.net.get(&request, None).await.map_err(|error| {
        tracing::debug!(%error, %url, "a remote file cannot be fetched");
        Error::RemoteUnavailable
    })?;
    if response.status != http::StatusCode::OK {
        return Err(Error::RemoteUnavailable);
    }
    image::process(instance, response.body, purpose)
        .await
        .map_err(|error| match error {
            Error::Invalid { .. } => Error::NotFound,
            other => other,
        })
}
