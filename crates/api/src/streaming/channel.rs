//! What can be subscribed to.

use pouet_model::ids::{ListId, SavedSearchId};

/// Paths of the streams as server-sent events.
pub(super) const PATHS: [&str; 10] = [
    "user",
    "user/notification",
    "public",
    "public/local",
    "public/remote",
    "hashtag",
    "hashtag/local",
    "list",
    "direct",
    "saved_search",
];

/// Which public statuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// Of everybody.
    Any,
    /// Of this instance.
    Local,
    /// Of other instances.
    Remote,
}

/// A stream of events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Channel {
    /// The home timeline and notifications.
    User,
    /// Notifications alone.
    UserNotification,
    /// Public statuses.
    Public {
        /// Of whom.
        origin: Origin,
        /// With attachments only.
        only_media: bool,
    },
    /// Public statuses with a hashtag.
    Hashtag {
        /// The tag as asked for, without `#`.
        tag: String,
        /// Of this instance only.
        local: bool,
    },
    /// The timeline of a list.
    List(ListId),
    /// Direct conversations.
    Direct,
    /// What fits a saved search; a stream of our own.
    SavedSearch(SavedSearchId),
}

/// Why something cannot be subscribed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum ChannelError {
    /// No such stream.
    #[error("unknown channel requested")]
    Unknown,
    /// A hashtag stream without a hashtag.
    #[error("missing tag name parameter")]
    MissingTag,
    /// A list stream without a list.
    #[error("missing list name parameter")]
    MissingList,
    /// A stream of a saved search without its id.
    #[error("missing id parameter")]
    MissingId,
}

/// What some streams are told apart by.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Parameters<'a> {
    /// A hashtag.
    pub(super) tag: Option<&'a str>,
    /// A list.
    pub(super) list: Option<&'a str>,
    /// A saved search.
    pub(super) id: Option<&'a str>,
}

impl Channel {
    /// The stream called `name`, with the parameters that some of them need.
    pub(super) fn parse(name: &str, parameters: Parameters<'_>) -> Result<Self, ChannelError> {
        let Parameters { tag, list, id } = parameters;
        let public = |origin, only_media| Self::Public { origin, only_media };
        let hashtag = |local| {
            let tag = tag
                .map(|tag| tag.trim_start_matches('#'))
                .filter(|tag| !tag.is_empty());
            let tag = tag.ok_or(ChannelError::MissingTag)?.to_owned();
            Ok(Self::Hashtag { tag, local })
        };
        Ok(match name {
            "user" => Self::User,
            "user:notification" => Self::UserNotification,
            "public" => public(Origin::Any, false),
            "public:media" => public(Origin::Any, true),
            "public:local" => public(Origin::Local, false),
            "public:local:media" => public(Origin::Local, true),
            "public:remote" => public(Origin::Remote, false),
            "public:remote:media" => public(Origin::Remote, true),
            "hashtag" => hashtag(false)?,
            "hashtag:local" => hashtag(true)?,
            "list" => {
                let id = list.and_then(|id| id.parse().ok());
                Self::List(id.ok_or(ChannelError::MissingList)?)
            }
            "direct" => Self::Direct,
            "saved_search" => {
                let id = id.and_then(|id| id.parse().ok());
                Self::SavedSearch(id.ok_or(ChannelError::MissingId)?)
            }
            _ => return Err(ChannelError::Unknown),
        })
    }

    /// How messages name the stream: `["user"]`, `["hashtag", "tag"]`, `["list", "ID"]`.
    pub(super) fn name(&self) -> Vec<String> {
        let one = |name: &str| vec![name.to_owned()];
        match self {
            Self::User => one("user"),
            Self::UserNotification => one("user:notification"),
            Self::Public { origin, only_media } => {
                let origin = match origin {
                    Origin::Any => "public",
                    Origin::Local => "public:local",
                    Origin::Remote => "public:remote",
                };
                one(&if *only_media {
                    format!("{origin}:media")
                } else {
                    origin.to_owned()
                })
            }
            Self::Hashtag { tag, local: false } => vec!["hashtag".to_owned(), tag.clone()],
            Self::Hashtag { tag, local: true } => vec!["hashtag:local".to_owned(), tag.clone()],
            Self::List(id) => vec!["list".to_owned(), id.to_string()],
            Self::Direct => one("direct"),
            Self::SavedSearch(id) => vec!["saved_search".to_owned(), id.to_string()],
        }
    }

    /// Scopes, any of which opens it (R100).
    pub(super) fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::UserNotification => &["read:notifications"],
            Self::List(_) => &["read:lists", "read:statuses"],
            Self::SavedSearch(_) => &["read:search"],
            Self::User | Self::Public { .. } | Self::Hashtag { .. } | Self::Direct => &["read:statuses"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_is_named_as_it_is_asked_for() {
        for name in [
            "user",
            "user:notification",
            "public",
            "public:media",
            "public:local",
            "public:local:media",
            "public:remote",
            "public:remote:media",
            "direct",
        ] {
            assert_eq!(
                Channel::parse(name, Parameters::default()).unwrap().name(),
                [name]
            );
        }
        let parameters = Parameters {
            tag: Some("#Boats"),
            list: Some("12"),
            id: Some("13"),
        };
        for (name, expected) in [
            ("hashtag:local", ["hashtag:local", "Boats"]),
            ("list", ["list", "12"]),
            ("saved_search", ["saved_search", "13"]),
        ] {
            assert_eq!(Channel::parse(name, parameters).unwrap().name(), expected);
        }
    }

    #[test]
    fn what_lacks_is_said() {
        let table = [
            ("nonsense", None, None, ChannelError::Unknown),
            ("hashtag", None, None, ChannelError::MissingTag),
            ("hashtag", Some("#"), None, ChannelError::MissingTag),
            ("list", None, None, ChannelError::MissingList),
            ("list", None, Some("x"), ChannelError::MissingList),
            ("saved_search", None, None, ChannelError::MissingId),
        ];
        for (name, tag, list, error) in table {
            let parameters = Parameters {
                tag,
                list,
                id: Some("x"),
            };
            assert_eq!(Channel::parse(name, parameters), Err(error), "{name}");
        }
    }
}
