//! ActivityPub: everything that speaks to other servers.
//!
//! This crate turns wire documents into calls of `pouet_service` and back. It holds no business rules and no tables.
//!
//! Coming in: [`routes`] mounts the addresses, an inbox checks and stores, [`jobs`] work out what was meant, with
//! [`documents`] as readers. Going out: [`outgoing`] tells others, with [`objects`] and [`activities`] as documents.
#![recursion_limit = "256"]

pub mod activities;
mod approval;
mod budget;
mod context;
mod discovery;
pub mod documents;
pub mod error;
mod featured;
mod fetch;
#[cfg(fuzzing)]
pub mod fuzzing;
mod inbox;
pub mod jobs;
pub mod json;
pub mod objects;
mod origin;
mod outboxes;
pub mod outgoing;
pub mod proofs;
mod quotas;
mod quotes;
mod receive;
mod relayed;
mod resolver;
pub mod routes;
pub mod signatures;
mod synchronise;
mod take_in;
#[cfg(test)]
mod test_people;
mod threads;
mod webfinger;

pub use context::{Context, Federation};
