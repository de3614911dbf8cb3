//! The inboxes: what comes in is checked, stored, and answered; what it means is worked out later, by a job.
//!
//! The order: size, shape, what can be dropped unread, domain policy, digest, signature, and
//! only then the database.
//!
//! Source: FEP-8b32; rules R010, R017, R021, R022.

mod forwarding;
pub(crate) mod hint;
mod process;
mod prover;
mod signer;
mod synchronisation;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use pouet_model::{account::Account, ids::AccountId, relay::Relay};
use pouet_service::{
    accounts,
    inbox::{self, ReceivedActivity},
    relays,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) use process::process;
pub(crate) use signer::{Signer, Unproved, of as signer_of};

use crate::{
    context::Federation,
    error::Error,
    fetch::is_postable,
    json::{self, Object},
    origin::{domain_of, is_own, same_origin},
    receive,
    routes::{failed, refuse},
    signatures::SignatureError,
};

/// Bytes of an activity.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// `POST /ap/inbox`, and the instance actor's own inbox
pub(crate) async fn shared(
    federation: web::Data<Federation>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    answer(&federation, &request, &body, None).await
}

/// `POST /ap/users/{id}/inbox`
pub(crate) async fn personal(
    federation: web::Data<Federation>,
    request: HttpRequest,
    owner: web::Path<i64>,
    body: web::Bytes,
) -> HttpResponse {
    let owner = AccountId(owner.into_inner());
    match accounts::find_any(&federation.instance, owner).await {
        Ok(Some(account)) if account.is_local() && account.deleted_at.is_some() => refuse(410, "gone"),
        Ok(Some(account)) if account.is_local() => {
            answer(&federation, &request, &body, Some(account.id)).await
        }
        Ok(_) => refuse(404, "not found"),
        Err(error) => failed(&error),
    }
}

async fn answer(
    federation: &Federation,
    request: &HttpRequest,
    body: &web::Bytes,
    recipient: Option<AccountId>,
) -> HttpResponse {
    match receive(federation, request, body, recipient).await {
        Ok(outcome) => {
            tracing::debug!(?outcome, "inbox");
            federation.instance.metrics.accepted(outcome.name());
            HttpResponse::Accepted().finish()
        }
        Err(refusal) => {
            federation.instance.metrics.refused(refusal.status().as_u16());
            refusal
        }
    }
}

/// What became of an activity that was answered with 202.
#[derive(Debug)]
#[expect(dead_code, reason = "read by the log through Debug")]
enum Outcome {
    /// It will be processed.
    Stored,
    /// It was here before.
    Known,
    /// It has nothing to say to us.
    Dropped(&'static str),
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Known => "known",
            Self::Dropped(_) => "dropped",
        }
    }
}

async fn receive(
    federation: &Federation,
    request: &HttpRequest,
    body: &web::Bytes,
    recipient: Option<AccountId>,
) -> Result<Outcome, HttpResponse> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(is_postable) {
        return Err(refuse(415, "content type is not that of an activity"));
    }
    let document = json::parse(body).map_err(|_| refuse(400, "body is not acceptable JSON"))?;
    let activity = Summary::read(&document).ok_or_else(|| refuse(400, "body is not an activity"))?;
    if let Some(reason) = cheap_drop(federation, &activity)
        .await
        .map_err(|error| failed(&error))?
    {
        return Ok(Outcome::Dropped(reason));
    }
    let carrier = signer_of(federation, request, body).await.map_err(unproved)?;
    if is_refused(federation, activity.actor).await? {
        // Who passes something on in good faith is not to blame for whose it is: refusals would count against them.
        return if carrier.actor == activity.actor {
            Err(refuse(403, "domain is not federated with"))
        } else {
            Ok(Outcome::Dropped("of a domain that we do not speak with"))
        };
    }
    let (signer, recipient) = author(federation, &document, &activity, carrier.clone(), recipient)
        .await
        .map_err(|error| failed(&error))?;
    let Some(uri) = storable_uri(federation, &activity, &signer, body) else {
        return Ok(Outcome::Dropped("an id of somebody else"));
    };
    let received = ReceivedActivity {
        uri,
        signer_uri: signer.actor.clone(),
        recipient,
        body: String::from_utf8_lossy(body).into_owned(),
    };
    match inbox::accept(&federation.instance, received).await {
        Ok(inbox::Accepted::New) => {
            // A header is said by who signed the request, whoever wrote the activity beside it.
            if carrier.actor == activity.actor {
                synchronisation::heed(federation, request, &carrier).await;
            }
            Ok(Outcome::Stored)
        }
        Ok(inbox::Accepted::Duplicate) => Ok(Outcome::Known),
        Ok(inbox::Accepted::Full) => Err(later(refuse(429, "too much of this server waits"), "60")),
        Err(error) => Err(failed(&error)),
    }
}

