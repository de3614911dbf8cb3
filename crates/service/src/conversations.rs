//! Direct conversations of an account.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    notification::NotificationType,
    page::{Keyed, Page},
    status::{Mention, Status, Visibility},
};
use pouet_storage::{
    Conn, accounts,
    conversations::{self as rows, AccountConversation},
    interactions,
    locks::lock_conversation,
    mentions,
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

/// One of the direct conversations of `viewer`. `id`: of the view.
///
/// # Errors
/// `NotFound` if it is not theirs.
pub async fn find(instance: &Instance, viewer: AccountId, id: i64) -> Result<ConversationView> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::find_account_conversation(conn, viewer, id)?.ok_or(Error::NotFound)?;
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
            lock(tx, viewer, id)?;
            if !rows::update_unread(tx, viewer, id, unread)? {
                return Err(Error::NotFound);
            }
            let found = rows::find_account_conversation(tx, viewer, id)?.ok_or(Error::NotFound)?;
            changed(tx, viewer, id, now)?;
            views_of(tx, viewer, vec![found], now)?
                .pop()
                .map(|keyed| keyed.item)
                .ok_or(Error::NotFound)
        })
        .await
}

/// Removes a conversation from the viewer's list; its statuses stay. It comes back with what is written next, and
/// without what was written before. `id`: of the view.
///
/// # Errors
/// `NotFound` if it is not the viewer's.
pub async fn delete(instance: &Instance, viewer: AccountId, id: i64) -> Result<()> {
    instance
        .write(move |tx| {
            lock(tx, viewer, id)?;
            if rows::delete_account_conversation(tx, viewer, id)? {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
        .await
}

/// Has what enters and leaves the conversation of a view wait; `NotFound` if there is none such.
fn lock(tx: &mut Conn, viewer: AccountId, id: i64) -> Result<()> {
    let found = rows::find_account_conversation(tx, viewer, id)?.ok_or(Error::NotFound)?;
    Ok(lock_conversation(tx, found.conversation_id)?)
}

fn changed(tx: &mut Conn, account_id: AccountId, view_id: i64, now: DateTime<Utc>) -> Result<()> {
    events::emit(tx, &Event::ConversationChanged { account_id, view_id }, now)
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
    let mut owners = wanting(tx, status, named, now)?;
    let author = accounts::find_account(tx, status.account_id)?;
    owners.extend(author.filter(Account::is_local).map(|author| author.id));
    enter(tx, instance, status, &owners, now)?;
    let mut wanting = named.to_vec();
    wanting.retain(|mention| owners.contains(&mention.account_id));
    Ok(wanting)
}

/// [`receive`], for those whom only an edit of the status names. Others have it where they had it, but see who reads it
/// now.
pub(crate) fn receive_newcomers(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    named: &[Mention],
    now: DateTime<Utc>,
) -> Result<()> {
    if !status.visibility.is_for_addressees() {
        return Ok(());
    }
    let owners = wanting(tx, status, named, now)?;
    enter(tx, instance, status, &owners, now)?;
    regroup(tx, instance, status, now)
}

/// Those of `named`, but for the author, who are here and let private messages of the author come near. What others
/// hold back is noted.
fn wanting(tx: &mut Conn, status: &Status, named: &[Mention], now: DateTime<Utc>) -> Result<Vec<AccountId>> {
    let mut found = Vec::new();
    let people: Vec<AccountId> = named.iter().map(|mention| mention.account_id).collect();
    for account in accounts::load_accounts(tx, &people)? {
        if !account.is_local() || account.id == status.account_id {
            continue;
        }
        let (kind, message) = (NotificationType::Mention, Some(Message::of(status)));
        match reception(tx, account.id, kind, status.account_id, message, now)? {
            Reception::Accepted => found.push(account.id),
            Reception::Held => hold(tx, account.id, status, now)?,
            Reception::Refused => {}
        }
    }
    Ok(found)
}

/// Enters a private status into the conversations of those of `owners` who are here and in it: unread, but for its
/// author and for who silenced the conversation. Who has it already has it as before.
pub(crate) fn enter(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    owners: &[AccountId],
    now: DateTime<Utc>,
) -> Result<()> {
    if !is_letter(status) || owners.is_empty() {
        return Ok(());
    }
    let people = people_of(tx, status)?;
    let conversation = status.conversation_id;
    lock_conversation(tx, conversation)?;
    for owner in owners.iter().copied().filter(|owner| people.contains(owner)) {
        if rows::has_letter(tx, owner, status.id)? {
            continue;
        }
        let is_muted = !interactions::load_muted_conversations(tx, owner, &[conversation])?.is_empty();
        let unread = (!is_muted).then_some(owner != status.account_id);
        put(tx, instance, owner, status, &people, unread, now)?;
    }
    Ok(())
}

/// Puts a status into the view that `owner` has of what they and the others of `people` wrote to each other. `unread`:
/// whether there is something new for them; `None`: as before.
fn put(
    tx: &mut Conn,
    instance: &Instance,
    owner: AccountId,
    status: &Status,
    people: &[AccountId],
    unread: Option<bool>,
    now: DateTime<Utc>,
) -> Result<()> {
    let others = others_of(people, owner);
    let id = if let Some(view) = rows::find_view(tx, owner, status.conversation_id, &others)? {
        // What comes late does not take the place of what is newer.
        let last = view.last_status_id.map_or(status.id, |last| last.max(status.id));
        rows::update_view(tx, view.id, last, unread.unwrap_or(view.unread))?;
        view.id
    } else {
        let view = AccountConversation {
            id: instance.next_id(),
            owner,
            conversation_id: status.conversation_id,
            participants: others,
            last_status_id: Some(status.id),
            unread: unread.unwrap_or(false),
        };
        rows::insert_view(tx, &view)?;
        view.id
    };
    rows::insert_letter(tx, id, status.id)?;
    changed(tx, owner, id, now)
}

/// Takes a status out of a view: the one before takes its place, and a view without any is gone.
fn take_out(tx: &mut Conn, view: &AccountConversation, status: StatusId, now: DateTime<Utc>) -> Result<()> {
    rows::delete_letter(tx, view.id, status)?;
    match rows::find_newest_letter(tx, view.id)? {
        Some(newest) if view.last_status_id == Some(newest) => Ok(()),
        Some(newest) => {
            rows::update_view(tx, view.id, newest, view.unread)?;
            changed(tx, view.owner, view.id, now)
        }
        None => {
            rows::delete_account_conversation(tx, view.owner, view.id)?;
            Ok(())
        }
    }
}

/// Moves a status to views of those who are in it by now, for all who have it.
fn regroup(tx: &mut Conn, instance: &Instance, status: &Status, now: DateTime<Utc>) -> Result<()> {
    if !is_letter(status) {
        return Ok(());
    }
    let people = people_of(tx, status)?;
    lock_conversation(tx, status.conversation_id)?;
    for view in rows::list_views_with(tx, status.id)? {
        if view.participants != others_of(&people, view.owner) {
            let is_news =
                view.unread && view.last_status_id == Some(status.id) && view.owner != status.account_id;
            let unread = is_news.then_some(true);
            take_out(tx, &view, status.id, now)?;
            put(tx, instance, view.owner, status, &people, unread, now)?;
        }
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

/// `people` without `owner`, in the order of their ids.
fn others_of(people: &[AccountId], owner: AccountId) -> Vec<AccountId> {
    let mut others: Vec<AccountId> = people.iter().copied().filter(|id| *id != owner).collect();
    others.sort_unstable();
    others.dedup();
    others
}

/// Takes a status out of all conversations. To be called before the status is removed.
pub(crate) fn withdraw(tx: &mut Conn, status: &Status, now: DateTime<Utc>) -> Result<()> {
    if !is_letter(status) {
        return Ok(());
    }
    lock_conversation(tx, status.conversation_id)?;
    for view in rows::list_views_with(tx, status.id)? {
        take_out(tx, &view, status.id, now)?;
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
        // Somebody is always shown, also when the others are gone.
        let is_there = |id: &AccountId| accounts.iter().any(|account| account.id == *id);
        let others: &[AccountId] = if one.participants.iter().any(is_there) {
            &one.participants
        } else {
            &[viewer]
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
