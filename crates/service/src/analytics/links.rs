//! Links in statuses, followed by way of this instance where their author asked to have that counted.
//!
//! Only our own pages lead there, by tickets: an address that was made up or is over leads nowhere but to the status.
//! What is stored, what apps read and what other servers get has the links as they were written.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use pouet_model::{html::outward_links, ids::AccountId};
use pouet_storage::analytics as rows;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Act, Purpose, Reader, is_counted, note, read_ticket, ticket};
use crate::{error::Result, instance::Instance, view::StatusView};

/// Links of one status that are looked at: more than any status can hold.
const MAX_LINKS: usize = 2_000;
/// Bytes of a hash that tell the links of a status apart.
const MARK: usize = 16;

/// Whether followed links in the statuses of `account` are counted. At first they are not.
pub async fn counts_links(instance: &Instance, account: AccountId) -> Result<bool> {
    Ok(link_counting(instance, vec![account]).await?.contains(&account))
}

/// Which of these accounts have followed links in their statuses counted.
pub async fn link_counting(instance: &Instance, accounts: Vec<AccountId>) -> Result<HashSet<AccountId>> {
    if accounts.is_empty() {
        return Ok(HashSet::new());
    }
    instance
        .read(move |conn| Ok(rows::load_link_counting(conn, &accounts)?))
        .await
}

/// What tells a link of a status from the others; it changes with the address, so that an edit leads nobody astray.
pub fn link_mark(address: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(address.as_bytes())[..MARK])
}

/// The web page that a link leads to; `None` for other links: they do not lead through this instance.
pub fn web_link(address: &str) -> Option<Url> {
    Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// Where the link with this mark leads, if the status has it: in its text or as its card.
pub fn find_link(view: &StatusView, mark: &str) -> Option<Url> {
    let card = view.card.as_ref().map(|card| card.url.clone());
    outward_links(&view.status.content, MAX_LINKS)
        .into_iter()
        .chain(card)
        .find(|address| link_mark(address) == mark)
        .and_then(|address| web_link(&address))
}

/// A ticket for the link of a status with this mark, to be put on a page that `reader` gets; `None` where following
/// it would not be counted. Whether the author asked for that is for the caller to know.
pub fn link_ticket(
    instance: &Instance,
    reader: Option<&Reader>,
    view: &StatusView,
    mark: &str,
) -> Option<String> {
    ticket(instance, reader, view, Purpose::Link(mark))
}

/// Counts that `reader` followed the link of a status with this mark, if one of our pages sent them. False: none did,
/// or its author does not want that counted; then nothing was, and nobody is to be led on.
pub async fn followed_link(
    instance: &Instance,
    reader: Option<&Reader>,
    view: &StatusView,
    mark: &str,
    ticket: &str,
) -> Result<bool> {
    let is_ours = read_ticket(instance, ticket, Purpose::Link(mark))
        .is_some_and(|ticket| ticket.status == view.status.id);
    if !is_ours || !is_counted(instance, view) || !counts_links(instance, view.author.id).await? {
        return Ok(false);
    }
    note(instance, reader, view, Act::FollowedLink);
    Ok(true)
}
