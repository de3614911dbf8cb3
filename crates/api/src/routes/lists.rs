//! <https://docs.joinmastodon.org/methods/lists/>

use actix_web::HttpResponse;
use pouet_model::{filter::RepliesPolicy, page::Page};
use pouet_service::lists::{self, ListChange};

use super::account_lists::account_page;
use crate::{
    call::Call,
    entities::list::List,
    error::{ApiError, Result},
    extract::{page::ACCOUNTS, params::Params},
    reply,
};

/// The user's lists.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let found = lists::all(&call.instance, call.me()?).await?;
    reply::json(&found.iter().map(List::from_model).collect::<Vec<_>>())
}

/// One list.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let found = lists::find(&call.instance, call.me()?, call.id("id")?).await?;
    reply::json(&List::from_model(&found))
}

/// Makes a list.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let title = call.params.required("title")?;
    let made = lists::create(
        &call.instance,
        call.me()?,
        ListChange {
            title: Some(title),
            ..change(&call.params)?
        },
    )
    .await?;
    reply::json(&List::from_model(&made))
}

/// Changes a list. What is absent stays as it is.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    if call.params.text("title").is_none() {
        lists::find(&call.instance, call.me()?, id).await?;
        return Err(ApiError::MissingParameter("title"));
    }
    let changed = lists::update(&call.instance, call.me()?, id, change(&call.params)?).await?;
    reply::json(&List::from_model(&changed))
}

fn change(params: &Params) -> Result<ListChange> {
    let replies_policy = params
        .text("replies_policy")
        .filter(|name| !name.is_empty())
        .map(|name| {
            RepliesPolicy::parse(&name).ok_or_else(|| {
                ApiError::invalid(
                    "replies_policy",
                    "ERR_INCLUSION",
                    "'replies_policy' is not a valid replies_policy",
                )
            })
        })
        .transpose()?;
    Ok(ListChange {
        title: params.text("title"),
        replies_policy,
        exclusive: params.flag("exclusive"),
    })
}

/// Deletes a list.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    lists::delete(&call.instance, call.me()?, call.id("id")?).await?;
    reply::empty()
}

/// Accounts on a list; all of them with `limit=0`.
pub(crate) async fn accounts(call: Call) -> Result<HttpResponse> {
    let (me, id) = (call.me()?, call.id("id")?);
    let everybody = call.params.int("limit") == Some(0);
    let page = call.page(ACCOUNTS)?;
    let found = lists::accounts(&call.instance, me, id, (!everybody).then_some(page)).await?;
    let page = if everybody { Page::first(i64::MAX) } else { page };
    account_page(&call, page, &found)
}

/// Puts accounts on a list.
pub(crate) async fn add_accounts(call: Call) -> Result<HttpResponse> {
    let ids = call.params.ids("account_ids");
    lists::add_accounts(&call.instance, call.me()?, call.id("id")?, &ids).await?;
    reply::empty()
}

/// Takes accounts off a list.
pub(crate) async fn remove_accounts(call: Call) -> Result<HttpResponse> {
    let ids = call.params.ids("account_ids");
    lists::remove_accounts(&call.instance, call.me()?, call.id("id")?, &ids).await?;
    reply::empty()
}
