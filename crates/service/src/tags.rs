//! Hashtags: what is known of them, and following them.
//!
//! Source: <https://docs.joinmastodon.org/methods/tags/>, <https://docs.joinmastodon.org/methods/followed_tags/>

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, StatusId, TagId},
    page::{Keyed, Page},
    text::hashtag_name,
    trend::{TrendKind, day_of},
};
use pouet_storage::{
    Conn, featured_tags as featured, sight, tag_follows as rows, tags, timelines, trends as counts,
};

use crate::{
    error::{Error, Result},
    featured_tags,
    instance::Instance,
    view::TagView,
};

/// Days of use that are told, today among them, as on Mastodon.
pub const HISTORY_DAYS: i64 = 7;
/// Statuses that enter home when a hashtag is followed.
const BACKFILL: i64 = 40;

/// Use of something on one day (UTC).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayOfUse {
    /// Its first second.
    pub day: DateTime<Utc>,
    /// Public statuses.
    pub uses: i64,
    /// Their authors.
    pub accounts: i64,
}

/// A hashtag with everything that is told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagDetails {
    /// Its id; `None` if nobody has used it here.
    pub id: Option<TagId>,
    /// Its name.
    pub tag: TagView,
    /// Its use in the last [`HISTORY_DAYS`] days, today first.
    pub history: Vec<DayOfUse>,
    /// Whether the viewer follows it; `None` for anonymous viewers.
    pub following: Option<bool>,
    /// Whether the viewer has it on their profile; `None` for anonymous viewers.
    pub featuring: Option<bool>,
}

/// The use of each of the subjects, today first, with zeros where there was none.
pub(crate) fn load_history(
    conn: &mut Conn,
    kind: TrendKind,
    ids: &[i64],
    now: DateTime<Utc>,
) -> Result<HashMap<i64, Vec<DayOfUse>>> {
    let today = day_of(now);
    let counted = counts::load_days(conn, kind, ids, today - HISTORY_DAYS + 1)?;
    let history = |id: &i64| -> Vec<DayOfUse> {
        let days = counted.get(id).map(Vec::as_slice).unwrap_or_default();
        (0..HISTORY_DAYS)
            .map(|back| {
                let row = days.iter().find(|row| row.day == today - back);
                DayOfUse {
                    day: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(today - back),
                    uses: row.map_or(0, |row| row.uses.max(0)),
                    accounts: row.map_or(0, |row| row.accounts.max(0)),
                }
            })
            .collect()
    };
    Ok(ids.iter().map(|id| (*id, history(id))).collect())
}

/// What is told of hashtags, in the given order, with a constant number of queries.
pub(crate) fn load_details(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    named: Vec<(Option<TagId>, TagView)>,
    now: DateTime<Utc>,
) -> Result<Vec<TagDetails>> {
    let ids: Vec<TagId> = named.iter().filter_map(|(id, _)| *id).collect();
    // 0 stands for what nobody has used.
    let keys: Vec<i64> = ids.iter().map(|id| id.0).chain([0]).collect();
    let mut history = load_history(conn, TrendKind::Tag, &keys, now)?;
    let (followed, shown) = match viewer {
        Some(viewer) => (
            rows::load_followed_tags(conn, viewer, &ids)?,
            featured::list_featured_tags(conn, viewer)?
                .into_iter()
                .map(|row| row.tag_id)
                .collect(),
        ),
        None => (HashSet::new(), HashSet::new()),
    };
    Ok(named
        .into_iter()
        .map(|(id, tag)| {
            let key = id.map_or(0, |id| id.0);
            let is_in = |set: &HashSet<TagId>| viewer.map(|_| id.is_some_and(|id| set.contains(&id)));
            TagDetails {
                id,
                tag,
                following: is_in(&followed),
                featuring: is_in(&shown),
                history: match id {
                    Some(_) => history.remove(&key).unwrap_or_default(),
                    None => history.get(&key).cloned().unwrap_or_default(),
                },
            }
        })
        .collect())
}

