//! Reports that arrive from other servers.

use chrono::TimeDelta;
use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    report::{Report, ReportCategory},
    status::{Status, Visibility},
};
use pouet_storage::{Conn, accounts, reports as rows, statuses};

use crate::{
    error::{Error, Result},
    instance::Instance,
    policy,
};

/// Reports that a domain may make in [`WINDOW`]; more are dropped.
const MOST: i64 = 50;
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Accounts that one Flag may report.
const MAX_TARGETS: usize = 10;

/// A report as it arrived.
#[derive(Clone, Debug)]
pub struct ReceivedReport {
    /// Who sent it; on most servers the actor that speaks for all of them.
    pub reporter: AccountId,
    /// Id of the Flag.
    pub uri: String,
    /// Local accounts that it names.
    pub targets: Vec<AccountId>,
    /// Local statuses that it names, whosesoever they are.
    pub statuses: Vec<StatusId>,
    /// Plain text.
    pub comment: String,
}

/// Whether this instance wants to hear reports of a domain.
pub async fn takes_reports_from(instance: &Instance, domain: &str) -> Result<bool> {
    Ok(!policy::of(instance, domain).await?.reject_reports)
}

/// Takes in a report of another server: one for each local account that it names, with those of its statuses that the
/// server's people can see. If it names statuses alone, it is about their authors.
///
/// # Errors
/// `Forbidden` if the domain's reports are not wanted, it made too many lately, or nobody here is meant.
pub async fn receive_report(instance: &Instance, received: ReceivedReport) -> Result<()> {
    let writer = instance.clone();
    instance.write(move |tx| receive_in(tx, &writer, &received)).await
}

fn receive_in(tx: &mut Conn, instance: &Instance, received: &ReceivedReport) -> Result<()> {
    let now = instance.now();
    let reporter = accounts::find_account(tx, received.reporter)?.filter(Account::is_active);
    let domain = reporter.and_then(|reporter| reporter.domain);
    let domain = domain.ok_or(Error::Forbidden("a report comes from another server"))?;
    if policy::find(tx, instance.settings.federation.mode, &domain)?.reject_reports {
        return Err(Error::Forbidden("reports of this domain are not wanted"));
    }
    if rows::count_reports_from(tx, &domain, now - WINDOW)? >= MOST {
        return Err(Error::Forbidden("too many reports of this domain"));
    }
    let named = statuses::load_statuses(tx, &received.statuses)?;
    let targets = targets(tx, received, &named)?;
    if targets.is_empty() {
        return Err(Error::Forbidden("a report about nobody here"));
    }
    for target in targets {
        let own: Vec<&Status> = named
            .iter()
            .filter(|status| status.account_id == target.id && status.reblog_of_id.is_none())
            .collect();
        let report = Report {
            id: instance.next_id(),
            account_id: received.reporter,
            target_id: target.id,
            category: ReportCategory::Other,
            comment: received.comment.clone(),
            status_ids: seen_by(tx, &domain, &target, &own)?,
            collection_ids: Vec::new(),
            rule_ids: Vec::new(),
            forwarded: false,
            uri: Some(received.uri.clone()),
            created_at: now,
            resolved_at: None,
        };
        rows::insert_report(tx, &report)?;
    }
    Ok(())
}

/// The local accounts that a report is about.
fn targets(tx: &mut Conn, received: &ReceivedReport, named: &[Status]) -> Result<Vec<Account>> {
    let mut ids = received.targets.clone();
    if ids.is_empty() {
        ids.extend(named.iter().map(|status| status.account_id));
    }
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(MAX_TARGETS);
    let mut found = accounts::load_admitted_accounts(tx, &ids)?;
    found.retain(|account| account.is_local() && account.deleted_at.is_none());
    Ok(found)
}

/// Those of an account's statuses that people of a domain can see: a report must not open others to moderators.
fn seen_by(tx: &mut Conn, domain: &str, author: &Account, own: &[&Status]) -> Result<Vec<StatusId>> {
    let closed = |status: &&&Status| !status.visibility.is_open();
    let ids: Vec<StatusId> = own.iter().filter(closed).map(|status| status.id).collect();
    let naming = rows::load_naming_domain(tx, &ids, domain)?;
    let is_followed = !ids.is_empty() && rows::has_follower_from(tx, author.id, domain)?;
    Ok(own
        .iter()
        .filter(|status| match status.visibility {
            Visibility::Public | Visibility::Unlisted => true,
            Visibility::Private => is_followed || naming.contains(&status.id),
            Visibility::Limited | Visibility::Direct => naming.contains(&status.id),
        })
        .map(|status| status.id)
        .collect())
}
