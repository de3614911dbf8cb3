//! Keys of other servers: finding the one that signed, once and no more.
//!
//! Source: rules R010, R016, R017.

use std::{sync::Arc, time::Duration};

use pouet_model::ids::AccountId;
use pouet_service::{accounts, keys::PublicKey, signing_keys};
use serde_json::Value;
use tokio::time::timeout;

use super::one;
use crate::{
    budget::Budget,
    context::{Federation, VerifyingKey},
    documents::{ActorDocument, KeyRef},
    error::{Error, Result},
    json::Object,
    origin::same_origin,
    signatures::check_key_owner,
    take_in,
};

/// How long a request waits for the key of its signature.
const PATIENCE: Duration = Duration::from_secs(5);
/// Documents fetched for one key: the key's, its owner's, and one for each wrong address.
const FETCHES_ELSEWHERE: usize = 2;

/// The key with this id, among those we know.
///
/// # Errors
/// `Service` if the database fails.
pub(crate) async fn known_key(federation: &Federation, key_id: &str) -> Result<Option<Arc<VerifyingKey>>> {
    federation.heed_changes();
    if let Some(key) = federation.keys.get(key_id) {
        return Ok(Some(key));
    }
    let Some(found) = signing_keys::find(&federation.instance, key_id).await? else {
        return Ok(None);
    };
    let Some(owner) = accounts::find_any(&federation.instance, found.account_id).await? else {
        return Ok(None);
    };
    // A local key signs nothing that comes from outside.
    let (Some(actor), Some(key)) = (owner.uri, read_key(&found.public_key)) else {
        return Ok(None);
    };
    let key = Arc::new(VerifyingKey {
        account_id: owner.id,
        actor,
        key,
        is_multikey: found.public_key.starts_with('z'),
    });
    federation.keys.insert(key_id.to_owned(), Arc::clone(&key));
    Ok(Some(key))
}

/// The key with this id, fetched with its owner if we do not know it: at most once in five minutes, whoever asks.
///
/// # Errors
/// `Refused` if the key was looked for not long ago or does not belong to its owner; temporary errors if its server does
/// not answer.
pub(crate) async fn key_for(federation: &Federation, key_id: &str) -> Result<Arc<VerifyingKey>> {
    if let Some(key) = known_key(federation, key_id).await? {
        return Ok(key);
    }
    let _alone = federation.alone_on(key_id).await;
    if let Some(key) = known_key(federation, key_id).await? {
        return Ok(key);
    }
    fetch_key(federation, key_id).await
}

/// The key with this id as its server publishes it now, after a signature that did not match what we knew: at most once in
/// five minutes.
///
/// # Errors
/// As [`key_for`].
pub(crate) async fn refreshed_key(federation: &Federation, key_id: &str) -> Result<Arc<VerifyingKey>> {
    let _alone = federation.alone_on(key_id).await;
    fetch_key(federation, key_id).await
}

async fn fetch_key(federation: &Federation, key_id: &str) -> Result<Arc<VerifyingKey>> {
    if !federation.key_fetches.allow(key_id, federation.instance.now()) {
        return Err(Error::Refused("the key was looked for a moment ago"));
    }
    let fetch = async {
        let budget = Budget::of_activity();
        let owner = owner_of(federation, key_id, &budget).await?;
        store_owner(federation, key_id, owner, &budget).await
    };
    // A server that is slow is a server that is down, to somebody whose request waits for it.
    timeout(PATIENCE, fetch)
        .await
        .unwrap_or(Err(Error::Status(504)))?;
    federation.keys.invalidate(key_id);
    known_key(federation, key_id)
        .await?
        .ok_or(Error::Refused("the owner does not list this key"))
}

