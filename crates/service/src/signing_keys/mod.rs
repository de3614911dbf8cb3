//! Keys by whose they are: those that local accounts and the instance itself sign with, those that signatures of
//! others are checked with, and the key pair of Web Push.
//!
//! Local actors have two: an RSA key signs requests, an Ed25519 key documents. Private keys lie in the database sealed
//! (see [`crate::vault`]) and leave it only into OpenSSL (rule R019).

mod complete;
mod rotate;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use moka::sync::Cache;
use openssl::{
    bn::BigNumContext,
    ec::{EcGroup, EcKey, PointConversionForm},
    nid::Nid,
    pkey::PKey,
};
use pouet_model::ids::AccountId;
use pouet_storage::{
    keys::{self as rows, AccountKey},
    retired_keys as retired_rows, settings as setting_rows,
};

use crate::{
    error::{Error, Result},
    events::Event,
    instance::Instance,
    keys::{PrivateKey, PublicKey, generate_ed25519_keypair, generate_rsa_keypair},
};

pub use complete::complete;
pub use rotate::{RETIRED_FOR, rotate, rotate_instance};

/// Setting that holds the instance actor's private key (PKCS#8 PEM, sealed).
const INSTANCE_KEY: &str = "keys.instance_actor";
/// Setting that holds its Ed25519 key (PKCS#8 PEM, sealed).
const INSTANCE_PROOF_KEY: &str = "keys.instance_actor_ed25519";
/// Setting that holds the private key of Web Push (PKCS#8 PEM, sealed).
const VAPID_KEY: &str = "keys.vapid";
/// What the ids of Ed25519 keys end with; that of an RSA key ends with `#main-key`.
const PROOF_FRAGMENT: &str = "#ed25519-key";
/// Signing keys kept ready.
const CACHED_KEYS: u64 = 1000;
/// They are read again after this time without use.
const IDLE: Duration = Duration::from_hours(1);

/// The key that an actor of ours signs requests with.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// Its id on the wire.
    pub key_id: String,
    /// The key itself.
    pub key: PrivateKey,
    /// Its public half as actor documents carry it (SPKI PEM).
    pub public_key_pem: String,
}

/// The Ed25519 key that an actor of ours signs documents with.
#[derive(Clone, Debug)]
pub struct ProofKey {
    /// Its id on the wire.
    pub key_id: String,
    /// The key itself.
    pub key: PrivateKey,
    /// Its public half as actor documents carry it (`publicKeyMultibase` of FEP-521a).
    pub multikey: String,
}

/// The private keys of an actor of ours.
#[derive(Clone, Debug)]
struct OwnKeys {
    signing: Arc<SigningKey>,
    /// `None` for an account that was deleted before it got one.
    proof: Option<Arc<ProofKey>>,
}

/// Keys of local actors, by account; `None`: the instance actor.
#[derive(Debug)]
pub(crate) struct KeyCache {
    keys: Cache<Option<AccountId>, OwnKeys>,
    /// Counts what was forgotten, so that nothing is kept that was read before.
    forgotten: AtomicU64,
}

impl KeyCache {
    pub(crate) fn new() -> Self {
        Self {
            keys: Cache::builder()
                .max_capacity(CACHED_KEYS)
                .time_to_idle(IDLE)
                .build(),
            forgotten: AtomicU64::new(0),
        }
    }

    pub(crate) fn heed(&self, event: &Event) {
        match event {
            Event::AccountChanged { account_id } => self.forget(Some(*account_id)),
            // The keys of the instance actor are settings.
            Event::SettingsChanged => self.forget(None),
            _ => {}
        }
    }

    fn forget(&self, actor: Option<AccountId>) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.keys.invalidate(&actor);
    }

    /// Keeps keys that were read when `forgotten` stood at `then`, unless something was forgotten since.
    fn keep(&self, actor: Option<AccountId>, keys: OwnKeys, then: u64) {
        self.keys.insert(actor, keys);
        if self.forgotten.load(Ordering::SeqCst) != then {
            self.keys.invalidate(&actor);
        }
    }
}

/// The key that a local account, or the instance actor (`None`), signs requests with.
///
/// # Errors
/// `NotFound` if the account has no private key: it is not local, or its keys are gone.
pub async fn signing_key(instance: &Instance, account: Option<AccountId>) -> Result<Arc<SigningKey>> {
    Ok(own_keys(instance, account).await?.signing)
}

