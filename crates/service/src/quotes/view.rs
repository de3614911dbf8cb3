//! Quotes as a viewer sees them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use pouet_model::{
    ids::{AccountId, StatusId},
    quote::{Approval, Quote, QuotePolicy, QuoteState, Standing},
    status::{Status, Visibility},
};
use pouet_storage::{
    Conn, account_domain_blocks, blocks, mutes, quote_policies, quotes as rows, sight, statuses,
};

use crate::{error::Result, view::StatusView, visibility::authors_of};

/// What a viewer is told of a quote.
///
/// Source: <https://docs.joinmastodon.org/entities/Quote/#state>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuoteViewState {
    /// The quoted author has not consented yet.
    Pending,
    /// They have.
    Accepted,
    /// They have refused.
    Rejected,
    /// They have taken their consent back.
    Revoked,
    /// What is quoted is gone.
    Deleted,
    /// The viewer may not see what is quoted.
    Unauthorized,
    /// The viewer blocks the quoted author.
    BlockedAccount,
    /// The viewer blocks the quoted author's domain.
    BlockedDomain,
    /// The viewer muted the quoted author.
    MutedAccount,
}

impl QuoteViewState {
    /// The name in the client API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
            Self::Deleted => "deleted",
            Self::Unauthorized => "unauthorized",
            Self::BlockedAccount => "blocked_account",
            Self::BlockedDomain => "blocked_domain",
            Self::MutedAccount => "muted_account",
        }
    }
}

/// The quote of a status.
#[derive(Clone, Debug)]
pub struct QuoteView {
    /// As it is, whoever looks.
    pub quote: Quote,
    /// As the viewer is told.
    pub state: QuoteViewState,
    /// What is quoted, where the viewer may see it.
    pub quoted_id: Option<StatusId>,
    /// The same with all that is shown of it; `None` for the quote of a status that is itself shown as a quote.
    pub quoted: Option<Box<StatusView>>,
}

/// Who may quote a status, and how often it is quoted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QuoteApprovalView {
    /// Its author's policy.
    pub policy: QuotePolicy,
    /// What it means for the viewer.
    pub viewer: Approval,
    /// Accepted quotes.
    pub count: i64,
}

/// What quotes of a page of statuses are shown from.
#[derive(Debug, Default)]
pub(crate) struct Quoting {
    viewer: Option<AccountId>,
    quotes: HashMap<StatusId, Quote>,
    statuses: HashMap<StatusId, Status>,
    policies: HashMap<StatusId, QuotePolicy>,
    counts: HashMap<StatusId, i64>,
    follows: HashSet<AccountId>,
    followed: HashSet<AccountId>,
    blocked: HashSet<AccountId>,
    blocked_domain: HashSet<AccountId>,
    muted: HashSet<AccountId>,
}

impl Quoting {
    /// What `shown` statuses quote, and what those quote in turn.
    pub(crate) fn find(conn: &mut Conn, shown: &[&Status]) -> Result<Self> {
        let ids: Vec<StatusId> = shown.iter().map(|status| status.id).collect();
        let mut found = Self::default();
        let inner = found.extend(conn, &ids)?;
        if !inner.is_empty() {
            found.extend(conn, &inner)?;
        }
        Ok(found)
    }

    /// Adds what these statuses quote; returns its ids.
    fn extend(&mut self, conn: &mut Conn, ids: &[StatusId]) -> Result<Vec<StatusId>> {
        let found = rows::load_quotes(conn, ids)?;
        let wanted: Vec<StatusId> = found.values().filter_map(shows).collect();
        self.quotes.extend(found);
        let quoted = statuses::load_statuses(conn, &wanted)?;
        self.statuses
            .extend(quoted.into_iter().map(|status| (status.id, status)));
        Ok(wanted)
    }

