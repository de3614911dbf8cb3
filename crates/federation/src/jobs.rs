//! The jobs that fetch or take in what other servers have.

use activitypub_federation::config::FederationConfig;
use async_trait::async_trait;
use pouet_model::ids::{AccountId, JobId, StatusId};
use pouet_service::{
    Error as ServiceError, accounts,
    jobs::{Job, JobError, JobHandler},
    statuses,
};

use crate::{
    approval,
    budget::Budget,
    context::{Context, Federation},
    error::{Error, Result},
    featured, fetch, inbox, outboxes, outgoing, quotes, synchronise, take_in, threads,
};

/// Runs the jobs that need other servers.
pub struct Jobs {
    library: FederationConfig<Federation>,
}

impl Jobs {
    /// For the jobs of `federation`'s instance.
    ///
    /// # Errors
    /// As [`Federation::library_config`].
    pub async fn new(federation: &Federation) -> Result<Self> {
        let library = federation.library_config().await?;
        Ok(Self { library })
    }
}

#[async_trait]
impl JobHandler for Jobs {
    async fn run(&self, id: JobId, job: Job) -> Result<(), JobError> {
        let context = self.library.to_request_data();
        if let Some(result) = incoming(&context, id, &job).await {
            return result;
        }
        if let Some(result) = outgoing::run(&context.instance, id, &job).await {
            return result;
        }
        let error = ServiceError::internal(format!("{} needs no other server", job.kind()));
        Err(JobError::Discard(error))
    }
}

/// Runs a job that takes in or fetches; `None` if it is another.
async fn incoming(context: &Context, job_id: JobId, job: &Job) -> Option<Result<(), JobError>> {
    let result = match job {
        Job::ProcessInbox { id } => inbox::process(context, job_id, *id).await,
        Job::CheckQuote { status_id, depth } => quotes::check(context, *status_id, *depth).await,
        Job::RecheckQuote { status_id } => quotes::recheck(context, *status_id).await,
        Job::FetchReplyParent { status_id, .. } => threads::fetch_parents(context, *status_id).await,
        Job::CheckReply { status_id } => approval::check_reply(context, *status_id).await,
        Job::FetchReplies { status_id, uris } => threads::fetch_replies(context, *status_id, uris).await,
        Job::FetchThread { status_id } => threads::fetch(context, *status_id).await,
        Job::FetchRecent { account_id } => outboxes::fetch_recent(context, *account_id).await,
        Job::FetchFeatured { account_id, tags } => {
            featured::fetch_featured(context, *account_id, tags.as_deref()).await
        }
        Job::SyncFollowers {
            account_id,
            url,
            digest,
        } => synchronise::run(context, *account_id, url, digest).await,
        Job::CatchUpAccount { account_id, since } => outboxes::catch_up(context, *account_id, *since).await,
        Job::RefreshPoll { status_id, viewer_id } => refresh_poll(context, *status_id, *viewer_id).await,
        Job::DeleteGoneAccount { account_id } => delete_gone(context, *account_id).await,
        Job::RefreshAccount { account_id } => refresh_account(context, *account_id).await,
        _ => return None,
    };
    Some(result.or_else(|error| settle(job, error)))
}

/// What another server said or did is no failure of the job, unless it may do better later.
fn settle(job: &Job, error: Error) -> Result<(), JobError> {
    if error.is_temporary() {
        return Err(JobError::Retry(error.into()));
    }
    match error {
        Error::Service(error @ ServiceError::Conflict(_)) => Err(JobError::Retry(error)),
        error => {
            tracing::debug!(kind = job.kind(), %error, "dropped");
            Ok(())
        }
    }
}

/// Fetches the document of an account again.
async fn refresh_account(federation: &Federation, account: AccountId) -> Result<()> {
    let Some(account) = accounts::find_any(&federation.instance, account).await? else {
        return Ok(());
    };
    match account.uri.filter(|_| account.deleted_at.is_none()) {
        Some(uri) => take_in::refresh(federation, &uri, &Budget::of_activity())
            .await
            .map(|_| ()),
        None => Ok(()),
    }
}

/// Fetches the status of a poll again, for its totals.
async fn refresh_poll(federation: &Federation, status: StatusId, viewer: AccountId) -> Result<()> {
    let status = statuses::find_raw(&federation.instance, status).await?;
    let Some((uri, visibility)) = status.and_then(|status| Some((status.uri?, status.visibility))) else {
        return Ok(());
    };
    federation.absences.forget(&uri);
    let budget = Budget::of_activity();
    // What not everybody may see is asked for by who looks at it.
    let reader = (!visibility.is_open()).then_some(viewer);
    let document = fetch::document(federation, &uri, &budget, reader).await?;
    let received = take_in::remote_status(federation, &document, None, &budget).await?;
    if received.uri != uri {
        return Err(Error::Refused("another status than the one asked for"));
    }
    Ok(statuses::receive_update(&federation.instance, received).await?)
}

/// Deletes an account whose handle is gone, if its own server says the same of the account. An account that is there is no
/// longer suspended by its origin.
async fn delete_gone(federation: &Federation, account: AccountId) -> Result<()> {
    let Some(account) = accounts::find_any(&federation.instance, account).await? else {
        return Ok(());
    };
    let Some(uri) = account.uri.filter(|_| account.deleted_at.is_none()) else {
        return Ok(());
    };
    federation.absences.forget(&uri);
    match take_in::refresh(federation, &uri, &Budget::of_activity()).await {
        Err(Error::Gone) => Ok(accounts::receive_delete(&federation.instance, account.id).await?),
        other => other.map(|_| ()),
    }
}
