//! Finding people: the directory, suggestions, followers that one knows.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{account::Account, ids::AccountId};
use pouet_storage::{Conn, accounts, collections, discovery as rows, follows, sight};

use crate::{
    accounts::load_in_order,
    error::{Error, Result},
    follows::find_present,
    instance::Instance,
};

pub use pouet_storage::discovery::DirectoryFilter;

/// Accounts that each way of suggesting brings up, before those that do not fit are left out.
const CANDIDATES: i64 = 100;
/// Accounts that somebody follows whose own follows are looked at, those followed last.
const FRIENDS: i64 = 100;
/// Hashtags of somebody that are looked for, those used last, and how many of their uses are looked through for them.
const TAGS: usize = 20;
const OWN_USES: i64 = 500;
/// Uses of hashtags by everybody that are looked at, the last ones.
const USES: i64 = 5000;
/// How long it holds whom many here follow: counting looks at the follows of all.
const POPULAR_FOR: TimeDelta = TimeDelta::minutes(10);
/// How far one can leaf through the directory.
const MAX_OFFSET: i64 = 10_000;
/// Statuses older than this say nothing of what somebody cares about now.
const TAGS_OF: TimeDelta = TimeDelta::days(30);
/// Accounts whose followers can be asked for at once.
const MAX_TARGETS: usize = 80;
/// Familiar followers that are read at once.
const MAX_FAMILIAR: i64 = 2000;
/// Familiar followers that are told of each account.
const FAMILIAR_EACH: usize = 40;
/// Accounts that those who run the instance may suggest.
const MAX_PICKS: usize = 100;

/// Why an account is suggested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Those who run the instance suggest it, or a starter pack that it is in.
    Staff,
    /// People whom one follows follow it.
    FriendsOfFriends,
    /// It writes about what one writes about.
    SameTags,
    /// Many people here follow it.
    Popular,
}

/// An account that somebody may want to follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// It.
    pub account: Arc<Account>,
    /// Why; at least one reason.
    pub reasons: Vec<Reason>,
}

/// Accounts that `viewer` may want to follow, at most `limit`: those that the staff suggests, singly or as members of a
/// starter pack, that people they follow
/// follow, that write about the same, that many here follow. All want to be found; none is followed, asked, blocked,
/// muted or dismissed already.
///
/// Source: <https://docs.joinmastodon.org/methods/suggestions/#v2>
pub async fn suggestions(instance: &Instance, viewer: AccountId, limit: i64) -> Result<Vec<Suggestion>> {
    let now = instance.now();
    let popular = popular(instance).await?;
    instance
        .read(move |conn| {
            let mut candidates: Vec<(AccountId, Vec<Reason>)> = Vec::new();
            let sources = [
                (Reason::Staff, rows::list_staff_picks(conn)?),
                (
                    Reason::Staff,
                    collections::list_suggested_members(conn, CANDIDATES)?,
                ),
                (
                    Reason::FriendsOfFriends,
                    rows::list_friends_of_friends(conn, viewer, FRIENDS, CANDIDATES)?,
                ),
                (Reason::SameTags, with_same_tags(conn, viewer, now)?),
                (Reason::Popular, popular.to_vec()),
            ];
            for (reason, ids) in sources {
                for id in ids {
                    match candidates.iter_mut().find(|(known, _)| *known == id) {
                        // Somebody may be in several starter packs.
                        Some((_, reasons)) if reasons.contains(&reason) => {}
                        Some((_, reasons)) => reasons.push(reason),
                        None => candidates.push((id, vec![reason])),
                    }
                }
            }
            let ids: Vec<AccountId> = candidates.iter().map(|(id, _)| *id).collect();
            let mut unfit: HashSet<AccountId> = sight::load_hidden(conn, viewer, &ids, now)?;
            unfit.extend(follows::load_outward(conn, viewer, &ids)?.into_keys());
            unfit.extend(rows::load_dismissed(conn, viewer, &ids)?);
            unfit.insert(viewer);
            let fit: Vec<AccountId> = ids.into_iter().filter(|id| !unfit.contains(id)).collect();
            let accounts = accounts::load_admitted_accounts(conn, &fit)?;
            let is_fit = |account: &Account| {
                account.discoverable
                    && account.is_active()
                    && account.silenced_at.is_none()
                    && account.moved_to.is_none()
            };
            let mut accounts: std::collections::HashMap<AccountId, Account> = accounts
                .into_iter()
                .filter(is_fit)
                .map(|account| (account.id, account))
                .collect();
            Ok(candidates
                .into_iter()
                .filter_map(|(id, reasons)| {
                    let account = Arc::new(accounts.remove(&id)?);
                    Some(Suggestion { account, reasons })
                })
                .take(usize::try_from(limit).unwrap_or_default())
                .collect())
        })
        .await
}

fn with_same_tags(conn: &mut Conn, viewer: AccountId, now: DateTime<Utc>) -> Result<Vec<AccountId>> {
    let since = now - TAGS_OF;
    let mut used = rows::list_tags_used(conn, viewer, since, OWN_USES)?;
    used.truncate(TAGS);
    Ok(rows::list_with_tags(conn, &used, since, USES, CANDIDATES)?)
}

/// Whom many here follow, and when that was counted.
#[derive(Debug, Default)]
pub(crate) struct Popular(Mutex<Option<Counted>>);

/// When it was counted, and whom.
type Counted = (DateTime<Utc>, Arc<[AccountId]>);

