//! Keys by whose they are: those that local accounts and the instance itself sign with, those that signatures of
//! others are checked with, and the key pair of Web Push.
//!
//! Private keys leave the database only into OpenSSL (security.md R019).

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use moka::sync::Cache;
use openssl::{
    bn::BigNumContext,
    ec::{EcGroup, EcKey, PointConversionForm},
    nid::Nid,
    pkey::PKey,
};
use pouet_model::ids::AccountId;
use pouet_storage::{keys as rows, settings as setting_rows};

use crate::{
    error::{Error, Result},
    events::Event,
    instance::Instance,
    keys::{PrivateKey, generate_rsa_keypair},
};

/// Setting that holds the instance actor's private key (PKCS#8 PEM).
const INSTANCE_KEY: &str = "keys.instance_actor";
/// Setting that holds the private key of Web Push (PKCS#8 PEM).
const VAPID_KEY: &str = "keys.vapid";
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

/// Signing keys, by account; `None`: the instance actor.
#[derive(Debug)]
pub(crate) struct KeyCache(Cache<Option<AccountId>, Arc<SigningKey>>);

impl KeyCache {
    pub(crate) fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(CACHED_KEYS)
                .time_to_idle(IDLE)
                .build(),
        )
    }

    pub(crate) fn heed(&self, event: &Event) {
        if let Event::AccountChanged { account_id } = event {
            self.0.invalidate(&Some(*account_id));
        }
    }
}

/// The key that a local account, or the instance actor (`None`), signs with.
///
/// # Errors
/// `NotFound` if the account has no private key: it is not local, or its keys are gone.
pub async fn signing_key(instance: &Instance, account: Option<AccountId>) -> Result<Arc<SigningKey>> {
    if let Some(key) = instance.signing_keys.0.get(&account) {
        return Ok(key);
    }
    let (key_id, pem) = match account {
        Some(id) => instance
            .read(move |conn| {
                let with_private = |key: rows::AccountKey| key.private_key.map(|pem| (key.uri, pem));
                Ok(rows::list_keys(conn, id)?.into_iter().find_map(with_private))
            })
            .await?
            .ok_or(Error::NotFound)?,
        None => instance_key(instance).await?,
    };
    let key = PrivateKey::from_pkcs8_pem(&pem).map_err(Error::internal)?;
    let public_key = key.public_key().map_err(Error::internal)?;
    let key = Arc::new(SigningKey {
        key_id,
        public_key_pem: public_key.to_pem().map_err(Error::internal)?,
        key,
    });
    instance.signing_keys.0.insert(account, key.clone());
    Ok(key)
}

async fn instance_key(instance: &Instance) -> Result<(String, String)> {
    let key_id = format!("{}#main-key", instance.urls().instance_actor());
    let generate = || Ok(generate_rsa_keypair().map_err(Error::internal)?.private_key_pem);
    Ok((key_id, stored_or_made(instance, INSTANCE_KEY, generate).await?))
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
        return Ok(stored);
    }
    let made = tokio::task::spawn_blocking(generate)
        .await
        .map_err(Error::internal)??;
    instance
        .write(move |tx| Ok(setting_rows::insert_setting_once(tx, setting, &made)?))
        .await
}

/// A key that signatures are checked with.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// Whose it is.
    pub account_id: AccountId,
    /// PEM or multibase text; read it with [`crate::keys::PublicKey`].
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
