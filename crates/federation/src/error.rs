//! Why something of another server could not be had or taken in.

use pouet_service::net::NetError;

/// Result of what this crate does with other servers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something of another server could not be had or taken in. The texts are for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It breaks a rule and will not get better: dropped.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// Its server says that there is no such thing, or does not say that it is not for us.
    #[error("not found on its server")]
    Missing,
    /// Its server says that it is not for us: there may well be such a thing.
    #[error("not for us, says its server")]
    Unauthorised,
    /// Its server says that it was deleted.
    #[error("deleted on its server")]
    Gone,
    /// We do not speak with that server.
    #[error("domain is not federated with")]
    Denied,
    /// More fetches than one activity or act may cause.
    #[error("too many fetches for one cause")]
    Budget,
    /// Its server answered with a status that says nothing of the thing itself.
    #[error("answered with status {0}")]
    Status(u16),
    /// No answer.
    #[error(transparent)]
    Net(#[from] NetError),
    /// Our own side failed or refused.
    #[error(transparent)]
    Service(#[from] pouet_service::Error),
}

impl Error {
    /// Whether our own side failed, rather than the other one or what it said.
    pub(crate) fn is_ours(&self) -> bool {
        use pouet_service::Error::{Conflict, Forbidden, Gone, NotFound, Quarantined};
        match self {
            Self::Service(error) => !matches!(
                error,
                NotFound | Gone | Forbidden(_) | Conflict(_) | Quarantined { .. }
            ),
            _ => false,
        }
    }

    /// Whether the same attempt may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::Missing
            | Self::Unauthorised
            | Self::Gone
            | Self::Denied
            | Self::Budget => false,
            Self::Status(status) => *status == 429 || *status >= 500,
            Self::Net(error) => error.is_temporary(),
            Self::Service(error) => error.is_temporary(),
        }
    }
}

/// What a caller of the operations learns: nothing of the reasons of other servers.
impl From<Error> for pouet_service::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Service(pouet_service::Error::Quarantined { .. })
            | Error::Refused(_)
            | Error::Missing
            | Error::Unauthorised
            | Error::Gone
            | Error::Denied => Self::NotFound,
            Error::Service(error) => error,
            Error::Net(error) if error.is_blocked() => Self::NotFound,
            Error::Budget | Error::Status(_) | Error::Net(_) => Self::RemoteUnavailable,
        }
    }
}