/// The actor document of a key's owner. `key_id` gives the actor itself, or a document of the key's own.
async fn owner_of(federation: &Federation, key_id: &str, budget: &Budget) -> Result<Value> {
    super::check_target(federation, key_id).await?;
    let address = key_id.split('#').next().unwrap_or(key_id);
    let (document, location) = one(federation, address, budget, None).await?;
    let object = Object::of(&document).ok_or(Error::Refused("key document is not an object"))?;
    let is_actor = ActorDocument::is_actor(&document);
    if is_actor && object.own_id().is_some_and(|id| super::is_at(id, &location)) {
        return Ok(document);
    }
    // A stub of the actor at the key's address, as GoToSocial serves it, or a key that names its owner.
    let owner = if is_actor {
        object.own_id()
    } else {
        object.id("owner").or_else(|| object.id("controller"))
    };
    let owner = owner.ok_or(Error::Refused("key without owner"))?;
    if !same_origin(owner, key_id) {
        return Err(Error::Refused("key and owner differ in origin"));
    }
    super::document(federation, owner, budget, None).await
}

/// Takes in the owner with its keys, unless it does not list this one.
async fn store_owner(
    federation: &Federation,
    key_id: &str,
    owner: Value,
    budget: &Budget,
) -> Result<AccountId> {
    let document = ActorDocument::read(&owner)?;
    let listed: Vec<&str> = document
        .keys
        .iter()
        .map(|key| match key {
            KeyRef::Inline { id, .. } | KeyRef::Elsewhere(id) => id.as_str(),
        })
        .collect();
    check_key_owner(key_id, &document.id, &listed)
        .map_err(|_| Error::Refused("the owner does not list this key"))?;
    let account = take_in::actor(federation, &owner, budget).await?;
    Ok(account.id)
}

/// The keys of an actor as ids and texts: those in its document, and those elsewhere that name it in turn.
///
/// # Errors
/// Those of the network; a key that cannot be used is left out.
pub(crate) async fn settle_keys(
    federation: &Federation,
    document: &ActorDocument,
    budget: &Budget,
) -> Result<Vec<(String, String)>> {
    let mut keys = Vec::new();
    let mut elsewhere = Vec::new();
    for key in &document.keys {
        match key {
            KeyRef::Inline { id, text } => keys.push((id.clone(), text.clone())),
            KeyRef::Elsewhere(id) => elsewhere.push(id.as_str()),
        }
    }
    for id in elsewhere.into_iter().take(FETCHES_ELSEWHERE) {
        match key_elsewhere(federation, id, &document.id, budget).await {
            Ok(text) => keys.push((id.to_owned(), text)),
            Err(error) if error.is_temporary() => return Err(error),
            Err(error) => tracing::debug!(%error, key = id, "a key is left out"),
        }
    }
    keys.retain(|(_, text)| read_key(text).is_some());
    keys.dedup_by(|one, other| one.0 == other.0);
    Ok(keys)
}

/// The text of a key that has a document of its own, which has to name `actor`.
async fn key_elsewhere(
    federation: &Federation,
    key_id: &str,
    actor: &str,
    budget: &Budget,
) -> Result<String> {
    super::check_target(federation, key_id).await?;
    let address = key_id.split('#').next().unwrap_or(key_id);
    let (document, _) = one(federation, address, budget, None).await?;
    let object = Object::of(&document).ok_or(Error::Refused("key document is not an object"))?;
    let key = ["publicKey", "assertionMethod", "verificationMethod"]
        .into_iter()
        .flat_map(|member| object.objects(member))
        .chain([object])
        .find(|key| key.own_id() == Some(key_id))
        .ok_or(Error::Refused("document without the key"))?;
    let owner = key.id("owner").or_else(|| key.id("controller"));
    if owner != Some(actor) {
        return Err(Error::Refused("key of somebody else"));
    }
    key.text("publicKeyPem")
        .or_else(|| key.text("publicKeyMultibase"))
        .map(str::to_owned)
        .ok_or(Error::Refused("document without the key"))
}

/// A key from its PEM or multibase text.
fn read_key(text: &str) -> Option<PublicKey> {
    if text.starts_with('z') {
        PublicKey::from_multikey(text).ok()
    } else {
        PublicKey::from_pem(text).ok()
    }
}
