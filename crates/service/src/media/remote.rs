//! Remote media: fetched on first view, never on arrival, and kept.

use pouet_model::{
    account::{Account, Picture},
    ids::{AccountId, MediaId},
    status::{MediaAttachment, MediaType},
};
use pouet_storage::{accounts, media as rows};

use super::{PictureKind, image, store::StoredFile};
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RemoteSource {
    /// An attachment of a status.
    Attachment(MediaId, Variant),
    /// A picture of an account.
    Picture(AccountId, PictureKind),
}

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
        return instance.media.open(&key).await;
    }
    let url = media
        .remote_url
        .clone()
        .filter(|_| media.media_type == MediaType::Image)
        .ok_or(Error::NotFound)?;
    let processed = fetch(instance, &url, image::Purpose::Attachment).await?;
    let mut media = media;
    let original = processed.original;
    media.content_type = original.content_type.to_owned();
    media.size = Some(original.size);
    media.small_size = Some(processed.small.size);
    media.file = Some(
        instance
            .media
            .put("cache", original.extension, original.bytes)
            .await?,
    );
    media.thumbnail = Some(
        instance
            .media
            .put("cache", processed.small.extension, processed.small.bytes)
            .await?,
    );
    media.blurhash = media.blurhash.or(Some(processed.blurhash));
    let row = media.clone();
    instance
        .write(move |tx| Ok(rows::update_media(tx, &row)?))
        .await?;
    instance.media.open(&stored(&media).ok_or(Error::NotFound)?).await
}

/// The owner of a file that may be shown.
async fn check_owner(instance: &Instance, id: AccountId) -> Result<Account> {
    let account = instance
        .read(move |conn| Ok(accounts::find_account(conn, id)?))
        .await?;
    let account = account.filter(Account::is_active).ok_or(Error::NotFound)?;
    let mut domains: Vec<String> = account.domain.iter().cloned().collect();
    // A handle may be on another domain than the server itself.
    domains.extend(account.uri.as_deref().and_then(host_of));
    for domain in domains {
        if policy::of(instance, &domain).await?.reject_media {
            return Err(Error::NotFound);
        }
    }
    Ok(account)
}

async fn picture(instance: &Instance, id: AccountId, kind: PictureKind) -> Result<StoredFile> {
    let account = check_owner(instance, id).await?;
    let current = match kind {
        PictureKind::Avatar => account.avatar,
        PictureKind::Header => account.header,
    };
    match current.ok_or(Error::NotFound)? {
        Picture::Stored(key) => instance.media.open(&key).await,
        Picture::Remote(url) => {
            let original = fetch(instance, &url, image::Purpose::Picture(kind))
                .await?
                .original;
            let key = instance
                .media
                .put("cache", original.extension, original.bytes)
                .await?;
            let (stored, now) = (key.clone(), instance.now());
            instance
                .write(move |tx| {
                    // The picture may have changed while it was fetched: then this copy is of no use.
                    if !accounts::cache_picture(tx, id, kind == PictureKind::Avatar, &url, &stored)? {
                        rows::insert_trash(tx, &stored, now)?;
                    }
                    Ok(())
                })
                .await?;
            instance.media.open(&key).await
        }
    }
}

async fn fetch(instance: &Instance, url: &str, purpose: image::Purpose) -> Result<image::Processed> {
    let request = GetRequest {
        url,
        accept: "image/*",
        max_bytes: instance.limits().image_bytes,
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
