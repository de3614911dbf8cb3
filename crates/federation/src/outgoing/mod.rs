//! The jobs that tell other servers what happened here.
//!
//! Each reads the state through `pouet_service` when it runs, builds one activity, finds out whose inboxes it goes to, and
//! enqueues the deliveries together with the activity. A job that runs twice enqueues the same activity under the same id,
//! which counts once.
//!
//! Source: federation.md 11.1, section 5.

mod deliverer;
mod relations;
mod statuses;

use pouet_model::{
    account::Account,
    ids::{AccountId, ActivityId, JobId},
};
use pouet_service::{
    Error, Instance, Result, accounts,
    delivery::{self, Outgoing, Recipients},
    jobs::{Job, JobError},
};

pub use deliverer::Deliverer;

/// Runs a job of this side; `None` if it is not one.
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
        Job::SendProfile { account_id } => task.send_profile(*account_id).await,
        Job::SendAccountDelete { account_id } => task.send_account_delete(*account_id).await,
        Job::ProcessInbox { .. }
        | Job::FetchReplyParent { .. }
        | Job::FetchRecent { .. }
        | Job::RefreshAccount { .. }
        | Job::EndPoll { .. }
        | Job::PublishScheduled { .. }
        | Job::EmptyMediaTrash
        | Job::Prune => return None,
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
        self.send_as(id, account, body, object_uri, recipients).await
    }

    /// [`send`](Self::send), for a job that sends several activities.
    async fn send_as(
        &self,
        id: ActivityId,
        account: AccountId,
        body: serde_json::Result<String>,
        object_uri: String,
        recipients: Recipients,
    ) -> Result<()> {
        let inboxes = delivery::inboxes(self.instance, recipients).await?;
        if inboxes.is_empty() {
            return Ok(());
        }
        let outgoing = Outgoing {
            id,
            account_id: Some(account),
            body: body.map_err(Error::internal)?,
            object_uri,
            inboxes,
        };
        let deliveries = delivery::enqueue(self.instance, outgoing).await?;
        tracing::debug!(job = %self.id, deliveries, "activity enqueued");
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
