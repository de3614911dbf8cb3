//! Hashtags on profiles, of people here and elsewhere.
//!
//! Source: <https://docs.joinmastodon.org/methods/featured_tags/>

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId, TagId, id_at},
    text::hashtag_name,
};
use pouet_storage::{
    Conn, accounts,
    featured_tags::{self as rows, FeaturedTagRow},
    tags,
};

use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, FeaturedChange, FeaturedItem, Job},
    view::TagView,
};

/// Hashtags on one profile, as on Mastodon.
pub const MAX_FEATURED: usize = 10;
/// Hashtags that are suggested.
const SUGGESTED: i64 = 10;
/// How far back they are looked for.
const LATELY: TimeDelta = TimeDelta::days(90);

/// A hashtag on a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeaturedTagView {
    /// Its id.
    pub id: RelationId,
    /// The hashtag.
    pub tag: TagView,
    /// How often the account used it for everybody to see.
    pub statuses_count: i64,
    /// When it did so last.
    pub last_status_at: Option<DateTime<Utc>>,
}

fn views(conn: &mut Conn, account: AccountId, found: Vec<FeaturedTagRow>) -> Result<Vec<FeaturedTagView>> {
    let ids: Vec<TagId> = found.iter().map(|row| row.tag_id).collect();
    let usage = rows::load_usage(conn, account, &ids)?;
    let view = |row: FeaturedTagRow| {
        let used = usage.get(&row.tag_id).copied().unwrap_or_default();
        FeaturedTagView {
            id: row.id,
            tag: row.tag,
            statuses_count: used.statuses,
            last_status_at: used.last_at,
        }
    };
    Ok(found.into_iter().map(view).collect())
}

/// The hashtags on a profile, by name.
///
/// # Errors
/// `NotFound` if the account is gone.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#featured_tags>
pub async fn list(instance: &Instance, account: AccountId) -> Result<Vec<FeaturedTagView>> {
    instance
        .read(move |conn| {
            let found = accounts::find_admitted_account(conn, account)?;
            if found.is_none_or(|account| !account.is_active()) {
                return Err(Error::NotFound);
            }
            let found = rows::list_featured_tags(conn, account)?;
            views(conn, account, found)
        })
        .await
}

/// Puts a hashtag on one's profile.
///
/// # Errors
/// `Invalid` if it is no hashtag, there already, or one too many.
pub async fn feature(instance: &Instance, actor: AccountId, name: &str) -> Result<FeaturedTagView> {
    let display_name = name.trim().trim_start_matches(['#', '＃']).to_owned();
    let tag = TagView {
        name: hashtag_name(name)
            .filter(|_| !display_name.contains(char::is_whitespace))
            .ok_or_else(|| Error::invalid("name", "ERR_INVALID", "Name is invalid"))?,
        display_name,
    };
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let shown = rows::list_featured_tags(tx, actor)?;
            if shown.iter().any(|row| row.tag.name == tag.name) {
                return Err(Error::invalid("name", "ERR_TAKEN", "Name has already been taken"));
            }
            if shown.len() >= MAX_FEATURED {
                return Err(Error::invalid(
                    "base",
                    "ERR_INVALID",
                    "You have already featured the maximum number of hashtags",
                ));
            }
            let tag_id = tags::find_or_insert_tag(tx, writer.next_id(), &tag)?;
            let id: RelationId = writer.next_id();
            rows::insert_featured_tag(tx, id, actor, tag_id, now)?;
            let shown = rows::list_featured_tags(tx, actor)?;
            let row = shown
                .into_iter()
                .find(|row| row.id == id)
                .ok_or(Error::NotFound)?;
            tell(tx, &writer, actor, &row, FeaturedChange::Add)?;
            views(tx, actor, vec![row])?.pop().ok_or(Error::NotFound)
        })
        .await
}

/// Takes a hashtag off one's profile.
///
/// # Errors
/// `NotFound` if it is not on theirs.
pub async fn unfeature(instance: &Instance, actor: AccountId, id: RelationId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let shown = rows::list_featured_tags(tx, actor)?;
            let row = shown
                .into_iter()
                .find(|row| row.id == id)
                .ok_or(Error::NotFound)?;
            rows::delete_featured_tag(tx, id)?;
            tell(tx, &writer, actor, &row, FeaturedChange::Remove)
        })
        .await
}

fn tell(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    row: &FeaturedTagRow,
    change: FeaturedChange,
) -> Result<()> {
    let now = instance.now();
    let job = Job::SendFeatured {
        account_id: actor,
        item: FeaturedItem::Tag {
            name: row.tag.name.clone(),
            display_name: row.tag.display_name.clone(),
        },
        change,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// The hashtags that an account used most within [`LATELY`] and does not show.
pub async fn suggestions(instance: &Instance, actor: AccountId) -> Result<Vec<TagView>> {
    let since = StatusId(id_at(instance.now() - LATELY, instance.now(), 0));
    instance
        .read(move |conn| Ok(rows::list_most_used(conn, actor, since, SUGGESTED)?))
        .await
}

/// Puts a hashtag on the profile of a remote account, as its server says. One too many is left alone.
pub async fn receive_featured_tag(instance: &Instance, account: AccountId, tag: TagView) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            if rows::list_featured_tags(tx, account)?.len() >= MAX_FEATURED {
                return Ok(());
            }
            add(tx, &writer, account, &tag)
        })
        .await
}

fn add(tx: &mut Conn, instance: &Instance, account: AccountId, tag: &TagView) -> Result<()> {
    let tag_id = tags::find_or_insert_tag(tx, instance.next_id(), tag)?;
    rows::insert_featured_tag(tx, instance.next_id(), account, tag_id, instance.now())?;
    Ok(())
}

/// Takes a hashtag off the profile of a remote account, if it is there.
pub async fn receive_unfeatured_tag(instance: &Instance, account: AccountId, name: &str) -> Result<()> {
    let name = name.to_owned();
    instance
        .write(move |tx| {
            let shown = rows::list_featured_tags(tx, account)?;
            match shown.into_iter().find(|row| row.tag.name == name) {
                Some(row) => Ok(rows::delete_featured_tag(tx, row.id)?),
                None => Ok(()),
            }
        })
        .await
}

/// Makes the hashtags on the profile of a remote account those that its server lists.
pub async fn receive_featured_tags(
    instance: &Instance,
    account: AccountId,
    named: Vec<TagView>,
) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let named = &named[..named.len().min(MAX_FEATURED)];
            for row in rows::list_featured_tags(tx, account)? {
                if named.iter().all(|tag| tag.name != row.tag.name) {
                    rows::delete_featured_tag(tx, row.id)?;
                }
            }
            named.iter().try_for_each(|tag| add(tx, &writer, account, tag))
        })
        .await
}
