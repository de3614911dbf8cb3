//! Answering who our handles belong to.

use actix_web::{
    HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE},
    web,
};
use pouet_model::{
    account::Account,
    domain::{IpLiterals, normalise_with, parse_handle, without_port},
    urls::{LocalUri, Urls},
};
use pouet_service::accounts;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{context::Federation, origin::domain_of};

/// An answer is kept for three days.
const FOUND: &str = "max-age=259200, public";
/// A refusal is kept for three minutes.
const REFUSED: &str = "max-age=180, public";

/// The query of WebFinger.
#[derive(Debug, Deserialize)]
pub(crate) struct Query {
    resource: Option<String>,
}

/// What a resource names here.
enum Subject {
    Account(Box<Account>),
    Instance,
}

/// `GET /.well-known/webfinger`
pub(crate) async fn webfinger(federation: web::Data<Federation>, query: web::Query<Query>) -> HttpResponse {
    let Some(resource) = query
        .into_inner()
        .resource
        .filter(|resource| !resource.is_empty())
    else {
        return refuse(400, "resource is missing");
    };
    let urls = federation.urls();
    match find(&federation, &resource).await {
        Ok(Some(Subject::Account(account))) if account.deleted_at.is_some() => refuse(410, "gone"),
        Ok(Some(Subject::Account(account))) => found(&of_account(urls, &account)),
        Ok(Some(Subject::Instance)) => found(&of_instance(urls)),
        Ok(None) => refuse(404, "not found"),
        Err(error) => {
            tracing::error!(%error, "webfinger cannot answer");
            refuse(503, "try again later")
        }
    }
}

fn found(document: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/jrd+json; charset=utf-8"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CACHE_CONTROL, FOUND))
        .body(document.to_string())
}

fn refuse(status: u16, text: &str) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    HttpResponse::build(status)
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CACHE_CONTROL, REFUSED))
        .json(json!({ "error": text }))
}

/// What `resource` names: a handle on either of our domains, the id or the page of an account, or the instance itself.
async fn find(federation: &Federation, resource: &str) -> pouet_service::Result<Option<Subject>> {
    let urls = federation.urls();
    let is_web = ["https://", "http://"]
        .iter()
        .any(|scheme| resource.starts_with(scheme));
    let name = if is_web {
        if !domain_of(resource).is_some_and(|domain| urls.is_own_domain(&domain)) {
            return Ok(None);
        }
        match urls.parse(resource) {
            Some(LocalUri::InstanceActor) => return Ok(Some(Subject::Instance)),
            Some(LocalUri::Account(id)) => {
                return Ok(local(accounts::find_any(&federation.instance, id).await?));
            }
            Some(_) => return Ok(None),
            None if is_origin(resource) => return Ok(Some(Subject::Instance)),
            None => match urls.parse_page(resource) {
                Some((name, None)) => name,
                _ => return Ok(None),
            },
        }
    } else {
        let Some((user, host)) = handle(resource) else {
            return Ok(None);
        };
        if !urls.is_own_domain(&host) {
            return Ok(None);
        }
        if is_instance(urls, &user) {
            return Ok(Some(Subject::Instance));
        }
        user
    };
    Ok(local(accounts::find_local(&federation.instance, &name).await?))
}

/// Whether a user name is that of the instance: one of its domains, without the port that no name can have.
fn is_instance(urls: &Urls, user: &str) -> bool {
    [urls.handle_domain(), urls.authority()]
        .iter()
        .any(|domain| user.eq_ignore_ascii_case(domain) || user.eq_ignore_ascii_case(without_port(domain)))
}

fn local(account: Option<Account>) -> Option<Subject> {
    account
        .filter(Account::is_local)
        .map(|account| Subject::Account(Box::new(account)))
}

/// Whether an address is that of a site, without path.
fn is_origin(resource: &str) -> bool {
    url::Url::parse(resource).is_ok_and(|url| url.path() == "/" && url.query().is_none())
}

/// User name and normalised host of `acct:user@host` or `user@host`. The name may be a domain: that of the instance.
fn handle(resource: &str) -> Option<(String, String)> {
    if let Some(handle) = parse_handle(resource) {
        return Some((handle.username, handle.domain?));
    }
    let resource = resource.strip_prefix("acct:").unwrap_or(resource);
    let (user, host) = resource.rsplit_once('@')?;
    let host = normalise_with(host, IpLiterals::Accept).ok()?;
    (!user.contains('@')).then(|| (user.to_owned(), host))
}

fn of_account(urls: &Urls, account: &Account) -> Value {
    let (page, id) = (urls.account_url(account), urls.account_uri(account));
    json!({
        "subject": format!("acct:{}@{}", account.username, urls.handle_domain()),
        "aliases": [page, id],
        "links": [
            { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page },
            { "rel": "self", "type": "application/activity+json", "href": id },
        ],
    })
}

fn of_instance(urls: &Urls) -> Value {
    let id = urls.instance_actor();
    json!({
        "subject": format!("acct:{}@{}", without_port(urls.handle_domain()), urls.handle_domain()),
        "aliases": [id],
        "links": [
            { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": urls.path("/about") },
            { "rel": "self", "type": "application/activity+json", "href": id },
        ],
    })
}

/// `GET /.well-known/host-meta`
pub(crate) async fn host_meta(federation: web::Data<Federation>) -> HttpResponse {
    let template = template(&federation);
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" template=\"{template}\"/>\n\
         </XRD>\n"
    );
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/xrd+xml; charset=utf-8"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CACHE_CONTROL, FOUND))
        .body(body)
}

/// `GET /.well-known/host-meta.json`
pub(crate) async fn host_meta_json(federation: web::Data<Federation>) -> HttpResponse {
    let body = json!({ "links": [{ "rel": "lrdd", "template": template(&federation) }] });
    HttpResponse::Ok()
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CACHE_CONTROL, FOUND))
        .json(body)
}

fn template(federation: &Federation) -> String {
    federation.urls().path("/.well-known/webfinger?resource={uri}")
}
