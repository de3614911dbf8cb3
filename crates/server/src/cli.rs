//! The command line: what can be asked for, its help, and the exit codes.
//!
//! Definitions only. What each verb does is in the module of its group.

mod alerts;
mod discovery;
mod domain;
mod federation;
mod relations;

use std::{path::PathBuf, process};

use clap::{ArgGroup, Args, Parser, Subcommand};
use pouet_config::Overrides;

pub(crate) use alerts::{AlertCommand, RemoveFollowers};
pub(crate) use discovery::{
    AnnouncementCommand, AnnouncementTimes, AnnouncementUpdate, CollectionCommand, EmojiCommand,
    EmojiOptions, ReviewedSort, SuggestionCommand, TrendCommand, TrendSort,
};
pub(crate) use domain::{Comments, DomainCommand, ImportList};
pub(crate) use federation::{FederationCommand, QuarantineCommand};
pub(crate) use relations::{AliasCommand, MoveAccount, RelayCommand, ReportCommand};

const EXAMPLES: &str = "\
Examples:
  pouet                                    start on http://localhost:8080, everything in ./data
  pouet serve --url https://pouet.example --listen 127.0.0.1:8080
  pouet admin account create alice --email alice@pouet.example --owner --generate-password
  pouet --data /var/lib/pouet admin account list --json
  pouet admin instance set --title \"The Harbour\" --rule \"Be kind.\" --rule \"No advertising.\"
  pouet admin domain suspend evil.example --public-comment \"Spam\"
  pouet admin domain import list.csv
  pouet admin token create alice --scopes \"read write\"
  pouet config check --config /etc/pouet.toml

Environment:
  Every key of the configuration can be given as a variable, such as POUET_URL or
  POUET_DATABASE__URL; POUET_CONFIG names the configuration file. `pouet config print --docs` explains all of them.

Exit codes:
  0  done
  1  failed; the reason is on standard error
  2  the command line was wrong
  3  the configuration is wrong
  4  what was named does not exist
  5  refused: the name is taken, the input is invalid, or the account may not have it";

/// Pouet, a federated microblogging server.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "pouet", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Cli {
    /// The command to run; serving when none was given.
    pub(crate) fn into_command(self) -> (Overrides, Command) {
        (self.config.into(), self.command.unwrap_or(Command::Serve))
    }
}

