//! Collections of local actors.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    page::{Keyed, Page},
};
use pouet_service::{Error, Result, featured_tags, follows, statuses, view::StatusView};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Kept, absent, access, actors::local, document, failed, objects::activity_values, public};
use crate::{
    activities::hashtag,
    context::Federation,
    objects::{collection, note},
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
    let reader = access::admit(federation, request).await?;
    match local(federation, AccountId(account)).await {
        Ok(Some(account)) if account.is_active() => {
            reader.check_not_blocked(federation, account.id).await?;
            Ok(account)
        }
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
    let items = activity_values(federation, &found).await?;
    Ok(collection::page(&page_id(&id, part.max_id), &id, next, &items))
}

/// `GET /ap/users/{account}/collections/featured`: pinned statuses, whole. Those that not everybody may see are named to
/// readers who prove that they may.
pub(super) async fn featured(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
) -> HttpResponse {
    let owner = match owner(&federation, &request, account.into_inner()).await {
        Ok(owner) => owner,
        Err(refusal) => return refusal,
    };
    match featured_by(&federation, &request, &owner).await {
        Ok((value, kept)) => document(StatusCode::OK, value.to_string(), kept),
        Err(error) => failed(&error),
    }
}

async fn featured_by(
    federation: &Federation,
    request: &HttpRequest,
    owner: &Account,
) -> Result<(Value, Kept)> {
    let instance = &federation.instance;
    let pinned = statuses::pinned(instance, Some(owner.id), owner.id).await?;
    let is_open = |view: &StatusView| view.status.is_open();
    let (mut shown, mut kept) = (Vec::new(), federation.fetch_auth.kept());
    if !pinned.iter().all(is_open) {
        kept = Kept::ByNobody;
        if let Some(reader) = access::Reader::default().proved(federation, request).await {
            let seen = statuses::pinned(instance, Some(reader.account_id), owner.id).await?;
            shown.extend(seen.iter().map(|view| view.status.id));
        }
    }
    let mut items = Vec::new();
    let mut notes = note::load_all(instance, pinned.iter().filter(|view| is_open(view))).await?;
    for view in &pinned {
        if let Some(note) = notes.remove(&view.status.id) {
            items.push(serde_json::to_value(note).map_err(Error::internal)?);
        } else if shown.contains(&view.status.id) {
            items.push(federation.urls().status_uri(&view.status).into());
        }
    }
    let id = format!(
        "{}/collections/featured",
        federation.urls().local_account(owner.id)
    );
    let mut collection = collection::whole(&id, &items);
    // The notes have terms of their own.
    collection["@context"] = note::context();
    Ok((collection, kept))
}

/// `GET /ap/users/{account}/collections/tags`: hashtags on the profile.
pub(super) async fn featured_tags(
    federation: web::Data<Federation>,
    request: HttpRequest,
    account: web::Path<i64>,
) -> HttpResponse {
    let owner = match owner(&federation, &request, account.into_inner()).await {
        Ok(owner) => owner,
        Err(refusal) => return refusal,
    };
    answer(&federation, tags_of(&federation, &owner).await)
}

async fn tags_of(federation: &Federation, owner: &Account) -> Result<Value> {
    let urls = federation.urls();
    let found = featured_tags::list(&federation.instance, owner.id).await?;
    let items: Vec<Value> = found
        .iter()
        .map(|view| hashtag(urls, &view.tag.name, &view.tag.display_name))
        .collect();
    Ok(json!({
        "@context": note::context(),
        "id": format!("{}/collections/tags", urls.local_account(owner.id)),
        "type": "Collection",
        "totalItems": items.len(),
        "items": items,
    }))
}

/// `GET /ap/actor/outbox`: the instance publishes nothing.
pub(super) async fn instance_outbox(federation: web::Data<Federation>, request: HttpRequest) -> HttpResponse {
    if let Err(refusal) = access::admit(&federation, &request).await {
        return refusal;
    }
    let id = format!("{}/outbox", federation.urls().instance_actor());
    public(&federation, &collection::whole(&id, &[]))
}
