//! Direct conversations of an account.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, ConversationId, StatusId},
    notification::NotificationType,
    page::{Keyed, Page},
    status::{Mention, Status, Visibility},
};
use pouet_storage::{
    Conn, accounts,
    conversations::{self as rows, AccountConversation},
    interactions, mentions,
};

use crate::{
    accounts::load_in_order,
    error::{Error, Result},
    events::{self, Event},
    instance::Instance,
    notifications::{Message, Reception, hold, reception},
    view::{StatusView, load_views},
};

/// A direct conversation as one account sees it.
///
/// Source: <https://docs.joinmastodon.org/entities/Conversation/>
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// Our id of this view.
    pub id: i64,
    /// There is something new.
    pub unread: bool,
    /// The others in it; oneself in a conversation with nobody else.
    pub accounts: Vec<Arc<Account>>,
    /// Its newest status.
    pub last_status: Option<StatusView>,
}

/// Direct conversations of `viewer`, the one with the newest status first, keyed by that status.
///
/// Source: <https://docs.joinmastodon.org/methods/conversations/#get>
pub async fn list(
    instance: &Instance,
    viewer: AccountId,
    page: Page,
) -> Result<Vec<Keyed<ConversationView>>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::list_conversations(conn, viewer, &page)?;
            views_of(conn, viewer, found, now)
        })
        .await
}

/// The view that `viewer` has of a conversation.
///
/// # Errors
/// `NotFound` if they are not in it.
pub async fn find(instance: &Instance, viewer: AccountId, id: ConversationId) -> Result<ConversationView> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::find_conversation_of(conn, viewer, id)?.ok_or(Error::NotFound)?;
            views_of(conn, viewer, vec![found], now)?
                .pop()
                .map(|keyed| keyed.item)
                .ok_or(Error::NotFound)
        })
        .await
}

/// Marks a conversation as read or unread and returns it. `id`: of the view.
///
/// # Errors
/// `NotFound` if it is not the viewer's.
pub async fn set_unread(
    instance: &Instance,
    viewer: AccountId,
    id: i64,
    unread: bool,
) -> Result<ConversationView> {
    let now = instance.now();
    instance
        .write(move |tx| {
            if !rows::update_unread(tx, viewer, id, unread)? {
                return Err(Error::NotFound);
            }
            let found = rows::find_account_conversation(tx, viewer, id)?.ok_or(Error::NotFound)?;
            changed(tx, viewer, found.conversation_id, now)?;
            views_of(tx, viewer, vec![found], now)?
                .pop()
                .map(|keyed| keyed.item)
                .ok_or(Error::NotFound)
        })
        .await
}

/// Removes a conversation from the viewer's list; its statuses stay. `id`: of the view.
///
/// # Errors
/// `NotFound` if it is not the viewer's.
pub async fn delete(instance: &Instance, viewer: AccountId, id: i64) -> Result<()> {
    let removed = instance
        .write(move |tx| Ok(rows::delete_account_conversation(tx, viewer, id)?))
        .await?;
    if removed { Ok(()) } else { Err(Error::NotFound) }
}

fn changed(
    tx: &mut Conn,
    account_id: AccountId,
    conversation_id: ConversationId,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = Event::ConversationChanged {
        account_id,
        conversation_id,
    };
    events::emit(tx, &event, now)
}

/// Enters a private status into the conversations of its author and of those of `named` who are here and want messages
/// of the author; for others it is held back until they let the author through, or is not there at all. Returns those
/// of `named` whose timelines it may enter: all, unless it is private.
pub(crate) fn receive(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    named: &[Mention],
    now: DateTime<Utc>,
) -> Result<Vec<Mention>> {
    if !status.visibility.is_for_addressees() || status.reblog_of_id.is_some() {
        return Ok(named.to_vec());
    }
    let mut owners = Vec::new();
    let people = people_of(tx, status)?;
    for account in accounts::load_accounts(tx, &people)?
        .into_iter()
        .filter(Account::is_local)
    {
        if account.id == status.account_id {
            owners.push(account.id);
            continue;
        }
        if !named.iter().any(|mention| mention.account_id == account.id) {
            continue;
        }
        let (kind, message) = (NotificationType::Mention, Some(Message::of(status)));
        match reception(tx, account.id, kind, status.account_id, message, now)? {
            Reception::Accepted => owners.push(account.id),
            Reception::Held => hold(tx, account.id, status, now)?,
            Reception::Refused => {}
        }
    }
    enter(tx, instance, status, &owners, now)?;
    let mut wanting = named.to_vec();
    wanting.retain(|mention| owners.contains(&mention.account_id));
    Ok(wanting)
}

