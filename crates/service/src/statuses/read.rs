//! Reading statuses.

use std::{collections::HashMap, sync::Arc};

use pouet_model::{
    account::Account,
    ids::{AccountId, ConversationId, StatusId},
    page::{Keyed, Page},
    status::{Status, StatusEdit},
    urls::LocalUri,
};
use pouet_storage::{
    Conn, accounts, conversations,
    edits::{self, EditRow},
    interactions, media, polls, statuses as rows, tombstones,
};

use crate::{
    accounts::load_in_order,
    error::{Error, Result},
    instance::Instance,
    quotes,
    view::{StatusView, load_views},
    visibility::{find_visible, seen_since},
};

/// Ancestors and descendants that an anonymous viewer is shown.
const ANONYMOUS: Depth = Depth {
    ancestors: 40,
    descendants: 60,
    levels: 20,
};
/// Those that a signed-in viewer is shown.
const SIGNED_IN: Depth = Depth {
    ancestors: 4096,
    descendants: 4096,
    levels: 4096,
};

struct Depth {
    ancestors: usize,
    descendants: usize,
    levels: usize,
}

/// The thread around a status.
///
/// Source: <https://docs.joinmastodon.org/entities/Context/>
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// What it answers, the beginning of the thread first.
    pub ancestors: Vec<StatusView>,
    /// Answers to it, each followed by its own answers.
    pub descendants: Vec<StatusView>,
}

/// What an author typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusSource {
    /// The status.
    pub id: StatusId,
    /// Its text.
    pub text: String,
    /// Its content warning.
    pub spoiler_text: String,
}

/// The statuses with these ids that `viewer` may see, in the given order.
pub async fn view(
    instance: &Instance,
    viewer: Option<AccountId>,
    ids: &[StatusId],
) -> Result<Vec<StatusView>> {
    let (ids, now) = (ids.to_vec(), instance.now());
    instance
        .read(move |conn| load_views(conn, viewer, &ids, now))
        .await
}

/// One status.
///
/// # Errors
/// `NotFound` if there is none that the viewer may see.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#get>
pub async fn find(instance: &Instance, viewer: Option<AccountId>, id: StatusId) -> Result<StatusView> {
    let found = view(instance, viewer, &[id])
        .await?
        .pop()
        .ok_or(Error::NotFound)?;
    quotes::look_again(instance, &found).await;
    Ok(found)
}

/// The row of a status, whoever may see it: for federation, which decides by audience.
pub async fn find_raw(instance: &Instance, id: StatusId) -> Result<Option<Status>> {
    instance.read(move |conn| Ok(rows::find_status(conn, id)?)).await
}

/// The status with this ActivityPub id or page that we know, whoever may see it; our own ids are understood.
pub async fn find_by_uri(instance: &Instance, uri: &str) -> Result<Option<Status>> {
    if instance.urls().is_own(uri) {
        let id = match instance.urls().parse(uri) {
            Some(LocalUri::Status(account, id)) => Some((Some(account), id)),
            Some(_) => None,
            None => instance
                .urls()
                .parse_page(uri)
                .and_then(|(_, id)| Some((None, id?))),
        };
        let Some((account, id)) = id else { return Ok(None) };
        let found = find_raw(instance, id).await?;
        return Ok(found.filter(|status| account.is_none_or(|account| account == status.account_id)));
    }
    let uri = uri.to_owned();
    instance
        .read(move |conn| match rows::find_status_by_uri(conn, &uri)? {
            Some(status) => Ok(Some(status)),
            None => Ok(rows::find_status_by_url(conn, &uri)?),
        })
        .await
}

/// Whether an anonymous reader may see a status.
pub async fn visible_to_everybody(instance: &Instance, id: StatusId) -> Result<bool> {
    let result = instance.read(move |conn| find_visible(conn, None, id)).await;
    match result {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a status with this ActivityPub id was here, for everybody to see, and is deleted.
pub async fn is_openly_gone(instance: &Instance, uri: &str) -> Result<bool> {
    let uri = uri.to_owned();
    let trace = instance
        .read(move |conn| Ok(tombstones::find_tombstone(conn, &uri)?))
        .await?;
    Ok(trace.is_some_and(|trace| trace.public))
}

/// The thread around a status, of what the viewer may see.
///
/// # Errors
/// `NotFound` if the viewer may not see the status itself.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#context>
pub async fn context(instance: &Instance, viewer: Option<AccountId>, id: StatusId) -> Result<Context> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let (status, _) = find_visible(conn, viewer, id)?;
            let depth = if viewer.is_some() { SIGNED_IN } else { ANONYMOUS };
            let ancestors = ancestor_ids(conn, &status, depth.ancestors)?;
            let descendants = descendant_ids(conn, status.id, &depth)?;
            Ok(Context {
                ancestors: load_views(conn, viewer, &ancestors, now)?,
                descendants: load_views(conn, viewer, &descendants, now)?,
            })
        })
        .await
}

