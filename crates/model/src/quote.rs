//! Quotes: who may quote a status, and how far a quote has come.
//!
//! Source: <https://w3id.org/fep/044f>, <https://docs.joinmastodon.org/entities/Quote/>

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, RelationId, StatusId},
    urls::Urls,
};

/// A group of people who may quote.
///
/// Source: <https://docs.joinmastodon.org/entities/QuoteApproval/>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum Grant {
    /// Everybody.
    #[serde(rename = "public")]
    Public,
    /// Followers of the author.
    #[serde(rename = "followers")]
    Followers,
    /// Those whom the author follows.
    #[serde(rename = "following")]
    Following,
    /// Somebody whom we cannot tell, such as single accounts.
    #[serde(rename = "unsupported_policy")]
    Unsupported,
}

/// Who may quote a status. By default nobody but its author.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QuotePolicy {
    /// Whose requests are accepted at once.
    pub automatic: Vec<Grant>,
    /// Whose requests the author decides about.
    pub manual: Vec<Grant>,
}

/// How somebody stands to the author of a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// They follow the author.
    pub follows: bool,
    /// The author follows them.
    pub followed: bool,
}

/// What becomes of somebody's wish to quote a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Approval {
    /// Granted at once.
    Automatic,
    /// The author decides.
    Manual,
    /// We cannot tell.
    Unknown,
    /// Refused.
    #[default]
    Denied,
}

impl Approval {
    /// The name in the client API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
        }
    }
}

impl QuotePolicy {
    /// Whether nobody but the author may quote.
    pub fn is_nobody(&self) -> bool {
        self.automatic.is_empty() && self.manual.is_empty()
    }

    /// Whether everybody may quote without being asked for.
    pub fn is_public(&self) -> bool {
        self.automatic.contains(&Grant::Public)
    }

    /// Whether it depends on who follows whom.
    pub fn needs_standing(&self) -> bool {
        let depends = |grant: &Grant| matches!(grant, Grant::Followers | Grant::Following);
        self.automatic.iter().chain(&self.manual).any(depends)
    }

    /// What it means for somebody who is not the author.
    pub fn approval(&self, standing: Standing) -> Approval {
        let covers = |grants: &[Grant]| {
            grants.iter().any(|grant| match grant {
                Grant::Public => true,
                Grant::Followers => standing.follows,
                Grant::Following => standing.followed,
                Grant::Unsupported => false,
            })
        };
        if covers(&self.automatic) {
            Approval::Automatic
        } else if covers(&self.manual) {
            Approval::Manual
        } else if self.automatic.contains(&Grant::Unsupported) || self.manual.contains(&Grant::Unsupported) {
            Approval::Unknown
        } else {
            Approval::Denied
        }
    }
}

/// What a local author chooses from.
///
/// Source: <https://docs.joinmastodon.org/methods/statuses/#create>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuoteChoice {
    /// Everybody may quote.
    #[default]
    Public,
    /// Followers may.
    Followers,
    /// Nobody may.
    Nobody,
}

impl QuoteChoice {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Followers => "followers",
            Self::Nobody => "nobody",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "public" => Self::Public,
            "followers" => Self::Followers,
            "nobody" => Self::Nobody,
            _ => return None,
        })
    }
}

impl From<QuoteChoice> for QuotePolicy {
    fn from(choice: QuoteChoice) -> Self {
        Self {
            automatic: match choice {
                QuoteChoice::Public => vec![Grant::Public],
                QuoteChoice::Followers => vec![Grant::Followers],
                QuoteChoice::Nobody => Vec::new(),
            },
            manual: Vec::new(),
        }
    }
}

/// How far a quote has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuoteState {
    /// The quoted author has not consented yet, as far as we know.
    Pending,
    /// They have.
    Accepted,
    /// They have refused, or what passed for their consent is none.
    Rejected,
    /// They have taken their consent back.
    Revoked,
    /// What is quoted is gone.
    Deleted,
}

impl QuoteState {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
            Self::Deleted => "deleted",
        }
    }

    /// Reads a name of the database.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "pending" => Self::Pending,
            "accepted" => Self::Accepted,
            "rejected" => Self::Rejected,
            "revoked" => Self::Revoked,
            "deleted" => Self::Deleted,
            _ => return None,
        })
    }
}

