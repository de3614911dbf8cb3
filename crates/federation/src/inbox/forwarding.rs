//! Passing on: who follows the author of a status here shall see what others answer, although their servers have not
//! heard of it. And who has a status because somebody here boosted or quoted it shall hear when it is edited or
//! deleted.
//!
//! What is passed on goes byte for byte, and only if it carries a signature of its own, without which nobody could believe
//! it. What came passed on ends here, unless its actor proved it: it is as good then as what they sent themselves.
//!
//! Source: <https://www.w3.org/TR/activitypub/#inbox-forwarding>

use pouet_model::{
    account::Account,
    ids::{AccountId, ActivityId, JobId},
    status::Status,
};
use pouet_service::{
    accounts, blocks,
    delivery::{self, Outgoing, Recipients},
    inbox::ReceivedActivity,
    jobs, statuses,
};
use serde_json::Value;

use crate::{context::Context, error::Result, json::Object, origin::domain_of};

/// What has to be passed on when it has been processed.
#[derive(Debug)]
pub(super) struct Passable {
    /// Its type.
    kind: String,
    /// The status that it is about.
    uri: String,
}

/// Looks at an authenticated activity before it is processed. A deletion is passed on at once: afterwards nobody knows any
/// more what was answered. A new answer is new only now, or if `job` was broken off by a crash.
///
/// `id`: the row of the activity. What was passed on under it is not passed on again.
pub(super) async fn before(
    context: &Context,
    job: JobId,
    id: i64,
    received: &ReceivedActivity,
    value: &Value,
) -> Result<Option<Passable>> {
    let Some(activity) = Object::of(value) else {
        return Ok(None);
    };
    // Without a signature of its own nobody could believe it.
    let is_signed = activity.get("signature").is_some() || activity.get("proof").is_some();
    let kind = activity.types().next().unwrap_or_default();
    let (true, "Create" | "Update" | "Delete", Some(uri)) = (is_signed, kind, activity.id("object")) else {
        return Ok(None);
    };
    let instance = &context.instance;
    if kind == "Delete" {
        pass_on(context, id, received, kind, uri).await?;
        return Ok(None);
    }
    let is_old = kind == "Create"
        && statuses::find_by_uri(instance, uri).await?.is_some()
        && !jobs::is_repeated(instance, job).await?;
    Ok((!is_old).then(|| Passable {
        kind: kind.to_owned(),
        uri: uri.to_owned(),
    }))
}

/// Passes on what was processed.
pub(super) async fn after(
    context: &Context,
    id: i64,
    received: &ReceivedActivity,
    passable: Option<Passable>,
) -> Result<()> {
    match passable {
        Some(Passable { kind, uri }) => pass_on(context, id, received, &kind, &uri).await,
        None => Ok(()),
    }
}

async fn pass_on(
    context: &Context,
    id: i64,
    received: &ReceivedActivity,
    kind: &str,
    uri: &str,
) -> Result<()> {
    let Some(status) = statuses::find_by_uri(&context.instance, uri).await? else {
        return Ok(());
    };
    let speakers = speakers(context, kind, &status, &received.signer_uri).await?;
    let Some(first) = speakers.first().copied() else {
        return Ok(());
    };
    let recipients = Recipients {
        followers_of: speakers,
        ..Recipients::default()
    };
    let mut inboxes = delivery::inboxes(&context.instance, recipients).await?;
    let origin = domain_of(&received.signer_uri);
    inboxes.retain(|inbox| domain_of(inbox) != origin);
    let outgoing = Outgoing {
        id: ActivityId(id),
        account_id: Some(first),
        retired_key_id: None,
        body: received.body.clone(),
        object_uri: uri.to_owned(),
        inboxes,
    };
    let deliveries = delivery::enqueue(&context.instance, outgoing).await?;
    tracing::debug!(deliveries, "what came is passed on");
    Ok(())
}

/// Whose followers hear of an activity of `actor` about a status that everybody may see: the first of them speaks.
/// Nobody has boosted or quoted what is new.
async fn speakers(context: &Context, kind: &str, status: &Status, actor: &str) -> Result<Vec<AccountId>> {
    let instance = &context.instance;
    if !status.is_open() {
        return Ok(Vec::new());
    }
    let author = accounts::find_any(instance, status.account_id).await?;
    // Those whom this instance limits are read by who looks for them; it does not make them louder. What they take back
    // may have been passed on before.
    if kind == "Create" && author.as_ref().is_some_and(|author| author.silenced_at.is_some()) {
        return Ok(Vec::new());
    }
    if author.and_then(|author| author.uri).as_deref() != Some(actor) {
        return Ok(Vec::new());
    }
    let answered = answered_here(context, status).await?;
    let mut speakers: Vec<AccountId> = answered.into_iter().collect();
    if kind != "Create" {
        let carriers = statuses::carriers(instance, status.id).await?;
        speakers.extend(carriers.into_iter().filter(|id| Some(*id) != answered));
    }
    Ok(speakers)
}

/// The local account that a status answers, if everybody may see what it answers.
async fn answered_here(context: &Context, status: &Status) -> Result<Option<AccountId>> {
    let instance = &context.instance;
    let Some(parent) = status.in_reply_to_id else {
        return Ok(None);
    };
    let Some(parent) = statuses::find_raw(instance, parent).await? else {
        return Ok(None);
    };
    if !parent.is_open() {
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
