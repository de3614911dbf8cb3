//! Making notifications, or holding them back, by what their owner wants.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::{Account, Role},
    ids::{AccountId, CollectionId, ConversationId, StatusId},
    notification::NotificationType,
    notification_policy::{NotificationPolicy, Sender, Treatment},
    status::Status,
};
use pouet_storage::{
    Conn, accounts, follows, notification_policies as policies, notification_requests as requests,
    notifications::{self as rows, NewNotification},
    sight, statuses, users,
};

use crate::{
    error::Result,
    events::{self, Event},
};

/// Hours that notifications of one group lie apart at most.
const GROUP_SPAN_HOURS: i64 = 12;
/// How old an account is that counts as new.
const NEW_ACCOUNT: TimeDelta = TimeDelta::days(30);
/// How long somebody follows who does not count as a follower yet, as on Mastodon.
const NEW_FOLLOWER: TimeDelta = TimeDelta::days(3);

/// What becomes of a notification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reception {
    /// It is made.
    Accepted,
    /// It is made and held back.
    Held,
    /// It is not made.
    Refused,
}

/// A private message, or what might be one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    /// Only the addressed see it.
    pub(crate) is_private: bool,
    /// What it belongs to; `None`: it begins a conversation.
    pub(crate) conversation_id: Option<ConversationId>,
}

impl Message {
    /// A status as a message.
    pub(crate) fn of(status: &Status) -> Self {
        Self {
            is_private: status.visibility.is_for_addressees(),
            conversation_id: Some(status.conversation_id),
        }
    }
}

/// Makes a notification in the transaction of what it tells, if its owner is a local account that wants it.
pub(crate) fn notify(
    tx: &mut Conn,
    owner: AccountId,
    kind: NotificationType,
    from: AccountId,
    status_id: Option<StatusId>,
    now: DateTime<Utc>,
) -> Result<()> {
    make(tx, owner, kind, from, status_id, None, now)
}

/// [`notify`], of a collection.
pub(crate) fn notify_of_collection(
    tx: &mut Conn,
    owner: AccountId,
    kind: NotificationType,
    from: AccountId,
    collection_id: CollectionId,
    now: DateTime<Utc>,
) -> Result<()> {
    make(tx, owner, kind, from, None, Some(collection_id), now)
}

fn make(
    tx: &mut Conn,
    owner: AccountId,
    kind: NotificationType,
    from: AccountId,
    status_id: Option<StatusId>,
    collection_id: Option<CollectionId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let message = match status_id.filter(|_| kind.is_message()) {
        Some(status) => statuses::find_status(tx, status)?.as_ref().map(Message::of),
        None => None,
    };
    let filtered = match reception(tx, owner, kind, from, message, now)? {
        Reception::Refused => return Ok(()),
        Reception::Held => true,
        Reception::Accepted => false,
    };
    let new = NewNotification {
        account_id: owner,
        kind,
        from_account_id: from,
        status_id,
        group_key: kind.is_groupable().then(|| group_key(kind, status_id, now)),
        created_at: now,
        filtered,
        collection_id,
    };
    let Some(notification_id) = rows::insert_notification(tx, &new)? else {
        return Ok(());
    };
    if filtered {
        return note_request(tx, &new, now);
    }
    let event = Event::Notified {
        account_id: owner,
        notification_id,
    };
    events::emit(tx, &event, now)
}

/// Holds a private message to `owner` back: it waits in a request, even if nothing else would tell of it. `status`: it.
pub(crate) fn hold(tx: &mut Conn, owner: AccountId, status: &Status, now: DateTime<Utc>) -> Result<()> {
    let new = NewNotification {
        account_id: owner,
        kind: NotificationType::Mention,
        from_account_id: status.account_id,
        status_id: Some(status.id),
        group_key: None,
        created_at: now,
        filtered: true,
        collection_id: None,
    };
    match rows::insert_notification(tx, &new)? {
        Some(_) => note_request(tx, &new, now),
        None => Ok(()),
    }
}

fn note_request(tx: &mut Conn, held: &NewNotification, now: DateTime<Utc>) -> Result<()> {
    if held.kind.is_message() {
        requests::touch_request(tx, held.account_id, held.from_account_id, now)?;
    }
    Ok(())
}

