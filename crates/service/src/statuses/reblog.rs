//! Boosting: a status of its own that points at another.

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId, id_at, time_of},
    interaction::{Interaction, Verdict},
    notification::NotificationType,
    status::{Status, Visibility},
};
use pouet_storage::{
    Conn, accounts,
    statuses::{self as rows, Counter},
    timelines, tombstones,
};

use super::{
    approval::hold,
    insert::{Attachments, Insertion, Thread, insert},
    receive::FRESH,
};
use crate::{
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    interactions::{Wish, check, invited, is_waiting},
    jobs::{self, DeletedStatus, Job},
    notifications::notify,
    trends,
    visibility::find_target,
};

/// Boosts a status; boosting it again changes nothing. Returns the id of the boost.
///
/// Open statuses may be boosted by everybody who sees them, followers-only ones by their author alone. `visibility`
/// of the boost: the original's unless it is narrower.
///
/// # Errors
/// `NotFound` if the actor may not see the status; `Forbidden` if it is not for boosting, or its author does not want it.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#boost>
pub async fn reblog(
    instance: &Instance,
    actor: AccountId,
    id: StatusId,
    visibility: Option<Visibility>,
) -> Result<StatusId> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let (original, author) = find_target(tx, actor, id)?;
            let own_private = original.visibility == Visibility::Private && author.id == actor;
            if !original.visibility.is_open() && !own_private {
                return Err(Error::Forbidden("this action is not allowed"));
            }
            if let Some(boost) = rows::find_reblog(tx, actor, original.id)? {
                return Ok(boost.id);
            }
            let waits = check(tx, &writer, Interaction::Announce, &original, &author, actor)?;
            let booster = accounts::find_account(tx, actor)?.ok_or(Error::NotFound)?;
            let wished = visibility
                .filter(|wished| *wished != Visibility::Direct)
                .unwrap_or_default();
            let visibility = if own_private {
                Visibility::Private
            } else {
                wished.max(original.visibility)
            };
            let shown = if waits { Visibility::Direct } else { visibility };
            let boost = boost_row(writer.next_id(), &booster, &original, None, shown, now);
            if waits {
                insert_held(tx, &writer, &booster, &boost, visibility, now)?;
            } else {
                insert_boost(tx, &writer, &booster, &boost, &original, now, false)?;
            }
            if !boost.local_only {
                let job = Job::Publish { status_id: boost.id };
                jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
            }
            Ok(boost.id)
        })
        .await
}

