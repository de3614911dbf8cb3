//! <https://docs.joinmastodon.org/entities/Report/>

use pouet_model::{
    ids::{CollectionId, ReportId, StatusId},
    urls::Urls,
};
use pouet_service::reports::ReportView;
use serde::Serialize;

use super::{account::Account, time::Iso};

/// A report as its maker sees it.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    id: ReportId,
    action_taken: bool,
    action_taken_at: Option<Iso>,
    category: &'static str,
    comment: &'a str,
    forwarded: bool,
    created_at: Iso,
    status_ids: &'a [StatusId],
    collection_ids: &'a [CollectionId],
    rule_ids: Option<Vec<String>>,
    target_account: Account<'a>,
}

impl<'a> Report<'a> {
    pub(crate) fn from_view(view: &'a ReportView, urls: &Urls) -> Self {
        let report = &view.report;
        let rules: Vec<String> = report.rule_ids.iter().map(ToString::to_string).collect();
        Self {
            id: report.id,
            action_taken: report.resolved_at.is_some(),
            action_taken_at: report.resolved_at.map(Iso),
            category: report.category.as_str(),
            comment: &report.comment,
            forwarded: report.forwarded,
            created_at: Iso(report.created_at),
            status_ids: &report.status_ids,
            collection_ids: &report.collection_ids,
            rule_ids: Some(rules).filter(|rules| !rules.is_empty()),
            target_account: Account::from_model(&view.target, urls),
        }
    }
}
