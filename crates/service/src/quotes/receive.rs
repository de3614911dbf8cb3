//! Quotes by accounts of other servers, and what becomes of ours there.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    quote::{Quote, QuoteState},
    status::Status,
    urls::LocalUri,
};
use pouet_storage::{Conn, quotes as rows, statuses};

use super::{
    MAX_DEPTH, change,
    check::{Next, settle},
    is_local,
};
use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    search::documents,
};

/// Quotes that waited for one status and are looked at when it comes.
const ADOPTED: i64 = 100;

/// What a remote status says that it quotes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteQuote {
    /// Id on the wire of what is quoted; `None`: it is gone.
    pub quoted_uri: Option<String>,
    /// It was said in a way that knows no consent.
    pub legacy: bool,
    /// Where the quoted author's consent is said to be.
    pub stamp_uri: Option<String>,
    /// How many quotes led to this status: 0 for one that came on its own.
    pub depth: u8,
}

/// The status with this id on the wire.
fn find_quoted(tx: &mut Conn, instance: &Instance, uri: &str) -> Result<Option<Status>> {
    if !instance.urls().is_own(uri) {
        return Ok(statuses::find_status_by_uri(tx, uri)?);
    }
    let Some(LocalUri::Status(account, id)) = instance.urls().parse(uri) else {
        return Ok(None);
    };
    Ok(statuses::find_status(tx, id)?.filter(|status| status.account_id == account && status.is_local()))
}

/// Whether a status of ours is quoted.
pub(crate) fn concerns_local(
    tx: &mut Conn,
    instance: &Instance,
    quote: Option<&RemoteQuote>,
) -> Result<bool> {
    let uri = quote.and_then(|quote| quote.quoted_uri.as_deref());
    match uri.filter(|uri| instance.urls().is_own(uri)) {
        Some(uri) => Ok(find_quoted(tx, instance, uri)?.is_some()),
        None => Ok(false),
    }
}

/// Writes down what a new remote status quotes. What cannot be decided now is looked into by a job.
pub(crate) fn receive_quote(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    received: &RemoteQuote,
    now: DateTime<Utc>,
) -> Result<()> {
    let quoted = match &received.quoted_uri {
        Some(uri) => find_quoted(tx, instance, uri)?,
        None => None,
    };
    let foreign = received
        .quoted_uri
        .clone()
        .filter(|uri| !instance.urls().is_own(uri));
    let is_gone = quoted.is_none() && foreign.is_none();
    let quote = Quote {
        status_id: status.id,
        account_id: status.account_id,
        quoted_id: quoted.as_ref().map(|quoted| quoted.id),
        quoted_account_id: quoted.as_ref().map(|quoted| quoted.account_id),
        quoted_uri: foreign,
        state: if is_gone {
            QuoteState::Deleted
        } else {
            QuoteState::Pending
        },
        legacy: received.legacy,
        request_id: None,
        // Consent of ours is a row here, whatever others say.
        stamp_uri: received
            .stamp_uri
            .clone()
            .filter(|uri| !instance.urls().is_own(uri)),
        stamp_id: None,
        created_at: now,
        checked_at: now,
    };
    if !rows::insert_quote(tx, &quote)? {
        return Ok(());
    }
    documents::refresh(tx, status.id)?;
    if is_gone {
        return Ok(());
    }
    let undecided = match &quoted {
        Some(quoted) => settle(tx, instance, &quote, quoted, now)? != Next::Settled,
        None => received.depth < MAX_DEPTH,
    };
    if undecided {
        let job = Job::CheckQuote {
            status_id: status.id,
            depth: received.depth,
        };
        jobs::enqueue(tx, instance.next_id(), &job, now, now)?;
    }
    Ok(())
}

/// Goes by what a known remote status says now of its quote.
pub(crate) fn update_received(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    received: Option<&RemoteQuote>,
    now: DateTime<Utc>,
) -> Result<()> {
    let known = rows::find_quote(tx, status.id)?;
    let Some(known) = known else {
        return match received {
            Some(received) => receive_quote(tx, instance, status, received, now),
            None => Ok(()),
        };
    };
    // Who was refused is not asked again for a second attempt.
    let is_final =
        matches!(known.state, QuoteState::Revoked | QuoteState::Rejected) && known.stamp_uri.is_none();
    let Some(received) = received else {
        return if is_final {
            Ok(())
        } else {
            rows::delete_quote(tx, status.id)?;
            documents::refresh(tx, status.id)
        };
    };
    let same = super::quoted_uri(instance.urls(), &known) == received.quoted_uri;
    if !same {
        if is_final {
            return Ok(());
        }
        rows::delete_quote(tx, status.id)?;
        return receive_quote(tx, instance, status, received, now);
    }
    let quotes_local = known.quoted_uri.is_none();
    let stamp = received
        .stamp_uri
        .clone()
        .filter(|uri| !instance.urls().is_own(uri));
    if quotes_local || (stamp == known.stamp_uri && received.legacy == known.legacy) {
        return Ok(());
    }
    let after = Quote {
        state: match known.state {
            QuoteState::Deleted => QuoteState::Deleted,
            // Without a word of consent what the author took back stays so.
            QuoteState::Revoked if stamp.is_none() => QuoteState::Revoked,
            _ => QuoteState::Pending,
        },
        stamp_uri: stamp,
        legacy: received.legacy,
        ..known.clone()
    };
    change(tx, &known, &after, now)?;
    if after.state == QuoteState::Pending {
        let job = Job::CheckQuote {
            status_id: status.id,
            depth: received.depth,
        };
        jobs::enqueue(tx, instance.next_id(), &job, now, now)?;
    }
    Ok(())
}

