//! Timelines. Home and lists are ready-made rows; the others are keyset queries.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use pouet_model::{
    card::CardState,
    ids::{AccountId, ListId, StatusId, TagId},
    page::{Keyed, Page},
    text::hashtag_name,
    trend::{Subject, TrendKind},
};
use pouet_storage::{
    Conn, accounts, interactions, lists, sight, tags,
    timelines::{self as rows, AccountFilter as RowFilter},
    trend_lists,
};

use crate::{
    cards,
    error::{Error, Result},
    instance::Instance,
    view::{StatusView, load_views},
};

pub use pouet_storage::timelines::PublicFilter;

/// Hashtags that count of `any`, `all` and `none` each, as on Mastodon; further ones are left out.
const MAX_TAGS: usize = 4;
/// Times that a page is filled up after what the viewer does not see has been left out.
const REFILLS: usize = 3;

/// Home timeline of `viewer`.
///
/// Source: <https://docs.joinmastodon.org/methods/timelines/#home>
pub async fn home(instance: &Instance, viewer: AccountId, page: Page) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            fill(conn, Some(viewer), page, now, |conn, page| {
                let ids = rows::list_home(conn, viewer, page)?;
                if page.is_ascending() || ids.len() as i64 == page.limit {
                    return Ok(ids);
                }
                older_home(conn, viewer, page, ids)
            })
        })
        .await
}

/// Goes on by query where the kept rows end.
fn older_home(
    conn: &mut Conn,
    viewer: AccountId,
    page: &Page,
    mut ids: Vec<StatusId>,
) -> Result<Vec<StatusId>> {
    let oldest = rows::find_oldest_home(conn, viewer)?.map(i64::from);
    let below = match (page.max_id, oldest) {
        (Some(max), Some(oldest)) => Some(max.min(oldest)),
        (max, oldest) => max.or(oldest),
    };
    let rest = Page {
        max_id: below,
        limit: page.limit - ids.len() as i64,
        ..*page
    };
    ids.extend(rows::list_home_by_query(conn, viewer, &rest)?);
    Ok(ids)
}

/// Timeline of a list of `viewer`.
///
/// # Errors
/// `NotFound` if the list is not theirs.
///
/// Source: <https://docs.joinmastodon.org/methods/timelines/#list>
pub async fn list(
    instance: &Instance,
    viewer: AccountId,
    list: ListId,
    page: Page,
) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            lists::find_list(conn, viewer, list)?.ok_or(Error::NotFound)?;
            fill(conn, Some(viewer), page, now, |conn, page| {
                Ok(rows::list_list(conn, list, page)?)
            })
        })
        .await
}

/// Public timeline of what this instance knows.
///
/// Source: <https://docs.joinmastodon.org/methods/timelines/#public>
pub async fn public(
    instance: &Instance,
    viewer: Option<AccountId>,
    filter: PublicFilter,
    page: Page,
) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            fill_open(conn, viewer, page, now, |conn, page| {
                Ok(rows::list_public(conn, filter, page)?)
            })
        })
        .await
}

/// Which statuses with hashtags are asked for. Names in any spelling, without `#`; of each kind, the first four count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TagFilter {
    /// The hashtag.
    pub name: String,
    /// Or one of these.
    pub any: Vec<String>,
    /// And all of these.
    pub all: Vec<String>,
    /// And none of these.
    pub none: Vec<String>,
    /// Local, remote, with media.
    pub which: PublicFilter,
}

/// Public statuses with hashtags.
///
/// Source: <https://docs.joinmastodon.org/methods/timelines/#tag>
pub async fn tag(
    instance: &Instance,
    viewer: Option<AccountId>,
    filter: TagFilter,
    page: Page,
) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let any = first_names(std::iter::once(&filter.name).chain(&filter.any));
            let (all, none) = (first_names(&filter.all), first_names(&filter.none));
            let names: Vec<&str> = [&any, &all, &none]
                .into_iter()
                .flatten()
                .filter_map(Option::as_deref)
                .collect();
            let known = tags::load_tag_ids(conn, &names)?;
            let id = |name: &Option<String>| known.get(name.as_deref()?).copied();
            let ids = |names: &[Option<String>]| -> Vec<TagId> { names.iter().filter_map(id).collect() };
            let (any, none) = (ids(&any), ids(&none));
            // Nothing carries a hashtag that is not known, or is none.
            let Some(all) = all.iter().map(id).collect::<Option<Vec<TagId>>>() else {
                return Ok(Vec::new());
            };
            if any.is_empty() {
                return Ok(Vec::new());
            }
            fill_open(conn, viewer, page, now, |conn, page| {
                Ok(rows::list_tagged(conn, &any, &all, &none, filter.which, page)?)
            })
        })
        .await
}

