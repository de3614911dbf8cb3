//! A status of a thread, fetched from where it lives.

use pouet_service::statuses::{self, Arrival};
use serde_json::Value;

use crate::{
    budget::Budget,
    context::Federation,
    documents::NoteDocument,
    error::{Error, Result},
    fetch,
    json::Object,
    origin::is_own,
    take_in,
};

/// A status that is known now.
#[derive(Debug)]
pub(crate) struct Taken {
    /// It was not known before.
    pub(crate) is_new: bool,
    /// What it says of the answers to it; `None` if its document was not fetched, or says nothing.
    pub(crate) replies: Option<Value>,
}

/// Makes sure that the open status with this id is known, without telling anybody of it. `belongs` is asked about one that is
/// new, before it is stored.
///
/// # Errors
/// `Refused` for what is not open, no status, or does not belong; those of the network; `Budget`.
pub(crate) async fn take_in(
    federation: &Federation,
    uri: &str,
    belongs: &(dyn Fn(&NoteDocument) -> bool + Send + Sync),
    budget: &Budget,
) -> Result<Taken> {
    if is_own(federation.urls(), uri) || statuses::find_by_uri(&federation.instance, uri).await?.is_some() {
        return Ok(Taken {
            is_new: false,
            replies: None,
        });
    }
    let document = fetched(federation, uri, budget).await?;
    let note = NoteDocument::read(&document, None, federation.instance.now())?;
    if note.vote.is_some() || !belongs(&note) {
        return Err(Error::Refused("status that does not belong to the thread"));
    }
    let status = take_in::remote_status(federation, &document, None, budget).await?;
    if !status.visibility.is_open() {
        return Err(Error::Refused("status that is not for everybody"));
    }
    let stored = take_in::store(federation, &document, status, Arrival::Backfilled, budget).await?;
    Ok(Taken {
        is_new: stored.is_some(),
        replies: replies_in(&document),
    })
}

/// What the server of a known status says of the answers to it now.
///
/// # Errors
/// As [`fetch::document`]; `Budget` if its server was asked for enough.
pub(super) async fn replies_of(federation: &Federation, uri: &str, budget: &Budget) -> Result<Option<Value>> {
    let document = fetched(federation, uri, budget).await?;
    Ok(replies_in(&document))
}

async fn fetched(federation: &Federation, uri: &str, budget: &Budget) -> Result<Value> {
    federation.quotas.ask(uri)?;
    fetch::document(federation, uri, budget, None).await
}

fn replies_in(document: &Value) -> Option<Value> {
    Object::of(document)?.first("replies").cloned()
}
