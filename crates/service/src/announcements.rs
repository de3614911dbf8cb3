//! What those who run the instance tell everybody.
//!
//! Source: <https://docs.joinmastodon.org/methods/announcements/>

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use pouet_model::{
    account::Account,
    emoji::CustomEmoji,
    html::outward_links,
    ids::{AccountId, AnnouncementId, StatusId},
    reaction::unicode_emoji,
    text,
};
use pouet_storage::{Conn, announcements as rows, emojis, locks::lock_announcement};

use crate::{
    composition::compose,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    jobs::{self, Job},
    statuses,
    view::{StatusView, TagView, load_views},
    visibility::load_accounts,
};

pub use pouet_storage::announcements::{Announcement, AnnouncementReaction};

/// Longest text, in characters.
const MAX_CHARS: usize = 5000;
/// Different emoji on one announcement, as on Mastodon.
const MAX_REACTIONS: usize = 8;
/// Statuses that an announcement links to and that are told apart.
const MAX_STATUSES: usize = 5;

/// An announcement as somebody reads it.
#[derive(Clone, Debug)]
pub struct AnnouncementView {
    /// It.
    pub announcement: Announcement,
    /// Whether the reader has dismissed it.
    pub read: bool,
    /// Emoji that people put on it, with the pictures of custom ones.
    pub reactions: Vec<(AnnouncementReaction, Option<CustomEmoji>)>,
    /// Accounts that it names.
    pub mentions: Vec<Arc<Account>>,
    /// Statuses that it links to and that the reader may see.
    pub statuses: Vec<StatusView>,
    /// Custom emoji in its text.
    pub emojis: Vec<CustomEmoji>,
}

/// What an announcement is made of, or becomes; `None` leaves a value as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AnnouncementChange {
    /// Plain text with mentions, hashtags, links and custom emoji; required of a new one.
    pub text: Option<String>,
    /// When what is announced begins; `Some(None)`: no such time.
    pub starts_at: Option<Option<DateTime<Utc>>>,
    /// When it ends; `Some(None)`: no such time.
    pub ends_at: Option<Option<DateTime<Utc>>>,
    /// Of these times only the days count.
    pub all_day: Option<bool>,
    /// Whether people see it; a new one is a draft unless told.
    pub published: Option<bool>,
}

/// When it is over; of a whole day, when the day is.
fn end_of(announcement: &Announcement) -> Option<DateTime<Utc>> {
    announcement.ends_at.map(|end| {
        if announcement.all_day {
            end + TimeDelta::days(1) - TimeDelta::seconds(i64::from(end.num_seconds_from_midnight()))
        } else {
            end
        }
    })
}

fn has_ended(announcement: &Announcement, now: DateTime<Utc>) -> bool {
    end_of(announcement).is_some_and(|end| end <= now)
}

fn is_shown(announcement: &Announcement, now: DateTime<Utc>) -> bool {
    announcement.published_at.is_some() && !has_ended(announcement, now)
}

/// What people are told now, in the order of its time.
pub async fn list(instance: &Instance, viewer: AccountId) -> Result<Vec<AnnouncementView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let mut found = rows::list_announcements(conn)?;
            found.retain(|announcement| is_shown(announcement, now));
            found.sort_by_key(|announcement| {
                let time = announcement.starts_at.or(announcement.published_at);
                (time.unwrap_or(announcement.created_at), announcement.id)
            });
            load(conn, viewer, found, now)
        })
        .await
}

/// An announcement that people are told now.
///
/// # Errors
/// `NotFound` otherwise.
pub async fn find(instance: &Instance, viewer: AccountId, id: AnnouncementId) -> Result<AnnouncementView> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = find_shown(conn, id, now)?;
            let view = load(conn, viewer, vec![found], now)?.pop();
            view.ok_or(Error::NotFound)
        })
        .await
}

fn find_shown(conn: &mut Conn, id: AnnouncementId, now: DateTime<Utc>) -> Result<Announcement> {
    rows::find_announcement(conn, id)?
        .filter(|announcement| is_shown(announcement, now))
        .ok_or(Error::NotFound)
}

