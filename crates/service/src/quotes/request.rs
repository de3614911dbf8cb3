//! Requests of other servers to quote a status of ours.

use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    quote::{Approval, Quote, QuoteState},
    status::Status,
};
use pouet_storage::{Conn, accounts, quotes as rows, statuses};
use serde::{Deserialize, Serialize};

use super::{change, make::give_stamp, policy::approval};
use crate::{
    error::Result,
    instance::Instance,
    jobs::{self, Job},
    visibility::Sight,
};

/// A request to quote a local status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Who asks.
    pub requester: AccountId,
    /// Id on the wire of the request.
    pub request_uri: String,
    /// The local status.
    pub quoted: StatusId,
    /// Id on the wire of the status that is to quote it.
    pub quoting_uri: String,
}

/// An answer to a request, as it is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuoteAnswer {
    /// Whose status is to be quoted.
    pub account_id: AccountId,
    /// The status.
    pub status_id: StatusId,
    /// Who asked.
    pub requester_id: AccountId,
    /// Id on the wire of the request.
    pub request_uri: String,
    /// Id on the wire of the status that is to quote it.
    pub quoting_uri: String,
    /// The consent; `None`: no.
    pub stamp_id: Option<RelationId>,
}

/// Whether `requester` may quote the local status with this id on the wire; `None` if there is none that they might know
/// of, which is not answered.
pub async fn decide(
    instance: &Instance,
    requester: AccountId,
    quoted_uri: &str,
) -> Result<Option<(Status, bool)>> {
    let Some(quoted) = crate::statuses::find_by_uri(instance, quoted_uri).await? else {
        return Ok(None);
    };
    instance
        .read(move |conn| {
            let author = accounts::find_account(conn, quoted.account_id)?;
            let known = quoted.is_local() && quoted.is_open() && quoted.reblog_of_id.is_none();
            if !known || !author.is_some_and(|author| author.is_active()) {
                return Ok(None);
            }
            let allowed = may_quote(conn, &quoted, requester)?;
            Ok(Some((quoted, allowed)))
        })
        .await
}

/// The policy covers them, and neither blocks the other, nor the author their domain.
fn may_quote(conn: &mut Conn, quoted: &Status, requester: AccountId) -> Result<bool> {
    let author = accounts::find_account(conn, quoted.account_id)?;
    let Some(author) = author else { return Ok(false) };
    let visible = Sight::load(conn, Some(requester), &[quoted])?.can_see(quoted, &author);
    Ok(visible && approval(conn, quoted, requester)? == Approval::Automatic)
}

/// Says no to a request.
pub async fn refuse(instance: &Instance, asked: Asked) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| match statuses::find_status(tx, asked.quoted)? {
            Some(quoted) => answer(tx, &writer, &asked, &quoted, None),
            None => Ok(()),
        })
        .await
}

/// Says yes to a request, whose quoting status is stored here as `quoting`: unless the policy has changed or the consent was
/// taken back before, which is a no.
pub async fn grant(instance: &Instance, asked: Asked, quoting: StatusId) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let now = writer.now();
            let Some(quoted) = statuses::find_status(tx, asked.quoted)? else {
                return Ok(());
            };
            let quote = rows::find_quote(tx, quoting)?;
            let quote = quote.filter(|quote| {
                quote.account_id == asked.requester
                    && quote.quoted_id == Some(quoted.id)
                    && quote.state != QuoteState::Revoked
            });
            let Some(quote) = quote else {
                return answer(tx, &writer, &asked, &quoted, None);
            };
            if !may_quote(tx, &quoted, asked.requester)? {
                return answer(tx, &writer, &asked, &quoted, None);
            }
            let stamp = give_stamp(tx, &writer, &quoted, asked.quoting_uri.clone(), now)?;
            let after = Quote {
                state: QuoteState::Accepted,
                stamp_id: Some(stamp.id),
                legacy: false,
                ..quote.clone()
            };
            change(tx, &quote, &after, now)?;
            answer(tx, &writer, &asked, &quoted, Some(stamp.id))
        })
        .await
}

fn answer(
    tx: &mut Conn,
    instance: &Instance,
    asked: &Asked,
    quoted: &Status,
    stamp_id: Option<RelationId>,
) -> Result<()> {
    let now = instance.now();
    let job = Job::SendQuoteAnswer(QuoteAnswer {
        account_id: quoted.account_id,
        status_id: quoted.id,
        requester_id: asked.requester,
        request_uri: asked.request_uri.clone(),
        quoting_uri: asked.quoting_uri.clone(),
        stamp_id,
    });
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}

/// Gives up waiting for the answer to a request of ours.
pub async fn end_request(instance: &Instance, status: StatusId) -> Result<()> {
    let now = instance.now();
    instance
        .write(move |tx| {
            let quote = rows::find_quote(tx, status)?;
            let waiting =
                quote.filter(|quote| quote.state == QuoteState::Pending && quote.request_id.is_some());
            let Some(quote) = waiting else { return Ok(()) };
            let after = Quote {
                state: QuoteState::Rejected,
                ..quote.clone()
            };
            change(tx, &quote, &after, now)
        })
        .await
}
