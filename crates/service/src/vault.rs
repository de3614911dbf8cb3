//! Private keys at rest: what is stored of them is encrypted with a key that lies in a file, not in the database.
//!
//! A sealed text is `sealed1:` and the base64 of nonce, ciphertext and tag of AES-256-GCM. The name under which a secret is
//! stored is part of what the tag covers, so that a row cannot be given the key of another one. Everything goes through
//! OpenSSL. See docs/decisions/private-keys.md for what this protects from.
//!
//! Source: NIST SP 800-38D.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use pouet_storage::{Store, settings as rows};

use crate::{
    error::{Error, Result},
    secrets::random_bytes,
};

/// What sealed texts begin with.
const PREFIX: &str = "sealed1:";
/// What private keys begin with that were stored before there was a vault.
pub(crate) const PLAIN: &str = "-----BEGIN";
/// Bytes of a nonce. It is random: 2^32 texts may be sealed with one key, and there are a few for each account.
const NONCE: usize = 12;
/// Bytes of a tag.
const TAG: usize = 16;
/// Setting that tells whether a key is the one of this database.
const CHECK: &str = "keys.check";
/// What is sealed in it.
const CHECK_TEXT: &str = "pouet";
/// Longest key file that is read, bytes.
const MAX_FILE: u64 = 1024;

/// The key that private keys are sealed with. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Vault([u8; 32]);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

/// Why the private keys of a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file is not there, but the database was used with one.
    #[error(
        "{0} is missing, and the private keys in the database cannot be read without it: restore it from a backup"
    )]
    Missing(PathBuf),
    /// The file holds a key, but not the one of this database.
    #[error("{0} is not the key file of this database")]
    Foreign(PathBuf),
    /// The file is not one that the program wrote.
    #[error("{0} does not hold a key: expected 64 hexadecimal digits")]
    Content(PathBuf),
    /// It cannot be read or written.
    #[error("{path} cannot be used: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database cannot be asked.
    #[error(transparent)]
    Database(#[from] Error),
}

impl Vault {
    /// Seals with this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The vault of a database, whose key is in the file at `path`. The file is made if neither it nor anything sealed
    /// exists.
    ///
    /// # Errors
    /// [`VaultError`]: above all, the file is missing or belongs to another database. Nothing is changed then.
    pub async fn unlock(store: &Store, path: &Path) -> Result<Self, VaultError> {
        let check = store
            .read(|conn| Ok::<_, Error>(rows::find_setting(conn, CHECK)?))
            .await?;
        let vault = match (Self::load(path)?, &check) {
            (Some(vault), _) => vault,
            (None, None) => Self::make(path)?,
            (None, Some(_)) => return Err(VaultError::Missing(path.to_owned())),
        };
        let check = if let Some(check) = check {
            check
        } else {
            let made = vault.seal(CHECK, CHECK_TEXT)?;
            store
                .write(move |tx| Ok::<_, Error>(rows::insert_setting_once(tx, CHECK, &made)?))
                .await?
        };
        match vault.open(CHECK, &check) {
            Ok(text) if text == CHECK_TEXT => Ok(vault),
            _ => Err(VaultError::Foreign(path.to_owned())),
        }
    }

