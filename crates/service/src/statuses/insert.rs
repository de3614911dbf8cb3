//! The tail that all new statuses share, whoever wrote them: rows, counts, timelines, notifications, events.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    card::PreviewCard,
    ids::{AccountId, MediaId, StatusId},
    notification::NotificationType,
    status::{MediaAttachment, Mention, Poll, Status, Visibility},
};
use pouet_storage::{
    Conn, accounts,
    conversations::insert_conversation,
    interactions, media,
    mentions::insert_mentions,
    polls::insert_poll,
    search_index,
    statuses::{self, Counter},
    tags,
};

use super::{
    distribute::{Reached, distribute},
    remote::RemoteMedia,
};
use crate::{
    cards, collections, conversations,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    notifications::notify,
    quotes,
    search::documents::{Attached, Shown, document},
    trends,
    view::TagView,
};

/// Where the attachments of a new status come from.
pub(super) enum Attachments {
    /// Uploaded by its author before.
    Uploaded(Vec<MediaId>),
    /// On another server.
    Remote(Vec<RemoteMedia>),
}

impl Attachments {
    fn is_empty(&self) -> bool {
        match self {
            Self::Uploaded(ids) => ids.is_empty(),
            Self::Remote(media) => media.is_empty(),
        }
    }
}

/// The conversation of a new status.
pub(super) enum Thread {
    /// It is there.
    Known,
    /// The status begins it.
    New {
        /// The id that its origin gave it.
        uri: Option<String>,
    },
}

/// A status with all that is inserted with it.
pub(super) struct Insertion {
    /// The row; a boost is one too.
    pub(super) status: Status,
    /// Whether its conversation has to be made first.
    pub(super) thread: Thread,
    /// Accounts named or silently addressed.
    pub(super) mentions: Vec<Mention>,
    /// Hashtags.
    pub(super) tags: Vec<TagView>,
    /// Attachments.
    pub(super) attachments: Attachments,
    /// Its poll, with the same id as in the row.
    pub(super) poll: Option<Poll>,
    /// Found later, or not approved yet: nobody is notified and no timeline row is written.
    pub(super) quiet: bool,
    /// Not approved yet: it appears nowhere.
    pub(super) held: bool,
}

/// Inserts a status. `author` is its author.
///
/// # Errors
/// `Conflict` if it is there already; `Invalid` if a file is not the author's or is used elsewhere.
pub(super) fn insert(
    tx: &mut Conn,
    instance: &Instance,
    author: &Account,
    new: &Insertion,
    now: DateTime<Utc>,
) -> Result<()> {
    let status = &new.status;
    if let Thread::New { uri } = &new.thread {
        insert_conversation(tx, status.conversation_id, uri.as_deref())?;
    }
    statuses::insert_status(tx, status, !new.attachments.is_empty())?;
    insert_mentions(tx, status.id, &new.mentions, None)?;
    insert_tags(tx, instance, status.id, &new.tags)?;
    attach(tx, instance, author, status.id, &new.attachments, now)?;
    if let Some(poll) = &new.poll {
        insert_poll(tx, poll)?;
    }
    count(tx, author, status)?;
    let card = cards::attach(tx, instance, status, now)?;
    if status.reblog_of_id.is_none() {
        index(tx, new, card.as_ref())?;
        collections::link(tx, instance.urls(), status)?;
    }
    if status.reblog_of_id.is_none() && !new.held {
        quotes::adopt(tx, instance, status, now)?;
    }
    if !new.quiet {
        return spread(tx, instance, author, status, &new.mentions, now);
    }
    if !new.held {
        conversations::receive(tx, instance, status, &new.mentions, now)?;
    }
    Ok(())
}

/// Enters the words of a new status into the index. A quote is written down later, which brings the index up to date.
fn index(tx: &mut Conn, new: &Insertion, card: Option<&PreviewCard>) -> Result<()> {
    let id = new.status.id;
    let uploaded = match &new.attachments {
        Attachments::Uploaded(ids) if !ids.is_empty() => media::load_media_of(tx, &[id])?.remove(&id),
        _ => None,
    };
    let uploaded = uploaded.unwrap_or_default();
    let attached: Vec<Attached<'_>> = match &new.attachments {
        Attachments::Uploaded(_) => uploaded
            .iter()
            .map(|file| (file.media_type, file.description.as_deref()))
            .collect(),
        Attachments::Remote(files) => files
            .iter()
            .map(|file| (file.media_type, file.description.as_deref()))
            .collect(),
    };
    let shown = Shown {
        card,
        has_quote: false,
    };
    let document = document(&new.status, new.poll.as_ref(), &attached, &new.tags, shown);
    Ok(search_index::insert_document(tx, id, &document)?)
}

/// Enters a status into timelines and conversations, notifies those whom it concerns, and tells streams of it.
pub(super) fn spread(
    tx: &mut Conn,
    instance: &Instance,
    author: &Account,
    status: &Status,
    mentions: &[Mention],
    now: DateTime<Utc>,
) -> Result<()> {
    let reached = enter(tx, instance, author, status, mentions, now)?;
    let event = Event::StatusCreated {
        status_id: status.id,
        home: reached.home,
        lists: reached.lists,
    };
    events::emit(tx, &event, now)
}

