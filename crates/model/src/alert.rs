//! What those who look after an instance should see: signs that somebody pays for attention.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::ids::AlertId;

/// What was noticed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AlertKind {
    /// Something was kept out of trends because those behind it look like a ring.
    Ring,
    /// An account gains followers much faster than it uses to.
    Followers,
}

impl AlertKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Ring, Self::Followers];

    /// The name used in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Followers => "followers",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an alert is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AlertAbout {
    /// A hashtag.
    Tag,
    /// A status.
    Status,
    /// The page behind a link, by its card.
    Link,
    /// An account.
    Account,
}

impl AlertAbout {
    const ALL: [Self; 4] = [Self::Tag, Self::Status, Self::Link, Self::Account];

    /// The name used in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Status => "status",
            Self::Link => "link",
            Self::Account => "account",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|about| about.as_str() == name)
    }
}

/// Something that was noticed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// What was noticed.
    pub kind: AlertKind,
    /// What it is about.
    pub about: AlertAbout,
    /// The id of what it is about, among those of its kind.
    pub subject_id: i64,
    /// What the suspects have in common: `created`, `domain` or `follows`; `moved` if an account has moved to the one that gains
    /// followers. Empty if nothing is known.
    pub reason: String,
    /// People behind it.
    pub people: i64,
    /// How many of them have the reason in common.
    pub suspects: i64,
    /// How many people would have been usual; 0 where that means nothing.
    pub usual: i64,
    /// When it was noticed.
    pub created_at: DateTime<Utc>,
    /// When somebody was done with it.
    pub resolved_at: Option<DateTime<Utc>>,
}
