//! Looking again at the consent that accepted quotes rest on: a message that it was taken back may have been lost.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    quote::{Quote, QuoteState},
};
use pouet_storage::{Conn, accounts, quotes as rows, statuses, timelines};

use super::{check::Claim, receive::end};
use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    view::StatusView,
};

/// How long a consent of somebody elsewhere is believed without looking.
const TRUSTED: TimeDelta = TimeDelta::hours(24);

/// Has the consent that a status rests on looked at if that was not done in a day, as somebody looks at the status.
pub(crate) async fn look_again(instance: &Instance, shown: &StatusView) -> Result<()> {
    let now = instance.now();
    let quote = shown.content().quote.as_ref().map(|view| &view.quote);
    let Some(status_id) = quote
        .filter(|quote| is_due(quote, now))
        .map(|quote| quote.status_id)
    else {
        return Ok(());
    };
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let quote = rows::find_quote(tx, status_id)?;
            let Some(quote) = quote.filter(|quote| is_due(quote, now)) else {
                return Ok(());
            };
            let looked_at = Quote {
                checked_at: now,
                ..quote
            };
            rows::update_quote(tx, &looked_at)?;
            jobs::enqueue(tx, writer.next_id(), &Job::RecheckQuote { status_id }, now, now)
        })
        .await
}

fn is_due(quote: &Quote, now: DateTime<Utc>) -> bool {
    is_accepted(quote) && quote.stamp_uri.is_some() && now - quote.checked_at > TRUSTED
}

/// What the consent to an accepted quote has to say, and somebody here to ask in their name; `None` if it rests on none of
/// another server.
pub async fn to_recheck(instance: &Instance, status: StatusId) -> Result<Option<(Claim, Option<AccountId>)>> {
    let reader = instance.clone();
    instance
        .read(move |conn| {
            let Some(quote) = rows::find_quote(conn, status)?.filter(is_accepted) else {
                return Ok(None);
            };
            let Some(claim) = claim(conn, &reader, &quote)? else {
                return Ok(None);
            };
            let readers = timelines::list_local_followers(conn, quote.account_id)?;
            Ok(Some((claim, readers.first().map(timelines::FollowerRow::id))))
        })
        .await
}

fn is_accepted(quote: &Quote) -> bool {
    quote.state == QuoteState::Accepted
}

fn claim(conn: &mut Conn, instance: &Instance, quote: &Quote) -> Result<Option<Claim>> {
    let parts = (
        quote.stamp_uri.clone(),
        quote.quoted_account_id,
        quote.quoted_uri.clone(),
    );
    let (Some(stamp_uri), Some(author), Some(quoted_uri)) = parts else {
        return Ok(None);
    };
    let (author, quoting) = (
        accounts::find_account(conn, author)?,
        statuses::find_status(conn, quote.status_id)?,
    );
    let urls = instance.urls();
    Ok(author.zip(quoting).map(|(author, quoting)| Claim {
        stamp_uri,
        quoted_uri,
        quoted_author_uri: urls.account_uri(&author),
        quoting_uri: urls.status_uri(&quoting),
    }))
}

/// The consent `stamp_uri` that an accepted quote rests on is no longer what it was.
pub async fn lost(instance: &Instance, status: StatusId, stamp_uri: &str) -> Result<()> {
    let (writer, stamp_uri) = (instance.clone(), stamp_uri.to_owned());
    instance
        .write(move |tx| {
            let quote = rows::find_quote(tx, status)?.filter(is_accepted);
            match quote.filter(|quote| quote.stamp_uri.as_ref() == Some(&stamp_uri)) {
                Some(quote) => end(tx, &writer, &quote, writer.now()),
                None => Ok(()),
            }
        })
        .await
}
