//! Statuses that arrive from other servers.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    emoji::CustomEmoji,
    ids::{AccountId, ConversationId, PollId, StatusId, id_at, time_of},
    interaction::{Interaction, Policy, Rules, Verdict},
    status::{MediaType, Mention, Poll, PollOption, Status, Visibility},
};
use pouet_storage::{
    Conn, accounts, conversations, media, mentions, policies, polls, statuses as rows, tags, threads,
    timelines, tombstones,
};

use super::{
    adopt::{adopt, look_again_at_answer},
    approval::hold,
    delete::erase,
    distribute::distribute_by_tags,
    edit::{Version, announce_edit, keep_version},
    insert::{
        Attachments, Insertion, Thread, enter, insert, insert_tags, recount, remote_attachment, spread,
    },
    reblog::entropy,
    remote::{RemoteMedia, RemotePoll, RemoteStatus},
};
use crate::{
    cards, collections, emojis,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    interactions::{Wish, invited, is_waiting},
    jobs::{self, Job},
    notifications::refuses_message,
    quarantine, quotes, search, trends,
};

/// Statuses older than this make no notifications and enter no timeline rows when they are found.
pub(super) const FRESH: TimeDelta = TimeDelta::hours(24);
/// Ids tried for a status whose time is shared by others.
const ID_ATTEMPTS: u16 = 64;

/// How a status came here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// Sent to us: kept only if it has to do with somebody here.
    Pushed {
        /// Owner of the personal inbox that it was sent to.
        recipient: Option<AccountId>,
    },
    /// Named by a relay that this instance subscribed to, and fetched: kept as if it were sent to us, whoever it concerns.
    Relayed,
    /// Fetched because somebody asked for it or an activity needed it.
    Fetched,
    /// Fetched to complete a thread or a profile. What it refers to is not fetched in turn.
    Backfilled,
}

/// Takes in a status of a remote account. `None` if it concerns nobody here, or was deleted before it came. One
/// that is known already is left as it is.
///
/// # Errors
/// `Forbidden` if its id is one of ours, or belongs to a status of somebody else; `Quarantined` if a new server names many
/// strangers with it.
pub async fn receive(
    instance: &Instance,
    received: RemoteStatus,
    arrival: Arrival,
) -> Result<Option<StatusId>> {
    if instance.urls().is_own(&received.uri) {
        return Err(Error::Forbidden("a local status cannot be received"));
    }
    let parent = find_parent(instance, &received).await?;
    let writer = instance.clone();
    instance
        .write(move |tx| receive_in(tx, &writer, received, parent, arrival))
        .await
}

async fn find_parent(instance: &Instance, received: &RemoteStatus) -> Result<Option<Status>> {
    match &received.in_reply_to_uri {
        Some(uri) => super::read::find_by_uri(instance, uri).await,
        None => Ok(None),
    }
}