/// Flags that stand above environment, file and defaults, for every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigArgs {
    /// Folder of database and media [default: data]
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Address and port of the HTTP server [default: localhost:8080]
    #[arg(long, value_name = "HOST:PORT", global = true)]
    listen: Option<String>,
    /// Public address of the instance [default: `http://localhost` and the port of --listen]
    #[arg(long, value_name = "URL", global = true)]
    url: Option<String>,
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME` [default: pouet.sqlite3 in the data folder]
    #[arg(long, value_name = "URL", global = true)]
    database_url: Option<String>,
    /// Configuration file [default: pouet.toml in the data folder, if there is one]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

impl From<ConfigArgs> for Overrides {
    fn from(args: ConfigArgs) -> Self {
        let ConfigArgs {
            data,
            listen,
            url,
            database_url,
            config,
        } = args;
        Self {
            config,
            data_dir: data,
            listen,
            url,
            database_url,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the instance (what happens without a command)
    ///
    /// Stops on SIGTERM or Ctrl-C, after the requests in flight and between two jobs.
    Serve,
    /// Manage accounts, tokens and what the instance says of itself, also while it runs
    Admin(AdminArgs),
    /// Bring the database up to date, or see whether it is
    Db(DbArgs),
    /// Show or check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Options of all administration commands.
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    /// Print the result as JSON on one line, and errors as {"error": "..."} on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: AdminCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Manage local accounts
    #[command(subcommand)]
    Account(AccountCommand),
    /// Manage access tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Manage relays, which pass public posts of many instances on to each other
    #[command(subcommand)]
    Relay(RelayCommand),
    /// Look at what people report
    #[command(subcommand)]
    Report(ReportCommand),
    /// Look at signs of bought attention: rings that were kept out of trends, followers that come all at once
    #[command(subcommand)]
    Alert(AlertCommand),
    /// Manage what the instance says of itself
    #[command(subcommand)]
    Instance(InstanceCommand),
    /// Tell everybody something
    #[command(subcommand)]
    Announcement(AnnouncementCommand),
    /// Manage the custom emoji of the instance
    #[command(subcommand)]
    Emoji(EmojiCommand),
    /// Manage the accounts that are suggested to everybody
    #[command(subcommand)]
    Suggestion(SuggestionCommand),
    /// Manage collections of accounts, and make starter packs for newcomers
    #[command(subcommand)]
    Collection(CollectionCommand),
    /// Look at what trends, and decide on it
    #[command(subcommand)]
    Trends(TrendCommand),
    /// Manage the rules about other instances, by domain
    ///
    /// A rule covers its domain and every name under it; where several cover one, the most specific decides.
    #[command(subcommand)]
    Domain(DomainCommand),
    /// Look after what goes to and comes from other instances
    #[command(subcommand)]
    Federation(FederationCommand),
    /// Remove old posts of other instances that nobody here has to do with, at once
    ///
    /// The server does so by itself once a day, by what `retention` in the configuration says. A
    /// conversation goes as a whole: never one that somebody here wrote in, was named in,
    /// bookmarked, favourited, boosted, quoted or voted in. What is gone is fetched again when
    /// somebody asks for it.
    Prune(Prune),
}

/// What `admin prune` removes.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Keep posts for that many days, in place of `retention.days`
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: Option<u32>,
    /// Keep posts of accounts that somebody here follows for that many days, in place of
    /// `retention.followed_days`; 0 keeps them
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub(crate) followed_days: Option<u32>,
    /// Only count what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account that can sign in at once
    Create(CreateAccount),
    /// List the local accounts, oldest first
    List,
    /// Show one account
    Show {
        /// Its name, without @ and domain
        name: String,
    },
    /// Let somebody in who waits for approval
    Approve {
        /// Name of the account, without @ and domain
        name: String,
    },
    /// Turn down somebody who waits for approval; name and address are free again
    Reject {
        /// Name of the account, without @ and domain
        name: String,
    },
    /// Give an account a new password and end its sessions
    SetPassword {
        /// Its name, without @ and domain
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Give an account new keys and tell those who know it, also while the server runs
    ///
    /// For when a private key may have leaked. Other instances learn the new key from a message signed with the old one.
    RotateKeys {
        /// Its name, without @ and domain
        name: String,
    },
    /// Move an account with its followers to another one, here or on another instance; its posts stay
    Move(MoveAccount),
    /// Manage the other accounts that an account names as its owner's, from which followers may move here
    #[command(subcommand)]
    Alias(AliasCommand),
    /// Say what an account is: apps and other instances show bots and groups as such
    SetKind {
        /// Its name, without @ and domain
        name: String,
        /// What it is
        kind: AccountKind,
    },
    /// Remove followers of an account, such as bought ones; their servers are told
    ///
    /// With several options, those are meant whom all of them describe.
    RemoveFollowers(RemoveFollowers),
    /// Delete an account with all that it posted, here and on other instances; it cannot come back
    Delete {
        /// Its name, without @ and domain
        name: String,
        /// Do not ask first (it asks only on a terminal)
        #[arg(long)]
        yes: bool,
    },
}

/// What an account can be.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum AccountKind {
    /// Somebody
    Person,
    /// A program
    Bot,
    /// Many, for whom the account speaks
    Group,
}

/// What `account create` needs.
#[derive(Debug, Args)]
pub(crate) struct CreateAccount {
    /// Name of the account: letters, digits and underscores
    pub(crate) name: String,
    /// Address of its owner
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: String,
    /// Make it an owner of the instance
    #[arg(long)]
    pub(crate) owner: bool,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
}

/// Where a new password comes from; one of the two must be given.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("password").required(true).multiple(false))]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of standard input
    #[arg(long, group = "password")]
    pub(crate) password_stdin: bool,
    /// Make a password and print it
    #[arg(long, group = "password")]
    pub(crate) generate_password: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make an access token and print it alone on standard output
    ///
    /// Scopes of administration are given only to accounts whose role has them.
    Create {
        /// Name of the account that it acts for
        name: String,
        /// What it may do, separated by spaces
        #[arg(long, default_value = "read write follow push")]
        scopes: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum InstanceCommand {
    /// Show name, description, contact address and rules
    Show,
    /// Change some of them; everybody sees it at once
    Set(InstanceChange),
    /// Give the instance itself new keys and tell all instances that are known, also while the server runs
    RotateKeys,
}

/// What `instance set` changes; at least one.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("change").required(true).multiple(true))]
pub(crate) struct InstanceChange {
    /// Name of the instance, at most 100 characters
    #[arg(long, value_name = "TEXT", group = "change")]
    pub(crate) title: Option<String>,
    /// What it is, in plain text of at most 2,000 characters
    #[arg(long, value_name = "TEXT", group = "change")]
    pub(crate) description: Option<String>,
    /// Where its people can be reached; the owner's address until it is set
    #[arg(long, value_name = "ADDRESS", group = "change")]
    pub(crate) contact_email: Option<String>,
    /// A rule of at most 300 characters; give all of them, in order, for they replace those that were there
    #[arg(long = "rule", value_name = "TEXT", group = "change")]
    pub(crate) rules: Vec<String>,
    /// Have no rules
    #[arg(long, group = "change", conflicts_with = "rules")]
    pub(crate) no_rules: bool,
}

/// Options of the database commands.
#[derive(Debug, Args)]
pub(crate) struct DbArgs {
    /// Print the result as JSON on one line, and errors as {"error": "..."} on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum DbCommand {
    /// Run the migrations that are missing (serving does so by itself)
    Migrate,
    /// Tell which migrations have run and which are missing
    Status,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the configuration in force as TOML, with the source of each value; passwords are left out
    Print {
        /// Print an explanation of every key instead, as Markdown
        #[arg(long)]
        docs: bool,
    },
    /// Check the configuration and list everything that is wrong
    Check,
}

/// Exit codes; the help lists them. Clap itself ends with 2 when the command line is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Failed for a reason that has no code of its own.
    Failed = 1,
    /// The configuration is wrong.
    Config = 3,
    /// What was named does not exist.
    NotFound = 4,
    /// The name is taken, the input is invalid, or the account may not have it.
    Refused = 5,
}

impl From<Exit> for process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use clap::{CommandFactory as _, error::ErrorKind};

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    /// Set `UPDATE_DOCS=1` to write the file instead of comparing it.
    #[test]
    fn help_is_as_documented() {
        let mut command = Cli::command().term_width(100);
        command.build();
        let mut text = String::from(
            "# Command line\n\n<!-- Generated from crates/server/src/cli.rs: do not edit. \
             `UPDATE_DOCS=1 cargo test -p pouet-server` writes it anew. -->\n\n\
             The flags under \"Configuration\" belong to every command and may stand before or after it.\n",
        );
        write_help(&mut text, &mut command);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap() == text,
            "docs/cli.md is stale: see its first lines"
        );
    }

    /// Appends the help of `command` and of all commands in it, the flags common to all only at the top.
    fn write_help(text: &mut String, command: &mut clap::Command) {
        let help = command.render_long_help().to_string();
        let name = command.get_bin_name().unwrap_or("pouet");
        let help = if name == "pouet" {
            &help[..]
        } else {
            help.split("\nConfiguration:").next().unwrap()
        };
        let help: Vec<_> = help.lines().map(str::trim_end).collect();
        write!(
            text,
            "\n## `{name}`\n\n```text\n{}\n```\n",
            help.join("\n").trim_end()
        )
        .unwrap();
        for inner in command
            .get_subcommands_mut()
            .filter(|inner| inner.get_name() != "help")
        {
            write_help(text, inner);
        }
    }

    #[test]
    fn serving_needs_no_command() {
        let (flags, command) = parse("pouet --listen localhost:1").unwrap().into_command();
        assert!(matches!(command, Command::Serve));
        assert_eq!(flags.listen.as_deref(), Some("localhost:1"));
    }

    #[test]
    fn configuration_flags_may_stand_anywhere() {
        let expected = Overrides {
            config: Some("f".into()),
            data_dir: Some("d".into()),
            listen: Some("l:1".into()),
            url: Some("u".into()),
            database_url: Some("b".into()),
        };
        let flags = "--data d --listen l:1 --url u --database-url b --config f";
        for line in [
            format!("pouet {flags}"),
            format!("pouet serve {flags}"),
            format!("pouet {flags} serve"),
            format!("pouet admin account list {flags}"),
            format!("pouet admin {flags} account list"),
            format!("pouet db status {flags}"),
            format!("pouet config check {flags}"),
        ] {
            assert_eq!(parse(&line).unwrap().into_command().0, expected, "{line}");
        }
    }

    #[test]
    fn a_new_password_comes_from_exactly_one_place() {
        let create = "pouet admin account create alice --email a@b.example";
        let missing = parse(create).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::MissingRequiredArgument);
        let both = parse(&format!("{create} --password-stdin --generate-password")).unwrap_err();
        assert_eq!(both.kind(), ErrorKind::ArgumentConflict);
        parse(&format!("{create} --owner --password-stdin")).unwrap();
        parse("pouet admin account set-password alice --generate-password --json").unwrap();
        assert_eq!(missing.exit_code(), 2);
    }

    #[test]
    fn an_instance_is_changed_in_at_least_one_thing() {
        let set = "pouet admin instance set";
        let nothing = parse(set).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::MissingRequiredArgument);
        let both = parse(&format!("{set} --rule kind --no-rules")).unwrap_err();
        assert_eq!(both.kind(), ErrorKind::ArgumentConflict);
        for flags in [
            "--title T",
            "--no-rules --title T",
            "--description D --contact-email a@b.example --json",
        ] {
            parse(&format!("{set} {flags}")).unwrap();
        }
        match parse(&format!("{set} --rule one --rule two")).unwrap().command {
            Some(Command::Admin(AdminArgs {
                command: AdminCommand::Instance(InstanceCommand::Set(InstanceChange { rules, .. })),
                ..
            })) => assert_eq!(rules, ["one", "two"]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tokens_have_the_usual_scopes_unless_told() {
        let scopes = |line: &[&str]| match Cli::try_parse_from(line).unwrap().command {
            Some(Command::Admin(AdminArgs {
                command: AdminCommand::Token(TokenCommand::Create { scopes, .. }),
                ..
            })) => scopes,
            other => panic!("{other:?}"),
        };
        let line = ["pouet", "admin", "token", "create", "alice"];
        assert_eq!(scopes(&line), "read write follow push");
        assert_eq!(
            scopes(&[&line[..], &["--scopes", "read write"]].concat()),
            "read write"
        );
    }
}
