//! The jobs that tell other servers what happened here.
//!
//! Each reads the state through `pouet_service` when it runs, builds one activity, finds out whose inboxes it goes to, and
//! enqueues the deliveries together with the activity. A job that runs twice enqueues the same activity under the same id,
//! which counts once.

mod deliverer;
mod featured;
mod interactions;
mod quotes;
mod reactions;
mod relations;
mod relays;
mod statuses;

use pouet_model::{
    account::Account,
    ids::{AccountId, ActivityId, JobId},
};
use pouet_service::{
    Error, Instance, Result, accounts,
    delivery::{self, Outgoing, Recipients},
    jobs::{Job, JobError},
    signing_keys,
};

use crate::proofs;
use interactions::Asked;

pub use deliverer::Deliverer;

/// Runs a job of this side; `None` if it is not one.
#[expect(clippy::too_many_lines, reason = "a table: one arm for each kind of job")]
pub async fn run(instance: &Instance, id: JobId, job: &Job) -> Option<Result<(), JobError>> {
    let task = Task { instance, id };
    let result = match job {
        Job::Publish { status_id } => task.publish(*status_id).await,
        Job::PublishEdit { status_id } => task.publish_edit(*status_id).await,
        Job::PublishDelete(deleted) => task.publish_delete(deleted).await,
        Job::SendPollTally { status_id } => task.send_poll_tally(*status_id).await,
        Job::SendVotes {
            account_id,
            poll_id,
            positions,
        } => task.send_votes(*account_id, *poll_id, positions).await,
        Job::SendFavourite {
            favourite_id,
            account_id,
            status_id,
        } => {
            task.send_favourite(*favourite_id, *account_id, *status_id, false)
                .await
        }
        Job::SendUndoFavourite {
            favourite_id,
            account_id,
            status_id,
        } => {
            task.send_favourite(*favourite_id, *account_id, *status_id, true)
                .await
        }
        Job::SendReaction {
            reaction_id,
            account_id,
            status_id,
            emoji,
            undo,
        } => {
            task.send_reaction(*reaction_id, *account_id, *status_id, emoji, *undo)
                .await
        }
        Job::SendInteractionAnswer {
            account_id,
            requester_id,
            target_id,
            interaction,
            request_uri,
            interaction_uri,
            authorization_id,
        } => {
            task.send_interaction_answer(Asked {
                account: *account_id,
                requester: *requester_id,
                target: *target_id,
                interaction: *interaction,
                request_uri: request_uri.as_deref(),
                interaction_uri,
                authorization: *authorization_id,
            })
            .await
        }
        Job::SendFollow {
            follow_id,
            account_id,
            target_id,
        } => task.send_follow(*follow_id, *account_id, *target_id, false).await,
        Job::SendUndoFollow {
            follow_id,
            account_id,
            target_id,
        } => task.send_follow(*follow_id, *account_id, *target_id, true).await,
        Job::SendAccept {
            account_id,
            follower_id,
            follow_uri,
        } => task.send_accept(*account_id, *follower_id, follow_uri).await,
        Job::SendReject {
            account_id,
            follower_id,
            follow_uri,
        } => task.send_reject(*account_id, *follower_id, follow_uri).await,
        Job::SendQuoteRequest { status_id } => task.send_quote_request(*status_id).await,
        Job::SendQuoteAnswer(answer) => task.send_quote_answer(answer).await,
        Job::SendQuoteRevocation(revocation) => task.send_quote_revocation(revocation).await,
        Job::PublishQuote { status_id } => task.publish_quote(*status_id).await,
        Job::SendProfile { account_id } => task.send_profile(*account_id).await,
        Job::SendNewKeys {
            account_id,
            retired_key_id,
        } => task.send_new_keys(*account_id, *retired_key_id).await,
        Job::SendFeatured {
            account_id,
            item,
            change,
        } => task.send_featured(*account_id, item, *change).await,
        Job::SendMove {
            move_id,
            account_id,
            target_id,
        } => task.send_move(*move_id, *account_id, *target_id).await,
        Job::SendReport { report_id } => task.send_report(*report_id).await,
        Job::SendRelayFollow { relay_id } => task.send_relay_follow(*relay_id).await,
        Job::SendRelayUndo {
            relay_id,
            address,
            inbox,
            is_actor,
        } => {
            let actor = is_actor.then_some(address.as_str());
            task.send_relay_undo(*relay_id, actor, inbox).await
        }
        Job::SendInstanceAnswer {
            follower_id,
            follow_uri,
            accept,
        } => task.send_instance_answer(*follower_id, follow_uri, *accept).await,
        Job::SendAccountDelete { account_id } => task.send_account_delete(*account_id).await,
        Job::ProcessInbox { .. }
        | Job::CheckQuote { .. }
        | Job::RecheckQuote { .. }
        | Job::CheckReply { .. }
        | Job::EndQuoteRequest { .. }
        | Job::FetchReplyParent { .. }
        | Job::FetchReplies { .. }
        | Job::FetchThread { .. }
        | Job::FetchRecent { .. }
        | Job::FetchFeatured { .. }
        | Job::RefreshAccount { .. }
        | Job::SyncFollowers { .. }
        | Job::CatchUpAccount { .. }
        | Job::RefreshPoll { .. }
        | Job::DeleteGoneAccount { .. }
        | Job::DeleteContent { .. }
        | Job::CatchUp { .. }
        | Job::Heartbeat
        | Job::RefreshTrends
        | Job::EndPoll { .. }
        | Job::CarryFollowers { .. }
        | Job::ExpireStatus { .. }
        | Job::EndAnnouncement { .. }
        | Job::MergeNotifications { .. }
        | Job::VerifyLinks { .. }
        | Job::FetchCard { .. }
        | Job::PublishScheduled { .. }
        | Job::SeverDomain { .. }
        | Job::PurgeDomainMedia { .. }
        | Job::PurgeDomain { .. }
        | Job::EmptyMediaTrash
        | Job::Prune
        | Job::IndexStatuses
        | Job::IndexCard { .. }
        | Job::RemoveOldStatuses
        | Job::FoldNames => return None,
    };
    Some(result.map_err(JobError::from))
}

