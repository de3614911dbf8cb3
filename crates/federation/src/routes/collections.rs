//! Collections of local actors.
//!
//! Source: federation.md 3.3.

use actix_web::{HttpRequest, HttpResponse, web};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    page::{Keyed, Page},
};
use pouet_service::{Error, Result, follows, statuses};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{absent, access, actors::local, failed, objects::activity_value, public};
use crate::{
    context::Federation,
    objects::{
        collection::{self, CONTEXT},
        note,
    },
};

/// Accounts on a page.
const PAGE: i64 = 40;

/// Activities on a page of an outbox.
const ACTIVITIES: i64 = 20;

/// Which part of a collection is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    page: Option<String>,
    max_id: Option<i64>,
}

impl Part {
    /// `None`: the collection itself.
    fn page(&self, limit: i64) -> Option<Page> {
        let is_page = self.page.is_some() || self.max_id.is_some();
        is_page.then(|| Page {
            max_id: self.max_id,
            ..Page::first(limit)
        })
    }
}

/// Address of the page of items below `max_id`, or of the first one.
fn page_id(collection: &str, max_id: Option<i64>) -> String {
    match max_id {
        None => format!("{collection}?page=true"),
        Some(max_id) => format!("{collection}?max_id={max_id}&page=true"),
    }
}

/// The key below which the next page goes on, if this one is full.
fn next_key<T>(items: &[T], limit: i64, key: impl Fn(&T) -> i64) -> Option<i64> {
    let is_full = i64::try_from(items.len()).is_ok_and(|len| len >= limit);
    items.last().filter(|_| is_full).map(key)
}

/// The account whose collection is asked for: local, and there.
async fn owner(
    federation: &Federation,
    request: &HttpRequest,
    account: i64,
) -> Result<Account, HttpResponse> {
    access::admit(federation, request).await?;
    match local(federation, AccountId(account)).await {
        Ok(Some(account)) if account.is_active() => Ok(account),
        Ok(_) => Err(absent()),
        Err(error) => Err(failed(&error)),
    }
}

fn answer(federation: &Federation, result: Result<Value>) -> HttpResponse {
    match result {
        Ok(value) => public(federation, &value),
        Err(Error::NotFound) => absent(),
        Err(error) => failed(&error),
    }
}

/// `GET /ap/users/{account}/followers`
pub(super) async fn followers(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
    part: web::Query<Part>,
) -> HttpResponse {
    let owner = match owner(&federation, &request, account.into_inner()).await {
        Ok(owner) => owner,
        Err(refusal) => return refusal,
    };
    let id = federation.urls().followers(owner.id);
    let total = owner.followers_count;
    let list = async |page| follows::followers(&federation.instance, None, owner.id, page).await;
    let result = people(&federation, &owner, &id, total, &part, list).await;
    answer(&federation, result)
}

/// `GET /ap/users/{account}/following`
pub(super) async fn following(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
    part: web::Query<Part>,
) -> HttpResponse {
    let owner = match owner(&federation, &request, account.into_inner()).await {
        Ok(owner) => owner,
        Err(refusal) => return refusal,
    };
    let id = format!("{}/following", federation.urls().local_account(owner.id));
    let total = owner.following_count;
    let list = async |page| follows::following(&federation.instance, None, owner.id, page).await;
    let result = people(&federation, &owner, &id, total, &part, list).await;
    answer(&federation, result)
}

/// A list of accounts, or a page of it. Who hides it shows how many there are and no more.
async fn people(
    federation: &Federation,
    owner: &Account,
    id: &str,
    total: i64,
    part: &Part,
    list: impl AsyncFn(Page) -> Result<Vec<Keyed<std::sync::Arc<Account>>>>,
) -> Result<Value> {
    let Some(page) = part.page(PAGE) else {
        let first = (!owner.hide_collections).then(|| page_id(id, None));
        return Ok(collection::ordered(id, total, first));
    };
    if owner.hide_collections {
        return Err(Error::NotFound);
    }
    let found = list(page).await?;
    let next = next_key(&found, PAGE, |keyed| keyed.key).map(|key| page_id(id, Some(key)));
    let items: Vec<Value> = found
        .iter()
        .map(|keyed| federation.urls().account_uri(&keyed.item).into())
        .collect();
    Ok(collection::page(&page_id(id, part.max_id), id, next, &items))
}

/// `GET /ap/users/{account}/outbox`: what an account published or boosted for everybody.
pub(super) async fn outbox(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
    part: web::Query<Part>,
) -> HttpResponse {
    let owner = match owner(&federation, &request, account.into_inner()).await {
        Ok(owner) => owner,
        Err(refusal) => return refusal,
    };
    answer(&federation, outbox_of(&federation, &owner, &part).await)
}

async fn outbox_of(federation: &Federation, owner: &Account, part: &Part) -> Result<Value> {
    let id = format!("{}/outbox", federation.urls().local_account(owner.id));
    let Some(page) = part.page(ACTIVITIES) else {
        return Ok(collection::ordered(
            &id,
            owner.statuses_count,
            Some(page_id(&id, None)),
        ));
    };
    let before = page.max_id.map(StatusId);
    let found = statuses::open_statuses_of(&federation.instance, owner.id, before, ACTIVITIES).await?;
    let next = next_key(&found, ACTIVITIES, |view| view.status.id.0).map(|key| page_id(&id, Some(key)));
    let mut items = Vec::with_capacity(found.len());
    for view in &found {
        items.push(activity_value(federation, view).await?);
    }
    Ok(collection::page(&page_id(&id, part.max_id), &id, next, &items))
}

/// `GET /ap/users/{account}/collections/featured`: pinned statuses, whole.
pub(super) async fn featured(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
) -> HttpResponse {
    let owner = match owner(&federation, &request, account.into_inner()).await {
        Ok(owner) => owner,
        Err(refusal) => return refusal,
    };
    answer(&federation, featured_by(&federation, &owner).await)
}

async fn featured_by(federation: &Federation, owner: &Account) -> Result<Value> {
    let mut items = Vec::new();
    for view in statuses::pinned(&federation.instance, None, owner.id).await? {
        let note = note::load(&federation.instance, &view).await?;
        items.push(serde_json::to_value(note).map_err(Error::internal)?);
    }
    let id = format!(
        "{}/collections/featured",
        federation.urls().local_account(owner.id)
    );
    Ok(collection::whole(&id, &items))
}

/// `GET /ap/users/{account}/collections/tags`: none are featured yet.
pub(super) async fn featured_tags(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
) -> HttpResponse {
    let owner = match owner(&federation, &request, account.into_inner()).await {
        Ok(owner) => owner,
        Err(refusal) => return refusal,
    };
    let id = format!("{}/collections/tags", federation.urls().local_account(owner.id));
    let tags = json!({ "@context": CONTEXT, "id": id, "type": "Collection", "totalItems": 0, "items": [] });
    public(&federation, &tags)
}

/// `GET /ap/actor/outbox`: the instance publishes nothing.
pub(super) async fn instance_outbox(federation: web::Data<Federation>) -> HttpResponse {
    let id = format!("{}/outbox", federation.urls().instance_actor());
    public(&federation, &collection::whole(&id, &[]))
}