fn boost_row(
    id: StatusId,
    booster: &Account,
    original: &Status,
    uri: Option<String>,
    visibility: Visibility,
    created_at: DateTime<Utc>,
) -> Status {
    Status {
        id,
        account_id: booster.id,
        uri,
        url: None,
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        in_reply_to_uri: None,
        reblog_of_id: Some(original.id),
        conversation_id: original.conversation_id,
        text: String::new(),
        content: String::new(),
        spoiler_text: String::new(),
        sensitive: original.sensitive,
        visibility,
        language: original.language.clone(),
        poll_id: None,
        application_id: None,
        emojis: Vec::new(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        created_at,
        edited_at: None,
        local_only: original.local_only,
        expires_at: None,
    }
}

fn insertion(boost: &Status, quiet: bool, held: bool) -> Insertion {
    Insertion {
        status: boost.clone(),
        thread: Thread::Known,
        mentions: Vec::new(),
        tags: Vec::new(),
        attachments: Attachments::Uploaded(Vec::new()),
        poll: None,
        quiet,
        held,
    }
}

/// Inserts a boost that waits for approval. `visibility`: what it is to have then.
fn insert_held(
    tx: &mut Conn,
    instance: &Instance,
    booster: &Account,
    boost: &Status,
    visibility: Visibility,
    now: DateTime<Utc>,
) -> Result<()> {
    insert(tx, instance, booster, &insertion(boost, true, true), now)?;
    let original = boost.reblog_of_id.ok_or(Error::NotFound)?;
    hold(tx, instance, boost, original, visibility)
}

fn insert_boost(
    tx: &mut Conn,
    instance: &Instance,
    booster: &Account,
    boost: &Status,
    original: &Status,
    now: DateTime<Utc>,
    quiet: bool,
) -> Result<()> {
    let insertion = insertion(boost, quiet || now - boost.created_at > FRESH, false);
    insert(tx, instance, booster, &insertion, now)?;
    if insertion.quiet {
        return Ok(());
    }
    notify(
        tx,
        original.account_id,
        NotificationType::Reblog,
        booster.id,
        Some(original.id),
        now,
    )
}

/// Takes a boost back; one that is not there is left alone. `id`: the status boosted, or the boost.
///
/// # Errors
/// `NotFound` if the actor may not see the status.
pub async fn unreblog(instance: &Instance, actor: AccountId, id: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let target = rows::find_status(tx, id)?.ok_or(Error::NotFound)?;
            let original = target.reblog_of_id.unwrap_or(target.id);
            let Some(boost) = rows::find_reblog(tx, actor, original)? else {
                return find_target(tx, actor, id).map(|_| ());
            };
            let original = rows::find_status(tx, original)?.ok_or(Error::NotFound)?;
            let job = Job::PublishDelete(deleted_boost(&writer, &boost, &original));
            remove_boost(tx, &boost, now)?;
            if boost.local_only {
                return Ok(());
            }
            jobs::enqueue(tx, writer.next_id(), &job, now, now)
        })
        .await
}

/// What other servers have to be told of a boost that is taken back.
pub(super) fn deleted_boost(instance: &Instance, boost: &Status, original: &Status) -> DeletedStatus {
    DeletedStatus {
        account_id: boost.account_id,
        status_id: boost.id,
        reblog_of_uri: Some(instance.urls().status_uri(original)),
        visibility: boost.visibility,
        mentions: Vec::new(),
        reply_to_account: Some(original.account_id),
        interested: Vec::new(),
    }
}

/// Removes a boost with its traces: counts, timeline rows, the notification.
pub(super) fn remove_boost(tx: &mut Conn, boost: &Status, now: DateTime<Utc>) -> Result<()> {
    let event = Event::StatusDeleted {
        status_id: boost.id,
        home: timelines::list_home_owners(tx, boost.id)?,
        lists: timelines::list_lists_showing(tx, boost.id)?,
        public: false,
        local: false,
        tags: Vec::new(),
    };
    take_out_boost(tx, boost)?;
    events::emit(tx, &event, now)
}

/// Removes the row of a boost and what is counted elsewhere because of it.
pub(super) fn take_out_boost(tx: &mut Conn, boost: &Status) -> Result<()> {
    if let Some(original) = boost
        .reblog_of_id
        .map(|id| rows::find_status(tx, id))
        .transpose()?
        .flatten()
    {
        if !is_waiting(tx, boost.id)? {
            rows::adjust_count(tx, original.id, Counter::Reblogs, -1)?;
        }
        trends::forget_uses(tx, boost)?;
        pouet_storage::notifications::delete_notifications_of(
            tx,
            original.account_id,
            NotificationType::Reblog,
            boost.account_id,
            Some(original.id),
        )?;
    }
    accounts::adjust_statuses_count(tx, boost.account_id, -1, None)?;
    Ok(rows::delete_status(tx, boost.id)?)
}

/// A boost that arrived from another server.
#[derive(Clone, Debug)]
pub struct ReceivedReblog {
    /// Who boosted.
    pub actor: AccountId,
    /// Id of the Announce activity.
    pub uri: String,
    /// The status boosted, which we know.
    pub target: StatusId,
    /// Who may see the boost.
    pub visibility: Visibility,
    /// When it was made, as it says.
    pub published: DateTime<Utc>,
}