fn receive_in(
    tx: &mut Conn,
    instance: &Instance,
    received: RemoteStatus,
    parent: Option<Status>,
    arrival: Arrival,
) -> Result<Option<StatusId>> {
    let now = instance.now();
    if let Some(known) = rows::find_status_by_uri(tx, &received.uri)? {
        if known.account_id != received.account_id {
            return Err(Error::Forbidden("the status belongs to somebody else"));
        }
        if matches!(arrival, Arrival::Pushed { .. }) {
            deliver_quiet(tx, instance, &known, now)?;
        }
        return Ok(Some(known.id));
    }
    let author = accounts::find_account(tx, received.account_id)?.filter(Account::is_active);
    let Some(author) = author else { return Ok(None) };
    let is_over = received.expires_at.is_some_and(|end| end <= now);
    if is_over || tombstones::find_tombstone(tx, &received.uri)?.is_some() {
        return Ok(None);
    }
    let mut received = received;
    if let Arrival::Pushed { recipient } = arrival {
        address_silently(&mut received, recipient);
        let concerns = concerns_somebody(tx, &received, &author, parent.as_ref())?
            || quotes::concerns_local(tx, instance, received.quote.as_ref())?;
        if !concerns {
            return Ok(None);
        }
    }
    // A parent whose row has gone in the meantime counts as unknown.
    let parent = match parent {
        Some(parent) => rows::find_status(tx, parent.id)?,
        None => None,
    };
    let reception = match &parent {
        Some(parent) => reception(tx, instance, parent, &author, &received.uri, arrival)?,
        None => Verdict::Allowed,
    };
    if reception == Verdict::Refused {
        return Ok(None);
    }
    if matches!(arrival, Arrival::Pushed { .. })
        && is_refused_letter(tx, &received, &author, parent.as_ref(), now)?
    {
        return Ok(None);
    }
    quarantine::check(tx, &author, &received.mentions, now)?;
    let (conversation_id, thread) = conversation(tx, instance, &received, parent.as_ref())?;
    let id = free_id(tx, instance, received.published, now)?;
    let visibility = received.visibility;
    let waits_for = parent.as_ref().filter(|_| reception == Verdict::NeedsApproval);
    if waits_for.is_some() {
        received.visibility = Visibility::Direct;
    }
    let status = Status {
        in_reply_to_id: parent.as_ref().map(|parent| parent.id),
        in_reply_to_account_id: parent.as_ref().map(|parent| parent.account_id),
        in_reply_to_uri: received.in_reply_to_uri.clone().filter(|_| parent.is_none()),
        conversation_id,
        poll_id: received.poll.as_ref().map(|_| instance.next_id()),
        ..status_row(id, &received)
    };
    let poll = poll_row(&status, received.poll.as_ref());
    let rules = received.rules.take();
    let insertion = Insertion {
        thread,
        mentions: received.mentions,
        tags: received.tags,
        attachments: Attachments::Remote(received.media),
        poll,
        quiet: waits_for.is_some()
            || !matches!(arrival, Arrival::Pushed { .. })
            || now - time_of(id.0) > FRESH,
        held: waits_for.is_some(),
        status,
    };
    insert(tx, instance, &author, &insertion, now)?;
    emojis::remember(tx, instance, &insertion.status.emojis)?;
    match waits_for {
        Some(parent) => hold(tx, instance, &insertion.status, parent.id, visibility)?,
        None if insertion.quiet => threads::mark_quiet(tx, id)?,
        None => {}
    }
    super::expire::schedule(tx, instance, id, received.expires_at, now)?;
    keep_rules(tx, id, rules)?;
    adopt(tx, instance, &insertion.status, &author, now)?;
    let meant = Status {
        visibility,
        ..insertion.status.clone()
    };
    quotes::write_policy(tx, &meant, &received.quote_policy)?;
    if let Some(quote) = &received.quote {
        quotes::receive_quote(tx, instance, &insertion.status, quote, now)?;
    }
    match arrival {
        Arrival::Backfilled => threads::mark_backfilled(tx, id)?,
        // What a relay brings is too much to follow up.
        Arrival::Relayed => pass_on_relayed(tx, instance, &insertion.status, &author, now)?,
        Arrival::Pushed { .. } | Arrival::Fetched => {
            cards::fetch_later(tx, instance, &insertion.status, now)?;
            fetch_missing_parent(tx, instance, &insertion.status, now)?;
            fetch_some_replies(tx, instance, id, received.replies, now)?;
        }
    }
    Ok(Some(id))
}

/// What becomes of an answer: the author of what it answers may have to approve of it, if they are here. Only what is
/// sent to us waits for that, and what answers something that waits itself is not wanted before.
fn reception(
    tx: &mut Conn,
    instance: &Instance,
    parent: &Status,
    author: &Account,
    uri: &str,
    arrival: Arrival,
) -> Result<Verdict> {
    if !parent.is_local() && is_waiting(tx, parent.id)? {
        return Ok(Verdict::Refused);
    }
    let kind = Interaction::Reply;
    let found = invited(tx, instance, kind, parent, author, uri)?;
    if found != Verdict::NeedsApproval {
        return Ok(found);
    }
    let wish = Wish::new(kind, parent, author.id, uri.to_owned());
    Ok(
        if matches!(arrival, Arrival::Pushed { .. }) && wish.may_wait(tx)? {
            Verdict::NeedsApproval
        } else {
            Verdict::Refused
        },
    )
}

