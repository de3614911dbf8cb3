//! Which of a reader's people follow a local account.
//!
//! Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md>

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use pouet_model::ids::AccountId;
use pouet_service::follows::sync;
use serde_json::Value;

use super::{Kept, absent, actors::local, document, failed, for_nobody_else};
use crate::{
    context::Federation,
    inbox::{signer_of, unproved},
    objects::collection,
};

/// `GET /ap/users/{account}/followers_synchronization`: the followers of the signer's own server, for nobody else.
pub(super) async fn followers(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
) -> HttpResponse {
    let signer = match signer_of(&federation, &request, &[]).await {
        Ok(signer) => signer,
        Err(reason) => return for_nobody_else(unproved(reason)),
    };
    let owner = match local(&federation, AccountId(account.into_inner())).await {
        Ok(Some(owner)) if owner.is_active() => owner,
        Ok(_) => return absent(),
        Err(error) => return failed(&error),
    };
    match sync::followers_on(&federation.instance, owner.id, &signer.actor).await {
        Ok(found) => {
            let items: Vec<Value> = found.into_iter().map(Value::from).collect();
            let id = federation.urls().followers_synchronization(owner.id);
            let body = collection::whole(&id, &items).to_string();
            document(StatusCode::OK, body, Kept::ByNobody)
        }
        Err(error) => failed(&error),
    }
}
