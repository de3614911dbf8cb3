//! Documents of local actors.
//!
//! Source: federation.md 2.7, 3.1.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use pouet_model::{account::Account, ids::AccountId};
use pouet_service::{Result, accounts, signing_keys};

use super::{Kept, absent, access, document, failed, gone, is_browser, to_page};
use crate::{
    context::Federation,
    objects::actor::{Actor, instance_actor},
};

/// `GET /ap/actor`: always readable, or two servers that both ask for signatures could never read each other's keys.
pub(super) async fn instance(federation: web::Data<Federation>) -> HttpResponse {
    match signing_keys::signing_key(&federation.instance, None).await {
        Ok(key) => {
            let actor = instance_actor(federation.urls(), &key.public_key_pem);
            document(StatusCode::OK, actor.to_string(), Kept::ByAnybody)
        }
        Err(error) => failed(&error),
    }
}

/// `GET /ap/users/{account}`
pub(super) async fn actor(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
) -> HttpResponse {
    let account = AccountId(account.into_inner());
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    federation.heed_changes();
    if !is_browser(&request)
        && let Some(body) = federation.actors.get(&account)
    {
        return document(StatusCode::OK, body, federation.fetch_auth.kept());
    }
    match local(&federation, account).await {
        Ok(Some(account)) if account.deleted_at.is_some() => {
            gone(&federation.urls().local_account(account.id))
        }
        Ok(Some(account)) if is_browser(&request) => to_page(&federation.urls().account_url(&account)),
        Ok(Some(account)) => match body(&federation, &account).await {
            Ok(body) => document(StatusCode::OK, body, federation.fetch_auth.kept()),
            Err(error) => failed(&error),
        },
        Ok(None) => absent(),
        Err(error) => failed(&error),
    }
}

/// The local account with this id, even if it is deleted.
pub(super) async fn local(federation: &Federation, account: AccountId) -> Result<Option<Account>> {
    let found = accounts::find_any(&federation.instance, account).await?;
    Ok(found.filter(Account::is_local))
}

/// The bytes of an actor document, kept ready until the account changes.
async fn body(federation: &Federation, account: &Account) -> Result<Bytes> {
    let actor = build(federation, account).await?;
    let body = Bytes::from(actor.document().to_string());
    federation.actors.insert(account.id, body.clone());
    Ok(body)
}

/// The actor of a local account.
///
/// # Errors
/// `NotFound` if it has no key.
pub(crate) async fn build(federation: &Federation, account: &Account) -> Result<Actor> {
    let key = signing_keys::signing_key(&federation.instance, Some(account.id)).await?;
    let moved_to = match account.moved_to {
        Some(target) => accounts::find_any(&federation.instance, target).await?,
        None => None,
    };
    let moved_to = moved_to.map(|target| federation.urls().account_uri(&target));
    Ok(Actor::of(
        federation.urls(),
        account,
        &key.public_key_pem,
        moved_to,
    ))
}
