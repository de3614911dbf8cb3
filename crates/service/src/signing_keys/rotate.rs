//! New keys in the place of old ones, while the server runs.
//!
//! The ids on the wire stay. The Update that announces the new keys is signed with the old one, which peers know; a peer
//! that misses it learns the new key from the actor document when a signature does not match. Everything else that waits to
//! be delivered is signed with the new key.

use chrono::TimeDelta;
use pouet_model::ids::{AccountId, JobId};
use pouet_storage::{
    Conn, accounts as account_rows, keys as rows,
    retired_keys::{self as retired_rows, RetiredKey},
    settings as setting_rows,
};

use super::{INSTANCE_KEY, INSTANCE_PROOF_KEY, keys_of_instance, make, retired_name};
use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{Job, enqueue},
    keys::{generate_ed25519_keypair, generate_rsa_keypair},
};

/// How long the old private key is kept: as long as the announcement of the new one is worth repeating.
pub const RETIRED_FOR: TimeDelta = TimeDelta::hours(48);

/// Gives a local account new keys and tells those who know it. Every process of the instance signs with them as soon as it
/// reads the event.
///
/// # Errors
/// `NotFound` if there is no such local account, or it is deleted.
pub async fn rotate(instance: &Instance, account: AccountId) -> Result<()> {
    let made = make(instance, account).await?;
    let now = instance.now();
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let found = account_rows::find_account(tx, account)?;
            if !found.is_some_and(|found| found.is_local() && found.deleted_at.is_none()) {
                return Err(Error::NotFound);
            }
            let old = rows::list_keys(tx, account)?;
            let retired = old
                .iter()
                .find(|key| key.uri == made[0].uri)
                .and_then(|key| Some((&key.uri, key.private_key.as_ref()?)))
                .ok_or(Error::NotFound)?;
            let pem = writer.vault.open(retired.0, retired.1)?;
            let retired = retire(tx, &writer, Some(account), retired.0.clone(), &pem)?;
            for key in &made {
                if old.iter().any(|old| old.uri == key.uri) {
                    rows::update_own_key(tx, key, now)?;
                } else {
                    rows::insert_key(tx, key, now)?;
                }
            }
            announce(tx, &writer, Some(account), retired)?;
            events::emit(tx, &Event::AccountChanged { account_id: account }, now)
        })
        .await?;
    instance.heed(Event::AccountChanged { account_id: account });
    Ok(())
}

/// Gives the instance actor new keys and tells every server that is known.
///
/// # Errors
/// `Busy` or `Internal`.
pub async fn rotate_instance(instance: &Instance) -> Result<()> {
    // Makes those that there are to be replaced, if there are none yet.
    let old = keys_of_instance(instance).await?;
    let (rsa, ed25519) =
        tokio::task::spawn_blocking(|| Ok((generate_rsa_keypair()?, generate_ed25519_keypair()?)))
            .await
            .map_err(Error::internal)?
            .map_err(|error: crate::keys::KeyError| Error::internal(error))?;
    let now = instance.now();
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let stored = setting_rows::find_setting(tx, INSTANCE_KEY)?.ok_or(Error::NotFound)?;
            let pem = writer.vault.open(INSTANCE_KEY, &stored)?;
            let retired = retire(tx, &writer, None, old.signing.key_id.clone(), &pem)?;
            for (name, pair) in [(INSTANCE_KEY, &rsa), (INSTANCE_PROOF_KEY, &ed25519)] {
                let sealed = writer.vault.seal(name, &pair.private_key_pem)?;
                setting_rows::upsert_setting(tx, name, &sealed)?;
            }
            announce(tx, &writer, None, retired)?;
            events::emit(tx, &Event::SettingsChanged, now)
        })
        .await?;
    instance.heed(Event::SettingsChanged);
    Ok(())
}

/// Keeps an old private key for the announcement.
fn retire(
    tx: &mut Conn,
    instance: &Instance,
    account: Option<AccountId>,
    key_uri: String,
    pem: &str,
) -> Result<i64> {
    let id = instance.next_id();
    let key = RetiredKey {
        id,
        account_id: account,
        key_uri,
        private_key: instance.vault.seal(&retired_name(id), pem)?,
    };
    retired_rows::insert_retired_key(tx, &key, instance.now())?;
    Ok(id)
}

fn announce(
    tx: &mut Conn,
    instance: &Instance,
    account_id: Option<AccountId>,
    retired_key_id: i64,
) -> Result<()> {
    let job = Job::SendNewKeys {
        account_id,
        retired_key_id,
    };
    let (id, now): (JobId, _) = (instance.next_id(), instance.now());
    enqueue(tx, id, &job, now, now)
}
