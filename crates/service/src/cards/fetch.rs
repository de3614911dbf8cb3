//! Reading the page behind a link.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    card::{CardImage, CardState, PreviewCard},
    domain::{normalise, parse_handle},
    html::{PageHead, read_head},
    ids::{AccountId, CardId, StatusId},
};
use pouet_storage::{Conn, cached_files, cards as rows, media as media_rows};
use url::Url;

use super::{charset, is_due};
use crate::{
    accounts,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    media::{
        self,
        cache::{CachedFile, discard},
    },
    net::{GetRequest, NetError, Purpose, Response},
    policy,
    search::documents::{is_embed, schedule_card},
};

/// Bytes of a page that are read (rule R007).
const MAX_BYTES: usize = 1024 * 1024;
/// Longest address of an author's page or a picture, in bytes.
const MAX_ADDRESS: usize = 2048;
/// Statuses that listeners are told of when their card is there.
const MAX_TOLD: i64 = 20;

/// What came of asking for a page.
enum Outcome {
    /// It has something to show.
    Found(Box<Found>),
    /// There is nothing to show.
    Nothing,
    /// It could not be read.
    Failed,
}

/// What a page says, with addresses made whole.
struct Found {
    head: PageHead,
    page: Url,
    author_id: Option<AccountId>,
    image: Option<CardImage>,
    /// The picture's file, if it was fetched now.
    copy: Option<CachedFile>,
}

/// Reads the page of a card, unless that was done a short time ago, and tells listeners of the statuses that show it.
///
/// A page that cannot be read is asked for again when it is linked to later: after an hour, two, four... What was
/// known of it stays.
///
/// # Errors
/// Those of the database; `RemoteUnavailable` if too many other requests wait for the page's host.
pub(crate) async fn fetch(instance: &Instance, id: CardId) -> Result<()> {
    let before = instance.read(move |conn| Ok(rows::find_card(conn, id)?)).await?;
    let Some(before) = before.filter(|card| is_due(card, instance.now())) else {
        return Ok(());
    };
    let outcome = read_page(instance, &before).await?;
    let copy = match &outcome {
        Outcome::Found(found) => found.copy.clone(),
        Outcome::Nothing | Outcome::Failed => None,
    };
    let writer = instance.clone();
    let written = instance
        .write(move |tx| write_outcome(tx, &writer, id, outcome))
        .await;
    if let (Err(_), Some(copy)) = (&written, copy) {
        discard(instance, &[copy]).await;
    }
    written
}

/// Whether an operator wants nothing of a host.
async fn is_suspended(instance: &Instance, url: &Url) -> Result<bool> {
    match url.host_str().and_then(|host| normalise(host).ok()) {
        Some(domain) => Ok(policy::of(instance, &domain).await?.suspended),
        None => Ok(false),
    }
}

async fn read_page(instance: &Instance, card: &PreviewCard) -> Result<Outcome> {
    let Ok(url) = Url::parse(&card.url) else {
        return Ok(Outcome::Nothing);
    };
    if is_suspended(instance, &url).await? {
        return Ok(Outcome::Nothing);
    }
    let request = GetRequest {
        url: &card.url,
        accept: "text/html, application/xhtml+xml;q=0.9",
        max_bytes: MAX_BYTES,
        purpose: Purpose::Html,
        headers: http::HeaderMap::new(),
    };
    let response = match instance.net.get(&request, None).await {
        Ok(response) => response,
        Err(NetError::Busy(_)) => return Err(Error::RemoteUnavailable),
        Err(error) => {
            tracing::debug!(%error, url = %card.url, "the page of a link cannot be read");
            return Ok(Outcome::Failed);
        }
    };
    let status = response.status;
    if status != http::StatusCode::OK {
        let is_over = matches!(status, http::StatusCode::NOT_FOUND | http::StatusCode::GONE);
        return Ok(if is_over {
            Outcome::Nothing
        } else {
            Outcome::Failed
        });
    }
    // A redirect may lead where nothing is wanted of.
    if !is_page(&response) || is_suspended(instance, &response.final_url).await? {
        return Ok(Outcome::Nothing);
    }
    let (body, content_type) = (response.body, response.content_type);
    // Reading what somebody made to be hard to read may take a second.
    let read = move || read_head(&charset::decode(&body, content_type.as_deref()));
    let head = tokio::task::spawn_blocking(read).await.map_err(Error::internal)?;
    if head.title.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let page = response.final_url;
    let author_id = match &head.creator {
        Some(handle) => creator(instance, handle).await.map(|account| account.id),
        None => None,
    };
    let (image, copy) = match head.image.as_deref().and_then(|image| address(&page, image)) {
        Some(image) => picture(instance, card, &page, &image).await?,
        None => (None, None),
    };
    Ok(Outcome::Found(Box::new(Found {
        head,
        page,
        author_id,
        image,
        copy,
    })))
}

fn is_page(response: &Response) -> bool {
    let content_type = response.content_type.as_deref().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    matches!(
        essence.to_ascii_lowercase().as_str(),
        "text/html" | "application/xhtml+xml"
    )
}

/// An address on a page, made whole; `None` if it is none of the web.
fn address(page: &Url, written: &str) -> Option<Url> {
    let url = page.join(written).ok()?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.username().is_empty();
    (is_web && url.as_str().len() <= MAX_ADDRESS).then_some(url)
}

