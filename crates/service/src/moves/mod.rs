//! Moves: an account goes on as another one, here or on another server, and its followers go along.
//!
//! The old account says where it goes, the new one names the old one as an alias; only both together count. Mastodon has
//! no API for it; its pages and our command line do it.
//!
//! Source: <https://docs.joinmastodon.org/user/moving/#move>, <https://docs.joinmastodon.org/spec/activitypub/#Move>

mod carry;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{account::Account, domain::parse_handle, ids::AccountId};
use pouet_storage::{Conn, accounts as account_rows, moves as rows};

use crate::{
    accounts,
    error::{Error, Result},
    events::{self, Event},
    follows::find_present,
    instance::Instance,
    jobs::{self, Job},
    policy,
    ports::FreshAccount,
};

pub(crate) use carry::carry;

/// How long after a Move of a remote account another one of it is not believed (as Mastodon and GoToSocial have it).
const RECEIVED_COOLDOWN: TimeDelta = TimeDelta::days(7);
/// How long after its move a local account cannot move again (as Mastodon has it).
const OWN_COOLDOWN: TimeDelta = TimeDelta::days(30);
/// Aliases of a local account.
const MAX_ALIASES: usize = 10;
/// Accounts that blocked a local one and hear of its move.
const MAX_BLOCKERS: i64 = 2000;

/// Names another account of the same person, `user@domain` or its address, as an alias of a local account: it may then
/// move here. Other servers see it. That it is one already is no error.
///
/// # Errors
/// `NotFound` if there is no such account; `Forbidden` for the account itself; `Invalid` if there are too many aliases;
/// those of the network.
pub async fn add_alias(instance: &Instance, owner: AccountId, address: &str) -> Result<Account> {
    let alias = named(instance, address).await?;
    if alias.id == owner {
        return Err(Error::Forbidden("an account cannot be its own alias"));
    }
    let uri = instance.urls().account_uri(&alias);
    change_aliases(instance, owner, move |aliases| {
        if aliases.contains(&uri) {
            return Ok(());
        }
        if aliases.len() >= MAX_ALIASES {
            let reason = format!("Aliases are too many (maximum is {MAX_ALIASES})");
            return Err(Error::invalid("aliases", "ERR_INVALID", reason));
        }
        aliases.push(uri);
        Ok(())
    })
    .await?;
    Ok(alias)
}

/// Takes an alias of a local account away. `address`: as in [`aliases`], or `user@domain` of an account that we know.
/// Nothing is fetched, so that the alias of a server that is gone can be removed too.
///
/// # Errors
/// `NotFound` if it is no alias of the account.
pub async fn remove_alias(instance: &Instance, owner: AccountId, address: &str) -> Result<()> {
    let known = match parse_handle(address) {
        Some(handle) => {
            accounts::find_by_handle(instance, &handle.username, handle.domain.as_deref()).await?
        }
        None => None,
    };
    let uri = known.map_or_else(|| address.to_owned(), |known| instance.urls().account_uri(&known));
    change_aliases(instance, owner, move |aliases| {
        let before = aliases.len();
        aliases.retain(|alias| *alias != uri);
        if aliases.len() == before {
            return Err(Error::NotFound);
        }
        Ok(())
    })
    .await
}

/// The ids of other accounts that a local account names as its owner's.
///
/// # Errors
/// `NotFound` if there is no such account.
pub async fn aliases(instance: &Instance, owner: AccountId) -> Result<Vec<String>> {
    let account = instance.read(move |conn| find_present(conn, owner)).await?;
    Ok(account.also_known_as)
}

async fn change_aliases(
    instance: &Instance,
    owner: AccountId,
    change: impl FnOnce(&mut Vec<String>) -> Result<()> + Send + 'static,
) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let account = find_present(tx, owner)?;
            let mut aliases = account.also_known_as.clone();
            change(&mut aliases)?;
            if aliases == account.also_known_as {
                return Ok(());
            }
            rows::update_aliases(tx, owner, &aliases)?;
            tell(tx, &writer, owner, now)
        })
        .await
}

/// The account that somebody names: `user@domain`, `user`, or an address.
async fn named(instance: &Instance, address: &str) -> Result<Account> {
    let Some(handle) = parse_handle(address) else {
        return match accounts::find_by_uri(instance, address).await? {
            Some(known) => Ok(known),
            None => instance.resolver()?.account_by_uri(address).await,
        };
    };
    let foreign = handle
        .domain
        .filter(|domain| !instance.urls().is_own_domain(domain));
    let found = match foreign {
        Some(domain) => {
            let resolver = instance.resolver()?;
            return resolver.account_by_handle(&handle.username, &domain).await;
        }
        None => accounts::find_local(instance, &handle.username).await?,
    };
    found.filter(Account::is_active).ok_or(Error::NotFound)
}

