//! What moderators said: of hashtags, statuses and links one by one, of sites, and of how hashtags may be used.

use std::collections::HashMap;

use pouet_model::{
    ids::{CardId, TagId},
    trend::TrendKind,
};
use pouet_storage::{Conn, publishers, tags, trend_lists as lists};

use crate::error::Result;

/// What moderators said of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Word {
    /// Of this alone.
    own: Option<bool>,
    /// Of the site that a link leads to.
    site: Option<bool>,
    /// It is a hashtag that members may not write.
    is_barred: bool,
}

impl Word {
    /// Whether it may trend; `None`: nobody has said anything. What was said of a link goes before what was said of its
    /// site.
    pub(super) fn trendable(self) -> Option<bool> {
        if self.is_barred {
            return Some(false);
        }
        self.own.or(self.site)
    }

    /// Whether it may trend whoever is behind it. A site that may be linked to does not vouch for who links to it.
    pub(super) fn is_vouched_for(self) -> bool {
        self.own == Some(true) && !self.is_barred
    }
}

/// What moderators said of each of these things, with a constant number of queries.
pub(super) fn load_words(conn: &mut Conn, kind: TrendKind, ids: &[i64]) -> Result<HashMap<i64, Word>> {
    let said = lists::load_reviews(conn, kind, ids)?;
    let mut words: HashMap<i64, Word> = ids
        .iter()
        .map(|id| {
            let word = Word {
                own: said.get(id).copied(),
                ..Word::default()
            };
            (*id, word)
        })
        .collect();
    match kind {
        TrendKind::Tag => {
            let tag_ids: Vec<TagId> = ids.iter().map(|id| TagId(*id)).collect();
            for (id, rules) in tags::load_tag_rules(conn, &tag_ids)? {
                words.entry(id.0).or_default().is_barred = !rules.usable;
            }
        }
        TrendKind::Link => {
            let cards: Vec<CardId> = ids.iter().map(|id| CardId(*id)).collect();
            let hosts = publishers::load_page_hosts(conn, &cards)?;
            let names: Vec<&str> = hosts.values().map(String::as_str).collect();
            let sites = publishers::load_publishers_of(conn, &names)?;
            for (card, host) in &hosts {
                words.entry(card.0).or_default().site = sites.get(host).and_then(|site| site.trendable);
            }
        }
        _ => {}
    }
    Ok(words)
}
