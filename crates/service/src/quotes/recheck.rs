//! Looking again at the consent that accepted quotes rest on: a message that it was taken back may have been lost.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    quote::{Quote, QuoteState},
};
use pouet_storage::{Conn, accounts, quotes as rows, statuses, timelines};

use super::{check::Claim, is_local, receive::end};
use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    view::StatusView,
};

/// How long a consent of somebody elsewhere is believed without looking.
const TRUSTED: TimeDelta = TimeDelta::hours(24);
/// Quotes that are looked at because somebody named the consent that they rest on.
const MAX_DOUBTED: i64 = 100;

/// Has the consent that a status rests on looked at if that was not done in a day, as somebody looks at the status.
pub(crate) async fn look_again(instance: &Instance, shown: &StatusView) {
    let now = instance.now();
    let quote = shown.content().quote.as_ref().map(|view| &view.quote);
    let Some(status_id) = quote
        .filter(|quote| is_due(quote, now))
        .map(|quote| quote.status_id)
    else {
        return;
    };
    let writer = instance.clone();
    instance
        .write_beside(move |tx| {
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
        .await;
}

/// Somebody says that a consent is gone: has the accepted quotes that rest on it looked at. True if there are any.
pub async fn doubt_stamp(instance: &Instance, stamp_uri: &str) -> Result<bool> {
    let uri = stamp_uri.to_owned();
    let resting = instance
        .read(move |conn| Ok(rows::list_accepted_by_stamp(conn, &uri, MAX_DOUBTED)?))
        .await?;
    if resting.is_empty() {
        return Ok(false);
    }
    let (writer, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            for status_id in resting {
                jobs::enqueue(tx, writer.next_id(), &Job::RecheckQuote { status_id }, now, now)?;
            }
            Ok(true)
        })
        .await
}

fn is_due(quote: &Quote, now: DateTime<Utc>) -> bool {
    is_accepted(quote) && quote.stamp_uri.is_some() && now - quote.checked_at > TRUSTED
}

/// What the consent to an accepted quote has to say, and somebody here to ask in their name; `None` if it rests on none of
/// another server, or nobody here could be told of it: who may not see a consent hears that there is none.
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
            Ok(match who_asks(conn, &quote)? {
                Asker::Nobody => None,
                Asker::Instance => Some((claim, None)),
                Asker::Account(reader) => Some((claim, Some(reader))),
            })
        })
        .await
}

/// In whose name a consent is asked for.
enum Asker {
    /// Of nobody: who asks in another name would be told that there is none.
    Nobody,
    /// Of the instance, since everybody may see both statuses.
    Instance,
    /// Of a local account.
    Account(AccountId),
}

/// A local author asks, else a follower of both authors, as far as only followers see what they wrote.
fn who_asks(conn: &mut Conn, quote: &Quote) -> Result<Asker> {
    if is_local(conn, quote.account_id)? {
        return Ok(Asker::Account(quote.account_id));
    }
    let quoting = statuses::find_status(conn, quote.status_id)?;
    let quoted = match quote.quoted_id {
        Some(quoted) => statuses::find_status(conn, quoted)?,
        None => None,
    };
    let (Some(quoting), Some(quoted)) = (quoting, quoted) else {
        return Ok(Asker::Nobody);
    };
    if quoting.visibility.is_for_addressees() || quoted.visibility.is_for_addressees() {
        return Ok(Asker::Nobody);
    }
    let followers = |conn: &mut Conn, account| -> Result<Vec<AccountId>> {
        let found = timelines::list_local_followers(conn, account)?;
        Ok(found.iter().map(timelines::FollowerRow::id).collect())
    };
    let mut readers = followers(conn, quoting.account_id)?;
    let are_open = (quoting.visibility.is_open(), quoted.visibility.is_open());
    match are_open {
        (_, true) => {}
        (true, false) => readers = followers(conn, quoted.account_id)?,
        (false, false) => {
            let of_quoted: HashSet<AccountId> = followers(conn, quoted.account_id)?.into_iter().collect();
            readers.retain(|reader| of_quoted.contains(reader));
        }
    }
    Ok(match readers.first() {
        Some(reader) => Asker::Account(*reader),
        None if are_open == (true, true) => Asker::Instance,
        None => Asker::Nobody,
    })
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