/// The identities of the first [`MAX_TAGS`] hashtags, each once; `None` is what is no hashtag.
fn first_names<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<Option<String>> {
    let mut first = Vec::new();
    for name in names.into_iter().map(|name| hashtag_name(name)) {
        if first.len() >= MAX_TAGS {
            break;
        }
        if !first.contains(&name) {
            first.push(name);
        }
    }
    first
}

/// Public statuses by people who want to be found that show the card of a link which trends.
///
/// # Errors
/// `NotFound` if it does not trend for everybody, or there is nothing to show of it.
///
/// Source: <https://docs.joinmastodon.org/methods/timelines/#link>
pub async fn link(
    instance: &Instance,
    viewer: Option<AccountId>,
    link: &str,
    page: Page,
) -> Result<Vec<StatusView>> {
    let (now, link) = (instance.now(), link.to_owned());
    instance
        .read(move |conn| {
            let card = cards::find_by_link(conn, &link)?
                .filter(|card| card.state == CardState::Ready)
                .ok_or(Error::NotFound)?;
            if !trend_lists::is_trending(conn, Subject::new(TrendKind::Link, card.id.0))? {
                return Err(Error::NotFound);
            }
            fill_open(conn, viewer, page, now, |conn, page| {
                Ok(rows::list_linking(conn, card.id, page)?)
            })
        })
        .await
}

fn find_tag(conn: &mut Conn, name: &str) -> Result<Option<TagId>> {
    let Some(name) = hashtag_name(name) else {
        return Ok(None);
    };
    Ok(tags::find_tag(conn, &name)?.map(|(id, _)| id))
}

/// Which statuses of an account are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountFilter {
    /// With attachments only.
    pub only_media: bool,
    /// No replies to others.
    pub exclude_replies: bool,
    /// No boosts.
    pub exclude_reblogs: bool,
    /// Only the pinned ones.
    pub pinned: bool,
    /// Only with this hashtag.
    pub tagged: Option<String>,
}

/// Statuses of an account that `viewer` may see.
///
/// # Errors
/// `NotFound` if the account is gone.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#statuses>
pub async fn account(
    instance: &Instance,
    viewer: Option<AccountId>,
    author: AccountId,
    filter: AccountFilter,
    page: Page,
) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let account = accounts::find_admitted_account(conn, author)?.ok_or(Error::NotFound)?;
            if account.deleted_at.is_some() {
                return Err(Error::NotFound);
            }
            if filter.pinned {
                let ids = interactions::list_pins(conn, author)?;
                return load_views(conn, viewer, &page.apply(ids, |id| id.0), now);
            }
            let tagged = match &filter.tagged {
                Some(name) => match find_tag(conn, name)? {
                    Some(tag) => Some(tag),
                    None => return Ok(Vec::new()),
                },
                None => None,
            };
            let row_filter = RowFilter {
                only_media: filter.only_media,
                exclude_replies: filter.exclude_replies,
                exclude_reblogs: filter.exclude_reblogs,
                tagged,
                only_open: viewer.is_none(),
            };
            refill(conn, page, |conn, page| {
                let ids = rows::list_account(conn, author, &row_filter, page)?;
                let views = load_views(conn, viewer, &ids, now)?;
                Ok((ids, views))
            })
        })
        .await
}

/// Statuses that `viewer` favourited, keyed by the favourite.
///
/// Source: <https://docs.joinmastodon.org/methods/favourites/#get>
pub async fn favourites(
    instance: &Instance,
    viewer: AccountId,
    page: Page,
) -> Result<Vec<Keyed<StatusView>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = interactions::list_favourites_by(conn, viewer, &page)?;
            keyed(conn, viewer, &found, now)
        })
        .await
}

