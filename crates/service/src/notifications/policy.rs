//! What a person wants to become of notifications that they did not ask for, and who may write to them privately.
//!
//! Source: <https://docs.joinmastodon.org/methods/notifications/#get-policy>

use pouet_model::{
    account::Account,
    ids::{AccountId, ConversationId},
    notification_policy::{Correspondents, NotificationPolicy, Treatment},
};
use pouet_storage::{Conn, notification_policies as rows, notification_requests as requests};

use super::refuses_message;
use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// Requests that a summary counts: nobody reads a greater number.
const COUNTED: i64 = 100;

/// A policy, and what it holds back at present.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PolicyView {
    /// The policy.
    pub policy: NotificationPolicy,
    /// Accounts whose messages are held back, counted up to 100.
    pub pending_requests: i64,
    /// Messages of theirs that are held back.
    pub pending_notifications: i64,
}

/// A change of a policy; `None` leaves a rule as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PolicyChange {
    /// Of people whom one does not follow.
    pub for_not_following: Option<Treatment>,
    /// Of people who do not follow, or only for a few days.
    pub for_not_followers: Option<Treatment>,
    /// Of accounts that are younger than a month.
    pub for_new_accounts: Option<Treatment>,
    /// Private messages that were not asked for.
    pub for_private_mentions: Option<Treatment>,
    /// Of accounts that moderators limited.
    pub for_limited_accounts: Option<Treatment>,
    /// Of automated accounts.
    pub for_bots: Option<Treatment>,
    /// Whose private messages are asked for.
    pub direct_messages: Option<Correspondents>,
}

impl PolicyChange {
    fn apply(self, to: NotificationPolicy) -> NotificationPolicy {
        NotificationPolicy {
            for_not_following: self.for_not_following.unwrap_or(to.for_not_following),
            for_not_followers: self.for_not_followers.unwrap_or(to.for_not_followers),
            for_new_accounts: self.for_new_accounts.unwrap_or(to.for_new_accounts),
            for_private_mentions: self.for_private_mentions.unwrap_or(to.for_private_mentions),
            for_limited_accounts: self.for_limited_accounts.unwrap_or(to.for_limited_accounts),
            for_bots: self.for_bots.unwrap_or(to.for_bots),
            direct_messages: self.direct_messages.unwrap_or(to.direct_messages),
        }
    }
}

/// The policy of `viewer`.
pub async fn find(instance: &Instance, viewer: AccountId) -> Result<PolicyView> {
    instance.read(move |conn| view(conn, viewer)).await
}

/// Changes the policy of `viewer`. What was held back before stays so.
pub async fn change(instance: &Instance, viewer: AccountId, change: PolicyChange) -> Result<PolicyView> {
    instance
        .write(move |tx| {
            change_in(tx, viewer, change)?;
            view(tx, viewer)
        })
        .await
}

/// [`change`], inside a transaction.
pub(crate) fn change_in(tx: &mut Conn, owner: AccountId, change: PolicyChange) -> Result<()> {
    let before = rows::find_policy(tx, owner)?;
    let after = change.apply(before);
    if after != before {
        rows::replace_policy(tx, owner, &after)?;
    }
    Ok(())
}

fn view(conn: &mut Conn, owner: AccountId) -> Result<PolicyView> {
    let (pending_requests, pending_notifications) = requests::count_requests(conn, owner, COUNTED)?;
    Ok(PolicyView {
        policy: rows::find_policy(conn, owner)?,
        pending_requests,
        pending_notifications,
    })
}

/// Whether a local `author` may write privately to those of `recipients` that are local. `conversation`: what the
/// message belongs to.
///
/// # Errors
/// `Invalid` if one of them refuses.
pub(crate) fn check_message(
    tx: &mut Conn,
    instance: &Instance,
    author: &Account,
    recipients: &[&Account],
    conversation: Option<ConversationId>,
) -> Result<()> {
    let now = instance.now();
    for recipient in recipients.iter().filter(|recipient| recipient.is_local()) {
        if refuses_message(tx, recipient.id, author, conversation, now)? {
            let name = &recipient.username;
            let reason = match rows::find_policy(tx, recipient.id)?.direct_messages {
                Correspondents::Followers => {
                    format!("@{name} accepts private messages only from their followers")
                }
                Correspondents::Related => format!(
                    "@{name} accepts private messages only from people whom they follow or who follow them"
                ),
                Correspondents::Followed => {
                    format!("@{name} accepts private messages only from people whom they follow")
                }
                Correspondents::Nobody | Correspondents::Anyone => {
                    format!("@{name} accepts no private messages")
                }
            };
            return Err(Error::invalid("visibility", "ERR_BLOCKED", reason));
        }
    }
    Ok(())
}
