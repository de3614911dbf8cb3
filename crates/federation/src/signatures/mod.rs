//! HTTP signatures, incoming and outgoing, in both schemes of the network.
//!
//! Incoming: [`parse`] checks everything that needs no key (grammar, required components, host, time, digest) and names
//! the key; [`ParsedSignature::verify`] does the rest once the caller has found it. No key is ever fetched for a request
//! that fails the first half. Outgoing: [`HttpSigner`] signs for the client of `pouet_service::net`, and [`Knock`]
//! decides which scheme to try on whom.
//!
//! Source: rules R010 to R018.

mod cavage;
mod client;
mod digest;
mod double_knock;
mod error;
mod key_rules;
mod request;
mod rfc9421;
mod sign;

#[cfg(test)]
mod tests;

use pouet_service::keys::{KeyKind, PublicKey};

pub use client::SigningClient;
pub use digest::{content_digest_header, digest_header};
pub use double_knock::{Knock, Next, SchemeMemory};
pub use error::SignatureError;
pub use key_rules::{KeyFetches, check_key_owner};
pub use request::{HeaderSource, IncomingRequest};
pub use sign::{HttpSigner, SigningKey};

/// The two ways of signing a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// draft-cavage-http-signatures-12, which everybody speaks.
    Cavage,
    /// HTTP Message Signatures.
    Rfc9421,
}

impl Scheme {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Cavage => Self::Rfc9421,
            Self::Rfc9421 => Self::Cavage,
        }
    }
}

/// What a signature says about its algorithm. It must agree with the key and chooses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    Nothing,
    Rsa,
    Ed25519,
}

/// A signature that holds in every respect but one: it has not been checked against its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedSignature {
    key_id: String,
    scheme: Scheme,
    declared: Declared,
    /// The strings it may have been made over; one is enough.
    bases: Vec<Vec<u8>>,
    signature: Vec<u8>,
}

impl ParsedSignature {
    /// The id of the key, as the sender wrote it: an http(s) URL, with or without fragment, or an `acct:` address.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The scheme it came in.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Checks the signature against the public key that belongs to [`ParsedSignature::key_id`].
    ///
    /// The algorithm is that of the key (rule R015).
    ///
    /// # Errors
    /// `Mismatch`, also when the signature declares an algorithm the key is not for.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        let agrees = match self.declared {
            Declared::Nothing => true,
            Declared::Rsa => key.kind() == KeyKind::Rsa,
            Declared::Ed25519 => key.kind() == KeyKind::Ed25519,
        };
        let holds = agrees && self.bases.iter().any(|base| key.verify(base, &self.signature));
        if holds {
            Ok(())
        } else {
            Err(SignatureError::Mismatch)
        }
    }
}

/// Reads the signature of a request and checks all of it that needs no key.
///
/// `Signature-Input` selects RFC 9421; the other scheme is then never tried.
///
/// # Errors
/// [`SignatureError`], with the status to answer.
pub fn parse(request: &IncomingRequest<'_>) -> Result<ParsedSignature, SignatureError> {
    if request.headers.values("host").len() > 1 {
        return Err(SignatureError::Ambiguous("two hosts"));
    }
    if request.headers.values("signature-input").is_empty() {
        cavage::parse(request)
    } else {
        rfc9421::parse(request)
    }
}