/// In whose name an activity is taken, and for whose inbox: its actor's, if they signed the request or, where somebody else
/// passed it on, the document itself. Who passes on does not choose the readers.
///
/// What comes by a relay is the relay's, proved or not: it is news for everybody, not an activity that concerns somebody
/// here.
async fn author(
    federation: &Federation,
    document: &Value,
    activity: &Summary<'_>,
    signer: Signer,
    recipient: Option<AccountId>,
) -> pouet_service::Result<(Signer, Option<AccountId>)> {
    // Without an id a second arrival would not be recognised.
    if signer.actor == activity.actor || activity.id.is_none() {
        return Ok((signer, recipient));
    }
    if relay_of(federation, &signer.actor).await?.is_some() {
        return Ok((signer, recipient));
    }
    Ok(match prover::of(federation, document, activity.actor).await {
        Some(prover) => (prover, None),
        None => (signer, recipient),
    })
}

/// The relay that we subscribed to and that a signer speaks for.
async fn relay_of(federation: &Federation, signer: &str) -> pouet_service::Result<Option<Relay>> {
    match accounts::find_by_uri(&federation.instance, signer).await? {
        Some(signer) if signer.is_active() => relays::of_sender(&federation.instance, &signer).await,
        _ => Ok(None),
    }
}

/// The little of an activity that decides what happens to it here.
struct Summary<'a> {
    id: Option<&'a str>,
    kind: &'a str,
    actor: &'a str,
    object: Option<&'a str>,
}

impl<'a> Summary<'a> {
    fn read(document: &'a Value) -> Option<Self> {
        let activity = Object::of(document)?;
        Some(Self {
            id: activity.own_id(),
            kind: activity.types().next()?,
            actor: activity.id("actor")?,
            object: activity.id("object"),
        })
    }
}

/// Why an activity is dropped before anything is asked or checked, if it is.
///
/// Servers tell everybody they ever met that an account is gone: of one we never met we want to know nothing, and its key
/// could not be had any more.
async fn cheap_drop(
    federation: &Federation,
    activity: &Summary<'_>,
) -> pouet_service::Result<Option<&'static str>> {
    if !receive::is_known_type(activity.kind) {
        federation.instance.metrics.unknown_type();
        tracing::debug!(kind = activity.kind, "activity of a type that we do not handle");
        return Ok(Some("type that we do not handle"));
    }
    if is_own(federation.urls(), activity.actor) {
        return Ok(Some("in the name of a local actor"));
    }
    if let Some(id) = activity.id
        && inbox::is_known(&federation.instance, id).await?
    {
        return Ok(Some("arrived before"));
    }
    let of_itself = matches!(activity.kind, "Delete" | "Update") && activity.object == Some(activity.actor);
    if of_itself {
        let known = accounts::find_by_uri(&federation.instance, activity.actor).await?;
        if known.is_none_or(|known: Account| known.deleted_at.is_some()) {
            return Ok(Some("of an account that we do not know"));
        }
    }
    Ok(None)
}

/// Whether an actor is of a domain that we do not speak with.
async fn is_refused(federation: &Federation, actor: &str) -> Result<bool, HttpResponse> {
    let domain = domain_of(actor).ok_or_else(|| refuse(400, "actor is not an http address"))?;
    federation
        .is_denied(&domain)
        .await
        .map_err(|error| failed(&error.into()))
}

/// The id that tells a second arrival of the same activity. `None`: it claims an id that is not its actor's to give.
///
/// Without an id, the actor and the bytes stand for one. Mastodon sends Add and Remove so, and the second Add of something
/// that was removed in between is no repetition: of these, each arrival counts. What somebody else forwards is never known under the id that it
/// claims, or anybody could keep the true activity from being heard.
fn storable_uri(
    federation: &Federation,
    activity: &Summary<'_>,
    signer: &Signer,
    body: &[u8],
) -> Option<String> {
    if signer.actor != activity.actor {
        return Some(format!("{}#forwarded/{}", signer.actor, digest(body)));
    }
    match activity.id {
        None if matches!(activity.kind, "Add" | "Remove") => {
            let id: i64 = federation.instance.next_id();
            Some(format!("{}#unnamed/{id}", signer.actor))
        }
        None => Some(format!("{}#unnamed/{}", signer.actor, digest(body))),
        Some(id) if is_own(federation.urls(), id) || !same_origin(id, activity.actor) => None,
        Some(id) => Some(id.to_owned()),
    }
}

fn digest(body: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(body) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A refusal that holds for a number of seconds.
fn later(mut refusal: HttpResponse, seconds: &'static str) -> HttpResponse {
    let seconds = header::HeaderValue::from_static(seconds);
    refusal.headers_mut().insert(header::RETRY_AFTER, seconds);
    refusal
}

/// The answer to a request of which it is not known who signed it.
pub(crate) fn unproved(reason: Unproved) -> HttpResponse {
    match reason {
        Unproved::Signature(error) => {
            tracing::debug!(%error, "signature");
            refuse(error.status(), SignatureError::PUBLIC_TEXT)
        }
        Unproved::Key(Error::Denied) => refuse(403, "domain is not federated with"),
        Unproved::Key(error) if error.is_temporary() => {
            tracing::debug!(%error, "key cannot be had now");
            later(
                refuse(503, "the key of the signature cannot be fetched now"),
                "300",
            )
        }
        Unproved::Key(error) => {
            tracing::debug!(%error, "key");
            refuse(401, SignatureError::PUBLIC_TEXT)
        }
    }
}
