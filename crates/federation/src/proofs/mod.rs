//! Integrity proofs: a signature inside a document, by which it can be passed on and is still its author's.
//!
//! Pure, both ways: [`parse`] checks everything that needs no key and names the key, [`ParsedProof::verify`] does the rest;
//! [`write()`] adds a proof. One cryptosuite, `eddsa-jcs-2022`: Ed25519 over the hashes of two canonical texts, that of the
//! proof without its value and that of the document without its proof.
//!
//! Source: FEP-8b32; <https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022>; <https://www.w3.org/TR/vc-data-integrity/>.

mod canonical;
#[cfg(test)]
mod tests;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use pouet_service::{
    keys::{KeyKind, PublicKey, multibase_decode, multibase_encode},
    signing_keys::ProofKey,
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

pub use canonical::canonical;

/// The cryptosuite.
const SUITE: &str = "eddsa-jcs-2022";
/// The terms of proofs.
const CONTEXT: &str = "https://w3id.org/security/data-integrity/v1";
/// Longest `proofValue`, bytes: 64 bytes in base58 take 88 letters.
const MAX_VALUE: usize = 100;
/// Longest `verificationMethod`, bytes.
const MAX_KEY_ID: usize = 2048;
/// Proofs of one document that are looked at.
const MAX_PROOFS: usize = 3;
/// Clock difference we forgive.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// Members by which a JSON-LD reader finds statements where a reader of plain JSON does not look.
const HIDDEN_STATEMENTS: [&str; 3] = ["@graph", "@included", "@reverse"];

/// Why a proof counts for nothing. The text is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is none of a kind that we read.
    #[error("no proof of a known kind")]
    Absent,
    /// It is there and must not be trusted.
    #[error("proof refused: {0}")]
    Refused(&'static str),
}

/// A proof that holds in every respect but one: it has not been checked against its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedProof {
    key_id: String,
    created: Option<DateTime<Utc>>,
    /// What it may have been made over; one is enough.
    messages: Vec<[u8; 64]>,
    signature: [u8; 64],
}

impl ParsedProof {
    /// The id of the key (`verificationMethod`).
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// When it was made, if it says so.
    pub fn created(&self) -> Option<DateTime<Utc>> {
        self.created
    }

    /// Whether it was made with the private half of `key`, which must be an Ed25519 key.
    pub fn verify(&self, key: &PublicKey) -> bool {
        key.kind() == KeyKind::Ed25519
            && self
                .messages
                .iter()
                .any(|message| key.verify(message, &self.signature))
    }
}

/// Reads the proof of a document and checks all of it that needs no key, at the time `now`.
///
/// `document` must be what was received, read by [`crate::json::parse`], so that no member is there twice.
///
/// # Errors
/// [`ProofError`]
pub fn parse(document: &Value, now: DateTime<Utc>) -> Result<ParsedProof, ProofError> {
    let members = document.as_object().ok_or(ProofError::Absent)?;
    let proof = find(members).ok_or(ProofError::Absent)?;
    if hides_statements(document) {
        return Err(ProofError::Refused("statements that plain JSON does not show"));
    }
    if proof.get("proofPurpose").and_then(Value::as_str) != Some("assertionMethod") {
        return Err(ProofError::Refused("made for another purpose"));
    }
    let created = time(proof, "created")?;
    if created.is_some_and(|created| created > now + SKEW) {
        return Err(ProofError::Refused("made in the future"));
    }
    if time(proof, "expires")?.is_some_and(|expires| expires < now) {
        return Err(ProofError::Refused("expired"));
    }
    let key_id = text(proof, "verificationMethod", MAX_KEY_ID)?.to_owned();
    let signature = multibase_decode(text(proof, "proofValue", MAX_VALUE)?)
        .and_then(|bytes| <[u8; 64]>::try_from(bytes).ok())
        .ok_or(ProofError::Refused("value is not 64 bytes in base58"))?;
    Ok(ParsedProof {
        key_id,
        created,
        messages: messages(members, proof)?,
        signature,
    })
}

/// The first proof of our kind.
fn find(members: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let proofs = match members.get("proof")? {
        Value::Array(proofs) => proofs.as_slice(),
        proof => std::slice::from_ref(proof),
    };
    proofs
        .iter()
        .take(MAX_PROOFS)
        .filter_map(Value::as_object)
        .find(|proof| {
            let is = |name: &str, value: &str| proof.get(name).and_then(Value::as_str) == Some(value);
            is("type", "DataIntegrityProof") && is("cryptosuite", SUITE)
        })
}

