//! Direct conversations of an account.

use std::sync::Arc;

use pouet_model::{
    account::Account,
    ids::{AccountId, ConversationId, StatusId},
    page::{Keyed, Page},
};
use pouet_storage::{
    Conn,
    conversations::{self as rows, AccountConversation},
};

use crate::{
    accounts::load_in_order,
    error::{Error, Result},
    instance::Instance,
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

fn views_of(
    conn: &mut Conn,
    viewer: AccountId,
    found: Vec<AccountConversation>,
    now: chrono::DateTime<chrono::Utc>,
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
