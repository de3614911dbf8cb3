//! Domains that a user does not want to see or hear of. The instance's own rules are in [`policy`](crate::policy).
//!
//! Source: <https://docs.joinmastodon.org/methods/domain_blocks/>.

use pouet_model::{
    domain::normalise,
    ids::AccountId,
    notification::SeveranceKind,
    page::{Keyed, Page},
};
use pouet_storage::{account_domain_blocks as rows, accounts, follows, timelines};

use crate::{
    error::{Error, Result},
    follows::change::{end_inward, end_outward},
    instance::Instance,
    notifications::{requests, severance},
};

/// Why follows end here.
const BLOCKED: SeveranceKind = SeveranceKind::UserDomainBlock;

fn read_domain(instance: &Instance, domain: &str) -> Result<String> {
    let invalid = |why: &str| Error::invalid("domain", "ERR_INVALID", format!("Domain {why}"));
    let domain = normalise(domain).map_err(|_| invalid("is not a valid domain name"))?;
    if instance.urls().is_own_domain(&domain) {
        return Err(invalid("is this instance's own"));
    }
    Ok(domain)
}

/// Blocks a domain for `actor`: follows and requests between them and accounts of exactly this domain end, and
/// what those wrote and caused disappears from their home and notifications. A notification says what ended.
///
/// # Errors
/// `Invalid` if the domain is none, or ours.
pub async fn block(instance: &Instance, actor: AccountId, domain: &str) -> Result<()> {
    let domain = read_domain(instance, domain)?;
    let (handle, now) = (instance.clone(), instance.now());
    instance
        .write(move |tx| {
            if !rows::insert_account_domain_block(tx, handle.next_id(), actor, &domain, now)? {
                return Ok(());
            }
            for follow in follows::list_follows_with_domain(tx, actor, &domain)? {
                if follow.accepted {
                    let outward = follow.account_id == actor;
                    severance::note(tx, &handle, actor, BLOCKED, &domain, outward)?;
                }
                let (other, inward) = if follow.account_id == actor {
                    (follow.target_id, false)
                } else {
                    (follow.account_id, true)
                };
                let Some(other) = accounts::find_account(tx, other)? else {
                    continue;
                };
                if inward {
                    end_inward(tx, &handle, actor, &other, now)?;
                } else {
                    end_outward(tx, &handle, actor, &other, now)?;
                }
                timelines::feed_remove_author(tx, actor, other.id)?;
            }
            requests::forget_domain(tx, actor, &domain)?;
            while severance::tell(tx, &domain, BLOCKED, now)? > 0 {}
            Ok(())
        })
        .await
}

/// Ends the block of a domain; the follows that it ended stay ended. That there is none is no error.
///
/// # Errors
/// `Invalid` if the domain is none, or ours.
pub async fn unblock(instance: &Instance, actor: AccountId, domain: &str) -> Result<()> {
    let domain = read_domain(instance, domain)?;
    instance
        .write(move |tx| Ok(rows::delete_account_domain_block(tx, actor, &domain)?))
        .await
}

/// Domains that `owner` blocks, newest block first; the keys are ids of blocks.
pub async fn list(instance: &Instance, owner: AccountId, page: Page) -> Result<Vec<Keyed<String>>> {
    let found = instance
        .read(move |conn| Ok(rows::list_account_domain_blocks(conn, owner, &page)?))
        .await?;
    Ok(found.into_iter().map(|(key, item)| Keyed { key, item }).collect())
}