/// Statuses that `viewer` bookmarked, keyed by the bookmark.
///
/// Source: <https://docs.joinmastodon.org/methods/bookmarks/#get>
pub async fn bookmarks(instance: &Instance, viewer: AccountId, page: Page) -> Result<Vec<Keyed<StatusView>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = interactions::list_bookmarks(conn, viewer, &page)?;
            keyed(conn, viewer, &found, now)
        })
        .await
}

fn keyed(
    conn: &mut Conn,
    viewer: AccountId,
    found: &[(i64, StatusId)],
    now: DateTime<Utc>,
) -> Result<Vec<Keyed<StatusView>>> {
    let ids: Vec<StatusId> = found.iter().map(|(_, id)| *id).collect();
    let views = load_views(conn, Some(viewer), &ids, now)?;
    let key = |view: &StatusView| {
        found
            .iter()
            .find(|(_, id)| *id == view.status.id)
            .map(|(key, _)| *key)
    };
    Ok(views
        .into_iter()
        .filter_map(|view| {
            Some(Keyed {
                key: key(&view)?,
                item: view,
            })
        })
        .collect())
}

/// Reads a page of ids and shows what is for the viewer: visible to them, and not by anybody they blocked or muted.
fn fill(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    page: Page,
    now: DateTime<Utc>,
    read: impl Fn(&mut Conn, &Page) -> Result<Vec<StatusId>>,
) -> Result<Vec<StatusView>> {
    refill(conn, page, |conn, page| {
        let ids = read(conn, page)?;
        let mut views = load_views(conn, viewer, &ids, now)?;
        hide_unwanted(conn, viewer, &mut views, now)?;
        Ok((ids, views))
    })
}

/// [`fill`] for timelines that are open to everybody: limited authors are in none of them, whoever reads.
fn fill_open(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    page: Page,
    now: DateTime<Utc>,
    read: impl Fn(&mut Conn, &Page) -> Result<Vec<StatusId>>,
) -> Result<Vec<StatusView>> {
    let is_limited = |view: &StatusView| view.author.silenced_at.is_some();
    refill(conn, page, |conn, page| {
        let ids = read(conn, page)?;
        let mut views = load_views(conn, viewer, &ids, now)?;
        views.retain(|view| !is_limited(view) && !is_limited(view.content()));
        hide_unwanted(conn, viewer, &mut views, now)?;
        Ok((ids, views))
    })
}

/// Leaves out what is by people whom `viewer` blocked or muted, or who blocked them.
pub(crate) fn hide_unwanted(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    views: &mut Vec<StatusView>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(viewer) = viewer else {
        return Ok(());
    };
    let people: HashSet<AccountId> = views
        .iter()
        .flat_map(|view| [view.author.id, view.content().author.id])
        .filter(|id| *id != viewer)
        .collect();
    let hidden = sight::load_hidden(conn, viewer, &people.into_iter().collect::<Vec<_>>(), now)?;
    views.retain(|view| !hidden.contains(&view.author.id) && !hidden.contains(&view.content().author.id));
    Ok(())
}

/// Goes on reading, a few times, until a page is full or there is no more: clients stop at short pages.
fn refill(
    conn: &mut Conn,
    page: Page,
    mut read: impl FnMut(&mut Conn, &Page) -> Result<(Vec<StatusId>, Vec<StatusView>)>,
) -> Result<Vec<StatusView>> {
    let mut found: Vec<StatusView> = Vec::new();
    let mut next = page;
    for _ in 0..=REFILLS {
        let (ids, views) = read(conn, &next)?;
        let exhausted = (ids.len() as i64) < next.limit;
        if page.is_ascending() {
            found.splice(0..0, views);
            next.min_id = ids.first().map(|id| id.0).or(next.min_id);
        } else {
            found.extend(views);
            next.max_id = ids.last().map(|id| id.0).or(next.max_id);
        }
        next.limit = page.limit - found.len() as i64;
        if exhausted || next.limit <= 0 {
            break;
        }
    }
    Ok(found)
}
