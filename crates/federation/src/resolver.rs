//! How the operations reach accounts and statuses of other servers.

use async_trait::async_trait;
use pouet_model::{account::Account, ids::AccountId, status::Status};
use pouet_service::{
    Error as ServiceError, Result, accounts,
    ports::{FreshAccount, Resolver},
    statuses::{self, Arrival},
};

use crate::{
    budget::Budget,
    context::Federation,
    documents::{ActorDocument, NoteDocument},
    error::Error,
    fetch,
    json::Object,
    origin::is_own,
    take_in, webfinger,
};

#[async_trait]
impl Resolver for Federation {
    async fn account_by_handle(&self, username: &str, domain: &str) -> Result<Account> {
        if self.urls().is_own_domain(domain) || self.is_denied(domain).await? {
            return Err(ServiceError::NotFound);
        }
        let budget = Budget::of_act();
        let confirmed = webfinger::confirm(self, username, domain, &budget).await?;
        let account = take_in::account(self, &confirmed.actor, &budget).await?;
        // A handle that somebody else held until now: the actor is asked again, which moves it.
        let holds = account.username.eq_ignore_ascii_case(&confirmed.username)
            && account.domain.as_deref() == Some(confirmed.domain.as_str());
        if holds {
            return Ok(account);
        }
        let account = take_in::refresh(self, &confirmed.actor, &budget).await?;
        Ok(account)
    }

    async fn account_by_uri(&self, uri: &str) -> Result<Account> {
        if let Some(known) = accounts::find_by_uri(&self.instance, uri).await? {
            return Ok(known);
        }
        let budget = Budget::of_act();
        let document = fetch::located(self, uri, &budget).await?;
        if !ActorDocument::is_actor(&document) {
            return Err(ServiceError::NotFound);
        }
        Ok(take_in::actor(self, &document, &budget).await?)
    }

    async fn fresh_account(&self, uri: &str) -> Result<FreshAccount> {
        Ok(fresh_account(self, uri, &Budget::of_act()).await?)
    }

    async fn status_by_uri(&self, uri: &str) -> Result<Status> {
        if let Some(known) = statuses::find_by_uri(&self.instance, uri).await? {
            return Ok(known);
        }
        let budget = Budget::of_act();
        let document = fetch::located(self, uri, &budget).await?;
        if !NoteDocument::is_note(&document) {
            return Err(ServiceError::NotFound);
        }
        Ok(status(self, &document, &budget).await?)
    }
}

/// The account with this id as its server describes it now, whatever was answered before; one of ours as it is.
///
/// # Errors
/// As [`take_in::actor`], and those of the network.
pub(crate) async fn fresh_account(
    federation: &Federation,
    uri: &str,
    budget: &Budget,
) -> crate::error::Result<FreshAccount> {
    if is_own(federation.urls(), uri) {
        let account = accounts::find_by_uri(&federation.instance, uri).await?;
        let account = account.ok_or(Error::Missing)?;
        return Ok(FreshAccount {
            has_moved: account.moved_to.is_some(),
            account,
        });
    }
    federation.absences.forget(uri);
    let _alone = federation.alone_on(uri).await;
    let document = fetch::document(federation, uri, budget, None).await?;
    let moved_to = Object::of(&document).and_then(|actor| actor.id("movedTo"));
    let has_moved = moved_to.is_some_and(|target| target != uri);
    let account = take_in::actor(federation, &document, budget).await?;
    if account.uri.as_deref() != Some(uri) {
        return Err(Error::Refused("actor with another id than was asked for"));
    }
    Ok(FreshAccount { account, has_moved })
}

/// The stored status of a document that was fetched.
///
/// # Errors
/// As [`take_in::status`]; `Missing` if it was deleted or does not concern us.
pub(crate) async fn status(
    federation: &Federation,
    document: &serde_json::Value,
    budget: &Budget,
) -> crate::error::Result<Status> {
    let id = take_in::status(federation, document, None, Arrival::Fetched, budget).await?;
    let id = id.ok_or(Error::Missing)?;
    statuses::find_raw(&federation.instance, id)
        .await?
        .ok_or(Error::Missing)
}

/// The status with this id: ours, one that we know, or fetched from its server.
///
/// # Errors
/// As [`status`], and those of the network.
pub(crate) async fn status_by_id(
    federation: &Federation,
    uri: &str,
    budget: &Budget,
) -> crate::error::Result<Status> {
    status_by_id_for(federation, uri, budget, None).await
}

/// As [`status_by_id`], asked for in the name of a local account (`None`: the instance).
///
/// # Errors
/// As [`status_by_id`].
pub(crate) async fn status_by_id_for(
    federation: &Federation,
    uri: &str,
    budget: &Budget,
    reader: Option<AccountId>,
) -> crate::error::Result<Status> {
    if let Some(known) = statuses::find_by_uri(&federation.instance, uri).await? {
        return Ok(known);
    }
    let document = fetch::document(federation, uri, budget, reader).await?;
    status(federation, &document, budget).await
}
