//! Lists of accounts and domains that an account has relations to.

use std::sync::Arc;

use actix_web::HttpResponse;
use pouet_model::{
    account::Account as Model,
    page::{Keyed, Page},
};
use pouet_service::{accounts, blocks, domain_blocks, endorsements, follows, lists, mutes};

use crate::{
    call::Call,
    entities::{
        account::{Account, MutedAccount},
        list::List,
    },
    error::Result,
    extract::page::{ACCOUNTS, DOMAINS},
    link::Previous,
    reply::{self, Next},
};

/// Answers a page of accounts, paged by the rows that relate them to the list.
pub(super) fn account_page(call: &Call, page: Page, found: &[Keyed<Arc<Model>>]) -> Result<HttpResponse> {
    let shown = Account::list(found.iter().map(|keyed| keyed.item.as_ref()), call.urls());
    let keys = found.iter().map(|keyed| keyed.key);
    reply::page(call, &shown, keys, when_full(page), Previous::SinceId)
}

/// Pages of relations have a next one when they are full.
pub(super) fn when_full(page: Page) -> Next {
    Next::WhenFull(usize::try_from(page.limit).unwrap_or(usize::MAX))
}

/// Accounts that follow an account.
pub(crate) async fn followers(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = follows::followers(&call.instance, call.viewer(), call.id("id")?, page).await?;
    account_page(&call, page, &found)
}

/// Accounts that an account follows.
pub(crate) async fn following(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = follows::following(&call.instance, call.viewer(), call.id("id")?, page).await?;
    account_page(&call, page, &found)
}

/// Accounts that the user shows on their profile.
pub(crate) async fn own_endorsements(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = endorsements::list(&call.instance, call.me()?, page).await?;
    account_page(&call, page, &found)
}

/// Accounts that an account shows on its profile.
pub(crate) async fn endorsements(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = endorsements::list(&call.instance, call.id("id")?, page).await?;
    account_page(&call, page, &found)
}

/// Lists of the user that an account is on.
pub(crate) async fn lists(call: Call) -> Result<HttpResponse> {
    let (me, other) = (call.me()?, call.id("id")?);
    accounts::find(&call.instance, other).await?;
    let found = lists::containing(&call.instance, me, other).await?;
    reply::json(&found.iter().map(List::from_model).collect::<Vec<_>>())
}

/// Accounts that wait to follow the user.
pub(crate) async fn follow_requests(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = follows::requests(&call.instance, call.me()?, page).await?;
    account_page(&call, page, &found)
}

/// Accounts that the user blocks.
pub(crate) async fn blocks(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = blocks::list(&call.instance, call.me()?, page).await?;
    account_page(&call, page, &found)
}

/// Accounts that the user mutes.
pub(crate) async fn mutes(call: Call) -> Result<HttpResponse> {
    let page = call.page(ACCOUNTS)?;
    let found = mutes::list(&call.instance, call.me()?, page).await?;
    let shown: Vec<_> = found
        .iter()
        .map(|keyed| MutedAccount::new(&keyed.item.0, keyed.item.1, call.urls()))
        .collect();
    let keys = found.iter().map(|keyed| keyed.key);
    reply::page(&call, &shown, keys, when_full(page), Previous::SinceId)
}

/// Domains that the user blocks.
pub(crate) async fn domain_blocks(call: Call) -> Result<HttpResponse> {
    let page = call.page(DOMAINS)?;
    let found = domain_blocks::list(&call.instance, call.me()?, page).await?;
    let shown: Vec<&str> = found.iter().map(|keyed| keyed.item.as_str()).collect();
    let keys = found.iter().map(|keyed| keyed.key);
    reply::page(&call, &shown, keys, when_full(page), Previous::SinceId)
}

/// Blocks a domain.
pub(crate) async fn block_domain(call: Call) -> Result<HttpResponse> {
    let domain = call.params.required("domain")?;
    domain_blocks::block(&call.instance, call.me()?, &domain).await?;
    reply::empty()
}

/// Ends the block of a domain.
pub(crate) async fn unblock_domain(call: Call) -> Result<HttpResponse> {
    let domain = call.params.required("domain")?;
    domain_blocks::unblock(&call.instance, call.me()?, &domain).await?;
    reply::empty()
}
