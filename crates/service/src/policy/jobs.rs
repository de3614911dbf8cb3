//! The jobs that clean up after rules. Each looks at the rules again when it runs: one that was lifted meanwhile costs nothing.

use chrono::{DateTime, TimeDelta, Utc};
use pouet_model::{domain::matches_rule, ids::AccountId, notification::SeveranceKind};
use pouet_storage::{
    Conn, cards,
    domain_limits::{self as limits, DomainFollow, Restriction, SeveredFollow},
    emojis, media,
};

use super::{
    Policy, by_rule,
    enforce::{PURGE_AFTER, restrict},
};
use crate::{
    accounts,
    error::{Error, Result},
    follows::change,
    instance::Instance,
    jobs::{Job, enqueue},
    notifications::severance,
};

/// Rows that are changed in one transaction: short enough not to hold up other writers.
const BATCH: i64 = 100;
/// When an account that could not be removed is tried again.
const PURGE_AGAIN: TimeDelta = TimeDelta::days(1);

/// Domains of known accounts that a rule about `rule` covers.
async fn covered(instance: &Instance, rule: &str) -> Result<Vec<String>> {
    let domains = instance
        .read(|conn| Ok(limits::list_account_domains(conn)?))
        .await?;
    let covered = domains.into_iter().filter(|domain| matches_rule(domain, rule));
    Ok(covered.collect())
}

/// Ends the follows between accounts here and those of suspended domains under `rule`. Theirs are told by a Reject, ours
/// are dropped without a word; both are noted, so that people can be told what they lost.
///
/// Running again does nothing more.
pub(crate) async fn sever(instance: &Instance, rule: &str) -> Result<()> {
    for domain in covered(instance, rule).await? {
        loop {
            let (handle, name, now) = (instance.clone(), domain.clone(), instance.now());
            let ended = instance
                .write(move |tx| sever_batch(tx, &handle, &name, now))
                .await?;
            if ended == 0 {
                break;
            }
        }
        tell(instance, &domain).await?;
    }
    Ok(())
}

/// Notifies people here of the follows that they lost.
async fn tell(instance: &Instance, domain: &str) -> Result<()> {
    loop {
        let (name, now) = (domain.to_owned(), instance.now());
        let told = instance
            .write(move |tx| severance::tell(tx, &name, SeveranceKind::DomainBlock, now))
            .await?;
        if told == 0 {
            return Ok(());
        }
    }
}

fn policy_of(tx: &mut Conn, instance: &Instance, domain: &str) -> Result<Policy> {
    by_rule(tx, instance.settings.federation.mode, domain)
}

fn sever_batch(tx: &mut Conn, instance: &Instance, domain: &str, now: DateTime<Utc>) -> Result<usize> {
    if !policy_of(tx, instance, domain)?.suspended {
        return Ok(0);
    }
    // Accounts that were being taken in while the rule was written.
    restrict(tx, domain, Restriction::Suspend, true, now)?;
    let found = limits::list_domain_follows(tx, domain, BATCH)?;
    for found in &found {
        sever_one(tx, instance, domain, found, now)?;
    }
    Ok(found.len())
}

fn sever_one(
    tx: &mut Conn,
    instance: &Instance,
    domain: &str,
    found: &DomainFollow,
    now: DateTime<Utc>,
) -> Result<()> {
    let follow = &found.follow;
    let (local, other) = if found.outward {
        (follow.account_id, follow.target_id)
    } else {
        (follow.target_id, follow.account_id)
    };
    change::end(tx, follow)?;
    if follow.accepted {
        let severed = SeveredFollow {
            id: instance.next_id(),
            domain: domain.to_owned(),
            account_id: local,
            other_handle: found.other_handle.clone(),
            other_uri: found.other_uri.clone(),
            outward: found.outward,
            show_reblogs: follow.show_reblogs,
            notify: follow.notify,
            created_at: now,
        };
        limits::insert_severed(tx, &severed)?;
        severance::note(
            tx,
            instance,
            local,
            SeveranceKind::DomainBlock,
            domain,
            found.outward,
        )?;
    }
    match &follow.uri {
        Some(follow_uri) if !found.outward => {
            let job = Job::SendReject {
                account_id: local,
                follower_id: other,
                follow_uri: follow_uri.clone(),
            };
            enqueue(tx, instance.next_id(), &job, now, now)
        }
        _ => Ok(()),
    }
}

