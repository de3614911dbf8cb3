//! Editing one's own status. Author, audience and place in the thread never change.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, MediaId, StatusId},
    interaction::Choice,
    notification::NotificationType,
    quote::QuoteChoice,
    status::{MediaAttachment, Mention, Poll, Status, Visibility},
};
use pouet_storage::{
    Conn, accounts,
    edits::{self, EditRow, EditedMedia},
    media, mentions, polls, statuses as rows,
};

use super::{
    expire,
    insert::{attach_uploaded, insert_tags, recount},
    post::NewPoll,
    validate,
};
use crate::{
    cards, collections,
    composition::{Composition, compose_with},
    conversations,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    interactions::{self, is_waiting},
    jobs::{self, Job},
    notifications::{notify, policy},
    quotes, search,
    tag_rules::check_usable,
};

/// A change to an attachment of the status.
#[derive(Clone, PartialEq, Debug)]
pub struct MediaChange {
    /// The attachment.
    pub id: MediaId,
    /// New alternative text.
    pub description: Option<String>,
    /// New focal point.
    pub focus: Option<(f64, f64)>,
}

/// What a status becomes.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#edit>
#[derive(Clone, Debug, Default)]
pub struct StatusChange {
    /// Text as typed.
    pub text: String,
    /// Content warning; empty: none.
    pub spoiler_text: String,
    /// Hide media; `None`: as before, or because of a content warning.
    pub sensitive: Option<bool>,
    /// ISO 639 code; `None`: as before.
    pub language: Option<String>,
    /// All attachments that it shall have, in order.
    pub media_ids: Vec<MediaId>,
    /// Changes to some of them.
    pub media_attributes: Vec<MediaChange>,
    /// The poll that it shall have; other options than before begin a new count.
    pub poll: Option<NewPoll>,
    /// Who may quote it; `None`: as before.
    pub quote_policy: Option<QuoteChoice>,
    /// Who may do what with it; `None`: as before.
    pub interactions: Option<Choice>,
    /// When it is removed.
    pub end: EndChange,
}

/// What becomes of the time at which a status is removed by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EndChange {
    /// It is as before.
    #[default]
    Keep,
    /// It is removed then.
    At(DateTime<Utc>),
    /// It is removed no more.
    Never,
}

/// Edits a status of `author`; a change that changes nothing leaves no trace.
///
/// # Errors
/// `NotFound` if it is not theirs; `Invalid` for what breaks a rule.
pub async fn edit(instance: &Instance, author: AccountId, id: StatusId, change: StatusChange) -> Result<()> {
    let quoted = instance.read(move |conn| quotes::has_quote(conn, id)).await?;
    let has_more = !change.media_ids.is_empty() || change.poll.is_some() || quoted.is_some();
    validate::text(instance.limits(), &change.text, &change.spoiler_text, has_more)?;
    validate::media(instance.limits(), &change.media_ids, change.poll.is_some())?;
    let answers = change.poll.iter().flat_map(|poll| &poll.options);
    let others = answers.chain([&change.spoiler_text]).map(String::as_str);
    let mut composition = compose_with(instance, &change.text, others).await?;
    composition.html.insert_str(0, &quoted.unwrap_or_default());
    let writer = instance.clone();
    instance
        .write(move |tx| edit_in(tx, &writer, author, id, &change, &composition))
        .await
}

