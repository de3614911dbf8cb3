//! Statuses that are posted later.
//!
//! A waiting status is checked like one that is posted at once, as far as that can be told today, and a job posts it
//! when its time has come.
//!
//! Source: <https://docs.joinmastodon.org/methods/scheduled_statuses/>

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, User},
    ids::{AccountId, MediaId, ScheduledId},
    page::Page,
    scheduled::{Draft, DraftPoll, ScheduledStatus, StoredDraft},
    status::{MediaAttachment, Visibility},
};
use pouet_storage::{Conn, accounts, drafts, locks::lock_accounts, media, scheduled as rows, users};

use super::{
    post::{NewPoll, NewStatus, answerable, narrowed, post_taking},
    validate,
};
use crate::{
    composition::{self, Composition},
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    notifications::policy,
    quotes,
    tag_rules::check_usable,
    visibility::find_visible,
};

/// How far ahead a status has to be scheduled.
const LEAST_AHEAD: TimeDelta = TimeDelta::minutes(5);
/// Statuses of an account that may wait at a time.
const MAX_WAITING: i64 = 300;
/// Statuses of an account that may be due on one day.
const MAX_PER_DAY: i64 = 25;
/// How long an Idempotency-Key stands for what was scheduled with it.
const IDEMPOTENCY_TTL: TimeDelta = TimeDelta::hours(1);

/// Times that a status is read anew which is changed while it is being posted.
const ATTEMPTS: usize = 3;
/// Statuses that are taken up again at a time; the others come next time.
const MAX_OVERDUE: i64 = 1000;

/// A waiting status with its files.
#[derive(Clone, Debug)]
pub struct ScheduledView {
    /// The status.
    pub scheduled: ScheduledStatus,
    /// Its files, in order.
    pub media: Vec<MediaAttachment>,
}

/// Has a status posted at `at`; with an Idempotency-Key used within the last hour, returns what was scheduled then.
///
/// # Errors
/// `Invalid` for what breaks a rule, a time less than five minutes ahead among them; `NotFound` if the status
/// answered or a file is not there for the author.
pub async fn schedule(
    instance: &Instance,
    author: &User,
    new: NewStatus,
    at: DateTime<Utc>,
) -> Result<ScheduledView> {
    let now = instance.now();
    check_time(at, now)?;
    validate::text(
        instance.limits(),
        &new.text,
        &new.spoiler_text,
        !new.media_ids.is_empty() || new.poll.is_some() || new.quoted_status_id.is_some(),
    )?;
    validate::media(instance.limits(), &new.media_ids, new.poll.is_some())?;
    validate::end(new.expires_in, new.expires_at, at)?;
    let by_default = new.visibility.is_none();
    let composition = composition::compose(instance, &new.text).await?;
    let scheduled = ScheduledStatus {
        id: instance.next_id(),
        account_id: author.account_id,
        draft: draft(author, new),
        scheduled_at: at,
    };
    let handle = instance.clone();
    instance
        .write(move |tx| schedule_in(tx, &handle, scheduled, &composition, by_default, now))
        .await
}

/// `by_default`: its author did not say who may see it.
fn schedule_in(
    tx: &mut Conn,
    instance: &Instance,
    mut scheduled: ScheduledStatus,
    composition: &Composition,
    by_default: bool,
    now: DateTime<Utc>,
) -> Result<ScheduledView> {
    let owner = scheduled.account_id;
    // Others of the author wait: equal requests at once schedule one status, and limits hold.
    lock_accounts(tx, &[owner])?;
    if let Some(key) = &scheduled.draft.idempotency_key
        && let Some(known) = rows::find_scheduled_by_key(tx, owner, key, now - IDEMPOTENCY_TTL)?
    {
        return view(tx, known);
    }
    if instance.settings.rate_limits_enabled {
        check_quota(tx, &scheduled, now)?;
    }
    check_usable(tx, "text", "Text", &composition.tags)?;
    check_references(tx, instance, &scheduled, now)?;
    if by_default {
        narrow(tx, &mut scheduled.draft, owner)?;
    }
    check_recipients(tx, instance, &scheduled, &composition.mentioned)?;
    rows::insert_scheduled(tx, &scheduled, now)?;
    enqueue(tx, instance, &scheduled, now)?;
    view(tx, scheduled)
}

