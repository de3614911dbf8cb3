//! Asking other servers whom a handle belongs to.
//!
//! Source: rule R005.

use http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pouet_model::domain::{Handle, parse_handle};
use pouet_service::{
    accounts,
    net::{GetRequest, NetError, Purpose, Response},
};
use serde_json::Value;

use super::host_meta::lrdd_template;
use crate::{
    budget::Budget,
    context::Federation,
    error::{Error, Result},
    fetch::{check_status, check_target, is_activity},
    json::{self, Object},
};

/// Bytes of a WebFinger or host-meta document.
const MAX_BYTES: usize = 64 * 1024;
const ACCEPT: &str = "application/jrd+json, application/json";
const ACCEPT_HOST_META: &str = "application/xrd+xml, application/xml, text/xml";

/// A handle that its own server says belongs to an actor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Confirmed {
    /// User name, as its server writes it.
    pub(crate) username: String,
    /// Normalised domain.
    pub(crate) domain: String,
    /// Id of the actor.
    pub(crate) actor: String,
}

/// An answer of WebFinger.
pub(crate) struct Found {
    pub(crate) subject: Handle,
    pub(crate) actor: String,
}

/// Whom a handle belongs to. Where the answer names another handle, that one is asked for, once.
///
/// # Errors
/// `Missing` if there is no such account, `Refused` if the answers go round in circles or make no sense, or what the
/// network says.
pub(crate) async fn confirm(
    federation: &Federation,
    username: &str,
    domain: &str,
    budget: &Budget,
) -> Result<Confirmed> {
    let found = look_up(federation, username, domain, budget).await?;
    let found = if names(&found.subject, username, domain) {
        found
    } else {
        let (username, domain) = parts(&found.subject)?;
        let second = look_up(federation, &username, &domain, budget).await?;
        if !names(&second.subject, &username, &domain) {
            return Err(Error::Refused("webfinger leads from handle to handle"));
        }
        second
    };
    let (username, domain) = parts(&found.subject)?;
    Ok(Confirmed {
        username,
        domain,
        actor: found.actor,
    })
}

fn parts(handle: &Handle) -> Result<(String, String)> {
    let domain = handle
        .domain
        .clone()
        .ok_or(Error::Refused("webfinger subject without domain"))?;
    Ok((handle.username.clone(), domain))
}

fn names(handle: &Handle, username: &str, domain: &str) -> bool {
    handle.username.eq_ignore_ascii_case(username) && handle.domain.as_deref() == Some(domain)
}

async fn look_up(federation: &Federation, username: &str, domain: &str, budget: &Budget) -> Result<Found> {
    let resource = format!("acct:{username}@{domain}");
    let resource = utf8_percent_encode(&resource, NON_ALPHANUMERIC).to_string();
    let path = format!("/.well-known/webfinger?resource={resource}");
    let response = get_on(federation, domain, &path, ACCEPT, budget).await?;
    let response = if response.status.as_u16() == 404 {
        let template = template_of(federation, domain, budget).await?;
        get(federation, &template.replace("{uri}", &resource), ACCEPT, budget).await?
    } else {
        response
    };
    if response.status.as_u16() == 410 {
        // Its own server says that there is no such account any more.
        accounts::receive_gone_handle(&federation.instance, username, domain).await?;
    }
    check_status(response.status.as_u16())?;
    read(&response)
}

/// The address of WebFinger that the host-meta of a domain names.
async fn template_of(federation: &Federation, domain: &str, budget: &Budget) -> Result<String> {
    let response = get_on(
        federation,
        domain,
        "/.well-known/host-meta",
        ACCEPT_HOST_META,
        budget,
    )
    .await?;
    check_status(response.status.as_u16())?;
    let text = std::str::from_utf8(&response.body).map_err(|_| Error::Refused("host-meta cannot be read"))?;
    let template = lrdd_template(text).ok_or(Error::Missing)?;
    // Asking the same address again would give the same 404.
    let is_default = template.starts_with(&format!("https://{domain}/.well-known/webfinger?"));
    if is_default || !template.contains("{uri}") {
        return Err(Error::Missing);
    }
    Ok(template)
}