/// The poll of a new status.
fn poll_row(status: &Status, received: Option<&RemotePoll>) -> Option<Poll> {
    let (poll, id) = received.zip(status.poll_id)?;
    Some(Poll {
        id,
        status_id: status.id,
        account_id: status.account_id,
        options: poll.options.clone(),
        multiple: poll.multiple,
        hide_totals: false,
        expires_at: poll.expires_at,
        voters_count: poll.voters_count,
    })
}

/// What a relay brings reaches those who follow its hashtags, counts for trends where the operator wants that, and is
/// told to streams: of public timelines, and of saved searches.
fn pass_on_relayed(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    author: &Account,
    now: DateTime<Utc>,
) -> Result<()> {
    if status.visibility != Visibility::Public || now - time_of(status.id.0) > FRESH {
        return Ok(());
    }
    let named = tags::list_tag_ids_of(tx, status.id)?;
    if instance.settings.trends.relays {
        trends::count_status(tx, instance, status, author, &named, now)?;
        trends::count_reference(tx, instance, status, author, now)?;
    }
    let home = distribute_by_tags(tx, instance, status, author, &named, now)?;
    let event = Event::StatusCreated {
        status_id: status.id,
        home,
        lists: Vec::new(),
    };
    threads::mark_told(tx, status.id)?;
    events::emit(tx, &event, now)
}

/// A status that was fetched a moment before it was sent here, for a boost, a search or a profile, or that a relay
/// brought, enters timelines and notifies after all. Of what a relay brought, only the timelines that it enters now are
/// told.
fn deliver_quiet(tx: &mut Conn, instance: &Instance, status: &Status, now: DateTime<Utc>) -> Result<()> {
    if now - time_of(status.id.0) > FRESH || !threads::unmark_quiet(tx, status.id)? {
        return Ok(());
    }
    let author = accounts::find_account(tx, status.account_id)?.filter(Account::is_active);
    let Some(author) = author else { return Ok(()) };
    let named = mentions::load_mentions(tx, &[status.id])?
        .remove(&status.id)
        .unwrap_or_default();
    if !threads::is_told(tx, status.id)? {
        return spread(tx, instance, &author, status, &named, now);
    }
    let showing = timelines::list_home_owners(tx, status.id)?;
    let mut reached = enter(tx, instance, &author, status, &named, now)?;
    reached.home.retain(|owner| !showing.contains(owner));
    let event = Event::StatusEntered {
        status_id: status.id,
        home: reached.home,
        lists: reached.lists,
    };
    events::emit(tx, &event, now)
}

fn keep_rules(tx: &mut Conn, status: StatusId, rules: Option<Rules>) -> Result<()> {
    let policy = rules.map(Policy::Remote);
    if policy != policies::find_policy(tx, status)? {
        policies::replace_policy(tx, status, policy.as_ref())?;
    }
    Ok(())
}

/// The owner of the personal inbox sees what was sent there, even if nobody addressed them openly.
fn address_silently(received: &mut RemoteStatus, recipient: Option<AccountId>) {
    let Some(account_id) = recipient else { return };
    let addressed = received
        .mentions
        .iter()
        .any(|mention| mention.account_id == account_id);
    if !addressed && !received.visibility.is_open() {
        received.mentions.push(Mention {
            account_id,
            silent: true,
        });
    }
}

/// Whether anybody here has to do with a status that was sent to us: followers of its author, the addressed, and
/// for open ones those who take part in the thread.
fn concerns_somebody(
    tx: &mut Conn,
    received: &RemoteStatus,
    author: &Account,
    parent: Option<&Status>,
) -> Result<bool> {
    let addressed: Vec<AccountId> = received
        .mentions
        .iter()
        .map(|mention| mention.account_id)
        .collect();
    if accounts::load_accounts(tx, &addressed)?
        .iter()
        .any(Account::is_local)
    {
        return Ok(true);
    }
    if received.visibility.is_for_addressees() {
        return Ok(false);
    }
    if !timelines::list_local_followers(tx, author.id)?.is_empty() {
        return Ok(true);
    }
    let Some(parent) = parent.filter(|_| received.visibility.is_open()) else {
        return Ok(false);
    };
    let answered = accounts::find_account(tx, parent.account_id)?;
    let local = answered.is_some_and(|account| account.is_local());
    Ok(local || !timelines::list_local_followers(tx, parent.account_id)?.is_empty())
}

