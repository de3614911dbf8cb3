//! Fetching documents of other servers.
//!
//! Source: rules R005, R022, R023.

mod absences;
mod keys;
mod media_type;
pub(crate) mod page;

use http::HeaderMap;
use pouet_model::ids::AccountId;
use pouet_service::net::{GetRequest, Purpose, Response};
use serde_json::Value;
use url::Url;

pub(crate) use absences::Absences;
pub(crate) use keys::{key_for, known_key, refreshed_key, settle_keys};
pub(crate) use media_type::{ACCEPT, is_activity, is_postable};
pub(crate) use page::located;

use crate::{
    budget::Budget,
    context::Federation,
    error::{Error, Result},
    json::{self, Object},
    origin::{domain_of, is_own, same_origin},
};

/// Bytes of a document after inflation.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// Refuses an address of our own, and of servers that we do not speak with.
///
/// # Errors
/// `Refused` or `Denied`; `Service` if the rules cannot be read.
pub(crate) async fn check_target(federation: &Federation, uri: &str) -> Result<()> {
    if is_own(federation.urls(), uri) {
        return Err(Error::Refused("an address of this instance"));
    }
    let domain = domain_of(uri).ok_or(Error::Refused("not an http address"))?;
    if federation.is_denied(&domain).await? {
        return Err(Error::Denied);
    }
    Ok(())
}

/// Fetches the object with the id `uri`: the document whose own id is the address that it came from.
///
/// A document whose id is elsewhere on the same server is fetched again from there, once. `on_behalf_of`: the local account
/// that asks, for objects that only some may see; `None`: the instance.
///
/// # Errors
/// [`Error`]; failures are remembered for a while and not tried again.
pub(crate) async fn document(
    federation: &Federation,
    uri: &str,
    budget: &Budget,
    on_behalf_of: Option<AccountId>,
) -> Result<Value> {
    check_target(federation, uri).await?;
    let uri = uri.split('#').next().unwrap_or(uri);
    // What an account may see, the instance may not: only what nobody gets is remembered for all.
    if on_behalf_of.is_none() {
        federation.absences.check(uri)?;
    }
    let result = at_its_id(federation, uri, budget, on_behalf_of).await;
    if let (Err(error), None) = (&result, on_behalf_of) {
        federation.absences.remember(uri, error);
    }
    result
}

async fn at_its_id(
    federation: &Federation,
    uri: &str,
    budget: &Budget,
    on_behalf_of: Option<AccountId>,
) -> Result<Value> {
    let (value, location) = one(federation, uri, budget, on_behalf_of).await?;
    let id = own_id(&value)?;
    if is_at(id, &location) {
        return Ok(value);
    }
    if !same_origin(id, location.as_str()) {
        return Err(Error::Refused("document with an id on another server"));
    }
    let id = id.to_owned();
    let (value, location) = one(federation, &id, budget, on_behalf_of).await?;
    if is_at(own_id(&value)?, &location) {
        Ok(value)
    } else {
        Err(Error::Refused("document with another id than its address"))
    }
}

fn own_id(value: &Value) -> Result<&str> {
    Object::of(value)
        .and_then(Object::own_id)
        .ok_or(Error::Refused("document without id"))
}

/// Whether a document with this id lies at an address.
pub(crate) fn is_at(id: &str, location: &Url) -> bool {
    Url::parse(id).is_ok_and(|mut id| {
        id.set_fragment(None);
        id == *location
    })
}

/// One document as it comes, with the address that gave it.
pub(crate) async fn one(
    federation: &Federation,
    uri: &str,
    budget: &Budget,
    on_behalf_of: Option<AccountId>,
) -> Result<(Value, Url)> {
    let response = get(federation, uri, ACCEPT, budget, on_behalf_of).await?;
    let value = read(&response)?;
    Ok((value, response.final_url))
}

/// The document in a response of status 200.
pub(crate) fn read(response: &Response) -> Result<Value> {
    if !response.content_type.as_deref().is_some_and(is_activity) {
        return Err(Error::Refused("content type is not ActivityPub"));
    }
    json::parse(&response.body).map_err(|_| Error::Refused("document cannot be read"))
}

/// A signed GET that gave status 200.
pub(crate) async fn get(
    federation: &Federation,
    uri: &str,
    accept: &str,
    budget: &Budget,
    on_behalf_of: Option<AccountId>,
) -> Result<Response> {
    let response = ask(federation, uri, accept, budget, on_behalf_of).await?;
    check_status(response.status.as_u16())?;
    Ok(response)
}

/// Whether a server says, asked now, that there is nothing at the address `uri` of something that everybody may see. Behind a
/// redirect it says so of something else.
///
/// # Errors
/// As [`document`], but for what was remembered.
pub(crate) async fn is_gone(federation: &Federation, uri: &str, budget: &Budget) -> Result<bool> {
    check_target(federation, uri).await?;
    let response = ask(federation, uri, ACCEPT, budget, None).await?;
    let is_gone = matches!(response.status.as_u16(), 404 | 410) && is_at(uri, &response.final_url);
    if !is_gone {
        federation.absences.forget(uri);
    }
    Ok(is_gone)
}

/// A signed GET, whatever its status is.
async fn ask(
    federation: &Federation,
    uri: &str,
    accept: &str,
    budget: &Budget,
    on_behalf_of: Option<AccountId>,
) -> Result<Response> {
    budget.spend()?;
    federation.quotas.meet(uri)?;
    let key = federation.signing_key(on_behalf_of).await?;
    let request = GetRequest {
        url: uri,
        accept,
        max_bytes: MAX_BYTES,
        purpose: Purpose::Json,
        headers: HeaderMap::new(),
    };
    let response = federation.client.get(&request, &key).await?;
    // A redirect may have led to a server that we do not speak with.
    if response.final_url.as_str() != uri {
        check_target(federation, response.final_url.as_str()).await?;
    }
    Ok(response)
}

/// Only status 200 brings a document, whatever the body.
pub(crate) fn check_status(status: u16) -> Result<()> {
    match status {
        200 => Ok(()),
        410 => Err(Error::Gone),
        404 => Err(Error::Missing),
        401 | 403 => Err(Error::Unauthorised),
        status => Err(Error::Status(status)),
    }
}