/// Removes the copies of files of domains under `rule` whose media are refused, of their emoji, and of pictures on
/// their pages. What is known of the files stays.
pub(crate) async fn purge_media(instance: &Instance, rule: &str) -> Result<()> {
    let mut domains = covered(instance, rule).await?;
    // Links may lead to where nobody known to us has an account.
    if !domains.iter().any(|domain| domain == rule) {
        domains.push(rule.to_owned());
    }
    for domain in domains {
        loop {
            let (handle, name, now) = (instance.clone(), domain.clone(), instance.now());
            let files = instance
                .write(move |tx| {
                    if !policy_of(tx, &handle, &name)?.reject_media {
                        return Ok(0);
                    }
                    let mut files = limits::uncache_attachments(tx, &name, BATCH)?;
                    files.extend(limits::uncache_pictures(tx, &name, BATCH)?);
                    files.extend(emojis::uncache_emojis(tx, &name, BATCH)?);
                    files.extend(cards::uncache_card_images(tx, &name, BATCH)?);
                    for file in &files {
                        media::insert_trash(tx, file, now)?;
                    }
                    Ok(files.len())
                })
                .await?;
            if files == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// Removes the accounts of suspended domains under `rule` with all they made, thirty days after they were hidden, and looks
/// again when the next ones are due. An account that cannot be removed holds the others up no more than itself.
pub(crate) async fn purge(instance: &Instance, rule: &str) -> Result<()> {
    let mut next: Option<DateTime<Utc>> = None;
    for domain in covered(instance, rule).await? {
        let mut after = None;
        loop {
            let (due, later) = due_accounts(instance, &domain, after).await?;
            next = next.into_iter().chain(later).min();
            let Some(last) = due.last() else { break };
            after = Some(*last);
            for (account, _) in due {
                match accounts::purge(instance, account).await {
                    Ok(()) => {}
                    Err(error @ Error::Busy) => return Err(error),
                    Err(error) => {
                        tracing::error!(%account, %error, "an account of a suspended domain cannot be removed");
                        next = next.into_iter().chain([instance.now() + PURGE_AGAIN]).min();
                    }
                }
            }
        }
    }
    let Some(at) = next else { return Ok(()) };
    let (id, now) = (instance.next_id(), instance.now());
    let job = Job::PurgeDomain {
        domain: rule.to_owned(),
    };
    instance.write(move |tx| enqueue(tx, id, &job, at, now)).await
}

/// An account, and since when a rule has hidden it.
type Hidden = (AccountId, DateTime<Utc>);

/// Accounts of exactly this domain behind `after` whose time is over, and when that of the next one is.
async fn due_accounts(
    instance: &Instance,
    domain: &str,
    after: Option<Hidden>,
) -> Result<(Vec<Hidden>, Option<DateTime<Utc>>)> {
    let (handle, domain, now) = (instance.clone(), domain.to_owned(), instance.now());
    instance
        .read(move |conn| {
            if !policy_of(conn, &handle, &domain)?.suspended {
                return Ok((Vec::new(), None));
            }
            let hidden = limits::list_suspended_by_rule(conn, &domain, after, BATCH)?;
            let (due, later): (Vec<_>, Vec<_>) = hidden
                .into_iter()
                .partition(|(_, since)| *since + PURGE_AFTER <= now);
            Ok((due, later.first().map(|(_, since)| *since + PURGE_AFTER)))
        })
        .await
}
