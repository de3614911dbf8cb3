//! What this crate promises to other servers.
#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]

mod documents;
