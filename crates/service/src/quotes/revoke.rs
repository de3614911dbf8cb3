//! Taking the consent to a quote back.

use pouet_model::{
    ids::{AccountId, RelationId, StatusId},
    quote::{Quote, QuoteState},
};
use pouet_storage::{Conn, quotes as rows, statuses};
use serde::{Deserialize, Serialize};

use super::{change, is_local, receive::publish};
use crate::{
    error::{Error, Result},
    instance::Instance,
    jobs::{self, Job},
    visibility::find_visible,
};

/// Consents that a block takes back; whoever quotes more often is hidden by the block all the same.
const REVOKED_AT_ONCE: i64 = 200;

/// What has to be known of a consent that is gone to tell other servers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuoteRevocation {
    /// Whose consent it was.
    pub account_id: AccountId,
    /// The consent.
    pub stamp_id: RelationId,
    /// The quoted status.
    pub status_id: StatusId,
    /// Author of the quote.
    pub quoting_account_id: AccountId,
    /// Id on the wire of the quoting status.
    pub quoting_uri: String,
}

/// Takes the consent of `actor` to the quote of their status `quoted` in `quoting` back; doing so again changes nothing.
///
/// # Errors
/// `NotFound` if they cannot see the quoted status or the other does not quote it; `Forbidden` if the quoted status is not
/// theirs.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#revoke_quote>
pub async fn revoke(
    instance: &Instance,
    actor: AccountId,
    quoted: StatusId,
    quoting: StatusId,
) -> Result<()> {
    let writer = instance.clone();
    instance
        .write(move |tx| {
            let (quoted, _) = find_visible(tx, Some(actor), quoted)?;
            if quoted.account_id != actor {
                return Err(Error::Forbidden(
                    "only the author of a status can revoke its quotes",
                ));
            }
            let quote = rows::find_quote(tx, quoting)?;
            let quote = quote
                .filter(|quote| quote.quoted_id == Some(quoted.id))
                .ok_or(Error::NotFound)?;
            if quote.state == QuoteState::Accepted {
                revoke_in(tx, &writer, &quote)?;
            }
            Ok(())
        })
        .await
}

/// Takes back every consent of `actor` to quotes by `other`, whom they block.
pub(crate) fn revoke_all(
    tx: &mut Conn,
    instance: &Instance,
    actor: AccountId,
    other: AccountId,
) -> Result<()> {
    for quote in rows::list_accepted_between(tx, other, actor, REVOKED_AT_ONCE)? {
        revoke_in(tx, instance, &quote)?;
    }
    Ok(())
}

fn revoke_in(tx: &mut Conn, instance: &Instance, quote: &Quote) -> Result<()> {
    let now = instance.now();
    let after = Quote {
        state: QuoteState::Revoked,
        stamp_id: None,
        ..quote.clone()
    };
    change(tx, quote, &after, now)?;
    if is_local(tx, quote.account_id)? {
        publish(tx, instance, quote.status_id, now)?;
    }
    let Some(stamp) = quote.stamp_id else {
        return Ok(());
    };
    let stamp = rows::find_stamp(tx, stamp)?;
    let quoting = statuses::find_status(tx, quote.status_id)?;
    let Some((stamp, quoting)) = stamp.zip(quoting) else {
        return Ok(());
    };
    rows::delete_stamp(tx, stamp.id)?;
    let job = Job::SendQuoteRevocation(QuoteRevocation {
        account_id: stamp.account_id,
        stamp_id: stamp.id,
        status_id: stamp.status_id,
        quoting_account_id: quoting.account_id,
        quoting_uri: stamp.quoting_uri,
    });
    jobs::enqueue(tx, instance.next_id(), &job, now, now)
}