fn edit_in(
    tx: &mut Conn,
    instance: &Instance,
    author: AccountId,
    id: StatusId,
    change: &StatusChange,
    composition: &Composition,
) -> Result<()> {
    let now = instance.now();
    let status = expire::find_locked(tx, id)?.filter(|status| status.account_id == author);
    let before = status
        .filter(|status| status.reblog_of_id.is_none())
        .ok_or(Error::NotFound)?;
    check_usable(tx, "text", "Text", &composition.tags)?;
    let account = accounts::find_account(tx, author)?.ok_or(Error::NotFound)?;
    let old = Version::load(tx, &before)?;
    let mut after = before.clone();
    after.text.clone_from(&change.text);
    after.content.clone_from(&composition.html);
    after.spoiler_text.clone_from(&change.spoiler_text);
    after.sensitive = change.sensitive.unwrap_or(before.sensitive) || !change.spoiler_text.is_empty();
    after.language = validate::language(change.language.as_deref()).or(before.language.clone());
    after.emojis.clone_from(&composition.emojis);
    let named = newcomers(tx, id, composition)?;
    if before.visibility == Visibility::Direct && !is_waiting(tx, id)? {
        policy::check_message(tx, instance, &account, &named, Some(before.conversation_id))?;
    }
    let media_changed = change_media(tx, author, &old.media, id, change)?;
    let poll_changed = change_poll(tx, instance, &account, &mut after, old.poll.as_ref(), change, now)?;
    if let Some(choice) = change.quote_policy {
        quotes::change_policy(tx, instance, &before, choice, now)?;
    }
    if let Some(choice) = change.interactions {
        interactions::change(tx, instance, &before, choice, now)?;
    }
    let end = match change.end {
        EndChange::Keep => None,
        EndChange::At(end) => Some(Some(end)),
        EndChange::Never => Some(None),
    };
    if let Some(end) = end {
        after.expires_at = validate::end(None, end, now)?;
        expire::change(tx, instance, &before, after.expires_at, now)?;
    }
    let only_the_end_is_new = Status {
        expires_at: after.expires_at,
        // Pictures may have changed since.
        emojis: after.emojis.clone(),
        ..before.clone()
    };
    if after == only_the_end_is_new && !media_changed && !poll_changed {
        return Ok(());
    }
    after.edited_at = Some(now);
    keep_version(tx, instance, &before, &old)?;
    rows::update_status_content(tx, &after, !change.media_ids.is_empty())?;
    insert_tags(tx, instance, id, &composition.tags)?;
    mention_newcomers(tx, instance, &after, &named, now)?;
    cards::attach(tx, instance, &after, now)?;
    collections::relink(tx, instance.urls(), &after)?;
    cards::fetch_later(tx, instance, &after, now)?;
    recount(tx, instance, &after)?;
    announce_edit(tx, &after, now)?;
    if after.local_only {
        return Ok(());
    }
    let job = Job::PublishEdit { status_id: id };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// What an edit replaces.
pub(super) struct Version {
    pub(super) media: Vec<MediaAttachment>,
    pub(super) poll: Option<Poll>,
}

impl Version {
    pub(super) fn load(tx: &mut Conn, status: &Status) -> Result<Self> {
        Ok(Self {
            media: media::load_media_of(tx, &[status.id])?
                .remove(&status.id)
                .unwrap_or_default(),
            poll: match status.poll_id {
                Some(id) => polls::find_poll(tx, id)?,
                None => None,
            },
        })
    }
}

/// Keeps the version that an edit replaces.
pub(super) fn keep_version(tx: &mut Conn, instance: &Instance, before: &Status, old: &Version) -> Result<()> {
    let row = EditRow {
        content: before.content.clone(),
        text: before.text.clone(),
        spoiler_text: before.spoiler_text.clone(),
        sensitive: before.sensitive,
        poll_options: old
            .poll
            .as_ref()
            .map(|poll| poll.options.iter().map(|option| option.title.clone()).collect()),
        media: old
            .media
            .iter()
            .map(|media| EditedMedia {
                id: media.id,
                description: media.description.clone(),
            })
            .collect(),
        created_at: before.edited_at.unwrap_or(before.created_at),
    };
    Ok(edits::insert_edit(tx, instance.next_id(), before.id, &row)?)
}

/// Attachments that are taken off stay rows of their author's, because the history shows them.
fn change_media(
    tx: &mut Conn,
    author: AccountId,
    old: &[MediaAttachment],
    id: StatusId,
    change: &StatusChange,
) -> Result<bool> {
    let old_ids: Vec<MediaId> = old.iter().map(|media| media.id).collect();
    let mut changed = old_ids != change.media_ids;
    let dropped: Vec<MediaId> = old_ids
        .into_iter()
        .filter(|id| !change.media_ids.contains(id))
        .collect();
    media::detach_media(tx, &dropped)?;
    attach_uploaded(tx, author, id, &change.media_ids)?;
    for attribute in change
        .media_attributes
        .iter()
        .filter(|a| change.media_ids.contains(&a.id))
    {
        let Some(mut file) = media::find_media(tx, attribute.id)? else {
            continue;
        };
        let before = file.clone();
        if let Some(description) = &attribute.description {
            file.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        file.focus = attribute.focus.or(file.focus);
        if file != before {
            media::update_media(tx, &file)?;
            changed = true;
        }
    }
    Ok(changed)
}

fn change_poll(
    tx: &mut Conn,
    instance: &Instance,
    author: &Account,
    after: &mut Status,
    old: Option<&Poll>,
    change: &StatusChange,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(wanted) = &change.poll else {
        if let Some(old) = old {
            polls::delete_poll(tx, old.id)?;
            after.poll_id = None;
        }
        return Ok(old.is_some());
    };
    let id = old.map_or_else(|| instance.next_id(), |poll| poll.id);
    let poll = validate::poll(instance.limits(), wanted, id, after.id, author, now)?;
    let same_question = old.is_some_and(|old| {
        old.multiple == poll.multiple
            && old
                .options
                .iter()
                .map(|option| &option.title)
                .eq(poll.options.iter().map(|option| &option.title))
    });
    if same_question && old.is_some_and(|old| old.hide_totals == poll.hide_totals) {
        return Ok(false);
    }
    match old {
        Some(old) if same_question => {
            polls::update_poll(
                tx,
                &Poll {
                    hide_totals: poll.hide_totals,
                    ..old.clone()
                },
            )?;
        }
        Some(_) => {
            polls::delete_votes(tx, id)?;
            polls::update_poll(tx, &poll)?;
        }
        None => polls::insert_poll(tx, &poll)?,
    }
    after.poll_id = Some(id);
    if let Some(end) = poll.expires_at.filter(|_| !same_question) {
        jobs::enqueue(tx, instance.next_id(), &Job::EndPoll { poll_id: id }, end, now)?;
    }
    Ok(true)
}

/// Who is named that was not before.
fn newcomers<'a>(tx: &mut Conn, status: StatusId, composition: &'a Composition) -> Result<Vec<&'a Account>> {
    let known = mentions::load_mentions(tx, &[status])?
        .remove(&status)
        .unwrap_or_default();
    let is_known = |account: &Account| {
        let mut named = known.iter().filter(|mention| !mention.silent);
        named.any(|mention| mention.account_id == account.id)
    };
    Ok(composition
        .mentioned
        .iter()
        .filter(|account| !is_known(account))
        .collect())
}

