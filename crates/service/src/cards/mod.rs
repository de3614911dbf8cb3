//! Preview cards: the first link of an open status is shown with what its page says of itself.
//!
//! The address is written down with the status, in its transaction; a job reads the page later, once for all statuses
//! that link to it. Nothing that a page sends is shown as HTML: cards have plain texts and a picture of our own (rule
//! R053).
//!
//! Source: <https://docs.joinmastodon.org/entities/PreviewCard/>

pub(crate) mod charset;
mod fetch;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    card::{CardState, PreviewCard, normalise_link},
    html::outward_links,
    ids::{AccountId, CardId, JobId, StatusId},
    status::Status,
};
use pouet_storage::{Conn, cards as rows, media};

use crate::{
    delivery::host_of,
    error::Result,
    instance::Instance,
    jobs::{self, Job, jitter},
    visibility::Accounts,
};

pub(crate) use fetch::fetch;

/// Links of a status that are looked at to find one that can have a card.
const MAX_LINKS: usize = 5;
/// How long after a local status was posted its card is fetched, at most.
const LOCAL_SPREAD: TimeDelta = TimeDelta::seconds(5);
/// The same for statuses of other servers: a popular link reaches a thousand servers at once, which shall not all ask
/// for the page at once (rule R009).
const REMOTE_SPREAD: TimeDelta = TimeDelta::seconds(60);
/// How long what a page says of itself is believed.
const FRESH_FOR: TimeDelta = TimeDelta::days(14);
/// How long a page that could not be read is left alone; the time doubles with each failure.
const FAILED_FOR: TimeDelta = TimeDelta::hours(1);
/// Most doublings of it: a little less than two weeks.
const MAX_DOUBLINGS: i64 = 8;
/// How long a card that no status shows is kept.
const UNUSED_FOR: TimeDelta = TimeDelta::days(1);
/// Cards removed in one transaction.
const BATCH: i64 = 100;

/// A card as a viewer sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardView {
    /// The card.
    pub card: PreviewCard,
    /// The address as the status has it; on its own, that of the card.
    pub url: String,
    /// The author of the page, who has confirmed it.
    pub author: Option<Arc<Account>>,
    /// Whether the page names the viewer as its author, who has not confirmed it; `None` for anonymous viewers.
    pub missing_attribution: Option<bool>,
}

impl CardView {
    /// `accounts` holds the account that the card names.
    pub(crate) fn new(
        card: PreviewCard,
        url: String,
        accounts: &Accounts,
        viewer: Option<AccountId>,
    ) -> Self {
        let named = card.author_account_id.and_then(|id| accounts.get(&id));
        let author = named
            .filter(|account| account.is_active() && card.is_attributable_to(&account.attribution_domains))
            .cloned();
        let is_viewer = |viewer| author.is_none() && card.author_account_id == Some(viewer);
        Self {
            missing_attribution: viewer.map(is_viewer),
            author,
            url,
            card,
        }
    }
}

/// The cards with these ids that have something to show, as `viewer` sees them.
pub async fn view(
    instance: &Instance,
    viewer: Option<AccountId>,
    ids: &[CardId],
) -> Result<HashMap<CardId, CardView>> {
    let ids = ids.to_vec();
    instance.read(move |conn| load_views(conn, viewer, &ids)).await
}

/// [`view`], in a transaction.
pub(crate) fn load_views(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    ids: &[CardId],
) -> Result<HashMap<CardId, CardView>> {
    let mut cards = rows::load_cards(conn, ids)?;
    cards.retain(|_, card| card.state == CardState::Ready);
    let people: Vec<AccountId> = cards.values().filter_map(|card| card.author_account_id).collect();
    let accounts = crate::visibility::load_accounts(conn, &people)?;
    Ok(cards
        .into_iter()
        .map(|(id, card)| {
            let url = card.url.clone();
            (id, CardView::new(card, url, &accounts, viewer))
        })
        .collect())
}

/// The card behind a link, by which its timeline is found; whatever its state.
pub(crate) fn find_by_link(conn: &mut Conn, link: &str) -> Result<Option<PreviewCard>> {
    match normalise_link(link) {
        Some(url) => Ok(rows::find_card_by_url(conn, url.as_str())?),
        None => Ok(None),
    }
}

/// Notes which card a status shows, and returns it, whatever its state. Called when a status is new and when its text has
/// changed.
pub(crate) fn attach(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    now: DateTime<Utc>,
) -> Result<Option<PreviewCard>> {
    if status.reblog_of_id.is_some() {
        return Ok(None);
    }
    let shown = rows::find_status_card(tx, status.id)?;
    let Some((link, url)) = first_link(instance, status) else {
        if shown.is_some() {
            rows::delete_status_card(tx, status.id)?;
        }
        return Ok(None);
    };
    let card = rows::find_or_insert_card(tx, instance.next_id(), &url, now)?;
    if shown.is_none_or(|shown| shown != (card.id, link.clone())) {
        rows::insert_status_card(tx, status.id, card.id, &link)?;
    }
    Ok(Some(card))
}

/// Has the page of the card that a status shows read, if that was never done or is long ago. Not called for what was only
/// found in a profile, a thread or at a relay: there is no end to that.
pub(crate) fn fetch_later(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    now: DateTime<Utc>,
) -> Result<()> {
    let card = match rows::find_status_card(tx, status.id)? {
        Some((card, _)) => rows::find_card(tx, card)?,
        None => None,
    };
    let Some(card) = card.filter(|card| is_due(card, now)) else {
        return Ok(());
    };
    let limit = if status.is_local() {
        LOCAL_SPREAD
    } else {
        REMOTE_SPREAD
    };
    let id: JobId = instance.next_id();
    let at = now + jitter(limit, id.0);
    // Pages of one slow host keep neither others nor what happens here waiting (rule R096).
    let host = host_of(&card.url);
    let job = Job::FetchCard { card_id: card.id };
    jobs::enqueue_for(tx, host.as_deref(), id, &job, at, now)
}

/// The first link of an open status that can have a card: as it is written, and the address of its card. Links to this
/// instance have none, nor those that our client would not follow anyway.
fn first_link(instance: &Instance, status: &Status) -> Option<(String, String)> {
    if !status.visibility.is_open() {
        return None;
    }
    outward_links(&status.content, MAX_LINKS)
        .into_iter()
        .find_map(|link| {
            let url = normalise_link(&link)?.to_string();
            let is_foreign = !instance.urls().is_own(&url) && instance.net.policy().check(&url).is_ok();
            is_foreign.then_some((link, url))
        })
}

/// Whether the page of a card is to be read (again).
fn is_due(card: &PreviewCard, now: DateTime<Utc>) -> bool {
    let Some(checked_at) = card.checked_at else {
        return true;
    };
    let wait = if card.failures > 0 {
        FAILED_FOR * (1 << (card.failures - 1).min(MAX_DOUBLINGS))
    } else {
        FRESH_FOR
    };
    checked_at + wait <= now
}

/// Removes cards that no status shows any more.
pub(crate) async fn prune(instance: &Instance) -> Result<()> {
    loop {
        let now = instance.now();
        let removed = instance
            .write(move |tx| {
                let (removed, files) = rows::delete_unused_cards(tx, now - UNUSED_FOR, BATCH)?;
                for file in files {
                    media::insert_trash(tx, &file, now)?;
                }
                Ok(removed as i64)
            })
            .await?;
        if removed < BATCH {
            return Ok(());
        }
    }
}

/// What a status shows of its link.
pub(crate) type StatusCards = HashMap<StatusId, (String, PreviewCard)>;
