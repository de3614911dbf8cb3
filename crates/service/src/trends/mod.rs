//! Trends: hashtags, statuses and links that many different people take up, computed on this instance from the public statuses
//! that it knows. `docs/trends.md` explains how, and why.
//!
//! - `count` writes down who used what, in the transaction of the status or act itself;
//! - `refresh` looks every few minutes at the candidates and writes lists down;
//! - what is here reads those lists.
//!
//! Source: <https://docs.joinmastodon.org/methods/trends/>

mod count;
mod fit;
mod personal;
mod publishers;
mod refresh;
mod regulars;
mod review;
mod ring;
mod words;

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, CardId, StatusId, TagId},
    trend::{FLOOR, TrendKind, potential},
};
use pouet_storage::{Conn, tags, trend_lists as lists};

use crate::{
    cards::{CardView, load_views as load_cards},
    error::Result,
    instance::Instance,
    tags::{DayOfUse, TagDetails, load_details, load_history},
    timelines::hide_unwanted,
    view::{StatusView, load_views},
};

pub(crate) use count::{
    count_act, count_act_by, count_late_answer, count_reference, count_status, forget_act, forget_status,
    forget_uses, recount_status,
};
pub use personal::{Among, links_among_followed, people, statuses_among_followed, tags_among_followed};
pub use pouet_storage::{publishers::Publisher, trend_lists::ExclusionRow as Exclusion};
pub use publishers::{publishers, review_publisher};
pub use refresh::refresh;
pub(crate) use refresh::{EVERY, judge_anew, prune, ring_among, run};
pub use review::{
    By, Candidate, Standing, State, candidate_links, candidate_statuses, candidate_tags, exclusions,
    review_link, review_status, review_tag, standings,
};

/// Which part of a list is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// Entries that are left out.
    pub offset: i64,
    /// Entries at most.
    pub limit: i64,
}

/// What of the last look is shown. What has lost its reasons since, because statuses were deleted or their authors do not want to
/// be found any more, is gone at once.
fn listed(conn: &mut Conn, kind: TrendKind, window: Window, now: DateTime<Utc>) -> Result<Vec<i64>> {
    let rows = lists::list_trends(conn, kind, false, window.offset, window.limit)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let least = potential(FLOOR, now, kind.half_life());
    let supported = lists::load_supported(conn, kind, &ids, least)?;
    Ok(ids.into_iter().filter(|id| supported.contains(id)).collect())
}

/// Hashtags that trend, best first.
///
/// Source: <https://docs.joinmastodon.org/methods/trends/#tags>
pub async fn tags(instance: &Instance, viewer: Option<AccountId>, window: Window) -> Result<Vec<TagDetails>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let ids = listed(conn, TrendKind::Tag, window, now)?;
            let ids: Vec<TagId> = ids.into_iter().map(TagId).collect();
            let mut known = tags::load_tags_by_id(conn, &ids)?;
            let named = ids
                .into_iter()
                .filter_map(|id| Some((Some(id), known.remove(&id)?)))
                .collect();
            load_details(conn, viewer, named, now)
        })
        .await
}

/// Statuses that trend, best first: of those, what `viewer` may and wants to see.
///
/// Source: <https://docs.joinmastodon.org/methods/trends/#statuses>
pub async fn statuses(
    instance: &Instance,
    viewer: Option<AccountId>,
    window: Window,
) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let rows = lists::list_trends(conn, TrendKind::Status, false, window.offset, window.limit)?;
            let ids: Vec<StatusId> = rows.iter().map(|row| StatusId(row.id)).collect();
            let mut views = load_views(conn, viewer, &ids, now)?;
            // What has changed since the last look counts at once.
            views.retain(|view| fit::may_trend(&view.status, &view.author));
            hide_unwanted(conn, viewer, &mut views, now)?;
            Ok(views)
        })
        .await
}

/// A link with what its page says of itself, and its use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkDetails {
    /// The card that the page has.
    pub card: CardView,
    /// Its use by day, today first.
    pub history: Vec<DayOfUse>,
}

/// What is told of links, in the given order, without those that have nothing to show.
fn load_links(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    ids: &[i64],
    now: DateTime<Utc>,
) -> Result<Vec<LinkDetails>> {
    let cards: Vec<CardId> = ids.iter().map(|id| CardId(*id)).collect();
    let mut cards = load_cards(conn, viewer, &cards)?;
    let mut history = load_history(conn, TrendKind::Link, ids, now)?;
    Ok(ids
        .iter()
        .filter_map(|id| {
            Some(LinkDetails {
                card: cards.remove(&CardId(*id))?,
                history: history.remove(id)?,
            })
        })
        .collect())
}

/// Links that trend, best first.
///
/// Source: <https://docs.joinmastodon.org/methods/trends/#links>
pub async fn links(
    instance: &Instance,
    viewer: Option<AccountId>,
    window: Window,
) -> Result<Vec<LinkDetails>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let ids = listed(conn, TrendKind::Link, window, now)?;
            load_links(conn, viewer, &ids, now)
        })
        .await
}