/// Whether it is a private message to people here who all refuse those of its author.
fn is_refused_letter(
    tx: &mut Conn,
    received: &RemoteStatus,
    author: &Account,
    parent: Option<&Status>,
    now: DateTime<Utc>,
) -> Result<bool> {
    if !received.visibility.is_for_addressees() {
        return Ok(false);
    }
    let addressed: Vec<AccountId> = received
        .mentions
        .iter()
        .map(|mention| mention.account_id)
        .collect();
    let conversation = parent.map(|parent| parent.conversation_id);
    let addressed = accounts::load_accounts(tx, &addressed)?;
    let mut local = addressed.iter().filter(|account| account.is_local()).peekable();
    if local.peek().is_none() {
        return Ok(false);
    }
    for account in local {
        if !refuses_message(tx, account.id, author, conversation, now)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The conversation that a status belongs to.
fn conversation(
    tx: &mut Conn,
    instance: &Instance,
    received: &RemoteStatus,
    parent: Option<&Status>,
) -> Result<(ConversationId, Thread)> {
    if let Some(parent) = parent {
        return Ok((parent.conversation_id, Thread::Known));
    }
    // A conversation id of our own is trusted only through a parent: anybody could name it.
    let uri = received
        .conversation_uri
        .clone()
        .filter(|uri| !instance.urls().is_own(uri));
    if let Some(uri) = &uri
        && let Some(known) = conversations::find_conversation_by_uri(tx, uri)?
    {
        return Ok((known, Thread::Known));
    }
    Ok((instance.next_id(), Thread::New { uri }))
}

/// An id of the time at which the status was published that no other status has.
fn free_id(
    tx: &mut Conn,
    instance: &Instance,
    published: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<StatusId> {
    for attempt in 0..ID_ATTEMPTS {
        let noise = entropy(instance.next_id()).wrapping_add(attempt.wrapping_mul(977));
        let id = StatusId(id_at(published, now, noise));
        if rows::find_status(tx, id)?.is_none() {
            return Ok(id);
        }
    }
    Err(Error::Busy)
}

fn status_row(id: StatusId, received: &RemoteStatus) -> Status {
    Status {
        id,
        account_id: received.account_id,
        uri: Some(received.uri.clone()),
        url: received.url.clone(),
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: None,
        conversation_id: ConversationId(0),
        text: String::new(),
        content: received.content.clone(),
        spoiler_text: received.spoiler_text.clone(),
        sensitive: received.sensitive,
        visibility: received.visibility,
        language: received.language.clone(),
        poll_id: None,
        application_id: None,
        emojis: received.emojis.clone(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at: time_of(id.0),
        edited_at: received.updated.filter(|updated| *updated > received.published),
        local_only: false,
        expires_at: received.expires_at,
    }
}

fn fetch_missing_parent(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(uri) = status.in_reply_to_uri.clone() else {
        return Ok(());
    };
    let job = Job::FetchReplyParent {
        status_id: status.id,
        uri,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// Open statuses come with the ids of a few answers. Mastodon names those of the author first: a thread of one person.
fn fetch_some_replies(
    tx: &mut Conn,
    instance: &Instance,
    status_id: StatusId,
    uris: Vec<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    if uris.is_empty() {
        return Ok(());
    }
    let job = Job::FetchReplies { status_id, uris };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// Takes in what a known remote status has become. Newer `updated`: an edit, with history. Equal or none, or nothing but
/// the time is new: only totals of its poll, its quote, and who may do what with it. Older: nothing. Its audience never
/// changes. A time that lies ahead counts as now.
///
/// # Errors
/// `NotFound` if we do not know it; `Forbidden` if it belongs to somebody else.
pub async fn receive_update(instance: &Instance, received: RemoteStatus) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let before = rows::find_status_by_uri(tx, &received.uri)?.ok_or(Error::NotFound)?;
            if before.account_id != received.account_id {
                return Err(Error::Forbidden("the status belongs to somebody else"));
            }
            let stored = before.edited_at.unwrap_or(before.created_at);
            if received.updated.is_some_and(|updated| updated < stored) {
                return Ok(());
            }
            emojis::remember(tx, &writer, &received.emojis)?;
            let before = keep_end(tx, &writer, before, received.expires_at, now)?;
            keep_rules(tx, before.id, received.rules.clone())?;
            look_again_at_answer(tx, &writer, &before, now)?;
            refresh_quoting(tx, &writer, &before, &received, now)?;
            if let Some(updated) = received.updated.filter(|updated| *updated > stored) {
                let old = Version::load(tx, &before)?;
                // A time that lies ahead is stored as now, so that its repetition looks newer again.
                if says_something_new(&before, &old, &received) {
                    return apply_edit(tx, &writer, before, &old, &received, updated.min(now));
                }
            }
            // Without an edit, no note becomes a question.
            let poll = received.poll.as_ref().filter(|_| before.poll_id.is_some());
            if refresh_poll(tx, &writer, &before, poll)? {
                search::documents::refresh(tx, before.id)?;
                events::emit(tx, &Event::StatusEdited { status_id: before.id }, now)?;
            }
            Ok(())
        })
        .await
}

/// The status with the end that its author gives it now. None that is named leaves it as it was: most programs say
/// it once.
fn keep_end(
    tx: &mut Conn,
    instance: &Instance,
    status: Status,
    end: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Status> {
    if end.is_none() || end == status.expires_at {
        return Ok(status);
    }
    rows::update_expires_at(tx, status.id, end)?;
    super::expire::schedule(tx, instance, status.id, end, now)?;
    Ok(Status {
        expires_at: end,
        ..status
    })
}

/// Consent to a quote, and who may quote, change without an edit.
fn refresh_quoting(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    received: &RemoteStatus,
    now: DateTime<Utc>,
) -> Result<()> {
    if quotes::write_policy(tx, status, &received.quote_policy)? {
        events::emit(tx, &Event::StatusEdited { status_id: status.id }, now)?;
    }
    quotes::update_received(tx, instance, status, received.quote.as_ref(), now)
}

/// Whether readers would see a difference between what is stored and what was received. Totals of polls are none: they
/// change without an edit.
fn says_something_new(before: &Status, old: &Version, received: &RemoteStatus) -> bool {
    // That a picture was changed in its place is no edit of the text.
    let picture = |emoji: &CustomEmoji| (emoji.shortcode.clone(), emoji.image.clone());
    let same_words = before.content == received.content
        && before.spoiler_text == received.spoiler_text
        && before.sensitive == received.sensitive
        && before.language == received.language
        && before
            .emojis
            .iter()
            .map(picture)
            .eq(received.emojis.iter().map(picture));
    let same_media = old.media.len() == received.media.len()
        && old.media.iter().zip(&received.media).all(|(old, new)| {
            old.remote_url.as_ref() == Some(&new.remote_url)
                && old.description == new.description
                && old.focus == new.focus
        });
    let titles = |options: &[PollOption]| -> Vec<String> {
        options.iter().map(|option| option.title.clone()).collect()
    };
    let same_poll = match (&old.poll, &received.poll) {
        (Some(old), Some(new)) => {
            titles(&old.options) == titles(&new.options) && old.multiple == new.multiple
        }
        (None, None) => true,
        _ => false,
    };
    !(same_words && same_media && same_poll)
}

fn apply_edit(
    tx: &mut Conn,
    instance: &Instance,
    before: Status,
    old: &Version,
    received: &RemoteStatus,
    updated: DateTime<Utc>,
) -> Result<()> {
    let now = instance.now();
    keep_version(tx, instance, &before, old)?;
    refresh_poll(tx, instance, &before, received.poll.as_ref())?;
    replace_media(tx, instance, &before, old, &received.media, now)?;
    let after = Status {
        content: received.content.clone(),
        spoiler_text: received.spoiler_text.clone(),
        sensitive: received.sensitive,
        language: received.language.clone(),
        emojis: received.emojis.clone(),
        edited_at: Some(updated),
        poll_id: poll_after(tx, &before, received)?,
        ..before
    };
    rows::update_status_content(tx, &after, !received.media.is_empty())?;
    insert_tags(tx, instance, after.id, &received.tags)?;
    // Named newcomers may see it; they are not notified of what others wrote long ago.
    mentions::insert_mentions(tx, after.id, &received.mentions, after.edited_at)?;
    cards::attach(tx, instance, &after, now)?;
    collections::relink(tx, instance.urls(), &after)?;
    cards::fetch_later(tx, instance, &after, now)?;
    recount(tx, instance, &after)?;
    announce_edit(tx, &after, now)
}

/// The poll of an edited status: edits add and drop them, here as on Mastodon.
fn poll_after(tx: &mut Conn, before: &Status, received: &RemoteStatus) -> Result<Option<PollId>> {
    match (before.poll_id, &received.poll) {
        (Some(dropped), None) => {
            polls::delete_poll(tx, dropped)?;
            Ok(None)
        }
        _ => Ok(rows::find_status(tx, before.id)?.and_then(|status| status.poll_id)),
    }
}

/// Files that are the same keep their ids, because edits and histories name them.
fn replace_media(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    old: &Version,
    files: &[RemoteMedia],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut kept = Vec::new();
    for (position, file) in (0i64..).zip(files) {
        let same = old
            .media
            .iter()
            .find(|media| media.remote_url.as_ref() == Some(&file.remote_url));
        if let Some(same) = same {
            kept.push(same.id);
            let mut changed = same.clone();
            changed.description.clone_from(&file.description);
            changed.focus = file.focus;
            changed.timing = file.timing;
            let is_shown_by_another = changed.media_type != MediaType::Image;
            if changed.preview_remote_url != file.preview_url {
                changed.preview_remote_url.clone_from(&file.preview_url);
                // Of a picture, the small variant is made from itself.
                if let Some(copy) = changed.thumbnail.take_if(|_| is_shown_by_another) {
                    media::insert_trash(tx, &copy, now)?;
                }
            }
            media::update_media(tx, &changed)?;
            media::attach_media(tx, same.id, status.account_id, status.id, position)?;
        } else {
            let row = remote_attachment(instance.next_id(), status.account_id, status.id, file, now);
            media::insert_media(tx, &row, position)?;
        }
    }
    let dropped: Vec<_> = old
        .media
        .iter()
        .map(|media| media.id)
        .filter(|id| !kept.contains(id))
        .collect();
    Ok(media::detach_media(tx, &dropped)?)
}

/// Writes a remote poll's totals; other options than before discard the votes made here. True if it changed.
fn refresh_poll(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    received: Option<&RemotePoll>,
) -> Result<bool> {
    let old = match status.poll_id {
        Some(id) => polls::find_poll(tx, id)?,
        None => None,
    };
    let Some(received) = received else {
        return Ok(false);
    };
    let poll = Poll {
        id: old.as_ref().map_or_else(|| instance.next_id(), |old| old.id),
        status_id: status.id,
        account_id: status.account_id,
        options: received.options.clone(),
        multiple: received.multiple,
        hide_totals: false,
        expires_at: received.expires_at,
        voters_count: received.voters_count,
    };
    let Some(old) = old else {
        polls::insert_poll(tx, &poll)?;
        let after = Status {
            poll_id: Some(poll.id),
            ..status.clone()
        };
        rows::update_status_content(tx, &after, false)?;
        return Ok(true);
    };
    if old == poll {
        return Ok(false);
    }
    let titles = |poll: &Poll| {
        poll.options
            .iter()
            .map(|option| option.title.clone())
            .collect::<Vec<_>>()
    };
    if titles(&old) != titles(&poll) || old.multiple != poll.multiple {
        polls::delete_votes(tx, poll.id)?;
    }
    polls::update_poll(tx, &poll)?;
    Ok(true)
}

/// Deletes a remote status or boost that `actor` made. The id is remembered even if it is unknown, so that a
/// Create that arrives later is ignored. Statuses of others are left alone.
pub async fn receive_delete(instance: &Instance, actor: AccountId, uri: &str) -> Result<()> {
    if instance.urls().is_own(uri) {
        return Ok(());
    }
    let uri = uri.to_owned();
    let now = instance.now();
    instance
        .write(move |tx| {
            match rows::find_status_by_uri(tx, &uri)? {
                Some(status) if status.account_id != actor => return Ok(()),
                Some(status) => erase(tx, &status, now)?,
                None => {}
            }
            Ok(tombstones::insert_tombstone(tx, &uri, false, now)?)
        })
        .await
}
