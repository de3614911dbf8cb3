//! What earlier versions left to do: private keys that lie in the database as they are, and accounts without an Ed25519
//! key.

use pouet_storage::{keys as rows, settings as setting_rows};

use super::{INSTANCE_KEY, INSTANCE_PROOF_KEY, PROOF_FRAGMENT, VAPID_KEY, make_proof_row};
use crate::{error::Result, instance::Instance, vault::PLAIN};

/// Keys written in one transaction.
const BATCH: i64 = 200;

/// Seals private keys that are not, and gives accounts the Ed25519 key that they lack. To be called at every start,
/// before anything is signed; it costs three queries when there is nothing to do.
///
/// # Errors
/// `Busy` or `Internal`; what was done until then stays.
pub async fn complete(instance: &Instance) -> Result<()> {
    let sealed = seal_settings(instance).await? + seal_accounts(instance).await?;
    let made = make_missing(instance).await?;
    if sealed + made > 0 {
        tracing::info!(sealed, made, "private keys brought up to date");
    }
    Ok(())
}

async fn seal_settings(instance: &Instance) -> Result<usize> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let mut sealed = 0;
            for name in [INSTANCE_KEY, INSTANCE_PROOF_KEY, VAPID_KEY] {
                let stored = setting_rows::find_setting(tx, name)?;
                if let Some(plain) = stored.filter(|stored| stored.starts_with(PLAIN)) {
                    setting_rows::upsert_setting(tx, name, &writer.vault.seal(name, &plain)?)?;
                    sealed += 1;
                }
            }
            Ok(sealed)
        })
        .await
}

async fn seal_accounts(instance: &Instance) -> Result<usize> {
    let mut total = 0;
    loop {
        let writer = instance.clone();
        let sealed = instance
            .write(move |tx| {
                let plain = rows::list_private_keys(tx, PLAIN, BATCH)?;
                for (uri, pem) in &plain {
                    rows::update_private_key(tx, uri, &writer.vault.seal(uri, pem)?)?;
                }
                Ok(plain.len())
            })
            .await?;
        if sealed == 0 {
            return Ok(total);
        }
        total += sealed;
    }
}

async fn make_missing(instance: &Instance) -> Result<usize> {
    let mut total = 0;
    loop {
        let writer = instance.clone();
        let made = instance
            .write(move |tx| {
                let without = rows::list_accounts_without_key(tx, PROOF_FRAGMENT, BATCH)?;
                for account in &without {
                    rows::insert_key(tx, &make_proof_row(&writer, *account)?, writer.now())?;
                }
                Ok(without.len())
            })
            .await?;
        if made == 0 {
            return Ok(total);
        }
        total += made;
    }
}
