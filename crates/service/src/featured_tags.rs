//! Hashtags on profiles, of people here and elsewhere.
//!
//! Source: <https://docs.joinmastodon.org/methods/featured_tags/>

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use pouet_model::{
    account::Account,
    ids::{AccountId, RelationId, StatusId, TagId, id_at},
    text::hashtag_name,
};
use pouet_storage::{
    Conn,
    featured_tags::{self as rows, FeaturedTagRow, TagUsage},
    tags, users,
};

use crate::{
    error::{Error, Result},
    follows::find_present,
    instance::Instance,
    jobs::{self, FeaturedChange, FeaturedItem, Job},
    tag_rules::check_usable,
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

/// How accounts use the hashtags on their profiles, which is costly to count for those who write much. It holds as
/// long as the account publishes and deletes nothing; an edit shows after five minutes.
#[derive(Debug)]
pub(crate) struct Usages(Cache<AccountId, Arc<Counted>>);

/// What was counted.
#[derive(Debug)]
struct Counted {
    /// What the account had published by then: how much, and when last.
    published: (i64, Option<DateTime<Utc>>),
    tags: Vec<TagId>,
    usage: HashMap<TagId, TagUsage>,
}

impl Usages {
    pub(crate) fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(2000)
                .time_to_live(Duration::from_mins(5))
                .build(),
        )
    }

    fn load(&self, conn: &mut Conn, account: &Account, tags: &[TagId]) -> Result<Arc<Counted>> {
        let published = (account.statuses_count, account.last_status_at);
        let known = self.0.get(&account.id);
        if let Some(known) = known.filter(|known| known.published == published && known.tags == tags) {
            return Ok(known);
        }
        let counted = Arc::new(Counted {
            published,
            tags: tags.to_vec(),
            usage: rows::load_usage(conn, account.id, tags)?,
        });
        self.0.insert(account.id, Arc::clone(&counted));
        Ok(counted)
    }
}

fn tag_ids(found: &[FeaturedTagRow]) -> Vec<TagId> {
    found.iter().map(|row| row.tag_id).collect()
}

fn views(found: Vec<FeaturedTagRow>, usage: &HashMap<TagId, TagUsage>) -> Vec<FeaturedTagView> {
    let view = |row: FeaturedTagRow| {
        let used = usage.get(&row.tag_id).copied().unwrap_or_default();
        FeaturedTagView {
            id: row.id,
            tag: row.tag,
            statuses_count: used.statuses,
            last_status_at: used.last_at,
        }
    };
    found.into_iter().map(view).collect()
}

/// The hashtags on a profile, by name; none on that of a suspended account.
///
/// # Errors
/// `NotFound` if the account is gone.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#featured_tags>
pub async fn list(instance: &Instance, account: AccountId) -> Result<Vec<FeaturedTagView>> {
    let reader = instance.clone();
    instance
        .read(move |conn| {
            let account = find_present(conn, account)?;
            if account.suspended_at.is_some() {
                return Ok(Vec::new());
            }
            let found = rows::list_featured_tags(conn, account.id)?;
            let counted = reader.tag_usages.load(conn, &account, &tag_ids(&found))?;
            Ok(views(found, &counted.usage))
        })
        .await
}

/// Puts a hashtag on one's profile.
///
/// # Errors
/// `Invalid` if it is no hashtag, one that members may not use, there already, or one too many.
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
            users::lock_user_of(tx, actor)?;
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
            check_usable(tx, "name", "Name", std::slice::from_ref(&tag))?;
            let tag_id = tags::find_or_insert_tag(tx, writer.next_id(), &tag)?;
            let id: RelationId = writer.next_id();
            rows::insert_featured_tag(tx, id, actor, tag_id, now)?;
            let shown = rows::list_featured_tags(tx, actor)?;
            let row = shown
                .into_iter()
                .find(|row| row.id == id)
                .ok_or(Error::NotFound)?;
            tell(tx, &writer, actor, &row, FeaturedChange::Add)?;
            let usage = rows::load_usage(tx, actor, &[row.tag_id])?;
            views(vec![row], &usage).pop().ok_or(Error::NotFound)
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
