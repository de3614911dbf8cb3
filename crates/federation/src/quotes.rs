//! Finding out what a status of another server quotes, and whether it may.
//!
//! Source: <https://w3id.org/fep/044f>, security rule R035

use pouet_model::ids::{AccountId, StatusId};
use pouet_service::{
    Error as ServiceError,
    quotes::{self, Claim, Next},
    statuses,
};

use crate::{
    budget::Budget,
    context::Federation,
    documents::StampDocument,
    error::{Error, Result},
    fetch,
    json::Object,
    origin::{is_own, same_origin},
    resolver,
};

/// Looks into the quote of a status. `depth`: how many quotes led to that status.
///
/// # Errors
/// Those of the network, as far as another try may help.
pub(crate) async fn check(federation: &Federation, status: StatusId, depth: u8) -> Result<()> {
    let instance = &federation.instance;
    let Some(check) = quotes::to_check(instance, status).await? else {
        return Ok(());
    };
    let budget = Budget::of_activity().quoting(depth.saturating_add(1));
    let quoted = match (check.quoted_id, &check.quoted_uri) {
        (Some(known), _) => known,
        (None, Some(uri)) => match resolver::status_by_id(federation, uri, &budget).await {
            Ok(fetched) => fetched.id,
            Err(Error::Gone) => return Ok(quotes::gone(instance, status).await?),
            Err(error) => return Err(error),
        },
        (None, None) => return Ok(()),
    };
    match quotes::resolve(instance, status, quoted).await? {
        Next::Settled => Ok(()),
        Next::Verify(claim) => {
            let holds = match holds(federation, &claim, check.reader, &budget).await {
                // A page of another kind, or one that is not for us: it says nothing of the consent.
                Err(Error::Unauthorised | Error::Refused(_)) => {
                    return Err(ServiceError::RemoteUnavailable.into());
                }
                holds => holds?,
            };
            Ok(quotes::verified(instance, status, &claim.stamp_uri, holds).await?)
        }
    }
}

/// Looks again at the consent to an accepted quote.
///
/// # Errors
/// As [`check`].
pub(crate) async fn recheck(federation: &Federation, status: StatusId) -> Result<()> {
    let instance = &federation.instance;
    let Some((claim, reader)) = quotes::to_recheck(instance, status).await? else {
        return Ok(());
    };
    if holds(federation, &claim, reader, &Budget::of_activity()).await? {
        return Ok(());
    }
    Ok(quotes::lost(instance, status, &claim.stamp_uri).await?)
}

/// Whether the quoted author has consented, as their server says. `reader`: in whose name it is asked.
///
/// # Errors
/// Whatever is no answer: only `404`, `410` and a document that does not fit are a no.
async fn holds(
    federation: &Federation,
    claim: &Claim,
    reader: Option<AccountId>,
    budget: &Budget,
) -> Result<bool> {
    let uri = &claim.stamp_uri;
    if is_own(federation.urls(), uri) || !same_origin(uri, &claim.quoted_author_uri) {
        return Ok(false);
    }
    fetch::check_target(federation, uri).await?;
    // It is asked for now, whatever was there before.
    let (document, location) = match fetch::one(federation, uri, budget, reader).await {
        Ok(found) => found,
        Err(Error::Missing | Error::Gone) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !fetch::is_at(uri, &location) {
        return Err(Error::Refused("a consent at another address"));
    }
    if Object::of(&document).and_then(Object::own_id).is_none() {
        return Err(Error::Refused("a consent without id"));
    }
    Ok(StampDocument::read(&document).is_some_and(|stamp| proves(&stamp, claim)))
}

/// Every member has to say what is claimed.
fn proves(stamp: &StampDocument, claim: &Claim) -> bool {
    stamp.id == claim.stamp_uri
        && stamp.author == claim.quoted_author_uri
        && stamp.quoting == claim.quoting_uri
        && stamp.quoted == claim.quoted_uri
}

/// The status of ours, or elsewhere, with this id, if it is known.
pub(crate) async fn known_status(federation: &Federation, uri: &str) -> Result<Option<StatusId>> {
    let found = statuses::find_by_uri(&federation.instance, uri).await?;
    Ok(found.map(|status| status.id))
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn sec_R035_a_consent_proves_one_quote_and_no_other() {
        let claim = Claim {
            stamp_uri: "https://a.test/stamp".to_owned(),
            quoted_author_uri: "https://a.test/u".to_owned(),
            quoted_uri: "https://a.test/2".to_owned(),
            quoting_uri: "https://b.test/1".to_owned(),
        };
        let stamp = StampDocument {
            id: claim.stamp_uri.clone(),
            author: claim.quoted_author_uri.clone(),
            quoting: claim.quoting_uri.clone(),
            quoted: claim.quoted_uri.clone(),
        };
        assert!(proves(&stamp, &claim));
        let other = || "https://c.test/other".to_owned();
        for wrong in [
            StampDocument {
                id: other(),
                ..stamp.clone()
            },
            StampDocument {
                author: other(),
                ..stamp.clone()
            },
            StampDocument {
                quoting: other(),
                ..stamp.clone()
            },
            StampDocument {
                quoted: other(),
                ..stamp.clone()
            },
        ] {
            assert!(!proves(&wrong, &claim), "{wrong:?}");
        }
    }
}