fn hides_statements(value: &Value) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| HIDDEN_STATEMENTS.contains(&name.as_str()) || hides_statements(value)),
        Value::Array(items) => items.iter().any(hides_statements),
        _ => false,
    }
}

fn text<'a>(proof: &'a Map<String, Value>, name: &str, max: usize) -> Result<&'a str, ProofError> {
    proof
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty() && text.len() <= max)
        .ok_or(ProofError::Refused("a member is absent or no text"))
}

fn time(proof: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, ProofError> {
    let Some(value) = proof.get(name) else {
        return Ok(None);
    };
    let text = value.as_str().unwrap_or_default();
    DateTime::parse_from_rfc3339(text)
        .map(|time| Some(time.to_utc()))
        .map_err(|_| ProofError::Refused("a time that cannot be read"))
}

/// What the signature may have been made over.
fn messages(members: &Map<String, Value>, proof: &Map<String, Value>) -> Result<Vec<[u8; 64]>, ProofError> {
    let mut document = members.clone();
    document.remove("proof");
    let mut config = proof.clone();
    config.remove("proofValue");
    if let Some(context) = config.get("@context") {
        // What the proof was made with counts: terms that were added behind it are not its author's.
        if !begins_with(document.get("@context"), context) {
            return Err(ProofError::Refused("made with another context"));
        }
        document.insert("@context".to_owned(), context.clone());
        return Ok(vec![message(config, document)?]);
    }
    // Fedify hashes the proof with the context of the document and leaves it out of what it sends.
    let as_fedify = document.get("@context").map(|context| {
        let mut config = config.clone();
        config.insert("@context".to_owned(), context.clone());
        (config, document.clone())
    });
    let mut messages = vec![message(config, document)?];
    if let Some((config, document)) = as_fedify {
        messages.push(message(config, document)?);
    }
    Ok(messages)
}

/// Whether the context of a document begins with that of its proof.
fn begins_with(whole: Option<&Value>, beginning: &Value) -> bool {
    match (whole, beginning) {
        (Some(Value::Array(whole)), Value::Array(beginning)) => whole.starts_with(beginning),
        (Some(Value::Array(whole)), one) => whole.first() == Some(one),
        (Some(one), other) => one == other,
        (None, _) => false,
    }
}

/// The hashes of both canonical texts, that of the proof first.
fn message(config: Map<String, Value>, document: Map<String, Value>) -> Result<[u8; 64], ProofError> {
    let mut message = [0; 64];
    let (first, second) = message.split_at_mut(32);
    first.copy_from_slice(&Sha256::digest(canonical(&Value::Object(config))?));
    second.copy_from_slice(&Sha256::digest(canonical(&Value::Object(document))?));
    Ok(message)
}

/// The text of a document of ours with a proof by `key`, made at `now`. The context of proofs is added to its own.
///
/// The proof names the whole context, as the specification wants; readers that put it there themselves find the same.
///
/// # Errors
/// `Refused` if the document is no JSON object, or has numbers that are not the same to every reader.
pub fn write(document: &str, key: &ProofKey, now: DateTime<Utc>) -> Result<String, ProofError> {
    let value: Value =
        serde_json::from_str(document).map_err(|_| ProofError::Refused("document is not JSON"))?;
    let Value::Object(mut members) = value else {
        return Err(ProofError::Refused("document is not an object"));
    };
    let mut context = match members.remove("@context") {
        Some(Value::Array(context)) => context,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    if !context.iter().any(|known| known == CONTEXT) {
        context.push(CONTEXT.into());
    }
    members.insert("@context".to_owned(), Value::Array(context.clone()));
    let config = json!({
        "@context": context,
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": now.to_rfc3339_opts(SecondsFormat::Secs, true),
        "verificationMethod": key.key_id,
        "proofPurpose": "assertionMethod",
    });
    let Value::Object(mut proof) = config else {
        return Err(ProofError::Refused("proof is not an object"));
    };
    let message = message(proof.clone(), members.clone())?;
    let signature = key
        .key
        .sign(&message)
        .map_err(|_| ProofError::Refused("the key cannot sign"))?;
    proof.insert("proofValue".to_owned(), multibase_encode(&signature).into());
    members.insert("proof".to_owned(), Value::Object(proof));
    Ok(Value::Object(members).to_string())
}