/// A job that is running.
#[derive(Clone, Copy)]
struct Task<'a> {
    instance: &'a Instance,
    id: JobId,
}

impl Task<'_> {
    /// Enqueues `body`, signed by `account`, for `recipients`. `object_uri`: what must stay in order.
    async fn send(
        &self,
        account: AccountId,
        body: serde_json::Result<String>,
        object_uri: String,
        recipients: Recipients,
    ) -> Result<()> {
        let id = ActivityId(self.id.0);
        self.send_as(id, Some(account), body, object_uri, recipients)
            .await
    }

    /// [`send`](Self::send), for a job that sends several activities, or one of the instance itself (`None`).
    async fn send_as(
        &self,
        id: ActivityId,
        account_id: Option<AccountId>,
        body: serde_json::Result<String>,
        object_uri: String,
        recipients: Recipients,
    ) -> Result<()> {
        let inboxes = delivery::inboxes(self.instance, recipients).await?;
        if inboxes.is_empty() {
            return Ok(());
        }
        let body = body.map_err(Error::internal)?;
        let outgoing = Outgoing {
            id,
            account_id,
            retired_key_id: None,
            body: self.with_proof(account_id, body).await?,
            object_uri,
            inboxes,
        };
        let deliveries = delivery::enqueue(self.instance, outgoing).await?;
        tracing::debug!(job = %self.id, deliveries, "activity enqueued");
        Ok(())
    }

    /// An activity with an integrity proof by an actor of ours (`None`: the instance), unless the configuration leaves
    /// proofs out.
    async fn with_proof(&self, actor: Option<AccountId>, body: String) -> Result<String> {
        if !self.instance.settings.federation.integrity_proofs {
            return Ok(body);
        }
        let key = match signing_keys::proof_key(self.instance, actor).await {
            Ok(Some(key)) => key,
            Ok(None) | Err(Error::NotFound) => return Ok(body),
            Err(error) => return Err(error),
        };
        match proofs::write(&body, &key, self.instance.now()) {
            Ok(proved) => Ok(proved),
            Err(error) => {
                // It says the same without a proof, but cannot be passed on.
                tracing::warn!(%error, job = %self.id, "activity goes out without a proof");
                Ok(body)
            }
        }
    }

    /// [`send`](Self::send) to the personal inbox of one account, even if its domain is suspended.
    async fn send_farewell(
        &self,
        account: AccountId,
        body: serde_json::Result<String>,
        object_uri: String,
        recipient: AccountId,
    ) -> Result<()> {
        let found = accounts::find_any(self.instance, recipient).await?;
        let Some(remote) = found.and_then(|account| account.remote) else {
            return Ok(());
        };
        let body = body.map_err(Error::internal)?;
        let outgoing = Outgoing {
            id: ActivityId(self.id.0),
            account_id: Some(account),
            retired_key_id: None,
            body: self.with_proof(Some(account), body).await?,
            object_uri,
            inboxes: vec![remote.inbox],
        };
        delivery::enqueue_farewell(self.instance, outgoing).await?;
        Ok(())
    }

    /// The local account that a job acts for, unless it is gone.
    async fn actor(&self, id: AccountId) -> Result<Option<Account>> {
        let account = accounts::find_any(self.instance, id).await?;
        Ok(account.filter(|account| account.is_local() && account.is_active()))
    }

    /// Id on the wire of a remote account, unless it is local or gone.
    async fn remote_uri(&self, id: AccountId) -> Result<Option<String>> {
        let account = accounts::find_any(self.instance, id).await?;
        Ok(account
            .filter(|account| account.deleted_at.is_none())
            .and_then(|account| account.uri))
    }
}
