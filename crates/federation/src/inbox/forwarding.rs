//! Passing answers on: who follows the author of a status here shall see what others answer, although their servers have
//! not heard of it.
//!
//! What is passed on goes byte for byte, and only if it carries a signature of its own, without which nobody could believe
//! it. What came passed on ends here, unless its actor proved it: it is as good then as what they sent themselves.
//!
//! Source: <https://www.w3.org/TR/activitypub/#inbox-forwarding>

use pouet_model::{
    account::Account,
    ids::{AccountId, ActivityId},
    status::Status,
};
use pouet_service::{
    accounts, blocks,
    delivery::{self, Outgoing, Recipients},
    inbox::ReceivedActivity,
    statuses,
};
use serde_json::Value;

use crate::{context::Context, error::Result, json::Object, origin::domain_of};

/// An activity that may have to be passed on.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The status that it is about.
    uri: String,
    /// Its actor.
    actor: String,
    /// As it came.
    body: String,
    /// Whom the status answers, if that is known already.
    answered: Option<AccountId>,
}

/// Looks at an authenticated activity before it is processed: afterwards, what it deletes is gone, and what it creates is
/// no longer new.
pub(super) async fn before(
    context: &Context,
    received: &ReceivedActivity,
    value: &Value,
) -> Result<Option<Candidate>> {
    let Some(activity) = Object::of(value) else {
        return Ok(None);
    };
    let is_signed = activity.get("signature").is_some() || activity.get("proof").is_some();
    let kind = activity.types().next().unwrap_or_default();
    let (true, "Create" | "Update" | "Delete", Some(uri)) = (is_signed, kind, activity.id("object")) else {
        return Ok(None);
    };
    let known = statuses::find_by_uri(&context.instance, uri).await?;
    let answered = match &known {
        Some(status) => answered_here(context, status, &received.signer_uri).await?,
        None => None,
    };
    // A Create of what is known comes for the second time; the others are about what is known.
    if (kind == "Create") != known.is_none() || (known.is_some() && answered.is_none()) {
        return Ok(None);
    }
    Ok(Some(Candidate {
        uri: uri.to_owned(),
        actor: received.signer_uri.clone(),
        body: received.body.clone(),
        answered,
    }))
}

/// Passes an activity on that was processed. `id`: its row, which tells it from all others.
pub(super) async fn after(context: &Context, id: i64, candidate: Option<Candidate>) -> Result<()> {
    let Some(candidate) = candidate else {
        return Ok(());
    };
    let answered = match candidate.answered {
        Some(answered) => Some(answered),
        None => match statuses::find_by_uri(&context.instance, &candidate.uri).await? {
            Some(status) => answered_here(context, &status, &candidate.actor).await?,
            None => None,
        },
    };
    let Some(answered) = answered else {
        return Ok(());
    };
    let recipients = Recipients {
        followers_of: vec![answered],
        ..Recipients::default()
    };
    let mut inboxes = delivery::inboxes(&context.instance, recipients).await?;
    let origin = domain_of(&candidate.actor);
    inboxes.retain(|inbox| domain_of(inbox) != origin);
    let outgoing = Outgoing {
        id: ActivityId(id),
        account_id: Some(answered),
        retired_key_id: None,
        body: candidate.body,
        object_uri: candidate.uri,
        inboxes,
    };
    let deliveries = delivery::enqueue(&context.instance, outgoing).await?;
    tracing::debug!(deliveries, "an answer is passed on");
    Ok(())
}

/// The local account that a status of `actor` answers, if everybody may see both the status and what it answers.
async fn answered_here(context: &Context, status: &Status, actor: &str) -> Result<Option<AccountId>> {
    let instance = &context.instance;
    let (true, Some(parent)) = (status.visibility.is_open(), status.in_reply_to_id) else {
        return Ok(None);
    };
    let author = accounts::find_any(instance, status.account_id).await?;
    if author.and_then(|author| author.uri).as_deref() != Some(actor) {
        return Ok(None);
    }
    let Some(parent) = statuses::find_raw(instance, parent).await? else {
        return Ok(None);
    };
    if !parent.visibility.is_open() {
        return Ok(None);
    }
    let answered = accounts::find_any(instance, parent.account_id).await?;
    let Some(answered) = answered.filter(|account| account.is_local() && Account::is_active(account)) else {
        return Ok(None);
    };
    // It goes out under the name of who is answered, who does not speak for those they keep out.
    if blocks::keeps_out(instance, answered.id, status.account_id).await? {
        return Ok(None);
    }
    Ok(Some(answered.id))
}
