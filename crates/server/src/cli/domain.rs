//! `pouet admin domain`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum DomainCommand {
    /// Take nothing from a domain and send nothing to it
    ///
    /// Follows in both directions end and do not come back when the rule is removed (`severed` lists them). What is here of
    /// the domain is hidden at once and removed after 30 days.
    Suspend(NewRule),
    /// Show its accounts only to those who follow them, and let its follows wait for approval
    Limit(NewRule),
    /// Refuse only its media or reports
    Reject(RejectRule),
    /// Allow a domain: in allow-list mode only those are federated with, otherwise it is excepted from rules about the
    /// same name or a shorter one
    Allow(AllowRule),
    /// Remove what is written about a domain; hidden accounts come back, ended follows do not
    Remove {
        /// The domain
        domain: String,
    },
    /// List all rules, by domain
    List,
    /// Show the rule about a domain, and what holds for it
    Show {
        /// The domain
        domain: String,
    },
    /// List the follows that ended because a domain was suspended
    Severed {
        /// The domain
        domain: String,
    },
    /// Take over a list in the format of Mastodon: tell what it would change, and change it with --apply
    ///
    /// Where the list and a rule here speak of the same domain, the rule here stays unless --overwrite is given.
    Import(ImportList),
    /// Print the rules in the format of Mastodon, without private comments
    Export {
        /// Print the allowed domains instead
        #[arg(long)]
        allows: bool,
    },
}

/// A rule to write.
#[derive(Debug, Args)]
pub(crate) struct NewRule {
    /// The domain, without *; names under it are covered
    pub(crate) domain: String,
    /// Fetch no media of it
    #[arg(long)]
    pub(crate) reject_media: bool,
    /// Drop its reports
    #[arg(long)]
    pub(crate) reject_reports: bool,
    #[command(flatten)]
    pub(crate) comments: Comments,
}

/// A rule that only refuses something; at least one.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("refused").required(true).multiple(true))]
pub(crate) struct RejectRule {
    /// The domain, without *; names under it are covered
    pub(crate) domain: String,
    /// Fetch no media of it, and remove the copies that are here
    #[arg(long, group = "refused")]
    pub(crate) media: bool,
    /// Drop its reports
    #[arg(long, group = "refused")]
    pub(crate) reports: bool,
    #[command(flatten)]
    pub(crate) comments: Comments,
}

/// What is said of a rule; what is left out stays as it was.
#[derive(Debug, Args)]
pub(crate) struct Comments {
    /// Reason, for those who look after the instance
    #[arg(long, value_name = "TEXT")]
    pub(crate) private_comment: Option<String>,
    /// Reason, for whoever may read the list of rules
    #[arg(long, value_name = "TEXT")]
    pub(crate) public_comment: Option<String>,
    /// Cover half of the name in the public list
    #[arg(long)]
    pub(crate) obfuscate: bool,
}

/// A domain to allow.
#[derive(Debug, Args)]
pub(crate) struct AllowRule {
    /// The domain, without *; names under it are covered
    pub(crate) domain: String,
    /// Reason, for those who look after the instance
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
}

/// A list to take over.
#[derive(Debug, Args)]
pub(crate) struct ImportList {
    /// The file, CSV with #domain and the other columns of Mastodon; - for standard input
    pub(crate) file: PathBuf,
    /// Write the rules; without it nothing is changed
    #[arg(long)]
    pub(crate) apply: bool,
    /// Replace rules that say something else
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Apply it even though it ends follows of people here
    #[arg(long)]
    pub(crate) sever: bool,
    /// The file lists domains to allow
    #[arg(long, conflicts_with_all = ["overwrite", "sever"])]
    pub(crate) allows: bool,
}
