//! What authors have not finished, kept on the server: begun on one device, finished on another.

use std::collections::HashMap;

use pouet_model::{
    account::User,
    ids::{AccountId, DraftId, MediaId, StatusId},
    page::Page,
    scheduled::StoredDraft,
    status::MediaAttachment,
};
use pouet_storage::{Conn, drafts as rows, media, users};

use super::{
    post::{NewStatus, post_taking},
    scheduled::{draft, from_draft, is_free, narrow},
    validate,
};
use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// Drafts that an account may have.
const MAX_DRAFTS: i64 = 300;
/// How much longer than a status its draft may be: what is too long is cut later.
const LENGTH_FACTOR: usize = 10;

/// Times that a draft is read anew which is changed while it is being posted.
const ATTEMPTS: usize = 3;

/// A draft with its files.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// The draft.
    pub stored: StoredDraft,
    /// Those of its files that are still free, in order.
    pub media: Vec<MediaAttachment>,
}

/// Drafts of `author`, last made first.
pub async fn list(instance: &Instance, author: AccountId, page: Page) -> Result<Vec<DraftView>> {
    instance
        .read(move |conn| {
            let found = rows::list_drafts(conn, author, &page)?;
            views(conn, found)
        })
        .await
}

/// One draft of `author`.
///
/// # Errors
/// `NotFound` if it is not theirs.
pub async fn find(instance: &Instance, author: AccountId, id: DraftId) -> Result<DraftView> {
    instance
        .read(move |conn| {
            let found = rows::find_draft(conn, author, id)?.ok_or(Error::NotFound)?;
            view(conn, found)
        })
        .await
}

/// Keeps a draft. Of what a status must be, it need be nothing yet, but its files have to be there.
///
/// # Errors
/// `Invalid` if it is far too long or there are too many drafts; `NotFound` if a file is not free.
pub async fn create(instance: &Instance, author: &User, new: NewStatus) -> Result<DraftView> {
    check(instance, &new)?;
    let (now, by_default) = (instance.now(), new.visibility.is_none());
    let mut stored = StoredDraft {
        id: instance.next_id(),
        account_id: author.account_id,
        draft: draft(author, new),
        created_at: now,
        updated_at: now,
    };
    instance
        .write(move |tx| {
            users::lock_user_of(tx, stored.account_id)?;
            if rows::count_drafts(tx, stored.account_id)? >= MAX_DRAFTS {
                let reason = format!("You have the maximum number of drafts ({MAX_DRAFTS})");
                return Err(Error::invalid("status", "ERR_INVALID", reason));
            }
            check_files(tx, stored.account_id, &stored.draft.media_ids)?;
            if by_default {
                narrow(tx, &mut stored.draft, stored.account_id)?;
            }
            rows::insert_draft(tx, &stored)?;
            view(tx, stored)
        })
        .await
}

/// Writes what a draft has become.
///
/// # Errors
/// As for [`create`]; `NotFound` if it is not the author's.
pub async fn update(instance: &Instance, author: &User, id: DraftId, new: NewStatus) -> Result<DraftView> {
    check(instance, &new)?;
    let (owner, now, by_default) = (author.account_id, instance.now(), new.visibility.is_none());
    let mut draft = draft(author, new);
    instance
        .write(move |tx| {
            rows::find_draft(tx, owner, id)?.ok_or(Error::NotFound)?;
            check_files(tx, owner, &draft.media_ids)?;
            if by_default {
                narrow(tx, &mut draft, owner)?;
            }
            if !rows::update_draft(tx, id, &draft, now)? {
                return Err(Error::NotFound);
            }
            let after = rows::find_draft(tx, owner, id)?.ok_or(Error::NotFound)?;
            view(tx, after)
        })
        .await
}

/// Throws a draft away. Its files stay for a day.
///
/// # Errors
/// `NotFound` if it is not the author's.
pub async fn delete(instance: &Instance, author: AccountId, id: DraftId) -> Result<()> {
    let removed = instance
        .write(move |tx| Ok(rows::delete_draft(tx, author, id)?))
        .await?;
    if removed { Ok(()) } else { Err(Error::NotFound) }
}

/// Posts a draft, which is gone then. Done twice, it posts one status.
///
/// # Errors
/// `NotFound` if it is not the author's, or was posted; `Conflict` if it is changed all the while; whatever [`post`]
/// refuses, and then the draft stays.
///
/// [`post`]: super::post()
pub async fn publish(instance: &Instance, author: &User, id: DraftId) -> Result<StatusId> {
    let owner = author.account_id;
    let mut result = Err(Error::NotFound);
    for _ in 0..ATTEMPTS {
        let stored = find(instance, owner, id).await?.stored;
        // Files that are used elsewhere by now are no reason to lose the text: posting says which is missing.
        let new = from_draft(stored.draft.clone());
        result = post_taking(instance, author, new, move |tx| {
            if rows::take_draft(tx, owner, id)?.as_ref() == Some(&stored) {
                Ok(())
            } else {
                Err(Error::Conflict("the draft was changed"))
            }
        })
        .await;
        if !matches!(result, Err(Error::Conflict(_))) {
            break;
        }
    }
    result
}

fn check(instance: &Instance, new: &NewStatus) -> Result<()> {
    let limits = instance.limits();
    let limit = limits.status_chars * LENGTH_FACTOR;
    if new.text.chars().count() + new.spoiler_text.chars().count() > limit {
        let reason = format!("Draft is too long (maximum is {limit} characters)");
        return Err(Error::invalid("status", "ERR_TOO_LONG", reason));
    }
    if let Some(poll) = &new.poll {
        let most = (
            limits.poll_options * LENGTH_FACTOR,
            limits.poll_option_chars * LENGTH_FACTOR,
        );
        let options = || validate::options(&poll.options);
        if options().count() > most.0 || options().any(|option| option.chars().count() > most.1) {
            let reason = format!(
                "Poll is too long (maximum is {} options of {} characters)",
                most.0, most.1
            );
            return Err(Error::invalid("poll", "ERR_TOO_LONG", reason));
        }
    }
    validate::media(limits, &new.media_ids, false)
}

fn check_files(tx: &mut Conn, owner: AccountId, ids: &[MediaId]) -> Result<()> {
    let found = media::load_media(tx, ids)?;
    let free = found.iter().filter(|media| is_free(media, owner)).count();
    if free < ids.len() {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

fn views(conn: &mut Conn, found: Vec<StoredDraft>) -> Result<Vec<DraftView>> {
    let ids: Vec<MediaId> = found
        .iter()
        .flat_map(|stored| stored.draft.media_ids.iter().copied())
        .collect();
    let media: HashMap<MediaId, MediaAttachment> = media::load_media(conn, &ids)?
        .into_iter()
        .map(|media| (media.id, media))
        .collect();
    let files = |stored: &StoredDraft| {
        let of_draft = stored.draft.media_ids.iter().filter_map(|id| media.get(id));
        of_draft
            .filter(|file| is_free(file, stored.account_id))
            .cloned()
            .collect()
    };
    Ok(found
        .into_iter()
        .map(|stored| DraftView {
            media: files(&stored),
            stored,
        })
        .collect())
}

fn view(conn: &mut Conn, stored: StoredDraft) -> Result<DraftView> {
    views(conn, vec![stored])?.pop().ok_or(Error::NotFound)
}