/// What is told of hashtags that were found elsewhere, in the given order.
pub async fn describe(
    instance: &Instance,
    viewer: Option<AccountId>,
    named: Vec<TagView>,
) -> Result<Vec<TagDetails>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let folded: Vec<&str> = named.iter().map(|tag| tag.name.as_str()).collect();
            let ids = tags::load_tag_ids(conn, &folded)?;
            let named = named
                .into_iter()
                .map(|tag| (ids.get(&tag.name).copied(), tag))
                .collect();
            load_details(conn, viewer, named, now)
        })
        .await
}

/// A hashtag as somebody names it: in any spelling with or without `#`, or by its id, which no hashtag looks like.
fn find_named(conn: &mut Conn, text: &str) -> Result<(Option<TagId>, TagView)> {
    if let Ok(id) = text.parse::<TagId>() {
        let found = tags::load_tags_by_id(conn, &[id])?.remove(&id);
        return found.map(|tag| (Some(id), tag)).ok_or(Error::NotFound);
    }
    let tag = parse(text).ok_or(Error::NotFound)?;
    Ok(match tags::find_tag(conn, &tag.name)? {
        Some((id, tag)) => (Some(id), tag),
        None => (None, tag),
    })
}

/// The hashtag that `text` spells, with or without `#`; `None` if it cannot be one.
pub(crate) fn parse(text: &str) -> Option<TagView> {
    let display_name = text.trim().trim_start_matches(['#', '＃']).to_owned();
    let name = hashtag_name(text).filter(|_| !display_name.contains(char::is_whitespace))?;
    Some(TagView { name, display_name })
}

/// A hashtag by its name or id. One that nobody has used yet has no id and no history.
///
/// # Errors
/// `NotFound` if it cannot be a hashtag.
///
/// Source: <https://docs.joinmastodon.org/methods/tags/#get>
pub async fn find(instance: &Instance, viewer: Option<AccountId>, name: &str) -> Result<TagDetails> {
    let (name, now) = (name.to_owned(), instance.now());
    instance
        .read(move |conn| {
            let named = find_named(conn, &name)?;
            load_details(conn, viewer, vec![named], now)?
                .pop()
                .ok_or(Error::NotFound)
        })
        .await
}

/// Follows a hashtag: public statuses with it enter the home timeline, whoever wrote them. Doing it again changes nothing.
///
/// # Errors
/// `NotFound` if it cannot be a hashtag.
///
/// Source: <https://docs.joinmastodon.org/methods/tags/#follow>
pub async fn follow(instance: &Instance, actor: AccountId, name: &str) -> Result<TagDetails> {
    let name = name.to_owned();
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let (id, tag) = find_named(tx, &name)?;
            let id = match id {
                Some(id) => id,
                None => tags::find_or_insert_tag(tx, writer.next_id(), &tag)?,
            };
            if rows::insert_tag_follow(tx, writer.next_id(), actor, id, now)? {
                let found = rows::list_for_home(tx, id, BACKFILL)?;
                fill_home(tx, actor, found, now)?;
                timelines::trim_home(tx, actor, writer.limits().home_feed_rows)?;
            }
            load_details(tx, Some(actor), vec![(Some(id), tag)], now)?
                .pop()
                .ok_or(Error::NotFound)
        })
        .await
}

/// Enters statuses into a home timeline, but for those of authors whom its owner does not want to see, and those that are
/// older than all that is kept there: they are read by query.
fn fill_home(
    tx: &mut Conn,
    owner: AccountId,
    mut found: Vec<(StatusId, AccountId)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let authors: Vec<AccountId> = found.iter().map(|(_, author)| *author).collect();
    let hidden = sight::load_hidden(tx, owner, &authors, now)?;
    let oldest = timelines::find_oldest_home(tx, owner)?;
    found.retain(|(status, author)| !hidden.contains(author) && oldest.is_none_or(|oldest| *status > oldest));
    Ok(rows::feed_add(tx, owner, &found)?)
}

