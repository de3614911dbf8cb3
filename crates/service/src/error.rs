//! What a person or a peer can be told when an operation fails.

use pouet_model::ids::AccountId;
use pouet_storage::Error as StorageError;

/// Result of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One input that breaks a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// Which input, by its name in the client API.
    pub field: &'static str,
    /// Code of the client API: `ERR_BLANK`, `ERR_TAKEN`, `ERR_TOO_LONG`, `ERR_INVALID`...
    pub code: &'static str,
    /// What is wrong, without the field: "has already been taken".
    pub description: String,
}

impl FieldError {
    /// An input that breaks a rule.
    pub fn new(field: &'static str, code: &'static str, description: impl Into<String>) -> Self {
        Self {
            field,
            code,
            description: description.into(),
        }
    }
}

/// The sentence for people: "Username has already been taken".
impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.field.replace('_', " ");
        let (first, rest) = name.split_at(name.len().min(1));
        write!(f, "{}{rest} {}", first.to_uppercase(), self.description)
    }
}

fn sentences(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Why an operation was refused or failed. Its texts are safe to show; causes go to the log.
///
/// What the caller may not see is `NotFound`, exactly as what does not exist.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller may not know of it.
    #[error("record not found")]
    NotFound,
    /// The caller is known but may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The caller is not signed in, or their credentials are wrong.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// Input that breaks a rule; `reason` is a sentence for people.
    #[error("validation failed: {reason}")]
    Invalid {
        /// Which input, by its name in the client API.
        field: &'static str,
        /// Code of the client API: `ERR_BLANK`, `ERR_TAKEN`, `ERR_TOO_LONG`, `ERR_INVALID`...
        code: &'static str,
        /// What is wrong, beginning with the field: "Username has already been taken".
        reason: String,
    },
    /// Several inputs that break rules, told together so that a form can show them all.
    #[error("validation failed: {}", sentences(.0))]
    Validation(Vec<FieldError>),
    /// A status would mention accounts that its author did not mean to.
    #[error("this post would mention accounts that were not expected")]
    UnexpectedMentions(Vec<AccountId>),
    /// Somebody else changed it first, or it exists already.
    #[error("{0}")]
    Conflict(&'static str),
    /// A throttle or quota: try again after this many seconds.
    #[error("too many requests")]
    LimitReached {
        /// Seconds until another try is sensible.
        retry_after: u64,
    },
    /// A status of a server that we have known for less than a day names many strangers.
    #[error("{host} is new and names {strangers} strangers")]
    Quarantined {
        /// It, with its port where that is not the usual one.
        host: String,
        /// How many.
        strangers: usize,
    },
    /// It was here and is deleted for good.
    #[error("gone")]
    Gone,
    /// Another server does not answer as it should.
    #[error("remote data could not be fetched")]
    RemoteUnavailable,
    /// The database is busy or the program is stopping.
    #[error("there was a temporary problem serving your request, please try again")]
    Busy,
    /// The disk is full: what was asked for did not happen (rule R098).
    #[error("this server has no space left")]
    Full,
    /// A fault of ours; the cause goes to the log.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Input that breaks a rule; see [`Error::Invalid`].
    pub fn invalid(field: &'static str, code: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            code,
            reason: reason.into(),
        }
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether the same attempt may succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Full | Self::RemoteUnavailable | Self::LimitReached { .. } | Self::Internal(_)
        )
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Busy | StorageError::Stopped => Self::Busy,
            StorageError::Full => {
                tracing::error!("the disk is full: nothing can be written until there is space");
                Self::Full
            }
            StorageError::Conflict(_) => Self::Conflict("duplicate record"),
            other => Self::internal(other),
        }
    }
}
