//! Where media files are kept: a folder, through `object_store`.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use object_store::{
    ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, memory::InMemory, path::Path as Key,
};

use crate::{
    error::{Error, Result},
    secrets,
};

/// The media files of an instance. Names are random, never made from anything that a user sent.
#[derive(Clone, Debug)]
pub struct MediaStore(Arc<dyn ObjectStore>);

/// A file from the store.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// MIME type, from the extension that we gave it.
    pub content_type: &'static str,
    /// The file.
    pub bytes: Bytes,
}

impl MediaStore {
    /// Keeps files in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// `Internal` if it cannot be made or opened.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(Error::internal)?;
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(Error::internal)?
            .with_automatic_cleanup(true);
        Ok(Self(Arc::new(store)))
    }

    /// Keeps files in memory, for tests.
    pub fn in_memory() -> Self {
        Self(Arc::new(InMemory::new()))
    }

    /// Stores a file under `folder` and returns its key.
    pub(crate) async fn put(&self, folder: &str, extension: &str, bytes: Bytes) -> Result<String> {
        let name = hex::encode(secrets::random_bytes::<16>()?);
        let key = format!("{folder}/{}/{name}.{extension}", &name[..2]);
        self.0
            .put(&Key::from(key.as_str()), bytes.into())
            .await
            .map_err(full_or_internal)?;
        Ok(key)
    }

    /// Stores a file beside the one with this key, under the same name with another extension.
    pub(crate) async fn put_beside(&self, key: &str, extension: &str, bytes: Bytes) -> Result<()> {
        let name = key.rsplit_once('.').map_or(key, |(name, _)| name);
        let key = format!("{name}.{extension}");
        self.0
            .put(&Key::from(key.as_str()), bytes.into())
            .await
            .map_err(full_or_internal)?;
        Ok(())
    }

    /// Reads a file.
    pub(crate) async fn open(&self, key: &str) -> Result<StoredFile> {
        let content_type = content_type_of(key).ok_or(Error::NotFound)?;
        let path = Key::parse(key).map_err(|_| Error::NotFound)?;
        let found = self.0.get(&path).await.map_err(not_found_or_internal)?;
        let bytes = found.bytes().await.map_err(not_found_or_internal)?;
        Ok(StoredFile { content_type, bytes })
    }

    /// Removes a file. False if it was gone already.
    pub(crate) async fn remove(&self, key: &str) -> Result<bool> {
        let Ok(path) = Key::parse(key) else {
            return Ok(false);
        };
        match self.0.head(&path).await {
            Ok(_) => {}
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(Error::internal(error)),
        }
        match self.0.delete(&path).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(Error::internal(error)),
        }
    }
}

fn full_or_internal(error: object_store::Error) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull) {
            tracing::error!("the disk is full: no file can be stored until there is space");
            return Error::Full;
        }
        cause = error.source();
    }
    Error::internal(error)
}

fn not_found_or_internal(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::NotFound,
        other => Error::internal(other),
    }
}

/// The MIME type of a stored file, from a closed list: nothing that a browser or another server would take for a
/// document (security rule R024).
pub fn content_type_of(key: &str) -> Option<&'static str> {
    match key.rsplit_once('.')?.1 {
        "jpg" => Some("image/jpeg"),
        "png" => Some("image/png"),
        "gif" => Some("image/gif"),
        "webp" => Some("image/webp"),
        _ => None,
    }
}