/// Makes an answer no wider than what it answers, as posting does (security rule R042).
pub(super) fn narrow(tx: &mut Conn, draft: &mut Draft, owner: AccountId) -> Result<()> {
    if let Some(parent) = draft.in_reply_to_id {
        let author = accounts::find_account(tx, owner)?.ok_or(Error::NotFound)?;
        let (parent, _) = answerable(tx, &author, parent)?;
        draft.visibility = narrowed(draft.visibility, &parent);
    }
    Ok(())
}

/// Whether those whom a private message names would have it today.
fn check_recipients(
    tx: &mut Conn,
    instance: &Instance,
    scheduled: &ScheduledStatus,
    recipients: &[Account],
) -> Result<()> {
    if scheduled.draft.visibility != Visibility::Direct {
        return Ok(());
    }
    let author = accounts::find_account(tx, scheduled.account_id)?.ok_or(Error::NotFound)?;
    let conversation = match scheduled.draft.in_reply_to_id {
        Some(parent) => Some(answerable(tx, &author, parent)?.0.conversation_id),
        None => None,
    };
    let recipients: Vec<&Account> = recipients.iter().collect();
    policy::check_message(tx, instance, &author, &recipients, conversation)
}

fn enqueue(
    tx: &mut Conn,
    instance: &Instance,
    scheduled: &ScheduledStatus,
    now: DateTime<Utc>,
) -> Result<()> {
    let job = Job::PublishScheduled {
        scheduled_id: scheduled.id,
    };
    jobs::enqueue(tx, instance.next_id(), &job, scheduled.scheduled_at, now)
}

fn check_time(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    if at < now + LEAST_AHEAD {
        let reason = "The scheduled date must be in the future, by five minutes at least";
        return Err(Error::invalid("scheduled_at", "ERR_INVALID", reason));
    }
    Ok(())
}

/// Whether there is room for one more, wherever it waited before.
fn check_quota(tx: &mut Conn, scheduled: &ScheduledStatus, now: DateTime<Utc>) -> Result<()> {
    let (id, owner, at) = (scheduled.id, scheduled.account_id, scheduled.scheduled_at);
    let refuse = |reason: String| Err(Error::invalid("scheduled_at", "ERR_INVALID", reason));
    let ever = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    if rows::count_scheduled(tx, owner, ever.0, ever.1, id)? >= MAX_WAITING {
        return refuse(format!(
            "You have exceeded the limit of {MAX_WAITING} scheduled posts"
        ));
    }
    let day = DateTime::from_timestamp(at.timestamp().div_euclid(86_400) * 86_400, 0).unwrap_or(now);
    if rows::count_scheduled(tx, owner, day, day + TimeDelta::days(1), id)? >= MAX_PER_DAY {
        return refuse(format!(
            "You have exceeded the limit of {MAX_PER_DAY} scheduled posts for that day"
        ));
    }
    Ok(())
}

/// Whether what the status names is there today, and the poll is one that may be posted.
fn check_references(
    tx: &mut Conn,
    instance: &Instance,
    scheduled: &ScheduledStatus,
    now: DateTime<Utc>,
) -> Result<()> {
    let draft = &scheduled.draft;
    let owner = scheduled.account_id;
    if let Some(parent) = draft.in_reply_to_id {
        find_visible(tx, Some(owner), parent)?;
    }
    if let Some(quoted) = draft.quoted_status_id {
        let author = accounts::find_account(tx, owner)?.ok_or(Error::NotFound)?;
        quotes::quotable(tx, &author, quoted)?;
    }
    let free = media::load_media(tx, &draft.media_ids)?
        .iter()
        .filter(|media| is_free(media, owner))
        .count();
    if free < draft.media_ids.len() {
        return Err(Error::NotFound);
    }
    if let Some(poll) = &draft.poll {
        let author: Account = accounts::find_account(tx, owner)?.ok_or(Error::NotFound)?;
        let ids = (instance.next_id(), instance.next_id());
        validate::poll(instance.limits(), &new_poll(poll), ids.0, ids.1, &author, now)?;
    }
    Ok(())
}

pub(super) fn is_free(media: &MediaAttachment, owner: AccountId) -> bool {
    media.account_id == owner && media.status_id.is_none()
}

