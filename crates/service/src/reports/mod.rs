//! Reports: what people, here and on other servers, tell the moderators about an account. Who is reported never hears of
//! it.
//!
//! Source: <https://docs.joinmastodon.org/methods/reports/>, <https://docs.joinmastodon.org/spec/activitypub/#Flag>

mod receive;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use pouet_model::{
    account::Account,
    collection::Collection,
    ids::{AccountId, CollectionId, ReportId, StatusId},
    report::{Report, ReportCategory},
    status::Status,
};
use pouet_storage::{Conn, collections as collection_rows, reports as rows, statuses};

use crate::{
    collections,
    error::{Error, Result},
    follows::find_present,
    instance::Instance,
    instance_info,
    jobs::{self, Job},
    visibility::{find_visible, load_accounts},
};

pub use receive::{ReceivedReport, receive_report, takes_reports_from};

/// Characters of a comment, at most (as Mastodon has it).
const MAX_COMMENT: usize = 1000;
/// Statuses of one report, at most, and as many collections.
const MAX_STATUSES: usize = 100;

/// What a local account reports.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Who is reported.
    pub target: AccountId,
    /// Statuses of theirs that it is about.
    pub status_ids: Vec<StatusId>,
    /// Collections of theirs that it is about.
    pub collection_ids: Vec<CollectionId>,
    /// What it is about; `None`: broken rules if any are named, else something else.
    pub category: Option<ReportCategory>,
    /// Rules that were broken, by number; for broken rules only.
    pub rule_ids: Vec<i64>,
    /// In the reporter's words.
    pub comment: String,
    /// The reported account's own server shall be told, without naming the reporter.
    pub forward: bool,
}

/// A report with what it refers to.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// It.
    pub report: Report,
    /// Who reports.
    pub reporter: Arc<Account>,
    /// Who is reported.
    pub target: Arc<Account>,
    /// Those of the statuses that are still there.
    pub statuses: Vec<Status>,
    /// Those of the collections that are still there.
    pub collections: Vec<Collection>,
}

/// Reports an account to the moderators.
///
/// # Errors
/// `NotFound` if there is no such account, or a status or collection is not theirs or not to be seen by the reporter;
/// `Forbidden` for oneself; `Invalid` if the comment is too long, there are too many statuses or collections, or a rule
/// does not exist.
pub async fn report(instance: &Instance, reporter: AccountId, new: NewReport) -> Result<ReportView> {
    check(instance, reporter, &new).await?;
    let writer = instance.clone();
    let id = instance
        .write(move |tx| {
            let now = writer.now();
            let target = find_present(tx, new.target)?;
            for status in &new.status_ids {
                let (status, author) = find_visible(tx, Some(reporter), *status)?;
                if author.id != target.id || status.reblog_of_id.is_some() {
                    return Err(Error::NotFound);
                }
            }
            check_collections(tx, reporter, &target, &new.collection_ids)?;
            let report = new.into_report(writer.next_id(), reporter, &target, now);
            rows::insert_report(tx, &report)?;
            if report.forwarded {
                let job = Job::SendReport { report_id: report.id };
                jobs::enqueue(tx, writer.next_id(), &job, now, now)?;
            }
            Ok(report.id)
        })
        .await?;
    find(instance, id).await
}

async fn check(instance: &Instance, reporter: AccountId, new: &NewReport) -> Result<()> {
    if new.target == reporter {
        return Err(Error::Forbidden("you cannot report yourself"));
    }
    if new.comment.chars().count() > MAX_COMMENT {
        let reason = format!("Comment is too long (maximum is {MAX_COMMENT} characters)");
        return Err(Error::invalid("comment", "ERR_TOO_LONG", reason));
    }
    if new.status_ids.len() > MAX_STATUSES {
        let reason = format!("Status ids are too many (maximum is {MAX_STATUSES})");
        return Err(Error::invalid("status_ids", "ERR_INVALID", reason));
    }
    if new.collection_ids.len() > MAX_STATUSES {
        let reason = format!("Collection ids are too many (maximum is {MAX_STATUSES})");
        return Err(Error::invalid("collection_ids", "ERR_INVALID", reason));
    }
    if !new.rule_ids.is_empty() {
        let rules = instance_info::info(instance).await?.rules;
        let exists = |id: &i64| rules.iter().any(|rule| rule.id == *id);
        if !new.rule_ids.iter().all(exists) {
            let reason = "Rule ids do not reference valid rules";
            return Err(Error::invalid("rule_ids", "ERR_INVALID", reason));
        }
    }
    Ok(())
}