/// Accounts named only now may see the status and are notified; those no longer named keep their access. Of what waits for
/// approval, they hear when it has it.
fn mention_newcomers(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    named: &[&Account],
    now: DateTime<Utc>,
) -> Result<()> {
    let named: Vec<Mention> = named
        .iter()
        .map(|account| Mention {
            account_id: account.id,
            silent: false,
        })
        .collect();
    mentions::insert_mentions(tx, status.id, &named, Some(now))?;
    if is_waiting(tx, status.id)? {
        return Ok(());
    }
    if !named.is_empty() {
        conversations::receive_newcomers(tx, instance, status, &named, now)?;
    }
    for mention in &named {
        notify(
            tx,
            mention.account_id,
            NotificationType::Mention,
            status.account_id,
            Some(status.id),
            now,
        )?;
    }
    Ok(())
}

/// Lets searchers find what the status says now, and tells streams and local accounts that boosted or quoted it.
pub(super) fn announce_edit(tx: &mut Conn, status: &Status, now: DateTime<Utc>) -> Result<()> {
    search::documents::refresh(tx, status.id)?;
    let boosts = rows::list_reblog_ids(tx, status.id, i64::MAX)?;
    for boost in rows::load_statuses(tx, &boosts)? {
        notify(
            tx,
            boost.account_id,
            NotificationType::Update,
            status.account_id,
            Some(status.id),
            now,
        )?;
    }
    quotes::notify_edited(tx, status.id, status.account_id, now)?;
    events::emit(tx, &Event::StatusEdited { status_id: status.id }, now)
}
