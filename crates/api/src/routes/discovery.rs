//! Finding people: <https://docs.joinmastodon.org/methods/suggestions/>,
//! <https://docs.joinmastodon.org/methods/directory/>,
//! <https://docs.joinmastodon.org/methods/accounts/#familiar_followers>

use actix_web::HttpResponse;
use pouet_model::ids::AccountId;
use pouet_service::discovery::{self, DirectoryFilter};
use serde::Serialize;

use crate::{
    call::Call,
    entities::{account::Account, suggestion::Suggestion},
    error::Result,
    extract::page::{self, ACCOUNTS},
    reply,
};

/// Accounts that the user may want to follow, and why.
pub(crate) async fn suggestions(call: Call) -> Result<HttpResponse> {
    let limit = page::limit(&call.params, ACCOUNTS);
    let found = discovery::suggestions(&call.instance, call.me()?, limit).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|suggestion| Suggestion::from_model(suggestion, call.urls()))
        .collect();
    reply::json(&shown)
}

/// [`suggestions`] in its older form.
pub(crate) async fn suggestions_v1(call: Call) -> Result<HttpResponse> {
    let limit = page::limit(&call.params, ACCOUNTS);
    let found = discovery::suggestions(&call.instance, call.me()?, limit).await?;
    let accounts = found.iter().map(|suggestion| suggestion.account.as_ref());
    reply::json(&Account::list(accounts, call.urls()))
}

/// Has an account never suggested again.
pub(crate) async fn dismiss(call: Call) -> Result<HttpResponse> {
    discovery::dismiss(&call.instance, call.me()?, call.id("account_id")?).await?;
    reply::empty()
}

/// Accounts that want to be found.
pub(crate) async fn directory(call: Call) -> Result<HttpResponse> {
    let filter = DirectoryFilter {
        local: call.params.is_set("local"),
        newest: call.params.text("order").as_deref() == Some("new"),
    };
    let limit = page::limit(&call.params, ACCOUNTS);
    let offset = call.params.int("offset").unwrap_or(0).max(0);
    let found = discovery::directory(&call.instance, call.viewer(), filter, limit, offset).await?;
    reply::json(&Account::list(found.iter().map(AsRef::as_ref), call.urls()))
}

#[derive(Serialize)]
struct FamiliarFollowers<'a> {
    id: AccountId,
    accounts: Vec<Account<'a>>,
}

/// Followers of some accounts whom the user follows.
pub(crate) async fn familiar_followers(call: Call) -> Result<HttpResponse> {
    let ids = call.params.ids("id");
    let found = discovery::familiar_followers(&call.instance, call.me()?, &ids).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|(id, accounts)| FamiliarFollowers {
            id: *id,
            accounts: Account::list(accounts.iter().map(AsRef::as_ref), call.urls()),
        })
        .collect();
    reply::json(&shown)
}
