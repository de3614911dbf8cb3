//! Relays: servers that pass public statuses of many servers on to each other.

use chrono::{DateTime, Utc};

use crate::ids::{AccountId, RelayId};

/// How a relay wants to be spoken with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelayKind {
    /// It is known by its inbox, one follows "everybody" there, and it passes activities on as they are.
    Mastodon,
    /// It is an actor that one follows, it follows back, and it boosts what it passes on.
    ///
    /// Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/ae0c/fep-ae0c.md>
    LitePub,
}

impl RelayKind {
    /// The name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mastodon => "mastodon",
            Self::LitePub => "litepub",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Mastodon, Self::LitePub]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// How far it has come with a relay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelayState {
    /// Switched off.
    Idle,
    /// Asked.
    Pending,
    /// It has said yes: statuses go both ways.
    Accepted,
    /// It has said no.
    Rejected,
}

impl RelayState {
    const ALL: [Self; 4] = [Self::Idle, Self::Pending, Self::Accepted, Self::Rejected];

    /// The name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A relay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relay {
    /// Our id.
    pub id: RelayId,
    /// How it wants to be spoken with.
    pub kind: RelayKind,
    /// What the operator named: its inbox, or its actor.
    pub address: String,
    /// Where things are sent.
    pub inbox: String,
    /// Its actor, if it was named by that.
    pub account_id: Option<AccountId>,
    /// How far it has come.
    pub state: RelayState,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}