/// Puts back into a home timeline what an author, who is followed no longer, wrote with followed hashtags.
pub(crate) fn fill_home_of(tx: &mut Conn, owner: AccountId, author: AccountId) -> Result<()> {
    if !rows::follows_any(tx, owner)? {
        return Ok(());
    }
    // What is older than all of the timeline comes by query.
    let Some(oldest) = timelines::find_oldest_home(tx, owner)? else {
        return Ok(());
    };
    let found = rows::list_for_home_of(tx, owner, author, oldest, BACKFILL)?;
    if found.is_empty() {
        return Ok(());
    }
    // A mute that has just ended may count here: nothing is lost but a few rows.
    fill_home(tx, owner, found, DateTime::UNIX_EPOCH)
}

/// Follows a hashtag no longer: what was in the home timeline because of it alone leaves. Doing it again changes nothing.
///
/// # Errors
/// `NotFound` if it cannot be a hashtag.
///
/// Source: <https://docs.joinmastodon.org/methods/tags/#unfollow>
pub async fn unfollow(instance: &Instance, actor: AccountId, name: &str) -> Result<TagDetails> {
    let name = name.to_owned();
    let now = instance.now();
    instance
        .write(move |tx| {
            let named = find_named(tx, &name)?;
            if let Some(id) = named.0
                && rows::delete_tag_follow(tx, actor, id)?
            {
                rows::feed_remove_tag(tx, actor, id)?;
            }
            load_details(tx, Some(actor), vec![named], now)?
                .pop()
                .ok_or(Error::NotFound)
        })
        .await
}

/// The hashtags that an account follows, the one followed last leading.
///
/// Source: <https://docs.joinmastodon.org/methods/followed_tags/#get>
pub async fn followed(instance: &Instance, viewer: AccountId, page: Page) -> Result<Vec<Keyed<TagDetails>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::list_tag_follows(conn, viewer, &page)?;
            let ids: Vec<TagId> = found.iter().map(|keyed| keyed.item).collect();
            let known = tags::load_tags_by_id(conn, &ids)?;
            let (mut keys, mut named) = (Vec::new(), Vec::new());
            for Keyed { key, item } in found {
                if let Some(tag) = known.get(&item) {
                    keys.push(key);
                    named.push((Some(item), tag.clone()));
                }
            }
            let details = load_details(conn, Some(viewer), named, now)?;
            let keyed = |(key, item)| Keyed { key, item };
            Ok(keys.into_iter().zip(details).map(keyed).collect())
        })
        .await
}

/// Puts a hashtag on the profile of `actor`; one that is there stays.
///
/// # Errors
/// `NotFound` if it cannot be a hashtag; `Invalid` if there are too many.
///
/// Source: <https://docs.joinmastodon.org/methods/tags/#feature>
pub async fn feature(instance: &Instance, actor: AccountId, name: &str) -> Result<TagDetails> {
    let known = find(instance, Some(actor), name).await?;
    if known.featuring != Some(true) {
        featured_tags::feature(instance, actor, &known.tag.display_name).await?;
    }
    find(instance, Some(actor), &known.tag.name).await
}

/// Takes a hashtag off the profile of `actor`; one that is not there is left alone.
///
/// # Errors
/// `NotFound` if it cannot be a hashtag.
///
/// Source: <https://docs.joinmastodon.org/methods/tags/#unfeature>
pub async fn unfeature(instance: &Instance, actor: AccountId, name: &str) -> Result<TagDetails> {
    let known = find(instance, Some(actor), name).await?;
    let shown = featured_tags::list(instance, actor).await?;
    if let Some(row) = shown.into_iter().find(|row| row.tag.name == known.tag.name) {
        featured_tags::unfeature(instance, actor, row.id).await?;
    }
    find(instance, Some(actor), &known.tag.name).await
}
