//! Who proved to be the author of an activity that somebody else passed on.
//!
//! Source: FEP-8b32; rules R021, R025.

use chrono::TimeDelta;
use serde_json::Value;

use super::Signer;
use crate::{
    context::{Federation, VerifyingKey},
    error::{Error, Result},
    fetch,
    origin::same_origin,
    proofs::{self, ParsedProof},
};

/// How old a proof may be. Ids of activities are remembered for longer, so that none is executed a second time because
/// somebody kept it.
const MAX_AGE: TimeDelta = TimeDelta::days(7);

/// The actor of an activity, if its integrity proof is valid and by nobody else.
pub(super) async fn of(federation: &Federation, activity: &Value, actor: &str) -> Option<Signer> {
    match proved(federation, activity, actor).await {
        Ok(signer) => Some(signer),
        Err(error) => {
            tracing::debug!(%error, actor, "no proof of the actor");
            None
        }
    }
}

async fn proved(federation: &Federation, activity: &Value, actor: &str) -> Result<Signer> {
    let now = federation.instance.now();
    let proof = proofs::parse(activity, now).map_err(|error| {
        tracing::debug!(%error, "proof");
        Error::Refused("no proof that counts")
    })?;
    if proof.created().is_none_or(|created| created < now - MAX_AGE) {
        return Err(Error::Refused("proof that is old or does not say how old"));
    }
    // Before anything is fetched: nobody but the actor's own server has its keys.
    if !same_origin(proof.key_id(), actor) {
        return Err(Error::Refused("proof by somebody of another server"));
    }
    let key = fetch::key_for(federation, proof.key_id()).await?;
    if holds(&proof, &key, actor)? {
        return Ok(signer(&key));
    }
    let key = fetch::refreshed_key(federation, proof.key_id()).await?;
    if holds(&proof, &key, actor)? {
        return Ok(signer(&key));
    }
    Err(Error::Refused("proof that does not match"))
}

/// Whether a proof was made with a key.
///
/// # Errors
/// `Refused` if the key is not one that the actor proves with: another one would not be either.
fn holds(proof: &ParsedProof, key: &VerifyingKey, actor: &str) -> Result<bool> {
    if key.actor != actor {
        return Err(Error::Refused("proof by somebody else"));
    }
    if !key.is_multikey {
        return Err(Error::Refused("proof with a key that is for requests"));
    }
    Ok(proof.verify(&key.key))
}

fn signer(key: &VerifyingKey) -> Signer {
    Signer {
        account_id: key.account_id,
        actor: key.actor.clone(),
    }
}