/// Enters a private status into the conversations of those of `owners` who are here and in it: unread, but for its
/// author and for who silenced the conversation.
pub(crate) fn enter(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    owners: &[AccountId],
    now: DateTime<Utc>,
) -> Result<()> {
    if !is_letter(status) {
        return Ok(());
    }
    let people = people_of(tx, status)?;
    for owner in owners.iter().copied().filter(|owner| people.contains(owner)) {
        let others: Vec<AccountId> = people.iter().copied().filter(|id| *id != owner).collect();
        let conversation = status.conversation_id;
        let is_muted = !interactions::load_muted_conversations(tx, owner, &[conversation])?.is_empty();
        let known = rows::find_conversation_of(tx, owner, conversation)?;
        let was_unread = known.as_ref().is_some_and(|known| known.unread);
        let unread = if is_muted {
            was_unread
        } else {
            owner != status.account_id
        };
        // What comes late does not take the place of what is newer.
        let last = known.and_then(|known| known.last_status_id);
        let last = last.map_or(status.id, |last| last.max(status.id));
        let id: i64 = instance.next_id();
        rows::touch_conversation(tx, id, owner, conversation, &others, last, unread)?;
        changed(tx, owner, conversation, now)?;
    }
    Ok(())
}

fn is_letter(status: &Status) -> bool {
    status.visibility == Visibility::Direct && status.reblog_of_id.is_none()
}

/// Its author and everybody addressed.
fn people_of(tx: &mut Conn, status: &Status) -> Result<Vec<AccountId>> {
    let named = mentions::load_mentions(tx, &[status.id])?.remove(&status.id);
    let mut people: Vec<AccountId> = named
        .unwrap_or_default()
        .into_iter()
        .map(|mention| mention.account_id)
        .collect();
    if !people.contains(&status.account_id) {
        people.push(status.account_id);
    }
    Ok(people)
}

/// Removes a status as the newest of conversations: the one before takes its place, and a conversation without any
/// is gone. To be called before the status is removed.
pub(crate) fn withdraw(tx: &mut Conn, status: &Status, now: DateTime<Utc>) -> Result<()> {
    if !is_letter(status) {
        return Ok(());
    }
    for (owner, id) in rows::list_ending_with(tx, status.id)? {
        match rows::find_newest_letter(tx, owner, status.conversation_id, status.id)? {
            Some(newest) => {
                rows::update_last_status(tx, id, newest)?;
                changed(tx, owner, status.conversation_id, now)?;
            }
            None => {
                rows::delete_account_conversation(tx, owner, id)?;
            }
        }
    }
    Ok(())
}

fn views_of(
    conn: &mut Conn,
    viewer: AccountId,
    found: Vec<AccountConversation>,
    now: DateTime<Utc>,
) -> Result<Vec<Keyed<ConversationView>>> {
    let last: Vec<StatusId> = found
        .iter()
        .filter_map(|conversation| conversation.last_status_id)
        .collect();
    let statuses = load_views(conn, Some(viewer), &last, now)?;
    let mut people: Vec<AccountId> = found
        .iter()
        .flat_map(|one| one.participants.iter().copied())
        .collect();
    people.push(viewer);
    people.sort_unstable();
    people.dedup();
    let accounts = load_in_order(conn, &people)?;
    let view = |one: AccountConversation| {
        let others: &[AccountId] = if one.participants.is_empty() {
            &[viewer]
        } else {
            &one.participants
        };
        let key = one.last_status_id.map_or(one.id, i64::from);
        let item = ConversationView {
            id: one.id,
            unread: one.unread,
            accounts: accounts
                .iter()
                .filter(|account| others.contains(&account.id))
                .cloned()
                .collect(),
            last_status: statuses
                .iter()
                .find(|view| Some(view.status.id) == one.last_status_id)
                .cloned(),
        };
        Keyed { key, item }
    };
    Ok(found.into_iter().map(view).collect())
}