fn ancestor_ids(conn: &mut Conn, status: &Status, limit: usize) -> Result<Vec<StatusId>> {
    let mut ids = Vec::new();
    let mut parent = status.in_reply_to_id;
    while let Some(id) = parent {
        if ids.len() >= limit || ids.contains(&id) || id == status.id {
            break;
        }
        ids.push(id);
        parent = rows::find_status(conn, id)?.and_then(|ancestor| ancestor.in_reply_to_id);
    }
    ids.reverse();
    Ok(ids)
}

/// Level by level from the database, then depth first for reading.
fn descendant_ids(conn: &mut Conn, root: StatusId, depth: &Depth) -> Result<Vec<StatusId>> {
    let mut children: HashMap<StatusId, Vec<StatusId>> = HashMap::new();
    let mut level = vec![root];
    let mut total = 0;
    for _ in 0..depth.levels {
        let replies = rows::list_reply_ids(conn, &level)?;
        level = replies
            .iter()
            .map(|(id, _)| *id)
            .take(depth.descendants.saturating_sub(total))
            .collect();
        total += level.len();
        for (id, parent) in replies {
            children.entry(parent).or_default().push(id);
        }
        if level.is_empty() {
            break;
        }
    }
    let mut ordered = Vec::new();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if id != root {
            ordered.push(id);
        }
        stack.extend(children.remove(&id).unwrap_or_default().into_iter().rev());
    }
    ordered.truncate(depth.descendants);
    Ok(ordered)
}

/// What `viewer` typed in a status of theirs.
///
/// # Errors
/// `NotFound` if it is not theirs.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#source>
pub async fn source(instance: &Instance, viewer: AccountId, id: StatusId) -> Result<StatusSource> {
    let (status, _) = instance
        .read(move |conn| find_visible(conn, Some(viewer), id))
        .await?;
    if status.account_id != viewer {
        return Err(Error::NotFound);
    }
    Ok(StatusSource {
        id,
        text: status.text,
        spoiler_text: status.spoiler_text,
    })
}

/// The versions of a status, the original first and the current one last, with its author. Whom an edit named sees the
/// versions from then on.
///
/// # Errors
/// `NotFound` if the viewer may not see it.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#history>
pub async fn history(
    instance: &Instance,
    viewer: Option<AccountId>,
    id: StatusId,
) -> Result<(Arc<Account>, Vec<StatusEdit>)> {
    instance
        .read(move |conn| {
            let (status, author) = find_visible(conn, viewer, id)?;
            let since = seen_since(conn, viewer, &status)?;
            let mut versions = Vec::new();
            let edits = edits::list_edits(conn, id)?;
            // A version ends when the next one is published.
            let ends: Vec<_> = edits
                .iter()
                .skip(1)
                .map(|edit| edit.created_at)
                .chain(status.edited_at)
                .collect();
            for (edit, end) in edits.into_iter().zip(ends) {
                if since.is_none_or(|since| end > since) {
                    versions.push(earlier_version(conn, edit)?);
                }
            }
            versions.push(current_version(conn, status)?);
            Ok((Arc::new(author), versions))
        })
        .await
}

fn earlier_version(conn: &mut Conn, edit: EditRow) -> Result<StatusEdit> {
    let ids: Vec<_> = edit.media.iter().map(|media| media.id).collect();
    let mut files = media::load_media(conn, &ids)?;
    files.sort_by_key(|file| ids.iter().position(|id| *id == file.id));
    for file in &mut files {
        let then = edit.media.iter().find(|media| media.id == file.id);
        file.description = then.and_then(|media| media.description.clone());
    }
    Ok(StatusEdit {
        content: edit.content,
        spoiler_text: edit.spoiler_text,
        sensitive: edit.sensitive,
        poll_options: edit.poll_options,
        media: files,
        created_at: edit.created_at,
    })
}

fn current_version(conn: &mut Conn, status: Status) -> Result<StatusEdit> {
    let poll = match status.poll_id {
        Some(id) => polls::find_poll(conn, id)?,
        None => None,
    };
    Ok(StatusEdit {
        media: media::load_media_of(conn, &[status.id])?
            .remove(&status.id)
            .unwrap_or_default(),
        poll_options: poll.map(|poll| poll.options.into_iter().map(|option| option.title).collect()),
        content: status.content,
        spoiler_text: status.spoiler_text,
        sensitive: status.sensitive,
        created_at: status.edited_at.unwrap_or(status.created_at),
    })
}