/// A GET of `path` on a domain: by https, and by http where the operator allows it and https does not answer.
async fn get_on(
    federation: &Federation,
    domain: &str,
    path: &str,
    accept: &str,
    budget: &Budget,
) -> Result<Response> {
    let known = federation.schemes.get(domain);
    let schemes: &[&'static str] = match known.as_ref() {
        Some(scheme) => std::slice::from_ref(scheme),
        None => &["https", "http"],
    };
    let mut failure = Error::Missing;
    for (attempt, scheme) in schemes.iter().enumerate() {
        let url = format!("{scheme}://{domain}{path}");
        if attempt > 0 && federation.client.unsigned().policy().check(&url).is_err() {
            break;
        }
        match get(federation, &url, accept, budget).await {
            Ok(response) => {
                federation.schemes.insert(domain.to_owned(), scheme);
                return Ok(response);
            }
            Err(error) => {
                let unreached = matches!(
                    error,
                    Error::Net(
                        NetError::Tls { .. }
                            | NetError::Connect { .. }
                            | NetError::Timeout { .. }
                            | NetError::BlockedUrl(_)
                    )
                );
                failure = error;
                if !unreached {
                    break;
                }
            }
        }
    }
    Err(failure)
}

async fn get(federation: &Federation, url: &str, accept: &str, budget: &Budget) -> Result<Response> {
    check_target(federation, url).await?;
    budget.spend()?;
    federation.quotas.meet(url)?;
    let request = GetRequest {
        url,
        accept,
        max_bytes: MAX_BYTES,
        purpose: Purpose::Json,
        headers: HeaderMap::new(),
    };
    let response = federation.client.unsigned().get(&request, None).await?;
    if response.final_url.as_str() != url {
        check_target(federation, response.final_url.as_str()).await?;
    }
    Ok(response)
}

fn read(response: &Response) -> Result<Found> {
    let content_type = response.content_type.as_deref().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !["application/jrd+json", "application/json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
    {
        return Err(Error::Refused("content type is not that of webfinger"));
    }
    let document = json::parse(&response.body).map_err(|_| Error::Refused("webfinger cannot be read"))?;
    read_document(&document).ok_or(Error::Refused("webfinger without subject or actor"))
}

pub(crate) fn read_document(document: &Value) -> Option<Found> {
    let object = Object::of(document)?;
    let subject = object
        .text("subject")
        .filter(|subject| subject.starts_with("acct:"))?;
    // Where a person and a community of Lemmy have one name, it names the person first and means that the last one counts.
    let actor = object
        .objects("links")
        .filter(|link| link.text("rel") == Some("self") && link.text("type").is_some_and(is_activity))
        .filter_map(|link| link.text("href"))
        .last()?;
    Some(Found {
        subject: parse_handle(subject).filter(|handle| handle.domain.is_some())?,
        actor: actor.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fed_011_of_several_actors_the_last_is_meant() {
        let link = |rel: &str, kind: &str, href: &str| json!({"rel": rel, "type": kind, "href": href});
        let activity = "application/activity+json";
        let document = json!({
            "subject": "acct:birds@lemmy.example",
            "links": [
                link("http://webfinger.net/rel/profile-page", "text/html", "https://lemmy.example/u/birds"),
                link("self", activity, "https://lemmy.example/u/birds"),
                link("self", activity, "https://lemmy.example/c/birds"),
                link("self", "text/html", "https://lemmy.example/x"),
            ],
        });
        let found = read_document(&document).unwrap();
        assert_eq!(found.actor, "https://lemmy.example/c/birds");
        assert_eq!(found.subject.username, "birds");
        let none = json!({"subject": "acct:birds@lemmy.example", "links": []});
        assert!(read_document(&none).is_none());
    }
}