    /// The statuses that are quoted.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = &Status> {
        self.statuses.values()
    }

    /// What is quoted, by id.
    pub(crate) fn status(&self, id: StatusId) -> Option<&Status> {
        self.statuses.get(&id)
    }

    /// Loads what depends on the viewer and what is counted, for `all` statuses of a page.
    pub(crate) fn load(
        &mut self,
        conn: &mut Conn,
        viewer: Option<AccountId>,
        all: &[StatusId],
        authors: &[AccountId],
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.viewer = viewer;
        self.policies = quote_policies::load_policies(conn, all)?;
        self.counts = rows::load_quote_counts(conn, all)?;
        let Some(viewer) = viewer else { return Ok(()) };
        if self.policies.values().any(QuotePolicy::needs_standing) {
            self.follows = sight::load_followed(conn, viewer, authors)?;
            self.followed = sight::load_followers(conn, viewer, authors)?;
        }
        let quoted: Vec<&Status> = self.statuses.values().collect();
        if quoted.is_empty() {
            return Ok(());
        }
        let quoted = authors_of(&quoted);
        self.blocked = blocks::load_blocked(conn, viewer, &quoted)?;
        self.blocked_domain = account_domain_blocks::load_of_blocked_domains(conn, viewer, &quoted)?;
        self.muted = mutes::load_muted(conn, viewer, &quoted, now)?
            .into_keys()
            .collect();
        Ok(())
    }

    /// What a status quotes, where anything is shown of it. What was announced without asking for consent is a link in
    /// the text until there is consent.
    pub(crate) fn quote_of(&self, status: StatusId) -> Option<&Quote> {
        self.quotes
            .get(&status)
            .filter(|quote| !quote.legacy || quote.state == QuoteState::Accepted)
    }

    /// What the viewer is told of a quote; `visible`: whether they may see what is quoted.
    pub(crate) fn state(&self, quote: &Quote, visible: bool) -> QuoteViewState {
        let author = quote.quoted_account_id.unwrap_or(AccountId(0));
        let is_own = self.viewer == Some(author);
        match quote.state {
            QuoteState::Pending => QuoteViewState::Pending,
            QuoteState::Rejected => QuoteViewState::Rejected,
            QuoteState::Revoked => QuoteViewState::Revoked,
            QuoteState::Deleted => QuoteViewState::Deleted,
            QuoteState::Accepted if quote.quoted_id.is_none() => QuoteViewState::Deleted,
            QuoteState::Accepted if !visible => QuoteViewState::Unauthorized,
            QuoteState::Accepted if is_own => QuoteViewState::Accepted,
            QuoteState::Accepted if self.blocked.contains(&author) => QuoteViewState::BlockedAccount,
            QuoteState::Accepted if self.blocked_domain.contains(&author) => QuoteViewState::BlockedDomain,
            QuoteState::Accepted if self.muted.contains(&author) => QuoteViewState::MutedAccount,
            QuoteState::Accepted => QuoteViewState::Accepted,
        }
    }

    /// Who may quote a status.
    pub(crate) fn approval(&self, status: &Status) -> QuoteApprovalView {
        let policy = self.policies.get(&status.id).cloned().unwrap_or_default();
        let author = status.account_id;
        let standing = Standing {
            follows: self.follows.contains(&author),
            followed: self.followed.contains(&author),
        };
        let viewer = match self.viewer {
            None => Approval::Denied,
            Some(_) if status.reblog_of_id.is_some() || status.visibility.is_for_addressees() => {
                Approval::Denied
            }
            Some(viewer) if viewer == author => Approval::Automatic,
            Some(_) if status.visibility == Visibility::Private => Approval::Denied,
            Some(_) => policy.approval(standing),
        };
        QuoteApprovalView {
            policy,
            viewer,
            count: self.counts.get(&status.id).copied().unwrap_or(0),
        }
    }
}

/// What a quote shows.
fn shows(quote: &Quote) -> Option<StatusId> {
    quote.quoted_id.filter(|_| quote.state == QuoteState::Accepted)
}
