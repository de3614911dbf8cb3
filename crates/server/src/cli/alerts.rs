//! Commands against bought attention: alerts, and removing followers.

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, Subcommand};

use super::discovery::time;

#[derive(Debug, Subcommand)]
pub(crate) enum AlertCommand {
    /// List the alerts that nobody is done with, newest first
    List {
        /// Those that somebody is done with, too
        #[arg(long)]
        all: bool,
    },
    /// Note that somebody is done with an alert
    Resolve {
        /// Its number, as `alert list` shows it
        id: String,
    },
}

/// What `account remove-followers` needs: at least one of the options that say whom.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whom").required(true).multiple(true))]
pub(crate) struct RemoveFollowers {
    /// Name of the local account, without @ and domain
    pub(crate) name: String,
    /// Those of this domain, and of names under it
    #[arg(long, group = "whom")]
    pub(crate) domain: Option<String>,
    /// Those whose accounts were created after this day or time, as their servers say
    #[arg(long, value_name = "TIME", value_parser = time, group = "whom")]
    pub(crate) created_after: Option<DateTime<Utc>>,
    /// Those who began to follow after this day or time
    #[arg(long, value_name = "TIME", value_parser = time, group = "whom")]
    pub(crate) followed_after: Option<DateTime<Utc>>,
    /// Only count them
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask first (it asks only on a terminal)
    #[arg(long)]
    pub(crate) yes: bool,
}

#[cfg(test)]
mod tests {
    use clap::{Parser as _, error::ErrorKind};

    use crate::cli::Cli;

    #[test]
    fn it_has_to_be_said_which_followers_are_removed() {
        let parse = |flags: &str| {
            let line = format!("pouet admin account remove-followers alice {flags}");
            Cli::try_parse_from(line.split_whitespace())
        };
        for flags in ["", "--dry-run", "--yes"] {
            let error = parse(flags).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MissingRequiredArgument, "{flags}");
        }
        for flags in [
            "--domain bought.example",
            "--created-after 2026-11-20 --dry-run",
            "--domain bought.example --followed-after 2026-11-20T18:00:00Z --yes --json",
        ] {
            parse(flags).unwrap();
        }
        assert!(parse("--created-after yesterday").is_err());
    }
}
