//! Activities that somebody else passed on: never executed, but a hint where to look.
//!
//! Source: federation.md 7.1; security.md R021, R028.

use pouet_service::{
    Error as ServiceError,
    statuses::{self, Arrival},
};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::Context,
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
    if !looked_up || context.hints.contains_key(object) {
        return Ok(());
    }
    context.hints.insert(object.to_owned(), ());
    let budget = Budget::of_activity();
    match (kind, fetch::document(context, object, &budget, None).await) {
        ("Delete", Err(Error::Missing | Error::Gone)) => forget(context, object).await,
        ("Create" | "Update", Ok(document)) if NoteDocument::is_note(&document) => {
            take_over(context, &document, &budget).await
        }
        (_, Err(Error::Service(error))) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Deletes a status that its origin says is gone.
async fn forget(context: &Context, uri: &str) -> Result<()> {
    let Some(status) = statuses::find_by_uri(&context.instance, uri).await? else {
        return Ok(());
    };
    Ok(statuses::receive_delete(&context.instance, status.account_id, uri).await?)
}

/// Takes in a fetched status, or the change of one.
async fn take_over(context: &Context, document: &Value, budget: &Budget) -> Result<()> {
    let status = take_in::remote_status(context, document, None, budget).await?;
    match statuses::receive_update(&context.instance, status.clone()).await {
        Err(ServiceError::NotFound) => {
            let arrival = Arrival::Pushed { recipient: None };
            statuses::receive(&context.instance, status, arrival).await?;
            Ok(())
        }
        other => Ok(other?),
    }
}
