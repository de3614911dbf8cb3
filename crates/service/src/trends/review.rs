//! What moderators see of trends, and what they say of them.
//!
//! Source: <https://docs.joinmastodon.org/methods/admin/trends/>

use std::collections::HashMap;

use pouet_model::{
    account::User,
    ids::{CardId, StatusId, TagId},
    trend::{Subject, TrendKind},
};
use pouet_storage::{
    Conn, tags,
    trend_lists::{self as lists, ExclusionRow},
};

use super::{LinkDetails, Window, load_links};
use crate::{
    error::{Error, Result},
    instance::Instance,
    tags::{TagDetails, load_details},
    view::{StatusView, load_views},
};

/// Something that trends, as a moderator sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate<T> {
    /// What.
    pub item: T,
    /// What a moderator said of it; `None`: nothing yet.
    pub trendable: Option<bool>,
    /// Whether it waits for a moderator's word.
    pub requires_review: bool,
}

/// # Errors
/// `Forbidden` for those who do not look after the instance.
fn check_staff(actor: &User) -> Result<()> {
    if actor.role.is_staff() {
        return Ok(());
    }
    Err(Error::Forbidden("this action is not allowed"))
}

/// What moderators said of things by their ids; `None`: nothing yet.
type Words = HashMap<i64, Option<bool>>;

/// What of a kind trends or waits, best first, with what was said of it.
fn listed(conn: &mut Conn, kind: TrendKind, window: Window) -> Result<(Vec<i64>, Words)> {
    let rows = lists::list_trends(conn, kind, true, window.offset, window.limit)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let reviews = lists::load_reviews(conn, kind, &ids)?;
    let said = ids.iter().map(|id| (*id, reviews.get(id).copied())).collect();
    Ok((ids, said))
}

fn candidate<T>(item: T, trendable: Option<bool>, review: bool) -> Candidate<T> {
    Candidate {
        item,
        trendable,
        requires_review: review && trendable.is_none(),
    }
}

/// Hashtags that trend, those that wait for a moderator's word among them.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
///
/// Source: <https://docs.joinmastodon.org/methods/admin/trends/#tags>
pub async fn candidate_tags(
    instance: &Instance,
    actor: &User,
    window: Window,
) -> Result<Vec<Candidate<TagDetails>>> {
    check_staff(actor)?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| {
            let (ids, said) = listed(conn, TrendKind::Tag, window)?;
            let ids: Vec<TagId> = ids.into_iter().map(TagId).collect();
            let mut known = tags::load_tags_by_id(conn, &ids)?;
            let named = ids
                .into_iter()
                .filter_map(|id| Some((Some(id), known.remove(&id)?)))
                .collect();
            let details = load_details(conn, Some(viewer), named, now)?;
            let word = |tag: &TagDetails| tag.id.and_then(|id| said.get(&id.0).copied().flatten());
            Ok(details
                .into_iter()
                .map(|tag| candidate(tag.clone(), word(&tag), review))
                .collect())
        })
        .await
}

/// Statuses that trend, those that wait for a moderator's word among them.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
///
/// Source: <https://docs.joinmastodon.org/methods/admin/trends/#statuses>
pub async fn candidate_statuses(
    instance: &Instance,
    actor: &User,
    window: Window,
) -> Result<Vec<Candidate<StatusView>>> {
    check_staff(actor)?;
    let now = instance.now();
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| {
            let (ids, said) = listed(conn, TrendKind::Status, window)?;
            let ids: Vec<StatusId> = ids.into_iter().map(StatusId).collect();
            // As everybody sees it: whoever blocks a moderator is not out of their reach.
            let views = load_views(conn, None, &ids, now)?;
            Ok(views
                .into_iter()
                .map(|view| {
                    let word = said.get(&view.status.id.0).copied().flatten();
                    candidate(view, word, review)
                })
                .collect())
        })
        .await
}

/// Links that trend, those that wait for a moderator's word among them.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
///
/// Source: <https://docs.joinmastodon.org/methods/admin/trends/#links>
pub async fn candidate_links(
    instance: &Instance,
    actor: &User,
    window: Window,
) -> Result<Vec<Candidate<LinkDetails>>> {
    check_staff(actor)?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let review = instance.settings.trends.review;
    instance
        .read(move |conn| {
            let (ids, said) = listed(conn, TrendKind::Link, window)?;
            let links = load_links(conn, Some(viewer), &ids, now)?;
            Ok(links
                .into_iter()
                .map(|link| {
                    let word = said.get(&link.card.card.id.0).copied().flatten();
                    candidate(link, word, review)
                })
                .collect())
        })
        .await
}

/// Lets a link trend, whoever is behind it, or never again.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if there is no such link, or nothing to show of it.
pub async fn review_link(
    instance: &Instance,
    actor: &User,
    id: CardId,
    trendable: bool,
) -> Result<Candidate<LinkDetails>> {
    check_staff(actor)?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let link = instance
        .read(move |conn| {
            let found = load_links(conn, Some(viewer), &[id.0], now)?;
            found.into_iter().next().ok_or(Error::NotFound)
        })
        .await?;
    say(instance, actor, Subject::new(TrendKind::Link, id), trendable).await?;
    Ok(candidate(link, Some(trendable), false))
}

/// Lets a hashtag trend, whoever is behind it, or never again.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if there is no such hashtag.
pub async fn review_tag(
    instance: &Instance,
    actor: &User,
    id: TagId,
    trendable: bool,
) -> Result<Candidate<TagDetails>> {
    say(instance, actor, Subject::new(TrendKind::Tag, id), trendable).await?;
    let (now, viewer) = (instance.now(), actor.account_id);
    let tag = instance
        .read(move |conn| {
            let tag = tags::load_tags_by_id(conn, &[id])?
                .remove(&id)
                .ok_or(Error::NotFound)?;
            let found = load_details(conn, Some(viewer), vec![(Some(id), tag)], now)?;
            found.into_iter().next().ok_or(Error::NotFound)
        })
        .await?;
    Ok(candidate(tag, Some(trendable), false))
}

/// Lets a status trend, whoever is behind it, or never again.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance; `NotFound` if not everybody sees such a status.
pub async fn review_status(
    instance: &Instance,
    actor: &User,
    id: StatusId,
    trendable: bool,
) -> Result<Candidate<StatusView>> {
    check_staff(actor)?;
    let view = crate::statuses::find(instance, None, id).await?;
    say(instance, actor, Subject::new(TrendKind::Status, id), trendable).await?;
    Ok(candidate(view, Some(trendable), false))
}

async fn say(instance: &Instance, actor: &User, subject: Subject, trendable: bool) -> Result<()> {
    check_staff(actor)?;
    let (now, account) = (instance.now(), actor.account_id);
    instance
        .write(move |tx| {
            if subject.kind == TrendKind::Tag && tags::load_tags_by_id(tx, &[TagId(subject.id)])?.is_empty() {
                return Err(Error::NotFound);
            }
            tracing::info!(by = %account, kind = %subject.kind, id = subject.id, trendable, "a trend was reviewed");
            Ok(lists::upsert_review(tx, subject, trendable, now)?)
        })
        .await
}

/// What was kept out lately because those behind it look like a ring, the last first.
///
/// # Errors
/// `Forbidden` if `actor` does not look after the instance.
pub async fn exclusions(instance: &Instance, actor: &User, limit: i64) -> Result<Vec<ExclusionRow>> {
    check_staff(actor)?;
    instance
        .read(move |conn| Ok(lists::list_exclusions(conn, limit)?))
        .await
}