    /// The key in a file; `None` if there is no file.
    fn load(path: &Path) -> Result<Option<Self>, VaultError> {
        let failed = |error| VaultError::File {
            path: path.to_owned(),
            error,
        };
        let about = match fs::metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if about.permissions().mode() & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "the key file can be read by others: its mode should be 0600");
        }
        let wrong = || VaultError::Content(path.to_owned());
        if about.len() > MAX_FILE {
            return Err(wrong());
        }
        let text = fs::read(path).map_err(failed)?;
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim_ascii(), &mut key).map_err(|_| wrong())?;
        Ok(Some(Self(key)))
    }

    /// Writes a new key to a file, readable by the owner alone. Of two processes that do so at the same time, both get the
    /// same key: the file appears under its name whole or not at all, and only once.
    fn make(path: &Path) -> Result<Self, VaultError> {
        let key: [u8; 32] = random_bytes()?;
        let name: [u8; 8] = random_bytes()?;
        let failed = |error| VaultError::File {
            path: path.to_owned(),
            error,
        };
        let mut draft = path.as_os_str().to_owned();
        draft.push(format!(".{}", hex::encode(name)));
        let draft = PathBuf::from(draft);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let written = write_private(&draft, &format!("{}\n", hex::encode(key)));
        let linked = written.and_then(|()| fs::hard_link(&draft, path));
        // A draft that stays behind is of no use to anybody.
        let _ = fs::remove_file(&draft);
        match linked {
            Ok(()) => {
                tracing::info!(path = %path.display(), "made the key file; keep a copy of it with the backups");
                Ok(Self(key))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::load(path)?.ok_or_else(|| VaultError::Missing(path.to_owned()))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Seals a secret that is stored under `name`.
    ///
    /// # Errors
    /// `Internal` if OpenSSL fails.
    pub(crate) fn seal(&self, name: &str, secret: &str) -> Result<String> {
        let nonce: [u8; NONCE] = random_bytes()?;
        let mut tag = [0; TAG];
        let text = encrypt_aead(
            Cipher::aes_256_gcm(),
            &self.0,
            Some(&nonce),
            name.as_bytes(),
            secret.as_bytes(),
            &mut tag,
        )
        .map_err(Error::internal)?;
        let sealed = STANDARD_NO_PAD.encode([&nonce[..], &text, &tag].concat());
        Ok(format!("{PREFIX}{sealed}"))
    }

    /// The secret that is stored under `name`. A key that was stored before there was a vault is given as it is.
    ///
    /// # Errors
    /// `Internal` if the text was sealed with another key or under another name, or was changed.
    pub(crate) fn open(&self, name: &str, stored: &str) -> Result<String> {
        if stored.starts_with(PLAIN) {
            return Ok(stored.to_owned());
        }
        let unreadable = || Error::internal("a stored private key cannot be opened");
        let sealed = stored
            .strip_prefix(PREFIX)
            .and_then(|text| STANDARD_NO_PAD.decode(text).ok())
            .ok_or_else(unreadable)?;
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
        let (text, tag) = rest.split_last_chunk::<TAG>().ok_or_else(unreadable)?;
        let secret = decrypt_aead(
            Cipher::aes_256_gcm(),
            &self.0,
            Some(nonce),
            name.as_bytes(),
            text,
            tag,
        )
        .map_err(|_| unreadable())?;
        String::from_utf8(secret).map_err(|_| unreadable())
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_under_its_name_and_with_its_key_only() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal("one", "-----BEGIN SECRET").unwrap();
        assert!(!sealed.contains("SECRET") && sealed.starts_with(PREFIX));
        assert_ne!(
            sealed,
            vault.seal("one", "-----BEGIN SECRET").unwrap(),
            "nonces differ"
        );
        assert_eq!(vault.open("one", &sealed).unwrap(), "-----BEGIN SECRET");
        assert!(vault.open("two", &sealed).is_err(), "moved to another row");
        assert!(
            Vault::new([8; 32]).open("one", &sealed).is_err(),
            "another key file"
        );
        for position in [PREFIX.len(), PREFIX.len() + 20, sealed.len() - 3] {
            let mut changed = sealed.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(vault.open("one", &changed).is_err(), "{changed}");
        }
        for garbage in ["", "sealed1:", "sealed1:AAAA", "sealed1:!", "sealed2:AAAA"] {
            assert!(vault.open("one", garbage).is_err(), "{garbage}");
        }
        assert_eq!(
            vault.open("one", "-----BEGIN PRIVATE KEY").unwrap(),
            "-----BEGIN PRIVATE KEY",
            "from before"
        );
    }

    #[test]
    fn the_file_is_for_its_owner_and_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inner/secret.key");
        assert!(Vault::load(&path).unwrap().is_none());
        let (one, two) = (Vault::make(&path).unwrap(), Vault::make(&path).unwrap());
        assert_eq!(one.0, two.0, "the second one finds the first one's");
        assert_eq!(Vault::load(&path).unwrap().unwrap().0, one.0);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "no draft stays");
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(Vault::load(&path), Err(VaultError::Content(_))));
    }
}
