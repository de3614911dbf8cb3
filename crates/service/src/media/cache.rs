//! Copies of other servers' files: within a budget, and the first to go when the disk is full (rule R098).

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use chrono::TimeDelta;
use pouet_storage::cached_files as rows;
pub(crate) use pouet_storage::cached_files::{CachedFile, CopyOf};

use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// Where copies lie in the media store.
const FOLDER: &str = "cache";
/// Copies whose use is remembered until it is written down. More are looked at only where nothing is ever too old.
const REMEMBERED: usize = 10_000;
/// Copies removed in one transaction.
const BATCH: i64 = 200;
/// Copies that are looked at to make room on a full disk.
const MOST_FREED: i64 = 10_000;
/// Bytes freed at once when the disk is full.
const ROOM: i64 = 64 * 1024 * 1024;

/// Which copies were looked at lately, and whether room is being made.
#[derive(Debug, Default)]
pub(crate) struct CacheUse {
    files: Mutex<HashSet<String>>,
    makes_room: AtomicBool,
}

impl CacheUse {
    /// Notes that a file is looked at; of what is no copy nothing is remembered.
    pub(super) fn note(&self, key: &str) {
        if key.split('/').next() != Some(FOLDER) {
            return;
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() < REMEMBERED {
            files.insert(key.to_owned());
        }
    }

    fn take(&self) -> Vec<String> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.drain().collect()
    }
}

/// Stores a copy; the caller inserts its row together with that of what it is a copy of, or [discards](discard) it.
///
/// # Errors
/// `Full` if there is no room even without some of the other copies.
pub(super) async fn store(
    instance: &Instance,
    of: CopyOf,
    extension: &str,
    bytes: Bytes,
) -> Result<CachedFile> {
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let file = put(instance, FOLDER, extension, bytes).await?;
    Ok(CachedFile {
        file,
        of,
        bytes: size,
        used_at: instance.now(),
    })
}

/// Removes files again whose rows could not be written, so that none lie about that nobody knows of.
pub(crate) async fn discard(instance: &Instance, copies: &[CachedFile]) {
    for copy in copies {
        if let Err(error) = instance.media.remove(&copy.file).await {
            tracing::warn!(%error, file = copy.file, "a file that nobody needs cannot be removed");
        }
    }
}

/// Stores a file; copies make room for it where there is none.
pub(super) async fn put(instance: &Instance, folder: &str, extension: &str, bytes: Bytes) -> Result<String> {
    match instance.media.put(folder, extension, bytes.clone()).await {
        Err(Error::Full) if make_room(instance).await? > 0 => {
            instance.media.put(folder, extension, bytes).await
        }
        result => result,
    }
}

/// Removes the copies that are over the budget or were not looked at for too long.
pub(super) async fn shrink(instance: &Instance) -> Result<()> {
    let now = instance.now();
    let used = instance.cache_use.take();
    if !used.is_empty() {
        instance
            .write(move |tx| Ok(rows::touch_cached(tx, &used, now)?))
            .await?;
    }
    let settings = instance.settings.media_cache;
    let oldest = now - TimeDelta::days(settings.days);
    let mut left = instance.read(|conn| Ok(rows::sum_cached(conn)?)).await?;
    loop {
        let stale = instance
            .read(|conn| Ok(rows::list_stale_cached(conn, BATCH)?))
            .await?;
        let over: Vec<CachedFile> = stale
            .into_iter()
            .take_while(|cached| {
                let goes = left > settings.bytes || cached.used_at < oldest;
                if goes {
                    left -= cached.bytes;
                }
                goes
            })
            .collect();
        if over.is_empty() {
            return Ok(());
        }
        release(instance, over).await?;
    }
}

/// Has the files of these copies removed with the trash.
async fn release(instance: &Instance, copies: Vec<CachedFile>) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            for cached in &copies {
                rows::release_cached(tx, cached, now)?;
            }
            Ok(())
        })
        .await
}

/// Removes the oldest copies at once, and says how many bytes of them. The database is told afterwards, since it could
/// write nothing before; should it fail still, a copy that is missed is fetched again through the proxy.
async fn make_room(instance: &Instance) -> Result<i64> {
    let stale = instance
        .read(|conn| Ok(rows::list_stale_cached(conn, MOST_FREED)?))
        .await?;
    let mut freed = 0;
    let mut gone = Vec::new();
    for cached in stale {
        if freed >= ROOM {
            break;
        }
        match instance.media.remove(&cached.file).await {
            Ok(true) => freed += cached.bytes,
            // It made room before, when the database could not be told.
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "a copy cannot be removed");
                break;
            }
        }
        gone.push(cached);
    }
    tracing::warn!(
        bytes = freed,
        "copies of other servers' files make room on a full disk"
    );
    if let Err(error) = release(instance, gone).await {
        tracing::warn!(%error, "it cannot be noted that copies are gone");
    }
    Ok(freed)
}

/// Lets copies make room, beside what found the disk full; only once at a time.
pub(crate) fn make_room_beside(instance: &Instance) {
    if instance.cache_use.makes_room.swap(true, Ordering::AcqRel) {
        return;
    }
    let instance = instance.clone();
    tokio::spawn(async move {
        if let Err(error) = make_room(&instance).await {
            tracing::warn!(%error, "copies of other servers' files cannot make room");
        }
        instance.cache_use.makes_room.store(false, Ordering::Release);
    });
}
