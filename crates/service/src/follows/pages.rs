//! Lists of followers, of accounts followed and of requests.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::AccountId,
    page::{Keyed, Page},
};
use pouet_storage::{
    Conn, accounts,
    follows::{self as rows, Reader},
};

use super::find_present;
use crate::{error::Result, instance::Instance};

/// Accounts for the rows of a page, in their order.
pub(crate) fn keyed_accounts(conn: &mut Conn, page: &[(i64, AccountId)]) -> Result<Vec<Keyed<Arc<Account>>>> {
    let ids: Vec<AccountId> = page.iter().map(|(_, id)| *id).collect();
    let mut found: HashMap<AccountId, Account> = accounts::load_accounts(conn, &ids)?
        .into_iter()
        .map(|account| (account.id, account))
        .collect();
    Ok(page
        .iter()
        .filter_map(|(key, id)| {
            let item = Arc::new(found.remove(id)?);
            Some(Keyed { key: *key, item })
        })
        .collect())
}

/// Whether the lists of `owner` are shown to `viewer`.
///
/// Somebody whom the owner blocks sees what anybody sees: a list that is empty for them alone would tell (R044).
fn are_shown(owner: &Account, viewer: Option<AccountId>) -> bool {
    viewer == Some(owner.id) || (!owner.hide_collections && owner.suspended_at.is_none())
}

/// Whose taste a list of `owner` respects. The owner's own is shown whole.
fn reader(owner: &Account, viewer: Option<AccountId>, now: DateTime<Utc>) -> Option<Reader> {
    viewer
        .filter(|viewer| *viewer != owner.id)
        .map(|account| Reader { account, now })
}

/// Accounts that follow `owner`, newest follow first; the keys are ids of follows.
///
/// Empty where the owner hides it from others. Suspended accounts and those that the viewer blocks or mutes are
/// left out.
///
/// # Errors
/// `NotFound` if there is no such account.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#followers>
pub async fn followers(
    instance: &Instance,
    viewer: Option<AccountId>,
    owner: AccountId,
    page: Page,
) -> Result<Vec<Keyed<Arc<Account>>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let owner = find_present(conn, owner)?;
            if !are_shown(&owner, viewer) {
                return Ok(Vec::new());
            }
            let reader = reader(&owner, viewer, now);
            let found = rows::list_followers(conn, owner.id, reader, &page)?;
            keyed_accounts(conn, &found)
        })
        .await
}

/// Accounts that `owner` follows, newest follow first; the keys are ids of follows. Who sees what: as for
/// [`followers`].
///
/// # Errors
/// `NotFound` if there is no such account.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#following>
pub async fn following(
    instance: &Instance,
    viewer: Option<AccountId>,
    owner: AccountId,
    page: Page,
) -> Result<Vec<Keyed<Arc<Account>>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let owner = find_present(conn, owner)?;
            if !are_shown(&owner, viewer) {
                return Ok(Vec::new());
            }
            let reader = reader(&owner, viewer, now);
            let found = rows::list_following(conn, owner.id, reader, &page)?;
            keyed_accounts(conn, &found)
        })
        .await
}

/// Accounts that ask to follow `owner`, newest request first; the keys are ids of follows. Blocked ones are left
/// out.
///
/// Source: <https://docs.joinmastodon.org/methods/follow_requests/#get>
pub async fn requests(instance: &Instance, owner: AccountId, page: Page) -> Result<Vec<Keyed<Arc<Account>>>> {
    instance
        .read(move |conn| {
            let found = rows::list_requests(conn, owner, &page)?;
            keyed_accounts(conn, &found)
        })
        .await
}

/// Where to send what all remote followers of a local account get: shared inboxes where there are, each once.
pub async fn follower_inboxes(instance: &Instance, account: AccountId) -> Result<Vec<String>> {
    instance
        .read(move |conn| Ok(rows::list_follower_inboxes(conn, account)?))
        .await
}