/// The key that a local account, or the instance actor (`None`), signs documents with; `None` if Ed25519 keys are left out
/// by the configuration, or the account has none.
///
/// # Errors
/// As [`signing_key`].
pub async fn proof_key(instance: &Instance, account: Option<AccountId>) -> Result<Option<Arc<ProofKey>>> {
    if !instance.settings.federation.ed25519_keys {
        return Ok(None);
    }
    Ok(own_keys(instance, account).await?.proof)
}

/// A private key that was replaced, under which its actor still announces the new one; `None` if it is no longer kept.
///
/// # Errors
/// `Internal` if it cannot be opened.
pub async fn retired_key(instance: &Instance, id: i64) -> Result<Option<SigningKey>> {
    let found = instance
        .read(move |conn| Ok(retired_rows::find_retired_key(conn, id)?))
        .await?;
    found
        .map(|key| {
            let pem = instance.vault.open(&retired_name(id), &key.private_key)?;
            read_signing_key(key.key_uri, &pem)
        })
        .transpose()
}

async fn own_keys(instance: &Instance, account: Option<AccountId>) -> Result<OwnKeys> {
    let cache = &instance.signing_keys;
    if let Some(keys) = cache.keys.get(&account) {
        return Ok(keys);
    }
    let then = cache.forgotten.load(Ordering::SeqCst);
    let keys = match account {
        Some(id) => keys_of(instance, id).await?,
        None => keys_of_instance(instance).await?,
    };
    cache.keep(account, keys.clone(), then);
    Ok(keys)
}

async fn keys_of(instance: &Instance, account: AccountId) -> Result<OwnKeys> {
    let stored = instance
        .read(move |conn| Ok(rows::list_keys(conn, account)?))
        .await?;
    let (mut signing, mut proof) = (None, None);
    for key in stored {
        let Some(sealed) = &key.private_key else { continue };
        let pem = instance.vault.open(&key.uri, sealed)?;
        if key.uri.ends_with(PROOF_FRAGMENT) {
            proof = Some(Arc::new(read_proof_key(key.uri, &pem)?));
        } else if signing.is_none() {
            signing = Some(Arc::new(read_signing_key(key.uri, &pem)?));
        }
    }
    let signing = signing.ok_or(Error::NotFound)?;
    Ok(OwnKeys { signing, proof })
}

async fn keys_of_instance(instance: &Instance) -> Result<OwnKeys> {
    let actor = instance.urls().instance_actor();
    let signing = stored_or_made(instance, INSTANCE_KEY, || {
        Ok(generate_rsa_keypair().map_err(Error::internal)?.private_key_pem)
    })
    .await?;
    let proof = stored_or_made(instance, INSTANCE_PROOF_KEY, || {
        Ok(generate_ed25519_keypair()
            .map_err(Error::internal)?
            .private_key_pem)
    })
    .await?;
    Ok(OwnKeys {
        signing: Arc::new(read_signing_key(format!("{actor}#main-key"), &signing)?),
        proof: Some(Arc::new(read_proof_key(
            format!("{actor}{PROOF_FRAGMENT}"),
            &proof,
        )?)),
    })
}

fn read_signing_key(key_id: String, pem: &str) -> Result<SigningKey> {
    let key = PrivateKey::from_pkcs8_pem(pem).map_err(Error::internal)?;
    let public_key = key.public_key().map_err(Error::internal)?;
    Ok(SigningKey {
        key_id,
        public_key_pem: public_key.to_pem().map_err(Error::internal)?,
        key,
    })
}

fn read_proof_key(key_id: String, pem: &str) -> Result<ProofKey> {
    let key = PrivateKey::from_pkcs8_pem(pem).map_err(Error::internal)?;
    let public_key = key.public_key().map_err(Error::internal)?;
    Ok(ProofKey {
        key_id,
        multikey: public_key.to_multikey().map_err(Error::internal)?,
        key,
    })
}

/// New keys for a local account, sealed, as rows to insert. Takes up to a third of a second on a blocking thread.
pub(crate) async fn make(instance: &Instance, account: AccountId) -> Result<Vec<AccountKey>> {
    let maker = instance.clone();
    tokio::task::spawn_blocking(move || {
        let pair = generate_rsa_keypair().map_err(Error::internal)?;
        let uri = maker.urls().key_id(account);
        Ok(vec![
            AccountKey {
                private_key: Some(maker.vault.seal(&uri, &pair.private_key_pem)?),
                uri,
                account_id: account,
                public_key: pair.public_key_pem,
                refetched_at: None,
            },
            make_proof_row(&maker, account)?,
        ])
    })
    .await
    .map_err(Error::internal)?
}

