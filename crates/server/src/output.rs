//! What the command line says: results on standard output, failures on standard error.

use crate::cli::Exit;

/// Why a command ends with another code than 0.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code.
    pub(crate) exit: Exit,
    message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    /// A failure that has no code of its own, with its causes.
    pub(crate) fn failed(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Failed, format!("{:#}", error.into()))
    }

    /// Writes it to standard error, as JSON if that was asked for.
    pub(crate) fn print(&self, json: bool) {
        if json {
            eprintln!("{}", serde_json::json!({ "error": self.message }));
        } else {
            eprintln!("pouet: {}", self.message);
        }
    }
}

impl From<pouet_service::Error> for Failure {
    fn from(error: pouet_service::Error) -> Self {
        use pouet_service::Error;
        let exit = match &error {
            Error::NotFound | Error::Gone => Exit::NotFound,
            Error::Forbidden(_)
            | Error::Unauthorized(_)
            | Error::Invalid { .. }
            | Error::Validation(_)
            | Error::UnexpectedMentions(_)
            | Error::Conflict(_)
            | Error::Quarantined { .. }
            | Error::LimitReached { .. } => Exit::Refused,
            Error::RemoteUnavailable | Error::Busy | Error::Full | Error::Internal(_) => Exit::Failed,
        };
        Self::new(exit, format!("{:#}", anyhow::Error::from(error)))
    }
}
