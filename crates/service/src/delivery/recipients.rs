//! Whose inboxes something goes to.

use chrono::TimeDelta;
use pouet_model::{
    ids::{AccountId, StatusId},
    relay::{Relay, RelayKind, RelayState},
};
use pouet_storage::{recipients as rows, relays};

use crate::{error::Result, instance::Instance};

/// How long somebody who was mentioned is told of changes to a profile.
const ACQUAINTANCE: TimeDelta = TimeDelta::days(2);
/// Most of them.
const ACQUAINTANCES: i64 = 2000;

/// Who gets something. Local accounts are allowed everywhere and have no inbox to send to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recipients {
    /// Followers of these accounts.
    pub followers_of: Vec<AccountId>,
    /// These accounts, in the shared inbox of their host where there is one.
    pub accounts: Vec<AccountId>,
    /// These accounts, in their personal inboxes.
    pub personally: Vec<AccountId>,
    /// Accounts that boosted, favourited, answered or quoted this status, or put an emoji on it.
    pub interested_in: Option<StatusId>,
    /// Accounts that this one mentioned lately or waits to follow.
    pub acquaintances_of: Option<AccountId>,
    /// Every host that we know.
    pub all_hosts: bool,
    /// Relays of these forms that have accepted us.
    pub relays: Vec<RelayKind>,
}

/// The inboxes of `recipients` on other servers, each once: one shared inbox stands for all accounts behind it.
pub async fn inboxes(instance: &Instance, recipients: Recipients) -> Result<Vec<String>> {
    let since = instance.now() - ACQUAINTANCE;
    let mut found = instance
        .read(move |conn| {
            let mut accounts = recipients.accounts;
            if let Some(status) = recipients.interested_in {
                accounts.extend(rows::list_interested(conn, status)?);
            }
            if let Some(account) = recipients.acquaintances_of {
                accounts.extend(rows::list_acquaintances(conn, account, since, ACQUAINTANCES)?);
            }
            accounts.sort_unstable();
            accounts.dedup();
            let shared = rows::load_inboxes(conn, &accounts)?;
            let mut found: Vec<String> = shared.into_iter().map(rows::Inboxes::preferred).collect();
            let personal = rows::load_inboxes(conn, &recipients.personally)?;
            found.extend(personal.into_iter().map(|inboxes| inboxes.inbox));
            for account in recipients.followers_of {
                found.extend(rows::list_follower_inboxes(conn, account)?);
            }
            if !recipients.relays.is_empty() {
                let known = relays::list_relays(conn)?.into_iter();
                let takes = |relay: &Relay| {
                    relay.state == RelayState::Accepted && recipients.relays.contains(&relay.kind)
                };
                found.extend(known.filter(takes).map(|relay| relay.inbox));
            }
            if recipients.all_hosts {
                found.extend(rows::list_known_inboxes(conn)?);
            }
            Ok(found)
        })
        .await?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
