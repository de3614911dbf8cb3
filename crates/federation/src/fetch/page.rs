//! Finding the document behind the address that people copy: an id, or the page of a profile or status.

use http::{HeaderMap, header::LINK};
use pouet_service::net::{GetRequest, Purpose, Response};
use serde_json::Value;
use url::Url;

use super::{MAX_BYTES, at_its_id, check_status, check_target, is_activity, own_id, read};
use crate::{
    budget::Budget,
    context::Federation,
    error::{Error, Result},
};

const ACCEPT: &str = r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams", application/activity+json, text/html;q=0.1"#;
/// Tags of a page that are looked at: alternates stand in its head.
const MAX_TAGS: usize = 1000;

/// The document that an address leads to: itself, or, from a page, the alternate that it names, one step away.
///
/// # Errors
/// As [`super::document`]; `Missing` if the page names none.
pub(crate) async fn located(federation: &Federation, address: &str, budget: &Budget) -> Result<Value> {
    check_target(federation, address).await?;
    budget.spend()?;
    let key = federation.signing_key(None).await?;
    let request = GetRequest {
        url: address,
        accept: ACCEPT,
        max_bytes: MAX_BYTES,
        purpose: Purpose::Html,
        headers: HeaderMap::new(),
    };
    let response = federation.client.get(&request, &key).await?;
    check_target(federation, response.final_url.as_str()).await?;
    check_status(response.status.as_u16())?;
    let content_type = response.content_type.as_deref().unwrap_or_default();
    if !is_activity(content_type) {
        let alternate = alternate(&response).ok_or(Error::Missing)?;
        check_target(federation, &alternate).await?;
        return at_its_id(federation, &alternate, budget, None).await;
    }
    if response.truncated {
        return Err(Error::Refused("document is too long"));
    }
    let value = read(&response)?;
    let id = own_id(&value)?;
    if super::is_at(id, &response.final_url) {
        return Ok(value);
    }
    let id = id.to_owned();
    // The id may be anywhere: what counts is the document at that place.
    check_target(federation, &id).await?;
    at_its_id(federation, &id, budget, None).await
}

/// The ActivityPub alternate of a page: from its `Link` headers, or from its `<link>` elements.
fn alternate(response: &Response) -> Option<String> {
    let headers = response.headers.get_all(LINK).iter();
    let from_header = headers
        .filter_map(|value| value.to_str().ok())
        .find_map(from_link_header);
    let found = from_header.map(str::to_owned).or_else(|| {
        let content_type = response.content_type.as_deref().unwrap_or_default();
        let is_html = content_type
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("text/html");
        is_html
            .then(|| from_html(&String::from_utf8_lossy(&response.body)))
            .flatten()
    })?;
    let url: Url = response.final_url.join(&found).ok()?;
    Some(url.into())
}

/// The address in a `Link` header: `<https://...>; rel="alternate"; type="application/activity+json"`.
pub(crate) fn from_link_header(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let parameter = |name: &str| {
            parameters.split(';').find_map(|parameter| {
                let (key, value) = parameter.split_once('=')?;
                (key.trim() == name).then(|| value.trim().trim_matches('"'))
            })
        };
        let is_alternate = parameter("rel")?
            .split_ascii_whitespace()
            .any(|rel| rel == "alternate");
        (is_alternate && is_activity(parameter("type")?)).then_some(address)
    })
}

/// The address in a `<link rel="alternate" type="application/activity+json" href="...">`. One pass over the page.
pub(crate) fn from_html(html: &str) -> Option<String> {
    let mut rest = html;
    for _ in 0..MAX_TAGS {
        let start = rest.find('<')?;
        let tag = &rest[start + 1..];
        let end = tag.find('>')?;
        let (inside, after) = tag.split_at(end);
        if inside
            .get(..5)
            .is_some_and(|name| name.eq_ignore_ascii_case("link "))
        {
            let is_alternate = attribute(inside, "rel").is_some_and(|rel| {
                rel.split_ascii_whitespace()
                    .any(|rel| rel.eq_ignore_ascii_case("alternate"))
            });
            let is_activity =
                attribute(inside, "type").is_some_and(|kind| super::is_activity(&unescape(kind)));
            if let (true, true, Some(href)) = (is_alternate, is_activity, attribute(inside, "href")) {
                return Some(unescape(href));
            }
        }
        rest = after;
    }
    None
}

/// The quoted value of an attribute in the inside of a tag.
fn attribute<'a>(inside: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = inside;
    while let Some((before, after)) = rest.split_once('=') {
        let found = before.trim().rsplit(|c: char| c.is_whitespace()).next()?;
        let after = after.trim_start();
        let (value, next) = match after.chars().next()? {
            quote @ ('"' | '\'') => after[1..].split_once(quote)?,
            _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = next;
    }
    None
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fed_014_the_alternate_of_a_page_is_found() {
        for (header, address) in [
            (
                r#"<https://a.test/1>; rel="alternate"; type="application/activity+json""#,
                Some("https://a.test/1"),
            ),
            (
                r#"<https://a.test/x>; rel="lrdd", <https://a.test/1>; rel=alternate; type=application/activity+json"#,
                Some("https://a.test/1"),
            ),
            (
                r#"<https://a.test/feed>; rel="alternate"; type="application/rss+xml""#,
                None,
            ),
            (
                r#"<https://a.test/1>; rel="canonical"; type="application/activity+json""#,
                None,
            ),
            ("", None),
        ] {
            assert_eq!(from_link_header(header), address, "{header}");
        }
        for (html, address) in [
            (
                r#"<html><head><link href="/1" rel="alternate" type="application/activity+json"></head>"#,
                Some("/1"),
            ),
            (
                r"<LINK rel='alternate' type='application/activity+json' href='https://a.test/?a=1&amp;b=2'/>",
                Some("https://a.test/?a=1&b=2"),
            ),
            (
                r"<link rel=alternate type=application/activity+json href=https://a.test/1 >",
                Some("https://a.test/1"),
            ),
            (
                r#"<link rel="alternate" type="application/ld+json; profile=&quot;https://www.w3.org/ns/activitystreams&quot;" href="/1">"#,
                Some("/1"),
            ),
            (
                r#"<link rel="alternate" type="application/rss+xml" href="/feed">"#,
                None,
            ),
            (
                r#"<a rel="alternate" type="application/activity+json" href="/1">"#,
                None,
            ),
            ("<link", None),
        ] {
            assert_eq!(from_html(html).as_deref(), address, "{html}");
        }
    }

    #[test]
    fn a_page_made_to_be_slow_is_read_in_one_pass() {
        let html = "<link ".repeat(200_000) + &"<".repeat(200_000);
        assert_eq!(from_html(&html), None);
        assert_eq!(from_html(&"<link a=".repeat(100_000)), None);
        assert_eq!(from_html(&format!("<link {}>", "a=\"\" ".repeat(100_000))), None);
    }
}