/// That a status quotes another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quote {
    /// The status that quotes.
    pub status_id: StatusId,
    /// Its author.
    pub account_id: AccountId,
    /// What is quoted, once we know it and while it is there.
    pub quoted_id: Option<StatusId>,
    /// Its author, once we know them.
    pub quoted_account_id: Option<AccountId>,
    /// Id on the wire of what is quoted, if it is on another server.
    pub quoted_uri: Option<String>,
    /// How far it has come.
    pub state: QuoteState,
    /// Announced without asking for consent.
    pub legacy: bool,
    /// Number of our request.
    pub request_id: Option<RelationId>,
    /// Consent of an author elsewhere.
    pub stamp_uri: Option<String>,
    /// Consent of an author here.
    pub stamp_id: Option<RelationId>,
    /// When we learnt of it.
    pub created_at: DateTime<Utc>,
    /// When the consent was last looked at, or begun to be.
    pub checked_at: DateTime<Utc>,
}

/// The consent of a local account to a quote of its status (`QuoteAuthorization`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Our id.
    pub id: RelationId,
    /// Whose consent it is.
    pub account_id: AccountId,
    /// The quoted status.
    pub status_id: StatusId,
    /// Id on the wire of the status that may quote it.
    pub quoting_uri: String,
    /// When it was given.
    pub created_at: DateTime<Utc>,
}

impl Urls {
    /// Id of a request of a local account to quote something.
    pub fn quote_request(&self, account: AccountId, id: RelationId) -> String {
        format!("{}/quote_requests/{id}", self.local_account(account))
    }

    /// Id of the consent of a local account to a quote.
    pub fn quote_stamp(&self, account: AccountId, id: RelationId) -> String {
        format!("{}/quote_authorizations/{id}", self.local_account(account))
    }

    /// The account and the number of a request of ours with this id.
    pub fn parse_quote_request(&self, uri: &str) -> Option<(AccountId, RelationId)> {
        let path = uri.strip_prefix(self.base())?.strip_prefix("/ap/users/")?;
        let (account, id) = path.split_once("/quote_requests/")?;
        Some((account.parse().ok()?, id.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fed_088_a_policy_is_read_for_whoever_asks() {
        let stranger = Standing::default();
        let follower = Standing {
            follows: true,
            followed: false,
        };
        let befriended = Standing {
            follows: false,
            followed: true,
        };
        let policy = |automatic: &[Grant], manual: &[Grant]| QuotePolicy {
            automatic: automatic.to_vec(),
            manual: manual.to_vec(),
        };
        for (policy, expected) in [
            (policy(&[], &[]), [Approval::Denied; 3]),
            (policy(&[Grant::Public], &[]), [Approval::Automatic; 3]),
            (
                policy(&[Grant::Followers], &[]),
                [Approval::Denied, Approval::Automatic, Approval::Denied],
            ),
            (
                policy(&[Grant::Following], &[]),
                [Approval::Denied, Approval::Denied, Approval::Automatic],
            ),
            (
                policy(&[Grant::Followers], &[Grant::Public]),
                [Approval::Manual, Approval::Automatic, Approval::Manual],
            ),
            (
                policy(&[Grant::Unsupported], &[Grant::Followers]),
                [Approval::Unknown, Approval::Manual, Approval::Unknown],
            ),
        ] {
            let found = [stranger, follower, befriended].map(|standing| policy.approval(standing));
            assert_eq!(found, expected, "{policy:?}");
        }
    }

    #[test]
    fn ids_of_requests_are_read_back() {
        let urls = Urls::new(&"https://s.pouet.example".parse().expect("valid"), None);
        let (account, id) = (AccountId(7), RelationId(8));
        let request = urls.quote_request(account, id);
        assert_eq!(urls.parse_quote_request(&request), Some((account, id)));
        assert_eq!(urls.parse_quote_request(&urls.quote_stamp(account, id)), None);
        assert_eq!(
            urls.parse_quote_request("https://evil.test/ap/users/7/quote_requests/8"),
            None
        );
    }
}
