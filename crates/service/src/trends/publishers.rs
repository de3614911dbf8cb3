//! Sites whose links trend or come near to it: moderators decide on all links of a site at once.
//!
//! Source: Mastodon's `Api::V1::Admin::Trends::Links::PreviewCardProvidersController`

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{CardId, PublisherId},
    page::Page,
    trend::TrendKind,
};
use pouet_storage::{
    Conn,
    publishers::{self as rows, Publisher},
    trend_lists::TrendRow,
};

use super::{refresh::judge_anew, review::By};
use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// How long a site is remembered of which nobody has said anything, and none of whose links trends any more.
const KEEP: TimeDelta = TimeDelta::days(30);

/// Sites whose links trend or did so lately, and those of which a moderator has said something, the last known first.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
pub async fn publishers(instance: &Instance, actor: By<'_>, page: Page) -> Result<Vec<Publisher>> {
    actor.check()?;
    instance
        .read(move |conn| Ok(rows::list_publishers(conn, &page)?))
        .await
}

/// Lets the links of a site trend, or never again. What was said of a single link stays.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if there is no such site.
pub async fn review_publisher(
    instance: &Instance,
    actor: By<'_>,
    id: PublisherId,
    trendable: bool,
) -> Result<Publisher> {
    let by = actor.check()?;
    let (now, review) = (instance.now(), instance.settings.trends.review);
    instance
        .write(move |tx| {
            if rows::find_publisher(tx, id)?.is_none() {
                return Err(Error::NotFound);
            }
            rows::update_publisher(tx, id, trendable, now)?;
            tracing::info!(%by, id = id.0, trendable, "a publisher of links was reviewed");
            judge_anew(tx, TrendKind::Link, review)?;
            rows::find_publisher(tx, id)?.ok_or(Error::NotFound)
        })
        .await
}

/// Notes the sites of links that trend or wait, so that moderators find them. `review`: their word is waited for.
pub(super) fn notice(
    tx: &mut Conn,
    instance: &Instance,
    links: &[TrendRow],
    review: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let cards: Vec<CardId> = links.iter().map(|link| CardId(link.id)).collect();
    let mut hosts: Vec<String> = rows::load_page_hosts(tx, &cards)?.into_values().collect();
    hosts.sort_unstable();
    hosts.dedup();
    let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let known = rows::load_publishers_of(tx, &names)?;
    for host in names.iter().filter(|host| !known.contains_key(**host)) {
        rows::insert_publisher(tx, instance.next_id(), host, review.then_some(now), now)?;
    }
    if review {
        let waiting: Vec<PublisherId> = known.values().map(|site| site.id).collect();
        rows::request_reviews(tx, &waiting, now)?;
    }
    Ok(())
}

/// Forgets the sites that nobody said anything of. One whose links still trend is noted again at the next look.
pub(super) fn prune(tx: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    Ok(rows::delete_unreviewed_before(tx, now - KEEP)?)
}
