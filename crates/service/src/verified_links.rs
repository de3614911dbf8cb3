//! Links of profiles that lead back: `verified_at` of a field says that the page it links to links to the profile in turn.
//!
//! Source: <https://docs.joinmastodon.org/user/profile/#verification>; <https://microformats.org/wiki/rel-me>

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, Field},
    domain::normalise,
    html::rel_me_links,
    ids::AccountId,
};
use pouet_storage::{
    Conn,
    accounts::{self as rows, ProfileRow, fields_json},
};
use url::Url;

use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
    net::{GetRequest, Purpose},
    policy,
};

/// Fields of one profile whose links are looked at.
const MAX_FIELDS: usize = 8;
/// Bytes of a page that are read.
const MAX_BYTES: usize = 1024 * 1024;
/// Links of profiles from elsewhere are looked at within this time, so that a profile that reaches a thousand servers at once
/// does not bring them all to its author's page at once.
const SPREAD_SECONDS: i64 = 600;

/// Makes the job that looks at the links of a profile, if there are any that are not verified.
pub(crate) fn schedule(
    tx: &mut Conn,
    instance: &Instance,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    if !account.fields.iter().any(is_open) {
        return Ok(());
    }
    let id: pouet_model::ids::JobId = instance.next_id();
    let wait = if account.is_local() {
        0
    } else {
        (id.0 >> 4).rem_euclid(SPREAD_SECONDS)
    };
    let job = Job::VerifyLinks {
        account_id: account.id,
    };
    jobs::enqueue(tx, id, &job, now + TimeDelta::seconds(wait), now)
}

/// Keeps what was verified of fields that stay as they were.
pub(crate) fn keep_verified(fields: &mut [Field], before: &[Field]) {
    for field in fields {
        field.verified_at = before
            .iter()
            .find(|known| known.name == field.name && known.value == field.value)
            .and_then(|known| known.verified_at);
    }
}

fn is_open(field: &Field) -> bool {
    field.verified_at.is_none() && only_link(&field.value).is_some()
}

/// The address of a value that is one https link and nothing else.
fn only_link(value: &str) -> Option<Url> {
    let value = value.trim();
    let value = value
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"))
        .unwrap_or(value);
    let is_one = value.starts_with("<a ") && value.ends_with("</a>") && value.matches("<a ").count() == 1;
    let (_, rest) = value.split_once(" href=\"").filter(|_| is_one)?;
    let (href, _) = rest.split_once('"')?;
    let href = href.replace("&amp;", "&");
    Url::parse(&href)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.host_str().is_some())
}

/// Looks at the links of a profile. A page that cannot be read verifies nothing, and is looked at again when the profile
/// changes.
///
/// # Errors
/// Those of the database.
pub(crate) async fn verify(instance: &Instance, account_id: AccountId) -> Result<()> {
    let account = instance
        .read(move |conn| Ok(rows::find_account(conn, account_id)?))
        .await?;
    let Some(account) = account.filter(Account::is_active) else {
        return Ok(());
    };
    let urls = instance.urls();
    let profile: Vec<Url> = [urls.account_url(&account), urls.account_uri(&account)]
        .iter()
        .filter_map(|address| Url::parse(address).ok())
        .collect();
    let mut verified: Vec<Field> = Vec::new();
    for field in account
        .fields
        .iter()
        .filter(|field| is_open(field))
        .take(MAX_FIELDS)
    {
        let Some(link) = only_link(&field.value) else {
            continue;
        };
        if leads_back(instance, &link, &profile).await? {
            verified.push(field.clone());
        }
    }
    if verified.is_empty() {
        return Ok(());
    }
    let writer = instance.clone();
    instance
        .write(move |tx| write_verified(tx, &writer, account_id, &verified))
        .await?;
    instance.heed(Event::AccountChanged { account_id });
    Ok(())
}

/// Marks the fields that are still as they were when their pages were read.
fn write_verified(
    tx: &mut Conn,
    instance: &Instance,
    account_id: AccountId,
    verified: &[Field],
) -> Result<()> {
    let now = instance.now();
    let mut account = rows::find_account(tx, account_id)?.ok_or(Error::NotFound)?;
    for field in &mut account.fields {
        let is_verified = verified
            .iter()
            .any(|known| known.name == field.name && known.value == field.value);
        if is_verified {
            field.verified_at = Some(now.timestamp_millis());
        }
    }
    let row = ProfileRow {
        fields: Some(fields_json(&account.fields)),
        ..ProfileRow::default()
    };
    rows::update_profile(tx, account_id, &row)?;
    events::emit(tx, &Event::AccountChanged { account_id }, now)
}

/// Whether the page behind a link says `rel="me"` of one of the addresses of a profile.
async fn leads_back(instance: &Instance, link: &Url, profile: &[Url]) -> Result<bool> {
    let Some(domain) = link.host_str().and_then(|host| normalise(host).ok()) else {
        return Ok(false);
    };
    if policy::of(instance, &domain).await?.suspended {
        return Ok(false);
    }
    let request = GetRequest {
        url: link.as_str(),
        accept: "text/html, application/xhtml+xml;q=0.9",
        max_bytes: MAX_BYTES,
        purpose: Purpose::Html,
        headers: http::HeaderMap::new(),
    };
    let response = match instance.net.get(&request, None).await {
        Ok(response) => response,
        Err(error) => {
            tracing::debug!(%error, %link, "a link of a profile cannot be read");
            return Ok(false);
        }
    };
    let content_type = response.content_type.as_deref().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_page = matches!(
        essence.to_ascii_lowercase().as_str(),
        "text/html" | "application/xhtml+xml"
    );
    if response.status != http::StatusCode::OK || !is_page {
        return Ok(false);
    }
    let found = rel_me_links(&String::from_utf8_lossy(&response.body));
    Ok(found
        .iter()
        .filter_map(|href| response.final_url.join(href).ok())
        .any(|target| profile.contains(&target)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_one_link_can_be_verified() {
        for (value, link) in [
            (
                "<a href=\"https://ada.test/?a=1&amp;b=2\" rel=\"me nofollow\">ada.test</a>",
                Some("https://ada.test/?a=1&b=2"),
            ),
            (
                "<p><a href=\"https://ada.test\">x</a></p>",
                Some("https://ada.test/"),
            ),
            ("see <a href=\"https://ada.test\">x</a>", None),
            (
                "<a href=\"https://a.test\">a</a> <a href=\"https://b.test\">b</a>",
                None,
            ),
            ("<a href=\"gemini://ada.test\">x</a>", None),
            ("https://ada.test", None),
            ("she/her", None),
        ] {
            assert_eq!(only_link(value).as_ref().map(Url::as_str), link, "{value}");
        }
    }
}