/// Takes in a boost: of an open status, or of the booster's own followers-only one. Others, and repetitions, are
/// left alone; so are boosts that nobody here would see.
pub async fn receive_reblog(instance: &Instance, received: ReceivedReblog) -> Result<()> {
    take_in_reblog(instance, received, false).await
}

/// The same for a boost that was found later, with what an account published: it stands in its profile and nowhere else,
/// whether somebody here follows or not.
pub async fn backfill_reblog(instance: &Instance, found: ReceivedReblog) -> Result<()> {
    take_in_reblog(instance, found, true).await
}

async fn take_in_reblog(instance: &Instance, received: ReceivedReblog, backfilled: bool) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let Some(original) = rows::find_status(tx, received.target)? else {
                return Ok(());
            };
            let booster = accounts::find_account(tx, received.actor)?.filter(Account::is_active);
            let Some(booster) = booster else { return Ok(()) };
            let own = original.account_id == booster.id;
            let allowed = original.reblog_of_id.is_none()
                && (original.is_open() || (own && original.visibility == Visibility::Private));
            let author = accounts::find_account(tx, original.account_id)?;
            let has_followers = backfilled || !timelines::list_local_followers(tx, booster.id)?.is_empty();
            let relevant = has_followers || author.is_some_and(|author| author.is_local());
            if !allowed
                || !relevant
                || tombstones::find_tombstone(tx, &received.uri)?.is_some()
                || rows::find_reblog(tx, booster.id, original.id)?.is_some()
            {
                return Ok(());
            }
            let kind = Interaction::Announce;
            let waits = match invited(tx, &writer, kind, &original, &booster, &received.uri)? {
                Verdict::Allowed => false,
                Verdict::NeedsApproval => {
                    let wish = Wish::new(kind, &original, booster.id, received.uri.clone());
                    if !wish.may_wait(tx)? {
                        return Ok(());
                    }
                    true
                }
                Verdict::Refused => return Ok(()),
            };
            let id = StatusId(id_at(received.published, now, entropy(writer.next_id())));
            let visibility = received.visibility.max(original.visibility);
            let boost = boost_row(
                id,
                &booster,
                &original,
                Some(received.uri),
                if waits { Visibility::Direct } else { visibility },
                time_of(id.0),
            );
            if waits {
                return insert_held(tx, &writer, &booster, &boost, visibility, now);
            }
            insert_boost(tx, &writer, &booster, &boost, &original, now, backfilled)
        })
        .await
}

/// Bits that tell apart what arrived with the same time, from a fresh id.
pub(super) fn entropy(fresh: i64) -> u16 {
    // The low bits alone are mostly 0: the milliseconds are what differs between calls.
    ((fresh >> 16) ^ fresh.wrapping_mul(0x9E37)) as u16
}

/// Takes a received boost back, named by the id of its Announce or by what it boosts. An unknown one is remembered,
/// so that an Announce that arrives after its Undo is ignored.
pub async fn receive_unreblog(
    instance: &Instance,
    actor: AccountId,
    uri: Option<&str>,
    target: Option<StatusId>,
) -> Result<()> {
    let uri = uri.map(str::to_owned);
    let now = instance.now();
    instance
        .write(move |tx| {
            let by_uri = match &uri {
                Some(uri) => rows::find_status_by_uri(tx, uri)?,
                None => None,
            };
            let boost = match (by_uri, target) {
                (Some(boost), _) => Some(boost),
                (None, Some(target)) => rows::find_reblog(tx, actor, target)?,
                (None, None) => None,
            };
            match boost.filter(|boost| boost.account_id == actor && boost.reblog_of_id.is_some()) {
                Some(boost) => remove_boost(tx, &boost, now),
                None => match uri {
                    Some(uri) => Ok(tombstones::insert_tombstone(tx, &uri, false, now)?),
                    None => Ok(()),
                },
            }
        })
        .await
}