/// What becomes of a notification to `owner` of what `from` does. `message`: what a mention or a quote says.
pub(crate) fn reception(
    tx: &mut Conn,
    owner: AccountId,
    kind: NotificationType,
    from: AccountId,
    message: Option<Message>,
    now: DateTime<Utc>,
) -> Result<Reception> {
    if owner == from {
        let local = accounts::find_account(tx, owner)?.is_some_and(|account| account.is_local());
        let wanted = local && kind.is_from_oneself();
        return Ok(if wanted {
            Reception::Accepted
        } else {
            Reception::Refused
        });
    }
    let local = accounts::find_account(tx, owner)?.is_some_and(|account| account.is_local());
    if !local || sight::refuses_notifications(tx, owner, from, now)? {
        return Ok(Reception::Refused);
    }
    if !kind.is_filterable() {
        return Ok(Reception::Accepted);
    }
    let policy = policies::find_policy(tx, owner)?;
    let Some(author) = accounts::find_account(tx, from)? else {
        return Ok(Reception::Refused);
    };
    let sender = sender(tx, owner, &author, message, now)?;
    let treatment = policy.treatment(sender);
    if treatment == Treatment::Accept || is_exempt(tx, owner, &author, kind)? {
        return Ok(Reception::Accepted);
    }
    Ok(match treatment {
        Treatment::Accept => Reception::Accepted,
        Treatment::Filter => Reception::Held,
        Treatment::Drop => Reception::Refused,
    })
}

/// Whether `owner` lets nothing that `author` writes to them privately come near: it is neither shown nor held back.
/// `conversation`: what the message belongs to, if that is there already.
pub(crate) fn refuses_message(
    tx: &mut Conn,
    owner: AccountId,
    author: &Account,
    conversation: Option<ConversationId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    if owner == author.id {
        return Ok(false);
    }
    let policy: NotificationPolicy = policies::find_policy(tx, owner)?;
    let message = Message {
        is_private: true,
        conversation_id: conversation,
    };
    let sender = sender(tx, owner, author, Some(message), now)?;
    Ok(policy.of_message(sender) == Treatment::Drop
        && !is_exempt(tx, owner, author, NotificationType::Mention)?)
}

fn sender(
    tx: &mut Conn,
    owner: AccountId,
    author: &Account,
    message: Option<Message>,
    now: DateTime<Utc>,
) -> Result<Sender> {
    let follow = follows::find_follow(tx, author.id, owner)?.filter(|follow| follow.accepted);
    let message = message.filter(|message| message.is_private);
    let is_answer = match message.and_then(|message| message.conversation_id) {
        Some(conversation) => policies::has_written_to(tx, owner, author.id, conversation)?,
        None => false,
    };
    Ok(Sender {
        followed: !sight::load_followed(tx, owner, &[author.id])?.is_empty(),
        follows: follow.is_some(),
        follows_for_days: follow.is_some_and(|follow| follow.created_at <= now - NEW_FOLLOWER),
        is_new: author.created_at > now - NEW_ACCOUNT,
        is_limited: author.silenced_at.is_some(),
        is_bot: author.actor_type.is_bot(),
        is_private: message.is_some(),
        is_answer,
    })
}

/// Whether no policy applies: the owner let the author through, or moderators of this instance write.
fn is_exempt(tx: &mut Conn, owner: AccountId, author: &Account, kind: NotificationType) -> Result<bool> {
    if policies::is_permitted(tx, owner, author.id)? {
        return Ok(true);
    }
    if !author.is_local() || !kind.is_message() {
        return Ok(false);
    }
    let user = users::find_user_of(tx, author.id)?;
    Ok(user.is_some_and(|user| user.role != Role::User))
}

fn group_key(kind: NotificationType, status: Option<StatusId>, now: DateTime<Utc>) -> String {
    let bucket = now.timestamp() / (3600 * GROUP_SPAN_HOURS);
    match status {
        Some(status) => format!("{}-{status}-{bucket}", kind.as_str()),
        None => format!("{}-{bucket}", kind.as_str()),
    }
}