/// The account that a page names as its author's. Whether it is, is asked when the card is shown.
async fn creator(instance: &Instance, handle: &str) -> Option<Account> {
    let handle = parse_handle(handle)?;
    let domain = handle.domain.as_deref()?;
    let known = accounts::find_by_handle(instance, &handle.username, Some(domain))
        .await
        .ok()?;
    let found = if known.is_some() || instance.urls().is_own_domain(domain) {
        known
    } else {
        let resolver = instance.resolver().ok()?;
        resolver.account_by_handle(&handle.username, domain).await.ok()
    };
    found.filter(Account::is_active)
}

/// The picture of a page, kept here. One that cannot be had is left out; one that we have is not fetched again.
async fn picture(
    instance: &Instance,
    card: &PreviewCard,
    page: &Url,
    image: &Url,
) -> Result<(Option<CardImage>, Option<CachedFile>)> {
    for url in [page, image] {
        if let Some(domain) = url.host_str().and_then(|host| normalise(host).ok())
            && policy::of(instance, &domain).await?.reject_media
        {
            return Ok((None, None));
        }
    }
    if let Some(known) = card.image.as_ref().filter(|known| known.url == image.as_str()) {
        return Ok((Some(known.clone()), None));
    }
    match media::fetch_card_image(instance, card.id, image.as_str()).await {
        Ok((image, copy)) => Ok((Some(image), Some(copy))),
        Err(Error::Full) => Err(Error::Full),
        Err(error) => {
            tracing::debug!(%error, %image, "the picture of a link cannot be had");
            Ok((None, None))
        }
    }
}

fn write_outcome(tx: &mut Conn, instance: &Instance, id: CardId, outcome: Outcome) -> Result<()> {
    let now = instance.now();
    let Some(before) = rows::find_card(tx, id)? else {
        if let Outcome::Found(found) = outcome {
            drop_image(tx, found.image.as_ref(), now)?;
        }
        return Ok(());
    };
    let mut card = before.clone();
    card.checked_at = Some(now);
    match outcome {
        Outcome::Found(mut found) => {
            card.failures = 0;
            let (copy, wants_image) = (found.copy.take(), found.image.is_some());
            if copy.is_none() {
                found.image = before.image.clone().filter(|_| wants_image);
            }
            fill(&mut card, *found, now);
            if let Some(copy) = &copy {
                cached_files::insert_cached(tx, copy)?;
            } else if wants_image && card.image.is_none() {
                // The picture that we had made room meanwhile.
                card.checked_at = None;
            }
        }
        Outcome::Nothing => {
            card.failures = 0;
            card.state = CardState::Empty;
            card.image = None;
            card.has_player = false;
        }
        Outcome::Failed => {
            card.failures += 1;
            if card.state == CardState::Waiting {
                card.state = CardState::Failed;
            }
        }
    }
    if card.image.as_ref().map(|image| &image.file) != before.image.as_ref().map(|image| &image.file) {
        drop_image(tx, before.image.as_ref(), now)?;
    }
    rows::update_card(tx, &card)?;
    if is_embed(&card) != is_embed(&before) {
        schedule_card(tx, instance, id, now)?;
    }
    let unseen = PreviewCard {
        checked_at: before.checked_at,
        failures: before.failures,
        ..card.clone()
    };
    if unseen != before && (card.state == CardState::Ready || before.state == CardState::Ready) {
        tell(tx, id, now)?;
    }
    Ok(())
}

fn drop_image(tx: &mut Conn, image: Option<&CardImage>, now: DateTime<Utc>) -> Result<()> {
    match image {
        Some(image) => Ok(media_rows::insert_trash(tx, &image.file, now)?),
        None => Ok(()),
    }
}

fn fill(card: &mut PreviewCard, found: Found, now: DateTime<Utc>) {
    let Found {
        head,
        page,
        author_id,
        image,
        copy: _,
    } = found;
    card.state = CardState::Ready;
    card.author_url = head
        .author_url
        .as_deref()
        .and_then(|url| address(&page, url))
        .map(String::from)
        .unwrap_or_default();
    card.title = head.title;
    card.description = head.description;
    card.language = head.language;
    card.author_name = head.author_name;
    card.author_account_id = author_id;
    card.provider_name = head.site_name;
    card.provider_url = page.origin().ascii_serialization();
    page.host_str()
        .unwrap_or_default()
        .clone_into(&mut card.page_host);
    card.image_description = if image.is_some() {
        head.image_description
    } else {
        String::new()
    };
    card.image = image;
    card.has_player = head.has_player;
    // Nobody wrote for the web before it, or tomorrow.
    let is_likely = |at: &DateTime<Utc>| at.timestamp() > 0 && *at < now + TimeDelta::days(1);
    card.published_at = head.published_at.filter(is_likely);
}

/// Tells listeners of the newest statuses that show a card.
fn tell(tx: &mut Conn, card: CardId, now: DateTime<Utc>) -> Result<()> {
    for status_id in rows::list_statuses_with(tx, card, StatusId(i64::MAX), MAX_TOLD)? {
        events::emit(tx, &Event::StatusEdited { status_id }, now)?;
    }
    Ok(())
}
