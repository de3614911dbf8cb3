//! Activities that somebody else passed on without a proof of their actor: never executed, but a hint where to look.
//!
//! Source: rules R021, R028.

use pouet_service::{
    Error as ServiceError, quotes,
    statuses::{self, Arrival},
};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::{Context, Federation},
    documents::NoteDocument,
    error::{Error, Result},
    fetch,
    json::Object,
    origin::is_own,
    take_in,
};

/// Asks the origin of what a forwarded activity is about, and goes by the answer. The body itself counts for nothing.
///
/// # Errors
/// Those of the database; an origin that does not answer changes nothing.
pub(crate) async fn follow(context: &Context, value: &Value) -> Result<()> {
    let activity = Object::of(value).ok_or(Error::Refused("activity is not an object"))?;
    let Some(object) = activity.id("object") else {
        return Ok(());
    };
    let kind = activity.types().next().unwrap_or_default();
    let looked_up = matches!(kind, "Create" | "Update" | "Delete") && !is_own(context.urls(), object);
    // What was just published may be deleted at once.
    let hint = format!("{kind} {object}");
    if !looked_up || context.hints.contains_key(&hint) {
        return Ok(());
    }
    context.hints.insert(hint, ());
    let budget = Budget::of_activity();
    if kind == "Delete" {
        return forget(context, object, &budget).await;
    }
    match fetch::document(context, object, &budget, None).await {
        Ok(document) if NoteDocument::is_note(&document) => {
            take_over(context, &document, &budget, Arrival::Pushed { recipient: None }).await
        }
        Err(Error::Service(error)) => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Asks whether a status that somebody says is gone is gone, and deletes it then. If it is a consent, the quotes that rest
/// on it are looked at again.
///
/// The instance asks: of what not everybody may see it would be told that there is no such thing. So that is left alone, and
/// so is a boost, which few servers give out. Nor does it count what they said another time.
pub(crate) async fn forget(context: &Federation, uri: &str, budget: &Budget) -> Result<()> {
    if quotes::doubt_stamp(&context.instance, uri).await? {
        return Ok(());
    }
    let status = statuses::find_by_uri(&context.instance, uri).await?;
    let Some(status) = status.filter(|status| status.is_open() && status.reblog_of_id.is_none()) else {
        return Ok(());
    };
    match fetch::is_gone(context, uri, budget).await {
        Ok(true) => Ok(statuses::receive_delete(&context.instance, status.account_id, uri).await?),
        Err(Error::Service(error)) => Err(error.into()),
        Ok(false) | Err(_) => Ok(()),
    }
}

/// Takes in a status that a relay has named, or the change of one. It was fetched from its origin, and everybody may see it.
pub(crate) async fn take_over_relayed(context: &Federation, document: &Value, budget: &Budget) -> Result<()> {
    take_over(context, document, budget, Arrival::Relayed).await
}

/// Takes in a fetched status, or the change of one.
async fn take_over(context: &Federation, document: &Value, budget: &Budget, arrival: Arrival) -> Result<()> {
    let status = take_in::remote_status(context, document, None, budget).await?;
    if arrival == Arrival::Relayed && !status.visibility.is_open() {
        return Err(Error::Refused("a relay named what is not for everybody"));
    }
    match statuses::receive_update(&context.instance, status.clone()).await {
        Err(ServiceError::NotFound) => {
            take_in::store(context, document, status, arrival, budget).await?;
            Ok(())
        }
        other => Ok(other?),
    }
}
