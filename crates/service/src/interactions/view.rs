//! Who may do what with a status, as its viewer is told.

use std::collections::{HashMap, HashSet};

use pouet_model::{
    account::Account,
    ids::{AccountId, StatusId},
    interaction::{Actor, Collections, Interaction, Policy, Verdict},
    status::{Status, Visibility},
    urls::Urls,
};
use pouet_storage::{Conn, policies, sight};

use crate::error::Result;

/// Who may answer, favourite and boost a status.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InteractionsView {
    /// What its author says; `None`: everybody who sees it may do everything.
    pub policy: Option<Policy>,
    /// How the viewer stands to it; `None` for anonymous viewers.
    viewer: Option<Stance>,
}

/// How somebody stands to a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stance {
    account_id: AccountId,
    is_addressed: bool,
    follows: bool,
    is_followed: bool,
}

impl InteractionsView {
    /// What becomes of it when the viewer does something; `None` for anonymous viewers.
    pub fn verdict(
        &self,
        kind: Interaction,
        status: &Status,
        author: &Account,
        urls: &Urls,
    ) -> Option<Verdict> {
        let viewer = self.viewer?;
        let is_author = viewer.account_id == author.id;
        if kind == Interaction::Announce && !is_for_boosting(status, is_author) {
            return Some(Verdict::Refused);
        }
        let uri = urls.local_account(viewer.account_id);
        let actor = Actor {
            uri: &uri,
            is_author,
            is_addressed: viewer.is_addressed,
            follows: viewer.follows,
            is_followed: viewer.is_followed,
        };
        Some(match &self.policy {
            None => Verdict::Allowed,
            Some(Policy::Own(choice)) => choice.verdict(kind, actor),
            Some(Policy::Remote(rules)) => {
                let remote = author.remote.as_ref();
                let collections = Collections {
                    followers: remote.and_then(|remote| remote.followers.as_deref()),
                    following: remote.and_then(|remote| remote.following.as_deref()),
                };
                rules.verdict(kind, actor, collections)
            }
        })
    }
}

/// Whether a status can be boosted at all: what only followers see, by its author.
pub fn is_for_boosting(status: &Status, by_author: bool) -> bool {
    status.visibility.is_open() || (by_author && status.visibility == Visibility::Private)
}

/// What the policies of a page of statuses are shown from.
#[derive(Debug, Default)]
pub(crate) struct Interacting {
    policies: HashMap<StatusId, Policy>,
    follows: HashSet<AccountId>,
    followed: HashSet<AccountId>,
}

impl Interacting {
    /// Loads it for `all` statuses and their `authors`.
    pub(crate) fn load(
        conn: &mut Conn,
        viewer: Option<AccountId>,
        all: &[StatusId],
        authors: &[AccountId],
    ) -> Result<Self> {
        let mut found = Self {
            policies: policies::load_policies(conn, all)?,
            ..Self::default()
        };
        if let Some(viewer) = viewer.filter(|_| !found.policies.is_empty()) {
            found.follows = sight::load_followed(conn, viewer, authors)?;
            found.followed = sight::load_followers(conn, viewer, authors)?;
        }
        Ok(found)
    }

    /// What `viewer` is told of a status. `names_viewer`: it mentions them.
    pub(crate) fn view(
        &self,
        viewer: Option<AccountId>,
        status: &Status,
        names_viewer: bool,
    ) -> InteractionsView {
        let viewer = viewer.map(|viewer| Stance {
            account_id: viewer,
            is_addressed: names_viewer || status.in_reply_to_account_id == Some(viewer),
            follows: self.follows.contains(&status.account_id),
            is_followed: self.followed.contains(&status.account_id),
        });
        InteractionsView {
            policy: self.policies.get(&status.id).cloned(),
            viewer,
        }
    }
}