/// Looks at quotes that came before what they quote.
pub(crate) fn adopt(tx: &mut Conn, instance: &Instance, quoted: &Status, now: DateTime<Utc>) -> Result<()> {
    let Some(uri) = &quoted.uri else { return Ok(()) };
    for quote in rows::list_waiting_quotes(tx, uri, ADOPTED)? {
        if settle(tx, instance, &quote, quoted, now)? != Next::Settled {
            let job = Job::CheckQuote {
                status_id: quote.status_id,
                depth: MAX_DEPTH,
            };
            jobs::enqueue(tx, instance.next_id(), &job, now, now)?;
        }
    }
    Ok(())
}

/// The quote that an answer to a request of ours is about: by the number of the request, else by the quoting status.
fn find_asked(
    tx: &mut Conn,
    request: Option<(AccountId, RelationId)>,
    quoting: Option<StatusId>,
) -> Result<Option<Quote>> {
    if let Some((account, request)) = request {
        let found = rows::find_quote_by_request(tx, request)?;
        return Ok(found.filter(|quote| quote.account_id == account));
    }
    match quoting {
        Some(status) => Ok(rows::find_quote(tx, status)?.filter(|quote| quote.request_id.is_some())),
        None => Ok(None),
    }
}

/// The quoted author `sender` consents to a quote of ours; `stamp_uri`: where that can be looked up, on their server.
/// Answers of anybody else, and to what was not asked, do nothing.
///
/// `request`: account and number of our request, as its id says; else `quoting`: the status that is to quote.
pub async fn receive_accept(
    instance: &Instance,
    sender: AccountId,
    request: Option<(AccountId, RelationId)>,
    quoting: Option<StatusId>,
    stamp_uri: &str,
) -> Result<()> {
    let (writer, stamp_uri) = (instance.clone(), stamp_uri.to_owned());
    instance
        .write(move |tx| {
            let asked = find_asked(tx, request, quoting)?;
            let Some(quote) = asked.filter(|quote| quote.quoted_account_id == Some(sender)) else {
                return Ok(());
            };
            if !matches!(quote.state, QuoteState::Pending | QuoteState::Rejected) {
                return Ok(());
            }
            let after = Quote {
                state: QuoteState::Accepted,
                stamp_uri: Some(stamp_uri),
                checked_at: writer.now(),
                ..quote.clone()
            };
            change(tx, &quote, &after, writer.now())?;
            publish(tx, &writer, quote.status_id, writer.now())
        })
        .await
}

/// The quoted author `sender` refuses a quote of ours, or no longer consents. See [`receive_accept`].
pub async fn receive_reject(
    instance: &Instance,
    sender: AccountId,
    request: Option<(AccountId, RelationId)>,
    quoting: Option<StatusId>,
) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let asked = find_asked(tx, request, quoting)?;
            let Some(quote) = asked.filter(|quote| quote.quoted_account_id == Some(sender)) else {
                return Ok(());
            };
            let now = writer.now();
            match quote.state {
                QuoteState::Pending => {
                    let after = Quote {
                        state: QuoteState::Rejected,
                        ..quote.clone()
                    };
                    change(tx, &quote, &after, now)
                }
                QuoteState::Accepted => end(tx, &writer, &quote, now),
                QuoteState::Rejected | QuoteState::Revoked | QuoteState::Deleted => Ok(()),
            }
        })
        .await
}

/// The quoted author `sender` takes the consent with this id back. True if a quote here rested on it.
pub async fn receive_stamp_delete(instance: &Instance, sender: AccountId, stamp_uri: &str) -> Result<bool> {
    let (writer, stamp_uri) = (instance.clone(), stamp_uri.to_owned());
    instance
        .write(move |tx| {
            let found = rows::list_quotes_by_stamp(tx, &stamp_uri, sender)?;
            for quote in &found {
                if matches!(quote.state, QuoteState::Accepted | QuoteState::Pending) {
                    end(tx, &writer, quote, writer.now())?;
                }
            }
            Ok(!found.is_empty())
        })
        .await
}

/// Ends a quote that its quoted author no longer consents to. Who has a copy of ours is told.
pub(super) fn end(tx: &mut Conn, instance: &Instance, quote: &Quote, now: DateTime<Utc>) -> Result<()> {
    let after = Quote {
        state: QuoteState::Revoked,
        ..quote.clone()
    };
    change(tx, quote, &after, now)?;
    if is_local(tx, quote.account_id)? {
        publish(tx, instance, quote.status_id, now)?;
    }
    Ok(())
}

/// Has other servers told how the quote of a local status stands.
pub(super) fn publish(
    tx: &mut Conn,
    instance: &Instance,
    status_id: StatusId,
    now: DateTime<Utc>,
) -> Result<()> {
    jobs::enqueue(tx, instance.next_id(), &Job::PublishQuote { status_id }, now, now)
}
