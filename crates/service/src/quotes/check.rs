//! Whether a quote by an account of another server has its quoted author's consent.

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    quote::{Quote, QuoteState},
    status::Status,
};
use pouet_storage::{Conn, accounts, quote_policies, quotes as rows, sight, statuses, timelines};

use super::{change, make::give_stamp};
use crate::{
    error::{Error, Result},
    instance::Instance,
};

/// A quote that waits to be looked into.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is quoted, if we know it.
    pub quoted_id: Option<StatusId>,
    /// Its id on the wire, if it is on another server.
    pub quoted_uri: Option<String>,
    /// Somebody here who may see what the quoting author writes, to ask in their name.
    pub reader: Option<AccountId>,
}

/// What has to be proved by the document of a consent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Its id.
    pub stamp_uri: String,
    /// Who is quoted.
    pub quoted_author_uri: String,
    /// What is quoted.
    pub quoted_uri: String,
    /// What quotes.
    pub quoting_uri: String,
}

/// What is left to do for a quote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Nothing: it is decided, or somebody else has to speak first.
    Settled,
    /// The consent has to be fetched and compared.
    Verify(Claim),
}

/// What is to be found out about the quote of a status; `None` if that is no longer open.
pub async fn to_check(instance: &Instance, status: StatusId) -> Result<Option<Check>> {
    instance
        .read(move |conn| {
            let quote = rows::find_quote(conn, status)?;
            let Some(quote) = quote.filter(|quote| quote.state == QuoteState::Pending) else {
                return Ok(None);
            };
            let readers = timelines::list_local_followers(conn, quote.account_id)?;
            Ok(Some(Check {
                quoted_id: quote.quoted_id,
                quoted_uri: quote.quoted_uri,
                reader: readers.first().map(timelines::FollowerRow::id),
            }))
        })
        .await
}

/// What a status quotes is known now: decides what can be decided without asking anybody.
///
/// # Errors
/// `NotFound` if the quoted status is gone.
pub async fn resolve(instance: &Instance, status: StatusId, quoted: StatusId) -> Result<Next> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let quote = rows::find_quote(tx, status)?;
            let Some(quote) = quote.filter(|quote| quote.state == QuoteState::Pending) else {
                return Ok(Next::Settled);
            };
            let quoted = statuses::find_status(tx, quoted)?.ok_or(Error::NotFound)?;
            settle(tx, &writer, &quote, &quoted, writer.now())
        })
        .await
}

/// What a status quotes is gone for good.
pub async fn gone(instance: &Instance, status: StatusId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            let quote = rows::find_quote(tx, status)?;
            let Some(quote) = quote.filter(|quote| quote.quoted_id.is_none()) else {
                return Ok(());
            };
            let after = Quote {
                state: QuoteState::Deleted,
                ..quote.clone()
            };
            change(tx, &quote, &after, now)
        })
        .await
}

/// The consent `stamp_uri` was looked at: `holds` says whether it is what the quote needs.
pub async fn verified(instance: &Instance, status: StatusId, stamp_uri: &str, holds: bool) -> Result<()> {
    let (now, stamp_uri) = (instance.now(), stamp_uri.to_owned());
    instance
        .write(move |tx| {
            let quote = rows::find_quote(tx, status)?;
            // The status may have come to name another one in the meantime.
            let current = quote.filter(|quote| {
                quote.state == QuoteState::Pending && quote.stamp_uri.as_ref() == Some(&stamp_uri)
            });
            let Some(quote) = current else { return Ok(()) };
            let after = Quote {
                state: if holds {
                    QuoteState::Accepted
                } else {
                    QuoteState::Rejected
                },
                checked_at: now,
                ..quote.clone()
            };
            change(tx, &quote, &after, now)
        })
        .await
}

/// Joins a pending quote by a remote account with what it quotes, and decides what can be decided here.
pub(super) fn settle(
    tx: &mut Conn,
    instance: &Instance,
    quote: &Quote,
    quoted: &Status,
    now: DateTime<Utc>,
) -> Result<Next> {
    let mut after = Quote {
        quoted_id: Some(quoted.id),
        quoted_account_id: Some(quoted.account_id),
        quoted_uri: quoted.uri.clone(),
        ..quote.clone()
    };
    let Some(quoting) = statuses::find_status(tx, quote.status_id)? else {
        return Ok(Next::Settled);
    };
    let quoting_uri = instance.urls().status_uri(&quoting);
    let mut next = Next::Settled;
    if quoted.reblog_of_id.is_some() {
        after.state = QuoteState::Rejected;
    } else if quoted.account_id == quote.account_id {
        after.state = QuoteState::Accepted;
    } else if quoted.is_local() {
        // Our own table decides, whatever document is named.
        after.stamp_uri = None;
        after.stamp_id = match rows::find_stamp_for(tx, quoted.id, &quoting_uri)? {
            Some(stamp) => Some(stamp.id),
            None if quote.legacy && is_welcome(tx, quoted, quote.account_id)? => {
                Some(give_stamp(tx, instance, quoted, quoting_uri, now)?.id)
            }
            None => None,
        };
        if after.stamp_id.is_some() {
            after.state = QuoteState::Accepted;
        }
    } else if let Some(stamp_uri) = quote.stamp_uri.clone() {
        let author = accounts::find_account(tx, quoted.account_id)?.ok_or(Error::NotFound)?;
        next = Next::Verify(Claim {
            stamp_uri,
            quoted_author_uri: instance.urls().account_uri(&author),
            quoted_uri: instance.urls().status_uri(quoted),
            quoting_uri,
        });
    } else if quote.legacy && is_welcome(tx, quoted, quote.account_id)? {
        after.state = QuoteState::Accepted;
    }
    change(tx, quote, &after, now)?;
    Ok(next)
}

/// Whether everybody may quote a status without asking, and this account is not kept from it.
fn is_welcome(tx: &mut Conn, quoted: &Status, quoting: AccountId) -> Result<bool> {
    if !quoted.is_open() || sight::is_blocked_between(tx, quoted.account_id, quoting)? {
        return Ok(false);
    }
    let policy = quote_policies::load_policies(tx, &[quoted.id])?.remove(&quoted.id);
    Ok(policy.is_some_and(|policy| policy.is_public()))
}
