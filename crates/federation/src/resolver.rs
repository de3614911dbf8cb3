//! How the operations reach accounts and statuses of other servers.
//!
//! Source: federation.md 2.4, 2.8 and 12.

use async_trait::async_trait;
use pouet_model::{account::Account, status::Status};
use pouet_service::{
    Error as ServiceError, Result, accounts,
    ports::Resolver,
    statuses::{self, Arrival},
};

use crate::{
    budget::Budget,
    context::Federation,
    documents::{ActorDocument, NoteDocument},
    error::Error,
    fetch, take_in, webfinger,
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
    if let Some(known) = statuses::find_by_uri(&federation.instance, uri).await? {
        return Ok(known);
    }
    let document = fetch::document(federation, uri, budget, None).await?;
    status(federation, &document, budget).await
}