fn load(
    conn: &mut Conn,
    viewer: AccountId,
    found: Vec<Announcement>,
    now: DateTime<Utc>,
) -> Result<Vec<AnnouncementView>> {
    let ids: Vec<AnnouncementId> = found.iter().map(|announcement| announcement.id).collect();
    let read = rows::load_read(conn, viewer, &ids)?;
    let mut reactions = rows::load_reactions(conn, viewer, &ids)?;
    let people: Vec<AccountId> = found
        .iter()
        .flat_map(|one| one.mentions.iter().copied())
        .collect();
    let people = load_accounts(conn, &people)?;
    let linked: Vec<StatusId> = found
        .iter()
        .flat_map(|one| one.statuses.iter().copied())
        .collect();
    let linked = load_views(conn, Some(viewer), &linked, now)?;
    let shortcodes_of = |announcement: &Announcement| -> Vec<String> {
        let parsed = text::parse(&announcement.text);
        parsed.shortcodes().into_iter().map(str::to_owned).collect()
    };
    let wanted: HashSet<String> = found
        .iter()
        .flat_map(&shortcodes_of)
        .chain(reactions.values().flatten().map(|reaction| reaction.name.clone()))
        .collect();
    let wanted: Vec<String> = wanted.into_iter().collect();
    let emojis: HashMap<String, CustomEmoji> = emojis::load_local_emojis(conn, &wanted)?
        .into_iter()
        .map(|emoji| (emoji.shortcode.clone(), emoji))
        .collect();
    Ok(found
        .into_iter()
        .map(|announcement| AnnouncementView {
            read: read.contains(&announcement.id),
            reactions: reactions
                .remove(&announcement.id)
                .unwrap_or_default()
                .into_iter()
                .map(|reaction| {
                    let picture = emojis.get(&reaction.name).cloned();
                    (reaction, picture)
                })
                .collect(),
            mentions: announcement
                .mentions
                .iter()
                .filter_map(|id| people.get(id).filter(|account| account.is_active()).cloned())
                .collect(),
            statuses: linked
                .iter()
                .filter(|view| announcement.statuses.contains(&view.status.id))
                .cloned()
                .collect(),
            emojis: shortcodes_of(&announcement)
                .iter()
                .filter_map(|shortcode| emojis.get(shortcode).cloned())
                .collect(),
            announcement,
        })
        .collect())
}

/// Notes that somebody has read an announcement.
///
/// # Errors
/// `NotFound` if people are told no such thing.
pub async fn dismiss(instance: &Instance, viewer: AccountId, id: AnnouncementId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            let found = find_shown(tx, id, now)?;
            Ok(rows::insert_read(tx, viewer, found.id)?)
        })
        .await
}

/// Puts an emoji on an announcement: one of Unicode, or the shortcode of one of ours. Doing it again changes nothing.
///
/// # Errors
/// `NotFound` if people are told no such thing; `Invalid` if it is no emoji, or there are too many others.
pub async fn react(instance: &Instance, viewer: AccountId, id: AnnouncementId, name: &str) -> Result<()> {
    let (row_id, now) = (instance.next_id(), instance.now());
    let name = unicode_emoji(name).unwrap_or_else(|| name.trim_matches(':').to_owned());
    instance
        .write(move |tx| {
            lock_announcement(tx, id)?;
            let found = find_shown(tx, id, now)?;
            let refused = |reason: &str| Err(Error::invalid("name", "ERR_INVALID", reason));
            let is_known = unicode_emoji(&name).is_some()
                || !emojis::load_local_emojis(tx, std::slice::from_ref(&name))?.is_empty();
            if !is_known {
                return refused("Name is not a recognized emoji");
            }
            let there = rows::load_reactions(tx, viewer, &[id])?
                .remove(&id)
                .unwrap_or_default();
            if there.len() >= MAX_REACTIONS && there.iter().all(|reaction| reaction.name != name) {
                return refused("Limit of different reactions reached");
            }
            if rows::insert_reaction(tx, row_id, found.id, viewer, &name)? {
                tell_reaction(tx, id, name, now)?;
            }
            Ok(())
        })
        .await
}

/// Takes an emoji off an announcement. That it is not there is no error.
///
/// # Errors
/// `NotFound` if people are told no such thing.
pub async fn unreact(instance: &Instance, viewer: AccountId, id: AnnouncementId, name: &str) -> Result<()> {
    let now = instance.now();
    let name = unicode_emoji(name).unwrap_or_else(|| name.trim_matches(':').to_owned());
    instance
        .write(move |tx| {
            let found = find_shown(tx, id, now)?;
            if rows::delete_reaction(tx, found.id, viewer, &name)? {
                tell_reaction(tx, id, name, now)?;
            }
            Ok(())
        })
        .await
}

fn tell_reaction(tx: &mut Conn, id: AnnouncementId, name: String, now: DateTime<Utc>) -> Result<()> {
    let event = Event::AnnouncementReaction {
        announcement_id: id,
        name,
    };
    events::emit(tx, &event, now)
}

/// All announcements, drafts and ended ones too, for those who run the instance.
pub async fn list_all(instance: &Instance) -> Result<Vec<Announcement>> {
    instance.read(|conn| Ok(rows::list_announcements(conn)?)).await
}

/// Writes an announcement.
///
/// # Errors
/// `Invalid` without a text, with one that is too long, or with an end before the beginning.
pub async fn create(instance: &Instance, change: AnnouncementChange) -> Result<Announcement> {
    let now = instance.now();
    let blank = Announcement {
        id: instance.next_id(),
        text: String::new(),
        content: String::new(),
        mentions: Vec::new(),
        tags: Vec::new(),
        statuses: Vec::new(),
        all_day: false,
        starts_at: None,
        ends_at: None,
        published_at: None,
        created_at: now,
        updated_at: now,
    };
    let written = write_text(instance, change.text.as_deref()).await?;
    let announcement = changed(blank, &change, written, now)?;
    let (handle, row) = (instance.clone(), announcement.clone());
    instance
        .write(move |tx| {
            rows::insert_announcement(tx, &row)?;
            tell(tx, &handle, &row, false, now)
        })
        .await?;
    Ok(announcement)
}

