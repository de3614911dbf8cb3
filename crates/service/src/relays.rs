//! Relays: servers that pass public statuses of many servers on, so that a small instance hears of others. Operators
//! subscribe to them; what they send is asked for at its origin, and enters the home timelines of nobody but those who follow its
//! hashtags.
//!
//! Source: <https://docs.joinmastodon.org/admin/relays/> for one form,
//! <https://codeberg.org/fediverse/fep/src/branch/main/fep/ae0c/fep-ae0c.md> for both.

use pouet_model::{
    account::Account,
    ids::{AccountId, RelayId},
    relay::{Relay, RelayKind, RelayState},
};
use pouet_storage::{Conn, relays as rows};
use url::{Origin, Url};

use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    policy,
};

/// Relays of an instance, at most: each public status goes to all of them.
const MOST: usize = 100;

/// Subscribes to a relay. `address`: its inbox or its actor; `kind`: `None` takes what ends with `/inbox` for an inbox.
///
/// # Errors
/// `Invalid` if the address is none, ours, or that of a domain that we do not speak with, or there are too many relays;
/// `Conflict` if it is there already; of an actor, those of the network.
pub async fn add(instance: &Instance, address: &str, kind: Option<RelayKind>) -> Result<Relay> {
    let url = check_address(instance, address).await?;
    let kind = kind.unwrap_or(if url.path().ends_with("/inbox") {
        RelayKind::Mastodon
    } else {
        RelayKind::LitePub
    });
    let (inbox, account_id) = match kind {
        RelayKind::Mastodon => (url.to_string(), None),
        RelayKind::LitePub => {
            let actor = instance.resolver()?.fresh_account(address).await?.account;
            let remote = actor.remote.ok_or(Error::NotFound)?;
            (remote.inbox, Some(actor.id))
        }
    };
    let relay = Relay {
        id: instance.next_id(),
        kind,
        address: url.to_string(),
        inbox,
        account_id,
        state: RelayState::Pending,
        created_at: instance.now(),
    };
    let writer = instance.clone();
    instance
        .write(move |tx| {
            if rows::list_relays(tx)?.len() >= MOST {
                return Err(invalid("is one too many"));
            }
            if !rows::insert_relay(tx, &relay)? {
                return Err(Error::Conflict("this relay is there already"));
            }
            ask(tx, &writer, &relay)?;
            Ok(relay)
        })
        .await
}

fn invalid(why: &str) -> Error {
    Error::invalid("address", "ERR_INVALID", format!("Address {why}"))
}

async fn check_address(instance: &Instance, address: &str) -> Result<Url> {
    let url = Url::parse(address.trim()).map_err(|_| invalid("is not an address"))?;
    if !matches!(url.scheme(), "https" | "http") || instance.urls().is_own(url.as_str()) {
        return Err(invalid("is not that of another server"));
    }
    let domain = crate::delivery::host_of(url.as_str()).ok_or_else(|| invalid("has no host"))?;
    if policy::of(instance, &domain).await?.suspended {
        return Err(invalid("is on a domain that this instance does not speak with"));
    }
    Ok(url)
}

/// All relays, oldest first.
pub async fn list(instance: &Instance) -> Result<Vec<Relay>> {
    instance.read(|conn| Ok(rows::list_relays(conn)?)).await
}

/// The relay with this address or number.
///
/// # Errors
/// `NotFound`
pub async fn named(instance: &Instance, name: &str) -> Result<Relay> {
    let found = list(instance).await?;
    let is_meant = |relay: &Relay| relay.address == name || relay.id.to_string() == name;
    found.into_iter().find(is_meant).ok_or(Error::NotFound)
}

/// Subscribes again to a relay that was switched off or said no.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn enable(instance: &Instance, id: RelayId) -> Result<Relay> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let mut relay = rows::find_relay(tx, id)?.ok_or(Error::NotFound)?;
            if !matches!(relay.state, RelayState::Idle | RelayState::Rejected) {
                return Ok(relay);
            }
            relay.state = RelayState::Pending;
            rows::update_relay_state(tx, id, relay.state)?;
            ask(tx, &writer, &relay)?;
            Ok(relay)
        })
        .await
}

/// Ends the subscription to a relay, which stays in the list. Nothing goes to it or is taken from it any more.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn disable(instance: &Instance, id: RelayId) -> Result<Relay> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let mut relay = rows::find_relay(tx, id)?.ok_or(Error::NotFound)?;
            end(tx, &writer, &relay)?;
            relay.state = RelayState::Idle;
            rows::update_relay_state(tx, id, relay.state)?;
            Ok(relay)
        })
        .await
}

