//! What this crate promises to other servers.
#![expect(clippy::unwrap_used, reason = "tests state what they expect by unwrapping it")]
#![expect(non_snake_case, reason = "security rules are named by their number, R0nn")]

mod access;
mod cards;
mod common;
mod discovery;
mod documents;
mod domain_policy;
mod endings;
mod featured;
mod fetching;
mod floods;
mod forwarding;
mod hints;
mod hostile;
mod inboxes;
mod keys;
mod lines;
mod media_cache;
mod moves;
mod policies;
mod proofs;
mod quotes;
mod reactions;
mod reading;
mod relays;
mod reports;
mod rotation;
mod secondary;
mod shapes;
mod sockets;
mod synchronisation;
mod threads;
mod two_sites;
mod upkeep;
