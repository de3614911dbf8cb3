//! The tail that all new statuses share, whoever wrote them: rows, counts, timelines, notifications, events.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, MediaId, StatusId},
    notification::NotificationType,
    status::{MediaAttachment, Mention, Poll, Status, Visibility},
};
use pouet_storage::{
    Conn, accounts,
    conversations::{self, insert_conversation},
    interactions, media,
    mentions::insert_mentions,
    polls::insert_poll,
    statuses::{self, Counter},
    tags,
};

use super::{distribute::distribute, remote::RemoteMedia};
use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    notifications::notify,
    quotes,
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
    // What waits for approval appears nowhere: only of this is a local author's status quiet.
    let is_held = new.quiet && author.is_local();
    if status.reblog_of_id.is_none() && !is_held {
        quotes::adopt(tx, instance, status, now)?;
    }
    if !new.quiet {
        return spread(tx, instance, author, status, &new.mentions, now);
    }
    if !is_held {
        touch_conversations(tx, instance, status, &new.mentions, now)?;
    }
    Ok(())
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
    touch_conversations(tx, instance, status, mentions, now)?;
    let reached = distribute(tx, instance, status, author, mentions, now)?;
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
    let event = Event::StatusCreated {
        status_id: status.id,
        home: reached.home,
        lists: reached.lists,
    };
    events::emit(tx, &event, now)
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

/// Each local participant of a direct status sees it in their conversations: unread for all but its author.
fn touch_conversations(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    mentions: &[Mention],
    now: DateTime<Utc>,
) -> Result<()> {
    if status.visibility != Visibility::Direct || status.reblog_of_id.is_some() {
        return Ok(());
    }
    let mut people: Vec<AccountId> = mentions.iter().map(|mention| mention.account_id).collect();
    if !people.contains(&status.account_id) {
        people.push(status.account_id);
    }
    for account in accounts::load_accounts(tx, &people)?
        .into_iter()
        .filter(Account::is_local)
    {
        let owner = account.id;
        let others: Vec<AccountId> = people.iter().copied().filter(|id| *id != owner).collect();
        let unread = owner != status.account_id;
        let id: i64 = instance.next_id();
        conversations::touch_conversation(tx, id, owner, status.conversation_id, &others, status.id, unread)?;
        let event = Event::ConversationChanged {
            account_id: owner,
            conversation_id: status.conversation_id,
        };
        events::emit(tx, &event, now)?;
    }
    Ok(())
}