/// Waiting statuses with those of their files that are still free.
fn views(conn: &mut Conn, found: Vec<ScheduledStatus>) -> Result<Vec<ScheduledView>> {
    let ids: Vec<MediaId> = found
        .iter()
        .flat_map(|scheduled| scheduled.draft.media_ids.iter().copied())
        .collect();
    let mut media: HashMap<MediaId, MediaAttachment> = media::load_media(conn, &ids)?
        .into_iter()
        .map(|media| (media.id, media))
        .collect();
    Ok(found
        .into_iter()
        .map(|scheduled| ScheduledView {
            media: scheduled
                .draft
                .media_ids
                .iter()
                .filter_map(|id| media.remove(id))
                .filter(|media| is_free(media, scheduled.account_id))
                .collect(),
            scheduled,
        })
        .collect())
}

fn view(conn: &mut Conn, scheduled: ScheduledStatus) -> Result<ScheduledView> {
    views(conn, vec![scheduled])?.pop().ok_or(Error::NotFound)
}

pub(super) fn draft(author: &User, new: NewStatus) -> Draft {
    Draft {
        text: new.text,
        spoiler_text: new.spoiler_text,
        sensitive: new.sensitive,
        visibility: new.visibility.unwrap_or(author.default_visibility),
        language: validate::language(new.language.as_deref()),
        in_reply_to_id: new.in_reply_to_id,
        media_ids: new.media_ids,
        poll: new.poll.map(|poll| DraftPoll {
            options: validate::options(&poll.options).map(str::to_owned).collect(),
            expires_in: poll.expires_in,
            multiple: poll.multiple,
            hide_totals: poll.hide_totals,
        }),
        application_id: new.application_id,
        interactions: new.interactions,
        idempotency_key: new.idempotency_key.filter(|key| !key.is_empty()),
        quoted_status_id: new.quoted_status_id,
        quote_policy: new.quote_policy,
        local_only: new.local_only,
        expires_in: new.expires_in,
        expires_at: new.expires_at,
    }
}

fn new_poll(poll: &DraftPoll) -> NewPoll {
    NewPoll {
        options: poll.options.clone(),
        expires_in: poll.expires_in,
        multiple: poll.multiple,
        hide_totals: poll.hide_totals,
    }
}

/// What is posted of a draft.
pub(super) fn from_draft(draft: Draft) -> NewStatus {
    NewStatus {
        text: draft.text,
        spoiler_text: draft.spoiler_text,
        sensitive: draft.sensitive,
        visibility: Some(draft.visibility),
        language: draft.language,
        in_reply_to_id: draft.in_reply_to_id,
        media_ids: draft.media_ids,
        poll: draft.poll.as_ref().map(new_poll),
        application_id: draft.application_id,
        interactions: draft.interactions,
        idempotency_key: None,
        allowed_mentions: None,
        quoted_status_id: draft.quoted_status_id,
        quote_policy: draft.quote_policy,
        local_only: draft.local_only,
        expires_in: draft.expires_in,
        expires_at: draft.expires_at,
    }
}

fn find_own(conn: &mut Conn, viewer: AccountId, id: ScheduledId) -> Result<ScheduledStatus> {
    rows::find_scheduled(conn, id)?
        .filter(|scheduled| scheduled.account_id == viewer)
        .ok_or(Error::NotFound)
}

/// Waiting statuses of `viewer`, last made first.
pub async fn list(instance: &Instance, viewer: AccountId, page: Page) -> Result<Vec<ScheduledView>> {
    instance
        .read(move |conn| {
            let found = rows::list_scheduled(conn, viewer, &page)?;
            views(conn, found)
        })
        .await
}

/// One waiting status of `viewer`.
///
/// # Errors
/// `NotFound` if it is not theirs, or was posted.
pub async fn find(instance: &Instance, viewer: AccountId, id: ScheduledId) -> Result<ScheduledView> {
    instance
        .read(move |conn| {
            let found = find_own(conn, viewer, id)?;
            view(conn, found)
        })
        .await
}

