//! Lists of followed accounts, each with a timeline of its own.
//!
//! Another user's list is `NotFound`, as one that does not exist.
//!
//! Source: <https://docs.joinmastodon.org/methods/lists/>

use std::{collections::HashSet, sync::Arc};

use pouet_model::{
    account::Account,
    filter::{List, RepliesPolicy},
    ids::{AccountId, ListId},
    page::{Keyed, Page},
};
use pouet_storage::{Conn, follows, lists as rows, mutes, timelines, users};

use crate::{
    error::{Error, Result},
    follows::{change::BACKFILL, keyed_accounts},
    instance::Instance,
};

/// Characters of a title, at most (R095).
const MAX_TITLE_CHARS: usize = 200;
/// Members of a list, at most (R095).
const MAX_MEMBERS: i64 = 2000;

/// What a list is made with or changed to; `None` keeps what it is, or the default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListChange {
    /// Name chosen by the user. A new list needs one.
    pub title: Option<String>,
    /// Which replies it shows. Default: those to its members.
    pub replies_policy: Option<RepliesPolicy>,
    /// Its members' statuses stay out of home. Default: false.
    pub exclusive: Option<bool>,
}

impl ListChange {
    fn apply(self, list: &mut List) -> Result<()> {
        if let Some(title) = self.title {
            title.trim().clone_into(&mut list.title);
        }
        list.replies_policy = self.replies_policy.unwrap_or(list.replies_policy);
        list.exclusive = self.exclusive.unwrap_or(list.exclusive);
        if list.title.is_empty() {
            return Err(Error::invalid("title", "ERR_BLANK", "Title can't be blank"));
        }
        if list.title.chars().count() > MAX_TITLE_CHARS {
            let reason = format!("Title is too long (maximum is {MAX_TITLE_CHARS} characters)");
            return Err(Error::invalid("title", "ERR_TOO_LONG", reason));
        }
        Ok(())
    }
}

fn find_own(conn: &mut Conn, viewer: AccountId, id: ListId) -> Result<List> {
    rows::find_list(conn, viewer, id)?.ok_or(Error::NotFound)
}

/// All lists of `viewer`, by title.
pub async fn all(instance: &Instance, viewer: AccountId) -> Result<Vec<List>> {
    instance
        .read(move |conn| Ok(rows::list_lists(conn, viewer)?))
        .await
}

/// A list of `viewer`.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn find(instance: &Instance, viewer: AccountId, id: ListId) -> Result<List> {
    instance.read(move |conn| find_own(conn, viewer, id)).await
}

/// Makes a list.
///
/// # Errors
/// `Invalid` without a title, with one that is too long, or where the user has as many lists as allowed.
pub async fn create(instance: &Instance, viewer: AccountId, change: ListChange) -> Result<List> {
    let mut list = List {
        id: instance.next_id(),
        title: String::new(),
        replies_policy: RepliesPolicy::default(),
        exclusive: false,
    };
    change.apply(&mut list)?;
    let most = instance.limits().lists as i64;
    instance
        .write(move |tx| {
            users::lock_user_of(tx, viewer)?;
            if rows::count_lists(tx, viewer)? >= most {
                let reason = format!("You have reached the maximum number of lists ({most})");
                return Err(Error::invalid("base", "ERR_INVALID", reason));
            }
            rows::insert_list(tx, viewer, &list)?;
            Ok(list)
        })
        .await
}

/// Changes a list of `viewer`.
///
/// # Errors
/// `NotFound` if they have none such; `Invalid` as for [`create`].
pub async fn update(instance: &Instance, viewer: AccountId, id: ListId, change: ListChange) -> Result<List> {
    instance
        .write(move |tx| {
            let mut list = find_own(tx, viewer, id)?;
            change.apply(&mut list)?;
            rows::update_list(tx, &list)?;
            Ok(list)
        })
        .await
}

/// Removes a list of `viewer`.
///
/// # Errors
/// `NotFound` if they have none such.
pub async fn delete(instance: &Instance, viewer: AccountId, id: ListId) -> Result<()> {
    let deleted = instance
        .write(move |tx| Ok(rows::delete_list(tx, viewer, id)?))
        .await?;
    if deleted { Ok(()) } else { Err(Error::NotFound) }
}

/// Members of a list, last added first; the keys are ids of memberships. `None`: all of them.
///
/// # Errors
/// `NotFound` if `viewer` has no such list.
pub async fn accounts(
    instance: &Instance,
    viewer: AccountId,
    id: ListId,
    page: Option<Page>,
) -> Result<Vec<Keyed<Arc<Account>>>> {
    instance
        .read(move |conn| {
            find_own(conn, viewer, id)?;
            let found = rows::list_members(conn, id, page.as_ref())?;
            keyed_accounts(conn, &found)
        })
        .await
}

/// Puts accounts on a list, all or none; recent statuses of theirs enter its timeline.
///
/// # Errors
/// `NotFound` if `viewer` has no such list or does not follow one of the accounts; `Invalid` if one is on the list
/// already, or the list would have too many members.
pub async fn add_accounts(
    instance: &Instance,
    viewer: AccountId,
    id: ListId,
    members: &[AccountId],
) -> Result<()> {
    let mut seen = HashSet::new();
    let members: Vec<AccountId> = members.iter().copied().filter(|id| seen.insert(*id)).collect();
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            users::lock_user_of(tx, viewer)?;
            find_own(tx, viewer, id)?;
            if rows::count_members(tx, id)? + members.len() as i64 > MAX_MEMBERS {
                let reason = format!("List has too many members (maximum is {MAX_MEMBERS})");
                return Err(Error::invalid("account_ids", "ERR_INVALID", reason));
            }
            let followed = follows::load_outward(tx, viewer, &members)?;
            if !members.iter().all(|member| followed.contains_key(member)) {
                return Err(Error::NotFound);
            }
            let muted = mutes::load_muted(tx, viewer, &members, now)?;
            for member in members {
                if !rows::insert_member(tx, handle.next_id(), id, member)? {
                    let reason = "Account has already been taken";
                    return Err(Error::invalid("account_ids", "ERR_TAKEN", reason));
                }
                if followed[&member].accepted && !muted.contains_key(&member) {
                    timelines::list_feed_backfill(tx, id, member, BACKFILL)?;
                }
            }
            Ok(())
        })
        .await
}

/// Takes accounts off a list, with what its timeline shows of them. Those that are not on it are left out.
///
/// # Errors
/// `NotFound` if `viewer` has no such list.
pub async fn remove_accounts(
    instance: &Instance,
    viewer: AccountId,
    id: ListId,
    members: &[AccountId],
) -> Result<()> {
    let members = members.to_vec();
    instance
        .write(move |tx| {
            find_own(tx, viewer, id)?;
            for member in members {
                if rows::delete_member(tx, id, member)? {
                    timelines::list_feed_remove_author(tx, id, member)?;
                }
            }
            Ok(())
        })
        .await
}

/// The viewer's lists that an account is on, by title.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#lists>
pub async fn containing(instance: &Instance, viewer: AccountId, member: AccountId) -> Result<Vec<List>> {
    instance
        .read(move |conn| Ok(rows::list_lists_containing(conn, viewer, member)?))
        .await
}
