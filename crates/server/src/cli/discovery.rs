//! Commands about what people find here: announcements, custom emoji, suggested accounts.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum AnnouncementCommand {
    /// Tell everybody something; it is shown in apps until it ends or is deleted
    Create {
        /// Plain text with links, mentions, hashtags and custom emoji, at most 5,000 characters
        text: String,
        #[command(flatten)]
        times: AnnouncementTimes,
        /// Show it to nobody yet
        #[arg(long)]
        draft: bool,
    },
    /// List all announcements, drafts and ended ones too
    List,
    /// Change an announcement
    Update(AnnouncementUpdate),
    /// Delete an announcement
    Delete {
        /// Its number, as `announcement list` shows it
        id: String,
    },
}

/// When what is announced takes place.
#[derive(Debug, Args)]
pub(crate) struct AnnouncementTimes {
    /// When it begins: a day, or a time such as 2026-12-24T18:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) starts_at: Option<DateTime<Utc>>,
    /// When it ends; it is not shown afterwards
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) ends_at: Option<DateTime<Utc>>,
    /// Of these times only the days count
    #[arg(long)]
    pub(crate) all_day: bool,
}

/// What `announcement update` changes; at least one.
#[derive(Debug, Args)]
pub(crate) struct AnnouncementUpdate {
    /// Its number, as `announcement list` shows it
    pub(crate) id: String,
    /// Another text
    #[arg(long)]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) times: AnnouncementTimes,
    /// It has no beginning and no end
    #[arg(long, conflicts_with_all = ["starts_at", "ends_at", "all_day"])]
    pub(crate) no_times: bool,
    /// Show it to everybody
    #[arg(long, conflicts_with = "draft")]
    pub(crate) publish: bool,
    /// Show it to nobody any more
    #[arg(long)]
    pub(crate) draft: bool,
}

/// A time of RFC 3339, or the beginning of a day.
pub(super) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map(|time| time.and_utc())
        .ok_or_else(|| "a day (2026-12-24) or a time (2026-12-24T18:00:00Z) is needed".to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum EmojiCommand {
    /// Add one custom emoji
    Add {
        /// Its name between the colons: 2 to 100 letters, digits and underscores
        shortcode: String,
        /// A PNG, GIF or WebP file of at most 256 KiB and 512 x 512 pixels
        file: PathBuf,
        #[command(flatten)]
        options: EmojiOptions,
    },
    /// Add all pictures of a folder, or of a .tar or .tar.gz archive, named after their files
    ///
    /// Folders in it become categories. What is no picture, too large, or has a name that cannot be a shortcode is
    /// left out and listed.
    Import {
        /// The folder or archive
        pack: PathBuf,
        /// Put this before each name
        #[arg(long, value_name = "TEXT", default_value = "")]
        prefix: String,
        #[command(flatten)]
        options: EmojiOptions,
    },
    /// List the custom emoji of this instance
    List,
    /// Remove a custom emoji; posts that use it keep it
    Remove {
        /// Its name
        shortcode: String,
    },
}

/// How emoji are added.
#[derive(Debug, Args)]
pub(crate) struct EmojiOptions {
    /// Heading in the picker of apps
    #[arg(long, value_name = "TEXT")]
    pub(crate) category: Option<String>,
    /// Do not offer them in the picker; they can be typed
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Replace those that have the same name, which otherwise stay
    #[arg(long)]
    pub(crate) replace: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SuggestionCommand {
    /// Suggest an account to everybody; it must want to be found
    Add {
        /// user, or user@domain of an account elsewhere
        account: String,
    },
    /// Suggest an account no longer
    Remove {
        /// user or user@domain
        account: String,
    },
    /// List the accounts that are suggested to everybody
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrendCommand {
    /// List what trends, waits for a word or was kept out, with ranks and reasons
    ///
    /// The rank is the score in people by how new the thing is. `kept out` names what those behind it have in common: accounts
    /// created together, one domain, or the same follows.
    List {
        /// Only these
        #[arg(value_enum)]
        kind: Option<TrendSort>,
        /// Entries of each kind at most
        #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=60))]
        limit: u32,
    },
    /// Look now at what trends, which happens by itself every five minutes
    Refresh,
    /// Let something trend, whoever is behind it
    Approve {
        /// What it is
        #[arg(value_enum)]
        kind: ReviewedSort,
        /// Its number, as `trends list` and `trends publishers` show it
        id: i64,
    },
    /// Never let something trend again
    Reject {
        /// What it is
        #[arg(value_enum)]
        kind: ReviewedSort,
        /// Its number, as `trends list` and `trends publishers` show it
        id: i64,
    },
    /// List the sites whose links trend or did so lately, and those that were approved or rejected, the last known first
    Publishers,
}

/// What trends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum TrendSort {
    /// Hashtags
    Tags,
    /// Posts
    Statuses,
    /// Links
    Links,
}

/// What is approved or rejected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ReviewedSort {
    /// A hashtag
    Tag,
    /// A post
    Status,
    /// A link
    Link,
    /// All links of a site
    Publisher,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CollectionCommand {
    /// Make a collection from a file: a starter pack
    ///
    /// The file has lines of text: settings, handles (user, or user@domain of an account
    /// elsewhere), comments that begin with #, and empty lines. The settings are name (up to
    /// 40 characters; the only one that must be there), description (up to 100), language,
    /// tag, sensitive (yes or no; no) and discoverable (yes or no; yes). For example:
    ///
    ///     name: First steps
    ///     description: People who answer questions
    ///     language: en
    ///     ada
    ///     @news@elsewhere.example
    ///
    /// Or it is a JSON object:
    ///
    ///     {"name": "...", "description": "...", "language": "en", "tag": "...",
    ///      "sensitive": false, "discoverable": true,
    ///      "handles": ["ada", "news@elsewhere.example"]}
    ///
    /// Accounts elsewhere that are not known yet are fetched. Those that cannot be found, or do
    /// not want to be found by others, are reported and passed over. A collection holds at most
    /// 25 accounts, and an account owns at most 10 collections.
    #[command(verbatim_doc_comment)]
    Import {
        /// The file; - reads standard input
        file: PathBuf,
        /// Local account whose collection it becomes; otherwise that of the instance's owner
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// Suggest whoever is in it to everybody, for as long as they are; at most 4 collections at a time
        #[arg(long)]
        suggest: bool,
    },
    /// List all collections of this instance, oldest first
    List,
    /// Remove a collection, whosever it is
    Delete {
        /// Its id, as list shows it
        id: i64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_moments() {
        for (text, millis) in [
            ("2026-01-02T03:04:05Z", Some(1_767_323_045_000)),
            ("2026-01-02T04:04:05+01:00", Some(1_767_323_045_000)),
            ("2026-01-02", Some(1_767_312_000_000)),
            ("tomorrow", None),
        ] {
            assert_eq!(
                time(text).ok().map(|time| time.timestamp_millis()),
                millis,
                "{text}"
            );
        }
    }
}