impl Popular {
    fn lock(&self) -> MutexGuard<'_, Option<Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn popular(instance: &Instance) -> Result<Arc<[AccountId]>> {
    let now = instance.now();
    let counted = instance.popular.lock().clone();
    if let Some((_, known)) = counted.filter(|(at, _)| now - *at < POPULAR_FOR) {
        return Ok(known);
    }
    let found = instance
        .read(|conn| Ok(rows::list_most_followed(conn, CANDIDATES)?))
        .await?;
    let found: Arc<[AccountId]> = found.into();
    *instance.popular.lock() = Some((now, Arc::clone(&found)));
    Ok(found)
}

/// Has an account suggested to `viewer` never again. One that is gone needs no such note.
///
/// Source: <https://docs.joinmastodon.org/methods/suggestions/#remove>
pub async fn dismiss(instance: &Instance, viewer: AccountId, target: AccountId) -> Result<()> {
    instance
        .write(move |tx| match find_present(tx, target) {
            Ok(target) => Ok(rows::insert_dismissal(tx, viewer, target.id)?),
            Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        })
        .await
}

/// Accounts that want to be found, a page of `limit` from `offset` on; those that `viewer` blocks or mutes are left
/// out. There is nothing behind the first 10,000.
///
/// Source: <https://docs.joinmastodon.org/methods/directory/#get>
pub async fn directory(
    instance: &Instance,
    viewer: Option<AccountId>,
    filter: DirectoryFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Arc<Account>>> {
    let page = directory_page(instance, viewer, filter, limit, offset).await?;
    Ok(page.accounts)
}

/// A page of the directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryPage {
    /// In order.
    pub accounts: Vec<Arc<Account>>,
    /// There are others behind them.
    pub has_more: bool,
}

/// [`directory`], and whether it goes on.
pub async fn directory_page(
    instance: &Instance,
    viewer: Option<AccountId>,
    filter: DirectoryFilter,
    limit: i64,
    offset: i64,
) -> Result<DirectoryPage> {
    if offset > MAX_OFFSET {
        return Ok(DirectoryPage {
            accounts: Vec::new(),
            has_more: false,
        });
    }
    let now = instance.now();
    instance
        .read(move |conn| {
            let viewer = viewer.map(|viewer| (viewer, now));
            let mut ids = rows::list_directory(conn, filter, viewer, limit + 1, offset)?;
            let room = usize::try_from(limit).unwrap_or_default();
            let has_more = ids.len() > room;
            ids.truncate(room);
            Ok(DirectoryPage {
                accounts: load_in_order(conn, &ids)?,
                has_more,
            })
        })
        .await
}

/// For each of the accounts, the followers that `viewer` follows; unknown accounts are left out. Of an account that
/// hides its followers none are told.
///
/// Source: <https://docs.joinmastodon.org/methods/accounts/#familiar_followers>
pub async fn familiar_followers(
    instance: &Instance,
    viewer: AccountId,
    ids: &[AccountId],
) -> Result<Vec<(AccountId, Vec<Arc<Account>>)>> {
    let mut seen = HashSet::new();
    let ids: Vec<AccountId> = ids
        .iter()
        .copied()
        .filter(|id| seen.insert(*id))
        .take(MAX_TARGETS)
        .collect();
    instance
        .read(move |conn| {
            let known = accounts::load_admitted_accounts(conn, &ids)?;
            let known: Vec<&Account> = known.iter().filter(|account| account.is_active()).collect();
            let open: Vec<AccountId> = known
                .iter()
                .filter(|account| !account.hide_collections)
                .map(|account| account.id)
                .collect();
            let pairs = rows::list_familiar_followers(conn, viewer, &open, MAX_FAMILIAR)?;
            let followers: Vec<AccountId> = pairs.iter().map(|(_, follower)| *follower).collect();
            let people = crate::visibility::load_accounts(conn, &followers)?;
            let of = |target: AccountId| {
                pairs
                    .iter()
                    .filter(|(id, _)| *id == target)
                    .filter_map(|(_, follower)| people.get(follower).cloned())
                    .take(FAMILIAR_EACH)
                    .collect()
            };
            Ok(ids
                .iter()
                .filter(|id| known.iter().any(|account| account.id == **id))
                .map(|id| (*id, of(*id)))
                .collect())
        })
        .await
}

/// Accounts that those who run the instance suggest to everybody, the newest suggestion first.
pub async fn staff_picks(instance: &Instance) -> Result<Vec<Arc<Account>>> {
    instance
        .read(|conn| {
            let ids = rows::list_staff_picks(conn)?;
            load_in_order(conn, &ids)
        })
        .await
}

/// Has an account suggested to everybody.
///
/// # Errors
/// `NotFound` if there is no such account; `Invalid` if it does not want to be found, or there are too many already.
pub async fn pick(instance: &Instance, account: AccountId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            let account = find_present(tx, account)?;
            check_pick(tx, &account)?;
            Ok(rows::insert_staff_pick(tx, account.id, now)?)
        })
        .await
}

fn check_pick(tx: &mut Conn, account: &Account) -> Result<()> {
    let refused = |reason: String| Err(Error::invalid("account", "ERR_INVALID", reason));
    if !account.discoverable || !account.is_active() {
        return refused("Account does not want to be found".to_owned());
    }
    if rows::list_staff_picks(tx)?.len() >= MAX_PICKS {
        return refused(format!("Account cannot be one of more than {MAX_PICKS}"));
    }
    Ok(())
}

/// Ends that an account is suggested to everybody.
///
/// # Errors
/// `NotFound` if it was not.
pub async fn unpick(instance: &Instance, account: AccountId) -> Result<()> {
    instance
        .write(move |tx| {
            if rows::delete_staff_pick(tx, account)? {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
        .await
}
