//! How a viewer stands to other accounts.

use std::collections::HashSet;

use pouet_model::{account::Relationship, ids::AccountId};
use pouet_storage::{account_domain_blocks, accounts, blocks, endorsements, follows, mutes, notes};

use crate::{error::Result, instance::Instance};

/// Accounts asked for at once; more are ignored.
const MAX_IDS: usize = 200;

/// How `viewer` stands to each of the accounts, in the given order, each once. Unknown and deleted ones are left
/// out. A constant number of queries.
///
/// `blocked_by` is always false: who blocks the viewer is not told (R044).
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#relationships>
pub async fn of(instance: &Instance, viewer: AccountId, ids: &[AccountId]) -> Result<Vec<Relationship>> {
    let mut seen = HashSet::new();
    let ids: Vec<AccountId> = ids
        .iter()
        .copied()
        .filter(|id| seen.insert(*id))
        .take(MAX_IDS)
        .collect();
    let now = instance.now();
    instance
        .read(move |conn| {
            let known: HashSet<AccountId> = accounts::load_admitted_accounts(conn, &ids)?
                .into_iter()
                .filter(|account| account.deleted_at.is_none())
                .map(|account| account.id)
                .collect();
            let outward = follows::load_outward(conn, viewer, &ids)?;
            let inward = follows::load_inward(conn, viewer, &ids)?;
            let blocked = blocks::load_blocked(conn, viewer, &ids)?;
            let muted = mutes::load_muted(conn, viewer, &ids, now)?;
            let domains = account_domain_blocks::load_of_blocked_domains(conn, viewer, &ids)?;
            let endorsed = endorsements::load_endorsed(conn, viewer, &ids)?;
            let mut notes = notes::load_notes(conn, viewer, &ids)?;
            let relationship = |id: AccountId| {
                let (out, inward, mute) = (outward.get(&id), inward.get(&id), muted.get(&id));
                let blocking = blocked.contains(&id);
                Relationship {
                    id: Some(id),
                    following: out.is_some_and(|follow| follow.accepted),
                    showing_reblogs: out.is_some_and(|follow| follow.show_reblogs),
                    notifying: out.is_some_and(|follow| follow.notify),
                    languages: out.map(|follow| follow.languages.clone()).unwrap_or_default(),
                    followed_by: inward.is_some_and(|follow| follow.accepted),
                    blocking,
                    blocked_by: false,
                    muting: mute.is_some(),
                    muting_notifications: mute.is_some_and(|mute| mute.notifications),
                    muting_expires_at: mute.and_then(|mute| mute.expires_at),
                    requested: out.is_some_and(|follow| !follow.accepted),
                    requested_by: !blocking && inward.is_some_and(|follow| !follow.accepted),
                    domain_blocking: domains.contains(&id),
                    endorsed: endorsed.contains(&id),
                    note: notes.remove(&id).unwrap_or_default(),
                }
            };
            Ok(ids
                .iter()
                .copied()
                .filter(|id| known.contains(id))
                .map(relationship)
                .collect())
        })
        .await
}