/// Who favourited a status, keyed by the favourite.
///
/// # Errors
/// `NotFound` if the viewer may not see it.
pub async fn favourited_by(
    instance: &Instance,
    viewer: Option<AccountId>,
    id: StatusId,
    page: Page,
) -> Result<Vec<Keyed<Arc<Account>>>> {
    instance
        .read(move |conn| {
            find_visible(conn, viewer, id)?;
            let found = interactions::list_favourites_of(conn, id, &page)?;
            keyed_accounts(conn, &found)
        })
        .await
}

/// Who boosted a status, keyed by the boost.
///
/// # Errors
/// `NotFound` if the viewer may not see it.
pub async fn reblogged_by(
    instance: &Instance,
    viewer: Option<AccountId>,
    id: StatusId,
    page: Page,
) -> Result<Vec<Keyed<Arc<Account>>>> {
    instance
        .read(move |conn| {
            find_visible(conn, viewer, id)?;
            let found = rows::list_reblogs(conn, id, &page)?;
            keyed_accounts(conn, &found)
        })
        .await
}

fn keyed_accounts(conn: &mut Conn, found: &[(i64, AccountId)]) -> Result<Vec<Keyed<Arc<Account>>>> {
    let ids: Vec<AccountId> = found.iter().map(|(_, id)| *id).collect();
    let accounts: HashMap<AccountId, Arc<Account>> = load_in_order(conn, &ids)?
        .into_iter()
        .map(|account| (account.id, account))
        .collect();
    let item = |(key, id): &(i64, AccountId)| {
        Some(Keyed {
            key: *key,
            item: accounts.get(id)?.clone(),
        })
    };
    Ok(found
        .iter()
        .filter_map(item)
        .filter(|keyed| keyed.item.is_active())
        .collect())
}

/// Public and unlisted statuses and boosts of a local account below `before`, newest first: its outbox.
pub async fn open_statuses_of(
    instance: &Instance,
    account: AccountId,
    before: Option<StatusId>,
    limit: i64,
) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let found = rows::list_open_statuses_of(conn, account, before.map(i64::from), limit)?;
            let ids: Vec<StatusId> = found.iter().map(|status| status.id).collect();
            load_views(conn, None, &ids, now)
        })
        .await
}

/// Public and unlisted replies to a status above `after`, oldest first: its replies collection. `by_author`: those that its
/// author wrote; otherwise those of all others.
pub async fn open_replies(
    instance: &Instance,
    parent: &Status,
    by_author: bool,
    after: Option<StatusId>,
    limit: i64,
) -> Result<Vec<Status>> {
    let (parent, after) = (parent.clone(), after.map_or(0, i64::from));
    instance
        .read(move |conn| Ok(rows::list_open_replies(conn, &parent, by_author, after, limit)?))
        .await
}

/// What everybody may know of a conversation that began here.
#[derive(Clone, Debug)]
pub struct OpenConversation {
    /// Author of the status that began it, if that one is ours, there, and open.
    pub author: Option<Account>,
    /// Number of public and unlisted statuses in it.
    pub total: i64,
    /// Those above `after`, oldest first.
    pub statuses: Vec<Status>,
}

/// Public and unlisted statuses above `after` in a conversation that began here.
///
/// # Errors
/// `NotFound` if it began elsewhere, or nothing in it is open.
pub async fn open_conversation(
    instance: &Instance,
    id: ConversationId,
    after: Option<StatusId>,
    limit: i64,
) -> Result<OpenConversation> {
    let after = after.map_or(0, i64::from);
    instance
        .read(move |conn| {
            if conversations::find_conversation_uri(conn, id)?.is_some() {
                return Err(Error::NotFound);
            }
            let first = rows::list_open_statuses_in(conn, id, 0, 1)?
                .pop()
                .ok_or(Error::NotFound)?;
            // What answers a status that is gone no longer names it, but still its author.
            let begins = first.in_reply_to_account_id.is_none() && first.in_reply_to_uri.is_none();
            let author = if begins && first.is_local() {
                accounts::find_account(conn, first.account_id)?
            } else {
                None
            };
            Ok(OpenConversation {
                author,
                total: rows::count_open_statuses_in(conn, id)?,
                statuses: rows::list_open_statuses_in(conn, id, after, limit)?,
            })
        })
        .await
}

/// Statuses that an account pinned and the viewer may see, last pinned first.
pub async fn pinned(
    instance: &Instance,
    viewer: Option<AccountId>,
    account: AccountId,
) -> Result<Vec<StatusView>> {
    let now = instance.now();
    instance
        .read(move |conn| {
            let ids = interactions::list_pins(conn, account)?;
            load_views(conn, viewer, &ids, now)
        })
        .await
}
