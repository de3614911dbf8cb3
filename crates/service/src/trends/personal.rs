//! What trends among the people whom somebody follows: nothing but counting them, at the moment of asking. Nothing is kept about
//! who asks.

use std::collections::HashMap;

use chrono::TimeDelta;
use pouet_model::{
    ids::{AccountId, StatusId, TagId},
    trend::TrendKind,
};
use pouet_storage::{tags, trend_lists as lists};

use super::{LinkDetails, Window, fit::may_trend, load_links, words::load_words};
use crate::{
    error::Result,
    instance::Instance,
    tags::{TagDetails, load_details},
    timelines::hide_unwanted,
    view::{StatusView, load_views},
};

/// How far back is counted.
const WINDOW: TimeDelta = TimeDelta::hours(48);
/// Things kept out by moderators that a list makes up for.
const KEPT_OUT: i64 = 40;
/// People who have to agree.
const LEAST: i64 = 2;

/// Something with the number of people, among those whom the viewer follows, who took it up within two days.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Among<T> {
    /// How many.
    pub people: i64,
    /// What.
    pub item: T,
}

/// How many people have used each of these things of one kind within two days.
pub async fn people(instance: &Instance, kind: TrendKind, ids: Vec<i64>) -> Result<HashMap<i64, i64>> {
    let since = instance.now() - WINDOW;
    instance
        .read(move |conn| Ok(lists::count_people(conn, kind, &ids, since)?))
        .await
}

async fn counted(
    instance: &Instance,
    viewer: AccountId,
    kind: TrendKind,
    window: Window,
) -> Result<Vec<(i64, i64)>> {
    let trends = instance.settings.trends;
    if !trends.enabled {
        return Ok(Vec::new());
    }
    let since = instance.now() - WINDOW;
    // What moderators keep out is left out: some more are asked for.
    let limit = window.offset + window.limit + KEPT_OUT;
    let mut found = instance
        .read(move |conn| {
            let mut found = lists::list_used_by_followed(conn, viewer, kind, since, LEAST, limit)?;
            let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
            let said = load_words(conn, kind, &ids)?;
            found.retain(|(id, _)| {
                let word = said.get(id).and_then(|word| word.trendable());
                word.unwrap_or(!trends.review)
            });
            Ok(found)
        })
        .await?;
    found.truncate(usize::try_from(window.offset + window.limit).unwrap_or(0));
    let offset = usize::try_from(window.offset).unwrap_or(0);
    Ok(found.into_iter().skip(offset).collect())
}

/// Hashtags that people whom `viewer` follows have used within two days, the most first.
pub async fn tags_among_followed(
    instance: &Instance,
    viewer: AccountId,
    window: Window,
) -> Result<Vec<Among<TagDetails>>> {
    let found = counted(instance, viewer, TrendKind::Tag, window).await?;
    let now = instance.now();
    instance
        .read(move |conn| {
            let ids: Vec<TagId> = found.iter().map(|(id, _)| TagId(*id)).collect();
            let mut known = tags::load_tags_by_id(conn, &ids)?;
            let (mut people, mut named) = (Vec::new(), Vec::new());
            for (id, count) in found {
                let id = TagId(id);
                if let Some(tag) = known.remove(&id) {
                    people.push(count);
                    named.push((Some(id), tag));
                }
            }
            let details = load_details(conn, Some(viewer), named, now)?;
            let among = |(people, item)| Among { people, item };
            Ok(people.into_iter().zip(details).map(among).collect())
        })
        .await
}

/// Public statuses that people whom `viewer` follows have boosted, favourited or answered within two days, the most first.
pub async fn statuses_among_followed(
    instance: &Instance,
    viewer: AccountId,
    window: Window,
) -> Result<Vec<Among<StatusView>>> {
    let found = counted(instance, viewer, TrendKind::Status, window).await?;
    let now = instance.now();
    instance
        .read(move |conn| {
            let ids: Vec<StatusId> = found.iter().map(|(id, _)| StatusId(*id)).collect();
            let people: HashMap<i64, i64> = found.into_iter().collect();
            let mut views = load_views(conn, Some(viewer), &ids, now)?;
            views.retain(|view| may_trend(&view.status, &view.author));
            hide_unwanted(conn, Some(viewer), &mut views, now)?;
            Ok(views
                .into_iter()
                .map(|item| Among {
                    people: people.get(&item.status.id.0).copied().unwrap_or_default(),
                    item,
                })
                .collect())
        })
        .await
}

/// Links that people whom `viewer` follows have posted within two days, the most first.
pub async fn links_among_followed(
    instance: &Instance,
    viewer: AccountId,
    window: Window,
) -> Result<Vec<Among<LinkDetails>>> {
    let found = counted(instance, viewer, TrendKind::Link, window).await?;
    let now = instance.now();
    instance
        .read(move |conn| {
            let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
            let people: HashMap<i64, i64> = found.into_iter().collect();
            let links = load_links(conn, Some(viewer), &ids, now)?;
            Ok(links
                .into_iter()
                .map(|item| Among {
                    people: people.get(&item.card.card.id.0).copied().unwrap_or_default(),
                    item,
                })
                .collect())
        })
        .await
}
