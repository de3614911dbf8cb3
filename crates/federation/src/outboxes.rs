//! Reading what an account published: its newest statuses when it is new here, and what was missed while this server was down.
//!
//! An outbox proves nothing by itself: its statuses are fetched from where they live.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use pouet_model::{account::Account, ids::AccountId};
use pouet_service::{
    accounts,
    statuses::{self, Arrival},
    upkeep,
};
use serde_json::Value;
use url::Url;

use crate::{
    budget::Budget,
    context::{Context, Federation},
    documents::NoteDocument,
    error::{Error, Result},
    fetch,
    json::{Object, id_of},
    origin::same_origin,
    receive::{self, Envelope},
    take_in,
    threads::{self, Limits, Pages, read},
};

/// How far the outbox of an account that is new here is read.
const RECENT: Limits = Limits { pages: 3, items: 40 };
/// How far an outbox is read for what was missed.
const MISSED: Limits = Limits {
    pages: 10,
    items: 200,
};
/// Statuses fetched at the same time.
const AT_ONCE: usize = 8;
/// How much earlier than it says something may have been published: clocks differ, and deliveries take their time.
const MARGIN: TimeDelta = TimeDelta::minutes(10);

/// An account of another server whose outbox can be read.
struct Outbox {
    account: Account,
    actor: String,
    address: String,
    budget: Budget,
}

impl Outbox {
    async fn of(federation: &Federation, account: AccountId) -> Result<Option<Self>> {
        let found = accounts::find_any(&federation.instance, account).await?;
        let Some(account) = found.filter(Account::is_active) else {
            return Ok(None);
        };
        let address = account.remote.as_ref().and_then(|remote| remote.outbox.clone());
        Ok(account.uri.clone().zip(address).map(|(actor, address)| Self {
            account,
            actor,
            address,
            budget: Budget::of_thread(),
        }))
    }

    async fn read(
        &self,
        federation: &Federation,
        limits: Limits,
        wanted: impl FnMut(&[Value]) -> bool + Send,
    ) -> Result<Vec<Value>> {
        let start = Value::String(self.address.clone());
        let pages = Pages::new(limits.pages);
        read(
            federation,
            (&start, &self.actor),
            limits,
            (&pages, &self.budget),
            wanted,
        )
        .await
    }
}

/// Fetches the newest public statuses of an account.
///
/// # Errors
/// Temporary ones mean that it should be tried again.
pub(crate) async fn fetch_recent(federation: &Federation, account: AccountId) -> Result<()> {
    let Some(outbox) = Outbox::of(federation, account).await? else {
        return Ok(());
    };
    upkeep::note_outbox_read(&federation.instance, account).await?;
    let items = outbox.read(federation, RECENT, |_| true).await?;
    let uris: Vec<String> = items
        .iter()
        .filter_map(|item| created(item, &outbox.actor))
        .map(str::to_owned)
        .collect();
    let taken: Vec<Result<()>> = stream::iter(uris)
        .map(|uri| recent(federation, &outbox, uri))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    taken.into_iter().collect()
}

async fn recent(federation: &Federation, outbox: &Outbox, uri: String) -> Result<()> {
    let by_actor = |note: &NoteDocument| note.author == outbox.actor;
    match threads::take_in(federation, &uri, &by_actor, &outbox.budget).await {
        Err(error) if error.is_ours() => Err(error),
        Err(error) => {
            tracing::debug!(%error, "a recent status is left out");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

/// The status that an item of an outbox says to have been created, on the server of `actor`.
fn created<'a>(item: &'a Value, actor: &str) -> Option<&'a str> {
    let activity = Object::of(item).filter(|activity| activity.is("Create"))?;
    let uri = activity.first("object").and_then(id_of)?;
    same_origin(uri, actor).then_some(uri)
}

/// Takes in what an account published since `since`, as if it had arrived now: its followers here find it in its place.
///
/// # Errors
/// Temporary ones mean that it should be tried again.
pub(crate) async fn catch_up(context: &Context, account: AccountId, since: DateTime<Utc>) -> Result<()> {
    let Some(outbox) = Outbox::of(context, account).await? else {
        return Ok(());
    };
    upkeep::note_outbox_read(&context.instance, account).await?;
    let since = since - MARGIN;
    let is_missed = |item: &Value| published(item).is_some_and(|at| at >= since);
    let mut items = outbox
        .read(context, MISSED, |page: &[Value]| page.iter().all(is_missed))
        .await?;
    items.retain(is_missed);
    // The oldest first: answers come after what they answer.
    for item in items.into_iter().rev() {
        match missed(context, &outbox, item).await {
            Err(error) if error.is_ours() => return Err(error),
            Err(error) => tracing::debug!(%error, "something missed is left out"),
            Ok(()) => {}
        }
    }
    Ok(())
}

fn published(item: &Value) -> Option<DateTime<Utc>> {
    let activity = Object::of(item)?;
    activity
        .time("published")
        .or_else(|| activity.object("object")?.time("published"))
}

async fn missed(context: &Context, outbox: &Outbox, item: Value) -> Result<()> {
    if let Some(uri) = created(&item, &outbox.actor) {
        return missed_status(context, outbox, uri).await;
    }
    let Some(activity) = Object::of(&item).filter(|activity| activity.is("Announce")) else {
        return Ok(());
    };
    let id = activity
        .own_id()
        .filter(|id| same_origin(id, &outbox.actor))
        .ok_or(Error::Refused("boost with an id of another server"))?
        .to_owned();
    if activity.id("actor") != Some(&outbox.actor) {
        return Err(Error::Refused("boost by somebody else in an outbox"));
    }
    let parse = |uri: &str| Url::parse(uri).map_err(|_| Error::Refused("id is not a URL"));
    let envelope = Envelope {
        id: parse(&id)?,
        actor: parse(&outbox.actor)?,
        uri: id,
        sender: outbox.account.clone(),
        recipient: None,
        budget: outbox.budget.clone(),
        value: item,
    };
    receive::handle(context, envelope).await
}

async fn missed_status(context: &Context, outbox: &Outbox, uri: &str) -> Result<()> {
    if statuses::find_by_uri(&context.instance, uri).await?.is_some() {
        return Ok(());
    }
    context.quotas.ask(uri)?;
    let document = fetch::document(context, uri, &outbox.budget, None).await?;
    let note = NoteDocument::read(&document, None, context.instance.now())?;
    if note.author != outbox.actor || note.vote.is_some() {
        return Err(Error::Refused("status of somebody else in an outbox"));
    }
    let arrival = Arrival::Pushed { recipient: None };
    take_in::status(context, &document, None, arrival, &outbox.budget).await?;
    Ok(())
}
