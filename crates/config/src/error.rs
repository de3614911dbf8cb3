//! What is wrong with a configuration: always the whole list.

use std::fmt;

use crate::load::Origin;

/// One thing wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, as written in the TOML file (`database.url`); `None` if the file as a whole is meant.
    pub key: Option<String>,
    /// Where it was written.
    pub origin: Origin,
    /// What is wrong and what was expected; never contains a secret.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.key, &self.origin) {
            (Some(key), Origin::Default) => write!(f, "{key}: {}", self.message),
            (Some(key), origin) => write!(f, "{key} ({origin}): {}", self.message),
            (None, origin) => write!(f, "{origin}: {}", self.message),
        }
    }
}

/// Everything wrong with a configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Errors(pub(crate) Vec<Problem>);

impl Errors {
    /// The problems, in the order of their sources.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(
            f,
            "the configuration has {count} error{}",
            if count == 1 { "" } else { "s" }
        )?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}
