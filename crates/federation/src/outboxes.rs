//! Reading what an account published: its newest statuses when it is new here, and what was missed while this server was down.
//!
//! An outbox proves nothing by itself: its statuses are fetched from where they live.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use pouet_model::{
    account::{Account, ActorType},
    ids::AccountId,
    interaction::Interaction,
};
use pouet_service::{
    accounts,
    statuses::{self, Arrival, ReceivedReblog},
    upkeep,
};
use serde_json::Value;
use url::Url;

use crate::{
    approval,
    budget::Budget,
    context::{Context, Federation},
    documents::{NoteDocument, activity_audience},
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
    let taken: Vec<Result<()>> = stream::iter(items)
        .map(|item| recent(federation, &outbox, item))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    taken.into_iter().collect()
}

/// Takes in an item of an outbox for the profile alone. What a person boosted is left out; what a group boosts is what was
/// written to it.
async fn recent(federation: &Federation, outbox: &Outbox, item: Value) -> Result<()> {
    let taken = if let Some(uri) = created(&item, &outbox.actor) {
        let by_actor = |note: &NoteDocument| note.author == outbox.actor;
        threads::take_in(federation, uri, &by_actor, &outbox.budget)
            .await
            .map(|_| ())
    } else if outbox.account.actor_type == ActorType::Group {
        match Boost::of(&item, &outbox.actor) {
            Some(boost) => boost.take_in(federation, outbox, None).await,
            None => Ok(()),
        }
    } else {
        Ok(())
    };
    match taken {
        Err(error) if error.is_ours() => Err(error),
        Err(error) => {
            tracing::debug!(%error, "a recent status is left out");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// The status that an item of an outbox is about, on the server of `actor`: that of a Create, or, as BookWyrm has it, the
/// status or its id without an activity around it.
fn created<'a>(item: &'a Value, actor: &str) -> Option<&'a str> {
    let uri = match Object::of(item) {
        None => item.as_str()?,
        Some(activity) if activity.is("Create") => activity.first("object").and_then(id_of)?,
        Some(status) if status.get("actor").is_none() && status.id("attributedTo") == Some(actor) => {
            status.own_id()?
        }
        Some(_) => return None,
    };
    same_origin(uri, actor).then_some(uri)
}

/// A boost by the owner of an outbox.
struct Boost<'a> {
    /// Id of the Announce.
    uri: &'a str,
    /// Id of what is boosted.
    target: &'a str,
    activity: Object<'a>,
}

impl<'a> Boost<'a> {
    /// Reads one: of a status, or, as groups make them, of the activity that created it.
    fn of(item: &'a Value, actor: &str) -> Option<Self> {
        let activity = Object::of(item)?;
        let by_owner = activity.id("actor").is_none_or(|by| by == actor);
        let uri = activity.own_id().filter(|id| same_origin(id, actor))?;
        let target = match activity.object("object") {
            Some(created) if created.get("actor").is_some() => {
                created.is("Create").then(|| created.id("object")).flatten()
            }
            _ => activity.id("object"),
        };
        (activity.is("Announce") && by_owner).then_some(())?;
        Some(Self {
            uri,
            target: target?,
            activity,
        })
    }

    /// Takes it in for the profile alone, unless it is older than `since`. Without a date of its own (PeerTube gives none) it
    /// is as old as what it boosts.
    async fn take_in(
        &self,
        federation: &Federation,
        outbox: &Outbox,
        since: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let instance = &federation.instance;
        if statuses::find_by_uri(instance, self.uri).await?.is_some() {
            return Ok(());
        }
        threads::take_in(federation, self.target, &|_| true, &outbox.budget).await?;
        let Some(target) = statuses::find_by_uri(instance, self.target).await? else {
            return Ok(());
        };
        let booster = &outbox.account;
        let (kind, budget) = (Interaction::Announce, &outbox.budget);
        if !approval::is_approved(
            federation,
            kind,
            self.activity,
            self.uri,
            booster,
            self.target,
            budget,
        )
        .await?
        {
            return Ok(());
        }
        let published = self.activity.time("published").unwrap_or(target.created_at);
        if since.is_some_and(|since| published < since) {
            return Ok(());
        }
        let remote = outbox.account.remote.as_ref();
        let followers = remote.and_then(|remote| remote.followers.as_deref());
        let boost = ReceivedReblog {
            actor: outbox.account.id,
            uri: self.uri.to_owned(),
            target: target.id,
            visibility: activity_audience(self.activity).visibility(followers),
            published,
        };
        match since {
            Some(_) => statuses::receive_reblog(instance, boost).await?,
            None => statuses::backfill_reblog(instance, boost).await?,
        }
        Ok(())
    }
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
    items.retain(|item| published(item).is_none_or(|at| at >= since));
    // The oldest first: answers come after what they answer.
    for item in items.into_iter().rev() {
        match missed(context, &outbox, item, since).await {
            Err(error) if error.is_ours() => return Err(error),
            Err(error) => tracing::debug!(%error, "something missed is left out"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// When something was published: as it says, or what it is about, or (a boost of a Create by Lemmy) what that is about.
fn published(item: &Value) -> Option<DateTime<Utc>> {
    let activity = Object::of(item)?;
    let about = || activity.object("object");
    activity
        .time("published")
        .or_else(|| about()?.time("published"))
        .or_else(|| about()?.object("object")?.time("published"))
}

async fn missed(context: &Context, outbox: &Outbox, item: Value, since: DateTime<Utc>) -> Result<()> {
    if let Some(uri) = created(&item, &outbox.actor) {
        return missed_status(context, outbox, uri, since).await;
    }
    if published(&item).is_none() {
        return match Boost::of(&item, &outbox.actor) {
            Some(boost) => boost.take_in(context, outbox, Some(since)).await,
            None => Ok(()),
        };
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

async fn missed_status(context: &Context, outbox: &Outbox, uri: &str, since: DateTime<Utc>) -> Result<()> {
    if statuses::find_by_uri(&context.instance, uri).await?.is_some() {
        return Ok(());
    }
    context.quotas.ask(uri)?;
    let document = fetch::document(context, uri, &outbox.budget, None).await?;
    let note = NoteDocument::read(&document, None, context.instance.now())?;
    if note.author != outbox.actor || note.vote.is_some() {
        return Err(Error::Refused("status of somebody else in an outbox"));
    }
    if note.published.is_some_and(|published| published < since) {
        return Ok(());
    }
    let arrival = Arrival::Pushed { recipient: None };
    take_in::status(context, &document, None, arrival, &outbox.budget).await?;
    Ok(())
}