/// Changes an announcement.
///
/// # Errors
/// `NotFound` if there is none; else as of [`create`].
pub async fn update(
    instance: &Instance,
    id: AnnouncementId,
    change: AnnouncementChange,
) -> Result<Announcement> {
    let written = write_text(instance, change.text.as_deref()).await?;
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            // Who changes something else at the same time does not undo this, nor this that.
            lock_announcement(tx, id)?;
            let before = rows::find_announcement(tx, id)?.ok_or(Error::NotFound)?;
            let was_shown = before.published_at.is_some();
            let after = changed(before, &change, written, now)?;
            rows::update_announcement(tx, &after)?;
            tell(tx, &handle, &after, was_shown, now)?;
            Ok(after)
        })
        .await
}

/// Tells listeners that an announcement is over, when it is.
pub(crate) async fn end(instance: &Instance, id: AnnouncementId) -> Result<()> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            lock_announcement(tx, id)?;
            match rows::find_announcement(tx, id)? {
                Some(found) if found.published_at.is_none() => Ok(()),
                Some(found) if has_ended(&found, now) => {
                    events::emit(tx, &Event::AnnouncementDeleted { announcement_id: id }, now)
                }
                // It was given more time.
                Some(found) => end_later(tx, &handle, &found, now),
                None => Ok(()),
            }
        })
        .await
}

fn end_later(
    tx: &mut Conn,
    instance: &Instance,
    announcement: &Announcement,
    now: DateTime<Utc>,
) -> Result<()> {
    match end_of(announcement) {
        Some(end) => {
            let job = Job::EndAnnouncement {
                announcement_id: announcement.id,
            };
            jobs::enqueue(tx, instance.next_id(), &job, end, now)
        }
        None => Ok(()),
    }
}

/// Removes an announcement.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn delete(instance: &Instance, id: AnnouncementId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            if !rows::delete_announcement(tx, id)? {
                return Err(Error::NotFound);
            }
            events::emit(tx, &Event::AnnouncementDeleted { announcement_id: id }, now)
        })
        .await
}

/// Tells listeners what became of an announcement, and has them told of its end.
fn tell(
    tx: &mut Conn,
    instance: &Instance,
    announcement: &Announcement,
    was_shown: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let announcement_id = announcement.id;
    if is_shown(announcement, now) {
        end_later(tx, instance, announcement, now)?;
        events::emit(tx, &Event::AnnouncementChanged { announcement_id }, now)
    } else if was_shown {
        events::emit(tx, &Event::AnnouncementDeleted { announcement_id }, now)
    } else {
        Ok(())
    }
}

/// What `before` becomes. `written`: the new text, if there is one.
fn changed(
    before: Announcement,
    change: &AnnouncementChange,
    written: Option<Written>,
    now: DateTime<Utc>,
) -> Result<Announcement> {
    let mut after = Announcement {
        starts_at: change.starts_at.unwrap_or(before.starts_at),
        ends_at: change.ends_at.unwrap_or(before.ends_at),
        all_day: change.all_day.unwrap_or(before.all_day),
        updated_at: now,
        ..before
    };
    if let Some(written) = written {
        after.text = written.text;
        after.content = written.content;
        after.mentions = written.mentions;
        after.tags = written.tags;
        after.statuses = written.statuses;
    }
    if after.text.is_empty() {
        return Err(Error::invalid("text", "ERR_BLANK", "Text can't be blank"));
    }
    let times = after.starts_at.zip(after.ends_at);
    if times.is_some_and(|(start, end)| start > end) {
        return Err(Error::invalid(
            "ends_at",
            "ERR_INVALID",
            "End must not be before the beginning",
        ));
    }
    match change.published {
        Some(true) => after.published_at = after.published_at.or(Some(now)),
        Some(false) => after.published_at = None,
        None => {}
    }
    Ok(after)
}

/// A text with what it refers to.
struct Written {
    text: String,
    content: String,
    mentions: Vec<AccountId>,
    tags: Vec<TagView>,
    statuses: Vec<StatusId>,
}

/// Makes of what was typed what is stored; `None` if nothing was.
async fn write_text(instance: &Instance, typed: Option<&str>) -> Result<Option<Written>> {
    let Some(typed) = typed.map(str::trim) else {
        return Ok(None);
    };
    if typed.chars().count() > MAX_CHARS || typed.len() > text::MAX_SOURCE_BYTES {
        let reason = format!("Text is too long (maximum is {MAX_CHARS} characters)");
        return Err(Error::invalid("text", "ERR_TOO_LONG", reason));
    }
    let composition = compose(instance, typed).await?;
    let mut linked = Vec::new();
    for link in outward_links(&composition.html, MAX_STATUSES) {
        if let Some(status) = statuses::find_by_uri(instance, &link).await?
            && status.visibility.is_open()
            && !linked.contains(&status.id)
        {
            linked.push(status.id);
        }
    }
    Ok(Some(Written {
        text: typed.to_owned(),
        content: composition.html,
        mentions: composition.mentioned.iter().map(|account| account.id).collect(),
        tags: composition.tags,
        statuses: linked,
    }))
}
