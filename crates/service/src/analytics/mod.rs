//! How often statuses of people here are read on this instance, for their authors alone.
//!
//! Only sums are kept. That one reader counts once an hour is known from keyed hashes that live in memory; their key
//! is made anew each hour, and nothing but the sums is written, once a minute. What our pages lead to (files,
//! profiles, links) is known by tickets and addresses that stand on those pages only. Nothing of this is federated,
//! and nothing is ranked by it.

mod counters;
mod links;
mod plot;
mod reader;
mod summary;
mod table;
mod tickets;

use std::time::Duration;

use pouet_model::{
    ids::{AccountId, StatusId},
    status::Visibility,
};
use pouet_storage::analytics::{self as rows, NewReads};
use tokio::sync::watch;

use self::{
    counters::Act,
    tickets::{Purpose, Ticket},
};
use crate::{instance::Instance, view::StatusView};

pub(crate) use counters::Counters;
pub use links::{counts_links, find_link, followed_link, link_counting, link_mark, link_ticket, web_link};
pub use plot::bars;
pub use pouet_storage::analytics::{LEAST_READS, Reads};
pub use reader::Reader;
pub use summary::{AccountAnalytics, DayAnalytics, StatusAnalytics, ToldReads, of_account, of_status};
pub use table::csv;
pub(crate) use tickets::Tickets;

/// How often sums are written. It also blurs when something was read.
pub const FLUSH_EVERY: Duration = Duration::from_mins(1);
/// Readings that are told apart within an hour, and tickets that are used up; what is more is not counted.
const MAX_SEEN: usize = 500_000;
/// Rows that are written at once: others who write need not wait long.
const BATCH: usize = 250;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Counts that `reader` was shown statuses in a list, and what these quote.
pub fn seen<'a>(
    instance: &Instance,
    reader: Option<&Reader>,
    views: impl IntoIterator<Item = &'a StatusView>,
) {
    for view in views {
        note(instance, reader, view, Act::Saw);
        if let Some(quoted) = quoted(view) {
            note(instance, reader, quoted, Act::Saw);
        }
    }
}

/// Counts that `reader` opened a status, and was shown what it quotes.
pub fn opened(instance: &Instance, reader: Option<&Reader>, view: &StatusView) {
    note(instance, reader, view, Act::Opened);
    seen(instance, reader, [view]);
}

/// What is shown whole within a status.
fn quoted(view: &StatusView) -> Option<&StatusView> {
    view.content().quote.as_ref()?.quoted.as_deref()
}

/// Whether readings of a status are counted at all: not of what people elsewhere wrote, and only of what anybody may
/// read. Where those who may are known, followers for instance, any number could say who of them it was.
fn is_counted(instance: &Instance, view: &StatusView) -> bool {
    let is_for_all = matches!(view.status.visibility, Visibility::Public | Visibility::Unlisted);
    instance.settings.analytics_enabled && view.author.is_local() && is_for_all
}

fn note(instance: &Instance, reader: Option<&Reader>, view: &StatusView, act: Act) {
    let view = view.content();
    if is_counted(instance, view) {
        count(instance, reader, view.status.id, view.author.id, act);
    }
}

/// Readings of one's own are not counted.
fn count(instance: &Instance, reader: Option<&Reader>, status: StatusId, author: AccountId, act: Act) {
    let Some(reader) = reader.filter(|reader| reader.account() != Some(author)) else {
        return;
    };
    if let Err(error) = instance.analytics.count(act, status, reader, instance.now()) {
        tracing::warn!(%error, "a reading cannot be counted");
    }
}

/// Whether what `reader` does with a status would be counted.
pub fn is_counted_for(instance: &Instance, reader: Option<&Reader>, view: &StatusView) -> bool {
    reader.is_some_and(|reader| reader.account() != Some(view.author.id)) && is_counted(instance, view)
}

/// A ticket for the file of a status at `path` on this instance, to be put on a page that `reader` gets; `None` where
/// opening it would not be counted.
pub fn media_ticket(
    instance: &Instance,
    reader: Option<&Reader>,
    view: &StatusView,
    path: &str,
) -> Option<String> {
    ticket(instance, reader, view, Purpose::Media(path))
}

/// A ticket for going on from a status to its author's profile; `None` where that would not be counted.
pub fn profile_ticket(instance: &Instance, reader: Option<&Reader>, view: &StatusView) -> Option<String> {
    ticket(instance, reader, view, Purpose::Profile)
}

fn ticket(
    instance: &Instance,
    reader: Option<&Reader>,
    view: &StatusView,
    purpose: Purpose<'_>,
) -> Option<String> {
    if !is_counted_for(instance, reader, view) {
        return None;
    }
    instance
        .tickets
        .issue(purpose, view.status.id, view.author.id, instance.now())
        .inspect_err(|error| tracing::warn!(%error, "a ticket cannot be made"))
        .ok()
}

fn read_ticket(instance: &Instance, text: &str, purpose: Purpose<'_>) -> Option<Ticket> {
    if !instance.settings.analytics_enabled {
        return None;
    }
    instance.tickets.read(text, purpose, instance.now())
}

/// Counts that `reader` opened or plays the file at `path`, if one of our pages sent them.
pub fn opened_media(instance: &Instance, reader: Option<&Reader>, ticket: &str, path: &str) {
    if let Some(ticket) = read_ticket(instance, ticket, Purpose::Media(path)) {
        count(instance, reader, ticket.status, ticket.author, Act::OpenedMedia);
    }
}

/// Counts that `reader` opened the profile of `account`, if a post of theirs on one of our pages sent them. A ticket
/// counts once, whoever has it.
pub fn opened_profile(instance: &Instance, reader: Option<&Reader>, ticket: &str, account: AccountId) {
    let ticket = read_ticket(instance, ticket, Purpose::Profile).filter(|ticket| ticket.author == account);
    if let Some(ticket) = ticket.filter(|_| reader.is_some())
        && instance.tickets.use_up(ticket, instance.now())
    {
        count(instance, reader, ticket.status, account, Act::OpenedProfile);
    }
}

/// Writes sums every minute, until `stop` turns true.
pub async fn run(instance: Instance, mut stop: watch::Receiver<bool>) {
    loop {
        let stopping = tokio::select! {
            () = tokio::time::sleep(FLUSH_EVERY) => false,
            _ = stop.changed() => true,
        };
        flush(&instance).await;
        if stopping {
            return;
        }
    }
}

/// Writes what was counted since the last time, a few rows at once. What cannot be written now is written the next
/// time.
pub async fn flush(instance: &Instance) {
    let mut pending: Vec<NewReads> = instance.analytics.take();
    // In one order always: two programs on one database do not wait for each other's rows.
    pending.sort_by_key(|new| (new.status, new.day));
    let mut batches = pending.chunks(BATCH);
    while let Some(batch) = batches.next() {
        let rows = batch.to_vec();
        let written = instance
            .write_beside(move |tx| Ok(rows::add_reads(tx, &rows)?))
            .await;
        if written.is_none() {
            instance.analytics.put_back(batch.iter().chain(batches.flatten()));
            return;
        }
    }
}
