//! The jobs that fetch or take in what other servers have.
//!
//! Source: federation.md 6.0 (step 10), 7.2; design.md D6.

use activitypub_federation::config::FederationConfig;
use async_trait::async_trait;
use pouet_model::{
    account::Account,
    ids::{AccountId, JobId, StatusId},
    status::Visibility,
};
use pouet_service::{
    Error as ServiceError, accounts,
    jobs::{Job, JobError, JobHandler},
    statuses,
};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::{Context, Federation},
    documents::NoteDocument,
    error::{Error, Result},
    fetch, inbox,
    json::{Object, id_of},
    origin::{is_own, same_origin},
    outgoing, resolver, take_in,
};

/// Statuses of an account that are fetched when somebody here begins to follow it.
const RECENT: usize = 20;

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
        if let Some(result) = incoming(&context, &job).await {
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
async fn incoming(context: &Context, job: &Job) -> Option<Result<(), JobError>> {
    let result = match job {
        Job::ProcessInbox { id } => inbox::process(context, *id).await,
        Job::FetchReplyParent { status_id, uri } => fetch_parent(context, *status_id, uri).await,
        Job::FetchRecent { account_id } => fetch_recent(context, *account_id).await,
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

/// Fetches what a status answers. Its own parent is fetched by the job that taking it in makes, so that a long thread never
/// becomes a deep recursion.
async fn fetch_parent(federation: &Federation, child: StatusId, uri: &str) -> Result<()> {
    if is_own(federation.urls(), uri) || statuses::find_by_uri(&federation.instance, uri).await?.is_some() {
        return Ok(());
    }
    let Some(child) = statuses::find_raw(&federation.instance, child).await? else {
        return Ok(());
    };
    // A thread among few is not read by the instance.
    if child.visibility == Visibility::Direct {
        return Ok(());
    }
    resolver::status_by_id(federation, uri, &Budget::of_activity())
        .await
        .map(|_| ())
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

/// Fetches the newest public statuses of an account from its outbox.
async fn fetch_recent(federation: &Federation, account: AccountId) -> Result<()> {
    let found = accounts::find_any(&federation.instance, account).await?;
    let Some(account) = found.filter(Account::is_active) else {
        return Ok(());
    };
    let remote = account.remote.as_ref();
    let (Some(actor), Some(outbox)) = (&account.uri, remote.and_then(|remote| remote.outbox.as_ref())) else {
        return Ok(());
    };
    let budget = Budget::of_act();
    for item in outbox_items(federation, outbox, &budget).await? {
        let taken = take_in_item(federation, &item, actor, &budget).await;
        match taken {
            Err(error @ (Error::Budget | Error::Service(_))) => return Err(error),
            Err(error) => tracing::debug!(%error, "a recent status is left out"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// The items of the first page of an outbox, embedded or by address.
async fn outbox_items(federation: &Federation, outbox: &str, budget: &Budget) -> Result<Vec<Value>> {
    let collection = fetch::document(federation, outbox, budget, None).await?;
    let object = Object::of(&collection).ok_or(Error::Refused("outbox is not an object"))?;
    let page = match object.first("first") {
        Some(Value::String(first)) if same_origin(first, outbox) => {
            fetch::document(federation, first, budget, None).await?
        }
        Some(Value::String(_)) => return Err(Error::Refused("outbox on another server")),
        Some(page) => page.clone(),
        None => collection,
    };
    let page = Object::of(&page).ok_or(Error::Refused("page is not an object"))?;
    let items = page.many("orderedItems").iter().chain(page.many("items"));
    Ok(items.take(RECENT).cloned().collect())
}

/// Takes in the status of a Create in an outbox: as its own server gives it, because an outbox proves nothing.
async fn take_in_item(federation: &Federation, item: &Value, actor: &str, budget: &Budget) -> Result<()> {
    let Some(activity) = Object::of(item).filter(|activity| activity.is("Create")) else {
        return Ok(());
    };
    let Some(uri) = activity.first("object").and_then(id_of) else {
        return Ok(());
    };
    if !same_origin(uri, actor) || statuses::find_by_uri(&federation.instance, uri).await?.is_some() {
        return Ok(());
    }
    let document = fetch::document(federation, uri, budget, None).await?;
    let by_actor = Object::of(&document).is_some_and(|note| note.id("attributedTo") == Some(actor));
    if !by_actor || !NoteDocument::is_note(&document) {
        return Err(Error::Refused("status of somebody else in an outbox"));
    }
    resolver::status(federation, &document, budget).await.map(|_| ())
}
