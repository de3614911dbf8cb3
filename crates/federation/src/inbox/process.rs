//! Working out what a stored activity means.

use pouet_model::ids::JobId;
use pouet_service::{
    Error as ServiceError, accounts,
    inbox::{self, ReceivedActivity},
    quarantine, upkeep,
};
use serde_json::Value;
use url::Url;

use super::{forwarding, hint, relay_of};
use crate::{
    budget::Budget,
    context::Context,
    error::{Error, Result},
    json::{self, Object},
    receive::{self, Envelope},
    relayed,
};

/// What a server in quarantine still may say: it ends something, or answers somebody here.
const NEVER_HELD: [&str; 4] = ["Accept", "Block", "Delete", "Reject"];

/// Processes the stored activity with this row id, as this job. One that was processed before, or is gone, is no error.
///
/// # Errors
/// Temporary ones mean that it should be tried again.
pub(crate) async fn process(context: &Context, job: JobId, id: i64) -> Result<()> {
    let Some(received) = inbox::load(&context.instance, id).await? else {
        return Ok(());
    };
    if received.body.is_empty() {
        return Ok(());
    }
    let signer = received.signer_uri.clone();
    match work_out(context, job, id, received).await {
        Err(Error::Service(ServiceError::Quarantined { host, strangers })) => {
            Ok(quarantine::catch(&context.instance, host, strangers, id, &signer).await?)
        }
        result => result,
    }
}

async fn work_out(context: &Context, job: JobId, id: i64, received: ReceivedActivity) -> Result<()> {
    let value = json::parse(received.body.as_bytes())
        .map_err(|_| Error::Refused("stored activity cannot be read"))?;
    let activity = Object::of(&value).ok_or(Error::Refused("stored activity is not an object"))?;
    let actor = activity
        .id("actor")
        .ok_or(Error::Refused("activity without actor"))?;
    if actor != received.signer_uri {
        return passed_on(context, &received.signer_uri, &value).await;
    }
    let ends_something = activity
        .types()
        .next()
        .is_some_and(|kind| NEVER_HELD.contains(&kind));
    if !ends_something && quarantine::holds(&context.instance, id, actor).await? {
        return Ok(());
    }
    let passable = forwarding::before(context, job, id, &received, &value).await?;
    let sender = accounts::find_by_uri(&context.instance, actor)
        .await?
        .filter(|sender| sender.deleted_at.is_none())
        .ok_or(Error::Refused("activity of an account that is gone"))?;
    upkeep::account_seen(&context.instance, &sender).await;
    let parse = |uri: &str| Url::parse(uri).map_err(|_| Error::Refused("id is not a URL"));
    let envelope = Envelope {
        id: parse(&received.uri)?,
        actor: parse(actor)?,
        uri: received.uri.clone(),
        sender,
        recipient: received.recipient,
        budget: Budget::of_activity(),
        value,
    };
    receive::handle(context, envelope).await?;
    forwarding::after(context, id, &received, passable).await
}

/// What somebody passes on of somebody else: at most a hint. From a relay that we subscribed to it is expected.
async fn passed_on(context: &Context, signer: &str, value: &Value) -> Result<()> {
    match relay_of(context, signer).await? {
        Some(relay) => relayed::forwarded(context, &relay, value).await,
        None => hint::follow(context, value).await,
    }
}
