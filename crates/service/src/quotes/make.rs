//! Quoting, by local authors.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{
    account::Account,
    html::escape,
    ids::StatusId,
    quote::{Approval, Quote, QuoteState, Stamp},
    status::{Status, Visibility},
};
use pouet_storage::{Conn, quotes as rows, statuses};

use super::{notify_quoted, policy::approval};
use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    search::documents,
    visibility::find_target,
};

/// After this time without an answer a request counts as refused.
const PATIENCE: TimeDelta = TimeDelta::days(7);
/// What the paragraph that stands for a quote begins with; readers who show quotes hide the class.
const FALLBACK: &str = "<p class=\"quote-inline\">";

/// A status that somebody may quote, or ask to.
#[derive(Clone, Debug)]
pub(crate) struct Quotable {
    /// It; never a boost.
    pub(crate) status: Status,
    /// Its author.
    pub(crate) author: Account,
}

/// The status that `author` wants to quote; of a boost, what it boosts.
///
/// # Errors
/// `NotFound` if they may not see it, or its author lets them not quote it: as on Mastodon.
pub(crate) fn quotable(tx: &mut Conn, author: &Account, id: StatusId) -> Result<Quotable> {
    let (status, quoted_author) = find_target(tx, author.id, id)?;
    match approval(tx, &status, author.id)? {
        Approval::Denied => Err(Error::NotFound),
        // Nobody here is asked: local policies know no manual approval.
        Approval::Manual | Approval::Unknown if status.is_local() => Err(Error::NotFound),
        Approval::Automatic | Approval::Manual | Approval::Unknown => Ok(Quotable {
            status,
            author: quoted_author,
        }),
    }
}

impl Quotable {
    /// Who may see a status that quotes this: no more people than may see this.
    pub(crate) fn narrowed(&self, visibility: Visibility) -> Visibility {
        if self.status.visibility == Visibility::Private {
            visibility.max(Visibility::Private)
        } else {
            visibility
        }
    }

    /// Refuses a letter about somebody who does not get it.
    ///
    /// # Errors
    /// `Invalid` if the quoting status is direct and does not name the quoted author.
    pub(crate) fn check_audience(
        &self,
        author: &Account,
        visibility: Visibility,
        mentioned: &[Account],
    ) -> Result<()> {
        let named =
            self.author.id == author.id || mentioned.iter().any(|account| account.id == self.author.id);
        if visibility == Visibility::Direct && !named {
            let reason = "Cannot quote a person in a private mention that does not mention them";
            return Err(Error::invalid("quoted_status_id", "ERR_INVALID", reason));
        }
        Ok(())
    }
}

/// The paragraph that stands for a quote where quotes are not known.
pub(crate) fn fallback(instance: &Instance, quoted: &Quotable) -> String {
    let url = instance.urls().status_url(&quoted.status, &quoted.author);
    let url = escape(&url);
    format!(
        "{FALLBACK}RE: <a href=\"{url}\" target=\"_blank\" rel=\"nofollow noopener noreferrer\" \
         translate=\"no\">{url}</a></p>"
    )
}

/// Whether a local status quotes something, and the paragraph that its content begins with then.
pub(crate) fn has_quote(tx: &mut Conn, status: StatusId) -> Result<Option<String>> {
    if rows::find_quote(tx, status)?.is_none() {
        return Ok(None);
    }
    let content = statuses::find_status(tx, status)?.map(|status| status.content);
    let paragraph = content.as_deref().and_then(|content| {
        let end = content.starts_with(FALLBACK).then(|| content.find("</p>"))??;
        content.get(..end + "</p>".len())
    });
    Ok(Some(paragraph.unwrap_or_default().to_owned()))
}

/// Writes down that a new local status quotes another: at once where no consent is needed or an author here has given it;
/// otherwise as what its author has to be asked for ([`tell`]).
pub(crate) fn insert_own(
    tx: &mut Conn,
    instance: &Instance,
    status: &Status,
    quoted: &Quotable,
    now: DateTime<Utc>,
) -> Result<()> {
    let same_author = quoted.status.account_id == status.account_id;
    let mut quote = Quote {
        status_id: status.id,
        account_id: status.account_id,
        quoted_id: Some(quoted.status.id),
        quoted_account_id: Some(quoted.author.id),
        quoted_uri: quoted.status.uri.clone(),
        state: QuoteState::Accepted,
        legacy: false,
        request_id: None,
        stamp_uri: None,
        stamp_id: None,
        created_at: now,
        checked_at: now,
    };
    if !same_author && quoted.status.is_local() {
        let uri = instance.urls().status_uri(status);
        quote.stamp_id = Some(give_stamp(tx, instance, &quoted.status, uri, now)?.id);
    } else if !same_author {
        quote.state = QuoteState::Pending;
        quote.request_id = Some(instance.next_id());
    }
    rows::insert_quote(tx, &quote)?;
    documents::refresh(tx, status.id)
}

/// Notifies the author whom a new local status quotes, or asks them if they are elsewhere. Not to be called before the
/// status is for others to see.
pub(crate) fn tell(
    tx: &mut Conn,
    instance: &Instance,
    status_id: StatusId,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(quote) = rows::find_quote(tx, status_id)? else {
        return Ok(());
    };
    match quote.state {
        QuoteState::Accepted if quote.stamp_id.is_some() => notify_quoted(tx, &quote, now),
        QuoteState::Pending if quote.request_id.is_some() => {
            let ask = Job::SendQuoteRequest { status_id };
            jobs::enqueue(tx, instance.next_id(), &ask, now, now)?;
            let end = Job::EndQuoteRequest { status_id };
            jobs::enqueue(tx, instance.next_id(), &end, now + PATIENCE, now)
        }
        _ => Ok(()),
    }
}

/// The consent to the quote of a local status: the one that was given before, or a new one.
pub(super) fn give_stamp(
    tx: &mut Conn,
    instance: &Instance,
    quoted: &Status,
    quoting_uri: String,
    now: DateTime<Utc>,
) -> Result<Stamp> {
    if let Some(known) = rows::find_stamp_for(tx, quoted.id, &quoting_uri)? {
        return Ok(known);
    }
    let stamp = Stamp {
        id: instance.next_id(),
        account_id: quoted.account_id,
        status_id: quoted.id,
        quoting_uri,
        created_at: now,
    };
    rows::insert_stamp(tx, &stamp)?;
    Ok(stamp)
}