/// Other servers and the processes of this one see the account as it is now.
fn tell(tx: &mut Conn, instance: &Instance, account_id: AccountId, now: DateTime<Utc>) -> Result<()> {
    events::emit(tx, &Event::AccountChanged { account_id }, now)?;
    jobs::enqueue(tx, instance.next_id(), &Job::SendProfile { account_id }, now, now)
}

/// Moves a local account to `address`, which must name it as an alias. Its profile says so from then on, its followers
/// here and elsewhere go along, and nobody can follow it any more. Its posts stay. Gives the account it moved to.
///
/// # Errors
/// `NotFound` if there is no such account; `Forbidden` if the target does not name this account as an alias, has itself
/// moved, is suspended, or if this account moved less than 30 days ago; those of the network.
pub async fn move_account(instance: &Instance, owner: AccountId, address: &str) -> Result<Account> {
    let named = named(instance, address).await?;
    let uri = instance.urls().account_uri(&named);
    let target = instance.resolver()?.fresh_account(&uri).await?;
    let moved_to = target.account.clone();
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let old = find_present(tx, owner)?;
            if !old.is_local() {
                return Err(Error::NotFound);
            }
            check_time(tx, owner, OWN_COOLDOWN, now)?;
            check_target(tx, &writer, &old, &target)?;
            let move_id = writer.next_id();
            let target_id = target.account.id;
            carry_out(tx, &writer, &old, target_id, move_id, now)?;
            // In this order: the profile names the target before the Move arrives.
            tell(tx, &writer, owner, now)?;
            let job = Job::SendMove {
                move_id,
                account_id: owner,
                target_id,
            };
            jobs::enqueue(tx, writer.next_id(), &job, now, now)
        })
        .await?;
    Ok(moved_to)
}

/// Refuses a Move of a remote account that moved a short time ago.
///
/// # Errors
/// `Forbidden`
pub async fn check_cooldown(instance: &Instance, actor: AccountId) -> Result<()> {
    let now = instance.now();
    instance
        .read(move |conn| check_time(conn, actor, RECEIVED_COOLDOWN, now))
        .await
}

/// Takes in that a remote account has moved to `target`, which was asked for just now: the locals who follow it go along.
///
/// The caller has verified that `actor` itself says so.
///
/// # Errors
/// `Forbidden` if the target does not name the actor as an alias, has itself moved, or is suspended, if we do not speak
/// with its server, or if the actor moved less than 7 days ago. Nothing has changed then.
pub async fn receive_move(instance: &Instance, actor: AccountId, target: FreshAccount) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let old = find_present(tx, actor)?;
            if old.is_local() {
                return Err(Error::Forbidden("a local account moves by its own doing"));
            }
            check_time(tx, actor, RECEIVED_COOLDOWN, now)?;
            check_target(tx, &writer, &old, &target)?;
            carry_out(tx, &writer, &old, target.account.id, writer.next_id(), now)?;
            events::emit(tx, &Event::AccountChanged { account_id: actor }, now)
        })
        .await
}

fn check_time(conn: &mut Conn, account: AccountId, cooldown: TimeDelta, now: DateTime<Utc>) -> Result<()> {
    match rows::find_last_move(conn, account)? {
        Some(last) if now - last < cooldown => {
            Err(Error::Forbidden("this account has moved a short time ago"))
        }
        _ => Ok(()),
    }
}

fn check_target(tx: &mut Conn, instance: &Instance, old: &Account, target: &FreshAccount) -> Result<()> {
    let new = &target.account;
    if new.id == old.id {
        return Err(Error::Forbidden("an account cannot move to itself"));
    }
    // What was fetched may be suspended here.
    let is_active = account_rows::find_account(tx, new.id)?.is_some_and(|account| account.is_active());
    if !is_active {
        return Err(Error::Forbidden("the target is suspended or deleted"));
    }
    if let Some(domain) = &new.domain
        && policy::find(tx, instance.settings.federation.mode, domain)?.suspended
    {
        return Err(Error::Forbidden("this instance does not speak with that domain"));
    }
    if target.has_moved {
        return Err(Error::Forbidden("the target has moved itself"));
    }
    if !new.also_known_as.contains(&instance.urls().account_uri(old)) {
        return Err(Error::Forbidden(
            "the target does not name this account as an alias",
        ));
    }
    Ok(())
}

fn carry_out(
    tx: &mut Conn,
    instance: &Instance,
    old: &Account,
    target_id: AccountId,
    move_id: pouet_model::ids::RelationId,
    now: DateTime<Utc>,
) -> Result<()> {
    account_rows::update_moved_to(tx, old.id, Some(target_id))?;
    rows::insert_move(tx, move_id, old.id, target_id, now)?;
    let job = Job::CarryFollowers {
        account_id: old.id,
        target_id,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// Remote accounts that block a local one: their servers may want to block where it moves as well.
pub async fn remote_blockers(instance: &Instance, account: AccountId) -> Result<Vec<AccountId>> {
    instance
        .read(move |conn| Ok(rows::list_remote_blockers(conn, account, MAX_BLOCKERS)?))
        .await
}
