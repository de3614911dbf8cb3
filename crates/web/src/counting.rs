//! Statuses on pages, and links by which authors learn what readers did: addresses of ours that count and lead on.
//!
//! Whatever a page shows of statuses is made here, so that none is shown without being counted.
//!
//! Only a page that somebody reads in a browser has them. Feeds, frames on other sites, pages for programs and for
//! the author have the plain addresses, and so has everything that is not a page.

use std::collections::HashSet;

use pouet_model::html::detour_links;
use pouet_model::ids::AccountId;
use pouet_service::Error;
use pouet_service::analytics::{self, Reader};
use pouet_service::view::StatusView;

use crate::context::Context;
use crate::convert::status_card;
use crate::view::{SafeHtml, StatusCard};

/// The address that counts a followed link and leads on.
const LINK: &str = "/l";
/// The address that counts an opened file and leads on.
const FILE: &str = "/m";
/// Where files are.
pub(crate) const FILES: &str = "/media/";

/// What is counted on one page.
pub(crate) struct Counting<'a> {
    cx: &'a Context,
    reader: Option<Reader>,
    /// Authors who have followed links counted.
    links: HashSet<AccountId>,
}

impl<'a> Counting<'a> {
    /// What is counted on a page with these statuses. Costs one query, or none where nothing is counted.
    pub(crate) async fn of<'v>(
        cx: &'a Context,
        views: impl IntoIterator<Item = &'v StatusView>,
    ) -> Result<Self, Error> {
        let reader = cx.reader();
        let mut authors = HashSet::new();
        for view in views {
            let shown = view.content();
            let quoted = shown.quote.as_ref().and_then(|quote| quote.quoted.as_deref());
            let counted = [Some(shown), quoted]
                .into_iter()
                .flatten()
                .filter(|view| analytics::is_counted_for(cx.instance(), reader.as_ref(), view));
            authors.extend(counted.map(|view| view.author.id));
        }
        let links = analytics::link_counting(cx.instance(), authors.into_iter().collect()).await?;
        Ok(Self { cx, reader, links })
    }

    /// The statuses of a list.
    pub(crate) fn cards(&self, views: &[StatusView]) -> Vec<StatusCard> {
        views.iter().map(|view| self.card(view)).collect()
    }

    /// A status; of a reblog, what it passes on. It counts as having been shown to the reader.
    pub(crate) fn card(&self, view: &StatusView) -> StatusCard {
        analytics::seen(self.cx.instance(), self.reader.as_ref(), [view]);
        let mut card = status_card(view, self.cx.urls());
        let shown = view.content();
        self.lead(shown, &mut card);
        let quoted = shown.quote.as_ref().and_then(|quote| quote.quoted.as_deref());
        if let (Some(quoted), Some(card)) = (quoted, &mut card.quote) {
            self.lead(quoted, card);
        }
        card
    }

    /// Gives a card of `view` the addresses that count.
    fn lead(&self, view: &StatusView, card: &mut StatusCard) {
        let (instance, reader) = (self.cx.instance(), self.reader.as_ref());
        if let Some(ticket) = analytics::profile_ticket(instance, reader, view) {
            card.account.url = format!("{}?from={ticket}", card.account.url);
        }
        for file in &mut card.media {
            if let Some(key) = file.url.strip_prefix(FILES)
                && let Some(ticket) = analytics::media_ticket(instance, reader, view, &file.url)
            {
                file.open = format!("{FILE}/{ticket}/{key}");
            }
        }
        if !self.links.contains(&view.author.id) {
            return;
        }
        let lead = |address: &str| {
            analytics::web_link(address)?;
            let mark = analytics::link_mark(address);
            let ticket = analytics::link_ticket(instance, reader, view, &mark)?;
            Some(format!("{LINK}/{}/{mark}?from={ticket}", view.status.id))
        };
        card.content = SafeHtml::sanitised(detour_links(card.content.as_str(), lead));
        if let Some(link) = &mut card.link
            && let Some(address) = lead(&link.url)
        {
            link.target = Some(std::mem::replace(&mut link.url, address));
        }
    }
}