/// Moves a waiting status to another time.
///
/// # Errors
/// `NotFound` if it is not theirs; `Invalid` if `at` is less than five minutes ahead or on a day with too many others,
/// or the status were to be removed before then.
pub async fn reschedule(
    instance: &Instance,
    viewer: AccountId,
    id: ScheduledId,
    at: DateTime<Utc>,
) -> Result<ScheduledView> {
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            lock_accounts(tx, &[viewer])?;
            let mut scheduled = find_own(tx, viewer, id)?;
            check_time(at, now)?;
            validate::end(scheduled.draft.expires_in, scheduled.draft.expires_at, at)?;
            scheduled.scheduled_at = at;
            if handle.settings.rate_limits_enabled {
                check_quota(tx, &scheduled, now)?;
            }
            if !rows::update_scheduled_at(tx, id, at)? {
                return Err(Error::NotFound);
            }
            enqueue(tx, &handle, &scheduled, now)?;
            view(tx, scheduled)
        })
        .await
}

/// Gives a waiting status up. Its files stay for a day.
///
/// # Errors
/// `NotFound` if it is not theirs.
pub async fn cancel(instance: &Instance, viewer: AccountId, id: ScheduledId) -> Result<()> {
    instance
        .write(move |tx| {
            find_own(tx, viewer, id)?;
            if rows::delete_scheduled(tx, id)? {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
        .await
}

/// Makes the jobs of statuses that still wait though their time has come: whatever became of the first ones. Those
/// whose author could not post at their time are among them when they may again.
pub(crate) fn take_up_overdue(
    tx: &mut Conn,
    instance: &Instance,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    for scheduled_id in rows::list_overdue(tx, before, MAX_OVERDUE)? {
        let job = Job::PublishScheduled { scheduled_id };
        jobs::enqueue(tx, instance.next_id(), &job, now, now)?;
    }
    Ok(())
}

/// Posts a status whose time has come. One that was given up is left alone; one that was moved to a later time waits
/// on, and so does that of an author who may not post now. One that cannot be posted any more, because what it answers is
/// gone, becomes a draft.
pub(crate) async fn publish(instance: &Instance, id: ScheduledId) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let Some((author, scheduled)) = find_due(instance, id).await? else {
            return Ok(());
        };
        let (new, due) = (from_draft(scheduled.draft.clone()), scheduled.clone());
        match post_taking(instance, &author, new, move |tx| take(tx, &due)).await {
            Ok(_) => return Ok(()),
            // It was changed or given up in the meantime.
            Err(Error::Conflict(_)) => {}
            Err(error) if error.is_temporary() => return Err(error),
            Err(error) => {
                tracing::info!(%error, %id, "a scheduled status cannot be posted any more: it becomes a draft");
                return become_draft(instance, scheduled).await;
            }
        }
    }
    Err(Error::Busy)
}

/// A status that is to be posted now, and who wrote it.
async fn find_due(instance: &Instance, id: ScheduledId) -> Result<Option<(User, ScheduledStatus)>> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let Some(scheduled) = rows::find_scheduled(tx, id)? else {
                return Ok(None);
            };
            if scheduled.scheduled_at > now {
                enqueue(tx, &writer, &scheduled, now)?;
                return Ok(None);
            }
            let account = accounts::find_account(tx, scheduled.account_id)?;
            let author = users::find_user_of(tx, scheduled.account_id)?;
            let author = author
                .zip(account)
                .filter(|(user, account)| user.inactive(account).is_none());
            Ok(author.map(|(user, _)| (user, scheduled)))
        })
        .await
}

/// Removes a waiting status that is still what it was when it was read.
fn take(tx: &mut Conn, due: &ScheduledStatus) -> Result<()> {
    if rows::take_scheduled(tx, due.id)?.as_ref() == Some(due) {
        Ok(())
    } else {
        Err(Error::Conflict("the scheduled status was changed"))
    }
}

/// Keeps what could not be posted for its author to look at.
async fn become_draft(instance: &Instance, scheduled: ScheduledStatus) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            take(tx, &scheduled)?;
            let (owner, now) = (scheduled.account_id, writer.now());
            let found = media::load_media(tx, &scheduled.draft.media_ids)?;
            let mut draft = scheduled.draft;
            draft.idempotency_key = None;
            draft
                .media_ids
                .retain(|id| found.iter().any(|file| file.id == *id && is_free(file, owner)));
            let stored = StoredDraft {
                id: writer.next_id(),
                account_id: owner,
                draft,
                created_at: now,
                updated_at: now,
            };
            Ok(drafts::insert_draft(tx, &stored)?)
        })
        .await
}
