//! The account, status or collection behind an address.

use std::sync::Arc;

use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
};
use pouet_storage::accounts as rows;
use url::Url;

use super::{SearchKind, SearchQuery, SearchResults};
use crate::{
    accounts, collections,
    error::{Error, Result},
    instance::Instance,
    policy, statuses,
};

/// Whether a query is the address of something.
pub(super) fn is_address(q: &str) -> bool {
    (q.starts_with("https://") || q.starts_with("http://"))
        && !q.contains(char::is_whitespace)
        && Url::parse(q).is_ok()
}

enum Target {
    Account(Box<Account>),
    Status(StatusId),
}

/// What the address names, alone; nothing if the viewer may not see it.
pub(super) async fn find(
    instance: &Instance,
    viewer: Option<AccountId>,
    query: &SearchQuery,
    address: &str,
) -> Result<SearchResults> {
    let mut found = SearchResults::default();
    if query.window().0 > 0 {
        return Ok(found);
    }
    if let Some(id) = instance.urls().parse_collection(address) {
        if query.kind.is_none() {
            found.collections = match collections::find(instance, viewer, id).await {
                Ok(view) => vec![view],
                Err(Error::NotFound) => Vec::new(),
                Err(error) => return Err(error),
            };
        }
        return Ok(found);
    }
    let target = match known(instance, address).await? {
        None if query.resolve => match viewer {
            Some(viewer) => resolve(instance, viewer, address).await,
            None => None,
        },
        known => known,
    };
    match target {
        Some(Target::Account(account)) if query.wants(SearchKind::Accounts) && account.is_active() => {
            found.accounts = vec![Arc::new(*account)];
        }
        Some(Target::Status(id)) if query.wants(SearchKind::Statuses) => {
            found.statuses = statuses::view(instance, viewer, &[id]).await?;
        }
        _ => {}
    }
    Ok(found)
}

async fn known(instance: &Instance, address: &str) -> Result<Option<Target>> {
    if let Some((username, None)) = instance.urls().parse_page(address) {
        let local = accounts::find_local(instance, &username).await?;
        return Ok(local.map(Box::new).map(Target::Account));
    }
    if let Some(status) = statuses::find_by_uri(instance, address).await? {
        return Ok(Some(Target::Status(status.id)));
    }
    if let Some(account) = accounts::find_by_uri(instance, address).await? {
        return Ok(Some(Target::Account(Box::new(account))));
    }
    let url = address.to_owned();
    let account = instance
        .read(move |conn| Ok(rows::find_account_by_url(conn, &url)?))
        .await?;
    Ok(account.map(Box::new).map(Target::Account))
}

/// Asks the server that the address is on. A status is tried first: that is what people paste.
async fn resolve(instance: &Instance, viewer: AccountId, address: &str) -> Option<Target> {
    if instance.urls().is_own(address) || !may_ask(instance, viewer, address).await {
        return None;
    }
    let resolver = instance.resolver().ok()?;
    match resolver.status_by_uri(address).await {
        Ok(status) => Some(Target::Status(status.id)),
        Err(Error::RemoteUnavailable) => None,
        Err(_) => {
            let account = resolver.account_by_uri(address).await.ok()?;
            Some(Target::Account(Box::new(account)))
        }
    }
}

async fn may_ask(instance: &Instance, viewer: AccountId, address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let Some(host) = url.host_str() else { return false };
    let domain = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let policy = policy::of(instance, &domain).await;
    policy.is_ok_and(|policy| !policy.suspended)
        && instance.throttles.may_ask(viewer, &domain, instance.now())
}