/// Ends the subscription to a relay and forgets it. What came by it stays.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn remove(instance: &Instance, id: RelayId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let relay = rows::find_relay(tx, id)?.ok_or(Error::NotFound)?;
            end(tx, &writer, &relay)?;
            rows::delete_relay(tx, id)?;
            Ok(())
        })
        .await
}

fn ask(tx: &mut Conn, instance: &Instance, relay: &Relay) -> Result<()> {
    let now = instance.now();
    let job = Job::SendRelayFollow { relay_id: relay.id };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

fn end(tx: &mut Conn, instance: &Instance, relay: &Relay) -> Result<()> {
    if !matches!(relay.state, RelayState::Pending | RelayState::Accepted) {
        return Ok(());
    }
    let now = instance.now();
    let job = Job::SendRelayUndo {
        relay_id: relay.id,
        address: relay.address.clone(),
        inbox: relay.inbox.clone(),
        is_actor: relay.kind == RelayKind::LitePub,
    };
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// The relay with this id, for the job that asks it; `None` if it is gone or was switched off.
pub async fn find_asked(instance: &Instance, id: RelayId) -> Result<Option<Relay>> {
    let found = instance.read(move |conn| Ok(rows::find_relay(conn, id)?)).await?;
    Ok(found.filter(|relay| relay.state != RelayState::Idle))
}

/// Inboxes of the relays that statuses go to, of one form.
pub async fn inboxes(instance: &Instance, kind: RelayKind) -> Result<Vec<String>> {
    let found = list(instance).await?;
    let takes = |relay: &Relay| relay.state == RelayState::Accepted && relay.kind == kind;
    Ok(found.into_iter().filter(takes).map(|relay| relay.inbox).collect())
}

/// The relay that an account speaks for, if statuses are taken from it.
pub async fn of_sender(instance: &Instance, sender: &Account) -> Result<Option<Relay>> {
    let found = list(instance).await?;
    Ok(found
        .into_iter()
        .find(|relay| relay.state == RelayState::Accepted && speaks_for(sender, relay)))
}

/// Whether an account is a relay's: its actor, or whoever has the inbox that the operator named and lives where that is.
/// Actors anywhere can say that they have it.
fn speaks_for(sender: &Account, relay: &Relay) -> bool {
    match (relay.account_id, &sender.remote) {
        (Some(account), _) => account == sender.id,
        (None, Some(remote)) => {
            let has_inbox = remote.inbox == relay.inbox || remote.shared_inbox.as_ref() == Some(&relay.inbox);
            let id = sender.uri.as_deref().and_then(origin_of);
            has_inbox && id.is_some() && id == origin_of(&relay.inbox)
        }
        (None, None) => false,
    }
}

fn origin_of(address: &str) -> Option<Origin> {
    let origin = Url::parse(address).ok()?.origin();
    origin.is_tuple().then_some(origin)
}

/// Takes in a relay's answer. Others' are ignored, and so are answers to what was taken back.
pub async fn receive_answer(
    instance: &Instance,
    id: RelayId,
    sender: &Account,
    is_accepted: bool,
) -> Result<()> {
    let sender = sender.clone();
    instance
        .write(move |tx| {
            let found = rows::find_relay(tx, id)?;
            let Some(relay) = found.filter(|relay| speaks_for(&sender, relay)) else {
                return Ok(());
            };
            let state = match relay.state {
                RelayState::Idle => return Ok(()),
                _ if is_accepted => RelayState::Accepted,
                _ => RelayState::Rejected,
            };
            Ok(rows::update_relay_state(tx, id, state)?)
        })
        .await
}

/// Takes in a Follow of the instance itself: a relay that we asked follows back and is let in, all others are told no.
pub async fn receive_follow(instance: &Instance, sender: AccountId, uri: &str) -> Result<()> {
    let (writer, uri) = (instance.clone(), uri.to_owned());
    instance
        .write(move |tx| {
            let now = writer.now();
            let is_asked = rows::list_relays(tx)?.iter().any(|relay| {
                relay.account_id == Some(sender)
                    && matches!(relay.state, RelayState::Pending | RelayState::Accepted)
            });
            let job = Job::SendInstanceAnswer {
                follower_id: sender,
                follow_uri: uri,
                accept: is_asked,
            };
            jobs::enqueue(tx, writer.next_id(), &job, now, now)
        })
        .await
}
