//! Documents of local actors.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use pouet_model::{account::Account, ids::AccountId};
use pouet_service::{Result, accounts};

use super::{Kept, absent, access, document, failed, gone, is_browser, to_page};
use crate::{
    context::Federation,
    objects::actor::{load, load_instance_actor},
};

/// `GET /ap/actor`: always readable, or two servers that both ask for signatures could never read each other's keys.
pub(super) async fn instance(federation: web::Data<Federation>) -> HttpResponse {
    match load_instance_actor(&federation.instance).await {
        Ok(actor) => document(StatusCode::OK, actor.to_string(), Kept::ByAnybody),
        Err(error) => failed(&error),
    }
}

/// `GET /ap/users/{account}`: for blocked readers too, or they could not check what is sent to end their follows.
pub(super) async fn actor(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
) -> HttpResponse {
    let account = AccountId(account.into_inner());
    if is_browser(&request) {
        return match local(&federation, account).await {
            Ok(Some(account)) if account.deleted_at.is_some() => {
                gone(&federation, &federation.urls().local_account(account.id))
            }
            Ok(Some(account)) => to_page(&federation.urls().account_url(&account)),
            Ok(None) => absent(),
            Err(error) => failed(&error),
        };
    }
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    federation.heed_changes();
    if let Some(body) = federation.actors.get(&account) {
        return document(StatusCode::OK, body, federation.fetch_auth.kept());
    }
    match local(&federation, account).await {
        Ok(Some(account)) if account.deleted_at.is_some() => {
            gone(&federation, &federation.urls().local_account(account.id))
        }
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
    let actor = load(&federation.instance, account).await?;
    let body = Bytes::from(actor.document().to_string());
    federation.actors.insert(account.id, body.clone());
    Ok(body)
}
