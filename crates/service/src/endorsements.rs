//! Accounts that people show on their profiles.
//!
//! Source: <https://docs.joinmastodon.org/methods/endorsements/>

use std::sync::Arc;

use pouet_model::{
    account::Account,
    ids::AccountId,
    page::{Keyed, Page},
};
use pouet_storage::{endorsements as rows, follows};

use crate::{
    error::{Error, Result},
    follows::{find_present, keyed_accounts},
    instance::Instance,
};

/// Shows an account on one's profile.
///
/// # Errors
/// `NotFound` if there is no such account; `Invalid` if `actor` does not follow it.
pub async fn endorse(instance: &Instance, actor: AccountId, target: AccountId) -> Result<()> {
    let (id, now) = (instance.next_id(), instance.now());
    instance
        .write(move |tx| {
            let target = find_present(tx, target)?;
            let follow = follows::find_follow(tx, actor, target.id)?;
            if !follow.is_some_and(|follow| follow.accepted) {
                return Err(Error::invalid(
                    "target_account",
                    "ERR_INVALID",
                    "You must be already following the person you want to endorse",
                ));
            }
            Ok(rows::insert_endorsement(tx, id, actor, target.id, now)?)
        })
        .await
}

/// Takes an account off one's profile. That it is not there is no error.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn unendorse(instance: &Instance, actor: AccountId, target: AccountId) -> Result<()> {
    instance
        .write(move |tx| {
            let target = find_present(tx, target)?;
            Ok(rows::delete_endorsement(tx, actor, target.id)?)
        })
        .await
}

/// Accounts that `owner` shows, the newest first; the keys are ids of the relation.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn list(instance: &Instance, owner: AccountId, page: Page) -> Result<Vec<Keyed<Arc<Account>>>> {
    instance
        .read(move |conn| {
            let owner = find_present(conn, owner)?;
            if !owner.is_active() {
                return Ok(Vec::new());
            }
            let found = rows::list_endorsements(conn, owner.id, &page)?;
            keyed_accounts(conn, &found)
        })
        .await
}