/// A new Ed25519 key of a local account. Takes microseconds.
fn make_proof_row(instance: &Instance, account: AccountId) -> Result<AccountKey> {
    let pair = generate_ed25519_keypair().map_err(Error::internal)?;
    let public_key = PublicKey::from_pem(&pair.public_key_pem)
        .and_then(|key| key.to_multikey())
        .map_err(Error::internal)?;
    let uri = format!("{}{PROOF_FRAGMENT}", instance.urls().local_account(account));
    Ok(AccountKey {
        private_key: Some(instance.vault.seal(&uri, &pair.private_key_pem)?),
        uri,
        account_id: account,
        public_key,
        refetched_at: None,
    })
}

/// A secret of the instance that is made when it is first needed.
async fn stored_or_made(
    instance: &Instance,
    setting: &'static str,
    generate: fn() -> Result<String>,
) -> Result<String> {
    let stored = instance
        .read(move |conn| Ok(setting_rows::find_setting(conn, setting)?))
        .await?;
    if let Some(stored) = stored {
        return instance.vault.open(setting, &stored);
    }
    let made = tokio::task::spawn_blocking(generate)
        .await
        .map_err(Error::internal)??;
    let sealed = instance.vault.seal(setting, &made)?;
    let stored = instance
        .write(move |tx| Ok(setting_rows::insert_setting_once(tx, setting, &sealed)?))
        .await?;
    instance.vault.open(setting, &stored)
}

/// A key that signatures are checked with.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// Whose it is.
    pub account_id: AccountId,
    /// PEM or multibase text; read it with [`PublicKey`].
    pub public_key: String,
    /// When the owner's keys were last fetched again because a signature did not match.
    pub refetched_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The key with this id, if we know it.
pub async fn find(instance: &Instance, key_id: &str) -> Result<Option<KnownKey>> {
    let key_id = key_id.to_owned();
    let found = instance
        .read(move |conn| Ok(rows::find_key(conn, &key_id)?))
        .await?;
    Ok(found.map(|key| KnownKey {
        account_id: key.account_id,
        public_key: key.public_key,
        refetched_at: key.refetched_at,
    }))
}

/// The keys of an account: ids and PEM or multibase text.
pub async fn public_keys(instance: &Instance, account: AccountId) -> Result<Vec<(String, String)>> {
    let keys = instance
        .read(move |conn| Ok(rows::list_keys(conn, account)?))
        .await?;
    Ok(keys.into_iter().map(|key| (key.uri, key.public_key)).collect())
}

/// Notes that an account's keys were fetched again now.
pub async fn note_refetch(instance: &Instance, account: AccountId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| Ok(rows::update_refetched(tx, account, now)?))
        .await
}

/// The key pair of Web Push.
#[derive(Clone)]
pub struct VapidKey {
    /// Uncompressed P-256 point, base64url without padding.
    pub public_key: String,
    /// PKCS#8 PEM.
    pub private_key_pem: String,
}

/// The key pair that push services know this instance by, made at first use.
pub async fn vapid(instance: &Instance) -> Result<VapidKey> {
    let private_key_pem = stored_or_made(instance, VAPID_KEY, make_vapid).await?;
    let public_key = vapid_public(&private_key_pem).map_err(Error::internal)?;
    Ok(VapidKey {
        public_key,
        private_key_pem,
    })
}

fn make_vapid() -> Result<String> {
    let pem = || {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        PKey::from_ec_key(EcKey::generate(&group)?)?.private_key_to_pem_pkcs8()
    };
    String::from_utf8(pem().map_err(Error::internal)?).map_err(Error::internal)
}

fn vapid_public(pem: &str) -> std::result::Result<String, openssl::error::ErrorStack> {
    let key = PKey::private_key_from_pem(pem.as_bytes())?.ec_key()?;
    let mut context = BigNumContext::new()?;
    let point = key
        .public_key()
        .to_bytes(key.group(), PointConversionForm::UNCOMPRESSED, &mut context)?;
    Ok(URL_SAFE_NO_PAD.encode(point))
}

/// The name under which a retired key is sealed.
fn retired_name(id: i64) -> String {
    format!("retired_keys/{id}")
}
