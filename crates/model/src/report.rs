//! Reports: what somebody tells the moderators about an account.

use chrono::{DateTime, Utc};

use crate::ids::{AccountId, CollectionId, ReportId, StatusId};

/// What a report is about.
///
/// Source: <https://docs.joinmastodon.org/entities/Report/#category>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ReportCategory {
    /// Unwanted or repetitive content.
    Spam,
    /// Content that is illegal somewhere.
    Legal,
    /// Rules of the instance are broken.
    Violation,
    /// Something else.
    #[default]
    Other,
}

impl ReportCategory {
    const ALL: [Self; 4] = [Self::Spam, Self::Legal, Self::Violation, Self::Other];

    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Legal => "legal",
            Self::Violation => "violation",
            Self::Other => "other",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == name)
    }
}

/// A report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Our id.
    pub id: ReportId,
    /// Who reports. Of a report from another server: the actor that speaks for it.
    pub account_id: AccountId,
    /// Who is reported.
    pub target_id: AccountId,
    /// What it is about.
    pub category: ReportCategory,
    /// In the reporter's words, plain text; may be empty.
    pub comment: String,
    /// Statuses of the reported account that it is about. Some may be gone by now.
    pub status_ids: Vec<StatusId>,
    /// Collections of the reported account that it is about. Some may be gone by now.
    pub collection_ids: Vec<CollectionId>,
    /// Rules of the instance that were broken, by number.
    pub rule_ids: Vec<i64>,
    /// The reported account's server was told.
    pub forwarded: bool,
    /// Id of the Flag, if it came from another server.
    pub uri: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When a moderator was done with it.
    pub resolved_at: Option<DateTime<Utc>>,
}
