//! Filters and lists of a user.

use chrono::{DateTime, Utc};

use crate::ids::{FilterId, FilterKeywordId, FilterStatusId, ListId, StatusId};

/// Where a filter applies.
///
/// Source: <https://docs.joinmastodon.org/entities/Filter/#context>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilterContext {
    /// Home timeline and lists.
    Home,
    /// Notifications.
    Notifications,
    /// Public timelines.
    Public,
    /// Expanded threads.
    Thread,
    /// Profiles.
    Account,
}

impl FilterContext {
    /// All contexts.
    pub const ALL: [Self; 5] = [
        Self::Home,
        Self::Notifications,
        Self::Public,
        Self::Thread,
        Self::Account,
    ];

    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Notifications => "notifications",
            Self::Public => "public",
            Self::Thread => "thread",
            Self::Account => "account",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.as_str() == name)
    }
}

/// What clients do with a matching status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FilterAction {
    /// Show a warning with the filter's title.
    #[default]
    Warn,
    /// Do not show it.
    Hide,
    /// Blur its media.
    Blur,
}

impl FilterAction {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hide => "hide",
            Self::Blur => "blur",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Warn, Self::Hide, Self::Blur]
            .into_iter()
            .find(|action| action.as_str() == name)
    }
}

/// A word or phrase of a filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterKeyword {
    /// Our id; filters v1 use it as the filter's id.
    pub id: FilterKeywordId,
    /// The filter it belongs to.
    pub filter_id: FilterId,
    /// Literal text.
    pub keyword: String,
    /// Only match at word boundaries.
    pub whole_word: bool,
}

/// A status hidden by a filter whatever it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilterStatus {
    /// Our id.
    pub id: FilterStatusId,
    /// The filter it belongs to.
    pub filter_id: FilterId,
    /// The status.
    pub status_id: StatusId,
}

/// A filter of a user, with its keywords and statuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Our id.
    pub id: FilterId,
    /// Name chosen by the user.
    pub title: String,
    /// Where it applies; not empty.
    pub contexts: Vec<FilterContext>,
    /// What clients do with matches.
    pub action: FilterAction,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Words and phrases.
    pub keywords: Vec<FilterKeyword>,
    /// Single statuses.
    pub statuses: Vec<FilterStatus>,
}

/// A filter that matched a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterMatch {
    /// The filter.
    pub filter: Filter,
    /// The keywords found.
    pub keywords: Vec<String>,
    /// The status itself, if the filter names it.
    pub statuses: Vec<StatusId>,
}

/// Which replies a list shows.
///
/// Source: <https://docs.joinmastodon.org/entities/List/#replies_policy>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RepliesPolicy {
    /// Replies to anybody that the user follows.
    Followed,
    /// Replies to members of the list.
    #[default]
    List,
    /// No replies.
    None,
}

impl RepliesPolicy {
    /// The name in the client API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::List => "list",
            Self::None => "none",
        }
    }

    /// Reads a name of the client API.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Followed, Self::List, Self::None]
            .into_iter()
            .find(|policy| policy.as_str() == name)
    }
}

/// A list of followed accounts with a timeline of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    /// Our id.
    pub id: ListId,
    /// Name chosen by the user.
    pub title: String,
    /// Which replies it shows.
    pub replies_policy: RepliesPolicy,
    /// Its members' statuses stay out of home.
    pub exclusive: bool,
}
