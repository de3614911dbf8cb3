//! Who signed a request.
//!
//! Source: rules R010 to R017.

use actix_web::HttpRequest;
use pouet_model::ids::AccountId;

use crate::{
    context::{Federation, VerifyingKey},
    error::Error,
    fetch,
    origin::domain_of,
    routes::sent_method,
    signatures::{self, IncomingRequest, ParsedSignature, SignatureError},
};

/// The account whose key made a signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signer {
    /// Our id of it.
    pub(crate) account_id: AccountId,
    /// ActivityPub id.
    pub(crate) actor: String,
}

/// Why it is not known who signed a request.
#[derive(Debug)]
pub(crate) enum Unproved {
    /// The signature does not hold.
    Signature(SignatureError),
    /// Its key could not be had, or belongs to nobody who may speak.
    Key(Error),
}

/// Checks the signature of a request, its digest included. A signature that does not match the key that we know makes us ask
/// for the key once more: it may have changed.
///
/// # Errors
/// [`Unproved`]
pub(crate) async fn of(
    federation: &Federation,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Signer, Unproved> {
    let parsed = parse(federation, request, body).map_err(Unproved::Signature)?;
    let unreadable = Error::Refused("key id is not an http address");
    let domain = domain_of(parsed.key_id()).ok_or(Unproved::Key(unreadable))?;
    if federation.is_denied(&domain).await.map_err(Unproved::Key)? {
        return Err(Unproved::Key(Error::Denied));
    }
    let key = fetch::key_for(federation, parsed.key_id())
        .await
        .map_err(Unproved::Key)?;
    if parsed.verify(&key.key).is_ok() {
        return Ok(signer(&key));
    }
    match fetch::refreshed_key(federation, parsed.key_id()).await {
        Ok(key) => parsed
            .verify(&key.key)
            .map(|()| signer(&key))
            .map_err(Unproved::Signature),
        // It was asked for a moment ago, or cannot be had: what we know is what counts.
        Err(error) => {
            tracing::debug!(%error, "key is not asked for again");
            Err(Unproved::Signature(SignatureError::Mismatch))
        }
    }
}

fn signer(key: &VerifyingKey) -> Signer {
    Signer {
        account_id: key.account_id,
        actor: key.actor.clone(),
    }
}

fn parse(
    federation: &Federation,
    request: &HttpRequest,
    body: &[u8],
) -> Result<ParsedSignature, SignatureError> {
    let urls = federation.urls();
    let path_and_query = request
        .uri()
        .path_and_query()
        .map_or(request.path(), |path_and_query| path_and_query.as_str());
    let method = sent_method(request);
    let own_hosts = [urls.authority().to_owned(), urls.handle_domain().to_owned()];
    signatures::parse(&IncomingRequest {
        method: method.as_str(),
        path_and_query,
        headers: request.headers(),
        body,
        received_at: federation.instance.now(),
        own_hosts: &own_hosts,
        scheme: if urls.is_secure() { "https" } else { "http" },
    })
}