/// [`spread`] without telling streams.
pub(super) fn enter(
    tx: &mut Conn,
    instance: &Instance,
    author: &Account,
    status: &Status,
    mentions: &[Mention],
    now: DateTime<Utc>,
) -> Result<Reached> {
    let wanting = conversations::receive(tx, instance, status, mentions, now)?;
    cards::fetch_later(tx, instance, status, now)?;
    let is_open = status.visibility == Visibility::Public && status.reblog_of_id.is_none();
    let named = if is_open {
        tags::list_tag_ids_of(tx, status.id)?
    } else {
        Vec::new()
    };
    let reached = distribute(tx, instance, status, author, &wanting, &named, now)?;
    trends::count_status(tx, instance, status, author, &named, now)?;
    trends::count_reference(tx, instance, status, author, now)?;
    notify_mentioned(tx, status, mentions, now)?;
    for follower in &reached.notified {
        notify(
            tx,
            *follower,
            NotificationType::Status,
            author.id,
            Some(status.id),
            now,
        )?;
    }
    Ok(reached)
}

/// Puts hashtags on a status in place of those it had.
pub(super) fn insert_tags(
    tx: &mut Conn,
    instance: &Instance,
    status: StatusId,
    named: &[TagView],
) -> Result<()> {
    let mut ids = Vec::with_capacity(named.len());
    for tag in named {
        let id = tags::find_or_insert_tag(tx, instance.next_id(), tag)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(tags::replace_status_tags(tx, status, &ids)?)
}

/// Counts an edited status anew for trends, its hashtags written.
pub(super) fn recount(tx: &mut Conn, instance: &Instance, status: &Status) -> Result<()> {
    let named = tags::list_tag_ids_of(tx, status.id)?;
    match accounts::find_account(tx, status.account_id)? {
        Some(author) => trends::recount_status(tx, instance, status, &author, &named),
        None => Ok(()),
    }
}

fn attach(
    tx: &mut Conn,
    instance: &Instance,
    author: &Account,
    status: StatusId,
    attachments: &Attachments,
    now: DateTime<Utc>,
) -> Result<()> {
    match attachments {
        Attachments::Uploaded(ids) => attach_uploaded(tx, author.id, status, ids),
        Attachments::Remote(files) => {
            for (position, file) in (0i64..).zip(files) {
                let row = remote_attachment(instance.next_id(), author.id, status, file, now);
                media::insert_media(tx, &row, position)?;
            }
            Ok(())
        }
    }
}

/// Attaches uploads in order. An unfinished, foreign or used file is refused.
pub(super) fn attach_uploaded(
    tx: &mut Conn,
    author: AccountId,
    status: StatusId,
    ids: &[MediaId],
) -> Result<()> {
    for (position, id) in (0i64..).zip(ids) {
        if !media::attach_media(tx, *id, author, status, position)? {
            return Err(Error::invalid(
                "media_ids",
                "ERR_INVALID",
                "Media could not be found, or is in use",
            ));
        }
    }
    Ok(())
}

pub(super) fn remote_attachment(
    id: MediaId,
    author: AccountId,
    status: StatusId,
    file: &RemoteMedia,
    now: DateTime<Utc>,
) -> MediaAttachment {
    MediaAttachment {
        id,
        account_id: author,
        status_id: Some(status),
        media_type: file.media_type,
        content_type: file.content_type.clone(),
        file: None,
        thumbnail: None,
        remote_url: Some(file.remote_url.clone()),
        description: file.description.clone(),
        blurhash: file.blurhash.clone(),
        focus: file.focus,
        size: file.size,
        small_size: None,
        preview_remote_url: file.preview_url.clone(),
        timing: file.timing,
        created_at: now,
    }
}

fn count(tx: &mut Conn, author: &Account, status: &Status) -> Result<()> {
    accounts::adjust_statuses_count(tx, author.id, 1, Some(status.created_at))?;
    if let Some(original) = status.reblog_of_id {
        statuses::adjust_count(tx, original, Counter::Reblogs, 1)?;
        return Ok(());
    }
    if let Some(parent) = status.in_reply_to_id {
        statuses::adjust_count(tx, parent, Counter::Replies, 1)?;
    }
    Ok(())
}

/// Notifies those named, unless they silenced the conversation.
fn notify_mentioned(tx: &mut Conn, status: &Status, mentions: &[Mention], now: DateTime<Utc>) -> Result<()> {
    for mention in mentions.iter().filter(|mention| !mention.silent) {
        let conversations = [status.conversation_id];
        let listening =
            interactions::load_muted_conversations(tx, mention.account_id, &conversations)?.is_empty();
        if listening {
            notify(
                tx,
                mention.account_id,
                NotificationType::Mention,
                status.account_id,
                Some(status.id),
                now,
            )?;
        }
    }
    Ok(())
}
