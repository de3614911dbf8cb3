//! `pouet admin federation`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum FederationCommand {
    /// Show what waits for other instances, and how it stands with each
    Status {
        /// Only this one
        host: Option<String>,
    },
    /// Send what waits for an instance at once, and forget that it failed
    Retry {
        /// The instance, as `status` shows it
        host: String,
    },
    /// Look at new instances that named many strangers here, and decide about them
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Forget what waits for an instance, and what was given up: it is never sent
    Purge {
        /// The instance, as `status` shows it
        host: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// Show the instances in quarantine, and how much of theirs waits
    List,
    /// Let an instance in for good: what waits is taken in
    Release {
        /// The instance, as `list` shows it
        host: String,
    },
    /// Throw away what waits of an instance, which stays in quarantine
    Discard {
        /// The instance, as `list` shows it
        host: String,
    },
}
