//! What this crate promises to other servers.
#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]
#![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

mod common;
mod documents;
mod fetching;
mod hostile;
mod inboxes;
mod keys;
mod reading;
mod sockets;
mod two_sites;