/// That the reporter sees all of these collections, and that they are the reported account's.
fn check_collections(
    tx: &mut Conn,
    reporter: AccountId,
    target: &Account,
    ids: &[CollectionId],
) -> Result<()> {
    let seen = collections::load_by_id(tx, Some(reporter), ids)?;
    let is_theirs = |id| {
        seen.get(id)
            .is_some_and(|view| view.collection.account_id == target.id)
    };
    if ids.iter().all(is_theirs) {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

impl NewReport {
    fn into_report(
        mut self,
        id: ReportId,
        reporter: AccountId,
        target: &Account,
        now: DateTime<Utc>,
    ) -> Report {
        let category = self.category.unwrap_or(if self.rule_ids.is_empty() {
            ReportCategory::Other
        } else {
            ReportCategory::Violation
        });
        if category != ReportCategory::Violation {
            self.rule_ids.clear();
        }
        self.status_ids.sort_unstable();
        self.status_ids.dedup();
        self.collection_ids.sort_unstable();
        self.collection_ids.dedup();
        Report {
            id,
            account_id: reporter,
            target_id: target.id,
            category,
            comment: self.comment,
            status_ids: self.status_ids,
            collection_ids: self.collection_ids,
            rule_ids: self.rule_ids,
            forwarded: self.forward && !target.is_local(),
            uri: None,
            created_at: now,
            resolved_at: None,
        }
    }
}

/// The report with this id, for moderators and for whoever made it.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn find(instance: &Instance, id: ReportId) -> Result<ReportView> {
    instance
        .read(move |conn| {
            let report = rows::find_report(conn, id)?.ok_or(Error::NotFound)?;
            views(conn, vec![report])?.pop().ok_or(Error::NotFound)
        })
        .await
}

/// Reports for moderators, newest first, at most `limit`; without `all` only those that nobody is done with.
pub async fn list(instance: &Instance, all: bool, limit: i64) -> Result<Vec<ReportView>> {
    instance
        .read(move |conn| {
            let found = rows::list_reports(conn, all, limit)?;
            views(conn, found)
        })
        .await
}

/// Notes that a moderator is done with a report. That it was so already is no error.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn resolve(instance: &Instance, id: ReportId) -> Result<ReportView> {
    let now = instance.now();
    instance
        .write(move |tx| Ok(rows::resolve_report(tx, id, now)?))
        .await?;
    find(instance, id).await
}

/// Reports with what they refer to, at a constant number of queries. One whose accounts are gone is left out.
fn views(conn: &mut Conn, reports: Vec<Report>) -> Result<Vec<ReportView>> {
    let people: Vec<AccountId> = reports
        .iter()
        .flat_map(|report| [report.account_id, report.target_id])
        .collect();
    let people = load_accounts(conn, &people)?;
    let ids: Vec<StatusId> = reports
        .iter()
        .flat_map(|report| report.status_ids.iter().copied())
        .collect();
    let found: HashMap<StatusId, Status> = statuses::load_statuses(conn, &ids)?
        .into_iter()
        .map(|status| (status.id, status))
        .collect();
    let ids: Vec<CollectionId> = reports
        .iter()
        .flat_map(|report| report.collection_ids.iter().copied())
        .collect();
    let collected: HashMap<CollectionId, Collection> = collection_rows::load_collections(conn, &ids)?
        .into_iter()
        .map(|collection| (collection.id, collection))
        .collect();
    let view = |report: Report| {
        Some(ReportView {
            reporter: people.get(&report.account_id)?.clone(),
            target: people.get(&report.target_id)?.clone(),
            statuses: report
                .status_ids
                .iter()
                .filter_map(|id| found.get(id).cloned())
                .collect(),
            collections: report
                .collection_ids
                .iter()
                .filter_map(|id| collected.get(id).cloned())
                .collect(),
            report,
        })
    };
    Ok(reports.into_iter().filter_map(view).collect())
}
