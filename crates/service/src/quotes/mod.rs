//! Quotes: statuses that show another one, with its author's consent.
//!
//! Whoever is quoted decides. An author here decides by a policy, and each consent is a row (a stamp) that other servers
//! can look up; an author elsewhere is asked, and their consent is a document on their server. Nothing is shown embedded
//! without consent, and none that was taken back.
//!
//! Source: <https://w3id.org/fep/044f>, <https://docs.joinmastodon.org/entities/Quote/>

mod check;
mod make;
mod policy;
mod read;
mod receive;
mod recheck;
mod request;
mod revoke;
mod view;

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    ids::{StatusId, time_of},
    notification::NotificationType,
    quote::{Quote, QuoteState},
    urls::Urls,
};
use pouet_storage::{Conn, accounts, quotes as rows};

use crate::{
    error::Result,
    events::{self, Event},
    notifications::notify,
};

pub use check::{Check, Claim, Next, gone, resolve, to_check, verified};
pub(crate) use make::{fallback, has_quote, insert_own, quotable, tell};
pub use policy::set_policy;
pub(crate) use policy::{change_policy, write_policy};
pub use read::{list, stamp};
pub use receive::{RemoteQuote, receive_accept, receive_reject, receive_stamp_delete};
pub(crate) use receive::{adopt, concerns_local, receive_quote, update_received};
pub(crate) use recheck::look_again;
pub use recheck::{doubt_stamp, lost, to_recheck};
pub use request::{Asked, QuoteAnswer, decide, end_request, grant, refuse};
pub(crate) use revoke::revoke_all;
pub use revoke::{QuoteRevocation, revoke};
pub(crate) use view::Quoting;
pub use view::{QuoteApprovalView, QuoteView, QuoteViewState};

/// How far quotes of quotes are fetched: what is shown has a quote, and that one another.
pub const MAX_DEPTH: u8 = 2;
/// Quotes older than this notify nobody when they turn out to be accepted.
const FRESH: TimeDelta = TimeDelta::hours(24);

/// Id on the wire of what is quoted; `None` if it is gone.
pub fn quoted_uri(urls: &Urls, quote: &Quote) -> Option<String> {
    quote.quoted_uri.clone().or_else(|| {
        let (account, status) = quote.quoted_account_id.zip(quote.quoted_id)?;
        Some(urls.local_status(account, status))
    })
}

/// Id on the wire of the quoted author's consent.
pub fn stamp_uri(urls: &Urls, quote: &Quote) -> Option<String> {
    let own = || {
        let (account, stamp) = quote.quoted_account_id.zip(quote.stamp_id)?;
        Some(urls.quote_stamp(account, stamp))
    };
    own().or_else(|| quote.stamp_uri.clone())
}

/// Writes what a quote has become, and tells streams; a local author who is quoted from now on is notified.
fn change(tx: &mut Conn, before: &Quote, after: &Quote, now: DateTime<Utc>) -> Result<()> {
    if before == after {
        return Ok(());
    }
    rows::update_quote(tx, after)?;
    if before.state == after.state {
        return Ok(());
    }
    let event = Event::StatusEdited {
        status_id: after.status_id,
    };
    events::emit(tx, &event, now)?;
    if after.state == QuoteState::Accepted {
        notify_quoted(tx, after, now)?;
    }
    Ok(())
}

/// Tells a local author that they are quoted.
fn notify_quoted(tx: &mut Conn, quote: &Quote, now: DateTime<Utc>) -> Result<()> {
    let Some(owner) = quote.quoted_account_id else {
        return Ok(());
    };
    if now - time_of(quote.status_id.0) > FRESH {
        return Ok(());
    }
    let (kind, status) = (NotificationType::Quote, Some(quote.status_id));
    notify(tx, owner, kind, quote.account_id, status, now)
}

/// Tells local accounts that a status that they quote was edited.
pub(crate) fn notify_edited(
    tx: &mut Conn,
    edited: StatusId,
    editor: pouet_model::ids::AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    /// More are not told.
    const LIMIT: i64 = 1000;
    for quote in rows::list_local_quotes(tx, edited, LIMIT)? {
        let kind = NotificationType::QuotedUpdate;
        notify(tx, quote.account_id, kind, editor, Some(quote.status_id), now)?;
    }
    Ok(())
}

/// Whether an account is one of ours.
fn is_local(tx: &mut Conn, id: pouet_model::ids::AccountId) -> Result<bool> {
    Ok(accounts::find_account(tx, id)?.is_some_and(|account: Account| account.is_local()))
}
