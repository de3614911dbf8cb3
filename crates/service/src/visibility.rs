//! Permission questions about statuses, asked by reads and writes alike.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    status::{Status, Visibility},
};
use pouet_storage::{Conn, accounts, mentions, sight, statuses};

use crate::error::{Error, Result};

/// What decides which of a set of statuses a viewer may see.
#[derive(Debug)]
pub(crate) struct Sight {
    viewer: Option<AccountId>,
    /// The viewer is one of ours.
    is_local: bool,
    followed: HashSet<AccountId>,
    blocking: HashSet<AccountId>,
    mentioned_in: HashSet<StatusId>,
}

impl Sight {
    /// Loads it for the account `viewer` (`None`: anonymous) with a constant number of queries.
    pub(crate) fn load(conn: &mut Conn, viewer: Option<AccountId>, of: &[&Status]) -> Result<Self> {
        let viewer = match viewer {
            Some(viewer) => accounts::find_account(conn, viewer)?,
            None => None,
        };
        Self::of(conn, viewer.as_ref(), of)
    }

    /// As [`Sight::load`], where the viewer's account is at hand. Who is suspended or gone sees what everybody sees.
    pub(crate) fn of(conn: &mut Conn, viewer: Option<&Account>, of: &[&Status]) -> Result<Self> {
        let viewer = viewer.filter(|viewer| viewer.is_active());
        let mut sight = Self {
            viewer: viewer.map(|viewer| viewer.id),
            is_local: viewer.is_some_and(Account::is_local),
            followed: HashSet::new(),
            blocking: HashSet::new(),
            mentioned_in: HashSet::new(),
        };
        let Some(viewer) = viewer else { return Ok(sight) };
        let authors = authors_of(of);
        sight.blocking = sight::load_blocking(conn, viewer.id, viewer.domain.as_deref(), &authors)?;
        if of.iter().any(|status| status.visibility == Visibility::Private) {
            sight.followed = sight::load_followed(conn, viewer.id, &authors)?;
        }
        let closed: Vec<StatusId> = of
            .iter()
            .filter(|status| !status.visibility.is_open())
            .map(|status| status.id)
            .collect();
        sight.mentioned_in = mentions::load_mentioning(conn, viewer.id, &closed)?
            .into_iter()
            .collect();
        Ok(sight)
    }

    /// Whether the viewer may see `status`, written by `author`.
    ///
    /// The one rule: one's own; nothing by authors who are gone or block the viewer; what stays on this instance, to
    /// people of
    /// this instance alone; open statuses; followers-only ones of authors followed; and whatever addresses the viewer.
    pub(crate) fn can_see(&self, status: &Status, author: &Account) -> bool {
        if !author.is_active() {
            return false;
        }
        if self.viewer == Some(status.account_id) {
            return true;
        }
        if status.local_only && !self.is_local {
            return false;
        }
        if self.blocking.contains(&status.account_id) {
            return false;
        }
        match status.visibility {
            Visibility::Public | Visibility::Unlisted => true,
            Visibility::Private => {
                self.followed.contains(&status.account_id) || self.mentioned_in.contains(&status.id)
            }
            Visibility::Limited | Visibility::Direct => self.mentioned_in.contains(&status.id),
        }
    }
}

/// The authors of statuses, each once.
pub(crate) fn authors_of(statuses: &[&Status]) -> Vec<AccountId> {
    let set: HashSet<AccountId> = statuses.iter().map(|status| status.account_id).collect();
    set.into_iter().collect()
}

/// Accounts by id.
pub(crate) type Accounts = HashMap<AccountId, Arc<Account>>;

/// The accounts with these ids.
pub(crate) fn load_accounts(conn: &mut Conn, ids: &[AccountId]) -> Result<Accounts> {
    let found = accounts::load_accounts(conn, ids)?;
    Ok(found
        .into_iter()
        .map(|account| (account.id, Arc::new(account)))
        .collect())
}

/// A status that `viewer` may see, with its author. What is invisible is `NotFound`, as what does not exist.
pub(crate) fn find_visible(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    id: StatusId,
) -> Result<(Status, Account)> {
    let status = statuses::find_status(conn, id)?.ok_or(Error::NotFound)?;
    let author = accounts::find_account(conn, status.account_id)?.ok_or(Error::NotFound)?;
    if Sight::load(conn, viewer, &[&status])?.can_see(&status, &author) {
        Ok((status, author))
    } else {
        Err(Error::NotFound)
    }
}

/// Since when `viewer` has been among those who see `status`, if an edit made them so; `None`: from the beginning.
///
/// Whom an edit names sees what the status has become, not what it was before (security rule R042).
pub(crate) fn seen_since(
    conn: &mut Conn,
    viewer: Option<AccountId>,
    status: &Status,
) -> Result<Option<DateTime<Utc>>> {
    let Some(viewer) = viewer.filter(|viewer| *viewer != status.account_id) else {
        return Ok(None);
    };
    let by_mention_alone = match status.visibility {
        Visibility::Public | Visibility::Unlisted => false,
        Visibility::Private => sight::load_followed(conn, viewer, &[status.account_id])?.is_empty(),
        Visibility::Limited | Visibility::Direct => true,
    };
    if by_mention_alone {
        Ok(mentions::find_mentioned_since(conn, status.id, viewer)?)
    } else {
        Ok(None)
    }
}

/// The status behind `id` that acts apply to: a boost stands for what it boosts. Both must be visible.
pub(crate) fn find_target(conn: &mut Conn, viewer: AccountId, id: StatusId) -> Result<(Status, Account)> {
    let (status, author) = find_visible(conn, Some(viewer), id)?;
    match status.reblog_of_id {
        Some(original) => find_visible(conn, Some(viewer), original),
        None => Ok((status, author)),
    }
}
