//! <https://docs.joinmastodon.org/methods/collections/>

use actix_web::HttpResponse;
use pouet_model::ids::AccountId;
use pouet_service::{
    collections::{self, CollectionChange, CollectionPage},
    trends::Window,
};

use super::trends::window;
use crate::{
    call::Call,
    entities::collection::{
        Collection, CollectionItem, CollectionWithAccounts, Collections, WrappedCollection, WrappedItem,
    },
    error::{ApiError, Result},
    extract::{page::ACCOUNTS, params::Params},
    reply,
};

/// What a request says of a collection. What is null or empty, but for the name, is taken away.
fn change(params: &Params) -> CollectionChange {
    let text = |name| params.has(name).then(|| params.text(name).unwrap_or_default());
    CollectionChange {
        name: text("name"),
        description: text("description"),
        language: text("language"),
        sensitive: params.flag("sensitive"),
        discoverable: params.flag("discoverable"),
        tag_name: text("tag_name"),
    }
}

/// The accounts that a new collection begins with.
fn members(params: &Params) -> Result<Vec<AccountId>> {
    params
        .list("account_ids")
        .unwrap_or_default()
        .iter()
        .map(|id| id.parse().map_err(|_| ApiError::not_found()))
        .collect()
}

fn listed(call: &Call, window: Window, page: &CollectionPage) -> Result<HttpResponse> {
    let shown = Collections {
        collections: page
            .collections
            .iter()
            .map(|view| Collection::from_view(view, call.urls()))
            .collect(),
    };
    reply::window(call, &shown, window, page.more)
}

/// Collections of an account.
pub(crate) async fn index(call: Call) -> Result<HttpResponse> {
    let window = window(&call, ACCOUNTS);
    let owner = call.id("account_id")?;
    let page = collections::of_account(&call.instance, call.viewer(), owner, window).await?;
    listed(&call, window, &page)
}

/// Collections that the user is in.
pub(crate) async fn featuring(call: Call) -> Result<HttpResponse> {
    let window = window(&call, ACCOUNTS);
    let member = call.id("account_id")?;
    let page = collections::featuring(&call.instance, call.me()?, member, window).await?;
    listed(&call, window, &page)
}

/// One collection, with those who are in it.
pub(crate) async fn show(call: Call) -> Result<HttpResponse> {
    let view = collections::find(&call.instance, call.viewer(), call.id("id")?).await?;
    reply::json(&CollectionWithAccounts::from_view(&view, call.urls()))
}

/// Makes a collection.
pub(crate) async fn create(call: Call) -> Result<HttpResponse> {
    let members = members(&call.params)?;
    let view = collections::create(&call.instance, call.me()?, change(&call.params), &members)
        .await
        .map_err(ApiError::nested)?;
    reply::json(&WrappedCollection {
        collection: Collection::from_view(&view, call.urls()),
    })
}

/// Changes a collection. What is absent stays as it is.
pub(crate) async fn update(call: Call) -> Result<HttpResponse> {
    let id = call.id("id")?;
    let view = collections::update(&call.instance, call.me()?, id, change(&call.params))
        .await
        .map_err(ApiError::nested)?;
    reply::json(&WrappedCollection {
        collection: Collection::from_view(&view, call.urls()),
    })
}

/// Removes a collection.
pub(crate) async fn destroy(call: Call) -> Result<HttpResponse> {
    collections::delete(&call.instance, call.me()?, call.id("id")?).await?;
    Ok(reply::nothing())
}

/// Puts an account into a collection.
pub(crate) async fn add_item(call: Call) -> Result<HttpResponse> {
    let id = call.id("collection_id")?;
    let Some(account) = call.params.id("account_id")? else {
        collections::find(&call.instance, call.viewer(), id).await?;
        return Err(ApiError::Unprocessable("`account_id` parameter is missing"));
    };
    let item = collections::add(&call.instance, call.me()?, id, account).await?;
    reply::json(&WrappedItem {
        collection_item: CollectionItem::from_model(&item),
    })
}

/// Takes an account out of a collection of the user's.
pub(crate) async fn destroy_item(call: Call) -> Result<HttpResponse> {
    let (id, item) = (call.id("collection_id")?, call.id("id")?);
    collections::remove(&call.instance, call.me()?, id, item).await?;
    Ok(reply::nothing())
}

/// Takes the user out of somebody's collection.
pub(crate) async fn revoke_item(call: Call) -> Result<HttpResponse> {
    let (id, item) = (call.id("collection_id")?, call.id("id")?);
    collections::revoke(&call.instance, call.me()?, id, item).await?;
    Ok(reply::nothing())
}
