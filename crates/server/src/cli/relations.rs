//! Commands about what relates accounts and servers: aliases, moves, reports, relays.

use clap::{Args, Subcommand, ValueEnum};
use pouet_model::relay;

#[derive(Debug, Subcommand)]
pub(crate) enum AliasCommand {
    /// Name another account of the same person, so that it may move here
    Add {
        /// Name of the local account, without @ and domain
        name: String,
        /// The other account: user@domain or its address
        other: String,
    },
    /// Name it no longer
    Remove {
        /// Name of the local account, without @ and domain
        name: String,
        /// The other account: user@domain, or its address as `alias list` shows it
        other: String,
    },
    /// List the aliases of an account
    List {
        /// Name of the local account, without @ and domain
        name: String,
    },
}

/// What `account move` needs.
#[derive(Debug, Args)]
pub(crate) struct MoveAccount {
    /// Name of the local account, without @ and domain
    pub(crate) name: String,
    /// Where it goes: user@domain or the address of an account that names this one as an alias
    pub(crate) target: String,
    /// Do not ask first (it asks only on a terminal)
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// List the reports that nobody is done with, newest first
    List {
        /// Those that somebody is done with, too
        #[arg(long)]
        all: bool,
    },
    /// Show one report with what it is about
    Show {
        /// Its number, as `report list` shows it
        id: String,
    },
    /// Note that somebody is done with a report
    Resolve {
        /// Its number, as `report list` shows it
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RelayCommand {
    /// Subscribe to a relay
    Add {
        /// Its inbox, or its actor
        address: String,
        /// How it wants to be spoken with [default: `mastodon` for what ends with /inbox, else `litepub`]
        #[arg(long)]
        kind: Option<RelayKind>,
    },
    /// List the relays with their states, oldest first
    List,
    /// End the subscription and forget the relay; what came by it stays
    Remove {
        /// Its address or number, as `relay list` shows them
        relay: String,
    },
    /// Subscribe again
    Enable {
        /// Its address or number, as `relay list` shows them
        relay: String,
    },
    /// End the subscription but keep the relay in the list
    Disable {
        /// Its address or number, as `relay list` shows them
        relay: String,
    },
}

/// How a relay wants to be spoken with.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RelayKind {
    /// By its inbox; it passes posts on as they are
    Mastodon,
    /// By its actor, which follows back and boosts
    Litepub,
}

impl From<RelayKind> for relay::RelayKind {
    fn from(kind: RelayKind) -> Self {
        match kind {
            RelayKind::Mastodon => Self::Mastodon,
            RelayKind::Litepub => Self::LitePub,
        }
    }
}
